//! Whether a mask lies on the grid of its image, and how to bring it there.

use std::fmt;

use crate::{Executor, Grid, IndexBox, View, lines};

/// Spacings may differ by this share: files hold them with six digits or so, and over 500 voxels it adds up to a
/// twentieth of a voxel.
const SPACING: f64 = 1e-4;

/// Origins may differ by this many mm, and in addition by [`ORIGIN_SHARE`] of the finest spacing. NIfTI stores them in
/// single precision (3·10⁻⁵ mm at 500 mm), text formats often with two decimals.
const ORIGIN: f64 = 0.01;

/// See [`ORIGIN`].
const ORIGIN_SHARE: f64 = 0.01;

/// Axes may differ by this many degrees: a NIfTI quaternion in single precision near half a turn is off by up to 0.04.
const DEGREES: f64 = 0.05;

/// However small each difference is, together they may move no voxel by more than this share of the finest spacing:
/// with less than a half, every voxel still is its own nearest neighbour.
const DRIFT_SHARE: f64 = 0.25;

/// The lower and the upper corner of a box along the patient's axes, LPS, mm.
pub type Corners = ([f64; 3], [f64; 3]);

/// One way in which the grid of a mask is not that of its image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Difference {
    /// The numbers of voxels differ.
    Size {
        /// The image's.
        image: [usize; 3],
        /// The mask's.
        mask: [usize; 3],
    },
    /// The spacings differ along an axis.
    Spacing {
        /// Index axis, 0 to 2.
        axis: usize,
        /// The image's, mm.
        image: f64,
        /// The mask's, mm.
        mask: f64,
    },
    /// The first voxels lie apart.
    Origin {
        /// From the image's to the mask's, LPS, mm.
        offset: [f64; 3],
        /// Its length, mm.
        distance: f64,
    },
    /// An axis points elsewhere.
    Direction {
        /// Index axis, 0 to 2.
        axis: usize,
        /// Angle between the image's and the mask's.
        degrees: f64,
    },
    /// Every other difference is tolerable, but together they move a voxel too far.
    Drift {
        /// The largest distance between the same voxel of both, mm.
        distance: f64,
    },
    /// The two share no part of space.
    NoOverlap {
        /// The image's box.
        image: Corners,
        /// The mask's box.
        mask: Corners,
    },
    /// The likely cause: with the signs of its *x* and *y* coordinates turned, the mask would fit.
    TurnedSigns {
        /// Whether it would match the image's grid; otherwise it would overlap it.
        matches: bool,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let axes = ["x", "y", "z"];
        match self {
            Self::Size { image: [a, b, c], mask: [x, y, z] } => {
                write!(f, "the image has {a} × {b} × {c} voxels, the mask {x} × {y} × {z}")
            }
            Self::Spacing { axis, image, mask } => {
                write!(f, "the spacing along {} is {image} mm in the image and {mask} mm in the mask", axes[*axis])
            }
            Self::Origin { offset: [x, y, z], distance } => write!(
                f,
                "the mask's first voxel lies {distance:.3} mm from the image's (offset {x:.3}, {y:.3}, {z:.3} mm, LPS)"
            ),
            Self::Direction { axis, degrees } => {
                write!(f, "the {} axes of image and mask differ by {degrees:.3}°", axes[*axis])
            }
            Self::Drift { distance } => write!(
                f,
                "small differences of spacing, origin and direction move voxels of the mask by up to {distance:.3} mm"
            ),
            Self::NoOverlap { image, mask } => {
                write!(f, "image and mask share no space: in mm (LPS), ")?;
                write!(f, "the image fills {}, the mask {}", Corner(image), Corner(mask))
            }
            Self::TurnedSigns { matches } => write!(
                f,
                "with the signs of x and y turned the mask would {} the image: one of the two was probably written in \
                 RAS and read as LPS coordinates, or the other way round",
                if *matches { "match" } else { "overlap" }
            ),
        }
    }
}

/// A box as text.
struct Corner<'a>(&'a Corners);

impl fmt::Display for Corner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for axis in 0..3 {
            let gap = if axis == 0 { "" } else { " × " };
            write!(f, "{gap}[{:.1}, {:.1}]", self.0.0[axis], self.0.1[axis])?;
        }
        Ok(())
    }
}

