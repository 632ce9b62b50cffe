use voxomics_statistics::{
    Error, Level, Survival, calibration, classification,
    concordance::concordance,
    cox::{Covariate, Options, TimeScale, fit},
    dynamic_auc::dynamic_auc,
    lesions::{Bins, Lesion, Settings, summarise},
    rank::{Method, kruskal_wallis, mann_whitney, pearson, spearman},
    roc,
    survival::{
        kaplan_meier::{Scale, estimate},
        log_rank::{Weight, test},
    },
    table_one::{chi_squared, fisher, welch},
};

const LEVEL: Level = Level::P95;
const TIMES: [f64; 8] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
const EVENTS: [bool; 8] = [true, true, false, true, true, false, true, true];

fn cox(times: &[f64], events: &[bool], columns: &[(&str, &[f64])]) -> Result<Vec<f64>, Error> {
    let covariates: Vec<Covariate<'_>> = columns.iter().map(|&(name, values)| Covariate { name, values }).collect();
    let fit = fit(Survival::new(times, events)?, &covariates, Options::default())?;
    Ok(fit.coefficients.iter().map(|coefficient| coefficient.coefficient).collect())
}

#[test]
fn input_that_is_none_is_named() {
    assert_eq!(roc::auc(&[], &[], LEVEL), Err(Error::Empty { what: "scores" }));
    assert_eq!(Survival::new(&[], &[]).unwrap_err(), Error::Empty { what: "times" });
    let found = roc::auc(&[1.0, 2.0], &[true], LEVEL).unwrap_err();
    assert_eq!(found.to_string(), "found 2 scores and 1 outcomes, expected as many of both");
    let found = roc::auc(&[1.0, f64::NAN], &[true, false], LEVEL).unwrap_err();
    assert_eq!(found.to_string(), "scores: found NaN at position 1, expected a number of at most 1e150");
    let found = cox(&TIMES, &EVENTS, &[("size", &[f64::INFINITY; 8])]).unwrap_err();
    assert_eq!(found.to_string(), "size: found inf at position 0, expected a number of at most 1e150");
    let found = Survival::new(&[-1.0], &[true]).unwrap_err();
    assert_eq!(found.to_string(), "times: found -1, expected no negative time");
    assert!(Level::new(1.0).is_err() && Level::new(f64::NAN).is_err() && Level::new(0.9).is_ok());
    assert!(calibration::brier(&[1.2], &[true]).is_err());
}

#[test]
fn one_class_has_no_area() {
    let found = roc::auc(&[1.0, 2.0], &[true, true], LEVEL).unwrap_err();
    assert_eq!(found.to_string(), "found 2 cases with and 0 without the outcome, expected some of both");
    assert!(roc::youden(&[1.0], &[false]).is_err());
    assert!(classification::classify(&[1.0], &[false], 0.5, LEVEL).is_err());
    assert!(calibration::recalibration(&[0.5, 0.6], &[true, true], LEVEL).is_err());
    assert_eq!(calibration::brier(&[0.5, 0.5], &[true, true]).map(|brier| brier.scaled), Ok(None));
}

#[test]
fn equal_scores_and_perfect_ones_claim_no_precision() {
    let outcome = [true, false, true, false];
    for (scores, area) in [([1.0; 4], 0.5), ([2.0, 1.0, 3.0, 0.0], 1.0)] {
        let found = roc::auc(&scores, &outcome, LEVEL).expect("an area");
        assert_eq!((found.value, found.interval, found.p), (area, None, None));
        assert_eq!(roc::compare(&scores, &scores, &outcome, LEVEL).expect("a comparison").p, None);
    }
    let two = roc::auc(&[1.0, 0.0], &[true, false], LEVEL).expect("an area");
    assert_eq!((two.value, two.standard_error), (1.0, None));
}

#[test]
fn without_events_there_is_nothing_to_compare() {
    let none = [false; 8];
    let data = Survival::new(&TIMES, &none).expect("data");
    let expected = Error::NoEvents { observations: 8 };
    assert_eq!(test(data, &[0, 1, 0, 1, 0, 1, 0, 1], None, Weight::One), Err(expected.clone()));
    assert_eq!(concordance(data, &TIMES, None, LEVEL), Err(expected.clone()));
    assert_eq!(cox(&TIMES, &none, &[("x", &TIMES)]), Err(expected));
    let curve = estimate(data, LEVEL, Scale::LogLog);
    assert!(curve.steps.iter().all(|step| step.survival == 1.0));
    assert_eq!(curve.median().expect("a quantile").value, None);
    assert!(dynamic_auc(data, data, &TIMES, &[4.0]).is_err());
}

