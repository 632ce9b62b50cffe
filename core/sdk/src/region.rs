//! A region of an image, as families are handed it.

use ndarray::ArrayView3;
use voxomics_interface::Cell;

use crate::{Grid, Image, filter::view};

/// A region of an image, ready for features. Every array is the host's memory, in the box around the region.
///
/// ```
/// use voxomics_sdk::testing::TestRegion;
///
/// // A region of three voxels, of which re-segmentation leaves two.
/// let test = TestRegion::new([4, 1, 1], vec![1.0, 2.0, 3.0, 4.0]).masks(vec![1, 1, 1, 0], vec![1, 0, 1, 0]);
/// test.with(|region| {
///     assert_eq!(region.intensities().collect::<Vec<_>>(), [1.0, 3.0]);
///     assert_eq!((region.morphological_mask(), region.intensity_mask()), (&[1, 1, 1, 0][..], &[1, 0, 1, 0][..]));
///     assert_eq!((region.dims(), region.image().voxels()[3]), ([4, 1, 1], 4.0));
/// });
/// ```
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
    ///
    /// ```
    /// use voxomics_sdk::testing::TestRegion;
    ///
    /// let test = TestRegion::new([2, 1, 1], vec![10.0, 30.0]).levels(vec![1, 3], 3);
    /// test.with(|region| {
    ///     // No voxel has the second of three levels.
    ///     assert_eq!((region.levels(), region.level_count(), region.levels_view()[[1, 0, 0]]), (&[1, 3][..], 3, 3));
    /// });
    /// ```
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
///
/// ```
/// use voxomics_sdk::testing::TestRegion;
///
/// // Two matrices of slices: one pair of the levels 1 and 2, and one of 2 and 2.
/// let sets = [(2.0, vec![(1, 2, 1.0), (2, 1, 1.0)]), (2.0, vec![(2, 2, 2.0)])];
/// TestRegion::new([2, 1, 2], vec![1.0, 2.0, 2.0, 2.0]).matrix_set(2, sets).with(|region| {
///     let counts: Vec<f64> =
///         region.matrix_set(0).matrices().map(|one| one.triples().map(|(_, _, n)| n).sum()).collect();
///     assert_eq!((region.matrix_set(0).level_count(), counts), (2, vec![2.0, 2.0]));
/// });
/// ```
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

    /// The matrices, always in the same order.
    pub fn matrices(&self) -> impl ExactSizeIterator<Item = Matrix<'a>> + use<'a> {
        self.matrices.iter().copied()
    }
}

/// A texture matrix as the list of its non-empty cells, sorted by level and then by the second coordinate.
///
/// [`MatrixSet`] has an example.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    /// The non-empty cells: grey level from 1, second coordinate, and what they count.
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
