//! The grid of a segmentation's frames, and whether it is a part of the image's.

use voxomics_imaging::{Grid, comparison};
use voxomics_reading::geometry::Steps;

use crate::geometry::Plane;

/// Orientations of frames may differ by this much in each component: they were rounded.
const SAME_DIRECTION: f64 = 1e-4;
/// Spacings of frames may differ by this share.
const SAME_SPACING: f64 = 1e-4;
/// Frames that are nearer than this, mm, are at the same place.
const SAME_PLACE: f64 = 1e-3;
/// How far a frame may be from its place in the lattice, in slice distances, or in mm if that is more.
const STRAY: f64 = 0.02;
/// See [`STRAY`].
const STRAY_MM: f64 = 0.01;
/// The same for frames that name their slices: the names tell which they are, and rounding puts none so far off.
const STRAY_NAMED: f64 = 0.05;
/// Two distances between slices are the same if they differ by no more than this share.
const SAME_DISTANCE: f64 = 0.01;
/// More slices than this have no credible distance.
const MOST_SLICES: f64 = 1e6;

/// What a file says of distances along the normal of its frames, mm.
#[derive(Debug, Clone, Copy, Default)]
pub struct Distances {
    /// `SpacingBetweenSlices`.
    pub between: Option<f64>,
    /// `SliceThickness`.
    pub thickness: Option<f64>,
}

/// Where frames lie.
#[derive(Debug)]
pub struct Lattice {
    /// The smallest grid that holds all of them.
    pub grid: Grid,
    /// The slice of each frame.
    pub slices: Vec<usize>,
    /// What had to be assumed.
    pub warning: Option<String>,
}

/// How the axes of a lattice run in another grid of which it is a part: by axis of that grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The axis of the lattice, and whether it runs the other way.
    pub axes: [(usize, bool); 3],
    /// The voxel of the grid at which the lattice begins; also before its first.
    pub offset: [i64; 3],
}

impl Place {
    /// A lattice in itself.
    pub const OWN: Self = Self { axes: [(0, false), (1, false), (2, false)], offset: [0; 3] };
}

/// The lattice of a file's frames: evenly spaced planes with the same pixels, of which some may be missing.
///
/// # Errors
/// What is uneven about them.
pub fn lattice(planes: &[Plane], distances: Distances, reference: Option<&Grid>) -> Result<Lattice, String> {
    let Some(first) = planes.first() else { return Err("it has no frames".into()) };
    let [x, y] = axes(first);
    let normal = cross(x, y);
    check_same(planes, [x, y])?;
    let heights: Vec<f64> = planes.iter().map(|plane| dot(plane.position, normal)).collect();
    let mut sorted = heights.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup_by(|b, a| *b - *a <= SAME_PLACE);
    let (spacing, indices, warning) = even(&sorted, normal, distances, reference)?;
    let slice = |height: f64| indices[sorted.partition_point(|at| *at <= height).saturating_sub(1)];
    let slices: Vec<usize> = heights.iter().map(|height| slice(*height)).collect();
    // The in-plane place of the first frame in the file, at the height of the lowest.
    let [row, column] = first.spacing;
    let down = sorted[0] - heights[0];
    let steps = Steps {
        axes: [x.map(|d| d * column), y.map(|d| d * row), normal.map(|d| d * spacing)],
        origin: [0, 1, 2].map(|axis| first.position[axis] + down * normal[axis]),
    };
    let placement = steps.place().map_err(|crooked| crooked.to_string())?;
    let count = slices.iter().max().map_or(0, |last| last + 1);
    let grid = Grid {
        dims: [first.size[1], first.size[0], count],
        spacing: placement.spacing,
        origin: placement.origin,
        direction: placement.direction,
    };
    Ok(Lattice { grid, slices, warning })
}

/// The unit vectors along rows and along columns.
fn axes(plane: &Plane) -> [[f64; 3]; 2] {
    let [a, b, c, d, e, f] = plane.orientation;
    [[a, b, c], [d, e, f]].map(|axis| {
        let length = dot(axis, axis).sqrt();
        axis.map(|x| x / length)
    })
}

