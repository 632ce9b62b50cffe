//! A model card for programs.

use serde_json::{Value as Json, json};

use super::{Of, figures};
use crate::study::{Estimate, Evaluation, LearntFrom, Model, Outcome, Study};

/// The format of a card; a later one keeps the keys of an earlier one.
const FORMAT: u32 = 1;

/// Questions of `[study]` that a card asks, too.
const ASKED: [&str; 4] = ["intended_use", "limitations", "outcome", "availability"];

pub fn card(of: &Of<'_>) -> Json {
    let Of { study, model, evaluations } = of;
    let stated: serde_json::Map<String, Json> =
        ASKED.iter().map(|key| ((*key).to_owned(), json!(study.stated.get(*key)))).collect();
    json!({
        "format": FORMAT,
        "notice": super::NOTICE,
        "simulated": study.simulated,
        "stated": stated,
        "model": about(study, model),
        "inputs": model.terms,
        "training": training(model),
        "performance": model.performance,
        "stability": model.stability,
        "evaluations": evaluations.iter().map(|evaluation| self::evaluation(evaluation)).collect::<Vec<_>>(),
        "notes": model.notes,
    })
}

fn about(study: &Study, model: &Model) -> Json {
    let plugin = study.record.plugins.iter().find(|plugin| plugin.name.split(", ").any(|name| name == model.plugin));
    json!({
        "name": model.name,
        "file": model.file.path,
        "sha256": model.file.sha256,
        "plugin": model.plugin,
        "plugin_version": plugin.map(|plugin| &plugin.version),
        "voxomics": study.record.version,
        "program": study.record.program,
        "seed": study.record.seed,
        "predicts": model.target,
        "score": model.score_label,
        "link": model.link,
        "formula": model.formula,
        "intercept": model.intercept,
        "cutoffs": model.cutoffs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
        "stated_in_file": model.about.iter().map(|(key, text)| (key.clone(), json!(text))).collect::<serde_json::Map<_, _>>(),
    })
}

fn training(model: &Model) -> Json {
    // Whom it was not learnt from are patients, and their names are not for a card.
    let from = |from: &LearntFrom| {
        json!({
            "cohort": from.cohort, "lesions": from.rows, "patients": from.patients, "lesions_left_out": from.left_out.len(),
        })
    };
    json!({
        "cohorts": model.learnt_from.iter().map(from).collect::<Vec<_>>(),
        "lesions": model.rows,
        "patients": model.patients,
        "inputs_offered": model.offered,
        "inputs_kept": model.terms.len(),
        "mixing": model.chosen.map(|(alpha, _)| alpha),
        "penalty": model.chosen.map(|(_, lambda)| lambda),
    })
}

fn evaluation(of: &Evaluation) -> Json {
    let figure = |(name, estimate): (String, Estimate)| json!({ "name": name, "estimate": estimate });
    json!({
        "name": of.name,
        "cohort": of.cohort,
        "outcome": of.outcome,
        "unit": of.unit,
        "aggregation": of.aggregation,
        "n": of.n,
        "left_out": of.left_out.len(),
        "predictions": of.predictions,
        "learnt_on": of.seen,
        "figures": figures::of(&of.result).into_iter().map(figure).collect::<Vec<_>>(),
        // The reason may name a patient: it stands in the report.
        "has_result": !matches!(of.result, Outcome::None { .. }),
        "subgroups": of.forest,
        "methods": of.methods,
        "notes": of.notes,
    })
}
