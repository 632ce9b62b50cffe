use voxomics_statistics::{
    Error, Level, bootstrap,
    bootstrap::{Design, Plan, resample},
    roc,
};

use crate::{Cohort, same};

fn plan(design: Design<'_>) -> Plan<'_> {
    Plan { design, replicates: 400, seed: 11, level: Level::P95 }
}

#[test]
fn a_seed_means_the_same_draws_everywhere() {
    // By an independent ChaCha: `tests/oracle/statistics.py`.
    let stored = include_str!("../../../../tests/oracle/statistics.csv");
    let mut seen = 0;
    for line in stored.lines().filter(|line| line.starts_with("resample.")) {
        let (key, drawn) = line.split_once(',').expect("two columns");
        let words: Vec<u64> = key.split('.').skip(1).map(|word| word.parse().expect("a number")).collect();
        let found = resample(Design::Cases(words[2] as usize), words[0], words[1] as usize).expect("cases");
        let found: Vec<String> = found.iter().map(usize::to_string).collect();
        assert_eq!(found.join(" "), drawn, "{key}");
        seen += 1;
    }
    assert!(seen > 2);
}

#[test]
fn strata_keep_their_size_and_clusters_their_cases() {
    let strata = [4, 4, 4, 9, 9, 1];
    let clusters = [0, 1, 1, 2, 2, 2];
    for replicate in 0..50 {
        let drawn = resample(Design::Strata(&strata), 3, replicate).expect("cases");
        for label in [1, 4, 9] {
            let of = |cases: &[usize]| cases.iter().filter(|&&case| strata[case] == label).count();
            assert_eq!(of(&drawn), of(&[0, 1, 2, 3, 4, 5]));
        }
        let drawn = resample(Design::Clusters(&clusters), 3, replicate).expect("cases");
        let times = |case: usize| drawn.iter().filter(|&&other| other == case).count();
        assert_eq!([times(1), times(3), times(4)], [times(2), times(5), times(5)]);
        assert_eq!(times(0) + times(1) + times(3), 3);
    }
}

#[test]
fn every_position_is_as_likely() {
    let mut counts = [0; 7];
    for replicate in 0..4000 {
        resample(Design::Cases(7), 5, replicate).expect("cases").iter().for_each(|&case| counts[case] += 1);
    }
    let chi_squared: f64 = counts.iter().map(|&count| (f64::from(count) - 4000.0).powi(2) / 4000.0).sum();
    assert!(chi_squared < 22.5, "{chi_squared}, beyond which lies 1 in 1000");
}

#[test]
fn resamples_spread_as_theory_says() {
    let cohort = Cohort::new(6, 120, false);
    let auc = |cases: &[usize]| {
        let (score, outcome): (Vec<f64>, Vec<bool>) =
            cases.iter().map(|&case| (cohort.score[case], cohort.outcome[case])).unzip();
        Ok(roc::auc(&score, &outcome, Level::P95)?.value)
    };
    let found = bootstrap::bootstrap(&plan(Design::Cases(120)), auc).expect("an interval");
    assert_eq!(found, bootstrap::bootstrap(&plan(Design::Cases(120)), auc).expect("an interval"));
    let theory = roc::auc(&cohort.score, &cohort.outcome, Level::P95).expect("an area");
    same(found.estimate, theory.value);
    let ratio = found.standard_error / theory.standard_error.expect("overlap");
    assert!((0.85..1.15).contains(&ratio), "{ratio}");
    for interval in [found.percentile, found.bca.expect("an interval")] {
        assert!(interval.low < theory.value && theory.value < interval.high);
    }
    let other = bootstrap::bootstrap(&Plan { seed: 12, ..plan(Design::Cases(120)) }, auc).expect("an interval");
    assert_ne!(found.distribution, other.distribution);
}

#[test]
fn copies_of_a_patient_add_no_precision_when_patients_are_drawn() {
    let values: Vec<f64> = (0..40).map(|at| f64::from(at * at % 17)).collect();
    let mean =
        |values: &[f64], cases: &[usize]| Ok(cases.iter().map(|&case| values[case]).sum::<f64>() / cases.len() as f64);
    let once = bootstrap::bootstrap(&plan(Design::Cases(40)), |cases| mean(&values, cases)).expect("an interval");
    let thrice: Vec<f64> = values.iter().flat_map(|&value| [value; 3]).collect();
    let patients: Vec<usize> = (0..120).map(|case| case / 3).collect();
    let found = bootstrap::bootstrap(&plan(Design::Clusters(&patients)), |cases| mean(&thrice, cases));
    same(found.expect("an interval").standard_error, once.standard_error);
}

#[test]
fn a_statistic_that_fails_too_often_has_no_interval() {
    let mut calls = 0;
    let found = bootstrap::bootstrap(&plan(Design::Cases(5)), |_| {
        calls += 1;
        if calls % 3 == 0 { Err(Error::OneGroup) } else { Ok(f64::from(calls)) }
    });
    assert_eq!(found, Err(Error::Unstable { failed: 133, replicates: 400 }));
    let constant = bootstrap::bootstrap(&plan(Design::Cases(5)), |_| Ok(1.0)).expect("a figure");
    assert_eq!((constant.standard_error, constant.bca), (0.0, None));
}