/// Whether all planes have the same directions and pixels, one above the other.
fn check_same(planes: &[Plane], [x, y]: [[f64; 3]; 2]) -> Result<(), String> {
    let first = &planes[0];
    if !x.iter().chain(&y).all(|x| x.is_finite()) {
        return Err(format!(
            "its ImageOrientationPatient {:?} are no two directions; export it again",
            first.orientation
        ));
    }
    for (plane, number) in planes.iter().zip(1..) {
        let turned = plane.orientation.iter().zip(first.orientation).any(|(a, b)| (a - b).abs() > SAME_DIRECTION);
        let scaled = plane.spacing.iter().zip(first.spacing).any(|(a, b)| (a - b).abs() > SAME_SPACING * b);
        if turned || scaled {
            let what = if turned { "is turned against" } else { "has another pixel spacing than" };
            return Err(format!("its frame {number} {what} frame 1, expected one grid; export it again"));
        }
        let offset = [0, 1, 2].map(|axis| plane.position[axis] - first.position[axis]);
        let shift = [dot(offset, x), dot(offset, y)];
        let tolerance = |mm: f64| (STRAY * mm).max(STRAY_MM);
        let is_above = |i: usize| shift[i].abs() <= tolerance(first.spacing[1 - i]);
        if !is_above(0) || !is_above(1) {
            return Err(format!(
                "its frame {number} lies {:.3} and {:.3} mm beside frame 1 along rows and columns, expected frames one above \
                 the other; tiles and oblique stacks are not read: export it as one grid",
                shift[0], shift[1]
            ));
        }
    }
    Ok(())
}

type Even = (f64, Vec<usize>, Option<String>);

/// The distance of slices, mm, and the slice of each height (ascending).
fn even(sorted: &[f64], normal: [f64; 3], distances: Distances, reference: Option<&Grid>) -> Result<Even, String> {
    let positive = |mm: Option<f64>| mm.map(f64::abs).filter(|mm| *mm > 0.0);
    let (between, thickness) = (positive(distances.between), positive(distances.thickness));
    let steps: Vec<f64> = sorted.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let smallest = steps.iter().copied().fold(f64::INFINITY, f64::min);
    let image = reference.and_then(|grid| spacing_along(grid, normal));
    if let [_] = sorted {
        // A thickness need not be a distance: the image's slices are the better witness, if this is one of them.
        let spacing = between.or(image).or(thickness);
        let message =
            "it has one slice, and neither SpacingBetweenSlices nor SliceThickness: how thick it is, is not known";
        return spacing.map(|spacing| (spacing, vec![0], None)).ok_or_else(|| message.into());
    }
    if let Some((spacing, indices)) = between.and_then(|unit| fit(&steps, unit)) {
        return Ok((spacing, indices, None));
    }
    // Frames without a voxel are often left out: gaps between all of those that are left do not make slices thicker.
    let is_thick = thickness.is_some_and(|mm| (mm - smallest).abs() <= SAME_DISTANCE * smallest);
    let finer = image.filter(|unit| between.is_none() && !is_thick && smallest > 1.5 * unit);
    if let Some((spacing, indices)) = finer.and_then(|unit| fit(&steps, unit)) {
        let warning = format!(
            "its frames are {smallest:.3} mm apart or more and it does not say how thick they are: they are taken as single \
             slices of the image, {spacing:.3} mm apart, with gaps between them"
        );
        return Ok((spacing, indices, Some(warning)));
    }
    let (spacing, indices) = fit(&steps, smallest).ok_or_else(|| {
        format!(
            "its frames are not evenly spaced: their distances are not multiples of the smallest, {smallest:.4} mm; export it \
             on one grid"
        )
    })?;
    let warning = between.map(|between| {
        format!("SpacingBetweenSlices is {between} mm, but its frames are {spacing:.4} mm apart, which is taken")
    });
    Ok((spacing, indices, warning))
}

/// The slice of each height if all steps between them are multiples of about `unit`, and their true distance.
fn fit(steps: &[f64], unit: f64) -> Option<(f64, Vec<usize>)> {
    let mut at = 0.0;
    let mut indices = vec![0.0];
    for step in steps {
        let count = (step / unit).round();
        if !(count >= 1.0 && at + count <= MOST_SLICES) {
            return None;
        }
        at += count;
        indices.push(at);
    }
    let spacing = steps.iter().sum::<f64>() / at;
    let tolerance = (STRAY * spacing).max(STRAY_MM);
    let mut height = 0.0;
    let is_even = indices.iter().zip(std::iter::once(&0.0).chain(steps)).all(|(index, step)| {
        height += step;
        (height - index * spacing).abs() <= tolerance
    });
    let is_unit = (spacing - unit).abs() <= SAME_DISTANCE * unit;
    (is_even && is_unit).then(|| (spacing, indices.into_iter().map(|index| index as usize).collect()))
}

