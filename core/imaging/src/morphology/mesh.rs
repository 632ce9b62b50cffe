//! Volume and area of the region's surface mesh (IBSI 1, representation WRJH).
//!
//! The surface lies half-way between inside and outside (level 0.5 of a mask of 0 and 1, background beyond the array).
//! A cell of eight voxel centres can look 256 ways, so the mesh itself is never built: cells are counted by their
//! case. Counts are whole numbers and a case's share of its cell is a multiple of 1/48, so the volume is exact up to
//! its last product, whatever the order of the work.

use super::cases::{Case, cases, cross};
use crate::executor::map;
use crate::mask::bounding_box;
use crate::{Executor, IndexBox, View};

/// Which triangles are drawn where the set corners of a cell's face lie on a diagonal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Surface {
    /// The closed mesh that IBSI 1 asks for: such corners are parted. The same for turned and mirrored regions.
    #[default]
    Closed,
    /// A table of 128 cases whose complements are drawn by the same triangles, as in PyRadiomics. Neighbouring cells
    /// may disagree about such a face and leave a hole in it; the volume then depends on the origin of the
    /// tetrahedra, here as there the centre of the voxel diagonally before the first of the bounding box.
    Mirrored,
}

/// What the surface mesh measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mesh {
    /// Volume, mm³ (IBSI RNU0): sum of the signed tetrahedra between the triangles and a common point.
    pub volume: f64,
    /// Area, mm² (IBSI C0JK): sum of the triangles' areas.
    pub area: f64,
}

/// How many cells there are of each case, and where those are in which the mirrored half table differs.
struct Census {
    counts: [u64; 256],
    positions: [[i64; 3]; 256],
}

impl Census {
    fn new() -> Self {
        Self { counts: [0; 256], positions: [[0; 3]; 256] }
    }

    fn add(&mut self, other: &Self) {
        for case in 0..256 {
            self.counts[case] += other.counts[case];
            for axis in 0..3 {
                self.positions[case][axis] += other.positions[case][axis];
            }
        }
    }
}

/// Measures the mesh of a mask (any value but 0 is inside); `spacing` in mm. `None` if the mask is empty.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     morphology::{Surface, mesh::measure},
/// };
///
/// // The mesh of one voxel of 1 mm is an octahedron with corners in the middle of its faces.
/// let mesh = measure(View::new([1; 3], &[1]), [1.0; 3], Surface::Closed, &Serial).unwrap();
/// assert!((mesh.volume - 1.0 / 6.0).abs() < 1e-12 && (mesh.area - 3_f64.sqrt()).abs() < 1e-12);
/// ```
pub fn measure(mask: View<u8>, spacing: [f64; 3], surface: Surface, executor: &dyn Executor) -> Option<Mesh> {
    let bounds = bounding_box(mask)?;
    Some(measure_within(mask, bounds, spacing, surface, executor))
}

/// As [`measure`], for a mask whose bounding box is known.
pub(super) fn measure_within(
    mask: View<u8>,
    bounds: IndexBox,
    spacing: [f64; 3],
    surface: Surface,
    executor: &dyn Executor,
) -> Mesh {
    let planes = map(executor, bounds.dims()[2] + 1, &|plane| census(mask, bounds, plane));
    let mut total = Census::new();
    planes.iter().for_each(|plane| total.add(plane));
    Mesh { volume: volume(&total, spacing, surface), area: area(&total, spacing, surface) }
}

/// Counts the cells between slices `plane - 1` and `plane` of the bounding box.
fn census(mask: View<u8>, bounds: IndexBox, plane: usize) -> Census {
    let [nx, ny, nz] = bounds.dims();
    let outside = vec![0u8; nx];
    let row = |y: usize, z: usize| match (y.checked_sub(1), z.checked_sub(1)) {
        (Some(y), Some(z)) if y < ny && z < nz => {
            &mask.row(bounds.start[1] + y, bounds.start[2] + z)[bounds.start[0]..bounds.end[0]]
        }
        _ => &outside[..],
    };
    let mut census = Census::new();
    // Cases of the half cells at each x, the bits of corners with x = 0; padded so that eight can be read at a time.
    let mut columns = vec![0u8; nx + 2 + 8];
    for y in 0..=ny {
        let rows = [row(y, plane), row(y + 1, plane), row(y, plane + 1), row(y + 1, plane + 1)];
        columns[1..=nx].fill(0);
        for (row, bit) in rows.into_iter().zip([0, 2, 4, 6]) {
            for (column, &voxel) in columns[1..=nx].iter_mut().zip(row) {
                *column |= u8::from(voxel != 0) << bit;
            }
        }
        count_row(&columns, nx + 1, [y as i64, plane as i64], &mut census);
    }
    census
}

/// Counts a row of `cells` cells; `columns` has at least eight bytes more than that.
fn count_row(columns: &[u8], cells: usize, [y, z]: [i64; 2], census: &mut Census) {
    let cases = cases();
    let eight = |at: usize| columns[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
    let mut x = 0;
    while x < cells {
        // The bits of corners with x = 1 are those of the next column, one place further up in every byte.
        let word = eight(x) | eight(x + 1) << 1;
        let width = (cells - x).min(8);
        if width == 8 && (word == 0 || word == u64::MAX) {
            census.counts[(word & 255) as usize] += 8;
        } else {
            for (i, case) in word.to_le_bytes().into_iter().take(width).enumerate() {
                let case = usize::from(case);
                census.counts[case] += 1;
                if cases[case].mirrored.is_some() {
                    let position = &mut census.positions[case];
                    *position = [position[0] + (x + i) as i64, position[1] + y, position[2] + z];
                }
            }
        }
        x += 8;
    }
}

fn volume(census: &Census, spacing: [f64; 3], surface: Surface) -> f64 {
    let mut inside: i128 = 0;
    for (case, &count) in cases().iter().zip(&census.counts) {
        inside += i128::from(count) * i128::from(case.inside);
    }
    if surface == Surface::Mirrored {
        // A tetrahedron moved by P has det(2P + a, 2P + b, 2P + c) = det(a, b, c) + 2P·(a × b + b × c + c × a).
        for (i, case) in cases().iter().enumerate() {
            if let Some(mirrored) = &case.mirrored {
                inside += i128::from(census.counts[i]) * i128::from(mirrored.determinant);
                for axis in 0..3 {
                    inside += 2 * i128::from(census.positions[i][axis]) * i128::from(mirrored.normal[axis]);
                }
            }
        }
    }
    inside.unsigned_abs() as f64 / 48.0 * spacing.iter().product::<f64>()
}

fn area(census: &Census, spacing: [f64; 3], surface: Surface) -> f64 {
    let triangles = |case: &'static Case| match (&case.mirrored, surface) {
        (Some(mirrored), Surface::Mirrored) => &mirrored.triangles,
        _ => &case.triangles,
    };
    let cells = cases().iter().zip(&census.counts).filter(|&(_, &count)| count > 0);
    cells.map(|(case, &count)| count as f64 * triangles(case).iter().map(|t| triangle(t, spacing)).sum::<f64>()).sum()
}

/// The area of a triangle given in half voxels, mm².
pub(super) fn triangle(&[a, b, c]: &[[i64; 3]; 3], [sx, sy, sz]: [f64; 3]) -> f64 {
    let edge = |to: [i64; 3]| std::array::from_fn(|i| to[i] - a[i]);
    let normal = cross(edge(b), edge(c));
    let [x, y, z] = [normal[0] as f64 * sy * sz, normal[1] as f64 * sx * sz, normal[2] as f64 * sx * sy];
    (x * x + y * y + z * z).sqrt() / 8.0
}
