//! The Laplacian of a Gaussian (IBSI 2: L6PA).

use std::f64::consts::PI;

use crate::{
    Executor, View,
    separable::{Padding, add_even, pad, planes},
};

/// Largest kernel radius, voxels: beyond it, sigma and spacing do not belong together.
pub const MAX_RADIUS: usize = 1024;

/// Smallest sigma, voxels. The sampled second derivative should sum to nothing; by Poisson's summation formula it sums to
/// about −8π² exp(−2π² s²), which at 0.5 is 18 % of the kernel's peak: a response to the intensity, not to its curvature.
pub const MIN_SIGMA: f64 = 0.5;

/// Below this sigma, voxels, that sum is above 0.1 % of the kernel's peak, about what cutting off at 4 sigma leaves.
pub const WARN_SIGMA: f64 = 0.75;

/// The halves (weights at 0, 1, … radius) of the two even kernels along an axis.
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
pub fn radius(sigma_mm: f64, truncate: f64, spacing: f64) -> usize {
    // The conversion saturates, and takes NaN to 0.
    (truncate * sigma_mm / spacing + 0.5).floor() as usize
}

/// The Laplacian of a Gaussian as a sum of separable kernels, for the first `axes` (2 or 3) axes.
///
/// With *s* = σ / *p* and *p* the edge of a voxel (IBSI 2, equation of L6PA):
/// g(r) = −(1 / s²) · (1 / √(2π s²))^d · (d − r² / σ²) · exp(−r² / (2σ²)), r in mm, sampled at the voxel centres and cut
/// off at `radius` along each axis, not normalised afterwards. Since r² is a sum over the axes, so is g:
/// Σ_a G″(a) · Π_{b ≠ a} G(b). Where voxels are not cubes, *p* is the geometric mean of the spacings along the filtered
/// axes: the kernel then is isotropic in mm, and keeps the scale of the cubic voxel of the same volume.
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

/// Convolves an image with Σ_a G″(a) · Π_{b ≠ a} G(b), in one pass over its planes: along *z*, then row by row along *y*
/// and *x*, so that no copy of the volume is made.
///
/// The response is in the image's unit, *x* fastest; an image without voxels has none.
pub fn laplacian_of_gaussian(
    image: View<f64>,
    kernels: &[AxisKernel; 3],
    padding: Padding,
    executor: &dyn Executor,
) -> Vec<f64> {
    let [nx, ny, nz] = image.dims();
    let sources: [_; 3] = std::array::from_fn(|axis| padding.sources(image.dims()[axis], kernels[axis].radius()));
    let [along_x, along_y, along_z] = kernels;
    let edge = along_x.radius();
    let scratch = || [nx * ny, nx * ny, nx + 2 * edge, nx + 2 * edge].map(|length| vec![0.0; length]);
    planes(nx * ny, nz, executor, &scratch, &|z, plane, [smooth_z, second_z, smooth, second]| {
        // Both sums of a row before the next one: the rows that they read are still in the cache.
        for (y, (smooth, second)) in smooth_z.chunks_exact_mut(nx).zip(second_z.chunks_exact_mut(nx)).enumerate() {
            let layer = |j: usize| sources[2][z + j].map(|z| image.row(y, z));
            smooth.fill(0.0);
            add_even(&along_z.gaussian, layer, smooth);
            second.fill(0.0);
            add_even(&along_z.second, layer, second);
        }
        for (y, out) in plane.chunks_exact_mut(nx).enumerate() {
            let source = |j: usize| sources[1][y + j].map(|y| y * nx..(y + 1) * nx);
            let sum = &mut smooth[edge..edge + nx];
            sum.fill(0.0);
            add_even(&along_y.gaussian, |j| source(j).map(|row| &smooth_z[row]), sum);
            let sum = &mut second[edge..edge + nx];
            sum.fill(0.0);
            add_even(&along_y.second, |j| source(j).map(|row| &smooth_z[row]), sum);
            if !along_z.second.is_empty() {
                add_even(&along_y.gaussian, |j| source(j).map(|row| &second_z[row]), sum);
            }
            pad(smooth, &sources[0], edge);
            pad(second, &sources[0], edge);
            add_even(&along_x.second, |j| Some(&smooth[j..j + nx]), out);
            add_even(&along_x.gaussian, |j| Some(&second[j..j + nx]), out);
        }
    })
}