#[test]
fn one_patient() {
    let data = Survival::new(&[5.0], &[true]).expect("data");
    let curve = estimate(data, LEVEL, Scale::LogLog);
    let step = curve.steps[0];
    assert_eq!((step.survival, step.standard_error, step.interval), (0.0, None, None));
    let median = curve.median().expect("a quantile");
    assert_eq!((median.value, median.low, median.high), (Some(5.0), None, None));
    assert_eq!(curve.restricted_mean(7.0).expect("a mean").value, 5.0);
    assert_eq!(concordance(data, &[1.0], None, LEVEL), Err(Error::NoPairs { observations: 1 }));
    assert!(matches!(cox(&[5.0], &[true], &[("x", &[1.0])]), Err(Error::Constant { .. })));
    assert_eq!(test(data, &[0], None, Weight::One), Err(Error::OneGroup));
    assert!(pearson(&[1.0], &[2.0], LEVEL).is_err());
    assert_eq!(spearman(&[1.0, 2.0], &[2.0, 3.0], LEVEL).map(|r| (r.coefficient, r.p)), Ok((1.0, None)));
    assert_eq!(mann_whitney(&[1.0], &[2.0], Method::Auto).map(|test| test.p), Ok(1.0));
}

#[test]
fn who_is_censored_at_a_time_is_at_risk_at_it() {
    let data = Survival::new(&[2.0, 2.0, 3.0, 3.0], &[true, false, true, false]).expect("data");
    let curve = estimate(data, LEVEL, Scale::LogLog);
    assert_eq!(curve.steps.iter().map(|step| step.at_risk).collect::<Vec<_>>(), [4, 2]);
    assert_eq!(curve.at_risk(&[0.0, 2.0, 2.5, 3.0, 3.5]), [4, 4, 2, 2, 0]);
    assert_eq!(curve.survival_at(2.0).map(|(s, _)| s), Some(0.75));
    assert_eq!(curve.survival_at(1.9).map(|(s, _)| s), Some(1.0));
    assert_eq!(curve.survival_at(3.1), None, "some survived the last time");
    assert!(curve.restricted_mean(3.1).is_err());
}

#[test]
fn covariates_without_information_are_named() {
    let x = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 1.0, 3.0];
    let double: Vec<f64> = x.iter().map(|x| 2.0 * x - 1.0).collect();
    let constant = [3.0; 8];
    let found = cox(&TIMES, &EVENTS, &[("x", &x), ("flat", &constant)]);
    assert_eq!(found, Err(Error::Constant { what: "covariate flat".to_owned() }));
    let found = cox(&TIMES, &EVENTS, &[("x", &x), ("double", &double)]);
    assert_eq!(found, Err(Error::Singular { covariate: "double".to_owned() }));
    // Varies only among those who are gone before the first event.
    let late = [false, false, true, true, false, true, true, true];
    let early = [1.0, 2.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0];
    let found = cox(&TIMES, &late, &[("x", &x), ("early", &early)]);
    assert_eq!(found, Err(Error::Singular { covariate: "early".to_owned() }));
    assert_eq!(cox(&TIMES, &EVENTS, &[]), Err(Error::Empty { what: "covariates" }));
}

#[test]
fn a_likelihood_without_a_maximum_is_called_so() {
    let x = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 1.0, 3.0];
    let monotone = Err(Error::Monotone { covariate: "marker".to_owned() });
    // No event has the marker; every event has the highest marker at its time; the marker is the time itself.
    let absent = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    assert_eq!(cox(&TIMES, &EVENTS, &[("x", &x), ("marker", &absent)]), monotone);
    let falling: Vec<f64> = TIMES.iter().map(|time| 100.0 / time).collect();
    assert_eq!(cox(&TIMES, &EVENTS, &[("marker", &falling)]), monotone);
    assert_eq!(cox(&TIMES, &EVENTS, &[("marker", &TIMES)]), monotone);
    let predicted = [0.1, 0.2, 0.3, 0.7, 0.8, 0.9];
    let found = calibration::recalibration(&predicted, &[false, false, false, true, true, true], LEVEL);
    assert!(matches!(found, Err(Error::Monotone { .. })), "{found:?}");
    let found = calibration::recalibration(&[0.5; 4], &[false, false, true, true], LEVEL);
    assert!(matches!(found, Err(Error::Singular { .. })), "{found:?}");
}

#[test]
fn a_marker_without_events_is_found_among_many_patients() {
    for seed in 0..10 {
        let mut cohort = crate::Cohort::new(seed, 120, false);
        let marker: Vec<f64> = (0..120).map(|case| f64::from(u8::from(case % 10 == 0))).collect();
        cohort.events.iter_mut().step_by(10).for_each(|event| *event = false);
        let found = cox(&cohort.times, &cohort.events, &columns_of(&cohort, &marker));
        assert_eq!(found, Err(Error::Monotone { covariate: "marker".to_owned() }));
        cohort.events[10] = true;
        assert!(cox(&cohort.times, &cohort.events, &columns_of(&cohort, &marker)).is_ok());
    }
}

fn columns_of<'a>(cohort: &'a crate::Cohort, marker: &'a [f64]) -> [(&'a str, &'a [f64]); 3] {
    [("score", &cohort.score), ("marker", marker), ("other", &cohort.other)]
}

