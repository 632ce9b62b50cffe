//! Models as the report shows them.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use voxomics_engine::{
    experiment::study::Target,
    plan::{ModelFile, Predictor},
    provenance,
};
use voxomics_report::study::{CoefficientPath, Curve, CurvePoint, Estimate, File, Metric, Model, Term};
use voxomics_statistics::{Interval, Level, rank, roc};

use crate::{
    data::Cohort,
    evaluate::{self, Context, ScoredModel},
    learn::{self, Learnt},
    stages::Work,
};

/// The models of a study: as evaluations need them, and as the report shows them.
pub struct Models {
    /// For the evaluations.
    pub scored: Vec<ScoredModel>,
    /// For the report.
    pub shown: Vec<Model>,
}

/// The models, given and learnt. Writes the cut-offs of learnt ones into their files.
///
/// # Errors
/// If a model file cannot be written.
pub fn models(work: &Work<'_>, learnt: &[(usize, Learnt)], cohorts: &[Cohort]) -> Result<Models, String> {
    let mut all = Models { scored: Vec::new(), shown: Vec::new() };
    for predictor in &work.plan.predictors {
        let cutoffs = predictor.model.as_ref().map(|model| model.cutoffs.clone()).unwrap_or_default();
        all.scored.push(scored(predictor, Vec::new(), cutoffs));
        all.shown.push(given(predictor));
    }
    for (index, model) in learnt {
        let stated = &work.experiment.study.learn[*index];
        let context = Context {
            cohorts,
            models: &[],
            seed: work.plan.seed,
            default_aggregation: &work.experiment.study.patients,
            first_region: work.plan.regions.first().map_or("", |region| &region.name),
        };
        let cutoffs = evaluate::training_cutoffs(&stated.name, &stated.cohorts, &context);
        learn::add_cutoffs(work.folder, &stated.name, &cutoffs)?;
        all.scored.push(scored(&model.predictor, stated.cohorts.clone(), cutoffs.clone()));
        all.shown.push(shown(work, stated, model, &cutoffs)?);
    }
    Ok(all)
}

fn scored(predictor: &Predictor, training: Vec<String>, cutoffs: BTreeMap<String, f64>) -> ScoredModel {
    let probability = predictor.model.as_ref().is_some_and(|model| model.document["model"]["link"] == "logistic");
    let hazard = predictor.model.as_ref().is_some_and(|model| model.document["model"]["family"] == "cox");
    let label = if probability { "predicted probability" } else { "score" };
    ScoredModel { name: predictor.name.clone(), training, cutoffs, probability, hazard, label: label.into() }
}

/// A model that the experiment gives.
fn given(predictor: &Predictor) -> Model {
    let document = predictor.model.as_ref().map(|model| &model.document).unwrap_or(&Json::Null);
    Model {
        name: predictor.name.clone(),
        plugin: predictor.instance.name.clone(),
        demonstration: document["model"]["demonstration"] == true,
        score_label: "score".into(),
        about: about(document),
        intercept: document["model"]["intercept"].as_f64(),
        terms: match &predictor.model {
            Some(model) => terms(model),
            None => {
                predictor.instance.inputs.iter().map(|input| Term { input: input.clone(), ..Term::default() }).collect()
            }
        },
        notes: predictor.model.as_ref().map(unchecked).unwrap_or_default(),
        ..Model::default()
    }
}

/// What could not be checked of a model that the experiment gives, one sentence each.
fn unchecked(model: &ModelFile) -> Vec<String> {
    let mut notes = Vec::new();
    if learn::is_unchanged(&model.document) == Some(false) {
        notes.push("Its file was changed after it was learnt: it is not the model that the training made.".into());
    }
    if model.extraction.is_none() {
        notes.push(
            "Its file does not tell how its inputs were made ([extraction]): whether they are made alike here was not \
             checked."
                .into(),
        );
    }
    let inputs = model.document["input"].as_array().into_iter().flatten();
    let names = inputs.filter_map(|input| input["name"].as_str());
    let free: Vec<&str> = names.filter(|name| !model.ranges.contains_key(*name)).collect();
    if !free.is_empty() {
        notes.push(format!(
            "Its file does not tell the training’s range of `{}`: no value of theirs is doubted.",
            free.join("`, `")
        ));
    }
    notes
}

