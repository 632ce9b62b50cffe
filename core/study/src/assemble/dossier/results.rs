//! Validation, calibration and clinical use: what scores were held against, and what that shows.

use voxomics_engine::experiment::study::Threshold;
use voxomics_report::study::{Decision, Estimate, Evaluation, Model, Outcome, Place, Point};

use super::{super::finding, Given, counted, does_not_apply, shown, stated};

const NO_EVALUATION: &str = "No score was evaluated.";

/// A point of the evaluations, a sentence for each that has something to say; it does not apply where there are none.
fn of_evaluations(
    of: &Given<'_>,
    key: &str,
    asks: &str,
    otherwise: &str,
    said: &dyn Fn(&Evaluation) -> Option<String>,
) -> Point {
    if of.study.evaluations.is_empty() {
        return does_not_apply(key, asks, NO_EVALUATION);
    }
    let found: Vec<(&Evaluation, String)> =
        of.study.evaluations.iter().filter_map(|evaluation| Some((evaluation, said(evaluation)?))).collect();
    let places = found.iter().map(|(evaluation, _)| Place::Evaluation(evaluation.name.clone())).collect();
    let said: Vec<String> =
        found.into_iter().map(|(evaluation, said)| format!("`{}`: {said}.", evaluation.name)).collect();
    shown(key, asks, &said, places, otherwise)
}

/// The result of an evaluation, without its name and outcome.
fn result(of: &Evaluation) -> String {
    let line = finding(of);
    let before = format!("{}: {}, ", of.name, of.outcome);
    line.strip_prefix(&before).unwrap_or(&line).to_owned()
}

fn has_result(of: &Evaluation) -> bool {
    !matches!(of.result, Outcome::None { .. })
}

pub fn validation(of: &Given<'_>) -> Vec<Point> {
    let model = |evaluation: &Evaluation| of.study.models.iter().find(|model| model.name == evaluation.model);
    let learnt = |evaluation: &Evaluation| model(evaluation).is_some_and(|model| model.learnt);
    let elsewhere = |evaluation: &Evaluation| {
        let is_new = model(evaluation)
            .is_some_and(|model| !model.learnt_from.iter().any(|from| from.cohort == evaluation.cohort));
        let doubt = match (learnt(evaluation), of.ids_tell(evaluation)) {
            (false, _) => "; whether these are other patients, the run does not know: the model was given",
            (true, false) => "; whether these are other patients, ids of each cohort alone do not tell",
            (true, true) => "",
        };
        (is_new && evaluation.seen.is_none() && has_result(evaluation))
            .then(|| format!("{}{doubt}", result(evaluation)))
    };
    let optimistic = |evaluation: &Evaluation| match &evaluation.seen {
        _ if !evaluation.predictions.is_empty() => None,
        Some(seen) => Some(format!("the model was {}", seen.label())),
        None if !learnt(evaluation) => Some("the run does not know: its model was given".to_owned()),
        None if !of.ids_tell(evaluation) => {
            Some("the run does not know: ids are those of each cohort alone".to_owned())
        }
        None => None,
    };
    let subgroups = |evaluation: &Evaluation| {
        let rows = evaluation.forest.as_ref()?.rows.len().checked_sub(1).filter(|rows| *rows > 0)?;
        Some(counted(rows as u64, "subgroup"))
    };
    vec![
        internal(of),
        of_evaluations(
            of,
            "validation.other_cohorts",
            "What models achieve in cohorts that they were not learnt from",
            "No evaluation with a result is of a cohort that its model was not learnt from.",
            &elsewhere,
        ),
        of_evaluations(
            of,
            "validation.optimistic",
            "Which results are of patients whom the model was learnt from",
            "By their ids, no result is of patients whom the models that scored them were learnt from.",
            &optimistic,
        ),
        of_evaluations(
            of,
            "validation.intervals",
            "Whether results have intervals",
            "No evaluation has a result.",
            &interval,
        ),
        comparison(of),
        of_evaluations(
            of,
            "validation.subgroups",
            "Whether results were looked at in subgroups",
            "No evaluation has subgroups.",
            &subgroups,
        ),
    ]
}

