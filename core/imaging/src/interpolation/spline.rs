//! The cubic B-spline: its samples' coefficients and its weights (M. Unser, "Splines: a perfect fit for signal and
//! image processing", IEEE Signal Processing Magazine 16(6) (1999) 22–38, doi:10.1109/79.799930).

use crate::lines::{Bundle, LANES};

/// The pole √3 − 2 of the recursive filter that turns samples into coefficients.
const POLE: f64 = -0.267_949_192_431_122_7;

/// Voxels that the prefilter needs beyond the spline's own support: |√3 − 2|³⁰ < 10⁻¹⁷.
pub(super) const MARGIN: usize = 30;

/// Terms after which the pole's powers no longer change a sum.
const HORIZON: usize = 48;

/// The weights of the coefficients at −1, 0, 1 and 2 for a point at `t` between 0 and 1.
pub(super) fn weights(t: f64) -> [f64; 4] {
    let s = 1.0 - t;
    [s * s * s / 6.0, 2.0 / 3.0 - 0.5 * t * t * (1.0 + s), 2.0 / 3.0 - 0.5 * s * s * (1.0 + t), t * t * t / 6.0]
}

/// The indices −1, 0, 1 and 2 from `base`, mirrored about the outermost of `length` samples; `base` may be that before the
/// first.
pub(super) fn support(base: isize, length: usize) -> [usize; 4] {
    let period = 2 * (length - 1);
    [-1, 0, 1, 2].map(|step| {
        let index = (base + step).rem_euclid(period.max(1) as isize) as usize;
        index.min(period - index)
    })
}

/// Turns samples along the lines into the coefficients of the spline through them, the lines being continued as their
/// mirror images about the first and the last sample.
pub(super) fn prefilter(lines: &mut Bundle) {
    let last = lines.len().saturating_sub(1);
    if last == 0 {
        return;
    }
    // The gain (1 − z)(1 − 1/z) of the filter is 6.
    let mut carry = start(lines).map(|sum| 6.0 * sum);
    lines[0] = carry;
    for samples in &mut lines[1..] {
        for (c, sample) in carry.iter_mut().zip(samples) {
            *c = 6.0 * *sample + POLE * *c;
            *sample = *c;
        }
    }
    let before = lines[last - 1];
    for (c, before) in carry.iter_mut().zip(before) {
        *c = POLE / (POLE * POLE - 1.0) * (*c + POLE * before);
    }
    lines[last] = carry;
    for samples in lines[..last].iter_mut().rev() {
        for (c, sample) in carry.iter_mut().zip(samples) {
            *c = POLE * (*c - *sample);
            *sample = *c;
        }
    }
}

/// Turns samples along the lines into the coefficients of the spline through them and endless repetitions of the first and
/// the last sample; returns the two coefficients before the first sample and the two after the last.
pub(super) fn prefilter_repeated(lines: &mut Bundle) -> [[f64; LANES]; 4] {
    let (Some(first), Some(last)) = (lines.first().copied(), lines.last().copied()) else { return [[0.0; LANES]; 4] };
    // What the causal filter settles at where all samples are one; the same for the anticausal one is 1 / (1 − z) of it.
    let settled = |samples: [f64; LANES]| samples.map(|sample| 6.0 * sample / (1.0 - POLE));
    let (before, after) = (settled(first), settled(last));
    let mut carry = before;
    lines[0] = carry;
    for samples in &mut lines[1..] {
        for (c, sample) in carry.iter_mut().zip(samples) {
            *c = 6.0 * *sample + POLE * *c;
            *sample = *c;
        }
    }
    // Beyond the last sample, the causal filter approaches its settled value by a factor of the pole a step.
    let from_last = |step: i32| -> [f64; LANES] {
        std::array::from_fn(|lane| {
            let rest = POLE.powi(step) * (carry[lane] - after[lane]);
            -POLE * (after[lane] / (1.0 - POLE) + rest / (1.0 - POLE * POLE))
        })
    };
    let [own, one_after, two_after] = [0, 1, 2].map(from_last);
    let end = lines.len() - 1;
    lines[end] = own;
    let mut next = own;
    for samples in lines[..end].iter_mut().rev() {
        for (c, sample) in next.iter_mut().zip(samples) {
            *c = POLE * (*c - *sample);
            *sample = *c;
        }
    }
    let one_before: [f64; LANES] = std::array::from_fn(|lane| POLE * (next[lane] - before[lane]));
    let two_before = std::array::from_fn(|lane| POLE * (one_before[lane] - before[lane]));
    [two_before, one_before, one_after, two_after]
}

