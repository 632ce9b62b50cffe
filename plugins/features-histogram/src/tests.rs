use voxomics_sdk::testing::{Computed, TestHost, TestRegion, assert_manual, compute};

use super::*;

/// The levels of the digital phantom's region (IBSI 1 manual), in any order: 50 × 1, 1 × 3, 16 × 4, 7 × 6; 0 outside.
fn phantom() -> Vec<u16> {
    let runs = [(16, 4), (7, 6), (6, 0), (50, 1), (1, 3)];
    runs.iter().flat_map(|(count, level)| std::iter::repeat_n(*level, *count)).collect()
}

/// The manual's values for the digital phantom, in its order.
const REFERENCE: [(&str, f64); 23] = [
    ("X6K6", 2.15),
    ("CH89", 3.05),
    ("88K1", 1.08),
    ("C3I7", -0.355),
    ("WIFQ", 1.0),
    ("1PR8", 1.0),
    ("GPMT", 1.0),
    ("OZ0C", 4.0),
    ("3NCY", 6.0),
    ("AMMC", 1.0),
    ("WR0O", 3.0),
    ("5Z3W", 5.0),
    ("D2ZX", 1.55),
    ("WRZB", 1.11),
    ("4RNL", 1.15),
    ("CWYJ", 0.812),
    ("SLWD", 0.6),
    ("TLU2", 1.27),
    ("BJ5W", 0.512),
    ("12CE", 8.0),
    ("8E6O", 3.0),
    ("VQB3", -50.0),
    ("RHQZ", 1.0),
];

fn evaluate(levels: &[u16], count: u32) -> Result<Computed, Error> {
    let mask = levels.iter().map(|level| u8::from(*level != 0)).collect();
    let region = TestRegion::new([levels.len(), 1, 1], vec![1.0; levels.len()]).mask(mask);
    compute(&IntensityHistogram, &region.levels(levels.to_vec(), count), &TestHost::new())
}

fn of(levels: &[u16], id: &str) -> Result<f64, String> {
    evaluate(levels, 100).expect("the levels are right")[id].clone()
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    let computed = evaluate(&phantom(), 6).expect("the levels are right");
    assert_manual::<IntensityHistogram>(&computed, &REFERENCE, "the digital phantom");
}

#[test]
fn percentiles_are_those_of_the_sorted_levels() {
    for count in [1usize, 2, 3, 11, 71, 1001] {
        let mut levels: Vec<u16> = (0..count).map(|k| (k * k * 31 % 97 + 1) as u16).collect();
        let found = [10, 25, 50, 75, 90]
            .map(|percent| Histogram::of(&levels, 97).ok().flatten().map(|histogram| histogram.percentile(percent)));
        levels.sort_unstable();
        for (percent, found) in [10, 25, 50, 75, 90].into_iter().zip(found) {
            let rank = f64::from(percent) / 100.0 * (count - 1) as f64;
            let (low, high) = (f64::from(levels[rank.floor() as usize]), f64::from(levels[rank.ceil() as usize]));
            let expected = low + (high - low) * rank.fract();
            assert!(found.is_some_and(|found| (found - expected).abs() < 1e-9), "P{percent} of {count}");
        }
    }
}

#[test]
fn of_several_modes_the_nearest_to_the_mean_is_taken() {
    assert_eq!(of(&[1, 1, 4, 4, 5], "mode"), Ok(4.0));
    assert_eq!(of(&[2, 2, 4, 4], "mode"), Ok(2.0));
}

#[test]
fn empty_bins_count_in_gradients_but_those_above_the_greatest_level_do_not() {
    // Bins 1 to 4: 0, 0, 2, 1; gradients 0, 1, 0.5, −1.
    let levels = [3, 3, 4, 0];
    assert_eq!(of(&levels, "maximum_histogram_gradient"), Ok(1.0));
    assert_eq!(of(&levels, "maximum_histogram_gradient_intensity"), Ok(2.0));
    assert_eq!(of(&levels, "minimum_histogram_gradient"), Ok(-1.0));
    assert_eq!(of(&levels, "minimum_histogram_gradient_intensity"), Ok(4.0));
}

#[test]
fn one_level_has_no_spread_and_one_bin_no_gradient() {
    for levels in [&[1][..], &[1; 500]] {
        for id in ["variance", "skewness", "kurtosis", "interquartile_range", "range", "entropy"] {
            assert_eq!(of(levels, id), Ok(0.0), "{id}");
        }
        for id in ["mean", "median", "mode", "percentile_90", "uniformity"] {
            assert_eq!(of(levels, id), Ok(1.0), "{id}");
        }
        let gradients = ["maximum_histogram_gradient", "minimum_histogram_gradient_intensity"];
        for id in gradients {
            assert_eq!(of(levels, id), Err("the histogram has one bin only".into()), "{id}");
        }
    }
    assert_eq!(of(&[9; 7], "maximum_histogram_gradient"), Ok(7.0));
    assert_eq!(of(&[9; 7], "skewness"), Ok(0.0));
}

#[test]
fn two_voxels_leave_nothing_between_the_percentiles() {
    let reason = Err("no level lies between the 10th and the 90th percentile".into());
    assert_eq!(of(&[1, 9], "robust_mean_absolute_deviation"), reason);
}

#[test]
fn nothing_and_nonsense_are_errors() {
    assert!(summary(&[], 6).is_err());
    assert!(evaluate(&[0, 0], 6).is_err());
    assert!(summary(&[1, 7], 6).is_err());
}

#[test]
fn the_largest_level_fits() {
    let computed = evaluate(&[1, u16::MAX], 65_535).expect("the levels are right");
    assert_eq!(computed["range"], Ok(65_534.0));
}
