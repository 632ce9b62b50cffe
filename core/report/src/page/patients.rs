//! Patients: their scores, and what each lesion adds to them.

use std::{fs, io, path::Path};

use base64::Engine as _;
use serde::Serialize;

use crate::{
    Error, figure, number,
    page::Gallery,
    study::{Contribution, Lesion, LesionScore, Model, OtherOutput, Patient, PatientScore, Study},
    words::Words,
};

/// What the page of the study says of the patients; they themselves are in parts beside it.
#[derive(Debug, Serialize)]
pub struct Patients {
    count: usize,
    models: Vec<String>,
    cohorts: Vec<String>,
    files: Vec<String>,
    /// Models of whose inputs no range is known: no value of theirs can lie outside.
    unranged: Vec<String>,
}

/// The list of patients, as the script of the page reads it.
#[derive(Debug, Serialize)]
pub struct List<'a> {
    /// How many patients a part has.
    part: usize,
    /// Whether a value can be told to lie out of range at all.
    ranges: bool,
    cohorts: Vec<String>,
    rows: Vec<Row<'a>>,
}

/// A patient in the list: name, place of the cohort, number of lesions, score of each model as it is said and as it is sorted by,
/// number of values out of range.
#[derive(Debug, Serialize)]
struct Row<'a>(&'a str, usize, usize, Vec<Option<(String, f64)>>, usize);

/// A patient with everything that is shown when the patient is opened.
#[derive(Debug, Serialize)]
pub struct View {
    id: String,
    cohort: String,
    warnings: usize,
    scores: Vec<ScoreView>,
    course: Option<CourseView>,
    lesions: Vec<LesionView>,
}

/// The lesions of a patient over time.
#[derive(Debug, Serialize)]
struct CourseView {
    svg: String,
    title: String,
    caption: String,
}

#[derive(Debug, Serialize)]
struct ScoreView {
    model: String,
    score: Option<String>,
    reason: String,
    position: String,
    /// What the model's card says of every score.
    card: Vec<(String, String)>,
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

/// What the page says of the patients.
pub fn build(study: &Study, words: &Words<'_>, gallery: &mut Gallery) -> Patients {
    let tables = if study.patients.is_empty() { &[][..] } else { &TABLES[..] };
    Patients {
        count: study.patients.len(),
        models: models(study).into_iter().map(|model| words.model(model)).collect(),
        cohorts: cohorts(study).into_iter().map(|cohort| words.cohort(cohort)).collect(),
        files: tables.iter().map(|(name, _)| gallery.reserve(name)).collect(),
        unranged: unranged(study).into_iter().map(|model| words.model(model)).collect(),
    }
}

/// The models that score somebody and of whose inputs no range is known.
fn unranged(study: &Study) -> Vec<&str> {
    let known = |name: &&str| {
        let model = study.models.iter().find(|model| model.name == *name);
        model.is_some_and(|model| model.terms.iter().any(|term| term.min.is_some() || term.max.is_some()))
    };
    models(study).into_iter().filter(|name| !known(name)).collect()
}

/// What of a model card stands beside each score.
const BESIDE_SCORES: [&str; 3] = ["intended use", "valid until", "contact"];

/// What patients are shown with.
#[derive(Debug)]
pub struct Shown<'a> {
    /// The study, by the names of its tables.
    pub study: &'a Study,
    /// Its words.
    pub words: &'a Words<'a>,
    /// The folder of the results, which pictures are relative to.
    pub results: &'a Path,
}

/// Every model that scored, and every cohort of the patients, in the order in which they come.
fn models(study: &Study) -> Vec<&str> {
    distinct(study.patients.iter().flat_map(|patient| &patient.scores).map(|score| score.model.as_str()))
}

fn cohorts(study: &Study) -> Vec<&str> {
    distinct(study.patients.iter().map(|patient| patient.cohort.as_str()))
}

