//! The exact Euclidean distance of every voxel to a mask.
//!
//! Separable: the squared distance along one axis after the other, each line as the lower envelope of the parabolas
//! that its voxels raise (P. F. Felzenszwalb and D. P. Huttenlocher, "Distance transforms of sampled functions",
//! Theory of Computing 8 (2012) 415–428, doi:10.4086/toc.2012.v008a019). Time grows with the number of voxels only.

use crate::lines::{self, Bundle, LANES};
use crate::{Executor, View};

/// The squared distance in mm² from each voxel's centre to the centre of the nearest voxel of the mask: 0 inside,
/// infinite everywhere if the mask is empty. The array's edges are no voxels of the mask.
///
/// `spacing` is the distance of neighbouring centres along each axis in mm; positive.
///
/// ```
/// use voxomics_imaging::{Serial, View, distance::squared_distance};
///
/// // Spacing 2 mm: the last voxel is two steps, 4 mm, from the first one.
/// let mask = View::new([3, 1, 1], &[1, 0, 0]);
/// assert_eq!(squared_distance(mask, [2.0, 1.0, 1.0], &Serial), [0.0, 4.0, 16.0]);
/// ```
pub fn squared_distance(mask: View<u8>, spacing: [f64; 3], executor: &dyn Executor) -> Vec<f64> {
    squared_distance_to(mask, spacing, executor, true)
}

/// The squared distance in mm² from each voxel's centre to the nearest voxel *outside* the mask, as
/// [`squared_distance`] to the inverted mask.
///
/// ```
/// use voxomics_imaging::{Serial, View, distance::squared_distance_outside};
///
/// let mask = View::new([4, 1, 1], &[0, 1, 1, 1]);
/// assert_eq!(squared_distance_outside(mask, [1.0; 3], &Serial), [0.0, 1.0, 4.0, 9.0]);
/// ```
pub fn squared_distance_outside(mask: View<u8>, spacing: [f64; 3], executor: &dyn Executor) -> Vec<f64> {
    squared_distance_to(mask, spacing, executor, false)
}

fn squared_distance_to(mask: View<u8>, spacing: [f64; 3], executor: &dyn Executor, inside: bool) -> Vec<f64> {
    let [nx, ny, nz] = mask.dims();
    let mut first = vec![0.0; mask.data().len()];
    let seed = |m: u8| if (m != 0) == inside { 0.0 } else { f64::INFINITY };
    lines::along_slowest(mask.data(), nz, &mut first, nz, executor, &seed, &|input, output| {
        along_seeds(input, output, spacing[2]);
    });
    let mut second = vec![0.0; first.len()];
    let envelope = |spacing: f64| {
        move |input: &mut Bundle, output: &mut Bundle| {
            let mut hull = Envelope::with_capacity(input.len());
            for lane in 0..LANES {
                hull.lower(input, output, lane, spacing);
            }
        }
    };
    lines::along_slowest(&first, ny, &mut second, ny, executor, &|d| d, &envelope(spacing[1]));
    lines::along_slowest(&second, nx, &mut first, nx, executor, &|d| d, &envelope(spacing[0]));
    first
}

/// Squared distance along lines of seeds (0) and other voxels (infinite): one sweep up, one down.
fn along_seeds(input: &Bundle, output: &mut Bundle, spacing: f64) {
    let mut steps = [f64::INFINITY; LANES];
    for (seeds, counts) in input.iter().zip(output.iter_mut()) {
        for ((step, &seed), count) in steps.iter_mut().zip(seeds).zip(counts) {
            *step = (*step + 1.0).min(seed);
            *count = *step;
        }
    }
    steps.fill(f64::INFINITY);
    for counts in output.iter_mut().rev() {
        for (step, count) in steps.iter_mut().zip(counts) {
            *step = (*step + 1.0).min(*count);
            // The product comes before the square, as for every other axis: equal distances have equal bits.
            *count = (*step * spacing) * (*step * spacing);
        }
    }
}

/// The parabolas of a line that are lowest somewhere, from left to right.
struct Envelope {
    parabolas: Vec<Parabola>,
}

#[derive(Clone, Copy)]
struct Parabola {
    /// Index of its lowest point.
    vertex: usize,
    /// Its value there, mm².
    height: f64,
    /// Where it becomes lower than the one before it, in voxels.
    from: f64,
}

impl Envelope {
    fn with_capacity(length: usize) -> Self {
        Self { parabolas: Vec::with_capacity(length) }
    }

    fn lower(&mut self, input: &Bundle, output: &mut Bundle, lane: usize, spacing: f64) {
        self.parabolas.clear();
        let scale = 0.5 / (spacing * spacing);
        for (vertex, samples) in input.iter().enumerate() {
            if samples[lane].is_finite() {
                self.push(vertex, samples[lane], scale);
            }
        }
        let mut parabolas = self.parabolas.iter();
        let Some(mut lowest) = parabolas.next() else {
            return output.iter_mut().for_each(|samples| samples[lane] = f64::INFINITY);
        };
        let mut next = parabolas.next();
        for (i, samples) in output.iter_mut().enumerate() {
            while let Some(parabola) = next.filter(|p| p.from <= i as f64) {
                lowest = parabola;
                next = parabolas.next();
            }
            let offset = i.abs_diff(lowest.vertex) as f64 * spacing;
            samples[lane] = lowest.height + offset * offset;
        }
    }