/// How the grid of a mask differs from that of its image beyond what rounding in files explains; empty if a voxel of
/// the one is the same voxel of the other.
///
/// ```
/// use voxomics_imaging::{
///     Grid,
///     comparison::{Difference, compare},
/// };
///
/// let image = Grid::axis_aligned([4, 4, 4], [1.0; 3]);
/// assert!(compare(&image, &image).is_empty());
/// let moved = Grid { origin: [3.0, 0.0, 0.0], ..image };
/// assert!(compare(&image, &moved).contains(&Difference::Origin { offset: [3.0, 0.0, 0.0], distance: 3.0 }));
/// ```
pub fn compare(image: &Grid, mask: &Grid) -> Vec<Difference> {
    let mut found = differences(image, mask);
    if found.is_empty() {
        return found;
    }
    let (image_box, mask_box) = (image.bounds(), mask.bounds());
    let apart = !overlap(&image_box, &mask_box);
    if apart {
        found.push(Difference::NoOverlap { image: image_box, mask: mask_box });
    }
    let turned = turned(mask);
    let matches = differences(image, &turned).is_empty();
    if matches || apart && overlap(&image_box, &turned.bounds()) {
        found.push(Difference::TurnedSigns { matches });
    }
    found
}

/// A mask on the grid of its image: inside `part` of the image's grid, the value of the mask's voxel whose centre is
/// nearest in space (halfway between two along an axis, the one with the larger index), and 0 beyond the mask's faces.
/// The values are 0 and 1, *x* fastest.
///
/// ```
/// use voxomics_imaging::{Grid, IndexBox, Serial, View, comparison::resample_mask_onto};
///
/// // The mask has voxels of 2 mm, whose faces lie at −1, 1 and 3 mm; the image has voxels of 1 mm at 0, 1, 2 and 3 mm.
/// let (of_mask, of_image) = (Grid::axis_aligned([2, 1, 1], [2.0, 1.0, 1.0]), Grid::axis_aligned([4, 1, 1], [1.0; 3]));
/// let mask = View::new([2, 1, 1], &[0, 1]);
/// let onto = resample_mask_onto(mask, &of_mask, &of_image, IndexBox::whole([4, 1, 1]), &Serial);
/// // Halfway between two centres, the one with the larger index counts.
/// assert_eq!(onto[..3], [0, 1, 1]);
/// ```
///
/// # Panics
/// If the mask does not have the size of its grid.
pub fn resample_mask_onto(
    mask: View<u8>,
    mask_grid: &Grid,
    image_grid: &Grid,
    part: IndexBox,
    executor: &dyn Executor,
) -> Vec<u8> {
    assert_eq!(mask.dims(), mask_grid.dims, "a mask has the size of its grid");
    let [nx, ny, nz] = part.dims();
    let mut out = vec![0; nx * ny * nz];
    if out.is_empty() || mask_grid.is_empty() {
        return out;
    }
    // From an index of the image to one of the mask is an affine map; its columns are the images of unit steps.
    let at = |index: [f64; 3]| mask_grid.index(image_grid.point(index));
    let origin = at([0.0; 3]);
    let step = |axis: usize| {
        let mut unit = [0.0; 3];
        unit[axis] = 1.0;
        let end = at(unit);
        [0, 1, 2].map(|i| end[i] - origin[i])
    };
    let steps = [step(0), step(1), step(2)];
    lines::fill(executor, &mut out, nx * ny, &|first, plane| {
        let z = (part.start[2] + first / (nx * ny)) as f64;
        for (y, row) in (part.start[1]..).zip(plane.chunks_exact_mut(nx)) {
            let start = [0, 1, 2].map(|i| origin[i] + y as f64 * steps[1][i] + z * steps[2][i]);
            for (x, value) in (part.start[0]..).zip(row) {
                let index = [0, 1, 2].map(|i| nearest(start[i] + x as f64 * steps[0][i], mask_grid.dims[i]));
                if let [Some(x), Some(y), Some(z)] = index {
                    *value = u8::from(mask.at([x, y, z]) != 0);
                }
            }
        }
    });
    out
}

fn nearest(position: f64, length: usize) -> Option<usize> {
    // A millionth of a voxel decides for "halfway" what rounding would leave to chance.
    let index = (position + 0.5 + 1e-6).floor();
    (index >= 0.0 && index < length as f64).then_some(index as usize)
}

fn differences(image: &Grid, mask: &Grid) -> Vec<Difference> {
    let mut found = Vec::new();
    if image.dims != mask.dims {
        found.push(Difference::Size { image: image.dims, mask: mask.dims });
    }
    for axis in 0..3 {
        let (i, m) = (image.spacing[axis], mask.spacing[axis]);
        if exceeds((i - m).abs(), SPACING * i) {
            found.push(Difference::Spacing { axis, image: i, mask: m });
        }
    }
    let finest = image.spacing.into_iter().fold(f64::INFINITY, f64::min);
    let distance = distance(image.origin, mask.origin);
    if exceeds(distance, ORIGIN + ORIGIN_SHARE * finest) {
        let offset = [0, 1, 2].map(|axis| mask.origin[axis] - image.origin[axis]);
        found.push(Difference::Origin { offset, distance });
    }
    for axis in 0..3 {
        let degrees = angle(image.direction[axis], mask.direction[axis]).to_degrees();
        if exceeds(degrees, DEGREES) {
            found.push(Difference::Direction { axis, degrees });
        }
    }
    if found.is_empty() && !image.is_empty() {
        let distance = drift(image, mask);
        if exceeds(distance, DRIFT_SHARE * finest) {
            found.push(Difference::Drift { distance });
        }
    }
    found
}

