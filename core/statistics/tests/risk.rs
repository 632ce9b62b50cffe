//! From score to risk, and whether the risk is right: the figures of R's survival, riskRegression, cmprsk and psych on real tables
//! (`tests/oracle/risk.R`), of rms (`tests/oracle/rms.R`), and of dcurves (`tests/oracle/dcurves.py`).

use std::collections::BTreeMap;

use voxomics_statistics::{
    Level, Survival,
    calibration::{brier as brier_of_class, recalibration},
    cox::{
        Ties,
        baseline::{Baseline, baseline},
    },
    decision as of_class,
    reliability::agreement,
    roc,
    survival::{
        calibration::{curve, decision, in_the_large, slope},
        incidence::cumulative_incidence,
        prediction_error::{brier, integrated_brier},
    },
};

const FIGURES: &str = include_str!("../../../tests/oracle/r/risk.csv");
const TABLES: [(&str, &str); 3] = [
    ("gbsg", include_str!("../../../tests/oracle/r/risk-gbsg.csv")),
    ("lung", include_str!("../../../tests/oracle/r/risk-lung.csv")),
    ("veteran", include_str!("../../../tests/oracle/r/risk-veteran.csv")),
];
const COMPETING: [(&str, &str, [f64; 5]); 2] = [
    ("melanoma", include_str!("../../../tests/oracle/r/melanoma.csv"), [500.0, 1000.0, 2000.0, 3000.0, 4000.0]),
    ("mgus2", include_str!("../../../tests/oracle/r/mgus2.csv"), [12.0, 36.0, 60.0, 120.0, 240.0]),
];

const DECISIONS: &str = include_str!("../../../tests/oracle/dcurves.csv");
const RMS: &str = include_str!("../../../tests/oracle/r/rms.csv");

fn figures() -> BTreeMap<&'static str, Vec<f64>> {
    stored(FIGURES)
}

fn stored(text: &'static str) -> BTreeMap<&'static str, Vec<f64>> {
    let number = |word: &str| if word == "none" { f64::NAN } else { word.parse().expect("a number") };
    let line = |line: &'static str| {
        let (key, values) = line.split_once(',').expect("a key");
        (key, values.split_whitespace().map(number).collect())
    };
    text.lines().map(line).collect()
}

#[track_caller]
fn close(figures: &BTreeMap<&str, Vec<f64>>, key: &str, found: &[f64]) {
    let stored = &figures[key];
    assert_eq!(stored.len(), found.len(), "{key}");
    for (at, (stored, found)) in stored.iter().zip(found).enumerate() {
        assert!(
            (stored.is_nan() && found.is_nan()) || (stored - found).abs() <= 1e-9 * stored.abs().max(1.0),
            "{key}, figure {at}: {found} for {stored}"
        );
    }
}

/// Times, events and logarithms of hazards of the rows that were learnt from, or of the others.
struct Half {
    times: Vec<f64>,
    events: Vec<bool>,
    eta: Vec<f64>,
}

impl Half {
    fn of(text: &str, learnt: f64) -> Self {
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').map(|cell| cell.parse().expect("a number")).collect())
            .filter(|row: &Vec<f64>| row[2] == learnt)
            .collect();
        let of = |at: usize| rows.iter().map(|row| row[at]).collect();
        Self { times: of(0), events: rows.iter().map(|row| row[1] == 1.0).collect(), eta: of(3) }
    }

    fn survival(&self) -> Survival<'_> {
        Survival::new(&self.times, &self.events).expect("times")
    }

    fn baseline(&self, ties: Ties) -> Baseline {
        baseline(self.survival(), &self.eta, None, ties).expect("a baseline")
    }
}

fn halves() -> impl Iterator<Item = (&'static str, Half, Half)> {
    TABLES.into_iter().map(|(name, text)| (name, Half::of(text, 1.0), Half::of(text, 0.0)))
}

#[test]
fn baseline_hazards_are_those_of_r() {
    let figures = figures();
    for (name, train, _) in halves() {
        for (word, ties) in [("efron", Ties::Efron), ("breslow", Ties::Breslow)] {
            let found = train.baseline(ties);
            close(&figures, &format!("{name}.baseline.{word}"), &[found.times, found.hazard].concat());
        }
    }
}

#[test]
fn weights_count_cases() {
    let (_, train, _) = halves().last().expect("a table");
    // Twice the same case is once a case that weighs 2, where no events are tied.
    let twice = |values: &[f64]| values.iter().chain(values).copied().collect::<Vec<f64>>();
    let (times, eta) = (twice(&train.times), twice(&train.eta));
    let events: Vec<bool> = train.events.iter().chain(&train.events).copied().collect();
    let doubled =
        baseline(Survival::new(&times, &events).expect("times"), &eta, None, Ties::Breslow).expect("a baseline");
    let weighted = baseline(train.survival(), &train.eta, Some(&vec![2.0; train.times.len()]), Ties::Breslow);
    let weighted = weighted.expect("a baseline");
    assert!(doubled.hazard.iter().zip(&weighted.hazard).all(|(a, b)| (a / b - 1.0).abs() < 1e-12));
}

