use voxomics_statistics::{
    Level, Survival, calibration,
    concordance::concordance,
    cox::{Covariate, Fit, Options, Ties, TimeScale, fit},
    dynamic_auc::dynamic_auc,
    rank::{Method, kruskal_wallis, mann_whitney, spearman},
    roc,
    survival::{
        kaplan_meier::{Scale, estimate},
        log_rank::{Weight, test},
    },
    table_one::welch,
};

use crate::{Cohort, same};

const LEVEL: Level = Level::P95;

fn area(score: &[f64], outcome: &[bool]) -> roc::Auc {
    roc::auc(score, outcome, LEVEL).expect("an area")
}

fn cox(data: Survival<'_>, columns: &[&[f64]], options: Options<'_>) -> Fit {
    let covariates: Vec<Covariate<'_>> = columns.iter().map(|values| Covariate { name: "x", values }).collect();
    fit(data, &covariates, options).expect("a fit")
}

#[test]
fn other_labels_or_the_opposite_score_turn_the_area_over() {
    for seed in 0..20 {
        let cohort = Cohort::new(seed, 60, false);
        let found = area(&cohort.score, &cohort.outcome);
        let labels: Vec<bool> = cohort.outcome.iter().map(|with| !with).collect();
        let scores: Vec<f64> = cohort.score.iter().map(|score| -score).collect();
        for turned in [area(&cohort.score, &labels), area(&scores, &cohort.outcome)] {
            same(turned.value, 1.0 - found.value);
            same(turned.standard_error.expect("overlap"), found.standard_error.expect("overlap"));
            same(turned.p.expect("overlap"), found.p.expect("overlap"));
        }
    }
}

#[test]
fn only_the_order_of_scores_counts() {
    for seed in 0..20 {
        let cohort = Cohort::new(seed, 60, false);
        let stretched: Vec<f64> = cohort.score.iter().map(|score| (score - 2.0).powi(3).exp()).collect();
        assert_eq!(area(&cohort.score, &cohort.outcome), area(&stretched, &cohort.outcome));
        let both = [&cohort.score, &stretched].map(|score| {
            let c = concordance(cohort.survival(), score, None, LEVEL).expect("pairs");
            let areas = dynamic_auc(cohort.survival(), cohort.survival(), score, &[5.0, 9.0]).expect("areas");
            (c, areas, spearman(score, &cohort.other, LEVEL).expect("a coefficient"))
        });
        assert_eq!(both[0], both[1]);
    }
}

#[test]
fn the_unit_of_time_is_of_no_matter() {
    for seed in 0..10 {
        let cohort = Cohort::new(seed, 80, false);
        let days: Vec<f64> = cohort.times.iter().map(|months| months * 30.4375).collect();
        let scaled = Survival::new(&days, &cohort.events).expect("data");
        let columns = [cohort.score.as_slice(), &cohort.other];
        let [a, b] = [cohort.survival(), scaled].map(|data| cox(data, &columns, Options::default()));
        assert_eq!(a.coefficients, b.coefficients);
        assert_eq!(a.concordance, b.concordance);
        for scale in [TimeScale::Rank, TimeScale::KaplanMeier, TimeScale::Identity, TimeScale::Log] {
            let [a, b] = [&a, &b].map(|fit| fit.proportional_hazards(scale).expect("a check"));
            a.iter().zip(&b).for_each(|(a, b)| assert!((a.p - b.p).abs() < 1e-9));
        }
        let [a, b] =
            [cohort.survival(), scaled].map(|data| test(data, &cohort.centre, None, Weight::One).expect("a test"));
        assert_eq!(a, b);
        let [a, b] = [cohort.survival(), scaled].map(|data| estimate(data, LEVEL, Scale::LogLog));
        same(
            a.median().expect("a quantile").value.expect("reached") * 30.4375,
            b.median().expect("a quantile").value.expect("reached"),
        );
    }
}

#[test]
fn the_unit_of_a_covariate_scales_its_coefficient() {
    let cohort = Cohort::new(3, 80, false);
    let scaled: Vec<f64> = cohort.score.iter().map(|score| 1e4 + score / 250.0).collect();
    let [a, b] =
        [&cohort.score, &scaled].map(|score| cox(cohort.survival(), &[score, &cohort.other], Options::default()));
    assert!((a.coefficients[0].coefficient * 250.0 / b.coefficients[0].coefficient - 1.0).abs() < 1e-9);
    assert!((a.coefficients[1].coefficient / b.coefficients[1].coefficient - 1.0).abs() < 1e-9);
    assert!((a.log_likelihood - b.log_likelihood).abs() < 1e-9);
}

#[test]
fn the_order_of_rows_is_of_no_matter() {
    for seed in 0..10 {
        let cohort = Cohort::new(seed, 70, false);
        let [a, b] = [&cohort, &cohort.shuffled(seed + 100)].map(figures);
        assert_eq!(a.len(), b.len());
        a.iter().zip(&b).for_each(|(&a, &b)| same(a, b));
    }
}

/// One figure of every kind.
fn figures(cohort: &Cohort) -> Vec<f64> {
    let data = cohort.survival();
    let auc = area(&cohort.score, &cohort.outcome);
    let both = roc::compare(&cohort.score, &cohort.other, &cohort.outcome, LEVEL).expect("a comparison");
    let mut found = vec![auc.value, auc.standard_error.expect("overlap"), both.p.expect("overlap")];
    for ties in [Ties::Efron, Ties::Breslow] {
        let options = Options { ties, strata: Some(&cohort.centre), level: LEVEL };
        let fit = cox(data, &[&cohort.score, &cohort.other], options);
        found.extend(fit.coefficients.iter().flat_map(|c| [c.coefficient, c.standard_error, c.p]));
        found.extend([fit.score.chi_squared, fit.wald.p, fit.concordance.value, fit.likelihood_ratio.chi_squared]);
        found.extend(fit.proportional_hazards(TimeScale::Rank).expect("a check").iter().map(|check| check.chi_squared));
    }
    for weight in [Weight::One, Weight::AtRisk, Weight::RootAtRisk, Weight::Survival] {
        found.push(test(data, &cohort.centre, None, weight).expect("a test").chi_squared);
    }
    let c = concordance(data, &cohort.score, None, LEVEL).expect("pairs");
    found.extend([c.value, c.standard_error.expect("some disorder")]);
    let areas = dynamic_auc(data, data, &cohort.score, &[4.0, 8.0]).expect("areas");
    found.extend(areas.at.iter().map(|at| at.auc).chain([areas.mean]));
    let curve = estimate(data, LEVEL, Scale::Log);
    found.extend(curve.steps.iter().map(|step| step.survival));
    found.push(curve.restricted_mean(8.0).expect("followed up").standard_error);
    let predicted: Vec<f64> = cohort.score.iter().map(|score| 0.05 + score / 6.0).collect();
    let fit = calibration::recalibration(&predicted, &cohort.outcome, LEVEL).expect("a fit");
    found.extend([fit.intercept.value, fit.slope.value, fit.slope.p]);
    let class = |wanted: bool| -> Vec<f64> {
        cohort.score.iter().zip(&cohort.outcome).filter(|(_, is)| **is == wanted).map(|(&score, _)| score).collect()
    };
    let (with, without) = (class(true), class(false));
    found.push(mann_whitney(&with, &without, Method::Auto).expect("a test").p);
    found.push(kruskal_wallis(&[&with, &without]).expect("a test").p);
    found.push(welch(&with, &without).expect("a test").p);
    found
}
