//! Models as the report shows them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use voxomics_engine::{
    digest,
    host::{self, ModelCard},
    plan::{ModelFile, Predictor},
};
use voxomics_report::study::{CoefficientPath, Curve, CurvePoint, File, LearntFrom, Metric, Model, Term};

use super::{
    signature,
    training::{self, numbers},
};
use crate::{
    data::Cohort,
    evaluate::{self, Context, ScoredModel, ToldRisk},
    learn::{self, Learnt},
    work::Work,
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
        all.scored.push(scored(predictor, Vec::new(), BTreeSet::new(), cutoffs));
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
            levels: &BTreeMap::new(),
        };
        let (learnt_from, patients) = training::learnt_from(&stated.cohorts, cohorts, &model.left_out);
        let cutoffs = evaluate::training_cutoffs(&stated.name, &stated.cohorts, &patients, &context);
        learn::add_cutoffs(work.folder, &stated.name, &cutoffs)?;
        let mut of = scored(&model.predictor, stated.cohorts.clone(), patients, cutoffs.clone());
        of.unseen = model.outer.as_ref().map(|outer| evaluate::Unseen::new(outer.clone(), &model.places));
        all.scored.push(of);
        all.shown.push(shown(work, stated, model, learnt_from, &cutoffs)?);
    }
    Ok(all)
}

fn scored(
    predictor: &Predictor,
    training: Vec<String>,
    patients: BTreeSet<String>,
    cutoffs: BTreeMap<String, f64>,
) -> ScoredModel {
    let probability = predictor.model.as_ref().is_some_and(|model| model.document["model"]["link"] == "logistic");
    let is_of =
        |family: &str| predictor.model.as_ref().is_some_and(|model| model.document["model"]["family"] == family);
    let order_alone = is_of("survival");
    // Of a number, the words of the target are its column.
    let target = || Some(predictor.model.as_ref()?.document["model"]["target"].as_str()?.to_owned());
    let number = is_of("gaussian").then(target).flatten();
    let hazard = is_of("cox") || order_alone;
    let risk = predictor.model.as_ref().and_then(|model| evaluate::Risk::of(&model.document));
    let name = predictor.name.clone();
    let told = predictor.instance.outputs.iter().filter_map(|output| {
        let horizon = output.horizon.as_ref()?;
        Some(ToldRisk { time: horizon.at, unit: horizon.unit.clone(), output: output.name.clone() })
    });
    let told = told.collect();
    ScoredModel {
        name,
        training,
        patients,
        cutoffs,
        probability,
        number,
        hazard,
        order_alone,
        told,
        unseen: None,
        risk,
    }
}

/// A model that the experiment gives.
fn given(predictor: &Predictor) -> Model {
    let document = predictor.model.as_ref().map(|model| &model.document).unwrap_or(&Json::Null);
    Model {
        name: predictor.name.clone(),
        plugin: predictor.instance.name.clone(),
        demonstration: document["model"]["demonstration"] == true,
        score_label: signature::score_label(document, None),
        link: signature::link(document),
        formula: signature::formula(document),
        about: about(document),
        card: predictor.card().as_ref().map(card).unwrap_or_default(),
        intercept: document["model"]["intercept"].as_f64(),
        terms: match &predictor.model {
            Some(model) => signature::terms(model),
            None => predictor.instance.inputs.iter().map(|input| unweighted(predictor, input)).collect(),
        },
        notes: predictor.model.as_ref().map(|model| unchecked(predictor, model)).unwrap_or_default(),
        ..Model::default()
    }
}

/// The model card of a predictor, and who stands behind its library or how its file is known.
fn card(card: &ModelCard) -> Vec<(String, String)> {
    let library = [("made by", format!("{}, version {}", card.vendor, card.version)), ("known", card.known.clone())];
    let stated = host::card::lines(&card.stated).into_iter().chain(library);
    stated.map(|(name, text)| (name.to_owned(), text)).collect()
}

/// An input of a closed predictor, with the range that its card tells.
fn unweighted(predictor: &Predictor, input: &str) -> Term {
    let mut ranges = predictor.instance.card.iter().flat_map(|card| &card.stated.ranges);
    let range = ranges.find(|range| range.input == input);
    Term {
        input: input.into(),
        unit: range.map(|range| range.unit.clone()).unwrap_or_default(),
        min: range.map(|range| range.min),
        max: range.map(|range| range.max),
        ..Term::default()
    }
}