/// A model that was learnt.
fn shown(
    work: &Work<'_>,
    stated: &voxomics_engine::experiment::study::Learn,
    learnt: &Learnt,
    cutoffs: &BTreeMap<String, f64>,
) -> Result<Model, String> {
    let model = learnt.predictor.model.clone().unwrap_or_default();
    let document = &model.document;
    let path = work.folder.path().join(&learnt.file);
    let sha256 = provenance::sha256_path(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
    let validation = &document["cross_validation"];
    let number = |value: &Json| value.as_f64();
    let patients = learnt.rows.iter().map(|(_, patient)| *patient).max().map_or(0, |last| last + 1);
    let (out_of_fold, metric) = out_of_fold(&stated.target, learnt);
    // Models without an input predict the mean of their fold, which is low where the rows left out are high: pooled over
    // the folds, nothing would look like worse than nothing.
    let mut performance: Vec<Metric> = metric.filter(|_| !model.ranges.is_empty()).into_iter().collect();
    performance.extend(figures(&document["performance"], learnt.rows.len()));
    let mut notes = Vec::new();
    if !learnt.left_out.is_empty() {
        let first = &learnt.left_out[0];
        let count = learnt.left_out.len();
        notes.push(format!("{count} lesions were left out of the training; the first: {}: {}", first.id, first.reason));
    }
    if model.ranges.is_empty() {
        notes.push("No input was kept: on these data the best model is the same score for everybody.".into());
    }
    if document["performance"].is_null() {
        notes.push(
            "There is no outer cross-validation: the curve has chosen the model and is too good as an estimate of it. Set \
             outer_folds for an honest one."
                .into(),
        );
    }
    Ok(Model {
        name: stated.name.clone(),
        plugin: learnt.predictor.instance.name.clone(),
        learnt: true,
        demonstration: false,
        target: learn::describe(&stated.target),
        score_label: "score".into(),
        file: File { path: learnt.file.clone(), sha256 },
        about: about(document),
        rows: learnt.rows.len() as u64,
        patients: patients as u64,
        offered: document["training"]["offered_inputs"].as_u64().unwrap_or(0),
        intercept: number(&document["model"]["intercept"]),
        terms: terms(&model),
        curves: curves(&learnt.diagnostics["curve"]),
        measure: validation["measure"].as_str().unwrap_or_default().to_owned(),
        chosen: number(&document["model"]["alpha"]).zip(number(&document["model"]["lambda"])),
        path: coefficient_path(&learnt.diagnostics["path"], &|input| learnt.deviations.get(input).copied()),
        performance,
        out_of_fold,
        cutoffs: cutoffs.iter().map(|(name, value)| (name.clone(), *value)).collect(),
        notes,
    })
}

fn about(document: &Json) -> Vec<(String, String)> {
    let mut about = Vec::new();
    for key in ["description", "source", "licence"] {
        if let Some(text) = document["model"][key].as_str().filter(|text| !text.is_empty()) {
            about.push((key.to_owned(), text.to_owned()));
        }
    }
    let licence = document["licence"].as_object().into_iter().flatten();
    about.extend(licence.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))));
    about
}

/// The inputs of a model, by falling weight.
fn terms(model: &ModelFile) -> Vec<Term> {
    let inputs = model.document["input"].as_array().into_iter().flatten();
    let mut terms: Vec<Term> = inputs
        .map(|input| {
            let text = |key: &str| input[key].as_str().unwrap_or_default().to_owned();
            let (coefficient, deviation) = (input["coefficient"].as_f64(), input["deviation"].as_f64());
            Term {
                input: text("name"),
                title: text("feature").replace('_', " "),
                region: text("region"),
                ibsi: text("ibsi"),
                unit: text("unit"),
                coefficient,
                weight: coefficient.zip(deviation).map(|(c, d)| c * d).or_else(|| input["importance"].as_f64()),
                min: input["minimum"].as_f64(),
                max: input["maximum"].as_f64(),
            }
        })
        .collect();
    let size = |term: &Term| term.weight.or(term.coefficient).unwrap_or(0.0).abs();
    terms.sort_by(|a, b| size(b).total_cmp(&size(a)));
    terms
}

