//! The figures of R's survival (`tests/oracle/survival.R`) and pROC (`tests/oracle/proc.R`) on real tables, to nine digits.

use std::collections::BTreeMap;

use voxomics_statistics::{
    Level, Survival,
    concordance::concordance,
    cox::{Covariate, Fit, Options, Ties, TimeScale, fit},
    roc,
    survival::{
        incidence::cumulative_incidence,
        kaplan_meier::{Scale, estimate},
    },
    uno::uno,
};

const FIGURES: &str = include_str!("../../../tests/oracle/r/survival.csv");
const TABLES: [(&str, &str); 3] = [
    ("lung", include_str!("../../../tests/oracle/r/lung.csv")),
    ("ovarian", include_str!("../../../tests/oracle/r/ovarian.csv")),
    ("veteran", include_str!("../../../tests/oracle/r/veteran.csv")),
];
const AREAS: &str = include_str!("../../../tests/oracle/r/proc.csv");
/// Table, two scores, and the class.
const CLASSES: [(&str, &str, [&str; 3]); 2] = [
    ("breast", include_str!("../../../tests/oracle/breast.csv"), ["mean_texture", "mean_smoothness", "malignant"]),
    ("pima", include_str!("../../../tests/oracle/r/pima.csv"), ["glu", "bmi", "diabetes"]),
];
const MGUS: &str = include_str!("../../../tests/oracle/r/mgus2.csv");

/// Columns by name, in their order.
fn columns(text: &str) -> Vec<(String, Vec<f64>)> {
    let mut lines = text.lines();
    let mut columns: Vec<(String, Vec<f64>)> =
        lines.next().expect("a header").split(',').map(|name| (name.to_owned(), Vec::new())).collect();
    for line in lines {
        let cells = line.split(',').map(|cell| cell.parse().expect("a number"));
        columns.iter_mut().zip(cells).for_each(|(column, cell): (_, f64)| column.1.push(cell));
    }
    columns
}

/// Times, events and covariates of a table.
struct Table {
    times: Vec<f64>,
    events: Vec<bool>,
    covariates: Vec<(String, Vec<f64>)>,
}

impl Table {
    fn new(name: &str) -> Self {
        let text = TABLES.iter().find(|(table, _)| *table == name).expect("a table").1;
        let mut columns: Vec<_> = columns(text).into_iter().filter(|(name, _)| name != "fold").collect();
        let covariates = columns.split_off(2);
        let [times, events] = [0, 1].map(|at| columns[at].1.clone());
        Self { times, events: events.iter().map(|event| *event == 1.0).collect(), covariates }
    }

    fn survival(&self) -> Survival<'_> {
        Survival::new(&self.times, &self.events).expect("times")
    }

    fn fit(&self, covariates: &[(String, Vec<f64>)], options: Options<'_>) -> Fit {
        let covariates: Vec<Covariate<'_>> =
            covariates.iter().map(|(name, values)| Covariate { name, values }).collect();
        fit(self.survival(), &covariates, options).expect("a fit")
    }
}

fn figures() -> BTreeMap<&'static str, Vec<Option<f64>>> {
    stored(FIGURES)
}

fn stored(text: &'static str) -> BTreeMap<&'static str, Vec<Option<f64>>> {
    let number = |word: &str| (word != "none").then(|| word.parse().expect("a number"));
    let line = |line: &'static str| {
        let (key, values) = line.split_once(',').expect("a key");
        (key, values.split_whitespace().map(number).collect())
    };
    text.lines().map(line).collect()
}

#[track_caller]
fn close(figures: &BTreeMap<&str, Vec<Option<f64>>>, key: &str, found: &[Option<f64>]) {
    let stored = &figures[key];
    assert_eq!(stored.len(), found.len(), "{key}");
    for (stored, found) in stored.iter().zip(found) {
        match (stored, found) {
            (Some(stored), Some(found)) => {
                assert!((stored - found).abs() <= 1e-9 * stored.abs().max(1.0), "{key}: {found} for {stored}");
            }
            (stored, found) => assert_eq!(stored, found, "{key}"),
        }
    }
}

fn checks(fit: &Fit, scale: TimeScale) -> Vec<Option<f64>> {
    let checks = fit.proportional_hazards(scale).expect("a check");
    checks.iter().flat_map(|check| [Some(check.chi_squared), Some(check.p)]).collect()
}

#[test]
fn proportional_hazards_are_checked_by_the_score_test() {
    let figures = figures();
    for (name, _) in TABLES {
        let table = Table::new(name);
        for (word, ties) in [("efron", Ties::Efron), ("breslow", Ties::Breslow)] {
            let fit = table.fit(&table.covariates, Options { ties, ..Options::default() });
            let of = |of: fn(&voxomics_statistics::cox::Coefficient) -> f64| fit.coefficients.iter().map(of).map(Some);
            let coefficients: Vec<_> = of(|c| c.coefficient).chain(of(|c| c.standard_error)).collect();
            close(&figures, &format!("{name}.{word}.cox"), &coefficients);
            for (label, scale) in [
                ("km", TimeScale::KaplanMeier),
                ("rank", TimeScale::Rank),
                ("identity", TimeScale::Identity),
                ("log", TimeScale::Log),
            ] {
                close(&figures, &format!("{name}.{word}.zph.{label}"), &checks(&fit, scale));
            }
        }
        let (stratum, others) = table.covariates.split_last().expect("covariates");
        let strata: Vec<usize> = stratum.1.iter().map(|value| *value as usize).collect();
        let fit = table.fit(others, Options { strata: Some(&strata), ..Options::default() });
        close(&figures, &format!("{name}.strata.zph.km"), &checks(&fit, TimeScale::KaplanMeier));
    }
}

