use voxomics_sdk::testing::{Computed, TestHost, TestRegion, assert_manual, compute};

use super::*;

/// The intensities of the digital phantom's region (IBSI 1 manual): 50 × 1, 1 × 3, 16 × 4, 7 × 6.
fn phantom() -> Vec<f64> {
    let runs = [(16, 4.0), (7, 6.0), (50, 1.0), (1, 3.0)];
    runs.iter().flat_map(|(count, x)| std::iter::repeat_n(*x, *count)).collect()
}

/// The manual's values for the digital phantom, in its order.
const REFERENCE: [(&str, f64); 18] = [
    ("Q4LE", 2.15),
    ("ECT3", 3.05),
    ("KE2A", 1.08),
    ("IPH6", -0.355),
    ("Y12H", 1.0),
    ("1GSF", 1.0),
    ("QG58", 1.0),
    ("8DWT", 4.0),
    ("84IY", 6.0),
    ("SALO", 3.0),
    ("2OJQ", 5.0),
    ("4FUA", 1.55),
    ("1128", 1.11),
    ("N72L", 1.15),
    ("7TET", 0.812),
    ("9S40", 0.6),
    ("N8CA", 567.0),
    ("5ZWQ", 2.77),
];

fn evaluate(intensities: &[f64]) -> Result<Computed, Error> {
    compute(&Statistics, &TestRegion::new([intensities.len(), 1, 1], intensities.to_vec()), &TestHost::new())
}

fn of(intensities: &[f64], id: &str) -> Result<f64, String> {
    evaluate(intensities).expect("the intensities are finite")[id].clone()
}

/// Numbers that look random, in [0, 1) (splitmix64).
fn random(count: usize) -> Vec<f64> {
    let mut state = 7u64;
    let next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    std::iter::repeat_with(next).take(count).collect()
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    let computed = evaluate(&phantom()).expect("the intensities are finite");
    assert_manual::<Statistics>(&computed, &REFERENCE, "the digital phantom");
}

#[test]
fn percentiles_are_those_of_the_sorted_intensities() {
    let plain = |intensities: &[f64], percent: usize| {
        let mut sorted = intensities.to_vec();
        sorted.sort_by(f64::total_cmp);
        let rank = percent as f64 / 100.0 * (sorted.len() - 1) as f64;
        let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
        low + (high - low) * rank.fract()
    };
    let rounded = |x: f64| (x * 20.0).floor();
    // Skewed: nearly all values share one bucket.
    let skewed = |x: f64| if x > 0.999 { x * 1e12 } else { x };
    for count in [1, 2, 3, 10, 11, 71, 1000, 5001] {
        for shape in [|x: f64| x - 0.5, rounded, skewed, |x: f64| -(x * 600.0).exp()] {
            let intensities: Vec<f64> = random(count).into_iter().map(shape).collect();
            let summary = Summary::of(&intensities).expect("the intensities are finite");
            let found = [summary.p10, summary.p25, summary.median, summary.p75, summary.p90];
            for (percent, found) in [10, 25, 50, 75, 90].into_iter().zip(found) {
                let expected = plain(&intensities, percent);
                assert!(
                    (found - expected).abs() <= 1e-12 * expected.abs(),
                    "P{percent} of {count}: {found}, {expected}"
                );
            }
        }
    }
}

#[test]
fn moments_are_those_of_the_plain_sums() {
    // A large offset: one-pass formulas lose every digit here.
    let intensities: Vec<f64> = random(20_001).into_iter().map(|x| 1e9 + x * x).collect();
    let count = intensities.len() as f64;
    let mean = 1e9 + intensities.iter().map(|x| x - 1e9).sum::<f64>() / count;
    let moment = |power| intensities.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / count;
    let close = |id, expected: f64| {
        let found = of(&intensities, id).expect("defined");
        assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{id}: {found}, {expected}");
    };
    close("variance", moment(2));
    close("skewness", moment(3) / moment(2).powf(1.5));
    close("kurtosis", moment(4) / moment(2).powi(2) - 3.0);
    close("mean_absolute_deviation", intensities.iter().map(|x| (x - mean).abs()).sum::<f64>() / count);
}

#[test]
fn a_flat_region_has_no_spread_at_all() {
    // 0.1 is not a binary fraction: its sum divided by its count is not always 0.1.
    for count in [1, 3, 10, 4097] {
        let flat = vec![0.1; count];
        for id in ["mean", "median", "minimum", "maximum", "percentile_10", "percentile_90"] {
            assert_eq!(of(&flat, id), Ok(0.1), "{id} of {count}");
        }
        let spread = ["variance", "skewness", "kurtosis", "interquartile_range", "range", "mean_absolute_deviation"];
        let robust = ["robust_mean_absolute_deviation", "median_absolute_deviation", "coefficient_of_variation"];
        for id in spread.iter().chain(&robust).chain(&["quartile_coefficient_of_dispersion"]) {
            assert_eq!(of(&flat, id), Ok(0.0), "{id} of {count}");
        }
    }
}

#[test]
fn what_is_undefined_says_why() {
    assert_eq!(of(&[0.0], "coefficient_of_variation"), Err("the mean intensity is 0".into()));
    assert_eq!(of(&[-1.0, 1.0], "quartile_coefficient_of_dispersion"), Err("the quartiles add up to 0".into()));
    let between = Err("no intensity lies between the 10th and the 90th percentile".into());
    assert_eq!(of(&[0.0, 1.0], "robust_mean_absolute_deviation"), between);
    assert_eq!(of(&[1e200, 2e200], "energy"), Err("the value exceeds the range of 64-bit numbers".into()));
    assert_eq!(of(&[-1e308, 1e308], "median"), Ok(0.0));
}

#[test]
fn nothing_and_nonsense_are_errors() {
    for wrong in [&[][..], &[1.0, f64::NAN], &[f64::INFINITY, 1.0], &[f64::NEG_INFINITY]] {
        assert!(evaluate(wrong).is_err());
    }
}

#[test]
fn the_mask_chooses_the_intensities() {
    assert_eq!(inside(&[0, 1, 0, 255, 0], &[1.0, 2.0, 3.0, 4.0, 5.0]), [2.0, 4.0]);
    assert_eq!(inside(&[1, 1], &[1.0, 2.0]), [1.0, 2.0]);
    assert!(inside(&[0, 0], &[1.0, 2.0]).is_empty());
}

#[test]
fn compute_returns_exactly_what_is_described() {
    use voxomics_sdk::testing::settings;
    let family = settings(&Statistics::describe(), "{}").map(|settings| Statistics::configure(&settings));
    let family = family.expect("no settings are needed").expect("configures");
    let region = TestRegion::new([2, 2, 1], vec![1.0, 2.0, 1e6, 6.0]).mask(vec![1, 1, 0, 1]);
    let computed = compute(&family, &region, &TestHost::new()).expect("the region holds voxels");
    assert_eq!(computed.len(), REFERENCE.len());
    assert_eq!((&computed["mean"], &computed["maximum"]), (&Ok(3.0), &Ok(6.0)));

    let empty = region.mask(vec![0; 4]);
    let error = compute(&family, &empty, &TestHost::new()).expect_err("there is no voxel");
    assert!(error.to_string().starts_with("the region holds no voxel"), "{error}");
}
