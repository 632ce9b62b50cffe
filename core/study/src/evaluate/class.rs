//! A score against a class.

use std::collections::BTreeSet;

use voxomics_report::study::{AtCutoff, Calibration, ClassResult, Decision, Estimate, Evaluation, Group, Outcome};
use voxomics_statistics::{
    Error, Interval, Level, Result, calibration,
    classification::{Proportion, classify},
    decision,
    rank::{Method, Used, mann_whitney},
    roc, subgroup,
};

use super::{
    Question, compare, estimate,
    few::{LEAST_OF_A_CLASS, fewest},
    forest::{self, Effect},
    roc_band,
    rows::pick,
    sample::Sample,
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
    let auc = area(scores, outcome).map_err(|cause| cause.to_string())?;
    let curve = roc::curve(scores, outcome).map_err(|cause| cause.to_string())?;
    shown.methods.extend(said_of_area(outcome, &auc));
    let tested = had("Mann–Whitney test", mann_whitney(&with, &without, Method::Auto), &mut shown.notes);
    // The p of the AUC is that of this test where DeLong's variance is none or of few: only then is it seen.
    let seen = tested.filter(|test| auc.p == Some(test.p));
    shown.methods.extend(seen.map(|test| said_of_test(test.method)));
    let mut result = ClassResult {
        positives: with.len() as u64,
        negatives: without.len() as u64,
        auc,
        roc: curve.iter().map(|point| (point.false_positive_rate, point.sensitivity)).collect(),
        roc_scores: curve.iter().map(|point| point.cut_off).collect(),
        roc_band: roc_band::band(question, sample),
        mann_whitney_p: tested.map(|test| test.p),
        cutoff: at_cutoff(question, sample, shown),
        ..ClassResult::default()
    };
    if !result.roc_band.is_empty() {
        shown.methods.push(roc_band::METHOD.into());
    }
    if question.is_probability() {
        shown.notes.push(
            "Calibration takes the score for the probability of this outcome; it was made for what the model was learnt on."
                .into(),
        );
        result.calibration = had("Calibration", calibrate(scores, outcome), &mut shown.notes);
        if result.calibration.is_some() {
            shown.methods.push(
                "Calibration: Wilson’s interval of each group; intercept and slope ± 1.96 standard errors of the logistic fit."
                    .into(),
            );
        }
        result.decision = had("Decision curve", decide(scores, outcome), &mut shown.notes);
    }
    if question.stated.lesions {
        compare::clustered_auc(question, sample, shown);
    }
    compare::classes(question, sample, shown);
    let effect = Effect { name: "AUC", neutral: 0.5, logarithmic: false, high: None, events: Some(outcome) };
    let area = |members: &[usize]| area(&pick(scores, members), &pick(outcome, members));
    let differ = |parts: &[Vec<usize>]| {
        let of = |members: &Vec<usize>| precision(&pick(scores, members), &pick(outcome, members));
        Ok(subgroup::differ(&parts.iter().map(of).collect::<Result<Vec<_>>>()?)?.p)
    };
    // Lesions of a patient may stand in several subgroups, whose areas then depend on each other.
    let alone =
        !question.stated.lesions || sample.clusters().into_iter().collect::<BTreeSet<_>>().len() == scores.len();
    let differ: Option<&forest::Differ<'_>> = if alone { Some(&differ) } else { None };
    shown.forest = forest::forest(question, &sample.units, &effect, &mut shown.notes, area, differ);
    if shown.forest.as_ref().is_some_and(|forest| forest.interaction.is_some()) {
        shown.methods.push("Interaction: Cochran’s Q of the areas of the subgroups, by DeLong’s variances.".into());
    }
    Ok(Outcome::Class(Box::new(result)))
}

/// With fewer of a class than this, the AUC ± 1.96 standard errors does not keep its level, and the test is exact.
const MANY_OF_A_CLASS: usize = 9;