/// The spacing of the grid's axis that runs along a direction, mm; none if no axis does.
fn spacing_along(grid: &Grid, direction: [f64; 3]) -> Option<f64> {
    (0..3).find(|axis| dot(grid.direction[*axis], direction).abs() > 1.0 - 1e-6).map(|axis| grid.spacing[axis])
}

/// Where a lattice lies in a grid of which its voxels are voxels, also if it reaches beyond it; none if they are not.
pub fn place(lattice: &Grid, grid: &Grid) -> Option<Place> {
    let (place, same, expected) = nearest(lattice, grid)?;
    comparison::compare(&expected, &same).is_empty().then_some(place)
}

/// The same for frames that name slices of the grid as their sources: each may be [`STRAY_NAMED`] of a voxel off its place. And how
/// far the farthest is, mm.
pub fn place_named(lattice: &Grid, (planes, slices): (&[Plane], &[usize]), grid: &Grid) -> Option<(Place, f64)> {
    let (place, same, expected) = nearest(lattice, grid)?;
    // Directions and pixels are the image's, whatever the distances of frames are.
    let axis = place.axes.iter().position(|(own, _)| *own == 2)?;
    let mut shifted = Grid { origin: expected.origin, ..same };
    shifted.spacing[axis] = expected.spacing[axis];
    if !comparison::compare(&expected, &shifted).is_empty() {
        return None;
    }
    let mut farthest = 0.0_f64;
    for (plane, slice) in planes.iter().zip(slices) {
        let mut first = [0, 1, 2].map(|axis| {
            let (own, is_turned) = place.axes[axis];
            let index = if own == 2 { *slice } else { 0 };
            let along = if is_turned { lattice.dims[own] - 1 - index } else { index };
            place.offset[axis] as f64 + along as f64
        });
        let found = grid.index(plane.position);
        for axis in 0..3 {
            first[axis] -= found[axis];
        }
        let is_near =
            |axis: usize| (first[axis] * grid.spacing[axis]).abs() <= (STRAY_NAMED * grid.spacing[axis]).max(STRAY_MM);
        if !(0..3).all(is_near) {
            return None;
        }
        farthest = (0..3).fold(farthest, |most, axis| most.max((first[axis] * grid.spacing[axis]).abs()));
    }
    Some((place, farthest))
}

/// The place of a lattice in a grid to the nearest voxel; the lattice along the axes of the grid; and as it would be if its
/// voxels were voxels of the grid. None if its axes are others.
fn nearest(lattice: &Grid, grid: &Grid) -> Option<(Place, Grid, Grid)> {
    let axes = [0, 1, 2].map(|axis| {
        let along = |own: &usize| dot(lattice.direction[*own], grid.direction[axis]);
        let own = (0..3).max_by(|a, b| along(a).abs().total_cmp(&along(b).abs())).unwrap_or(axis);
        (own, along(&own) < 0.0)
    });
    if (0..3).any(|own| !axes.iter().any(|(axis, _)| *axis == own)) {
        return None;
    }
    let mut start = [0.0; 3];
    for (own, _) in axes.iter().filter(|(_, is_turned)| *is_turned) {
        start[*own] = lattice.dims[*own] as f64 - 1.0;
    }
    let same = Grid {
        dims: axes.map(|(own, _)| lattice.dims[own]),
        spacing: axes.map(|(own, _)| lattice.spacing[own]),
        origin: lattice.point(start),
        direction: axes.map(|(own, is_turned)| lattice.direction[own].map(|x| if is_turned { -x } else { x })),
    };
    let offset = grid.index(same.origin).map(f64::round);
    if !offset.iter().all(|x| x.abs() < 1e9) {
        return None;
    }
    let expected =
        Grid { dims: same.dims, spacing: grid.spacing, origin: grid.point(offset), direction: grid.direction };
    Some((Place { axes, offset: offset.map(|x| x as i64) }, same, expected))
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|i| a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3])
}