#[test]
fn risks_and_their_errors_are_those_of_r() {
    let figures = figures();
    for (name, train, test) in halves() {
        let base = train.baseline(Ties::Efron);
        let horizons = &figures[format!("{name}.horizons").as_str()];
        let risks =
            |time: f64| -> Vec<f64> { test.eta.iter().map(|eta| base.risk(*eta, time).expect("known")).collect() };
        let found: Vec<_> =
            horizons.iter().map(|time| brier(test.survival(), &risks(*time), *time).expect("a score")).collect();
        let scores: Vec<f64> = found.iter().map(|at| at.brier).chain(found.iter().map(|at| at.reference)).collect();
        close(&figures, &format!("{name}.brier"), &scores);
        let last = horizons[2];
        let whole = integrated_brier(test.survival(), &base.times, last, |case, time| {
            base.risk(test.eta[case], time).expect("known")
        });
        let whole = whole.expect("a score");
        close(&figures, &format!("{name}.integrated"), &[whole.brier, whole.reference]);
        let found = slope(test.survival(), &test.eta, Level::P95).expect("a slope");
        close(&figures, &format!("{name}.slope"), &[found.value, found.standard_error]);
        let large: Vec<_> = horizons
            .iter()
            .map(|time| in_the_large(test.survival(), &risks(*time), *time, Level::P95).expect("a figure"))
            .collect();
        let limits = |side: fn(&voxomics_statistics::Interval) -> f64, of_ratio: bool| {
            large
                .iter()
                .map(move |at| side(&if of_ratio { at.ratio_interval } else { at.interval }.expect("an interval")))
        };
        let said: Vec<f64> = large
            .iter()
            .map(|at| at.observed)
            .chain(limits(|i| i.low, false))
            .chain(limits(|i| i.high, false))
            .chain(large.iter().map(|at| at.predicted))
            .chain(large.iter().map(|at| at.ratio))
            .chain(limits(|i| i.low, true))
            .chain(limits(|i| i.high, true))
            .collect();
        close(&figures, &format!("{name}.large"), &said);
        let at = horizons[1];
        let points = curve(test.survival(), &risks(at), at, 5, Level::P95).expect("a curve");
        let of = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let said: Vec<f64> = points
            .iter()
            .flat_map(|p| {
                let (low, high) = (p.interval.map(|i| i.low), p.interval.map(|i| i.high));
                [p.predicted, of(p.observed), of(low), of(high), p.cases as f64]
            })
            .collect();
        close(&figures, &format!("{name}.curve"), &said);
        let thresholds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
        let found = decision(test.survival(), &risks(at), at, &thresholds).expect("a curve");
        let said: Vec<f64> = found.iter().map(|at| of(at.model)).chain(found.iter().map(|at| at.all)).collect();
        close(&figures, &format!("{name}.decision"), &said);
    }
}

#[test]
fn decision_curves_are_those_of_dcurves() {
    let figures = stored(DECISIONS);
    let thresholds: Vec<f64> = (1..20).map(|part| f64::from(5 * part) / 100.0).collect();
    let horizons = [("gbsg", 1000.0), ("lung", 365.0), ("veteran", 100.0)];
    for (name, train, test) in halves() {
        let time = horizons.iter().find(|(of, _)| *of == name).expect("a horizon").1;
        let base = train.baseline(Ties::Efron);
        let risks: Vec<f64> = test.eta.iter().map(|eta| base.risk(*eta, time).expect("known")).collect();
        let found = decision(test.survival(), &risks, time, &thresholds).expect("a curve");
        let mut model: Vec<f64> = found.iter().map(|at| at.model.unwrap_or(f64::NAN)).collect();
        // dcurves has no figure where everybody above a threshold has had the event before the horizon. Their share is the benefit.
        let stored = &figures[format!("{name}.risk").as_str()];
        for ((benefit, threshold), stored) in model.iter_mut().zip(&thresholds).zip(stored) {
            if !stored.is_nan() || benefit.is_nan() {
                continue;
            }
            let above = risks.iter().filter(|risk| *risk >= threshold).count();
            assert!((*benefit - above as f64 / risks.len() as f64).abs() < 1e-12, "{name}, {threshold}: {benefit}");
            *benefit = f64::NAN;
        }
        close(&figures, &format!("{name}.risk"), &model);
        close(&figures, &format!("{name}.all"), &found.iter().map(|at| at.all).collect::<Vec<f64>>());
    }
    for name in ["breast", "pima"] {
        let (predicted, outcome) = classes(&figures, name);
        let found = of_class::curve(&predicted, &outcome, &thresholds).expect("a curve");
        close(&figures, &format!("{name}.p"), &found.iter().map(|at| at.model).collect::<Vec<f64>>());
        close(&figures, &format!("{name}.all"), &found.iter().map(|at| at.all).collect::<Vec<f64>>());
    }
}

