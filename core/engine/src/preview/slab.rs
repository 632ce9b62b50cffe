//! A slice of the grid, as the pictures show it.

use voxomics_imaging::IndexBox;

use crate::stages::{Fault, space::Space};

/// The intensities of a slice.
pub struct Slab {
    /// Its box of the grid, one voxel thick.
    pub part: IndexBox,
    /// The intensities, *x* fastest.
    pub voxels: Vec<f64>,
}

impl Slab {
    /// Fetches a slice.
    ///
    /// # Errors
    /// If the memory does not suffice.
    pub fn fetch(space: &Space<'_>, part: IndexBox) -> Result<Self, Fault> {
        Ok(Self { part, voxels: space.intensities(part)?.voxels })
    }

    /// Every voxel with its index in the grid.
    pub fn indexed(&self) -> impl Iterator<Item = ([usize; 3], f64)> + '_ {
        let [nx, ny, _] = self.part.dims();
        let index = move |at: usize| [at % nx, at / nx % ny, at / (nx * ny)];
        let start = self.part.start;
        self.voxels.iter().enumerate().map(move |(at, x)| {
            let local = index(at);
            (std::array::from_fn(|axis| local[axis] + start[axis]), *x)
        })
    }
}
