//! What a study knows of its patients once features and scores are there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use voxomics_engine::{
    Cells,
    cases::Case,
    experiment::study::{Between, same_word},
    results::{Output, perturbation::Control},
    table::FeatureValue,
};
use voxomics_report::study::{Lost, OverTime};

use crate::files::Rows;

/// A cohort with everything that was found out about it.
#[derive(Debug, Clone, Default)]
pub struct Cohort {
    /// Its name.
    pub name: String,
    /// The negative controls of its cases.
    pub controls: Vec<Control>,
    /// Its patients, in the order of the list of cases; also those without a lesion that has features.
    pub patients: Vec<Patient>,
    /// Cases and patients that did not join (stage `join`), or that a condition of the cohort leaves out (stage `only`).
    pub unjoined: Vec<Lost>,
    /// Cases that failed.
    pub failed: Vec<Lost>,
    /// Everything that is not among the lesions: what did not join, what a condition leaves out, what has no features.
    pub left_out: Vec<LeftOut>,
    /// Number of cases with features, and of their patients, before lesions were followed over time, if they were.
    pub before_course: Option<(usize, usize)>,
    /// Number of cases in the list.
    pub listed: usize,
    /// The tables of patients.
    pub sources: Vec<Source>,
}

/// A lesion or a patient that was left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// The cohort.
    pub cohort: String,
    /// The case; empty if it is about the patient alone.
    pub id: String,
    /// The patient; empty if nobody knows.
    pub patient: String,
    /// Where: `join`, `only`, `extract`, or the section: `learn.model`, `predict.model`, `evaluate.survival`.
    pub stage: String,
    /// Why.
    pub reason: String,
}

impl From<&LeftOut> for Lost {
    fn from(row: &LeftOut) -> Self {
        let id = match (row.id.as_str(), row.patient.as_str()) {
            ("", id) | (id, "") => id.to_owned(),
            (case, patient) => format!("{case} of {patient}"),
        };
        Self { id, stage: row.stage.clone(), reason: row.reason.clone() }
    }
}

/// A table of patients: what it is asked when a cell is missing.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Name of the file.
    pub name: String,
    /// Its columns.
    pub columns: BTreeSet<String>,
    /// The patients that it has.
    pub patients: BTreeSet<String>,
    /// Whether its columns are patients, as in an expression matrix.
    pub transposed: bool,
}

impl From<&Rows> for Source {
    fn from(rows: &Rows) -> Self {
        let name = rows.path.file_name().unwrap_or(rows.path.as_os_str());
        Self {
            name: name.display().to_string(),
            columns: rows.columns.clone(),
            patients: rows.rows.keys().cloned().collect(),
            transposed: rows.transposed,
        }
    }
}

impl Cohort {
    /// Why a patient has no value of a column.
    pub fn why_missing(&self, patient: &str, column: &str) -> String {
        match self.sources.iter().find(|source| source.columns.contains(column)) {
            None => format!("it has no `{column}`"),
            Some(source) if source.patients.contains(patient) => {
                format!("it has no `{column}`: the cell in {} is empty", source.name)
            }
            Some(source) => {
                let line = if source.transposed { "column" } else { "row" };
                format!("it has no `{column}`: the patient has no {line} in {}", source.name)
            }
        }
    }
}

/// A patient.
#[derive(Debug, Clone, Default)]
pub struct Patient {
    /// Identifier.
    pub id: String,
    /// What the tables call the patient, where the identifier is a pseudonym; never written.
    pub original: Option<String>,
    /// What the tables of patients say: column and value; an empty cell is not here.
    pub columns: Cells,
    /// Lesions with features.
    pub lesions: Vec<Lesion>,
    /// How many cases of the patient gave no features: sums and means of the lesions lack theirs.
    pub without_features: usize,
    /// The lesions over time, where they are followed.
    pub over_time: Vec<OverTime>,
    /// Whether the id is that of one cohort alone: the same id in another is another patient.
    pub own_id: bool,
}

