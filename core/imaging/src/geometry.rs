//! Where voxels are: grids in patient space and boxes of indices.

/// A regular grid of voxel centres in the DICOM patient coordinate system (LPS, mm).
///
/// The centre of voxel `(i, j, k)` is `origin + i·spacing[0]·direction[0] + j·spacing[1]·direction[1] +
/// k·spacing[2]·direction[2]`.
///
/// ```
/// use voxomics_imaging::{Grid, IndexBox};
///
/// let grid = Grid::axis_aligned([2, 3, 4], [1.0, 2.0, 3.0]);
/// assert_eq!((grid.len(), grid.is_empty(), grid.voxel_volume()), (24, false, 6.0));
/// // The centre of the last voxel, and back.
/// assert_eq!(grid.point([1.0, 2.0, 3.0]), [1.0, 4.0, 9.0]);
/// assert_eq!(grid.index([1.0, 4.0, 9.0]), [1.0, 2.0, 3.0]);
/// // Voxels reach half a spacing beyond their centres.
/// assert_eq!(grid.bounds(), ([-0.5, -1.0, -1.5], [1.5, 5.0, 10.5]));
/// let part = grid.crop(IndexBox { start: [1, 1, 0], end: [2, 3, 4] });
/// assert_eq!((part.dims, part.origin), ([1, 2, 4], [1.0, 2.0, 0.0]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Number of voxels along the three index axes.
    pub dims: [usize; 3],
    /// Distance between neighbouring centres along each index axis, mm; positive.
    pub spacing: [f64; 3],
    /// Centre of voxel `(0, 0, 0)`, mm, LPS.
    pub origin: [f64; 3],
    /// Unit vectors of the three index axes in LPS; mutually orthogonal.
    pub direction: [[f64; 3]; 3],
}

impl Grid {
    /// A grid along the patient's axes with its first voxel at the origin.
    pub fn axis_aligned(dims: [usize; 3], spacing: [f64; 3]) -> Self {
        Self { dims, spacing, origin: [0.0; 3], direction: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]] }
    }

    /// Number of voxels.
    pub fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// Whether the grid has no voxel.
    pub fn is_empty(&self) -> bool {
        self.dims.contains(&0)
    }

    /// Volume of one voxel, mm³.
    pub fn voxel_volume(&self) -> f64 {
        self.spacing.iter().product()
    }

    /// The point in patient space (LPS, mm) of a continuous index.
    pub fn point(&self, index: [f64; 3]) -> [f64; 3] {
        let mut point = self.origin;
        for axis in 0..3 {
            for (p, d) in point.iter_mut().zip(self.direction[axis]) {
                *p += index[axis] * self.spacing[axis] * d;
            }
        }
        point
    }

    /// The continuous index of a point in patient space (LPS, mm).
    pub fn index(&self, point: [f64; 3]) -> [f64; 3] {
        let offset: [f64; 3] = std::array::from_fn(|i| point[i] - self.origin[i]);
        std::array::from_fn(|axis| {
            let along: f64 = offset.iter().zip(self.direction[axis]).map(|(o, d)| o * d).sum();
            along / self.spacing[axis]
        })
    }

    /// The grid of the voxels inside `part`, at the same places in space.
    pub fn crop(&self, part: IndexBox) -> Self {
        let origin = self.point(part.start.map(|i| i as f64));
        Self { dims: part.dims(), origin, ..*self }
    }

    /// The smallest box along the patient's axes that holds every voxel, its faces included: `(lower, upper)`, mm.
    pub fn bounds(&self) -> ([f64; 3], [f64; 3]) {
        let (mut lower, mut upper) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for corner in 0..8 {
            let index =
                std::array::from_fn(|axis| if corner >> axis & 1 == 0 { -0.5 } else { self.dims[axis] as f64 - 0.5 });
            for (axis, p) in self.point(index).into_iter().enumerate() {
                lower[axis] = lower[axis].min(p);
                upper[axis] = upper[axis].max(p);
            }
        }
        (lower, upper)
    }
}

/// A box of indices, `start` inclusive, `end` exclusive.
///
/// ```
/// use voxomics_imaging::IndexBox;
///
/// let part = IndexBox { start: [1, 1, 1], end: [3, 2, 2] };
/// assert_eq!(part.dims(), [2, 1, 1]);
/// assert_eq!(part.grown([1, 0, 9], [4, 4, 4]), IndexBox { start: [0, 1, 0], end: [4, 2, 4] });
/// assert_eq!(part.union(&IndexBox::whole([1, 1, 1])), IndexBox { start: [0, 0, 0], end: [3, 2, 2] });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexBox {
    /// First index along each axis.
    pub start: [usize; 3],
    /// One past the last index along each axis.
    pub end: [usize; 3],
}

impl IndexBox {
    /// The box of all indices of an array.
    pub fn whole(dims: [usize; 3]) -> Self {
        Self { start: [0; 3], end: dims }
    }

    /// Number of indices along each axis.
    pub fn dims(&self) -> [usize; 3] {
        std::array::from_fn(|axis| self.end[axis].saturating_sub(self.start[axis]))
    }

    /// The box grown by `margin` voxels on both sides of each axis, cut at the array's edges.
    pub fn grown(&self, margin: [usize; 3], dims: [usize; 3]) -> Self {
        Self {
            start: std::array::from_fn(|axis| self.start[axis].saturating_sub(margin[axis])),
            end: std::array::from_fn(|axis| self.end[axis].saturating_add(margin[axis]).min(dims[axis])),
        }
    }

    /// The same box by the indices within another one, which holds it.
    pub fn within(&self, other: Self) -> Self {
        let moved = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] - other.start[axis]);
        Self { start: moved(self.start), end: moved(self.end) }
    }

    /// The smallest box that holds both.
    pub fn union(&self, other: &Self) -> Self {
        Self {
            start: std::array::from_fn(|axis| self.start[axis].min(other.start[axis])),
            end: std::array::from_fn(|axis| self.end[axis].max(other.end[axis])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn point_and_index_are_inverse_on_an_oblique_grid() {
        let (c, s) = (0.8, 0.6);
        let grid = Grid {
            dims: [4, 5, 6],
            spacing: [0.7, 0.8, 3.0],
            origin: [-10.0, 20.0, 5.0],
            direction: [[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, -1.0]],
        };
        let index = [1.25, 3.0, -2.5];
        let back = grid.index(grid.point(index));
        for axis in 0..3 {
            assert!((back[axis] - index[axis]).abs() < 1e-12, "{back:?}");
        }
    }

    #[test]
    fn a_crop_keeps_its_place() {
        let grid = Grid::axis_aligned([10, 10, 10], [1.0, 2.0, 3.0]);
        let part = grid.crop(IndexBox { start: [2, 3, 4], end: [5, 5, 5] });
        assert_eq!((part.dims, part.origin), ([3, 2, 1], [2.0, 6.0, 12.0]));
    }
}
