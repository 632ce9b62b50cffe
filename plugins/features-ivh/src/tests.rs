use voxomics_sdk::testing::{Computed, TestHost, TestRegion, assert_manual, compute, described};

use super::*;

/// The intensities of the digital phantom's region (IBSI 1 manual): 50 × 1, 1 × 3, 16 × 4, 7 × 6.
fn phantom() -> Vec<f64> {
    let runs = [(16, 4.0), (7, 6.0), (50, 1.0), (1, 3.0)];
    runs.iter().flat_map(|(count, x)| std::iter::repeat_n(*x, *count)).collect()
}

/// The manual's values for the digital phantom, in its order; that of the area is in its first editions only.
const REFERENCE: [(&str, f64); 7] =
    [("BC2M", 0.324), ("BC2M", 0.0946), ("GBPN", 5.0), ("GBPN", 2.0), ("DDTU", 0.23), ("CNV2", 3.0), ("9CMM", 0.32)];

/// Intensities as they are, from the lowest to the highest.
const PLAIN: Axis = Axis::Intensities { step: 1.0, minimum: None, maximum: None };

fn evaluate(axis: Axis, intensities: &[f64]) -> Result<Computed, Error> {
    let mut region = TestRegion::new([intensities.len(), 1, 1], intensities.to_vec());
    if axis == Axis::Levels {
        region = region.levels(intensities.iter().map(|x| *x as u16).collect(), u16::MAX.into());
    }
    compute(&IntensityVolumeHistogram { axis }, &region, &TestHost::new())
}

/// The features in the order of their description.
fn values(axis: Axis, intensities: &[f64]) -> Vec<Result<f64, String>> {
    let computed = evaluate(axis, intensities).expect("the intensities are finite");
    described::<IntensityVolumeHistogram>().into_iter().map(|(id, _)| computed[&id].clone()).collect()
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    for axis in [PLAIN, Axis::Levels] {
        let computed = evaluate(axis, &phantom()).expect("the intensities are finite");
        assert_manual::<IntensityVolumeHistogram>(&computed, &REFERENCE, "the digital phantom");
    }
}

/// The manual's definitions, word by word, over a list of discretised intensities.
fn plain(discretised: &[f64], range: &[f64], low: f64, high: f64) -> Vec<f64> {
    let volume = |i: f64| 1.0 - discretised.iter().filter(|x| **x < i).count() as f64 / discretised.len() as f64;
    let fraction = |i: f64| (i - low) / (high - low);
    let at = |x: f64| range.iter().filter(|i| fraction(**i) >= x - 1e-9).map(|i| volume(*i)).fold(f64::NAN, f64::max);
    let having = |x: f64| range.iter().copied().filter(|i| volume(*i) <= x + 1e-9).fold(f64::NAN, f64::min);
    let trapezia = range.windows(2).map(|p| (volume(p[0]) + volume(p[1])) / 2.0 * (fraction(p[1]) - fraction(p[0])));
    let [v10, v90, i10, i90] = [at(0.1), at(0.9), having(0.1), having(0.9)];
    vec![v10, v90, i10, i90, v10 - v90, i10 - i90, trapezia.sum()]
}

fn assert_close(found: Vec<Result<f64, String>>, expected: &[f64]) {
    for (((id, _), found), expected) in described::<IntensityVolumeHistogram>().iter().zip(found).zip(expected) {
        assert!(found.as_ref().is_ok_and(|found| (found - expected).abs() < 1e-9), "{id}: {found:?}, {expected}");
    }
}

/// Reproducible intensities between −500 and 400, denser towards the top.
fn hounsfield() -> Vec<f64> {
    (0..997u32).map(|k| 400.0 - f64::from(k * k % 997).powf(1.5) / 35.0).map(f64::round).collect()
}

#[test]
fn calibrated_discrete_intensities() {
    let intensities = hounsfield();
    let range: Vec<f64> = (-500..=400).map(f64::from).collect();
    let axis = Axis::check("intensities", Some(-500.0), Some(400.0), None, None).expect("the settings are right");
    assert_close(values(axis, &intensities), &plain(&intensities, &range, -500.0, 400.0));
}

#[test]
fn centres_of_bins() {
    let intensities = hounsfield();
    for width in [2.5, 0.1] {
        let axis =
            Axis::check("bin_centres", Some(-1000.0), Some(400.0), None, Some(width)).expect("the settings are right");
        let centre = |bin: f64| -1000.0 + (bin + 0.5) * width;
        let discretised: Vec<f64> = intensities.iter().map(|x| centre(((x + 1000.0) / width).floor())).collect();
        let bins = (1400.0 / width).round() as u32;
        let range: Vec<f64> = (0..bins).map(|bin| centre(f64::from(bin))).collect();
        assert_close(values(axis, &intensities), &plain(&discretised, &range, centre(0.0), 400.0 - width / 2.0));
    }
}