/// A lesion: a case, or one component of it.
#[derive(Debug, Clone, Default)]
pub struct Lesion {
    /// The case.
    pub case: String,
    /// What the list calls the case, where its name is a pseudonym; never written.
    pub original: Option<String>,
    /// Number of the component, where each is a lesion of its own.
    pub component: Option<usize>,
    /// What the list of cases says of it: column and value.
    pub columns: Cells,
    /// Volume of each region, mL.
    pub volumes_ml: BTreeMap<String, f64>,
    /// The values of the plan's inputs, in its order.
    pub inputs: Vec<FeatureValue>,
    /// How its scan was made.
    pub acquisition: Acquisition,
    /// By what its scan was made.
    pub scan: Scan,
    /// The scores, by model.
    pub scores: BTreeMap<String, Score>,
    /// What other readers' outlines of it give, and other scans.
    pub repeats: Vec<Repeated>,
    /// The values of the inputs of one case by perturbation; not a number where there is none. Only where something asks for them.
    pub perturbed: Vec<Vec<f64>>,
    /// The same by negative control.
    pub controls: Vec<Vec<f64>>,
    /// The scores by negative control, by model; none where there is none.
    pub control_scores: BTreeMap<String, Vec<Option<f64>>>,
    /// Picture for quality control, relative to the folder of the results.
    pub picture: Option<String>,
}

/// What another reader's outline of a lesion gives, or another scan.
#[derive(Debug, Clone)]
pub struct Repeated {
    /// The case of that outline or scan.
    pub case: String,
    /// The reader, or the scan.
    pub reader: String,
    /// Which of the two.
    pub between: Between,
    /// The values of the plan's inputs, in its order.
    pub inputs: Vec<FeatureValue>,
}

impl Lesion {
    /// What it is sorted by among those of its patient: pseudonyms change no order.
    pub fn place(&self) -> (&str, Option<usize>) {
        (self.original.as_ref().unwrap_or(&self.case), self.component)
    }

    /// The case, and its component if it has several.
    pub fn name(&self) -> String {
        match self.component {
            Some(component) => format!("{}, component {component}", self.case),
            None => self.case.clone(),
        }
    }
}

/// How a scan was made, as far as the file or the list of cases tells.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Acquisition {
    /// Spacing of the voxels as they were stored, mm.
    pub spacing_mm: Option<[f64; 3]>,
    /// Tube voltage, kV.
    pub kvp: Option<f64>,
}

impl Acquisition {
    /// From the metadata of the image; the voltage may also be a column of the list of cases, which then counts.
    pub fn of(metadata: &Map<String, Json>, case: &Case) -> Self {
        let attribute = |wanted: &str| metadata.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let number = |value: &Json| value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        let known = |value: &f64| value.is_finite() && *value > 0.0;
        let column = case.covariates.iter().find(|(name, _)| name.eq_ignore_ascii_case(KVP));
        let stated = column.and_then(|(_, text)| text.trim().parse().ok());
        let spacing = attribute(SPACING).and_then(|(_, value)| {
            let numbers: Vec<f64> = value.as_array()?.iter().filter_map(number).filter(known).collect();
            numbers.try_into().ok()
        });
        let kvp = stated.or_else(|| number(attribute(KVP)?.1)).filter(known);
        Self { spacing_mm: spacing, kvp }
    }
}

/// By what a scan was made, as far as its file tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scan {
    /// Maker and model of the scanner.
    pub scanner: Option<String>,
    /// The contrast agent.
    pub contrast: Option<String>,
    /// The kernel of the reconstruction.
    pub kernel: Option<String>,
    /// Nominal thickness of a slice, mm.
    pub slice_thickness_mm: Option<f64>,
}

impl Scan {
    /// From the metadata of the image.
    pub fn of(metadata: &Map<String, Json>) -> Self {
        let text = |name: &str| -> Option<String> {
            let words = match metadata.get(name)? {
                Json::Array(list) => list.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(" "),
                value => value.as_str()?.to_owned(),
            };
            Some(words.trim().to_owned()).filter(|words| !words.is_empty())
        };
        let number = |name: &str| {
            let value = metadata.get(name)?;
            value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|value| *value > 0.0)
        };
        let scanner: Vec<String> = ["Manufacturer", "ManufacturerModelName"].into_iter().filter_map(text).collect();
        Self {
            scanner: Some(scanner.join(" ")).filter(|words| !words.is_empty()),
            contrast: text("ContrastBolusAgent"),
            kernel: text("ConvolutionKernel"),
            slice_thickness_mm: number("SliceThickness"),
        }
    }
}

/// Attributes of an image.
const KVP: &str = "KVP";
const SPACING: &str = "SpacingMm";