fn internal(of: &Given<'_>) -> Point {
    const KEY: &str = "validation.internal";
    const ASKS: &str = "What models achieve on patients of their training whom a fold left out";
    let learnt = || of.study.models.iter().filter(|model| model.learnt);
    if learnt().next().is_none() {
        return does_not_apply(KEY, ASKS, "No model was learnt.");
    }
    let said: Vec<(&Model, String)> =
        learnt().filter(|model| !model.performance.is_empty()).map(|model| (model, performance(model))).collect();
    let places = said.iter().map(|(model, _)| Place::Model(model.name.clone())).collect();
    let said: Vec<String> = said.into_iter().map(|(_, said)| said).collect();
    shown(KEY, ASKS, &said, places, "No training has outer folds, or predictions out of fold.")
}

fn performance(model: &Model) -> String {
    let figures: Vec<String> = model
        .performance
        .iter()
        .map(|metric| format!("{} {} (n = {}; {})", metric.name, figure(&metric.estimate), metric.n, metric.note))
        .collect();
    format!("`{}`: {}.", model.name, figures.join("; "))
}

/// "0.71 (0.62 to 0.80)".
fn figure(of: &Estimate) -> String {
    match (of.low, of.high) {
        (Some(low), Some(high)) => format!("{:.3} ({low:.3} to {high:.3})", of.value),
        _ => format!("{:.3}, without an interval", of.value),
    }
}

/// The first figure of an evaluation, and whether it has an interval.
fn interval(of: &Evaluation) -> Option<String> {
    let first = match &of.result {
        Outcome::Class(class) => Some(&class.auc),
        Outcome::Survival(survival) => survival.cox.first().and_then(|table| Some(&table.rows.first()?.1)),
        Outcome::Number(number) => number.spearman.as_ref(),
        Outcome::None { .. } => return None,
    };
    Some(match first {
        Some(Estimate { low: Some(_), high: Some(_), .. }) => "its first figure has an interval of 95 %".into(),
        Some(_) => "its first figure has no interval".into(),
        None => "its first figure could not be had".into(),
    })
}

fn comparison(of: &Given<'_>) -> Point {
    let said: Vec<String> = of
        .study
        .compared
        .iter()
        .map(|table| {
            let others = table.rows.iter().filter(|row| row.name != table.reference);
            let others: Vec<String> = others
                .map(|row| match &row.difference {
                    Some(difference) => {
                        format!("{} (difference of the {}: {})", row.name, table.measure, figure(difference))
                    }
                    None => row.name.clone(),
                })
                .collect();
            format!("`{}` beside {}.", table.reference, others.join(", "))
        })
        .collect();
    shown(
        "validation.comparison",
        "Whether models were compared with simpler ones",
        &said,
        vec![Place::Compared],
        "No model was compared with another one on the same folds.",
    )
}

pub fn calibration(of: &Given<'_>) -> Vec<Point> {
    let recalibrated = |evaluation: &Evaluation| {
        evaluation.recalibrated.then(|| "the model was recalibrated to this cohort".to_owned())
    };
    vec![
        of_evaluations(
            of,
            "calibration.figures",
            "Whether predicted probabilities, risks and numbers are right",
            "No evaluation against what its model predicts has figures of calibration.",
            &|evaluation| of_what_it_predicts(of, evaluation, calibrated(evaluation)?),
        ),
        of_evaluations(
            of,
            "calibration.recalibrated",
            "Whether models were recalibrated",
            "No model was recalibrated.",
            &recalibrated,
        ),
    ]
}