#[test]
fn levels_run_from_one() {
    let levels: Vec<f64> = (0..500u32).map(|k| f64::from(k * k % 499 + 2)).collect();
    let highest = levels.iter().copied().fold(0.0, f64::max);
    let range: Vec<f64> = (1..=highest as u32).map(f64::from).collect();
    assert_close(values(Axis::Levels, &levels), &plain(&levels, &range, 1.0, highest));
}

#[test]
fn intensities_beyond_the_range_count_at_its_ends() {
    let axis = Axis::Intensities { step: 1.0, minimum: Some(0.0), maximum: Some(10.0) };
    let found = values(axis, &[-5.0, 5.0, 5.0, 50.0]);
    assert_eq!(
        found[..4],
        [Ok(0.75), Ok(0.25), Err("more of the volume has the highest intensity of the range".into()), Ok(0.0)]
    );
}

#[test]
fn a_flat_region() {
    for flat in [&[7.0][..], &[7.0; 40]] {
        let found = values(PLAIN, flat);
        assert_eq!(found[0], Err("the range of intensities has no extent".into()));
        assert_eq!(found[2], Err("more of the volume has the highest intensity of the range".into()));
        assert_eq!(found[6], Ok(0.0));
        let ranged = values(Axis::Intensities { step: 1.0, minimum: Some(0.0), maximum: Some(10.0) }, flat);
        assert_eq!(ranged, [Ok(1.0), Ok(0.0), Ok(8.0), Ok(8.0), Ok(1.0), Ok(0.0), Ok(0.0)]);
        // All in one bin that is wider than the region.
        let binned = values(Axis::BinCentres { width: 5.0, minimum: None, maximum: None }, flat);
        assert_eq!(
            (binned[0].clone(), binned[6].clone()),
            (Err("the range of intensities has no extent".into()), Ok(0.0))
        );
    }
}

#[test]
fn a_range_above_all_intensities_has_no_area() {
    let axis = Axis::BinCentres { width: 1.0, minimum: Some(100.0), maximum: None };
    assert_eq!(values(axis, &[1.0, 2.0]), vec![Err("the range of intensities has no extent".into()); 7]);
}

#[test]
fn a_range_shorter_than_a_step() {
    let found = values(PLAIN, &[0.0, 0.25, 0.5]);
    assert_eq!(found[0], Err("the range of intensities is shorter than a step".into()));
    assert_eq!(found[6], Err("the range of intensities is shorter than a step".into()));
}

#[test]
fn nothing_and_nonsense_are_errors() {
    for wrong in [&[][..], &[1.0, f64::NAN], &[f64::INFINITY, 1.0]] {
        assert!(evaluate(PLAIN, wrong).is_err());
    }
}

#[test]
fn a_range_of_too_many_steps_has_no_curve() {
    // A table of so many steps would not fit into memory.
    for far in [[0.0, 1e300], [-1e308, 1e308], [0.0, 16_777_217.0]] {
        let reason = "the range of intensities has more than 16777216 steps: a longer `step` or `bin_width` is needed";
        assert_eq!(values(PLAIN, &far), vec![Err(reason.to_owned()); 7], "{far:?}");
    }
    assert_eq!(values(PLAIN, &[0.0, 16_777_216.0])[0], Ok(0.5));
}

#[test]
fn settings_that_contradict_each_other_name_the_key() {
    let key = |axis, minimum, maximum, step, width| {
        Axis::check(axis, minimum, maximum, step, width).map_err(|error| error.key().to_owned())
    };
    let wrong = |key: &str| Err(key.to_owned());
    assert_eq!(key("intensities", None, None, None, Some(1.0)), wrong("bin_width"));
    assert_eq!(key("intensities", None, None, Some(0.0), None), wrong("step"));
    assert_eq!(key("intensities", Some(5.0), Some(5.0), None, None), wrong("maximum"));
    assert_eq!(key("bin_centres", None, None, None, None), wrong("bin_width"));
    assert_eq!(key("bin_centres", None, None, None, Some(-1.0)), wrong("bin_width"));
    assert_eq!(key("bin_centres", None, None, Some(1.0), Some(1.0)), wrong("step"));
    assert_eq!(key("levels", Some(1.0), None, None, None), wrong("minimum"));
    // Known to be too long whatever the region.
    assert_eq!(key("intensities", Some(0.0), Some(1e9), None, None), wrong("step"));
    assert_eq!(key("bin_centres", Some(0.0), Some(1e9), None, Some(0.5)), wrong("bin_width"));
    assert_eq!(key("intensities", None, None, None, None), Ok(PLAIN));
}
