//! The image of a unit test.

use crate::{Grid, Image};

/// An image from plain arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct TestImage {
    grid: Grid,
    voxels: Vec<f64>,
}

impl TestImage {
    /// Voxels of 1 mm, *x* fastest, the first at the origin, axes along those of the patient.
    ///
    /// # Panics
    /// If there are not `dims[0] · dims[1] · dims[2]` voxels.
    pub fn new(dims: [usize; 3], voxels: Vec<f64>) -> Self {
        assert_eq!(voxels.len(), dims.iter().product::<usize>(), "the number of voxels of an image of {dims:?}");
        let grid = Grid {
            dims: dims.map(|n| n as u64),
            spacing: [1.0; 3],
            origin: [0.0; 3],
            direction: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        };
        Self { grid, voxels }
    }

    /// With another spacing, mm.
    pub fn spacing(mut self, spacing: [f64; 3]) -> Self {
        self.grid.spacing = spacing;
        self
    }

    /// At another place: the first voxel's centre, mm, and the unit vectors of the axes, LPS.
    pub fn placed(mut self, origin: [f64; 3], direction: [[f64; 3]; 3]) -> Self {
        (self.grid.origin, self.grid.direction) = (origin, direction);
        self
    }

    /// What a plugin's method takes.
    pub fn image(&self) -> Image<'_> {
        Image::new(self.grid, &self.voxels)
    }
}