/// What could not be checked of a model that the experiment gives, one sentence each.
fn unchecked(predictor: &Predictor, model: &ModelFile) -> Vec<String> {
    let mut notes: Vec<String> = predictor.doubtful.iter().map(|doubt| format!("{}.", sentence(doubt))).collect();
    if model.extraction.is_none() {
        notes.push(
            "Its file does not tell how its inputs were made ([extraction]): whether they are made alike here was not \
             checked."
                .into(),
        );
    }
    let inputs = model.document["input"].as_array().into_iter().flatten();
    let names = inputs.filter(|input| input["unused"] != true).filter_map(|input| input["name"].as_str());
    let free: Vec<&str> = names.filter(|name| !model.ranges.contains_key(*name)).collect();
    if !free.is_empty() {
        notes.push(format!(
            "Its file does not tell the training’s range of `{}`: no value of theirs is doubted.",
            free.join("`, `")
        ));
    }
    notes
}

/// A text that begins with a capital.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A model that was learnt.
fn shown(
    work: &Work<'_>,
    stated: &voxomics_engine::experiment::study::Learn,
    learnt: &Learnt,
    learnt_from: Vec<LearntFrom>,
    cutoffs: &BTreeMap<String, f64>,
) -> Result<Model, String> {
    let model = learnt.predictor.model.clone().unwrap_or_default();
    let document = &model.document;
    let path = work.folder.path().join(&learnt.file);
    let sha256 = digest::sha256_path(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
    let validation = &document["cross_validation"];
    let number = |value: &Json| value.as_f64();
    let patients = learnt.rows.iter().map(|(_, patient)| *patient).max().map_or(0, |last| last + 1);
    let (out_of_fold, metric) = training::out_of_fold(&stated.target, learnt);
    // Models without an input predict the mean of their fold, which is low where the rows left out are high: pooled over
    // the folds, nothing would look like worse than nothing.
    let mut performance: Vec<Metric> = metric.filter(|_| !model.ranges.is_empty()).into_iter().collect();
    performance.extend(training::figures(&document["performance"], learnt.rows.len()));
    performance.extend(training::corrected(&learnt.diagnostics, patients));
    let mut notes: Vec<String> = learnt.warnings.iter().map(|text| format!("{}.", sentence(text))).collect();
    notes.extend(learn::agreement(&learnt.diagnostics).map(|said| format!("{said}.")));
    notes.extend(learn::said(&learnt.diagnostics).map(|said| format!("{}.", sentence(said))));
    if !learnt.left_out.is_empty() {
        let lesions = match learnt.left_out.len() {
            1 => "1 lesion was".to_owned(),
            count => format!("{count} lesions were"),
        };
        notes.push(format!("{lesions} left out of the training; the reasons are in the table of what was left out."));
    }
    if model.ranges.is_empty() {
        notes.push("No input was kept: on these data the best model is the same score for everybody.".into());
    }
    // One that failed was warned of.
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
        asked: evaluate::asked(&stated.target),
        score_label: signature::score_label(document, Some(&stated.target)),
        link: signature::link(document),
        formula: signature::formula(document),
        learnt_from,
        file: File { path: learnt.file.clone(), sha256 },
        about: about(document),
        card: Vec::new(),
        rows: learnt.rows.len() as u64,
        patients: patients as u64,
        offered: document["training"]["offered_inputs"].as_u64().unwrap_or(0),
        intercept: number(&document["model"]["intercept"]),
        terms: signature::terms(&model),
        curves: curves(&learnt.diagnostics["curve"]),
        measure: validation["measure"].as_str().unwrap_or_default().to_owned(),
        chosen: number(&document["model"]["alpha"]).zip(number(&document["model"]["lambda"])),
        path: coefficient_path(&learnt.diagnostics["path"], &|input| learnt.deviations.get(input).copied()),
        performance,
        out_of_fold,
        stability: learnt.outer.as_ref().map(|outer| training::stability(outer, &model)).unwrap_or_default(),
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
