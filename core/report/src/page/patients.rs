//! Patients: their scores, and what each lesion adds to them.

use std::{fs, path::Path};

use base64::Engine as _;
use serde::Serialize;

use crate::{
    Error, number,
    page::{Gallery, gallery::anchor},
    study::{Contribution, Lesion, LesionScore, Patient, PatientScore, Study},
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
    terms: Vec<TermView>,
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
    let pages = study.patients.iter().enumerate().map(|(at, patient)| view(at, patient, &models, results));
    let pages = pages.collect::<Result<_, _>>()?;
    let files = if study.patients.is_empty() { Vec::new() } else { files(&study.patients, gallery) };
    Ok(Patients { models, pages, files })
}

fn view(at: usize, patient: &Patient, models: &[String], results: &Path) -> Result<View, Error> {
    let lesions: Vec<LesionView> =
        patient.lesions.iter().map(|lesion| lesion_view(lesion, results)).collect::<Result<_, _>>()?;
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

fn lesion_view(lesion: &Lesion, results: &Path) -> Result<LesionView, Error> {
    Ok(LesionView {
        case: lesion.case.clone(),
        columns: lesion.columns.clone(),
        volume: shown(lesion.volume_ml),
        picture: lesion.picture.as_deref().map(|name| picture(name, results)).transpose()?,
        scores: lesion.scores.iter().map(lesion_score).collect(),
    })
}

fn lesion_score(score: &LesionScore) -> LesionScoreView {
    let sizes = score.terms.iter().filter_map(|term| term.contribution).filter(|size| size.is_finite());
    let largest = sizes.fold(0.0, |largest: f64, size| largest.max(size.abs()));
    LesionScoreView {
        model: score.model.clone(),
        score: shown(score.score),
        reason: score.reason.clone(),
        terms: score.terms.iter().map(|term| term_view(term, largest)).collect(),
    }
}

fn term_view(term: &Contribution, largest: f64) -> TermView {
    let size = term.contribution.filter(|size| size.is_finite() && largest > 0.0);
    let bar = size.map(|size| {
        let width = size.abs() / largest * 50.0;
        let negative = size < 0.0;
        let left = if negative { 50.0 - width } else { 50.0 };
        Bar { left: format!("{left:.1}"), width: format!("{width:.1}"), negative }
    });
    TermView {
        input: term.input.clone(),
        value: number::optional(term.value),
        contribution: number::optional(term.contribution),
        warning: term.warning.clone(),
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