/// The sum of the samples from the first one backwards, each weighted by the next power of the pole.
fn start(lines: &Bundle) -> [f64; LANES] {
    let last = lines.len() - 1;
    let around = POLE.powi(last.min(i32::MAX as usize) as i32);
    let mut sum = lines[0];
    for (s, sample) in sum.iter_mut().zip(lines[last]) {
        *s += around * sample;
    }
    let mut power = 1.0;
    for i in 1..last.min(HORIZON) {
        power *= POLE;
        for lane in 0..LANES {
            sum[lane] += power * (lines[i][lane] + around * lines[last - i][lane]);
        }
    }
    sum.map(|s| s / (1.0 - around * around))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spline_goes_through_its_samples() {
        for length in [1, 2, 3, 5, 47, 48, 49, 50, 51, 200] {
            let samples: Vec<[f64; LANES]> =
                (0..length).map(|i| std::array::from_fn(|lane| ((i * i + 7 * lane) % 13) as f64)).collect();
            let mut coefficients = samples.clone();
            prefilter(&mut coefficients);
            for (i, samples) in samples.iter().enumerate() {
                for lane in 0..LANES {
                    let terms = support(i as isize, length).into_iter().zip(weights(0.0));
                    let value: f64 = terms.map(|(k, w)| w * coefficients[k][lane]).sum();
                    assert!((value - samples[lane]).abs() < 1e-13 * 13.0, "{length} {i}: {value}");
                }
            }
        }
    }

    #[test]
    fn a_line_that_repeats_its_ends_is_as_good_as_a_longer_one() {
        const PAD: usize = 60;
        for length in [1, 2, 3, 7, 40] {
            let samples: Vec<[f64; LANES]> =
                (0..length).map(|i| std::array::from_fn(|lane| ((i * i + 7 * lane) % 13) as f64)).collect();
            let mut padded = vec![samples[0]; PAD];
            padded.extend(&samples);
            padded.extend(vec![samples[length - 1]; PAD]);
            prefilter(&mut padded);
            let mut line = samples.clone();
            let [two_before, one_before, one_after, two_after] = prefilter_repeated(&mut line);
            let found: Vec<_> = [vec![two_before, one_before], line, vec![one_after, two_after]].concat();
            for (found, expected) in found.iter().zip(&padded[PAD - 2..]) {
                for lane in 0..LANES {
                    assert!((found[lane] - expected[lane]).abs() < 1e-13 * 13.0, "{length}: {found:?} {expected:?}");
                }
            }
        }
    }

    #[test]
    fn weights_sum_to_one_and_mirror() {
        for t in [0.0, 0.1, 0.25, 0.5, 0.9, 1.0] {
            let w = weights(t);
            assert!((w.iter().sum::<f64>() - 1.0).abs() < 1e-15);
            let mut turned = weights(1.0 - t);
            turned.reverse();
            for (a, b) in w.iter().zip(turned) {
                assert!((a - b).abs() < 1e-16);
            }
        }
    }

    #[test]
    fn the_support_is_mirrored_at_both_ends() {
        assert_eq!(support(0, 5), [1, 0, 1, 2]);
        assert_eq!(support(4, 5), [3, 4, 3, 2]);
        assert_eq!(support(1, 2), [0, 1, 0, 1]);
        assert_eq!(support(-1, 5), [2, 1, 0, 1]);
        assert_eq!(support(-1, 1), [0; 4]);
        assert_eq!(support(0, 1), [0; 4]);
    }
}
