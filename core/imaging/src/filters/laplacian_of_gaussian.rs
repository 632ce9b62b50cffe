//! The Laplacian of a Gaussian (IBSI 2: L6PA).

use std::f64::consts::PI;

use super::{
    operator::gathered,
    rows::{self, Pair, TwicePair},
};
use crate::{
    Executor, IndexBox, View, lengths,
    lines::fill,
    separable::{Padding, pad},
};

/// Largest kernel radius, voxels: beyond it, sigma and spacing do not belong together.
pub const MAX_RADIUS: usize = 1024;

/// Smallest sigma, voxels. The sampled second derivative should sum to nothing; by Poisson's summation formula it sums to
/// about −8π² exp(−2π² s²), which at 0.5 is 18 % of the kernel's peak: a response to the intensity, not to its curvature.
pub const MIN_SIGMA: f64 = 0.5;

/// Below this sigma, voxels, that sum is above 0.1 % of the kernel's peak, about what cutting off at 4 sigma leaves.
pub const WARN_SIGMA: f64 = 0.75;

/// The halves (weights at 0, 1, … radius) of the two even kernels along an axis.
///
/// ```
/// use voxomics_imaging::filters::laplacian_of_gaussian::kernels;
///
/// let [along_x, _, along_z] = kernels(1.5, 4.0, [1.0; 3], 2);
/// assert_eq!((along_x.radius(), along_z.radius()), (6, 0));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AxisKernel {
    /// The sampled Gaussian.
    pub gaussian: Vec<f64>,
    /// Its second derivative; empty along an axis that is not filtered.
    pub second: Vec<f64>,
}

impl AxisKernel {
    /// Voxels on either side of the centre.
    pub fn radius(&self) -> usize {
        self.gaussian.len() - 1
    }
}

/// The kernel radius ⌊truncate · sigma / spacing + 1/2⌋, voxels (IBSI 2, L6PA; the filter size is 2·radius + 1).
///
/// ```
/// // ⌊4 · 3 / 2 + 1/2⌋.
/// assert_eq!(voxomics_imaging::filters::laplacian_of_gaussian::radius(3.0, 4.0, 2.0), 6);
/// ```
pub fn radius(sigma_mm: f64, truncate: f64, spacing: f64) -> usize {
    lengths::nearest(truncate * sigma_mm, spacing)
}

/// The Laplacian of a Gaussian as a sum of separable kernels, for the first `axes` (2 or 3) axes.
///
/// With *s* = σ / *p* and *p* the edge of a voxel (IBSI 2, equation of L6PA):
/// g(r) = −(1 / s²) · (1 / √(2π s²))^d · (d − r² / σ²) · exp(−r² / (2σ²)), r in mm, sampled at the voxel centres and cut
/// off at `radius` along each axis, not normalised afterwards. Since r² is a sum over the axes, so is g:
/// Σ_a G″(a) · Π_{b ≠ a} G(b). Where voxels are not cubes, *p* is the geometric mean of the spacings along the filtered
/// axes: the kernel then is isotropic in mm, and keeps the scale of the cubic voxel of the same volume.
///
/// ```
/// use voxomics_imaging::filters::laplacian_of_gaussian::kernels;
///
/// // In the middle, two axes of σ = 1 voxel: −(1/s²) · 1/(2π s²) · 2 = −1/π, of which each axis has one half.
/// let [x, y, _] = kernels(1.0, 4.0, [1.0; 3], 2);
/// let middle = x.second[0] * y.gaussian[0] + x.gaussian[0] * y.second[0];
/// assert!((middle + 1.0 / std::f64::consts::PI).abs() < 1e-12);
/// ```
pub fn kernels(sigma_mm: f64, truncate: f64, spacing: [f64; 3], axes: usize) -> [AxisKernel; 3] {
    let edge = match axes {
        2 => (spacing[0] * spacing[1]).sqrt(),
        _ => (spacing[0] * spacing[1] * spacing[2]).cbrt(),
    };
    std::array::from_fn(|axis| {
        if axis >= axes {
            return AxisKernel { gaussian: vec![1.0], second: Vec::new() };
        }
        let step = spacing[axis] / sigma_mm;
        let radius = radius(sigma_mm, truncate, spacing[axis]).min(MAX_RADIUS);
        let squares = (0..=radius).map(|k| (k as f64 * step).powi(2));
        let gaussian: Vec<f64> = squares.clone().map(|t| (-0.5 * t).exp() * step / (2.0 * PI).sqrt()).collect();
        let second = squares.zip(&gaussian).map(|(t, g)| (edge / sigma_mm).powi(2) * (t - 1.0) * g).collect();
        AxisKernel { gaussian, second }
    })
}

