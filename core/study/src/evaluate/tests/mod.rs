//! Small cohorts made by hand; figures are held against direct calls of the statistics.

use std::{collections::BTreeMap, sync::Arc};

use voxomics_engine::{
    experiment::{
        Origin,
        study::{Aggregation, Condition, Evaluate, Summary, Target, Threshold},
    },
    results::Output,
};
use voxomics_report::study::{ClassResult, Evaluation, NumberResult, Outcome, SurvivalResult};

use super::{Context, ScoredModel, evaluate};
use crate::data::{Cohort, Lesion, Patient, Score};

mod few;
mod figures;
mod reading;
mod scans;
mod unseen;

const REGION: &str = "tumour";

fn output() -> Output {
    Output { name: "score".into(), unit: String::new() }
}

fn score(value: f64) -> Score {
    Score {
        value: Ok(value),
        output: output(),
        others: Vec::new(),
        terms: Vec::new(),
        doubts: Vec::new(),
        doubtful: Vec::new(),
    }
}

/// A lesion that two models score: `m`, and `n` with the negated score.
fn lesion(case: &str, value: f64, volume: f64) -> Lesion {
    Lesion {
        case: case.into(),
        volumes_ml: BTreeMap::from([(REGION.into(), volume)]),
        scores: BTreeMap::from([("m".into(), score(value)), ("n".into(), score(-value))]),
        ..Lesion::default()
    }
}

fn patient(id: &str, columns: &[(&str, &str)], lesions: &[(f64, f64)]) -> Patient {
    let lesions = lesions.iter().enumerate();
    Patient {
        id: id.into(),
        columns: columns.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        lesions: lesions.map(|(at, (value, volume))| lesion(&format!("{id}-{at}"), *value, *volume)).collect(),
        ..Patient::default()
    }
}

/// A patient with one lesion of 1 mL for each row of a table.
fn table(name: &str, columns: &[&str], rows: &[(f64, &[&str])]) -> Cohort {
    let one = |(at, (score, cells)): (usize, &(f64, &[&str]))| {
        let columns: Vec<(&str, &str)> = columns.iter().copied().zip(cells.iter().copied()).collect();
        patient(&format!("p{at:02}"), &columns, &[(*score, 1.0)])
    };
    cohort(name, rows.iter().enumerate().map(one).collect())
}

fn cohort(name: &str, patients: Vec<Patient>) -> Cohort {
    Cohort { name: name.into(), patients, ..Cohort::default() }
}

fn stated(outcome: Target) -> Evaluate {
    Evaluate {
        name: "holds".into(),
        cohort: "test".into(),
        score: "m".into(),
        compare_with: None,
        outcome,
        lesions: false,
        patients: None,
        cutoff: Threshold::Training(0.5),
        recalibrate: None,
        horizons: Vec::new(),
        rates_at: Vec::new(),
        covariates: Vec::new(),
        subgroups: None,
        stratify_by: None,
        only: Vec::new(),
        out_of_fold: false,
        origin: Origin::Set("test".into()),
    }
}

fn class() -> Target {
    Target::Class { column: "y".into(), positive: vec!["yes".into()], negative: vec!["no".into()] }
}

fn death() -> Target {
    Target::Survival {
        time: "t".into(),
        event: "dead".into(),
        seen: vec!["1".into()],
        unit: "months".into(),
        competing: Vec::new(),
    }
}

fn only(column: &str, value: &str) -> Vec<Condition> {
    vec![Condition { column: column.into(), values: vec![value.into()] }]
}

/// Models `m` and `n`, learnt in `train`.
fn learnt() -> Vec<ScoredModel> {
    let model =
        |name: &str| ScoredModel { name: name.into(), training: vec!["train".into()], ..ScoredModel::default() };
    vec![model("m"), model("n")]
}

/// The evaluation, with models that were learnt from every patient of their cohorts.
fn answer(stated: &Evaluate, cohorts: &[Cohort], models: &[ScoredModel]) -> Evaluation {
    answer_with(stated, cohorts, models, &BTreeMap::new())
}

/// The same, with columns that have levels.
fn answer_with(
    stated: &Evaluate,
    cohorts: &[Cohort],
    models: &[ScoredModel],
    levels: &BTreeMap<String, Vec<String>>,
) -> Evaluation {
    let aggregation = Aggregation::default();
    let learnt = |model: &ScoredModel| {
        let of_it = cohorts.iter().filter(|cohort| model.training.contains(&cohort.name));
        let patients = of_it.flat_map(|cohort| &cohort.patients).map(|patient| patient.id.clone()).collect();
        ScoredModel { patients, ..model.clone() }
    };
    let models: Vec<ScoredModel> = models.iter().map(learnt).collect();
    evaluate(
        stated,
        &Context { cohorts, models: &models, seed: 7, default_aggregation: &aggregation, first_region: REGION, levels },
    )
}

#[track_caller]
fn as_class(shown: &Evaluation) -> &ClassResult {
    match &shown.result {
        Outcome::Class(result) => result,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn as_survival(shown: &Evaluation) -> &SurvivalResult {
    match &shown.result {
        Outcome::Survival(result) => result,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn as_number(shown: &Evaluation) -> &NumberResult {
    match &shown.result {
        Outcome::Number(result) => result,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(shown: &Evaluation) -> &str {
    match &shown.result {
        Outcome::None { reason } => reason,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn notes_say(shown: &Evaluation, words: &str) {
    assert!(shown.notes.iter().any(|note| note.contains(words)), "no {words:?} in {:#?}", shown.notes);
}

#[track_caller]
fn methods_say(shown: &Evaluation, words: &str) {
    assert!(shown.methods.iter().any(|method| method.contains(words)), "no {words:?} in {:#?}", shown.methods);
}

/// Twelve patients with class, survival, number and covariates.
fn test_cohort() -> Cohort {
    let rows: [(f64, &[&str]); 12] = [
        (0.9, &["yes", "30", "0", "5.1", "61", "a", "x"]),
        (0.8, &["yes", "24", "1", "4.0", "55", "a", "y"]),
        (0.75, &["no", "28", "0", "4.4", "70", "b", "x"]),
        (0.7, &["yes", "6", "1", "3.9", "66", "a", "y"]),
        (0.6, &["yes", "20", "1", "2.0", "48", "b", "x"]),
        (0.55, &["no", "9", "1", "3.0", "59", "c", "y"]),
        (0.5, &["no", "26", "0", "2.2", "63", "a", "x"]),
        (0.4, &["yes", "12", "1", "2.9", "72", "b", "y"]),
        (0.35, &["no", "4", "1", "1.0", "50", "a", "x"]),
        (0.3, &["no", "15", "1", "1.6", "58", "c", "y"]),
        (0.2, &["no", "3", "1", "0.7", "64", "b", "x"]),
        (0.1, &["no", "8", "1", "0.9", "69", "a", "y"]),
    ];
    table("test", &["y", "t", "dead", "x", "age", "site", "arm"], &rows)
}

fn train_cohort() -> Cohort {
    let scores = [0.15, 0.25, 0.45, 0.65, 0.95];
    let rows: Vec<(f64, &[&str])> = scores.iter().map(|score| (*score, &["1.5"][..])).collect();
    table("train", &["x"], &rows)
}

fn undefined(reason: &str) -> Score {
    Score {
        value: Err(Arc::from(reason)),
        output: output(),
        others: Vec::new(),
        terms: Vec::new(),
        doubts: Vec::new(),
        doubtful: Vec::new(),
    }
}

fn aggregation(score: Summary, minimum_volume_ml: f64) -> Aggregation {
    Aggregation { score, minimum_volume_ml, region: None }
}