/// The score of a lesion.
#[derive(Debug, Clone)]
pub struct Score {
    /// The score, or why there is none.
    pub value: FeatureValue,
    /// What the score is called in tables, and its unit.
    pub output: Output,
    /// The other outputs of the model, and their values.
    pub others: Vec<(Output, FeatureValue)>,
    /// For each input of the model: its name, its value, what it contributed.
    pub terms: Vec<Term>,
    /// What is doubtful beside these: of inputs that were offered to the training and that the model does not use.
    pub doubts: Vec<String>,
    /// What is doubtful of the model itself, the same for every lesion.
    pub doubtful: Vec<String>,
}

impl Score {
    /// Everything that is doubtful: of the model, of each input, and of inputs that it does not use.
    pub fn all_doubts(&self) -> Vec<String> {
        let of_terms = self.terms.iter().filter_map(|term| term.doubt.as_ref());
        self.doubtful.iter().chain(of_terms).chain(&self.doubts).cloned().collect()
    }
}

/// An input of a score.
#[derive(Debug, Clone)]
pub struct Term {
    /// The input.
    pub input: String,
    /// Its value.
    pub value: FeatureValue,
    /// What it contributed, where the model can tell.
    pub contribution: Option<f64>,
    /// Why the value is doubtful.
    pub doubt: Option<String>,
}

impl Patient {
    /// Who the patient is among those of all cohorts: a cohort, if its ids are its own, and the id.
    pub fn identity<'a>(&'a self, cohort: &'a str) -> (&'a str, &'a str) {
        (if self.own_id { cohort } else { "" }, &self.id)
    }

    /// What it is sorted by among those of all cohorts: the same with what the tables call the patient, so that pseudonyms
    /// change neither folds nor sums.
    pub fn place<'a>(&'a self, cohort: &'a str) -> (&'a str, &'a str) {
        (self.identity(cohort).0, self.original.as_ref().unwrap_or(&self.id))
    }

    /// The same as one text.
    pub fn identity_text(&self, cohort: &str) -> String {
        match self.identity(cohort) {
            ("", id) => id.to_owned(),
            (cohort, id) => format!("{id} of {cohort}"),
        }
    }

    /// The value of a column: of the tables of patients, or, if all of the patient's lesions agree on it, of the list of
    /// cases.
    pub fn column(&self, name: &str) -> Option<&str> {
        if let Some(value) = self.columns.get(name) {
            return Some(value);
        }
        let mut values = self.lesions.iter().map(|lesion| lesion.columns.get(name));
        let first = values.next()??;
        values.all(|value| value == Some(first)).then_some(first)
    }
}

/// Words for an event that was seen, where the experiment names none, and those that stand against them.
const SEEN: [&str; 3] = ["1", "true", "yes"];
const UNSEEN: [&str; 3] = ["0", "false", "no"];

/// Whether words for an event are those that count where the experiment names none.
pub fn is_usual(seen: &[String]) -> bool {
    seen.iter().map(String::as_str).eq(SEEN)
}

/// Whether a word says that the event was seen. Where the experiment names the words, every other one says that it was
/// not; otherwise only those that stand against the usual ones: `dead`, or the 2 of tables that count from 1, is not to be
/// taken for a patient who lives.
///
/// # Errors
/// In words, if it says neither: nothing can then be told from the column.
pub fn event_seen(column: &str, word: &str, seen: &[String]) -> Result<bool, String> {
    let word = word.trim();
    if seen.iter().any(|seen| same_word(seen, word)) {
        Ok(true)
    } else if !is_usual(seen) || UNSEEN.iter().any(|unseen| same_word(unseen, word)) {
        Ok(false)
    } else {
        Err(format!(
            "`{column}` is `{word}`, neither {} nor {}: say with `seen` which values are events",
            SEEN.join(", "),
            UNSEEN.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_may_mean_anything_is_no_censoring() {
        let usual = SEEN.map(str::to_owned);
        let seen = |word: &str, words: &[String]| event_seen("dead", word, words).ok();
        for (word, expected) in
            [("1", Some(true)), ("1.0", Some(true)), (" Yes", Some(true)), ("0.0", Some(false)), ("FALSE", Some(false))]
        {
            assert_eq!(seen(word, &usual), expected, "{word}");
        }
        for word in ["2", "dead", "alive", "nan"] {
            assert_eq!(seen(word, &usual), None, "{word}");
        }
        assert_eq!((seen("dead", &["Dead".into()]), seen("1", &["Dead".into()])), (Some(true), Some(false)));
        assert!(event_seen("dead", "2", &usual).unwrap_err().contains("`dead` is `2`"));
    }
}
