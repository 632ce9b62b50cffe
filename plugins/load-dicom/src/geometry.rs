//! From the planes of a series to a grid: position and orientation alone decide, never the names of files, instance
//! numbers or slice thicknesses (DICOM PS3.3, C.7.6.2).

use std::cmp::Ordering;

use voxomics_reading::geometry::{Placement, Steps};

/// How far from 1 the length of a direction may be: what rounding to four digits leaves.
const UNIT: f64 = 1e-3;
/// Largest difference of two directions, in any coordinate, that rounding explains; 0.05 voxels across 512.
const SAME_DIRECTION: f64 = 1e-4;
/// Largest relative difference of two pixel spacings that rounding explains.
const SAME_SPACING: f64 = 1e-5;
/// Part of the slices' distance that is added to the tolerance: what rounding of positions explains.
const RELATIVE: f64 = 1e-3;
/// Planes nearer than this, mm, are at the same place.
const SAME_PLACE: f64 = 1e-3;
/// Slices of different volumes that are nearer than this, mm, are at the same place: what rounding to two digits leaves.
const SAME_IN_VOLUMES: f64 = 0.01;
/// A gap of so many median distances is a missing slice, whatever the tolerance.
const MISSING: f64 = 1.5;
/// How far a slice may be from its place in the even stack, in slice distances.
const STRAY: f64 = 0.05;

/// A plane of pixels in the patient (LPS, mm).
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    /// Centre of the first pixel.
    pub position: [f64; 3],
    /// Direction in which columns are counted (along a row), then that in which rows are.
    pub orientation: [f64; 6],
    /// Distance of rows, then distance of columns, as `PixelSpacing` has them.
    pub spacing: [f64; 2],
    /// Rows and columns.
    pub size: [usize; 2],
}

/// Planes that make a stack.
#[derive(Debug)]
pub struct Stack {
    /// The planes' indices, from the first slice to the last.
    pub order: Vec<usize>,
    /// Where the voxels are.
    pub placement: Placement,
}

/// Why planes make no stack: of two planes, their indices.
#[derive(Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Crooked {
    /// A direction that is no unit vector.
    NotUnit { plane: usize, length: f64 },
    /// Rows and columns that are not at right angles.
    NotRight { plane: usize, cosine: f64 },
    /// Planes of different orientation.
    Orientations { planes: [usize; 2] },
    /// Planes with different numbers of pixels.
    Sizes { planes: [usize; 2] },
    /// Planes with different pixel spacing.
    PixelSpacings { planes: [usize; 2] },
    /// Two planes at the same place.
    Twice { planes: [usize; 2], at: f64 },
    /// Positions that leave the normal: gantry tilt, or a stack that is not one.
    Tilted { degrees: f64, aside: f64, plane: usize },
    /// Slices that are missing between two planes.
    Missing { planes: [usize; 2], at: [f64; 2], gap: f64, usual: f64 },
    /// Slices at different distances.
    Uneven { planes: [usize; 2], gap: f64, usual: f64, tolerance: f64 },
    /// A slice that is away from its place in the even stack.
    Stray { plane: usize, off: f64 },
    /// One slice, whose thickness nobody tells.
    Single,
    /// Directions, spacing or positions that make no grid.
    Grid(voxomics_reading::geometry::Crooked),
}

/// Sorts planes along their normal and places them; `thickness` is the distance of slices where there is but one.
///
/// # Errors
/// If they are no even stack at right angles, `tolerance` mm beyond rounding.
pub fn stack(planes: &[Plane], thickness: Option<f64>, tolerance: f64) -> Result<Stack, Crooked> {
    check_alike(planes)?;
    let Some(first) = planes.first() else { return Err(Crooked::Single) };
    let [along_row, along_column] = axes(first);
    let normal = cross(along_row, along_column);
    let at: Vec<f64> = planes.iter().map(|plane| dot(plane.position, normal)).collect();
    let mut order: Vec<usize> = (0..planes.len()).collect();
    order.sort_by(|a, b| at[*a].total_cmp(&at[*b]).then(a.cmp(b)));
    check_aside(planes, &order, &at, normal, tolerance)?;
    let distance = match order.as_slice() {
        [] | [_] => thickness.filter(|mm| *mm > 0.0).ok_or(Crooked::Single)?,
        _ => distance(&order, &at, tolerance)?,
    };
    let [rows, columns] = first.spacing;
    let steps = Steps {
        axes: [along_row.map(|x| x * columns), along_column.map(|x| x * rows), normal.map(|x| x * distance)],
        origin: planes[order[0]].position,
    };
    Ok(Stack { order, placement: steps.place().map_err(Crooked::Grid)? })
}