/// A probability of one outcome is no probability of another: what is said of it counts where the model predicts what it is held
/// against. Of a given model, nobody here knows what its outcome was.
fn of_what_it_predicts(of: &Given<'_>, evaluation: &Evaluation, said: String) -> Option<String> {
    let stated = of.experiment.evaluate.iter().find(|stated| stated.name == evaluation.name)?;
    match of.experiment.learn.iter().find(|learn| learn.name == evaluation.model) {
        Some(learn) => learn.target.is_of_the_same(&stated.outcome).then_some(said),
        None => {
            Some(format!("{said}; whether its model predicts this very outcome, the run does not know: it was given"))
        }
    }
}

fn calibrated(of: &Evaluation) -> Option<String> {
    match &of.result {
        Outcome::Class(class) => {
            let found = class.calibration.as_ref()?;
            Some(format!(
                "intercept {}, slope {}, Brier score {:.3}",
                figure(&found.intercept),
                figure(&found.slope),
                found.brier
            ))
        }
        Outcome::Survival(survival) => {
            let risk = survival.risk.as_ref()?;
            let slope = risk.slope.iter().map(|slope| format!("slope {}", figure(slope)));
            let at = risk.at.iter().map(|at| {
                format!("observed by predicted risk at {} {} {}", at.time, survival.time_unit, figure(&at.ratio))
            });
            Some(slope.chain(at).collect::<Vec<_>>().join(", "))
        }
        Outcome::Number(number) => {
            let found = number.calibration.as_ref()?;
            Some(format!(
                "observed − predicted {}, intercept {}, slope {}, R² of the predictions {}",
                figure(&found.difference),
                figure(&found.intercept),
                figure(&found.slope),
                figure(&found.explained)
            ))
        }
        Outcome::None { .. } => None,
    }
}

pub fn clinical(of: &Given<'_>) -> Vec<Point> {
    let facts = &of.experiment.facts;
    let cutoff = |evaluation: &Evaluation| {
        let splits = match &evaluation.result {
            Outcome::Class(class) => class.cutoff.is_some(),
            Outcome::Survival(survival) => survival.groups.len() > 1,
            Outcome::Number(_) | Outcome::None { .. } => false,
        };
        let stated = of.experiment.evaluate.iter().find(|stated| stated.name == evaluation.name).filter(|_| splits)?;
        Some(match stated.cutoff {
            Threshold::Value(_) => "yes, the experiment states it".to_owned(),
            Threshold::Training(_) => "yes, it was fixed on the training data".to_owned(),
            Threshold::Own(_) => "no, it is a quantile of the very rows that are looked at".to_owned(),
        })
    };
    vec![
        stated(facts, "clinical", "intended_use"),
        stated(facts, "clinical", "limitations"),
        of_evaluations(
            of,
            "clinical.cutoffs",
            "Whether cut-offs were fixed before they were used",
            "No evaluation with a result splits its score.",
            &cutoff,
        ),
        of_evaluations(
            of,
            "clinical.decisions",
            "Whether it was looked at what decisions by the score are worth",
            "No evaluation against what its model predicts has a decision curve.",
            &|evaluation| of_what_it_predicts(of, evaluation, decisions(evaluation)?),
        ),
    ]
}

fn decisions(of: &Evaluation) -> Option<String> {
    let curves: Vec<&Decision> = match &of.result {
        Outcome::Class(class) => class.decision.iter().collect(),
        Outcome::Survival(survival) => {
            survival.risk.iter().flat_map(|risk| risk.at.iter().map(|at| &at.decision)).collect()
        }
        Outcome::Number(_) | Outcome::None { .. } => Vec::new(),
    };
    let curves: Vec<&&Decision> = curves.iter().filter(|curve| !curve.thresholds.is_empty()).collect();
    let first = curves.first()?;
    let (low, high) = (first.thresholds.first()?, first.thresholds.last()?);
    Some(format!("{}, with thresholds from {low:.2} to {high:.2}", counted(curves.len() as u64, "decision curve")))
}
