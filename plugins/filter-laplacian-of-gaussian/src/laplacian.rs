//! The response of the Laplacian of a Gaussian.

use voxomics_imaging::{
    Executor, View,
    separable::{Padding, add_even, pad, planes},
};

use crate::kernel::AxisKernel;

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
