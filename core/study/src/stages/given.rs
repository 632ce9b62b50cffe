//! Models that the experiment gives: which file, whether it is as its training left it, and what it says of itself.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use voxomics_engine::{
    digest,
    experiment::Experiment,
    plan::{Plan, Predictor},
};
use voxomics_report::study::{Estimate, File, Metric, Model};

use crate::evaluate::ScoredModel;

/// What is doubtful of the given models and of what was fitted elsewhere, one sentence each: a model that was changed scores as well
/// as any other.
pub fn warnings(experiment: &Experiment, plan: &Plan) -> Vec<String> {
    let of = |predictor: &Predictor| {
        let name = predictor.name.clone();
        predictor.doubtful.clone().into_iter().map(move |doubt| format!("[predict.{name}] {doubt}"))
    };
    plan.predictors.iter().flat_map(of).chain(plan.doubts_of_fitted(experiment)).collect()
}

/// Adds what the file of each given model is and says; `scored` learns in which direction its score goes.
///
/// # Errors
/// If the file cannot be read.
pub fn complete(
    experiment: &Experiment,
    plan: &Plan,
    shown: &mut [Model],
    scored: &mut [ScoredModel],
) -> Result<(), String> {
    for predictor in &plan.predictors {
        let document = predictor.model.as_ref().map_or(&Json::Null, |model| &model.document);
        let path = path(experiment, predictor);
        if let Some(model) = shown.iter_mut().find(|model| !model.learnt && model.name == predictor.name) {
            if let Some(path) = &path {
                let sha256 =
                    digest::sha256_path(path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
                // Where it lies changes nothing: the page is the same wherever it is made again.
                model.file = File { path: String::new(), sha256 };
                model.notes.extend(beside_changed(path, document));
            }
            let stated = |keys: [&str; 2]| keys.map(|key| document["training"][key].as_u64().unwrap_or(0));
            [model.rows, model.patients] = stated(["rows", "patients"]);
            if let Some(target) = document["model"]["target"].as_str() {
                model.target = target.into();
            }
            model.performance = performance(document, model.rows);
        }
        if let Some(model) = scored.iter_mut().find(|model| model.name == predictor.name) {
            model.hazard |= document["model"]["higher"] == "worse";
        }
    }
    Ok(())
}

/// The file of a given model.
fn path(experiment: &Experiment, predictor: &Predictor) -> Option<PathBuf> {
    let stated = experiment.predictors.iter().find(|stated| stated.name == predictor.name)?;
    Some(experiment.folder.join(stated.settings.values.get("model")?.as_str()?))
}

/// Says so if what the training told beside a model is not what it told.
fn beside_changed(path: &Path, document: &Json) -> Option<String> {
    let beside = path.with_extension("training.json");
    let (stated, bytes) = (document["training"]["beside"].as_str()?, std::fs::read(&beside).ok()?);
    (digest::sha256(&bytes) != stated)
        .then(|| "The .training.json beside its file was changed after the model was learnt.".to_owned())
}

/// What the file says of how well its model does.
fn performance(document: &Json, rows: u64) -> Vec<Metric> {
    let stated = &document["performance"];
    let count = |key: &str| stated[key].as_u64().unwrap_or(0);
    let note = format!(
        "as its file says: mean over the folds of {} × {} outer cross-validation",
        count("repeats"),
        count("folds")
    );
    let figures = stated["figure"].as_array().into_iter().flatten();
    let metric = |figure: &Json| {
        let estimate = Estimate { value: figure["value"].as_f64()?, ..Estimate::default() };
        Some(Metric { name: figure["measure"].as_str()?.into(), estimate, n: rows, note: note.clone() })
    };
    figures.filter_map(metric).collect()
}
