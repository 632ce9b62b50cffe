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

/// The indices −1, 0, 1 and 2 from `base`, mirrored about the outermost of `length` samples.
pub(super) fn support(base: usize, length: usize) -> [usize; 4] {
    let period = 2 * (length - 1);
    [0, 1, 2, 3].map(|step| {
        // One period ahead, so that the index before the first sample is not negative.
        let index = (base + step + period.max(1) - 1) % period.max(1);
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
                    let terms = support(i, length).into_iter().zip(weights(0.0));
                    let value: f64 = terms.map(|(k, w)| w * coefficients[k][lane]).sum();
                    assert!((value - samples[lane]).abs() < 1e-13 * 13.0, "{length} {i}: {value}");
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
        assert_eq!(support(0, 1), [0; 4]);
    }
}
