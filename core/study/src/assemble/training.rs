//! What a model was learnt from, and how well that did on rows that it had not seen.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use voxomics_engine::{experiment::study::Target, plan::ModelFile};
use voxomics_report::study::{Estimate, LearntFrom, Lost, Metric, Stability};
use voxomics_statistics::{Interval, Level, rank, roc, student_quantile};

use crate::{
    data::{Cohort, LeftOut, Patient},
    learn::{Learnt, Outer, optimism, outer::OfFold},
};

/// What of each cohort a model was learnt from, and the identifiers of all patients among that. Whatever has features is
/// learnt from or left out.
pub fn learnt_from(
    training: &[String],
    cohorts: &[Cohort],
    left_out: &[LeftOut],
) -> (Vec<LearntFrom>, BTreeSet<String>) {
    let mut all = BTreeSet::new();
    let mut of_cohort = |cohort: &Cohort| {
        let lost: Vec<&LeftOut> = left_out.iter().filter(|row| row.cohort == cohort.name).collect();
        let lesions: BTreeSet<&str> = lost.iter().map(|row| row.id.as_str()).collect();
        let rows_of = |patient: &Patient| {
            patient.lesions.iter().filter(|lesion| !lesions.contains(lesion.name().as_str())).count() as u64
        };
        let rows: Vec<(&Patient, u64)> =
            cohort.patients.iter().map(|patient| (patient, rows_of(patient))).filter(|(_, rows)| *rows > 0).collect();
        all.extend(rows.iter().map(|(patient, _)| patient.identity_text(&cohort.name)));
        LearntFrom {
            cohort: cohort.name.clone(),
            rows: rows.iter().map(|(_, rows)| rows).sum(),
            patients: rows.len() as u64,
            left_out: lost.into_iter().map(Lost::from).collect(),
        }
    };
    let found = training.iter().filter_map(|name| cohorts.iter().find(|cohort| cohort.name == *name));
    let from = found.map(&mut of_cohort).collect();
    (from, all)
}

