//! A linear model, checked and complete.

use voxomics_sdk::{Input, Prediction};

use crate::file::{self, File, Number};

pub use crate::file::Link;

/// Where the numbers of a model come from, for whoever is told that they are missing.
const SUPPLY: &str = "Supply it from the publication's appendix or by training; a coefficient is never guessed.";

/// One term of the sum: `coefficient · (x − centre) / scale`.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// `region:column` of a feature, or the column of a covariate.
    pub name: String,
    /// Weight of the scaled input.
    pub coefficient: f64,
    /// In the input's unit.
    pub centre: f64,
    /// In the input's unit; above 0.
    pub scale: f64,
}

/// `score = link(intercept + Σ coefficient · (x − centre) / scale)`; every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name of the model.
    pub name: String,
    /// From the sum to the score.
    pub link: Link,
    /// What the sum begins with.
    pub intercept: f64,
    /// The terms, in the order of the sum; at least one, no input twice.
    pub terms: Vec<Term>,
    /// Whether the numbers are invented, to show how a model file works.
    pub demonstration: bool,
    /// What it predicts, of whom; may be empty.
    pub description: String,
    /// Where the numbers come from; may be empty.
    pub source: String,
    /// Under which licence they may be used; may be empty.
    pub licence: String,
}

impl Model {
    /// Reads a model from the text of a file; `path` is only for the messages.
    ///
    /// # Errors
    /// For a text that is not strict TOML of this form, with line and column; otherwise everything that is wrong at
    /// once: every number that is missing, inputs that occur twice or not at all, and impossible scales.
    pub fn parse(text: &str, path: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| {
            let (line, column) = error.span().map_or((1, 1), |span| place(text, span.start));
            format!("{path}, line {line}, column {column}: {}", error.message().trim_end())
        })?;
        let mut gaps = Vec::new();
        let mut wrong = Vec::new();
        let mut number = |what: String, number: Option<Number>, default: Option<f64>| {
            let value = match number {
                Some(Number::Known(value)) => Some(value),
                Some(Number::Unknown) => None,
                None => default,
            };
            value.unwrap_or_else(|| {
                gaps.push(what);
                1.0
            })
        };
        let intercept = number("the intercept".into(), file.model.intercept, None);
        let mut terms: Vec<Term> = Vec::with_capacity(file.input.len());
        for file::Input { name, coefficient, centre, scale, .. } in file.input {
            let coefficient = number(format!("the coefficient of `{name}`"), coefficient, None);
            let centre = number(format!("the centre of `{name}`"), centre, Some(0.0));
            let scale = number(format!("the scale of `{name}`"), scale, Some(1.0));
            if scale <= 0.0 {
                wrong.push(format!("the scale of `{name}` is {scale}, expected a number above 0"));
            }
            if terms.iter().any(|term| term.name == name) {
                wrong.push(format!("the input `{name}` occurs twice"));
            }
            terms.push(Term { name, coefficient, centre, scale });
        }
        if terms.is_empty() {
            wrong.push("it has no `[[input]]`".into());
        }
        if !gaps.is_empty() {
            wrong.insert(0, format!("{} missing: {}. {SUPPLY}", count(gaps.len()), gaps.join(", ")));
        }
        if !wrong.is_empty() {
            return Err(format!("{path}: {}", wrong.join("; ")));
        }
        let file::About { name, link, demonstration, description, source, licence, .. } = file.model;
        Ok(Self { name, link, intercept, terms, demonstration, description, source, licence })
    }

    /// Scores one row of inputs, in the order of the terms.
    ///
    /// The score is undefined, with the reason, if an input is, or if the sum leaves the range of numbers.
    pub fn predict(&self, inputs: &[Input]) -> Prediction {
        if inputs.len() != self.terms.len() {
            return Prediction::none(format!("the model has {} inputs, not {}", self.terms.len(), inputs.len()));
        }
        let mut contributions = Vec::with_capacity(inputs.len());
        let mut reasons = Vec::new();
        for (term, input) in self.terms.iter().zip(inputs) {
            match input.value() {
                Ok(x) if x.is_finite() => contributions.push(term.coefficient * ((x - term.centre) / term.scale)),
                Ok(x) => reasons.push(format!("`{}` is {x}", term.name)),
                Err(reason) => reasons.push(format!("`{}`: {reason}", term.name)),
            }
        }
        if !reasons.is_empty() {
            return Prediction::none(format!("the model `{}` has no value of {}", self.name, reasons.join("; ")));
        }
        let sum = contributions.iter().fold(self.intercept, |sum, contribution| sum + contribution);
        if !sum.is_finite() {
            return Prediction::none(format!(
                "the sum of the model `{}` is {sum}: an input is out of scale",
                self.name
            ));
        }
        let score = match self.link {
            Link::Identity => sum,
            Link::Logistic => 1.0 / (1.0 + (-sum).exp()),
        };
        Prediction { score: Ok(score), contributions }
    }
}

fn count(gaps: usize) -> String {
    if gaps == 1 { "a number is".into() } else { format!("{gaps} numbers are") }
}

/// Line and column, from 1, of a position in a text.
fn place(text: &str, position: usize) -> (usize, usize) {
    let before = text.get(..position).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}
