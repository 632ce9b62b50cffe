//! Passes along one axis, with the sums of PyWavelets: every product is added in its order, so that the bits are its own.
//!
//! That matters where a sum cancels: what is left of it is rounding, and its sign decides between two grey levels.

use std::borrow::Cow;

use crate::{
    Executor, IndexBox,
    filters::rows::{self, Tap},
    lines::fill,
};

/// Voxels of one chunk of work.
const CHUNK_VOXELS: usize = 1 << 16;

/// What is there of a volume.
pub(super) struct Part<'a> {
    /// Where it lies in the volume.
    pub(super) place: IndexBox,
    /// The voxels, *x* fastest.
    pub(super) voxels: Cow<'a, [f64]>,
}

/// Which weight of a kernel of `weights` meets which sample of a periodic line of `length`, in the order in which
/// `downsampling_convolution_periodization` of PyWavelets adds them for the sample at `at`.
fn met(at: usize, length: usize, weights: usize) -> impl Iterator<Item = (usize, usize)> {
    let last = at + weights / 2;
    // Beyond the end of the line, it begins with the line's first sample.
    let beyond = (last + 1).saturating_sub(length).min(weights);
    let order = (0..beyond).rev().chain(beyond..weights);
    order.map(move |weight| (weight, (last + weights * length - weight) % length))
}

/// The samples of a line that those in `kept` are made of by a kernel of an even number of weights: a part without wrapping, or the
/// whole line.
pub(super) fn read([start, end]: [usize; 2], length: usize, weights: usize) -> [usize; 2] {
    let half = weights / 2;
    if start + 1 < half || end + half > length { [0, length] } else { [start + 1 - half, end + half] }
}

/// The results at `kept` along an axis, of a part of a volume whose lines along it have `length` samples.
pub(super) fn along(
    axis: usize,
    of: &Part<'_>,
    kept: [usize; 2],
    length: usize,
    weights: &[f64],
    executor: &dyn Executor,
) -> Part<'static> {
    let mut place = of.place;
    (place.start[axis], place.end[axis]) = (kept[0], kept[1]);
    let [nx, ny, nz] = place.dims();
    let [sx, sy, _] = of.place.dims();
    let first_source = of.place.start[axis];
    let row = |y: usize, z: usize| &of.voxels[(z * sy + y) * sx..][..sx];
    let mut out = vec![0.0; nx * ny * nz];
    if out.is_empty() {
        return Part { place, voxels: out.into() };
    }
    // Samples whose weights all meet the line in its order.
    let (half, count) = (weights.len() / 2, weights.len());
    let from = (count - half).saturating_sub(1).clamp(kept[0], kept[1]);
    let to = length.saturating_sub(half).clamp(from, kept[1]);
    fill(executor, &mut out, (CHUNK_VOXELS / nx).max(1) * nx, &|first, part| {
        let mut taps: Vec<Tap<'_>> = Vec::with_capacity(count);
        for (k, out) in part.chunks_exact_mut(nx).enumerate() {
            let (y, z) = ((first / nx + k) % ny, (first / nx + k) / ny);
            taps.clear();
            match axis {
                0 => {
                    let row = row(y, z);
                    let shifted = |weight: usize| &row[from + half - weight - first_source..][..to - from];
                    if to > from {
                        taps.extend(weights.iter().enumerate().map(|(at, weight)| (*weight, shifted(at))));
                        rows::plain(&taps, &mut out[from - kept[0]..to - kept[0]]);
                    }
                    for at in (kept[0]..from).chain(to..kept[1]) {
                        let products =
                            met(at, length, count).map(|(weight, at)| weights[weight] * row[at - first_source]);
                        out[at - kept[0]] = products.fold(0.0, |sum, product| sum + product);
                    }
                }
                1 => {
                    let met = met(kept[0] + y, length, count);
                    taps.extend(met.map(|(weight, at)| (weights[weight], row(at - first_source, z))));
                    rows::plain(&taps, out);
                }
                _ => {
                    let met = met(kept[0] + z, length, count);
                    taps.extend(met.map(|(weight, at)| (weights[weight], row(y, at - first_source))));
                    rows::plain(&taps, out);
                }
            }
        }
    });
    Part { place, voxels: out.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PyWavelets 1.9.0, `convolution.template.c`, with a step of 1 and without zeros between the weights: which weight meets which
    /// sample, as its loops have it.
    fn pywavelets(n: usize, f: usize) -> Vec<Vec<(usize, usize)>> {
        let mut all = Vec::new();
        let mut i = f / 2;
        while i < n + f / 2 {
            let (mut met, mut j) = (Vec::new(), 0);
            while i >= n && i - j >= n {
                let mut k = 0;
                while k < n && i - j >= n {
                    met.push((i - n - j, k));
                    (k, j) = (k + 1, j + 1);
                }
            }
            while j <= i && j < f {
                met.push((j, i - j));
                j += 1;
            }
            while j < f {
                let mut k = 0;
                while k < n && j < f {
                    met.push((j, n - 1 - k));
                    (k, j) = (k + 1, j + 1);
                }
            }
            all.push(met);
            i += 1;
        }
        all
    }

    #[test]
    fn products_are_added_in_the_order_of_pywavelets() {
        for n in [2, 4, 6, 8, 14] {
            for f in [2, 4, 6, 10, 18] {
                let found: Vec<Vec<_>> = (0..n).map(|at| met(at, n, f).collect()).collect();
                assert_eq!(found, pywavelets(n, f), "{n} samples, {f} weights");
            }
        }
    }
}