/// Probabilities, and who has the class.
fn classes(figures: &BTreeMap<&str, Vec<f64>>, name: &str) -> (Vec<f64>, Vec<bool>) {
    let of = |what: &str| figures[format!("{name}.{what}").as_str()].clone();
    (of("predicted"), of("outcome").iter().map(|class| *class == 1.0).collect())
}

#[test]
fn calibration_is_that_of_rms() {
    let (figures, tables) = (stored(RMS), stored(DECISIONS));
    for table in ["breast", "pima"] {
        let (given, outcome) = classes(&tables, table);
        for (name, factor) in [("given", 1.0), ("steep", 1.5)] {
            let steeper = |p: &f64| 1.0 / (1.0 + (-factor * (p / (1.0 - p)).ln()).exp());
            let predicted: Vec<f64> = given.iter().map(steeper).collect();
            let fit = recalibration(&predicted, &outcome, Level::P95).expect("a fit");
            let area = roc::auc(&predicted, &outcome, Level::P95).expect("an area").value;
            let error = brier_of_class(&predicted, &outcome).expect("a score").score;
            let found = [fit.intercept_beside_slope, fit.slope.value, error, area, fit.intercept.value];
            close(&figures, &format!("{table}.{name}"), &found);
        }
    }
}

/// A score of the last time in place of one beyond it would look like any other.
#[test]
fn beyond_the_follow_up_there_is_no_figure() {
    let (_, train, test) = halves().next().expect("a table");
    let base = train.baseline(Ties::Efron);
    let beyond = test.times.iter().copied().fold(0.0, f64::max) + 1.0;
    let half = vec![0.5; test.times.len()];
    assert!(brier(test.survival(), &half, beyond).is_err());
    assert!(in_the_large(test.survival(), &half, beyond, Level::P95).is_err());
    assert!(curve(test.survival(), &half, beyond, 5, Level::P95).is_err());
    assert!(decision(test.survival(), &half, beyond, &[0.5]).is_err());
    assert!(integrated_brier(test.survival(), &[], beyond, |_, _| 0.5).is_err());
    assert_eq!(base.risk(0.0, base.last + 1.0), None);
    assert_eq!(base.risk(0.0, 0.0), Some(0.0));
}

#[test]
fn a_perfect_prediction_has_no_error_and_one_of_everybody_that_of_the_reference() {
    let times = [1.0, 2.0, 3.0, 4.0];
    let events = [true, true, true, true];
    let data = Survival::new(&times, &events).expect("times");
    let found = brier(data, &[1.0, 1.0, 0.0, 0.0], 2.5).expect("a score");
    assert_eq!((found.brier, found.reference, found.scaled), (0.0, 0.25, Some(1.0)));
    let found = brier(data, &[0.5; 4], 2.5).expect("a score");
    assert_eq!((found.brier, found.scaled), (0.25, Some(0.0)));
}

#[test]
fn cumulative_incidence_and_its_error_are_those_of_r() {
    let figures = figures();
    for (name, text, at) in COMPETING {
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').map(|cell| cell.parse().expect("a number")).collect())
            .collect();
        let times: Vec<f64> = rows.iter().map(|row| row[0]).collect();
        let causes: Vec<usize> = rows.iter().map(|row| row[1] as usize).collect();
        let found = cumulative_incidence(&times, &causes).expect("causes");
        for cause in 0..2 {
            let moments =
                at.map(|time| found[..found.partition_point(|moment| moment.time <= time)].last().expect("a time"));
            let incidence = moments.map(|moment| moment.incidence[cause]);
            let errors = moments.map(|moment| moment.standard_error[cause]);
            close(&figures, &format!("{name}.incidence.{}", cause + 1), &[incidence, errors].concat());
            close(&figures, &format!("{name}.cmprsk.{}", cause + 1), &incidence);
        }
    }
}

#[test]
fn agreement_of_readers_is_that_of_psych() {
    let figures = figures();
    for (name, readers) in [("lung", 2), ("judges", 4)] {
        let values = &figures[format!("{name}.values").as_str()];
        let columns: Vec<&[f64]> = values.chunks(values.len() / readers).collect();
        let found = agreement(&columns, Level::P95).expect("a figure");
        let interval = found.interval.expect("an interval");
        close(&figures, &format!("{name}.agreement"), &[found.value, interval.low, interval.high]);
    }
    let same: &[f64] = &[1.0, 2.0, 3.0];
    assert_eq!(agreement(&[same, same], Level::P95).expect("a figure").value, 1.0);
    assert!(agreement(&[same], Level::P95).is_err() && agreement(&[same, &same[..2]], Level::P95).is_err());
    assert!(agreement(&[&[1.0; 3], &[1.0; 3]], Level::P95).is_err());
}
