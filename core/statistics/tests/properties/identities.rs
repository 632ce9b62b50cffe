use voxomics_statistics::{
    Level, Survival,
    classification::proportion,
    concordance::concordance,
    cox::{Covariate, Options, Ties, fit},
    dynamic_auc::dynamic_auc,
    multiplicity::{benjamini_hochberg, bonferroni, holm},
    rank::{Method, mann_whitney},
    roc,
    survival::{
        kaplan_meier::{Scale, estimate},
        log_rank::{Weight, test},
    },
};

use crate::{Cohort, Numbers, same};

const LEVEL: Level = Level::P95;

#[test]
fn the_area_is_the_share_of_mann_and_whitney_and_that_below_the_points() {
    let cohort = Cohort::new(1, 90, false);
    let auc = roc::auc(&cohort.score, &cohort.outcome, LEVEL).expect("an area").value;
    let class = |wanted: bool| -> Vec<f64> {
        cohort.score.iter().zip(&cohort.outcome).filter(|(_, is)| **is == wanted).map(|(&score, _)| score).collect()
    };
    same(auc, mann_whitney(&class(true), &class(false), Method::Auto).expect("a test").share);
    let points = roc::curve(&cohort.score, &cohort.outcome).expect("a curve");
    let strip = |pair: &[roc::Point]| {
        (pair[1].false_positive_rate - pair[0].false_positive_rate) * (pair[0].sensitivity + pair[1].sensitivity) / 2.0
    };
    same(auc, points.windows(2).map(strip).sum());
}

#[test]
fn the_exact_test_is_that_of_all_orders() {
    // U of every choice of 4 among 9 places.
    let (m, n) = (4, 5);
    let choices = (0_u32..1 << 9).filter(|choice| choice.count_ones() == m);
    let u = |choice: u32| -> u32 {
        (0..9).filter(|at| choice >> at & 1 == 1).map(|at| at - (choice & ((1 << at) - 1)).count_ones()).sum()
    };
    let all: Vec<u32> = choices.map(u).collect();
    for (first, second) in
        [([1.0, 2.0, 5.0, 6.0], [3.0, 4.0, 7.0, 8.0, 9.0]), ([1.0, 2.0, 3.0, 4.5], [4.0, 5.0, 7.0, 8.0, 9.0])]
    {
        let found = mann_whitney(&first, &second, Method::Exact).expect("a test");
        let less = (found.u as u32).min(m * n - found.u as u32);
        let tail = all.iter().filter(|&&u| u <= less).count() as f64 / all.len() as f64;
        same(found.p, (2.0 * tail).min(1.0));
    }
}

#[test]
fn without_censoring_survival_is_the_share_that_lives() {
    let mut cohort = Cohort::new(5, 60, false);
    cohort.events.fill(true);
    let (data, n) = (cohort.survival(), 60.0);
    let curve = estimate(data, LEVEL, Scale::LogLog);
    for step in &curve.steps {
        let alive = cohort.times.iter().filter(|&&time| time > step.time).count() as f64;
        same(step.survival, alive / n);
        if alive > 0.0 {
            same(step.standard_error.expect("some live"), (alive / n * (1.0 - alive / n) / n).sqrt());
        }
    }
    let mean = cohort.times.iter().sum::<f64>() / n;
    same(curve.restricted_mean(1e3).expect("no one lives").value, mean);
    // Nor are cases weighted: those up to a time against those after it.
    let found = dynamic_auc(data, data, &cohort.score, &[4.0]).expect("areas");
    let early: Vec<bool> = cohort.times.iter().map(|&time| time <= 4.0).collect();
    same(found.mean, roc::auc(&cohort.score, &early, LEVEL).expect("an area").value);
}

