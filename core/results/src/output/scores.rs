//! The table of scores, whoever writes it: a run, or a study.

use std::io;

use voxomics_base::table::{FeatureValue, number};

use super::{
    Folder,
    sheet::{Also, Heading, Kind},
    written,
};
use crate::{
    layout::{Layout, Output},
    waiting::Done,
};

/// The name of the table of scores, without its end.
const SCORES_STEM: &str = "scores";

/// Columns of `scores.csv`, whoever writes it.
pub const SCORES: [&str; 12] = [
    "case",
    "component",
    "patient",
    "cohort",
    "model",
    "output",
    "value",
    "unit",
    "status",
    "reason",
    "doubts",
    "contributions",
];

/// A prediction, to be written into `scores.csv`.
#[derive(Debug, Clone, Copy)]
pub struct Scored<'a> {
    /// The case.
    pub case: &'a str,
    /// Number of the component, where each is a region of its own.
    pub component: Option<usize>,
    /// The patient; empty if nobody knows.
    pub patient: &'a str,
    /// The cohort; empty without a study.
    pub cohort: &'a str,
    /// Name of the predictor or model.
    pub model: &'a str,
}

impl Scored<'_> {
    /// The rows of a prediction, one for each output. What inputs contributed is told beside the first, of which it is.
    pub fn rows<'a>(
        self,
        outputs: &[Output],
        values: impl IntoIterator<Item = &'a FeatureValue>,
        contributions: impl IntoIterator<Item = (&'a str, f64)>,
        doubts: &[String],
    ) -> Vec<[String; SCORES.len()]> {
        let terms = contributions.into_iter().map(|(name, term)| format!("{name}={}", number(term)));
        let mut terms = terms.collect::<Vec<_>>().join("; ");
        let rows = outputs.iter().zip(values).map(|(output, value)| {
            let (status, reason) = match value {
                Ok(_) => ("ok", ""),
                Err(reason) => ("undefined", &**reason),
            };
            [
                self.case.to_owned(),
                self.component.map(|number| number.to_string()).unwrap_or_default(),
                self.patient.to_owned(),
                self.cohort.to_owned(),
                self.model.to_owned(),
                output.name.clone(),
                value.as_ref().map(|value| number(*value)).unwrap_or_default(),
                output.unit.clone(),
                status.to_owned(),
                reason.to_owned(),
                doubts.join("; "),
                std::mem::take(&mut terms),
            ]
        });
        rows.collect()
    }
}

/// Takes rows of `scores.csv`.
pub type TakeScores<'t> = dyn FnMut([String; SCORES.len()]) -> io::Result<()> + 't;

/// Writes `scores.csv`, and what is asked for beside it; `fill` gives the rows, once for each file.
///
/// # Errors
/// Which file, and why not.
pub fn write_scores(
    folder: &Folder,
    also: &[Also],
    fill: &dyn Fn(&mut TakeScores<'_>) -> io::Result<()>,
) -> Result<(), String> {
    let kind = |name: &str| match name {
        "component" => Kind::Whole,
        "value" => Kind::Number,
        _ => Kind::Text,
    };
    let headings = SCORES.map(|name| Heading::new(name, kind(name)));
    written::write(folder, SCORES_STEM, &headings, also, &|sheet| {
        fill(&mut |row| {
            row.iter().try_for_each(|cell| sheet.text(cell))?;
            sheet.end_row()
        })
    })
}

/// Takes the scores away, in every format.
///
/// # Errors
/// Which file, and why not.
pub fn remove_scores(folder: &Folder) -> Result<(), String> {
    written::remove(folder, SCORES_STEM)
}

/// A row for each output of each prediction.
pub(super) fn of_cases(take: &mut TakeScores<'_>, layout: &Layout, done: &Done<'_>) -> io::Result<()> {
    done.each(|case, outcome| {
        for score in &outcome.scores {
            let predictor = &layout.predictors[score.predictor];
            let scored = Scored {
                case: &case.name,
                component: score.component,
                patient: case.covariate("patient").unwrap_or_default(),
                cohort: "",
                model: &predictor.name,
            };
            let values = [&score.score].into_iter().chain(&score.others);
            let terms = predictor.inputs.iter().map(String::as_str).zip(score.contributions.iter().copied());
            scored.rows(&predictor.outputs, values, terms, &score.doubts).into_iter().try_for_each(&mut *take)?;
        }
        Ok(())
    })
}