fn numbers(value: &Json) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Json::as_f64).collect()
}

fn curves(value: &Json) -> Vec<Curve> {
    let curves = value.as_array().into_iter().flatten();
    curves
        .filter_map(|curve| {
            let (mean, se) = (numbers(&curve["mean"]), numbers(&curve["standard_error"]));
            let nonzero = numbers(&curve["nonzero"]);
            let points = numbers(&curve["lambda"]).into_iter().zip(mean).zip(se).zip(nonzero);
            let point = |(((lambda, mean), se), nonzero)| CurvePoint { lambda, mean, se, nonzero: nonzero as u64 };
            Some(Curve { alpha: curve["alpha"].as_f64()?, points: points.map(point).collect() })
        })
        .collect()
}

/// Coefficients times the standard deviation of their inputs: those of inputs in different units are not comparable.
fn coefficient_path(value: &Json, deviation: &dyn Fn(&str) -> Option<f64>) -> Option<CoefficientPath> {
    let inputs = value["input"].as_array()?;
    let of = |input: &Json| {
        let name = input["name"].as_str()?;
        let deviation = deviation(name)?;
        let coefficients = numbers(&input["coefficient"]).into_iter().map(|coefficient| coefficient * deviation);
        Some((name.to_owned(), coefficients.collect()))
    };
    Some(CoefficientPath {
        alpha: value["alpha"].as_f64()?,
        lambdas: numbers(&value["lambda"]),
        inputs: inputs.iter().filter_map(of).collect(),
    })
}

fn figures(performance: &Json, rows: usize) -> Vec<Metric> {
    let note = format!(
        "mean over the folds of {} × {} outer cross-validation",
        performance["repeats"].as_u64().unwrap_or(1),
        performance["folds"].as_u64().unwrap_or(0)
    );
    let figures = performance["figure"].as_array().into_iter().flatten();
    figures
        .filter_map(|figure| {
            let (value, error) = (figure["value"].as_f64()?, figure["standard_error"].as_f64());
            let name = figure["measure"].as_str()?;
            // No measure is negative, and these are shares.
            let most = if matches!(name, "auc" | "concordance") { 1.0 } else { f64::INFINITY };
            let estimate = Estimate {
                value,
                low: error.map(|error| (value - 1.96 * error).max(0.0)),
                high: error.map(|error| (value + 1.96 * error).min(most)),
                p: None,
            };
            Some(Metric { name: name.into(), estimate, n: rows as u64, note: note.clone() })
        })
        .collect()
}

/// Target and out-of-fold prediction of each patient, and how well they agree; of each lesion where those of a patient have
/// targets of their own. None of a time: the zero of a hazard differs from fold to fold.
fn out_of_fold(target: &Target, learnt: &Learnt) -> (Vec<(f64, f64)>, Option<Metric>) {
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

/// How well predictions agree with a number or a class.
fn agreement(target: &Target, points: &[(f64, f64)], note: &str) -> Option<Metric> {
    let (observed, scores): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
    let metric = |name: &str, value: f64, interval: Option<Interval>, p: Option<f64>| Metric {
        name: name.into(),
        estimate: Estimate { value, low: interval.map(|found| found.low), high: interval.map(|found| found.high), p },
        n: points.len() as u64,
        note: note.into(),
    };
    match target {
        Target::Number { .. } => {
            let found = rank::spearman(&observed, &scores, Level::P95).ok()?;
            Some(metric("Spearman's ρ, out of fold", found.coefficient, found.interval, found.p))
        }
        Target::Survival { .. } => None,
        Target::Above { .. } | Target::Class { .. } => {
            let outcome: Vec<bool> = observed.iter().map(|target| *target > 0.5).collect();
            let found = roc::auc(&scores, &outcome, Level::P95).ok()?;
            Some(metric("AUC, out of fold", found.value, found.interval, found.p))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(figure("auc", 0.95).high, Some(1.0));
        assert_eq!(figure("mse", 0.1).low, Some(0.0));
        assert_eq!(figure("mse", 0.95).high, Some(0.95 + 0.196));
    }
}