#[test]
fn the_score_test_of_two_groups_is_the_log_rank_test() {
    for seed in 0..10 {
        let cohort = Cohort::new(seed, 60, true);
        let group: Vec<usize> = cohort.score.iter().map(|&score| usize::from(score > 2.4)).collect();
        let values: Vec<f64> = group.iter().map(|&group| group as f64).collect();
        let covariates = [Covariate { name: "group", values: &values }];
        for strata in [None, Some(cohort.centre.as_slice())] {
            let found = fit(cohort.survival(), &covariates, Options { strata, ..Options::default() }).expect("a fit");
            same(
                found.score.chi_squared,
                test(cohort.survival(), &group, strata, Weight::One).expect("a test").chi_squared,
            );
        }
    }
}

#[test]
fn ties_are_treated_alike_when_there_are_none() {
    let cohort = Cohort::new(8, 60, true);
    let covariates = [Covariate { name: "score", values: &cohort.score }];
    let found = [Ties::Efron, Ties::Breslow].map(|ties| {
        fit(cohort.survival(), &covariates, Options { ties, ..Options::default() }).expect("a fit").coefficients
    });
    assert_eq!(found[0], found[1]);
}

#[test]
fn concordance_counts_every_pair_once() {
    for seed in 0..20 {
        let cohort = Cohort::new(seed, 40, false);
        let (times, events, risk) = (&cohort.times, &cohort.events, &cohort.score);
        let (mut concordant, mut discordant, mut tied) = (0, 0, 0);
        for i in 0..40 {
            for j in 0..40 {
                let outlives = times[i] < times[j] || (times[i] == times[j] && !events[j]);
                if i != j && events[i] && outlives {
                    *match risk[i].total_cmp(&risk[j]) {
                        std::cmp::Ordering::Greater => &mut concordant,
                        std::cmp::Ordering::Less => &mut discordant,
                        std::cmp::Ordering::Equal => &mut tied,
                    } += 1;
                }
            }
        }
        let found = concordance(cohort.survival(), risk, None, LEVEL).expect("pairs");
        assert_eq!((found.concordant, found.discordant, found.tied), (concordant, discordant, tied));
    }
}

#[test]
fn the_standard_error_of_c_is_about_that_of_leaving_one_out() {
    let cohort = Cohort::new(2, 150, false);
    let all: Vec<usize> = (0..150).collect();
    let c = |cases: &[usize]| {
        let times: Vec<f64> = cases.iter().map(|&case| cohort.times[case]).collect();
        let events: Vec<bool> = cases.iter().map(|&case| cohort.events[case]).collect();
        let risk: Vec<f64> = cases.iter().map(|&case| cohort.score[case]).collect();
        concordance(Survival::new(&times, &events).expect("data"), &risk, None, LEVEL).expect("pairs")
    };
    let without: Vec<f64> =
        (0..150).map(|out| c(&all.iter().copied().filter(|&case| case != out).collect::<Vec<_>>()).value).collect();
    let mean = without.iter().sum::<f64>() / 150.0;
    let jackknife = (149.0 / 150.0 * without.iter().map(|value| (value - mean).powi(2)).sum::<f64>()).sqrt();
    let ratio = c(&all).standard_error.expect("some disorder") / jackknife;
    assert!((0.95..1.05).contains(&ratio), "{ratio}");
}

#[test]
fn adjustments_are_ordered_and_intervals_hold_their_estimate() {
    let mut numbers = Numbers(4);
    for n in 1..40 {
        let p: Vec<f64> = (0..n).map(|_| numbers.share().powi(2)).collect();
        let found = [benjamini_hochberg(&p), holm(&p), bonferroni(&p)].map(|adjusted| adjusted.expect("p values"));
        for (at, &p) in p.iter().enumerate() {
            let chain = [p, found[0][at], found[1][at], found[2][at], 1.0];
            assert!(chain.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + 1e-12)), "{chain:?}");
        }
        for successes in 0..=n {
            let found = proportion(successes, n, LEVEL).expect("a proportion");
            for interval in [found.wilson, found.clopper_pearson] {
                assert!(0.0 <= interval.low && interval.low <= found.value, "{found:?}");
                assert!(found.value <= interval.high && interval.high <= 1.0, "{found:?}");
            }
        }
    }
}