fn distinct<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for one in all {
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

fn warnings(patient: &Patient) -> usize {
    let terms = patient.lesions.iter().flat_map(|lesion| &lesion.scores).flat_map(|score| &score.terms);
    terms.filter(|term| !term.warning.is_empty()).count()
}

impl Shown<'_> {
    /// The list of patients; `part` is how many of them a part has.
    pub fn list(&self, part: usize) -> List<'_> {
        let (models, cohorts) = (models(self.study), cohorts(self.study));
        let rows = self.study.patients.iter().map(|patient| {
            let score = |model: &&str| {
                let score = patient.scores.iter().find(|score| score.model == *model)?.score;
                score.filter(|score| score.is_finite()).map(|score| (number::number(score), score))
            };
            let cohort = cohorts.iter().position(|cohort| *cohort == patient.cohort).unwrap_or(0);
            Row(&patient.id, cohort, patient.lesions.len(), models.iter().map(score).collect(), warnings(patient))
        });
        let ranges = unranged(self.study).len() < models.len();
        let rows: Vec<Row<'_>> = rows.collect();
        // What was marked by other means is told all the same.
        let ranges = ranges || rows.iter().any(|row| row.4 > 0);
        List { part, ranges, rows, cohorts: cohorts.iter().map(|cohort| self.words.cohort(cohort)).collect() }
    }

    /// A patient; pictures become part of what is shown.
    ///
    /// # Errors
    /// Which picture cannot be read or shown, and why not.
    pub fn view(&self, patient: &Patient) -> Result<View, Error> {
        Ok(View {
            id: patient.id.clone(),
            cohort: self.words.cohort(&patient.cohort),
            warnings: warnings(patient),
            scores: patient.scores.iter().map(|score| self.score(score)).collect(),
            course: figure::course(&patient.over_time).map(|figure| CourseView {
                // One patient is open at a time.
                svg: figure.drawing.finish(
                    "lesions-over-time",
                    &figure.title,
                    &figure.description,
                    self.study.simulated,
                ),
                title: figure.title,
                caption: figure.caption,
            }),
            lesions: patient.lesions.iter().map(|lesion| self.lesion(lesion, &patient.id)).collect::<Result<_, _>>()?,
        })
    }

    fn score(&self, score: &PatientScore) -> ScoreView {
        let model = self.study.models.iter().find(|model| model.name == score.model);
        let stated = model.iter().flat_map(|model| &model.card);
        ScoreView {
            model: self.words.model(&score.model),
            score: shown(score.score),
            reason: self.words.said(&score.reason),
            position: score.position.clone(),
            card: stated.filter(|(name, _)| BESIDE_SCORES.contains(&name.as_str())).cloned().collect(),
        }
    }

    fn lesion(&self, lesion: &Lesion, patient: &str) -> Result<LesionView, Error> {
        let column = |(name, value): &(String, String)| {
            let value = format!("{} {}", self.words.level(name, value), self.words.unit(name));
            (self.words.column(name), value.trim_end().to_owned())
        };
        Ok(LesionView {
            case: lesion.case.clone(),
            // Whose lesion it is stands above.
            columns: lesion.columns.iter().filter(|(_, value)| value != patient).map(column).collect(),
            volume: shown(lesion.volume_ml),
            picture: lesion.picture.as_deref().map(|name| picture(name, self.results)).transpose()?,
            scores: lesion.scores.iter().map(|score| self.lesion_score(score)).collect(),
        })
    }

    fn lesion_score(&self, score: &LesionScore) -> LesionScoreView {
        let sizes = score.terms.iter().filter_map(|term| term.contribution).filter(|size| size.is_finite());
        let largest = sizes.fold(0.0, |largest: f64, size| largest.max(size.abs()));
        let model = self.study.models.iter().find(|model| model.name == score.model);
        let sum = model.and_then(|model| sum(score, model));
        LesionScoreView {
            model: self.words.model(&score.model),
            score: shown(score.score),
            reason: self.words.said(&score.reason),
            others: score.others.iter().map(other_view).collect(),
            terms: score.terms.iter().map(|term| self.term(term, largest, sum.map(|sum| sum.sum))).collect(),
            sum: sum.map(|sum| sum_view(score, sum)),
        }
    }

    fn term(&self, term: &Contribution, largest: f64, sum: Option<f64>) -> TermView {
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
            input: self.words.input(&term.input),
            value: number::optional(term.value),
            contribution,
            warning: self.words.said(&number::shortened(&term.warning)),
            bar,
        }
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

impl Patients {
    /// The tables of patients: the name of each file, and what writes it row by row.
    pub fn tables(&self) -> impl Iterator<Item = (&str, Rows)> {
        self.files.iter().map(String::as_str).zip(TABLES.map(|(_, rows)| rows))
    }
}

/// Writes the rows of a table of patients.
pub type Rows = fn(&[Patient], &mut Csv<'_>) -> csv::Result<()>;

/// The tables of patients: scores of patients, scores of lesions, contributions.
const TABLES: [(&str, Rows); 3] = [("patients", patients), ("lesions", lesions), ("contributions", contributions)];

/// A table that is being written.
pub type Csv<'a> = csv::Writer<&'a mut dyn io::Write>;

fn patients(all: &[Patient], out: &mut Csv<'_>) -> csv::Result<()> {
    out.write_record(["patient", "cohort", "model", "score", "position", "reason"])?;
    for patient in all {
        for score in &patient.scores {
            let value = number::exact(score.score);
            out.write_record([&patient.id, &patient.cohort, &score.model, &value, &score.position, &score.reason])?;
        }
    }
    Ok(())
}

fn lesions(all: &[Patient], out: &mut Csv<'_>) -> csv::Result<()> {
    out.write_record(["patient", "cohort", "lesion", "volume_ml", "model", "score", "reason"])?;
    for (patient, lesion, score) in scored(all) {
        let (volume, value) = (number::exact(lesion.volume_ml), number::exact(score.score));
        let who = [&patient.id, &patient.cohort, &lesion.case];
        out.write_record(who.into_iter().chain([&volume, &score.model, &value, &score.reason]))?;
    }
    Ok(())
}

fn contributions(all: &[Patient], out: &mut Csv<'_>) -> csv::Result<()> {
    out.write_record(["patient", "cohort", "lesion", "model", "input", "value", "contribution", "warning"])?;
    for (patient, lesion, score) in scored(all) {
        for term in &score.terms {
            let (value, contribution) = (number::exact(term.value), number::exact(term.contribution));
            let who = [&patient.id, &patient.cohort, &lesion.case, &score.model];
            out.write_record(who.into_iter().chain([&term.input, &value, &contribution, &term.warning]))?;
        }
    }
    Ok(())
}

fn scored(all: &[Patient]) -> impl Iterator<Item = (&Patient, &Lesion, &LesionScore)> {
    all.iter().flat_map(|patient| {
        patient.lesions.iter().flat_map(move |lesion| lesion.scores.iter().map(move |score| (patient, lesion, score)))
    })
}
