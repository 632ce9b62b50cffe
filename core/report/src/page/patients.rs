//! Patients: their scores, and what each lesion adds to them.

use std::{fs, path::Path};

use base64::Engine as _;
use serde::Serialize;

use crate::{
    Error, number,
    page::{Gallery, gallery::anchor},
    study::{Contribution, Lesion, LesionScore, Model, OtherOutput, Patient, PatientScore, Study},
    table::{Cell, Column, Table},
};

/// The pages of the patients and their index.
#[derive(Debug, Serialize)]
pub struct Patients {
    models: Vec<String>,
    pages: Vec<View>,
    files: Vec<String>,
}

#[derive(Debug, Serialize)]
struct View {
    anchor: String,
    id: String,
    cohort: String,
    lesion_count: usize,
    warnings: usize,
    scores: Vec<ScoreView>,
    /// The score of each model of the index.
    row: Vec<String>,
    lesions: Vec<LesionView>,
}

#[derive(Debug, Serialize)]
struct ScoreView {
    model: String,
    score: Option<String>,
    reason: String,
    position: String,
}

#[derive(Debug, Serialize)]
struct LesionView {
    case: String,
    columns: Vec<(String, String)>,
    volume: Option<String>,
    picture: Option<String>,
    scores: Vec<LesionScoreView>,
}

#[derive(Debug, Serialize)]
struct LesionScoreView {
    model: String,
    score: Option<String>,
    reason: String,
    others: Vec<OtherView>,
    terms: Vec<TermView>,
    sum: Option<SumView>,
}

/// An output beside the score.
#[derive(Debug, Serialize)]
struct OtherView {
    name: String,
    /// With its unit.
    value: Option<String>,
    reason: String,
}

/// What the terms add up from and to.
#[derive(Debug, Serialize)]
struct SumView {
    intercept: String,
    /// "sum = score", or "sum (log-odds)".
    name: String,
    sum: String,
    /// From the sum to the score, if they are not the same.
    link: Option<String>,
}

#[derive(Debug, Serialize)]
struct TermView {
    input: String,
    value: String,
    contribution: String,
    warning: String,
    bar: Option<Bar>,
}

/// A signed bar in percent of its cell, from zero in the middle.
#[derive(Debug, Serialize)]
struct Bar {
    left: String,
    width: String,
    negative: bool,
}

/// Sets the patients; pictures become part of the page.
///
/// # Errors
/// Which picture cannot be read or shown, and why not.
pub fn build(study: &Study, results: &Path, gallery: &mut Gallery) -> Result<Patients, Error> {
    let mut models: Vec<String> = Vec::new();
    for score in study.patients.iter().flat_map(|patient| &patient.scores) {
        if !models.contains(&score.model) {
            models.push(score.model.clone());
        }
    }
    let pages = study.patients.iter().enumerate().map(|(at, patient)| view(at, patient, &models, study, results));
    let pages = pages.collect::<Result<_, _>>()?;
    let files = if study.patients.is_empty() { Vec::new() } else { files(&study.patients, gallery) };
    Ok(Patients { models, pages, files })
}

fn view(at: usize, patient: &Patient, models: &[String], study: &Study, results: &Path) -> Result<View, Error> {
    let lesions: Vec<LesionView> =
        patient.lesions.iter().map(|lesion| lesion_view(lesion, &study.models, results)).collect::<Result<_, _>>()?;
    let terms = patient.lesions.iter().flat_map(|lesion| &lesion.scores).flat_map(|score| &score.terms);
    let of_model = |model: &String| {
        let score = patient.scores.iter().find(|score| score.model == *model).and_then(|score| score.score);
        number::optional(score)
    };
    Ok(View {
        // Identifiers stay out of anchors: the number is unique, and an anchor needs no more.
        anchor: anchor("patient", at, ""),
        id: patient.id.clone(),
        cohort: patient.cohort.clone(),
        lesion_count: patient.lesions.len(),
        warnings: terms.filter(|term| !term.warning.is_empty()).count(),
        scores: patient.scores.iter().map(score_view).collect(),
        row: models.iter().map(of_model).collect(),
        lesions,
    })
}

fn score_view(score: &PatientScore) -> ScoreView {
    ScoreView {
        model: score.model.clone(),
        score: shown(score.score),
        reason: score.reason.clone(),
        position: score.position.clone(),
    }
}

fn lesion_view(lesion: &Lesion, models: &[Model], results: &Path) -> Result<LesionView, Error> {
    Ok(LesionView {
        case: lesion.case.clone(),
        columns: lesion.columns.clone(),
        volume: shown(lesion.volume_ml),
        picture: lesion.picture.as_deref().map(|name| picture(name, results)).transpose()?,
        scores: lesion.scores.iter().map(|score| lesion_score(score, models)).collect(),
    })
}

fn lesion_score(score: &LesionScore, models: &[Model]) -> LesionScoreView {
    let sizes = score.terms.iter().filter_map(|term| term.contribution).filter(|size| size.is_finite());
    let largest = sizes.fold(0.0, |largest: f64, size| largest.max(size.abs()));
    let sum = models.iter().find(|model| model.name == score.model).and_then(|model| sum(score, model));
    LesionScoreView {
        model: score.model.clone(),
        score: shown(score.score),
        reason: score.reason.clone(),
        others: score.others.iter().map(other_view).collect(),
        terms: score.terms.iter().map(|term| term_view(term, largest, sum.map(|sum| sum.sum))).collect(),
        sum: sum.map(|sum| sum_view(score, sum)),
    }
}

