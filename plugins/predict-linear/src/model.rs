//! A linear model, checked and complete.

use std::collections::HashSet;

use voxomics_sdk::{
    Input, Prediction,
    model::{self, Faults, Name, Number},
};

use crate::file::{self, File};

pub use voxomics_sdk::model::Link;

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
        let file: File = model::read(text, path)?;
        let mut faults = Faults::default();
        let intercept = faults.number(file.model.intercept, || "the intercept".into());
        let mut terms: Vec<Term> = Vec::with_capacity(file.input.len());
        let mut names = HashSet::with_capacity(file.input.len());
        for file::Input { name: Name(name), coefficient, centre, scale, .. } in file.input {
            let coefficient = faults.number(coefficient, || format!("the coefficient of `{name}`"));
            let centre = faults.number(centre.or(Some(Number::Known(0.0))), || format!("the centre of `{name}`"));
            let scale = faults.number(scale.or(Some(Number::Known(1.0))), || format!("the scale of `{name}`"));
            faults.above_zero(scale, || format!("the scale of `{name}`"));
            if !names.insert(name.clone()) {
                faults.wrong(format!("the input `{name}` occurs twice"));
            }
            terms.push(Term { name, coefficient, centre, scale });
        }
        if terms.is_empty() {
            faults.wrong("it has no `[[input]]`");
        }
        faults.none(path)?;
        let file::About { name: Name(name), link, demonstration, description, source, licence, .. } = file.model;
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
        Prediction::score(self.link.score(sum)).because(contributions)
    }
}
