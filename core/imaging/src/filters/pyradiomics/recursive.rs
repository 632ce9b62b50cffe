//! Gaussians and their second derivatives by recursion (R. Deriche, Recursively implementing the Gaussian and its
//! derivatives, INRIA 1893, 1993), with the coefficients of G. Farnebäck and C.-F. Westin (Improving Deriche-style
//! recursive Gaussian filters, J. Math. Imaging Vis. 26, 2006) that ITK documents; and the Laplacian that ITK makes of them.
//!
//! A kernel is a sum of two damped waves on either side, Σ (a cos(w|x|/σ) + b sin(w|x|/σ)) exp(l|x|/σ), so that a line is
//! filtered by one recursion of fourth order forwards and one backwards. Beyond a line lie its first and last voxel.

use std::ops::Range;

use crate::{
    Executor, IndexBox, View,
    lines::{Bundle, LANES, fill},
};

/// The two waves of the approximated Gaussian: a, b.
const GAUSSIAN: [[f64; 2]; 2] = [[1.3530, 1.8151], [-0.3531, 0.0902]];
/// Those of its second derivative.
const SECOND: [[f64; 2]; 2] = [[-1.3563, 5.2318], [0.3446, -2.2355]];
/// Their frequencies and dampings: w, l.
const WAVES: [[f64; 2]; 2] = [[0.6681, -1.3932], [2.0787, -1.3732]];

/// A recursion forwards and one backwards.
#[derive(Debug, Clone, PartialEq)]
struct Recursion {
    /// Weights of the voxel and those before it.
    n: [f64; 4],
    /// Weights of those after it.
    m: [f64; 4],
    /// Weights of the results before, with the opposite sign.
    d: [f64; 4],
}

/// The numerator of a kernel's forward part, by its two waves at a sigma in voxels.
fn numerator(waves: [[f64; 2]; 2], sigma: f64) -> [f64; 4] {
    let [[a1, b1], [a2, b2]] = waves;
    let [[w1, l1], [w2, l2]] = WAVES;
    let ((sin1, cos1), (sin2, cos2)) = ((w1 / sigma).sin_cos(), (w2 / sigma).sin_cos());
    let (exp1, exp2) = ((l1 / sigma).exp(), (l2 / sigma).exp());
    [
        a1 + a2,
        exp2 * (b2 * sin2 - (a2 + 2.0 * a1) * cos2) + exp1 * (b1 * sin1 - (a1 + 2.0 * a2) * cos1),
        2.0 * exp1 * exp2 * ((a1 + a2) * cos2 * cos1 - (b1 * cos2 * sin1 + b2 * cos1 * sin2))
            + a2 * exp1 * exp1
            + a1 * exp2 * exp2,
        exp2 * exp1 * exp1 * (b2 * sin2 - a2 * cos2) + exp1 * exp2 * exp2 * (b1 * sin1 - a1 * cos1),
    ]
}

/// The denominator, which all kernels of a sigma share.
fn denominator(sigma: f64) -> [f64; 4] {
    let [[w1, l1], [w2, l2]] = WAVES;
    let (cos1, cos2) = ((w1 / sigma).cos(), (w2 / sigma).cos());
    let (exp1, exp2) = ((l1 / sigma).exp(), (l2 / sigma).exp());
    [
        -2.0 * (exp2 * cos2 + exp1 * cos1),
        4.0 * cos2 * cos1 * exp1 * exp2 + exp1 * exp1 + exp2 * exp2,
        -2.0 * cos1 * exp1 * exp2 * exp2 - 2.0 * cos2 * exp2 * exp1 * exp1,
        exp1 * exp1 * exp2 * exp2,
    ]
}

/// Sum, first and second moment of the weights at 0, 1, 2, 3 of a numerator.
fn moments(n: [f64; 4]) -> [f64; 3] {
    [n.iter().sum(), n[1] + 2.0 * n[2] + 3.0 * n[3], n[1] + 4.0 * n[2] + 9.0 * n[3]]
}

impl Recursion {
    /// The smoothing by a Gaussian, whose weights sum to one.
    fn gaussian(sigma: f64) -> Self {
        let (n, d) = (numerator(GAUSSIAN, sigma), denominator(sigma));
        let sum = 1.0 + d.iter().sum::<f64>();
        let scale = 2.0 * moments(n)[0] / sum - n[0];
        Self::even(n.map(|n| n / scale), d)
    }