#[test]
fn a_strong_effect_is_not_taken_for_one_without_end() {
    // One patient out of order keeps the estimate finite.
    let x = [8.0, 7.0, 6.0, 5.0, 3.0, 4.0, 2.0, 1.0];
    let all = [true; 8];
    let found = cox(&TIMES, &all, &[("x", &x)]).expect("a fit");
    assert!((1.0..10.0).contains(&found[0]), "{found:?}");
}

#[test]
fn all_events_at_once() {
    let x = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0, 1.0, 3.0];
    let (once, all) = ([3.0; 8], [true; 8]);
    let data = Survival::new(&once, &all).expect("data");
    assert_eq!(concordance(data, &x, None, LEVEL), Err(Error::NoPairs { observations: 8 }));
    let found = test(data, &[0, 1, 0, 1, 0, 1, 0, 1], None, Weight::One);
    assert!(matches!(found, Err(Error::Undefined { .. })), "{found:?}");
    let later = [3.0, 3.0, 3.0, 3.0, 9.0, 9.0, 9.0, 9.0];
    let ends = [true, true, true, true, false, false, false, false];
    let covariates = [Covariate { name: "x", values: &x }];
    let fit = fit(Survival::new(&later, &ends).expect("data"), &covariates, Options::default()).expect("a fit");
    assert!(fit.proportional_hazards(TimeScale::Rank).is_err());
}

#[test]
fn a_perfect_order_of_few_is_no_proof() {
    // Two of the six orders of three are perfect.
    let three = spearman(&[1.0, 2.0, 3.0], &[5.0, 6.0, 9.0], LEVEL).expect("a coefficient");
    assert_eq!((three.coefficient, three.p, three.interval), (1.0, Some(1.0 / 3.0), None));
    let line = pearson(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0], LEVEL).expect("a coefficient");
    assert_eq!((line.coefficient, line.p, line.reference), (1.0, None, None));
    let ten: Vec<f64> = (0..10).map(f64::from).collect();
    let found = spearman(&ten, &ten, LEVEL).expect("a coefficient").p.expect("a p value");
    assert!((found * 3_628_800.0 / 2.0 - 1.0).abs() < 1e-9, "{found}");
    let many: Vec<f64> = (0..400).map(f64::from).collect();
    assert!(spearman(&many, &many, LEVEL).expect("a coefficient").p.is_some_and(|p| p > 0.0));
}

#[test]
fn nobody_knows_how_sure_it_is_that_no_one_dies() {
    let data = Survival::new(&[1.0, 2.0, 3.0], &[false, true, false]).expect("data");
    let curve = estimate(data, LEVEL, Scale::LogLog);
    assert_eq!((curve.steps[0].survival, curve.steps[0].interval), (1.0, None));
    assert!(curve.steps[1].interval.is_some());
    assert_eq!(curve.survival_at(0.5), Some((1.0, None)));
}

#[test]
fn samples_without_spread() {
    assert_eq!(mann_whitney(&[1.0; 12], &[1.0; 9], Method::Auto).map(|test| test.p), Ok(1.0));
    assert_eq!(mann_whitney(&[1.0; 2], &[1.0; 2], Method::Exact).map(|test| test.p), Ok(1.0));
    assert!(kruskal_wallis(&[&[1.0, 1.0], &[1.0]]).is_err());
    assert!(kruskal_wallis(&[&[1.0, 2.0]]).is_err());
    assert!(welch(&[0.1; 3], &[0.3; 3]).is_err());
    assert!(pearson(&[0.1; 3], &[1.0, 2.0, 3.0], LEVEL).is_err());
    assert!(chi_squared(&[&[3, 4], &[0, 0]], true).is_err());
    assert!(fisher([[0, 0], [3, 4]]).is_err());
    assert_eq!(classification::quantile_cut_offs(&[2.0; 5], 4), Ok(vec![2.0]));
    assert_eq!(classification::groups(&[1.0, 2.0, 3.0], &[2.0, 2.5]), Ok(vec![0, 1, 2]));
}

#[test]
fn lesions_that_are_none_or_too_small() {
    let settings = Settings { minimum_volume: 1.0, bins: Bins { low: 0.0, high: 4.0, count: 4 } };
    assert_eq!(summarise(&[], settings), Err(Error::Empty { what: "volumes of lesions" }));
    let small = Lesion { value: 2.0, volume: 0.5 };
    let found = summarise(&[small], settings).unwrap_err();
    assert_eq!(found.to_string(), "lesions of the minimum volume: found 0, expected at least 1");
    let one = summarise(&[small, Lesion { value: 9.0, volume: 1.0 }], settings).expect("a summary");
    assert_eq!((one.mean, one.standard_deviation, one.entropy, one.left_out), (9.0, None, 0.0, 1));
    let found = summarise(&[small], Settings { bins: Bins { low: 1.0, high: 1.0, count: 4 }, ..settings });
    assert!(matches!(found, Err(Error::OutOfRange { .. })));
}
