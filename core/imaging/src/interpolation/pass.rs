//! One axis of a separable interpolation.

use super::{InterpolationError, spline};
use crate::Executor;
use crate::lines::{self, Bundle, LANES};

/// How the samples of a line are made from those of the line before.
pub(super) enum Kernel {
    /// Copies of single samples.
    Pick(Vec<usize>),
    /// Pairs of samples and the share of the second.
    Linear(Vec<([usize; 2], f64)>),
    /// The coefficients of a spline and their weights.
    Cubic(Vec<([usize; 4], [f64; 4])>),
    /// The same of a line whose outermost samples are repeated without end, counted from the second coefficient before
    /// the first sample.
    Repeated(Vec<([usize; 4], [f64; 4])>),
}

impl Kernel {
    fn len(&self) -> usize {
        match self {
            Self::Pick(taps) => taps.len(),
            Self::Linear(taps) => taps.len(),
            Self::Cubic(taps) | Self::Repeated(taps) => taps.len(),
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
            Self::Cubic(taps) => spline_at(taps, input, output, |line| {
                spline::prefilter(line);
                Line { samples: line, before: 0, ends: [[0.0; LANES]; 4] }
            }),
            Self::Repeated(taps) => spline_at(taps, input, output, |line| {
                let ends = spline::prefilter_repeated(line);
                Line { samples: line, before: 2, ends }
            }),
        }
    }
}

/// The coefficients along a line, and two before and after it where they are not its own.
struct Line<'a> {
    samples: &'a [[f64; LANES]],
    /// How many coefficients come before those of the line.
    before: usize,
    ends: [[f64; LANES]; 4],
}

impl Line<'_> {
    fn at(&self, index: usize) -> &[f64; LANES] {
        let own = index.wrapping_sub(self.before);
        match self.samples.get(own) {
            Some(coefficients) => coefficients,
            None if index < self.before => &self.ends[index],
            None => &self.ends[(2 + own - self.samples.len()).min(3)],
        }
    }
}

fn spline_at(
    taps: &[([usize; 4], [f64; 4])],
    input: &mut Bundle,
    output: &mut Bundle,
    prefilter: impl for<'a> Fn(&'a mut Bundle) -> Line<'a>,
) {
    // Relative to its first sample a flat line is zero, and stays flat to the bit.
    let Some(&base) = input.first() else { return };
    for samples in input.iter_mut() {
        for (sample, base) in samples.iter_mut().zip(base) {
            *sample -= base;
        }
    }
    let line = prefilter(input);
    for (samples, &(at, w)) in output.iter_mut().zip(taps) {
        let [a, b, c, d] = at.map(|index| line.at(index));
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
