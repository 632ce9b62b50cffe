//! Gray's test and the model of Fine and Gray: the figures of R's cmprsk on real tables (`tests/oracle/competing.R`).

use std::collections::BTreeMap;

use voxomics_statistics::{
    Error, Level,
    cox::Covariate,
    survival::{
        fine_gray::{FineGray, fit},
        gray::gray,
        log_rank,
    },
};

const FIGURES: &str = include_str!("../../../tests/oracle/r/competing.csv");
const TABLES: [(&str, &str); 2] = [
    ("melanoma", include_str!("../../../tests/oracle/r/melanoma.csv")),
    ("mgus2", include_str!("../../../tests/oracle/r/mgus2.csv")),
];

/// Times, causes and a covariate.
struct Table {
    times: Vec<f64>,
    causes: Vec<usize>,
    covariate: Vec<f64>,
}

impl Table {
    fn of(text: &str) -> Self {
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').map(|cell| cell.parse().expect("a number")).collect())
            .collect();
        let column = |at: usize| -> Vec<f64> { rows.iter().map(|row| row[at]).collect() };
        Self { times: column(0), causes: column(1).iter().map(|cause| *cause as usize).collect(), covariate: column(2) }
    }

    /// In how many of some limits the covariate exceeds.
    fn above(&self, limits: &[f64]) -> Vec<usize> {
        self.covariate.iter().map(|x| limits.iter().filter(|limit| x > limit).count()).collect()
    }

    /// Above the median; and in which third.
    fn groups(&self) -> [Vec<usize>; 2] {
        let mut sorted = self.covariate.clone();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        let median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
        [self.above(&[median]), self.above(&[sorted[n / 3 - 1], sorted[2 * n / 3 - 1]])]
    }

    fn fit(&self, of: usize, columns: &[Vec<f64>]) -> Result<FineGray, Error> {
        let covariates: Vec<Covariate<'_>> = columns.iter().map(|values| Covariate { name: "x", values }).collect();
        fit(&self.times, &self.causes, of, &covariates, Level::P95)
    }
}

fn figures() -> BTreeMap<&'static str, Vec<f64>> {
    let line = |line: &'static str| {
        let (key, values) = line.split_once(',').expect("a key");
        (key, values.split_whitespace().map(|word| word.parse().expect("a number")).collect())
    };
    FIGURES.lines().map(line).collect()
}

#[track_caller]
fn close(key: &str, stored: &[f64], found: &[f64], tolerance: f64) {
    assert_eq!(stored.len(), found.len(), "{key}");
    for (stored, found) in stored.iter().zip(found) {
        assert!((stored - found).abs() <= tolerance * stored.abs().max(1.0), "{key}: {found} for {stored}");
    }
}

#[test]
fn gray_s_test_is_that_of_cmprsk() {
    let figures = figures();
    for (name, text) in TABLES {
        let table = Table::of(text);
        for (word, groups) in ["halves", "thirds"].into_iter().zip(table.groups()) {
            for cause in 1..=2 {
                let key = format!("{name}.gray.{word}.{cause}");
                let found = gray(&table.times, &table.causes, cause, &groups).expect("a test");
                close(&key, &figures[key.as_str()], &[found.chi_squared, found.p, found.degrees as f64], 1e-9);
            }
        }
    }
}

