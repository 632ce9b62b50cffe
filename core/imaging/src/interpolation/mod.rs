//! Interpolation of an image and a mask to a new voxel spacing (IBSI 1 manual, section "Interpolation",
//! arXiv:1612.07003).
//!
//! The new grid has the axes of the old one and the same centre (the manual's "align grid centers"). Voxels of the new
//! grid may have their centre beyond the outermost centres of the old one, by less than half a voxel: [`BeyondEdge`] says
//! what is there. Only the part of the new grid that is asked for is evaluated, from the part of the old one that it
//! needs, and the values are those that the whole scan would give: to the bit for nearest and linear, to rounding for
//! the spline, whose prefilter reaches further than its margin only with weights below 10⁻¹⁷.

mod axis;
pub mod corner;
mod error;
mod pass;
mod spline;
#[cfg(test)]
mod tests;
mod turned;
#[cfg(test)]
mod turned_tests;

use axis::Axis;
pub use error::InterpolationError;
pub use turned::{Turn, Turned};

use crate::{Executor, Grid, IndexBox, View, mask};

/// How intensities between voxel centres are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// That of the nearest voxel; halfway between two, the one with the larger index.
    Nearest,
    /// Linear along each axis (trilinear, or bilinear where an axis is kept).
    Linear,
    /// The cubic B-spline through all samples along each axis, continued beyond the scan's edge in this way. A sample that
    /// is not finite makes its lines so.
    Cubic(BeyondEdge),
}

/// What the cubic spline finds beyond the outermost voxel centres of a scan. Nearest and linear interpolation, of images
/// and masks alike, take the value at the nearest point of the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BeyondEdge {
    /// The value at the nearest point of the edge, of the spline that is continued as its mirror image.
    Clamp,
    /// The spline continued as its mirror image about the outermost centres.
    Mirror,
    /// The spline through the scan and endless repetitions of its outermost voxels ("padding with boundary intensities").
    Repeat,
}

/// How a mask between voxel centres is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MaskMethod {
    /// That of the nearest voxel; halfway between two, the one with the larger index.
    Nearest,
    /// Linear along each axis; a voxel belongs to the mask if the result is at least a half (the partial volume
    /// threshold of IBSI's reference configurations).
    Linear,
}

/// One half, less what rounding may take away from a sum of eight weights that is a half.
const HALF: f64 = 0.5 - 1e-9;

/// From one grid to another with the same axes and centre.
///
/// ```
/// use voxomics_imaging::{
///     Grid, IndexBox, Serial, View,
///     interpolation::{MaskMethod, Method, Resampling},
/// };
///
/// // From two voxels of 2 mm to four of 1 mm with the same centre: they lie at −0.5, 0.5, 1.5 and 2.5 mm.
/// let grid = Grid::axis_aligned([2, 1, 1], [2.0, 1.0, 1.0]);
/// let finer = Resampling::new(&grid, [Some(1.0), None, None], Method::Linear, MaskMethod::Nearest).unwrap();
/// let target = finer.target();
/// assert_eq!((target.dims, target.origin, finer.is_identity()), ([4, 1, 1], [-0.5, 0.0, 0.0], false));
/// let (whole, crop) = (IndexBox::whole(target.dims), IndexBox::whole(grid.dims));
/// assert!(finer.source_box(whole).end[0] <= 2 && finer.target_box(crop).dims() == [4, 1, 1]);
/// // Beyond the outermost centres, at 0 and 2 mm, the value there counts.
/// let image = finer.image(View::new([2, 1, 1], &[0.0, 8.0]), crop, whole, &Serial).unwrap();
/// assert_eq!(image, [0.0, 2.0, 6.0, 8.0]);
/// let mask = finer.mask(View::new([2, 1, 1], &[0, 1]), crop, whole, &Serial).unwrap();
/// assert_eq!(mask, [0, 0, 1, 1]);
/// ```
#[derive(Debug, Clone)]
pub struct Resampling {
    source: Grid,
    axes: [Axis; 3],
    image: Method,
    mask: MaskMethod,
}

impl Resampling {
    /// Prepares the interpolation of `source` to `spacing` in mm along each index axis; `None` or 0 keeps an axis, and
    /// so does a spacing that equals the old one to within single precision. A kept axis passes through unchanged.
    ///
    /// # Errors
    /// If a spacing is negative or not finite, if the source has no voxel, or if an axis would have more than 65,536
    /// voxels.
    pub fn new(
        source: &Grid,
        spacing: [Option<f64>; 3],
        image: Method,
        mask: MaskMethod,
    ) -> Result<Self, InterpolationError> {
        if source.is_empty() {
            return Err(InterpolationError::EmptyGrid { dims: source.dims });
        }
        let mut axes = [Axis::kept(1, 1.0); 3];
        for axis in 0..3 {
            axes[axis] = Axis::new(axis, source.dims[axis], source.spacing[axis], spacing[axis])?;
        }
        Ok(Self { source: *source, axes, image, mask })
    }

    /// The new grid.
    pub fn target(&self) -> Grid {
        Grid {
            dims: self.axes.map(|axis| axis.new),
            spacing: self.axes.map(|axis| axis.spacing),
            origin: self.source.point(self.axes.map(|axis| axis.offset())),
            direction: self.source.direction,
        }
    }

    /// Whether every axis is kept, so that the result is the source itself.
    pub fn is_identity(&self) -> bool {
        self.axes.iter().all(Axis::is_kept)
    }

