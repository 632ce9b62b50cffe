//! Gaussians and their second derivatives by recursion (R. Deriche, Recursively implementing the Gaussian and its
//! derivatives, INRIA 1893, 1993), with the coefficients of G. Farnebäck and C.-F. Westin (Improving Deriche-style
//! recursive Gaussian filters, J. Math. Imaging Vis. 26, 2006) that ITK documents; and the Laplacian that ITK makes of them.
//!
//! A kernel is a sum of two damped waves on either side, Σ (a cos(w|x|/σ) + b sin(w|x|/σ)) exp(l|x|/σ), so that a line is
//! filtered by one recursion of fourth order forwards and one backwards. Beyond a line lie its first and last voxel.

use crate::{Executor, View, lines::along_slowest};

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

    /// Filters the lines of a bundle, each sample `[i]` of several lines at once.
    fn run<const L: usize>(&self, line: &[[f64; L]], out: &mut [[f64; L]]) {
        let last = line.len() - 1;
        let Self { n, m, d } = self;
        let (sum_n, sum_m): (f64, f64) = (n.iter().sum(), m.iter().sum());
        let sum_d = 1.0 + d.iter().sum::<f64>();
        for lane in 0..L {
            // What a line that has been at its first value for ever has come to.
            let (first, end) = (line[0][lane], line[last][lane]);
            let mut before = [first * sum_n / sum_d; 4];
            for i in 0..=last {
                let value = |k: usize| line[i.saturating_sub(k)][lane];
                let sum = n[0] * value(0) + n[1] * value(1) + n[2] * value(2) + n[3] * value(3);
                let result = sum - (d[0] * before[0] + d[1] * before[1] + d[2] * before[2] + d[3] * before[3]);
                before = [result, before[0], before[1], before[2]];
                out[i][lane] = result;
            }
            let mut after = [end * sum_m / sum_d; 4];
            for i in (0..=last).rev() {
                let value = |k: usize| line[(i + k).min(last)][lane];
                let sum = m[0] * value(1) + m[1] * value(2) + m[2] * value(3) + m[3] * value(4);
                let result = sum - (d[0] * after[0] + d[1] * after[1] + d[2] * after[2] + d[3] * after[3]);
                after = [result, after[0], after[1], after[2]];
                out[i][lane] += result;
            }
        }
    }
}

/// ITK's `LaplacianRecursiveGaussianImageFilter`, normalised across scale: σ² Σ_a ∂²/∂a² of the smoothed image, *x* fastest.
/// Every image between two recursions is in single precision, as ITK has it for images of any type. The image is the
/// whole scan.
pub fn laplacian(image: View<f64>, spacing: [f64; 3], sigma_mm: f64, executor: &dyn Executor) -> Vec<f64> {
    let dims = image.dims();
    let single = |x: f64| f64::from(x as f32);
    let mut sum = vec![0.0; image.data().len()];
    if sum.is_empty() {
        return sum;
    }
    for derived in 0..3 {
        // The derivative comes first, then the smoothing along the other axes in their order.
        let order: Vec<usize> = std::iter::once(derived).chain((0..3).filter(|axis| *axis != derived)).collect();
        let mut current = image.data().to_vec();
        for axis in order {
            let sigma = sigma_mm / spacing[axis];
            let recursion = if axis == derived {
                Recursion::second(sigma, sigma_mm * sigma_mm)
            } else {
                Recursion::gaussian(sigma)
            };
            current = along(&current, dims, axis, &recursion, executor);
            current.iter_mut().for_each(|x| *x = single(*x));
        }
        let square = spacing[derived] * spacing[derived];
        sum.iter_mut().zip(&current).for_each(|(sum, x)| *sum = single(*sum + x / square));
    }
    sum
}

/// Filters the lines along an axis.
fn along(voxels: &[f64], dims: [usize; 3], axis: usize, recursion: &Recursion, executor: &dyn Executor) -> Vec<f64> {
    // A pass takes the slowest axis and leaves it the fastest: passes that change nothing bring the others round.
    let mut current = voxels.to_vec();
    for slowest in [2, 1, 0] {
        let mut next = vec![0.0; current.len()];
        let n = dims[slowest];
        along_slowest(&current, n, &mut next, n, executor, &|x| x, &|line, out| {
            if slowest == axis {
                recursion.run(line, out);
            } else {
                out.copy_from_slice(line);
            }
        });
        current = next;
    }
    current
}