    /// The second derivative, times `strength`: blind to what is flat, and 2 for a parabola.
    fn second(sigma: f64, strength: f64) -> Self {
        let (zero, two, d) = (numerator(GAUSSIAN, sigma), numerator(SECOND, sigma), denominator(sigma));
        let sum = 1.0 + d.iter().sum::<f64>();
        let first = d[0] + 2.0 * d[1] + 3.0 * d[2] + 4.0 * d[3];
        let square = d[0] + 4.0 * d[1] + 9.0 * d[2] + 16.0 * d[3];
        let (of_zero, of_two) = (moments(zero), moments(two));
        let beta = -(2.0 * of_two[0] - sum * two[0]) / (2.0 * of_zero[0] - sum * zero[0]);
        let n: [f64; 4] = std::array::from_fn(|i| two[i] + beta * zero[i]);
        let [s, m, e]: [f64; 3] = std::array::from_fn(|i| of_two[i] + beta * of_zero[i]);
        let scale = (e * sum * sum - square * s * sum - 2.0 * m * first * sum + 2.0 * first * first * s) / sum.powi(3);
        Self::even(n.map(|n| n * strength / scale), d)
    }

    fn even(n: [f64; 4], d: [f64; 4]) -> Self {
        let m = [n[1] - d[0] * n[0], n[2] - d[1] * n[0], n[3] - d[2] * n[0], -d[3] * n[0]];
        Self { n, m, d }
    }

    /// Filters the lines of a bundle, of whose results those at `kept` are wanted.
    fn run(&self, line: &Bundle, kept: Range<usize>, out: &mut Bundle) {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has what the function is compiled for.
            return unsafe { self.run_wide(line, kept, out) };
        }
        self.recursions(line, kept, out);
    }

    /// The same loops, compiled for registers of four numbers.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn run_wide(&self, line: &Bundle, kept: Range<usize>, out: &mut Bundle) {
        self.recursions(line, kept, out);
    }

    /// Forwards to the last place that is wanted, and backwards to the first one.
    #[inline(always)]
    fn recursions(&self, line: &Bundle, kept: Range<usize>, out: &mut Bundle) {
        let last = line.len() - 1;
        let Self { n, m, d } = *self;
        let (sum_n, sum_m): (f64, f64) = (n.iter().sum(), m.iter().sum());
        let sum_d = 1.0 + d.iter().sum::<f64>();
        // What a line that has been at its first value for ever has come to.
        let mut before = [line[0].map(|first| first * sum_n / sum_d); 4];
        for i in 0..kept.end {
            let result = step(n, [0, 1, 2, 3].map(|k| &line[i.saturating_sub(k)]), d, &before);
            before = [result, before[0], before[1], before[2]];
            if let Some(at) = i.checked_sub(kept.start) {
                out[at] = result;
            }
        }
        let mut after = [line[last].map(|end| end * sum_m / sum_d); 4];
        for i in (kept.start..=last).rev() {
            let result = step(m, [1, 2, 3, 4].map(|k| &line[(i + k).min(last)]), d, &after);
            after = [result, after[0], after[1], after[2]];
            if i < kept.end {
                out[i - kept.start].iter_mut().zip(&result).for_each(|(out, x)| *out += x);
            }
        }
    }
}

/// The next results of a recursion, by the voxels that it weighs and the results before.
#[inline(always)]
fn step(n: [f64; 4], x: [&[f64; LANES]; 4], d: [f64; 4], before: &[[f64; LANES]; 4]) -> [f64; LANES] {
    let mut result = [0.0; LANES];
    for (lane, result) in result.iter_mut().enumerate() {
        let sum = n[0] * x[0][lane] + n[1] * x[1][lane] + n[2] * x[2][lane] + n[3] * x[3][lane];
        let back = d[0] * before[0][lane] + d[1] * before[1][lane] + d[2] * before[2][lane] + d[3] * before[3][lane];
        *result = sum - back;
    }
    result
}

/// A number as it is stored between two recursions, and in the image.
trait Stored: Copy + Sync {
    fn wide(self) -> f64;
}