#[test]
fn medians_are_those_of_r_also_where_a_curve_lies_on_a_half() {
    let figures = figures();
    for (name, _) in TABLES {
        let table = Table::new(name);
        for (word, scale) in [("log-log", Scale::LogLog), ("log", Scale::Log), ("plain", Scale::Plain)] {
            let median = estimate(table.survival(), Level::P95, scale).median().expect("a median");
            close(&figures, &format!("{name}.median.{word}"), &[median.value, median.low, median.high]);
        }
    }
    let times: Vec<f64> = (1..=8).map(f64::from).collect();
    for (name, censored) in [("half", vec![4, 6]), ("ever", vec![4, 5, 6, 7])] {
        let events: Vec<bool> = (0..8).map(|at| !censored.contains(&at)).collect();
        let data = Survival::new(&times, &events).expect("times");
        let median = estimate(data, Level::P95, Scale::LogLog).median().expect("a median");
        close(&figures, &format!("{name}.median"), &[median.value, median.low, median.high]);
    }
}

#[test]
fn concordance_by_uno_is_that_of_r() {
    let figures = figures();
    let mut seen = 0;
    for (key, _) in figures.iter().filter(|(key, _)| key.contains(".uno.")) {
        let (name, horizon) = key.split_once(".uno.").expect("a horizon");
        let table = Table::new(name);
        let age = &table.covariates.iter().find(|(name, _)| name == "age").expect("ages").1;
        let found = uno(table.survival(), age, horizon.parse().expect("a time")).expect("pairs");
        close(&figures, key, &[Some(found.value)]);
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[test]
fn concordance_by_harrell_is_that_of_r_and_its_interval_stays_within_0_and_1() {
    let figures = figures();
    for (name, _) in TABLES {
        let table = Table::new(name);
        let age = &table.covariates.iter().find(|(name, _)| name == "age").expect("ages").1;
        let found = concordance(table.survival(), age, None, Level::P95).expect("pairs");
        let logit = found.logit_interval.expect("an interval");
        let found = [Some(found.value), found.standard_error, Some(logit.low), Some(logit.high)];
        close(&figures, &format!("{name}.harrell"), &found);
    }
    // Nearly in order: ± 1.96 standard errors would leave 1.
    let times: Vec<f64> = (1..=12).map(f64::from).collect();
    let mut risk: Vec<f64> = times.iter().map(|time| -time).collect();
    risk.swap(0, 3);
    let data = Survival::new(&times, &[true; 12]).expect("times");
    let found = concordance(data, &risk, None, Level::P95).expect("pairs");
    assert!(found.interval.expect("an interval").leaves_shares());
    let logit = found.logit_interval.expect("an interval");
    assert!(logit.low > 0.5 && logit.low < found.value && found.value < logit.high && logit.high < 1.0, "{logit:?}");
}

#[test]
fn rates_at_times_are_those_of_r_on_events_and_between_them() {
    let figures = figures();
    for (name, _) in TABLES {
        let table = Table::new(name);
        let key = format!("{name}.rates");
        let times: Vec<f64> = figures[key.as_str()][..4].iter().map(|time| time.expect("a time")).collect();
        let curve = estimate(table.survival(), Level::P95, Scale::LogLog);
        let at: Vec<_> = times.iter().map(|time| curve.survival_at(*time).expect("followed up")).collect();
        let limits =
            |of: fn(voxomics_statistics::Interval) -> f64| at.iter().map(move |(_, interval)| interval.map(of));
        let found = times.iter().copied().map(Some).chain(at.iter().map(|(survival, _)| Some(*survival)));
        let found = found.chain(limits(|interval| interval.low)).chain(limits(|interval| interval.high));
        let found: Vec<_> = found.chain(curve.at_risk(&times).into_iter().map(|n| Some(n as f64))).collect();
        close(&figures, &key, &found);
    }
}

#[test]
fn cumulative_incidence_is_that_of_r() {
    let figures = figures();
    let columns = columns(MGUS);
    let causes: Vec<usize> = columns[1].1.iter().map(|cause| *cause as usize).collect();
    let found = cumulative_incidence(&columns[0].1, &causes).expect("causes");
    for cause in 1..=2 {
        let at = |time: f64| found[..found.partition_point(|moment| moment.time <= time)].last().expect("a time");
        let of = [12.0, 36.0, 60.0, 120.0, 240.0].map(|time| Some(at(time).incidence[cause - 1]));
        let stored = &figures[format!("mgus2.incidence.{cause}").as_str()][..5];
        for (stored, found) in stored.iter().zip(of) {
            assert!((stored.expect("a figure") - found.expect("a figure")).abs() < 1e-9, "{stored:?} {found:?}");
        }
    }
    let last = found.last().expect("times");
    assert!((last.free + last.incidence.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn areas_and_delongs_test_are_those_of_proc() {
    let figures = stored(AREAS);
    for (name, text, columns) in CLASSES {
        let all = self::columns(text);
        let [first, second, class] = columns.map(|of| &all.iter().find(|(name, _)| name == of).expect("a column").1);
        let outcome: Vec<bool> = class.iter().map(|class| *class == 1.0).collect();
        let area = roc::auc(first, &outcome, Level::P95).expect("an area");
        let interval = area.interval.expect("an interval");
        let both = roc::compare(first, second, &outcome, Level::P95).expect("a comparison");
        let found = [
            Some(area.value),
            area.standard_error,
            Some(interval.low),
            Some(interval.high),
            Some(both.second),
            both.z,
            both.p,
        ];
        close(&figures, name, &found);
    }
}