/// The figures of the outer cross-validation.
pub fn figures(performance: &Json, rows: usize) -> Vec<Metric> {
    let whole = |value: &Json| value.as_u64().and_then(|number| usize::try_from(number).ok());
    let folds = whole(&performance["folds"]).unwrap_or(0);
    let repeats = whole(&performance["repeats"]).unwrap_or(1);
    let refitted: Vec<&str> =
        performance["refitted"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    let anew = match refitted[..] {
        [] => String::new(),
        [one] => format!(", in each of which {one} was fitted anew"),
        _ => format!(", in each of which {} were fitted anew", refitted.join(", ")),
    };
    let mean =
        format!("mean over the folds of {repeats} × {folds} outer cross-validation{anew}, weighted by their rows");
    let made = "interval: mean ± Student’s quantile × a standard error with Nadeau and Bengio’s factor, as the training parts of \
                folds share rows; where it would leave what the measure can be, on the scale of logits or logarithms";
    let figures = performance["figure"].as_array().into_iter().flatten();
    figures
        .filter_map(|figure| {
            let (value, error) = (figure["value"].as_f64()?, figure["standard_error"].as_f64());
            // A single fold has no spread.
            let error = error.filter(|error| *error > 0.0);
            let name = figure["measure"].as_str()?;
            let is_share = matches!(name, "auc" | "concordance");
            let known = whole(&figure["folds"]).unwrap_or(folds * repeats);
            let of = Averaged { folds, repeats, known };
            let ends = error.and_then(|error| around(value, of.factor() * error, is_share));
            let counted = whole(&figure["rows"]).unwrap_or(rows);
            let mean = match (folds * repeats - known.min(folds * repeats), rows - counted.min(rows)) {
                (0, 0) => mean.clone(),
                (0, unscored) => format!("{mean}; without {}, which have no score", counted_rows(unscored)),
                (lost, rows) => format!(
                    "{mean}; {lost} of {} folds cannot tell it (a fold with a single class has no AUC) and {}",
                    folds * repeats,
                    match rows {
                        0 => "do not count".to_owned(),
                        rows => format!("do not count, nor do {}", counted_rows(rows)),
                    }
                ),
            };
            let (low, high) = ends.unzip();
            let estimate = Estimate { value, low, high, p: None };
            Some(Metric {
                name: name.into(),
                estimate,
                n: counted as u64,
                note: if ends.is_some() {
                    format!("{mean}; {made}")
                } else {
                    format!("{mean}; no interval, for lack of spread")
                },
            })
        })
        .collect()
}

/// An interval of ± `half` around a mean that is never negative and, if it is a share, never above 1. Where it would leave these limits,
/// it is taken on a scale that cannot: that of logits for shares, of logarithms for other measures. Cut off at the limit it would say
/// nothing of its own end. None of a mean that is at a limit itself.
pub(super) fn around(mean: f64, half: f64, is_share: bool) -> Option<(f64, f64)> {
    let (low, high) = (mean - half, mean + half);
    match is_share {
        _ if low > 0.0 && (!is_share || high < 1.0) => Some((low, high)),
        true => (mean > 0.0 && mean < 1.0).then(|| {
            let (middle, half) = ((mean / (1.0 - mean)).ln(), half / (mean * (1.0 - mean)));
            let share = |logit: f64| 1.0 / (1.0 + (-logit).exp());
            (share(middle - half), share(middle + half))
        }),
        false => (mean > 0.0).then(|| (mean * (-half / mean).exp(), mean * (half / mean).exp())),
    }
}

/// Rows, counted.
fn counted_rows(count: usize) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// A mean over outer folds.
pub(super) struct Averaged {
    /// Folds of a repeat.
    pub folds: usize,
    /// How often the rows were cut.
    pub repeats: usize,
    /// The folds, of all repeats, that have a figure.
    pub known: usize,
}

impl Averaged {
    /// What its standard error, as if folds were independent, is multiplied by for an interval of 95 %.
    ///
    /// With the variance s² between folds, n of which have a figure in r repeats, that error is √(s²/(n/r)). They have
    /// √(s²·(1/n + 1/(k − 1))) instead, where 1/(k − 1) is the share of tested to trained rows of k folds (Nadeau and Bengio, Mach.
    /// Learn. 52:239, 2003; for repeats Bouckaert and Frank, PAKDD 2004), and Student's t with n − 1 degrees of freedom.
    pub(super) fn factor(&self) -> f64 {
        let (k, repeats) = (self.folds.max(2) as f64, self.repeats.max(1) as f64);
        let n = self.known.max(2) as f64;
        student_quantile(0.975, n - 1.0) * (n / repeats * (1.0 / n + 1.0 / (k - 1.0))).sqrt()
    }
}

/// The apparent figures less their optimism, if that was asked for.
pub fn corrected(diagnostics: &Json, patients: usize) -> Vec<Metric> {
    let Some(found) = optimism::of(diagnostics) else { return Vec::new() };
    let note = |figure: &optimism::Figure| {
        format!(
            "apparent {:.4} less an optimism of {:.4}: the mean over {} resamples of patients, with every choice made anew; no interval",
            figure.apparent, figure.optimism, found.replicates
        )
    };
    let metric = |figure: &optimism::Figure| Metric {
        name: format!("{}, corrected by bootstrap", figure.measure),
        estimate: Estimate { value: figure.corrected, ..Estimate::default() },
        n: patients as u64,
        note: note(figure),
    };
    found.figure.iter().map(metric).collect()
}

/// What became of each input in the models of the outer folds: those of the model first, then those that were chosen most often.
pub fn stability(outer: &Outer, model: &ModelFile) -> Vec<Stability> {
    let names: BTreeSet<&String> =
        outer.models.iter().flat_map(|of| of.inputs.keys()).chain(model.ranges.keys()).collect();
    let of = outer.models.len() as u64;
    let spread = |values: Vec<f64>| {
        let (low, high) =
            values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
        Estimate { value: values.iter().sum::<f64>() / values.len() as f64, low: Some(low), high: Some(high), p: None }
    };
    let linear = outer.models.iter().all(|of| of.inputs.values().all(Option::is_some));
    let known = outer.models.iter().all(|of| of.inputs.is_empty() || !of.importance.is_empty());
    let one = |name: &String| {
        let chosen = outer.models.iter().filter(|of| of.inputs.contains_key(name)).count() as u64;
        let coefficient = |of: &OfFold| of.inputs.get(name).copied().flatten().unwrap_or(0.0);
        let importance = |of: &OfFold| of.importance.get(name).copied().unwrap_or(0.0);
        Stability {
            input: name.clone(),
            kept: model.ranges.contains_key(name),
            chosen,
            of,
            coefficient: linear.then(|| spread(outer.models.iter().map(coefficient).collect())),
            importance: known.then(|| spread(outer.models.iter().map(importance).collect())),
        }
    };
    let mut all: Vec<Stability> = names.into_iter().map(one).collect();
    let importance = |of: &Stability| of.importance.as_ref().map_or(0.0, |found| found.value);
    all.sort_by(|a, b| (b.kept, b.chosen).cmp(&(a.kept, a.chosen)).then(importance(b).total_cmp(&importance(a))));
    all
}

/// Target and out-of-fold prediction of each patient, and how well they agree; of each lesion where those of a patient have
/// targets of their own. None of a time: the zero of a hazard differs from fold to fold.
pub fn out_of_fold(target: &Target, learnt: &Learnt) -> (Vec<(f64, f64)>, Option<Metric>) {
    if matches!(target, Target::Survival { .. }) {
        return (Vec::new(), None);
    }
    let rows = numbers(&learnt.diagnostics["out_of_fold"]["row"]);
    let predicted = numbers(&learnt.diagnostics["out_of_fold"]["linear_predictor"]);
    let known = rows.iter().zip(predicted).filter_map(|(row, predicted)| {
        let row = *row as usize;
        Some((learnt.rows.get(row)?.1, *learnt.targets.get(row)?, predicted))
    });
    let lesions: Vec<(usize, f64, f64)> = known.collect();
    let (points, note) = match by_patient(&lesions) {
        // Lesions of a patient share their target: counted one by one, they would make any interval too narrow.
        Some(points) => (points, "patients: mean of the out-of-fold predictions of their lesions"),
        None => (
            lesions.iter().map(|(_, target, predicted)| (*target, *predicted)).collect(),
            "lesions, whose targets differ within patients; the interval treats them as independent and is too narrow",
        ),
    };
    let metric = agreement(target, &points, note);
    (points, metric)
}

/// Target and mean prediction of each patient, unless lesions of one patient have different targets.
fn by_patient(lesions: &[(usize, f64, f64)]) -> Option<Vec<(f64, f64)>> {
    let mut patients: BTreeMap<usize, (f64, Vec<f64>)> = BTreeMap::new();
    for (patient, target, predicted) in lesions {
        let of = patients.entry(*patient).or_insert((*target, Vec::new()));
        if of.0 != *target {
            return None;
        }
        of.1.push(*predicted);
    }
    let mean = |predictions: &[f64]| predictions.iter().sum::<f64>() / predictions.len() as f64;
    Some(patients.into_values().map(|(target, predictions)| (target, mean(&predictions))).collect())
}

/// Predictions of different folds hang together through the rows that both were learnt from: a test that takes them for
/// independent finds something in pure chance far too often.
const NO_P: &str =
    "no p-value, and an interval for independent predictions: those of different folds are not quite independent";

/// How well predictions agree with a number or a class.
fn agreement(target: &Target, points: &[(f64, f64)], note: &str) -> Option<Metric> {
    let (observed, scores): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let metric = |name: &str, value: f64, interval: Option<Interval>| Metric {
        name: name.into(),
        estimate: Estimate {
            value,
            low: interval.map(|found| found.low),
            high: interval.map(|found| found.high),
            p: None,
        },
        n: points.len() as u64,
        note: format!("{note}; {NO_P}"),
    };
    match target {
        Target::Number { .. } => {
            let found = rank::spearman(&observed, &scores, Level::P95).ok()?;
            Some(metric("Spearman's ρ, out of fold", found.coefficient, found.interval))
        }
        Target::Survival { .. } => None,
        Target::Above { .. } | Target::Class { .. } => {
            let outcome: Vec<bool> = observed.iter().map(|target| *target > 0.5).collect();
            let found = roc::auc(&scores, &outcome, Level::P95).ok()?;
            Some(metric("AUC, out of fold", found.value, found.interval))
        }
    }
}

/// The numbers of an array.
pub(super) fn numbers(value: &Json) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Json::as_f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_learnt_from_or_left_out_of_its_cohort() {
        use crate::data::Lesion;
        let lesion = |case: &str| Lesion { case: case.into(), ..Lesion::default() };
        let patient = |id: &str, cases: &[&str]| Patient {
            id: id.into(),
            lesions: cases.iter().map(|case| lesion(case)).collect(),
            ..Patient::default()
        };
        let cohort = |name: &str, patients| Cohort { name: name.into(), patients, ..Cohort::default() };
        // Two cohorts that have a case of the same name, left out of one alone; and a patient who has no other.
        let cohorts = [
            cohort("one", vec![patient("p", &["a", "b"]), patient("q", &["c"])]),
            cohort("two", vec![patient("p", &["c"]), patient("r", &["d", "e"])]),
        ];
        let lost = LeftOut { cohort: "one".into(), id: "c".into(), ..LeftOut::default() };
        let names = ["one".to_owned(), "two".to_owned()];
        let (from, patients) = learnt_from(&names, &cohorts, &[lost]);
        let counts = |from: &LearntFrom| (from.rows, from.patients, from.left_out.len());
        assert_eq!(from.iter().map(counts).collect::<Vec<_>>(), [(2, 1, 1), (3, 2, 0)]);
        assert_eq!(patients.into_iter().collect::<Vec<_>>(), ["p", "r"]);
    }

    #[test]
    fn an_interval_of_a_share_does_not_end_at_its_limit() {
        assert_eq!(around(0.7, 0.2, true), Some((0.7 - 0.2, 0.7 + 0.2)));
        // The logit of 0.9 is 2.1972246, and 0.2 / (0.9 · 0.1) is 2.2222222: 1 / (1 + exp(0.0249977)) and 1 / (1 + exp(−4.4194468)).
        let (low, high) = around(0.9, 0.2, true).expect("an interval");
        assert!((low - 0.493_750_9).abs() < 1e-6 && (high - 0.988_101_8).abs() < 1e-6, "{low} {high}");
        let (low, high) = around(0.5, 1.0, false).expect("an interval");
        assert!((low - 0.5 * (-2.0f64).exp()).abs() < 1e-12 && (high - 0.5 * 2.0f64.exp()).abs() < 1e-12);
        assert_eq!([around(1.0, 0.1, true), around(0.0, 0.1, false)], [None; 2]);
    }

    #[test]
    fn predictions_are_held_against_the_target_of_the_very_lesion() {
        let shared = [(0, 1.0, 0.2), (0, 1.0, 0.4), (1, 0.0, 0.1)];
        let points = by_patient(&shared).expect("one target a patient");
        assert!(points.len() == 2 && (points[0].1 - 0.3).abs() < 1e-15 && points[1] == (0.0, 0.1), "{points:?}");
        assert_eq!(by_patient(&[(0, 1.0, 0.2), (0, 2.0, 0.4)]), None);
    }

    #[test]
    fn an_interval_stays_where_its_measure_does() {
        let figure = |measure: &str, value: f64| {
            let performance = serde_json::json!({
                "folds": 5,
                "figure": [{ "measure": measure, "value": value, "standard_error": 0.1 }],
            });
            figures(&performance, 20).remove(0).estimate
        };
        // On the scale of logits and of logarithms: ± 0.1 · 4.164667 / (0.95 · 0.05), and ± 0.1 · 4.164667 / 0.1.
        assert!(figure("auc", 0.95).high.is_some_and(|high| (1.0 - high - 8.193_5e-6).abs() < 1e-9));
        assert!(figure("mse", 0.1).low.is_some_and(|low| (low - 0.1 * (-4.164_667_657_5f64).exp()).abs() < 1e-9));
        // Five folds: √(5·(1/5 + 1/4)) = 1.5, and t with 4 degrees of freedom is 2.776445.
        let high = figure("mse", 0.95).high.expect("a limit");
        assert!((high - (0.95 + 0.1 * 1.5 * 2.776_445_105)).abs() < 1e-9, "{high}");
        // Ten times five: √(5·(1/50 + 1/4)), and t with 49.
        assert!(
            (Averaged { folds: 5, repeats: 10, known: 50 }.factor() - 2.334_915_427_905_71).abs() < 1e-9,
            "R: qt(0.975, 49) * sqrt(1.35)"
        );
        let single =
            serde_json::json!({ "folds": 2, "figure": [{ "measure": "auc", "value": 0.9, "standard_error": 0.0 }] });
        let single = figures(&single, 20).remove(0);
        assert_eq!((single.estimate.low, single.estimate.high), (None, None), "one fold tells nothing of the spread");
        // A centre of 30 rows has a single class: four folds of five, and t with 3 degrees of freedom.
        let part = serde_json::json!({
            "folds": 5,
            "figure": [{ "measure": "mse", "value": 0.95, "standard_error": 0.1, "folds": 4, "rows": 120 }],
        });
        let part = figures(&part, 150).remove(0);
        let high = part.estimate.high.expect("a limit");
        assert!((high - (0.95 + 0.1 * 2.0f64.sqrt() * 3.182_446_305)).abs() < 1e-9, "{high}");
        assert!(part.n == 120 && part.note.contains("1 of 5 folds cannot tell it"), "{part:?}");
    }
}
