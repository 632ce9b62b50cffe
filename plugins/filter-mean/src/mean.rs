//! The mean of the voxels around each voxel.

use std::ops::Range;

use voxomics_imaging::{
    Executor, IndexBox, View,
    separable::{Padding, add_even, planes},
};

/// The mean in the whole image: [`mean_in`].
pub fn mean(image: View<f64>, radius: [usize; 3], padding: Padding, executor: &dyn Executor) -> Vec<f64> {
    mean_in(image, IndexBox::whole(image.dims()), radius, padding, executor)
}

/// Replaces each voxel of a box of an image by the mean of the box of 2·`radius` + 1 voxels around it, along *x*, *y*, *z*.
///
/// h(x, y, z) = Σ f(x + i, y + j, z + k) / M, over |i| ≤ radius\[0\], |j| ≤ radius\[1\], |k| ≤ radius\[2\], with M the number
/// of voxels in the box (IBSI 2, S60F). The sum is not carried on from one voxel to the next, which would let rounding
/// errors pile up along a row; for whole-numbered intensities below 2⁵³ / M it is exact. The response is in the image's
/// unit, *x* fastest; an image without voxels has none.
///
/// # Panics
/// If `kept` exceeds the image.
pub fn mean_in(
    image: View<f64>,
    kept: IndexBox,
    radius: [usize; 3],
    padding: Padding,
    executor: &dyn Executor,
) -> Vec<f64> {
    let [nx, ny, nz] = kept.dims();
    let sources: [Vec<Option<usize>>; 3] = std::array::from_fn(|axis| {
        let (first, reach) = (kept.start[axis] as isize - radius[axis] as isize, kept.dims()[axis] + 2 * radius[axis]);
        (0..reach as isize).map(|i| padding.source(first + i, image.dims()[axis])).collect()
    });
    let [columns, rows] = [read(&sources[0]), read(&sources[1])];
    let width = columns.len();
    let ones = radius.map(|radius| vec![1.0; radius + 1]);
    let count: f64 = radius.iter().map(|radius| (2 * radius + 1) as f64).product();
    let scratch = || (vec![0.0; width * rows.len()], vec![0.0; width], vec![0.0; sources[0].len()]);
    planes(nx * ny, nz, executor, &scratch, &|z, plane, (along_z, along_y, padded)| {
        along_z.fill(0.0);
        for (y, sum) in rows.clone().zip(along_z.chunks_exact_mut(width)) {
            add_even(&ones[2], |j| sources[2][z + j].map(|z| &image.row(y, z)[columns.clone()]), sum);
        }
        for (y, out) in plane.chunks_exact_mut(nx).enumerate() {
            along_y.fill(0.0);
            let row = |y: usize| &along_z[(y - rows.start) * width..][..width];
            add_even(&ones[1], |j| sources[1][y + j].map(row), along_y);
            let places = padded.iter_mut().zip(&sources[0]);
            places.for_each(|(to, from)| *to = from.map_or(0.0, |x| along_y[x - columns.start]));
            add_even(&ones[0], |j| Some(&padded[j..j + nx]), out);
            out.iter_mut().for_each(|sum| *sum /= count);
        }
    })
}

/// From the first to the last voxel that is read along an axis.
fn read(sources: &[Option<usize>]) -> Range<usize> {
    let some = || sources.iter().flatten().copied();
    some().min().unwrap_or(0)..some().max().map_or(0, |last| last + 1)
}
