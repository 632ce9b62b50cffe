//! A score against a class.

use voxomics_report::study::{AtCutoff, Calibration, ClassResult, Decision, Evaluation, Group, Outcome};
use voxomics_statistics::{
    Level, Result, calibration,
    classification::{Proportion, classify},
    decision,
    rank::{Method, mann_whitney},
    roc,
};

use super::{
    Question, compare, estimate,
    forest::{self, Effect},
    rows::{Sample, pick},
};

/// Least rows that a group of the calibration curve should have.
const ROWS_A_GROUP: usize = 20;

/// Discrimination, classification, calibration.
pub(super) fn evaluate(
    question: &Question<'_>,
    sample: &Sample<'_, bool>,
    names: [String; 2],
    shown: &mut Evaluation,
) -> std::result::Result<Outcome, String> {
    let (scores, outcome) = (&sample.scores, &sample.outcomes);
    let of = |class: bool| -> Vec<f64> {
        scores.iter().zip(outcome).filter(|(_, with)| **with == class).map(|(score, _)| *score).collect()
    };
    let (with, without) = (of(true), of(false));
    let [positive, negative] = names;
    shown.distribution =
        vec![Group { name: positive, scores: with.clone() }, Group { name: negative, scores: without.clone() }];
    let auc = roc::auc(scores, outcome, Level::P95).map_err(|cause| cause.to_string())?;
    let curve = roc::curve(scores, outcome).map_err(|cause| cause.to_string())?;
    if auc.interval.is_none() {
        shown.notes.push("AUC: DeLong’s variance is undefined or zero; there is no interval and no p.".into());
    }
    let tested = had("Mann–Whitney test", mann_whitney(&with, &without, Method::Auto), &mut shown.notes);
    let mut result = ClassResult {
        positives: auc.positives as u64,
        negatives: auc.negatives as u64,
        auc: estimate(auc.value, auc.interval, auc.p),
        roc: curve.iter().map(|point| (point.false_positive_rate, point.sensitivity)).collect(),
        mann_whitney_p: tested.map(|test| test.p),
        cutoff: at_cutoff(question, sample, shown),
        ..ClassResult::default()
    };
    if question.is_probability() {
        shown.notes.push(
            "Calibration takes the score for the probability of this outcome; it was made for what the model was learnt on."
                .into(),
        );
        result.calibration = had("Calibration", calibrate(scores, outcome), &mut shown.notes);
        result.decision = had("Decision curve", decide(scores, outcome), &mut shown.notes);
    }
    if question.stated.lesions {
        compare::clustered_auc(question, sample, shown);
    }
    compare::classes(question, sample, shown);
    let effect = Effect { name: "AUC", neutral: 0.5, logarithmic: false, events: Some(outcome) };
    shown.forest = forest::forest(question, &sample.units, &effect, &mut shown.notes, |members| {
        let found = roc::auc(&pick(scores, members), &pick(outcome, members), Level::P95)?;
        Ok(estimate(found.value, found.interval, found.p))
    });
    Ok(Outcome::Class(Box::new(result)))
}

/// What a statistic found, or a note.
pub(super) fn had<T>(name: &str, found: Result<T>, notes: &mut Vec<String>) -> Option<T> {
    found.map_err(|cause| notes.push(format!("{name}: {cause}."))).ok()
}

fn at_cutoff(question: &Question<'_>, sample: &Sample<'_, bool>, shown: &mut Evaluation) -> Option<AtCutoff> {
    let cutoff = match question.cutoff(&sample.scores) {
        Ok(cutoff) => cutoff,
        Err(reason) => {
            shown.notes.push(format!("There is no cut-off: {reason}."));
            return None;
        }
    };
    // High is above the cut-off, where the statistic calls positive at or above: the next number is the same thing.
    let found = classify(&sample.scores, &sample.outcomes, cutoff.value.next_up(), Level::P95);
    let found = had("Figures at the cut-off", found, &mut shown.notes)?;
    shown.notes.push(format!("Cut-off: {}; high is called positive.", cutoff.describe()));
    let figures = [
        ("sensitivity", Some(found.sensitivity)),
        ("specificity", Some(found.specificity)),
        ("PPV", found.positive_predictive_value),
        ("NPV", found.negative_predictive_value),
        ("accuracy", Some(found.accuracy)),
    ];
    let mut kept = Vec::new();
    for (name, figure) in figures {
        match figure {
            Some(Proportion { value, wilson, .. }) => kept.push((name.to_owned(), estimate(value, Some(wilson), None))),
            None => shown.notes.push(format!("{name}: no row is on that side of the cut-off.")),
        }
    }
    Some(AtCutoff { value: cutoff.value, source: cutoff.source, figures: kept })
}

fn calibrate(predicted: &[f64], outcome: &[bool]) -> Result<Calibration> {
    let groups = (predicted.len() / ROWS_A_GROUP).clamp(2, 10);
    let curve = calibration::curve(predicted, outcome, groups, Level::P95)?;
    let fit = calibration::recalibration(predicted, outcome, Level::P95)?;
    let of = |found: calibration::Estimate| estimate(found.value, Some(found.interval), Some(found.p));
    let point = |point: calibration::CurvePoint| {
        let Proportion { value, wilson, trials, .. } = point.observed;
        (point.predicted, estimate(value, Some(wilson), None), trials as u64)
    };
    Ok(Calibration {
        groups: curve.into_iter().map(point).collect(),
        intercept: of(fit.intercept),
        slope: of(fit.slope),
        brier: calibration::brier(predicted, outcome)?.score,
    })
}

fn decide(predicted: &[f64], outcome: &[bool]) -> Result<Decision> {
    let thresholds: Vec<f64> = (1..100).map(|percent| f64::from(percent) / 100.0).collect();
    let curve = decision::curve(predicted, outcome, &thresholds)?;
    Ok(Decision {
        thresholds,
        model: curve.iter().map(|point| point.model).collect(),
        all: curve.iter().map(|point| point.all).collect(),
    })
}