/// Convolves an image with Σ_a G″(a) · Π_{b ≠ a} G(b), in one pass over slabs of planes: along *z*, then row by row along
/// *y* and *x*, so that no copy of the volume is made.
///
/// The response is in the image's unit, *x* fastest; an image without voxels has none.
///
/// ```
/// use voxomics_imaging::{
///     IndexBox, Serial, View,
///     filters::laplacian_of_gaussian::{inside, kernels, laplacian_of_gaussian},
///     separable::Padding,
/// };
///
/// // A bright voxel in the dark: the response is −1/π there, and what a box of the image has is the same.
/// let (mut image, kernels) = ([0.0; 49], kernels(1.0, 2.0, [1.0; 3], 2));
/// image[24] = 1.0;
/// let view = View::new([7, 7, 1], &image);
/// let response = laplacian_of_gaussian(view, &kernels, Padding::Mirror, &Serial);
/// assert!((response[24] + 1.0 / std::f64::consts::PI).abs() < 1e-12);
/// let kept = IndexBox { start: [3, 3, 0], end: [4, 4, 1] };
/// assert_eq!(inside(view, kept, &kernels, Padding::Mirror, &Serial), response[24..25]);
/// ```
pub fn laplacian_of_gaussian(
    image: View<f64>,
    kernels: &[AxisKernel; 3],
    padding: Padding,
    executor: &dyn Executor,
) -> Vec<f64> {
    inside(image, IndexBox::whole(image.dims()), kernels, padding, executor)
}

/// The response of [`laplacian_of_gaussian`] in the box `kept` of the image, at the cost of that box.
///
/// [`laplacian_of_gaussian`] has an example.
///
/// # Panics
/// If the box exceeds the image.
pub fn inside(
    image: View<f64>,
    kept: IndexBox,
    kernels: &[AxisKernel; 3],
    padding: Padding,
    executor: &dyn Executor,
) -> Vec<f64> {
    let [width, height, depth] = kept.dims();
    let mut out = vec![0.0; width * height * depth];
    if out.is_empty() {
        return out;
    }
    let dims = image.dims();
    let sources = std::array::from_fn(|axis| padding.sources(dims[axis], kernels[axis].radius()));
    let pass = Pass { image, kept, kernels: kernels.each_ref().map(Halves::new), sources, zeros: vec![0.0; dims[0]] };
    let slab = pass.planes();
    fill(executor, &mut out, slab * width * height, &|first, part| pass.slab(first / (width * height), part));
    out
}

/// Bytes of the rows that are kept between the passes along *z* and *y*: they should stay in a core's own cache.
const RING_BYTES: usize = 1 << 19;

/// The weights of both kernels of an axis: at the centre, and at the distances from 1.
struct Halves {
    centre: [f64; 2],
    pairs: Vec<(usize, [f64; 2])>,
    /// Whether there is a second derivative.
    filtered: bool,
}

impl Halves {
    fn new(kernel: &AxisKernel) -> Self {
        let weights = |k: usize| [kernel.gaussian[k], kernel.second.get(k).copied().unwrap_or(0.0)];
        let pairs = (1..=kernel.radius()).map(|k| (k, weights(k))).collect();
        Self { centre: weights(0), pairs, filtered: !kernel.second.is_empty() }
    }
}

/// What the slabs of a volume have in common.
struct Pass<'a> {
    image: View<'a, f64>,
    kept: IndexBox,
    kernels: [Halves; 3],
    /// Which voxel stands where, along each axis.
    sources: [Vec<Option<usize>>; 3],
    zeros: Vec<f64>,
}

/// Which of the two kernels.
const GAUSSIAN: usize = 0;
const SECOND: usize = 1;