/// The area below the ROC curve, with as much precision as its rows bear: see [`said_of_area`].
pub(super) fn area(scores: &[f64], outcome: &[bool]) -> Result<Estimate> {
    let found = roc::auc(scores, outcome, Level::P95)?;
    let interval = match fewest(outcome) {
        few if few < LEAST_OF_A_CLASS => None,
        few if few < MANY_OF_A_CLASS => found.logit_interval,
        // One that leaves 0 to 1 does not keep its level: cut off there, it would say nothing of its own end.
        _ if found.interval.is_some_and(Interval::leaves_shares) => found.logit_interval,
        _ => found.interval,
    };
    let p = match found.p.filter(|_| fewest(outcome) >= MANY_OF_A_CLASS) {
        Some(p) => p,
        None => {
            let of = |class: bool| -> Vec<f64> {
                scores.iter().zip(outcome).filter(|(_, with)| **with == class).map(|(score, _)| *score).collect()
            };
            mann_whitney(&of(true), &of(false), Method::Auto)?.p
        }
    };
    Ok(estimate(found.value, interval, Some(p)))
}

/// The area with its standard error, where the normal distribution is a guide to it.
fn precision(scores: &[f64], outcome: &[bool]) -> Result<(f64, f64)> {
    let few = fewest(outcome);
    if few < MANY_OF_A_CLASS {
        return Err(Error::TooFew {
            what: "rows of the lesser class of a subgroup",
            found: few,
            needed: MANY_OF_A_CLASS,
        });
    }
    let found = roc::auc(scores, outcome, Level::P95)?;
    let error = found.standard_error.unwrap_or(0.0);
    Ok((found.value, error))
}

/// How interval and p value of an area came about.
fn said_of_area(outcome: &[bool], found: &Estimate) -> [String; 2] {
    let fewest = fewest(outcome);
    let why = match fewest {
        few if few < LEAST_OF_A_CLASS => {
            format!("the lesser class has {few}, too few for an interval ({LEAST_OF_A_CLASS} are needed)")
        }
        few if few < MANY_OF_A_CLASS && found.low.is_some() => {
            format!("the lesser class has {fewest}: the interval is that of DeLong’s variance on the logit scale")
        }
        _ if found.low.is_some() => {
            return [
                "AUC: interval ± 1.96 standard errors by DeLong’s variance, on the logit scale where it would leave 0 to 1.".into(),
                "p-values of an AUC: of 0.5, by DeLong’s variance.".into(),
            ];
        }
        _ => "DeLong’s variance is zero, as the classes do not overlap or all scores are equal: there is no interval"
            .into(),
    };
    [format!("AUC: {why}."), "p-values of an AUC: of 0.5, that of the Mann–Whitney test.".into()]
}

fn said_of_test(used: Used) -> String {
    match used {
        Used::Exact => "Mann–Whitney test: exact, two-sided (all ways to deal the scores to the classes).".into(),
        Used::Asymptotic => {
            "Mann–Whitney test: by the normal distribution, two-sided, corrected for ties and continuity.".into()
        }
    }
}

/// What a statistic found, or a note.
pub(super) fn had<T>(name: &str, found: Result<T>, notes: &mut Vec<String>) -> Option<T> {
    found.map_err(|cause| notes.push(format!("{name}: {cause}."))).ok()
}

fn at_cutoff(question: &Question<'_>, sample: &Sample<'_, bool>, shown: &mut Evaluation) -> Option<AtCutoff> {
    let (cutoff, high) = match question.sides(sample) {
        Ok(found) => found,
        Err(reason) => {
            shown.notes.push(format!("There is no cut-off: {reason}."));
            return None;
        }
    };
    let sides: Vec<f64> = high.iter().map(|high| f64::from(u8::from(*high))).collect();
    let found = classify(&sides, &sample.outcomes, 1.0, Level::P95);
    let found = had("Figures at the cut-off", found, &mut shown.notes)?;
    shown.notes.push(format!("Cut-off: {}; high is called positive.", cutoff.describe()));
    shown.methods.push("Shares (sensitivity, specificity, …): Wilson’s score interval.".into());
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