/// The place of each plane along the normal of the first, counted from 0.
pub fn places(planes: &[Plane]) -> Vec<usize> {
    let Some(first) = planes.first() else { return Vec::new() };
    let [along_row, along_column] = axes(first);
    let normal = cross(along_row, along_column);
    let at: Vec<f64> = planes.iter().map(|plane| dot(plane.position, normal)).collect();
    let mut order: Vec<usize> = (0..planes.len()).collect();
    order.sort_by(|a, b| at[*a].total_cmp(&at[*b]));
    let mut places = vec![0; planes.len()];
    for pair in order.windows(2) {
        places[pair[1]] = places[pair[0]] + usize::from(at[pair[1]] - at[pair[0]] >= SAME_IN_VOLUMES);
    }
    places
}

/// Whether all planes have the same orientation, size and spacing.
fn check_alike(planes: &[Plane]) -> Result<(), Crooked> {
    for (index, plane) in planes.iter().enumerate() {
        let [row, column] = halves(&plane.orientation);
        for direction in [row, column] {
            let length = dot(direction, direction).sqrt();
            // Written so that a NaN is refused, too.
            if !matches!((length - 1.0).abs().partial_cmp(&UNIT), Some(Ordering::Less)) {
                return Err(Crooked::NotUnit { plane: index, length });
            }
        }
        let cosine = dot(row, column);
        if cosine.abs() > SAME_DIRECTION {
            return Err(Crooked::NotRight { plane: index, cosine });
        }
        let (first, planes) = (&planes[0], [0, index]);
        let apart = |a: f64, b: f64, most: f64| (a - b).abs() > most;
        if (0..6).any(|i| apart(plane.orientation[i], first.orientation[i], SAME_DIRECTION)) {
            return Err(Crooked::Orientations { planes });
        }
        if plane.size != first.size {
            return Err(Crooked::Sizes { planes });
        }
        if (0..2).any(|i| apart(plane.spacing[i], first.spacing[i], SAME_SPACING * first.spacing[i].abs())) {
            return Err(Crooked::PixelSpacings { planes });
        }
    }
    Ok(())
}

/// Whether the positions follow the normal.
fn check_aside(planes: &[Plane], order: &[usize], at: &[f64], normal: [f64; 3], tolerance: f64) -> Result<(), Crooked> {
    let Some(&first) = order.first() else { return Ok(()) };
    let mut worst: Option<(f64, f64, usize)> = None;
    for &plane in order {
        let along = at[plane] - at[first];
        let step: [f64; 3] = std::array::from_fn(|i| planes[plane].position[i] - planes[first].position[i]);
        let across: [f64; 3] = std::array::from_fn(|i| step[i] - along * normal[i]);
        let aside = dot(across, across).sqrt();
        if aside > tolerance + SAME_DIRECTION * along && worst.is_none_or(|(most, ..)| aside > most) {
            worst = Some((aside, along, plane));
        }
    }
    match worst {
        Some((aside, along, plane)) => Err(Crooked::Tilted { degrees: aside.atan2(along).to_degrees(), aside, plane }),
        None => Ok(()),
    }
}

/// The distance of slices in an even stack.
fn distance(order: &[usize], at: &[f64], tolerance: f64) -> Result<f64, Crooked> {
    let gaps: Vec<f64> = order.windows(2).map(|pair| at[pair[1]] - at[pair[0]]).collect();
    if let Some(index) = gaps.iter().position(|gap| *gap < SAME_PLACE) {
        let planes = [order[index], order[index + 1]];
        return Err(Crooked::Twice { planes, at: at[planes[0]] });
    }
    let mut sorted = gaps.clone();
    sorted.sort_by(f64::total_cmp);
    // The lower of two: of the gaps 1 and 2, the latter lacks a slice.
    let usual = sorted[(sorted.len() - 1) / 2];
    let tolerance = tolerance + RELATIVE * usual;
    for (index, gap) in gaps.iter().copied().enumerate() {
        let planes = [order[index], order[index + 1]];
        let slices = (gap / usual).round();
        if gap > MISSING * usual && (gap - slices * usual).abs() <= slices * tolerance {
            return Err(Crooked::Missing { planes, at: planes.map(|plane| at[plane]), gap, usual });
        }
        if (gap - usual).abs() > tolerance {
            return Err(Crooked::Uneven { planes, gap, usual, tolerance });
        }
    }
    let start = at[order[0]];
    let mean = (at[order[order.len() - 1]] - start) / gaps.len() as f64;
    for (index, plane) in order.iter().copied().enumerate() {
        let off = (at[plane] - start - index as f64 * mean).abs();
        if off > tolerance.max(STRAY * mean) {
            return Err(Crooked::Stray { plane, off });
        }
    }
    Ok(mean)
}

/// The directions of a plane, at unit length.
fn axes(plane: &Plane) -> [[f64; 3]; 2] {
    halves(&plane.orientation).map(|direction| {
        let length = dot(direction, direction).sqrt();
        direction.map(|x| x / length)
    })
}

fn halves(orientation: &[f64; 6]) -> [[f64; 3]; 2] {
    let [a, b, c, d, e, f] = *orientation;
    [[a, b, c], [d, e, f]]
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}
