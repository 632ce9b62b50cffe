//! What sums over pairs of voxels start from, and what they are.

use crate::{Executor, IndexBox, View, executor::map};

/// The sums over ordered pairs of different voxels, weighted by their inverse distance.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct PairSums {
    /// `Σ w`.
    pub weights: f64,
    /// `Σ w·d_i·d_j`.
    pub products: f64,
    /// `Σ w·d_i²`.
    pub squares: f64,
}

impl PairSums {
    pub(super) fn add(&mut self, other: Self) {
        self.weights += other.weights;
        self.products += other.products;
        self.squares += other.squares;
    }
}

/// A region's intensities less their mean, in its bounding box.
pub(super) struct Deviations<'a> {
    pub image: View<'a, f64>,
    pub mask: View<'a, u8>,
    pub bounds: IndexBox,
    pub mean: f64,
    /// Largest size of a deviation; squares are divided by its square, so that nothing overflows.
    pub scale: f64,
}

impl Deviations<'_> {
    /// The mask and the scaled deviation of each voxel of a row of the bounding box.
    pub(crate) fn row(&self, y: usize, z: usize) -> impl Iterator<Item = (bool, f64)> {
        let (y, z) = (self.bounds.start[1] + y, self.bounds.start[2] + z);
        let part = self.bounds.start[0]..self.bounds.end[0];
        let voxels = self.mask.row(y, z)[part.clone()].iter().zip(&self.image.row(y, z)[part]);
        voxels.map(|(&m, &x)| if m != 0 { (true, (x - self.mean) / self.scale) } else { (false, 0.0) })
    }

    pub(super) fn sum(&self, executor: &dyn Executor, term: &(dyn Fn(f64) -> f64 + Sync)) -> f64 {
        let [_, ny, nz] = self.bounds.dims();
        let slices = map(executor, nz, &|z| {
            let row = |y| self.row(y, z).filter(|v| v.0).map(|v| term(v.1)).sum::<f64>();
            (0..ny).map(row).sum::<f64>()
        });
        slices.into_iter().sum()
    }
}
