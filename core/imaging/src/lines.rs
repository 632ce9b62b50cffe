//! One-dimensional passes over the lines of a volume, the building block of everything separable.
//!
//! A pass takes the lines along the *slowest* axis and writes its result with that axis *fastest*: the axes rotate,
//! and three passes bring them back to where they were. That way one kernel serves all three axes, reads whole cache
//! lines and writes contiguous chunks.

use std::sync::{Mutex, PoisonError};

use crate::Executor;

/// Lines that a kernel works on at a time: two cache lines of `f64`, and enough independent lines to hide the latency
/// of a recursion along them.
pub(crate) const LANES: usize = 16;

/// Samples `[i][lane]` of [`LANES`] neighbouring lines.
pub(crate) type Bundle = [[f64; LANES]];

/// Samples of one chunk of work, so that a chunk is worth the hand-over to a thread.
const CHUNK_SAMPLES: usize = 1 << 16;

/// Runs `kernel` over every line along the slowest axis of `source` and writes the lines of `out`, that axis fastest.
///
/// `length` and `out_length` are the numbers of samples in a line before and after. The kernel may use its input as
/// scratch space and must write all of its output; lanes beyond the last line hold zeros and are dropped.
pub(crate) fn along_slowest<S: Copy + Sync>(
    source: &[S],
    length: usize,
    out: &mut [f64],
    out_length: usize,
    executor: &dyn Executor,
    convert: &(impl Fn(S) -> f64 + Sync),
    kernel: &(impl Fn(&mut Bundle, &mut Bundle) + Sync),
) {
    if source.is_empty() || out.is_empty() {
        return;
    }
    let lines = source.len() / length;
    let bundles = (CHUNK_SAMPLES / (LANES * length.max(out_length))).max(1);
    fill(executor, out, bundles * LANES * out_length, &|first, chunk| {
        let mut input = vec![[0.0; LANES]; length];
        let mut output = vec![[0.0; LANES]; out_length];
        for (i, target) in chunk.chunks_mut(LANES * out_length).enumerate() {
            let line = first / out_length + i * LANES;
            let width = target.len() / out_length;
            for (samples, plane) in input.iter_mut().zip(source.chunks_exact(lines)) {
                for (sample, &value) in samples.iter_mut().zip(&plane[line..line + width]) {
                    *sample = convert(value);
                }
                samples[width..].fill(0.0);
            }
            kernel(&mut input, &mut output);
            for (lane, line) in target.chunks_exact_mut(out_length).enumerate() {
                for (value, samples) in line.iter_mut().zip(&output) {
                    *value = samples[lane];
                }
            }
        }
    });
}

/// Fills `out` in chunks of `size` elements; `chunk` is given the position of its first element.
pub(crate) fn fill<T: Send>(
    executor: &dyn Executor,
    out: &mut [T],
    size: usize,
    chunk: &(impl Fn(usize, &mut [T]) + Sync),
) {
    let size = size.max(1);
    let parts: Vec<Mutex<&mut [T]>> = out.chunks_mut(size).map(Mutex::new).collect();
    executor.for_each(parts.len(), &|i| {
        // Each part is locked once, by the one call that fills it.
        let mut part = parts[i].lock().unwrap_or_else(PoisonError::into_inner);
        chunk(i * size, &mut part);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Serial;

    #[test]
    fn three_passes_that_change_nothing_give_the_volume_back() {
        let dims = [37, 5, 3];
        let source: Vec<f64> = (0..dims.iter().product::<usize>()).map(|i| i as f64).collect();
        let mut volume = source.clone();
        for axis in [2, 1, 0] {
            let mut next = vec![0.0; volume.len()];
            along_slowest(&volume, dims[axis], &mut next, dims[axis], &Serial, &|v| v, &|input, output| {
                output.copy_from_slice(input);
            });
            volume = next;
        }
        assert_eq!(volume, source);
    }
}
