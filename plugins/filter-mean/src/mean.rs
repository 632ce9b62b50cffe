//! The mean of the voxels around each voxel.

use voxomics_imaging::{
    Executor, View,
    separable::{Padding, add_even, pad, planes},
};

/// Replaces each voxel by the mean of the box of 2·`radius` + 1 voxels around it, along *x*, *y*, *z*.
///
/// h(x, y, z) = Σ f(x + i, y + j, z + k) / M, over |i| ≤ radius\[0\], |j| ≤ radius\[1\], |k| ≤ radius\[2\], with M the number
/// of voxels in the box (IBSI 2, S60F). The sum is not carried on from one voxel to the next, which would let rounding
/// errors pile up along a row; for whole-numbered intensities below 2⁵³ / M it is exact. The response is in the image's
/// unit, *x* fastest; an image without voxels has none.
pub fn mean(image: View<f64>, radius: [usize; 3], padding: Padding, executor: &dyn Executor) -> Vec<f64> {
    let [nx, ny, nz] = image.dims();
    let sources: [_; 3] = std::array::from_fn(|axis| padding.sources(image.dims()[axis], radius[axis]));
    let ones = radius.map(|radius| vec![1.0; radius + 1]);
    let count: f64 = radius.iter().map(|radius| (2 * radius + 1) as f64).product();
    let scratch = || (vec![0.0; nx * ny], vec![0.0; nx + 2 * radius[0]]);
    planes(nx * ny, nz, executor, &scratch, &|z, plane, (along_z, along_y)| {
        along_z.fill(0.0);
        for (y, sum) in along_z.chunks_exact_mut(nx).enumerate() {
            add_even(&ones[2], |j| sources[2][z + j].map(|z| image.row(y, z)), sum);
        }
        for (y, out) in plane.chunks_exact_mut(nx).enumerate() {
            let middle = &mut along_y[radius[0]..radius[0] + nx];
            middle.fill(0.0);
            add_even(&ones[1], |j| sources[1][y + j].map(|y| &along_z[y * nx..(y + 1) * nx]), middle);
            pad(along_y, &sources[0], radius[0]);
            add_even(&ones[0], |j| Some(&along_y[j..j + nx]), out);
            out.iter_mut().for_each(|sum| *sum /= count);
        }
    })
}
