//! A region of an image, as families are handed it.

use ndarray::ArrayView3;
use voxomics_interface::Cell;

use crate::{Grid, Image, filter::view};

/// A region of an image, ready for features. Every array is the host's memory, in the box around the region.
pub struct Region<'a> {
    pub(crate) image: Image<'a>,
    pub(crate) morphological_mask: &'a [u8],
    pub(crate) intensity_mask: &'a [u8],
    pub(crate) levels: &'a [u16],
    pub(crate) level_count: u32,
    pub(crate) matrices: &'a [MatrixSet<'a>],
}

impl<'a> Region<'a> {
    /// Where the voxels are.
    pub fn grid(&self) -> &Grid {
        self.image.grid()
    }

    /// Number of voxels of the box along *x*, *y*, *z*.
    pub fn dims(&self) -> [usize; 3] {
        self.grid().dims.map(|n| n as usize)
    }

    /// Distance between neighbouring centres, mm.
    pub fn spacing(&self) -> [f64; 3] {
        self.grid().spacing
    }

    /// The image, or the response map.
    pub fn image(&self) -> Image<'a> {
        self.image
    }

    /// The morphological mask (1 inside), *x* fastest.
    pub fn morphological_mask(&self) -> &'a [u8] {
        self.morphological_mask
    }

    /// The morphological mask by index `[x, y, z]`.
    pub fn morphological_view(&self) -> ArrayView3<'a, u8> {
        view(self.dims(), self.morphological_mask())
    }

    /// The intensity mask (1 inside, after re-segmentation), *x* fastest.
    pub fn intensity_mask(&self) -> &'a [u8] {
        self.intensity_mask
    }

    /// The intensity mask by index `[x, y, z]`.
    pub fn intensity_view(&self) -> ArrayView3<'a, u8> {
        view(self.dims(), self.intensity_mask())
    }

    /// The intensities inside the intensity mask, *x* fastest.
    pub fn intensities(&self) -> impl Iterator<Item = f64> + use<'a> {
        let mask = self.intensity_mask;
        let voxels = self.image.voxels();
        mask.iter().zip(voxels).filter(|(inside, _)| **inside != 0).map(|(_, x)| *x)
    }

    /// The discretised levels, 1 … [`level_count`](Self::level_count) inside the intensity mask and 0 outside, *x*
    /// fastest; empty unless [`FeatureFamily::needs`](crate::FeatureFamily::needs) asks for levels.
    pub fn levels(&self) -> &'a [u16] {
        self.levels
    }

    /// The discretised levels by index `[x, y, z]`.
    ///
    /// # Panics
    /// If [`FeatureFamily::needs`](crate::FeatureFamily::needs) does not ask for levels.
    pub fn levels_view(&self) -> ArrayView3<'a, u16> {
        view(self.dims(), self.levels())
    }

    /// Number of grey levels *N*g.
    pub fn level_count(&self) -> u32 {
        self.level_count
    }

    /// The matrices of the `index`-th entry of [`Needs::matrices`](crate::Needs::matrices).
    ///
    /// # Panics
    /// If there is no such entry.
    pub fn matrix_set(&self, index: usize) -> MatrixSet<'a> {
        self.matrices[index]
    }
}

/// The matrices over which a feature is averaged; one where slices and directions are merged, none if the region has
/// no pair, run or zone at all.
#[derive(Clone, Copy)]
pub struct MatrixSet<'a> {
    pub(crate) level_count: u32,
    pub(crate) matrices: &'a [Matrix<'a>],
}

impl<'a> MatrixSet<'a> {
    /// Number of grey levels *N*g of the region.
    pub fn level_count(&self) -> u32 {
        self.level_count
    }

    /// The matrices.
    pub fn matrices(&self) -> impl ExactSizeIterator<Item = Matrix<'a>> + use<'a> {
        self.matrices.iter().copied()
    }
}

/// A texture matrix as the list of its non-empty cells, sorted by level and then by the second coordinate.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    /// The cells.
    pub cells: &'a [Cell],
    /// Number of voxels that it was drawn from; a voxel counts once for each merged direction.
    pub voxels: f64,
}

impl<'a> Matrix<'a> {
    /// The cells as `(level, other, value)`, in their order.
    pub fn triples(&self) -> impl ExactSizeIterator<Item = (u32, u32, f64)> + use<'a> {
        self.cells.iter().map(|cell| (cell.level, cell.other, cell.value))
    }
}
