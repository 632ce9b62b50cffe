//! Scores with a linear model: `score = link(intercept + Σ coefficient · (x − centre) / scale)`.
//!
//! The numbers are the user's: a model file from which one is missing is refused, and none is ever made up.
//!
//! ```toml
//! [model]
//! name = "An example"
//! link = "identity"              # or "logistic"
//! intercept = 0.1
//! higher = "worse"               # a high score speaks for an earlier event, as a hazard does; "better" if left out
//! demonstration = true           # the numbers are invented: every score is accompanied by a warning
//! # and, for the reader: description, source, licence
//!
//! [[input]]
//! name = "tumour:glcm.joint_entropy"   # region:column, or the column of a covariate
//! coefficient = 0.5
//! centre = 5.2                   # 0 if left out
//! scale = 1.1                    # 1 if left out
//! minimum = 2.0                  # of the training; whoever scores an input outside is warned
//! maximum = 9.5
//! ```
//!
//! The host reads `higher`, `[extraction]` (how the inputs are made), `[cutoffs]` and `[card]`, and refuses or warns accordingly;
//! `[training]`, `[provenance]` and `[licence]` are for the reader.

mod file;
mod model;
#[cfg(test)]
mod tests;

pub use model::{Link, Model, Term};

use voxomics_sdk::{model::given, prelude::*};

/// The predictor, with its model.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    model: Model,
}

impl Predictor for Linear {
    fn describe() -> Description {
        Description::new("linear", "A linear model: intercept + Σ coefficient · (x − centre) / scale")
            .setting(Setting::file("model", "TOML file with the intercept and the coefficients").required())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let without = || Error::setting("model", "`model` is required: a linear model learns nothing");
        Ok(Self { model: given(settings, Model::parse)?.ok_or_else(without)? })
    }

    fn inputs(&self) -> Vec<String> {
        self.model.terms.iter().map(|term| term.name.clone()).collect()
    }

    fn predict(&self, inputs: &[Input], context: &Context) -> Result<Prediction, Error> {
        if self.model.demonstration {
            let name = &self.model.name;
            context.warning(&format!("the model `{name}` is a demonstration: its numbers are invented"));
        }
        Ok(self.model.predict(inputs))
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", predictors: [Linear] }