fn other_view(output: &OtherOutput) -> OtherView {
    let value = shown(output.value).map(|value| format!("{value} {}", output.unit).trim_end().to_owned());
    OtherView { name: output.name.clone(), value, reason: output.reason.clone() }
}

/// What a score is made of beside its terms.
#[derive(Debug, Clone, Copy)]
struct Sum {
    intercept: f64,
    sum: f64,
    logistic: bool,
}

/// Intercept and sum of a score, if the terms are all there and lead to the score.
fn sum(score: &LesionScore, model: &Model) -> Option<Sum> {
    let (intercept, said) = (model.intercept?, score.score?);
    let sum = score.terms.iter().try_fold(intercept, |sum, term| Some(sum + term.contribution?))?;
    let logistic = model.link == "logistic";
    let found = if logistic { 1.0 / (1.0 + (-sum).exp()) } else { sum };
    // Sums are in another order than that of the model.
    let close = (found - said).abs() <= 1e-9 * said.abs().max(1.0);
    (!model.link.is_empty() && close).then_some(Sum { intercept, sum, logistic })
}

fn sum_view(score: &LesionScore, Sum { intercept, sum, logistic }: Sum) -> SumView {
    let said = number::term(sum, sum);
    let probability = number::optional(score.score);
    SumView {
        intercept: number::term(intercept, sum),
        name: if logistic { "Sum s (log-odds)".into() } else { "Sum = score".into() },
        link: logistic.then(|| format!("Score = 1 / (1 + e^−s) with s = {said}: {probability}")),
        sum: said,
    }
}

fn term_view(term: &Contribution, largest: f64, sum: Option<f64>) -> TermView {
    let size = term.contribution.filter(|size| size.is_finite() && largest > 0.0);
    let bar = size.map(|size| {
        let width = size.abs() / largest * 50.0;
        let negative = size < 0.0;
        let left = if negative { 50.0 - width } else { 50.0 };
        Bar { left: format!("{left:.1}"), width: format!("{width:.1}"), negative }
    });
    let contribution = match (term.contribution, sum) {
        (Some(contribution), Some(sum)) => number::term(contribution, sum),
        (contribution, _) => number::optional(contribution),
    };
    TermView {
        input: term.input.clone(),
        value: number::optional(term.value),
        contribution,
        warning: number::shortened(&term.warning),
        bar,
    }
}

fn shown(value: Option<f64>) -> Option<String> {
    value.filter(|value| value.is_finite()).map(number::number)
}

/// A picture as a `data:` address.
fn picture(name: &str, results: &Path) -> Result<String, Error> {
    let path = results.join(name);
    let within = Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !within {
        return Err(Error::Picture { path, reason: "it is not within the folder of the results" });
    }
    let bytes = fs::read(&path).map_err(|cause| Error::Read { path: path.clone(), cause })?;
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Err(Error::Picture { path, reason: "it is not a PNG" });
    }
    Ok(format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(bytes)))
}

/// Scores of patients, scores of lesions and contributions, a file each.
fn files(patients: &[Patient], gallery: &mut Gallery) -> Vec<String> {
    let mut scores = Table::new("", "", columns(&["patient", "cohort", "model", "score", "position", "reason"]));
    let heads = ["patient", "cohort", "lesion", "volume_ml", "model", "score", "reason"];
    let mut lesions = Table::new("", "", columns(&heads));
    let heads = ["patient", "cohort", "lesion", "model", "input", "value", "contribution", "warning"];
    let mut terms = Table::new("", "", columns(&heads));
    for patient in patients {
        for score in &patient.scores {
            let row = [&patient.id, &patient.cohort, &score.model].map(Cell::text).into_iter();
            let row = row.chain([Cell::number(score.score), Cell::text(&score.position), Cell::text(&score.reason)]);
            scores.rows.push(row.collect());
        }
        for (lesion, score) in
            patient.lesions.iter().flat_map(|lesion| lesion.scores.iter().map(move |score| (lesion, score)))
        {
            let who = [&patient.id, &patient.cohort, &lesion.case].map(Cell::text);
            let what = [Cell::number(lesion.volume_ml), Cell::text(&score.model), Cell::number(score.score)];
            lesions.rows.push(who.iter().cloned().chain(what).chain([Cell::text(&score.reason)]).collect());
            for term in &score.terms {
                let of = [&score.model, &term.input].map(Cell::text);
                let numbers = [term.value, term.contribution].map(Cell::number);
                let row = who.iter().cloned().chain(of).chain(numbers).chain([Cell::text(&term.warning)]);
                terms.rows.push(row.collect());
            }
        }
    }
    [("patients", scores), ("lesions", lesions), ("contributions", terms)]
        .map(|(name, table)| gallery.file(name, table))
        .to_vec()
}

fn columns(names: &[&str]) -> Vec<Column> {
    names.iter().map(|name| Column::text(name)).collect()
}