/// Whether a difference is not tolerable; one that is not a number never is.
fn exceeds(difference: f64, tolerance: f64) -> bool {
    difference.is_nan() || difference > tolerance
}

/// The largest distance in mm between the same voxel of two grids of one size; it is found at a corner.
fn drift(a: &Grid, b: &Grid) -> f64 {
    let corner = |corner: usize| -> f64 {
        let index = [0, 1, 2].map(|axis| if corner >> axis & 1 == 0 { 0.0 } else { a.dims[axis] as f64 - 1.0 });
        distance(a.point(index), b.point(index))
    };
    (0..8).map(corner).fold(0.0, f64::max)
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// The angle between two vectors in radians, exact also where it is small.
fn angle(a: [f64; 3], b: [f64; 3]) -> f64 {
    let cross = [0, 1, 2].map(|i| a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3]);
    let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    distance(cross, [0.0; 3]).atan2(dot)
}

fn overlap(a: &Corners, b: &Corners) -> bool {
    (0..3).all(|axis| a.0[axis] < b.1[axis] && b.0[axis] < a.1[axis])
}

/// The grid with the signs of all *x* and *y* coordinates turned, which is what becomes of LPS read as RAS.
fn turned(grid: &Grid) -> Grid {
    let turn = |[x, y, z]: [f64; 3]| [-x, -y, z];
    Grid { origin: turn(grid.origin), direction: grid.direction.map(turn), ..*grid }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Serial;
    use crate::testing::{Backwards, Random, mirrored};

    fn oblique() -> Grid {
        Grid {
            dims: [12, 9, 7],
            spacing: [0.7, 0.8, 3.0],
            origin: [-130.0, 40.0, 700.0],
            direction: [[0.8, 0.6, 0.0], [-0.6, 0.8, 0.0], [0.0, 0.0, 1.0]],
        }
    }

    #[test]
    fn what_single_precision_does_is_tolerated() {
        let grid = oblique();
        let single = |v: [f64; 3]| v.map(|x| f64::from(x as f32));
        let stored = Grid {
            spacing: single(grid.spacing),
            origin: single(grid.origin),
            direction: grid.direction.map(single),
            ..grid
        };
        assert_eq!(compare(&grid, &stored), []);
        assert_eq!(compare(&stored, &grid), []);
    }

    #[test]
    fn each_difference_is_named() {
        let grid = oblique();
        let sizes = Grid { dims: [12, 9, 8], ..grid };
        assert_eq!(compare(&grid, &sizes), [Difference::Size { image: [12, 9, 7], mask: [12, 9, 8] }]);
        let spacing = Grid { spacing: [0.7, 0.8, 3.1], ..grid };
        assert_eq!(compare(&grid, &spacing), [Difference::Spacing { axis: 2, image: 3.0, mask: 3.1 }]);
        let origin = Grid { origin: [-129.7, 40.4, 700.0], ..grid };
        let [Difference::Origin { offset, distance }] = compare(&grid, &origin)[..] else { panic!("one difference") };
        assert!((distance - 0.5).abs() < 1e-9 && (offset[1] - 0.4).abs() < 1e-9);
        let (c, s) = (0.8f64.acos() + 0.01, 0.8f64.acos() + 0.01);
        let direction =
            Grid { direction: [[c.cos(), s.sin(), 0.0], [-s.sin(), c.cos(), 0.0], [0.0, 0.0, 1.0]], ..grid };
        let [Difference::Direction { axis: 0, degrees }, Difference::Direction { axis: 1, .. }] =
            compare(&grid, &direction)[..]
        else {
            panic!("two differences")
        };
        assert!((degrees - 0.01f64.to_degrees()).abs() < 1e-9);
        for other in [sizes, spacing, origin, direction] {
            assert!(compare(&grid, &other).iter().all(|d| !d.to_string().is_empty()));
        }
        assert_eq!(compare(&grid, &Grid { origin: [f64::NAN, 0.0, 0.0], ..grid }).len(), 2);
    }

    #[test]
    fn small_differences_that_add_up_are_found() {
        let grid = Grid::axis_aligned([600, 600, 300], [0.5, 0.5, 1.0]);
        let angle = 0.04f64.to_radians();
        let (c, s) = (angle.cos(), angle.sin());
        let turned = Grid { direction: [[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]], ..grid };
        let [Difference::Drift { distance }] = compare(&grid, &turned)[..] else { panic!("one difference") };
        assert!((distance - 299.5 * 2f64.sqrt() * angle).abs() < 1e-3, "{distance}");
    }

    #[test]
    fn turned_signs_are_recognised() {
        let grid = oblique();
        let found = compare(&grid, &turned(&grid));
        assert!(found.contains(&Difference::TurnedSigns { matches: true }), "{found:?}");
        assert!(found.iter().any(|d| matches!(d, Difference::NoOverlap { .. })));
        let text: Vec<String> = found.iter().map(Difference::to_string).collect();
        assert!(
            text.iter().any(|t| t.contains("RAS")) && text.iter().any(|t| t.contains("share no space")),
            "{text:?}"
        );
        let smaller = Grid { dims: [4, 4, 4], ..turned(&grid) };
        assert!(compare(&grid, &smaller).contains(&Difference::TurnedSigns { matches: false }));
        let far = Grid { origin: [0.0, 0.0, -5000.0], ..grid };
        assert!(!compare(&grid, &far).iter().any(|d| matches!(d, Difference::TurnedSigns { .. })));
    }

    #[test]
    fn a_mask_on_the_same_grid_stays_itself() {
        let grid = oblique();
        let mut random = Random::new(21);
        let mask: Vec<u8> = (0..grid.len()).map(|_| u8::from(random.below(3) == 0)).collect();
        let view = View::new(grid.dims, &mask);
        let whole = IndexBox::whole(grid.dims);
        assert_eq!(resample_mask_onto(view, &grid, &grid, whole, &Serial), mask);
        let part = IndexBox { start: [3, 2, 1], end: [9, 9, 4] };
        assert_eq!(resample_mask_onto(view, &grid, &grid, part, &Backwards), crate::mask::crop(view, part));
        // The same voxels stored from the other end, and a cut-out of them, are the same mask.
        let last = grid.point([11.0, 0.0, 0.0]);
        let back = Grid { origin: last, direction: [[-0.8, -0.6, 0.0], grid.direction[1], grid.direction[2]], ..grid };
        let stored = mirrored(grid.dims, &mask, 0);
        assert_eq!(resample_mask_onto(View::new(grid.dims, &stored), &back, &grid, whole, &Serial), mask);
        let cut = crate::mask::crop(view, part);
        let found = resample_mask_onto(View::new(part.dims(), &cut), &grid.crop(part), &grid, whole, &Serial);
        assert_eq!(crate::mask::crop(View::new(grid.dims, &found), part), cut);
        assert_eq!(crate::mask::count(&found), crate::mask::count(&cut));
    }

    #[test]
    fn each_voxel_takes_the_nearest_one_in_space() {
        let (image, mask_grid) =
            (oblique(), Grid { origin: [-132.0, 43.0, 702.0], ..Grid::axis_aligned([9, 8, 6], [1.1; 3]) });
        let mut random = Random::new(22);
        let mask: Vec<u8> = (0..mask_grid.len()).map(|_| u8::from(random.below(2) == 0)).collect();
        let found = resample_mask_onto(
            View::new(mask_grid.dims, &mask),
            &mask_grid,
            &image,
            IndexBox::whole(image.dims),
            &Serial,
        );
        let at = |i: usize, [nx, ny, _]: [usize; 3]| [i % nx, i / nx % ny, i / nx / ny].map(|i| i as f64);
        for (i, &value) in found.iter().enumerate() {
            let point = image.point(at(i, image.dims));
            let (lower, upper) = mask_grid.bounds();
            let inside = (0..3).all(|axis| lower[axis] <= point[axis] && point[axis] < upper[axis]);
            let apart = |j: usize| distance(point, mask_grid.point(at(j, mask_grid.dims)));
            let nearest = (0..mask.len()).min_by(|&a, &b| apart(a).total_cmp(&apart(b))).unwrap();
            assert_eq!(value, if inside { mask[nearest] } else { 0 }, "voxel {i}");
        }
        assert!(found.contains(&1));
    }

    #[test]
    fn empty_grids_and_parts() {
        let grid = oblique();
        let none = Grid { dims: [0, 9, 7], ..grid };
        let found = resample_mask_onto(View::new([0, 9, 7], &[]), &none, &grid, IndexBox::whole(grid.dims), &Serial);
        assert_eq!(found, vec![0; grid.len()]);
        assert_eq!(compare(&none, &none), []);
        assert!(
            resample_mask_onto(View::new([0, 9, 7], &[]), &none, &none, IndexBox::whole(none.dims), &Serial).is_empty()
        );
    }
}