    /// The part of the source that [`Self::image`] and [`Self::mask`] need for a part of the target.
    pub fn source_box(&self, target_box: IndexBox) -> IndexBox {
        let image = self.needed(target_box, self.image);
        if target_box.dims().contains(&0) { image } else { image.union(&self.needed(target_box, self.mask.method())) }
    }

    /// The part of the target in which a mask can have voxels whose source lies within `source_box`; it is empty
    /// where no centre of the target is near enough.
    pub fn target_box(&self, source_box: IndexBox) -> IndexBox {
        let ranges = [0, 1, 2].map(|axis| self.axes[axis].influenced(source_box.start[axis]..source_box.end[axis]));
        IndexBox { start: ranges.clone().map(|r| r.start), end: ranges.map(|r| r.end) }
    }

    /// The image inside `target_box`, *x* fastest; `crop` holds the source inside `crop_box`.
    ///
    /// # Errors
    /// If `target_box` exceeds the target, if `crop_box` lacks a part of [`Self::source_box`] or is not the size of
    /// `crop`, or if the memory does not suffice.
    pub fn image(
        &self,
        crop: View<f64>,
        crop_box: IndexBox,
        target_box: IndexBox,
        executor: &dyn Executor,
    ) -> Result<Vec<f64>, InterpolationError> {
        self.resample(crop, crop_box, target_box, self.image, executor, &|value| value)
    }

    /// The mask inside `target_box` as 0 and 1, *x* fastest; `crop` holds the source mask inside `crop_box`.
    ///
    /// # Errors
    /// As [`Self::image`].
    pub fn mask(
        &self,
        crop: View<u8>,
        crop_box: IndexBox,
        target_box: IndexBox,
        executor: &dyn Executor,
    ) -> Result<Vec<u8>, InterpolationError> {
        let method = self.mask.method();
        let shares =
            self.resample(crop, crop_box, target_box, method, executor, &|m: u8| f64::from(u8::from(m != 0)))?;
        Ok(shares.into_iter().map(|share| u8::from(share >= HALF)).collect())
    }

    fn needed(&self, target_box: IndexBox, method: Method) -> IndexBox {
        if target_box.dims().contains(&0) {
            return IndexBox { start: [0; 3], end: [0; 3] };
        }
        let ranges = [0, 1, 2].map(|axis| self.axes[axis].needed(target_box.start[axis]..target_box.end[axis], method));
        IndexBox { start: ranges.clone().map(|r| r.start), end: ranges.map(|r| r.end) }
    }

    fn resample<S: Copy + Sync>(
        &self,
        crop: View<S>,
        crop_box: IndexBox,
        target_box: IndexBox,
        method: Method,
        executor: &dyn Executor,
        convert: &(impl Fn(S) -> f64 + Sync),
    ) -> Result<Vec<f64>, InterpolationError> {
        let target = self.axes.map(|axis| axis.new);
        if (0..3).any(|axis| target_box.end[axis] > target[axis]) {
            return Err(InterpolationError::OutsideTarget { asked: target_box, target });
        }
        if target_box.dims().contains(&0) {
            return Ok(Vec::new());
        }
        let needed = self.needed(target_box, method);
        let missing = |axis| needed.start[axis] < crop_box.start[axis] || needed.end[axis] > crop_box.end[axis];
        if crop.dims() != crop_box.dims() || (0..3).any(missing) {
            return Err(InterpolationError::MissingSource { needed, given: crop_box, dims: crop.dims() });
        }
        // With exactly the needed part, the result depends on the box asked for and not on what was at hand.
        let trimmed;
        let source = if needed == crop_box {
            crop.data()
        } else {
            let within = |index: [usize; 3]| [0, 1, 2].map(|axis| index[axis] - crop_box.start[axis]);
            trimmed = mask::crop(crop, IndexBox { start: within(needed.start), end: within(needed.end) });
            &trimmed
        };
        if self.is_identity() {
            return Ok(source.iter().map(|&value| convert(value)).collect());
        }
        let kernels = [0, 1, 2].map(|axis| {
            let range = needed.start[axis]..needed.end[axis];
            self.axes[axis].kernel(target_box.start[axis]..target_box.end[axis], range, method)
        });
        // The slowest axis goes first: each pass turns the next one into the slowest.
        let dims = needed.dims();
        let along_z = pass::run(source, dims[2], &kernels[2], executor, convert)?;
        let along_y = pass::run(&along_z, dims[1], &kernels[1], executor, &|value| value)?;
        drop(along_z);
        pass::run(&along_y, dims[0], &kernels[0], executor, &|value| value)
    }
}

impl MaskMethod {
    fn method(self) -> Method {
        match self {
            Self::Nearest => Method::Nearest,
            Self::Linear => Method::Linear,
        }
    }
}

/// Rounds intensities to the nearest integer, halves away from zero; for modalities with integral units, such as
/// Hounsfield units, after interpolation (IBSI 1 manual, section "Interpolation"). Negative zeros become zeros.
///
/// ```
/// let mut intensities = [1.4, 2.5, -2.5, -0.2];
/// voxomics_imaging::interpolation::round_intensities(&mut intensities);
/// assert_eq!(intensities, [1.0, 3.0, -3.0, 0.0]);
/// ```
pub fn round_intensities(intensities: &mut [f64]) {
    for x in intensities {
        *x = x.round() + 0.0;
    }
}
