use voxomics_statistics::{
    Level, Survival,
    cox::{Covariate, Fit, Options, Ties, differ, fit},
    subgroup::{Subgroup, auc_rows, hazard_ratio_rows},
};

use crate::{close, data, flags, labels, limits, row, some};

/// Name in the figures, table, columns.
const MODELS: [(&str, &str, &[&str]); 5] = [
    ("leukaemia", "leukaemia", &["log_white", "control"]),
    ("veteran", "veteran", &["frailty", "age", "tested"]),
    ("cohort", "cohort", &["risk", "age", "stage"]),
    ("untied", "cohort", &["risk", "stage"]),
    ("one", "cohort", &["rival"]),
];

fn fitted(name: &str, table: &str, columns: &[&str], options: Options<'_>) -> Fit {
    let mut times = data(table, "time");
    if name == "untied" {
        times.iter_mut().enumerate().for_each(|(case, time)| *time += case as f64 / 1000.0);
    }
    let events = flags(table, "event");
    let values: Vec<Vec<f64>> = columns.iter().map(|column| data(table, column)).collect();
    let covariates: Vec<Covariate<'_>> =
        columns.iter().zip(&values).map(|(name, values)| Covariate { name, values }).collect();
    fit(Survival::new(&times, &events).expect("data"), &covariates, options).expect("a fit")
}

fn of(fit: &Fit, figure: impl Fn(&voxomics_statistics::cox::Coefficient) -> f64) -> Vec<f64> {
    fit.coefficients.iter().map(figure).collect()
}

#[test]
fn efrons_fit() {
    for (name, table, columns) in MODELS {
        let found = fitted(name, table, columns, Options::default());
        let figure = |figure: &str| format!("cox.{name}.{figure}");
        close(&figure("coefficients"), &of(&found, |c| c.coefficient));
        close(&figure("errors"), &of(&found, |c| c.standard_error));
        let limits = found.coefficients.iter().flat_map(|c| [c.interval.low, c.interval.high]);
        close(&figure("ratios"), &of(&found, |c| c.hazard_ratio).into_iter().chain(limits).collect::<Vec<_>>());
        close(&figure("p"), &of(&found, |c| c.p));
        let ratio = found.likelihood_ratio;
        close(&figure("likelihood"), &[found.log_likelihood, ratio.chi_squared, ratio.p]);
        close(&figure("concordance"), &[found.concordance.value]);
        assert!(found.iterations < 10, "{} steps", found.iterations);
    }
}

#[test]
fn both_treatments_of_ties() {
    for (name, table, columns) in MODELS {
        for (label, ties) in [("efron", Ties::Efron), ("breslow", Ties::Breslow)] {
            let found = fitted(name, table, columns, Options { ties, ..Options::default() });
            let figures = [of(&found, |c| c.coefficient), of(&found, |c| c.standard_error)].concat();
            close(&format!("cox.{name}.{label}"), &figures);
            close(&format!("cox.{name}.{label}.score"), &[found.score.chi_squared]);
            close(&format!("cox.{name}.{label}.wald"), &[found.wald.chi_squared]);
        }
    }
}

/// Whether the hazard ratio of a covariate differs between groups.
#[test]
fn interaction() {
    for (table, column, groups) in
        [("leukaemia", "control", "sex"), ("veteran", "tested", "prior"), ("cohort", "risk", "centre")]
    {
        let groups = labels(table, groups);
        let (times, events, values) = (data(table, "time"), flags(table, "event"), data(table, column));
        let of_part = |part: usize| {
            let members: Vec<usize> = (0..groups.len()).filter(|at| groups[*at] == part).collect();
            let pick = |all: &[f64]| members.iter().map(|at| all[*at]).collect::<Vec<f64>>();
            let events: Vec<bool> = members.iter().map(|at| events[*at]).collect();
            let (times, values) = (pick(&times), pick(&values));
            let covariate = [Covariate { name: column, values: &values }];
            fit(Survival::new(&times, &events).expect("data"), &covariate, Options::default()).expect("a fit")
        };
        let parts: Vec<Fit> = (0..=*groups.iter().max().expect("groups")).map(of_part).collect();
        let together = fitted(table, table, &[column], Options { strata: Some(&groups), ..Options::default() });
        let found = differ(&parts, &together);
        close(&format!("cox.{table}.interaction"), &[found.chi_squared, found.degrees as f64, found.p]);
    }
}

#[test]
fn strata() {
    for (table, columns, strata) in [
        ("leukaemia", ["log_white", "control"], "sex"),
        ("veteran", ["frailty", "age"], "prior"),
        ("cohort", ["risk", "age"], "centre"),
    ] {
        let strata = labels(table, strata);
        let found = fitted(table, table, &columns, Options { strata: Some(&strata), ..Options::default() });
        let figures = [of(&found, |c| c.coefficient), of(&found, |c| c.standard_error), vec![found.log_likelihood]];
        close(&format!("cox.{table}.stratified"), &figures.concat());
    }
}

#[test]
fn rows_of_a_forest_plot_are_the_figures_of_their_cases() {
    let (times, events) = (data("cohort", "time"), flags("cohort", "event"));
    let survival = Survival::new(&times, &events).expect("data");
    let (everyone, no_one) = (vec![true; times.len()], vec![false; times.len()]);
    let groups = [Subgroup { name: "all", members: &everyone }, Subgroup { name: "none", members: &no_one }];
    let values = data("cohort", "rival");
    let covariate = Covariate { name: "rival", values: &values };
    let rows = hazard_ratio_rows(survival, covariate, &groups, Options::default()).expect("rows");
    let [low, high] = limits(rows[0].interval);
    close("cox.one.ratios", &[some(rows[0].estimate), low, high]);
    assert_eq!((rows[0].n, rows[0].events), (times.len(), survival.event_count()));
    assert_eq!((rows[1].n, rows[1].estimate), (0, None));
    assert!(rows[1].reason.is_some());

    let outcome = flags("cohort", "outcome");
    let rows = auc_rows(&data("cohort", "risk"), &outcome, &groups, Level::P95).expect("rows");
    let stored = row("auc.cohort");
    assert!((some(rows[0].estimate) - stored[0]).abs() < 1e-12);
    assert!((limits(rows[0].interval)[1] - stored[3]).abs() < 1e-12);
    assert!(rows[1].reason.is_some());
}