impl Stored for f64 {
    fn wide(self) -> f64 {
        self
    }
}

impl Stored for f32 {
    fn wide(self) -> f64 {
        f64::from(self)
    }
}

/// Memory for the lines of one thread.
#[derive(Default)]
struct Scratch {
    line: Vec<[f64; LANES]>,
    out: Vec<[f64; LANES]>,
    plane: Vec<f32>,
}

impl Recursion {
    /// Filters lines of `length` samples that lie beside each other, the samples of a line `stride` apart: the results at `kept`,
    /// each beside those of its neighbours.
    fn columns<S: Stored>(
        &self,
        [from, stride, width, length]: [usize; 4],
        source: &[S],
        kept: Range<usize>,
        out: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let Scratch { line, out: results, .. } = scratch;
        line.resize(length, [0.0; LANES]);
        results.resize(kept.len(), [0.0; LANES]);
        for first in (0..width).step_by(LANES) {
            let lanes = LANES.min(width - first);
            for (i, samples) in line.iter_mut().enumerate() {
                let row = &source[from + i * stride + first..][..lanes];
                samples.iter_mut().zip(row).for_each(|(sample, x)| *sample = x.wide());
                samples[lanes..].fill(0.0);
            }
            self.run(line, kept.clone(), results);
            for (row, results) in out.chunks_exact_mut(width).zip(results.iter()) {
                row[first..first + lanes].iter_mut().zip(results).for_each(|(out, x)| *out = *x as f32);
            }
        }
    }

    /// Filters rows of `length` samples one behind the other: the results at `kept`.
    fn rows<S: Stored>(&self, length: usize, source: &[S], kept: Range<usize>, out: &mut [f32], scratch: &mut Scratch) {
        let Scratch { line, out: results, .. } = scratch;
        line.resize(length, [0.0; LANES]);
        results.resize(kept.len(), [0.0; LANES]);
        for (rows, out) in source.chunks(LANES * length).zip(out.chunks_mut(LANES * kept.len())) {
            for (lane, row) in rows.chunks_exact(length).enumerate() {
                line.iter_mut().zip(row).for_each(|(samples, x)| samples[lane] = x.wide());
            }
            self.run(line, kept.clone(), results);
            for (lane, row) in out.chunks_exact_mut(kept.len()).enumerate() {
                row.iter_mut().zip(results.iter()).for_each(|(out, results)| *out = results[lane] as f32);
            }
        }
    }
}

/// ITK's `LaplacianRecursiveGaussianImageFilter`, normalised across scale: σ² Σ_a ∂²/∂a² of the smoothed image, *x* fastest.
/// Every image between two recursions is in single precision, as ITK has it for images of any type. The image is the
/// whole scan.
///
/// ```
/// use voxomics_imaging::{
///     IndexBox, Serial, View,
///     filters::pyradiomics::recursive::{inside, laplacian},
/// };
///
/// // A flat scan has no curvature. A box of the scan has what the whole scan has there.
/// let (flat, dims) = ([7.0; 512], [8; 3]);
/// let whole = laplacian(View::new(dims, &flat), [1.0; 3], 1.0, &Serial);
/// assert!(whole.iter().all(|response| response.abs() < 1e-2));
/// let kept = IndexBox { start: [0; 3], end: [2, 1, 1] };
/// assert_eq!(inside(View::new(dims, &flat), kept, [1.0; 3], 1.0, &Serial), whole[..2]);
/// ```
pub fn laplacian(image: View<f64>, spacing: [f64; 3], sigma_mm: f64, executor: &dyn Executor) -> Vec<f64> {
    inside(image, IndexBox::whole(image.dims()), spacing, sigma_mm, executor)
}