impl Pass<'_> {
    /// Planes that are made together: each row is read from memory once for all of them.
    fn planes(&self) -> usize {
        let of_plane = 16 * self.image.dims()[0] * (2 * self.kernels[1].pairs.len() + 1);
        let most = (RING_BYTES / of_plane).clamp(1, 16);
        let depth = self.kept.dims()[2];
        depth.div_ceil(depth.div_ceil(most))
    }

    /// Makes the planes from `first` of the box.
    fn slab(&self, first: usize, out: &mut [f64]) {
        let ([width, height, _], nx) = (self.kept.dims(), self.image.dims()[0]);
        let (slots, edge) = (2 * self.kernels[1].pairs.len() + 1, self.kernels[0].pairs.len());
        let planes = out.len() / (width * height);
        // For each place along y that the pass along y still needs, and each plane: both sums along z.
        let mut ring = vec![0.0; slots * planes * 2 * nx];
        let mut rows = [GAUSSIAN, SECOND].map(|_| vec![0.0; nx + 2 * edge]);
        for (count, j) in (self.kept.start[1]..self.kept.end[1] + slots - 1).enumerate() {
            let slot = j % slots * planes;
            for (k, sums) in ring[slot * 2 * nx..][..planes * 2 * nx].chunks_exact_mut(2 * nx).enumerate() {
                self.along_z(self.sources[1][j], self.kept.start[2] + first + k, sums);
            }
            let Some(y) = (count + 1).checked_sub(slots) else { continue };
            for k in 0..planes {
                let sums = |j: usize| &ring[(j % slots * planes + k) * 2 * nx..][..2 * nx];
                self.along_y(self.kept.start[1] + y, &sums, &mut rows);
                self.along_x(&mut rows, &mut out[(k * height + y) * width..][..width]);
            }
        }
    }

    /// Both sums along *z* of a row.
    fn along_z(&self, y: Option<usize>, z: usize, sums: &mut [f64]) {
        let Halves { centre, pairs, .. } = &self.kernels[2];
        let middle = z + pairs.len();
        let row = |j: usize| match (y, self.sources[2][j]) {
            (Some(y), Some(z)) => self.image.row(y, z),
            _ => &self.zeros,
        };
        let (first, second) = sums.split_at_mut(self.zeros.len());
        let pair = |&(d, w): &(usize, [f64; 2])| (w, row(middle - d), row(middle + d));
        gathered(pairs, NO_PAIRS, &pair, &mut |pairs| {
            rows::even_twice((*centre, row(middle)), pairs, None, [&mut *first, &mut *second]);
        });
    }

    /// The two sums of a row that the pass along *x* needs, of the rows of sums along *z* that `at` gives.
    fn along_y<'b>(&self, y: usize, at: &impl Fn(usize) -> &'b [f64], out: &mut [Vec<f64>; 2]) {
        let nx = self.zeros.len();
        let Halves { centre, pairs, .. } = &self.kernels[1];
        let (middle, edge) = (y + pairs.len(), self.kernels[0].pairs.len());
        let row = |j: usize, of: usize| &at(j)[of * nx..(of + 1) * nx];
        let [smooth, second] = out;
        let (smooth, second) = (&mut smooth[edge..edge + nx], &mut second[edge..edge + nx]);
        let pair = |&(d, w): &(usize, [f64; 2])| (w, row(middle - d, GAUSSIAN), row(middle + d, GAUSSIAN));
        let of_second = |&(d, w): &(usize, [f64; 2])| (w[GAUSSIAN], row(middle - d, SECOND), row(middle + d, SECOND));
        gathered(pairs, NO_PAIRS, &pair, &mut |twice| {
            gathered(pairs, NO_PAIR, &of_second, &mut |pairs| {
                let then = ((centre[GAUSSIAN], row(middle, SECOND)), pairs);
                let then = self.kernels[2].filtered.then_some(then);
                rows::even_twice((*centre, row(middle, GAUSSIAN)), twice, then, [&mut *smooth, &mut *second]);
            });
        });
    }

    /// A row of the response.
    fn along_x(&self, rows: &mut [Vec<f64>; 2], out: &mut [f64]) {
        let Halves { centre, pairs, .. } = &self.kernels[0];
        rows.iter_mut().for_each(|row| pad(row, &self.sources[0], pairs.len()));
        let (middle, width) = (self.kept.start[0] + pairs.len(), out.len());
        let [smooth, second] = rows.each_ref().map(|row| move |at: usize| &row[at..at + width]);
        let of_smooth = |&(d, w): &(usize, [f64; 2])| (w[SECOND], smooth(middle - d), smooth(middle + d));
        let of_second = |&(d, w): &(usize, [f64; 2])| (w[GAUSSIAN], second(middle - d), second(middle + d));
        gathered(pairs, NO_PAIR, &of_smooth, &mut |of_smooth| {
            gathered(pairs, NO_PAIR, &of_second, &mut |of_second| {
                let derived = ((centre[SECOND], smooth(middle)), of_smooth);
                rows::even_and_even([derived, ((centre[GAUSSIAN], second(middle)), of_second)], out);
            });
        });
    }
}

const NO_PAIRS: TwicePair<'static> = ([0.0; 2], &[], &[]);
const NO_PAIR: Pair<'static> = (0.0, &[], &[]);
