//! One axis of a separable interpolation.

use super::{InterpolationError, spline};
use crate::Executor;
use crate::lines::{self, Bundle};

/// How the samples of a line are made from those of the line before.
pub(super) enum Kernel {
    /// Copies of single samples.
    Pick(Vec<usize>),
    /// Pairs of samples and the share of the second.
    Linear(Vec<([usize; 2], f64)>),
    /// The coefficients of a spline and their weights.
    Cubic(Vec<([usize; 4], [f64; 4])>),
}

impl Kernel {
    fn len(&self) -> usize {
        match self {
            Self::Pick(taps) => taps.len(),
            Self::Linear(taps) => taps.len(),
            Self::Cubic(taps) => taps.len(),
        }
    }

    fn apply(&self, input: &mut Bundle, output: &mut Bundle) {
        match self {
            Self::Pick(taps) => {
                for (samples, &from) in output.iter_mut().zip(taps) {
                    *samples = input[from];
                }
            }
            Self::Linear(taps) => {
                for (samples, &([from, to], share)) in output.iter_mut().zip(taps) {
                    for ((sample, a), b) in samples.iter_mut().zip(&input[from]).zip(&input[to]) {
                        // This form gives equal neighbours back to the bit, so that a flat region stays flat.
                        *sample = a + share * (b - a);
                    }
                }
            }
            Self::Cubic(taps) => cubic(taps, input, output),
        }
    }
}

fn cubic(taps: &[([usize; 4], [f64; 4])], input: &mut Bundle, output: &mut Bundle) {
    // Relative to its first sample a flat line is zero, and stays flat to the bit.
    let Some(&base) = input.first() else { return };
    for samples in input.iter_mut() {
        for (sample, base) in samples.iter_mut().zip(base) {
            *sample -= base;
        }
    }
    spline::prefilter(input);
    for (samples, &([a, b, c, d], w)) in output.iter_mut().zip(taps) {
        let (a, b, c, d) = (&input[a], &input[b], &input[c], &input[d]);
        for (lane, sample) in samples.iter_mut().enumerate() {
            *sample = base[lane] + (w[0] * a[lane] + w[1] * b[lane] + w[2] * c[lane] + w[3] * d[lane]);
        }
    }
}

/// Interpolates along the slowest axis of `source`, `length` samples long; that axis is the fastest of the result.
pub(super) fn run<S: Copy + Sync>(
    source: &[S],
    length: usize,
    kernel: &Kernel,
    executor: &dyn Executor,
    convert: &(impl Fn(S) -> f64 + Sync),
) -> Result<Vec<f64>, InterpolationError> {
    let out_length = kernel.len();
    let voxels = (source.len() / length.max(1)).saturating_mul(out_length);
    let mut out = Vec::new();
    out.try_reserve_exact(voxels).map_err(|_| InterpolationError::OutOfMemory { voxels })?;
    out.resize(voxels, 0.0);
    lines::along_slowest(source, length, &mut out, out_length, executor, convert, &|input, output| {
        kernel.apply(input, output);
    });
    Ok(out)
}
