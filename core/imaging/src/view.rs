//! A borrowed three-dimensional array.

/// A borrowed array of `dims[0] × dims[1] × dims[2]` elements, *x* fastest.
///
/// ```
/// use voxomics_imaging::View;
///
/// // Two rows of three voxels: x is the fastest axis.
/// let view = View::new([3, 2, 1], &[1, 2, 3, 4, 5, 6]);
/// assert_eq!((view.dims(), view.offset([0, 1, 0]), view.at([2, 1, 0])), ([3, 2, 1], 3, 6));
/// assert_eq!((view.row(1, 0), view.data().len()), (&[4, 5, 6][..], 6));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct View<'a, T> {
    dims: [usize; 3],
    data: &'a [T],
}

impl<'a, T: Copy> View<'a, T> {
    /// An array of `dims[0] · dims[1] · dims[2]` elements.
    ///
    /// # Panics
    /// If `data` does not hold exactly `dims[0] · dims[1] · dims[2]` elements.
    pub fn new(dims: [usize; 3], data: &'a [T]) -> Self {
        let expected = dims.iter().product::<usize>();
        assert_eq!(data.len(), expected, "an array of {dims:?} has {expected} elements");
        Self { dims, data }
    }

    /// The number of elements along *x*, *y*, *z*.
    pub fn dims(&self) -> [usize; 3] {
        self.dims
    }

    /// All elements, *x* fastest.
    pub fn data(&self) -> &'a [T] {
        self.data
    }

    /// The flat position of an index.
    pub fn offset(&self, [x, y, z]: [usize; 3]) -> usize {
        (z * self.dims[1] + y) * self.dims[0] + x
    }

    /// The element at an index.
    pub fn at(&self, index: [usize; 3]) -> T {
        self.data[self.offset(index)]
    }

    /// The contiguous elements `(0.., y, z)`.
    pub fn row(&self, y: usize, z: usize) -> &'a [T] {
        let start = self.offset([0, y, z]);
        &self.data[start..start + self.dims[0]]
    }
}