#[test]
fn subdistribution_hazards_are_those_of_cmprsk() {
    let figures = figures();
    for (name, text) in TABLES {
        let table = Table::of(text);
        let [halves, _] = table.groups();
        let n = table.covariate.len() as f64;
        let mean = table.covariate.iter().sum::<f64>() / n;
        let deviation = (table.covariate.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let half = halves.iter().map(|half| *half as f64).collect();
        let scaled = table.covariate.iter().map(|x| x / deviation).collect();
        let logarithm = table.covariate.iter().map(|x| x.ln()).collect();
        let designs =
            [("half", vec![half]), ("number", vec![table.covariate.clone()]), ("both", vec![scaled, logarithm])];
        for (word, columns) in designs {
            for cause in 1..=2 {
                let key = format!("{name}.crr.{word}.{cause}");
                let found = table.fit(cause, &columns).expect("a fit");
                let of = |of: fn(&voxomics_statistics::cox::Coefficient) -> f64| found.coefficients.iter().map(of);
                let said: Vec<f64> = of(|c| c.coefficient)
                    .chain(of(|c| c.standard_error))
                    .chain([found.log_likelihood, found.null_log_likelihood])
                    .collect();
                close(&key, &figures[key.as_str()], &said, 1e-9);
            }
        }
    }
}

/// Without other events the subdistribution is the distribution: the coefficients are Cox's, and Gray's test looks at what the
/// log-rank test looks at.
#[test]
fn without_competing_events_the_models_are_those_of_survival() {
    let mut table = Table::of(TABLES[0].1);
    table.causes.iter_mut().for_each(|cause| *cause = usize::from(*cause > 0));
    let found = table.fit(1, std::slice::from_ref(&table.covariate)).expect("a fit");
    let events: Vec<bool> = table.causes.iter().map(|cause| *cause == 1).collect();
    let data = voxomics_statistics::Survival::new(&table.times, &events).expect("times");
    let options = voxomics_statistics::cox::Options {
        ties: voxomics_statistics::cox::Ties::Breslow,
        ..voxomics_statistics::cox::Options::default()
    };
    let cox = voxomics_statistics::cox::fit(data, &[Covariate { name: "x", values: &table.covariate }], options);
    let cox = cox.expect("a fit");
    assert!((found.coefficients[0].coefficient - cox.coefficients[0].coefficient).abs() < 1e-10);
    assert!((found.log_likelihood - cox.log_likelihood).abs() < 1e-9);
    let [halves, _] = table.groups();
    let gray = gray(&table.times, &table.causes, 1, &halves).expect("a test").chi_squared;
    let log_rank = log_rank::test(data, &halves, None, log_rank::Weight::One).expect("a test").chi_squared;
    assert!((gray / log_rank - 1.0).abs() < 0.1, "{gray} beside {log_rank}");
}

#[test]
fn the_unit_of_a_covariate_and_the_order_of_cases_change_nothing() {
    let table = Table::of(TABLES[1].1);
    let days: Vec<f64> = table.covariate.iter().map(|years| years * 365.25).collect();
    let (years, days) = (table.fit(1, std::slice::from_ref(&table.covariate)), table.fit(1, &[days]));
    let (years, days) = (years.expect("a fit"), days.expect("a fit"));
    assert!((years.coefficients[0].z / days.coefficients[0].z - 1.0).abs() < 1e-9);
    let turned = |values: &[f64]| values.iter().rev().copied().collect::<Vec<f64>>();
    let other = Table {
        times: turned(&table.times),
        causes: table.causes.iter().rev().copied().collect(),
        covariate: turned(&table.covariate),
    };
    let again = other.fit(1, std::slice::from_ref(&other.covariate)).expect("a fit");
    assert!((again.coefficients[0].z / years.coefficients[0].z - 1.0).abs() < 1e-9);
}

#[test]
fn what_cannot_be_tested_is_refused() {
    let times = [1.0, 2.0, 3.0, 4.0];
    assert_eq!(gray(&times, &[1, 0, 2, 1], 1, &[3, 3, 3, 3]), Err(Error::OneGroup));
    assert_eq!(gray(&times, &[1, 0, 2, 1], 3, &[0, 1, 0, 1]), Err(Error::NoEvents { observations: 4 }));
    assert!(matches!(gray(&times, &[1, 0, 2, 1], 0, &[0, 1, 0, 1]), Err(Error::OutOfRange { .. })));
    let one = Covariate { name: "one", values: &[1.0; 4] };
    assert!(matches!(fit(&times, &[1, 0, 2, 1], 1, &[one], Level::P95), Err(Error::Constant { .. })));
    let apart = Covariate { name: "apart", values: &[4.0, 3.0, 2.0, 1.0] };
    assert!(matches!(fit(&times, &[1, 1, 1, 1], 1, &[apart], Level::P95), Err(Error::Monotone { .. })));
}