/// [`laplacian`] in the box `kept` of the scan. Of the lines along an axis, only those are filtered that the recursions after it
/// need; the derivative comes first, and the smoothing along the other axes follows in their order.
///
/// [`laplacian`] has an example.
///
/// # Panics
/// If the box exceeds the image.
pub fn inside(image: View<f64>, kept: IndexBox, spacing: [f64; 3], sigma_mm: f64, executor: &dyn Executor) -> Vec<f64> {
    let [kx, ky, kz] = kept.dims();
    let mut out = vec![0.0; kx * ky * kz];
    if out.is_empty() {
        return out;
    }
    let along = |axis: usize, derived: usize| {
        let sigma = sigma_mm / spacing[axis];
        let square = sigma_mm * sigma_mm;
        if axis == derived { Recursion::second(sigma, square) } else { Recursion::gaussian(sigma) }
    };
    let added =
        |sum: f32, x: f32, axis: usize| (f64::from(sum) + f64::from(x) / (spacing[axis] * spacing[axis])) as f32;
    let range = |axis: usize| kept.start[axis]..kept.end[axis];
    let [nx, ny, nz] = image.dims();
    // The sum of the first two, [y][z][x].
    let mut sum = vec![0.0_f32; kx * ky * kz];
    for derived in [0, 1] {
        let recursions = [0, 1, 2].map(|axis| along(axis, derived));
        let mut planes = vec![0.0_f32; kx * ky * nz];
        fill(executor, &mut planes, kx * ky * chunk(nx * ny), &|first, part| {
            let mut scratch = Scratch::default();
            for (k, part) in part.chunks_exact_mut(kx * ky).enumerate() {
                let plane = &image.data()[(first / (kx * ky) + k) * nx * ny..][..nx * ny];
                let mut between = std::mem::take(&mut scratch.plane);
                if derived == 0 {
                    between.resize(kx * ny, 0.0);
                    recursions[0].rows(nx, plane, range(0), &mut between, &mut scratch);
                    recursions[1].columns([0, kx, kx, ny], &between, range(1), part, &mut scratch);
                } else {
                    between.resize(nx * ky, 0.0);
                    recursions[1].columns([0, nx, nx, ny], plane, range(1), &mut between, &mut scratch);
                    recursions[0].rows(nx, &between, range(0), part, &mut scratch);
                }
                scratch.plane = between;
            }
        });
        fill(executor, &mut sum, kx * kz * chunk(kx * nz), &|first, part| {
            let (mut scratch, mut made) = (Scratch::default(), vec![0.0; kx * kz]);
            for (k, part) in part.chunks_exact_mut(kx * kz).enumerate() {
                let y = first / (kx * kz) + k;
                recursions[2].columns([y * kx, kx * ky, kx, nz], &planes, range(2), &mut made, &mut scratch);
                part.iter_mut().zip(&made).for_each(|(sum, x)| *sum = added(*sum, *x, derived));
            }
        });
    }
    let recursions = [0, 1, 2].map(|axis| along(axis, 2));
    // [y][z][x]
    let mut planes = vec![0.0_f32; kx * ny * kz];
    fill(executor, &mut planes, kx * kz * chunk(nx * nz), &|first, part| {
        let (mut scratch, mut between) = (Scratch::default(), vec![0.0; nx * kz]);
        for (k, part) in part.chunks_exact_mut(kx * kz).enumerate() {
            let y = first / (kx * kz) + k;
            recursions[2].columns([y * nx, nx * ny, nx, nz], image.data(), range(2), &mut between, &mut scratch);
            recursions[0].rows(nx, &between, range(0), part, &mut scratch);
        }
    });
    fill(executor, &mut out, kx * ky * chunk(kx * ny), &|first, part| {
        let (mut scratch, mut made) = (Scratch::default(), vec![0.0; kx * ky]);
        for (k, part) in part.chunks_exact_mut(kx * ky).enumerate() {
            let z = first / (kx * ky) + k;
            recursions[1].columns([z * kx, kx * kz, kx, ny], &planes, range(1), &mut made, &mut scratch);
            let sums = sum.chunks_exact(kx * kz).flat_map(|plane| &plane[z * kx..(z + 1) * kx]);
            let pairs = part.iter_mut().zip(sums.zip(&made));
            pairs.for_each(|(out, (sum, x))| *out = f64::from(added(*sum, *x, 2)));
        }
    });
    out
}

/// Planes of one chunk of work, by the voxels that each is made of.
fn chunk(voxels: usize) -> usize {
    (CHUNK_VOXELS / voxels).max(1)
}

/// Voxels of one chunk of work, so that a chunk is worth the hand-over to a thread.
const CHUNK_VOXELS: usize = 1 << 17;