    fn push(&mut self, vertex: usize, height: f64, scale: f64) {
        let mut from = f64::NEG_INFINITY;
        while let Some(last) = self.parabolas.last() {
            // Middle plus shift: unlike the difference of two large squares it loses no digits.
            from = 0.5 * (vertex + last.vertex) as f64 + (height - last.height) * scale / (vertex - last.vertex) as f64;
            if from > last.from {
                break;
            }
            self.parabolas.pop();
            from = f64::NEG_INFINITY;
        }
        self.parabolas.push(Parabola { vertex, height, from });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Serial;
    use crate::testing::{Backwards, Random, mirrored};

    fn slow(mask: View<u8>, spacing: [f64; 3]) -> Vec<f64> {
        let [nx, ny, _] = mask.dims();
        let at = |i: usize| [i % nx, i / nx % ny, i / nx / ny];
        let seeds: Vec<_> = (0..mask.data().len()).filter(|&i| mask.data()[i] != 0).map(at).collect();
        let squared = |a: [usize; 3], b: [usize; 3]| -> f64 {
            (0..3).map(|axis| (a[axis].abs_diff(b[axis]) as f64 * spacing[axis]).powi(2)).sum()
        };
        (0..mask.data().len())
            .map(|i| seeds.iter().map(|&seed| squared(at(i), seed)).fold(f64::INFINITY, f64::min))
            .collect()
    }

    fn assert_close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (i, (f, e)) in found.iter().zip(expected).enumerate() {
            assert!(f == e || (f - e).abs() <= 1e-12 * e, "voxel {i}: {f} is not {e}");
        }
    }

    #[test]
    fn random_masks_agree_with_all_pairs() {
        let mut random = Random::new(3);
        let shapes = [[7, 6, 5], [1, 1, 1], [1, 19, 1], [20, 1, 3], [5, 9, 1], [33, 8, 2], [3, 4, 21]];
        for dims in shapes {
            for spacing in [[1.0; 3], [0.7, 0.9, 5.0], [3.1, 0.1, 0.33], [1e-3, 10.0, 1.0]] {
                for sparsity in [1, 3, 20, 60] {
                    let mask: Vec<u8> =
                        (0..dims.iter().product()).map(|_| u8::from(random.below(sparsity) == 0)).collect();
                    let view = View::new(dims, &mask);
                    let found = squared_distance(view, spacing, &Serial);
                    assert_close(&found, &slow(view, spacing));
                    let inverse: Vec<u8> = mask.iter().map(|&m| 1 - m).collect();
                    let outside = squared_distance_outside(view, spacing, &Serial);
                    assert_eq!(outside, squared_distance(View::new(dims, &inverse), spacing, &Serial));
                    for axis in 0..3 {
                        let turned = mirrored(dims, &mask, axis);
                        let turned = squared_distance(View::new(dims, &turned), spacing, &Serial);
                        assert_close(&mirrored(dims, &turned, axis), &found);
                    }
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_chunks_changes_no_bit() {
        let dims = [61, 47, 53];
        let mut random = Random::new(11);
        let mask: Vec<u8> = (0..dims.iter().product()).map(|_| u8::from(random.below(500) == 0)).collect();
        let view = View::new(dims, &mask);
        let spacing = [0.7, 0.8, 3.0];
        assert_eq!(squared_distance(view, spacing, &Serial), squared_distance(view, spacing, &Backwards));
    }

    #[test]
    fn scipy_agrees() {
        // import numpy as np; from scipy.ndimage import distance_transform_edt   (SciPy 1.17.1)
        // m = np.zeros((2, 3, 4), bool); m[0, 1, 0] = m[1, 2, 3] = True        # z, y, x
        // print(distance_transform_edt(~m, sampling=(3.0, 0.9, 0.7)).ravel())
        let mut mask = [0; 24];
        mask[4] = 1;
        mask[23] = 1;
        let expected = SCIPY;
        let found = squared_distance(View::new([4, 3, 2], &mask), [0.7, 0.9, 3.0], &Serial);
        let found: Vec<f64> = found.iter().map(|d| d.sqrt()).collect();
        assert_close(&found, &expected);
    }

    const SCIPY: [f64; 24] = [
        0.9,
        1.140175425099138,
        1.6643316977093237,
        2.2847319317591723,
        0.0,
        0.7,
        1.4,
        2.0999999999999996,
        0.9,
        1.140175425099138,
        1.6643316977093237,
        2.2847319317591723,
        2.765863337187866,
        2.280350850198276,
        1.9313207915827966,
        1.8,
        2.2847319317591723,
        1.6643316977093237,
        1.140175425099138,
        0.9,
        2.0999999999999996,
        1.4,
        0.7,
        0.0,
    ];

    #[test]
    fn empty_masks_are_infinitely_far() {
        let found = squared_distance(View::new([3, 2, 2], &[0; 12]), [1.0; 3], &Serial);
        assert!(found.iter().all(|&d| d == f64::INFINITY));
        assert!(squared_distance(View::new([0, 2, 2], &[]), [1.0; 3], &Serial).is_empty());
    }
}
