//! The grid of a scan.

/// The grid of a scan; its axes are those of LPS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Frame {
    pub(crate) dims: [usize; 3],
    pub(crate) spacing_mm: [f64; 3],
    /// Place of the first voxel's middle, mm, LPS.
    pub(crate) origin_mm: [f64; 3],
}
