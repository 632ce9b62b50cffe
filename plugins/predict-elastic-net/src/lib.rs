//! Learns an elastic net and scores with it: `score = link(intercept + Σ coefficient · (x − centre) / scale)`.
//!
//! The family follows from what is to be predicted: a number (Gaussian, the sum is the score), a class (binomial, the
//! score is the probability 1 / (1 + exp(−sum)) of class 1) or a time (Cox, the score is the logarithm of the hazard
//! relative to that of a row with the mean of every input).
//!
//! Training chooses the mixing parameter and the penalty by cross-validation in which every fold repeats the whole
//! preprocessing; an outer cross-validation tells how well all of it performs on rows that it has not seen. The model is
//! TOML:
//!
//! ```toml
//! [model]
//! plugin = "predict-elastic-net"
//! name = "elastic net"
//! family = "binomial"            # or "gaussian", "cox"
//! link = "logistic"              # "identity" for the other families
//! target = "response"
//! intercept = -0.31
//! alpha = 0.5
//! lambda = 0.042
//! seed = 7
//! rows = 135
//!
//! [[input]]                      # one whose coefficient is not 0
//! name = "tumour:glcm.joint_entropy"
//! coefficient = 0.41             # per unit of the input
//! centre = 5.2                   # mean of the training rows
//! deviation = 1.1                # their standard deviation, for the reader
//! imputed = 5.3                  # stands in for a missing value; refused without it
//! minimum = 2.9                  # of the training rows
//! maximum = 7.4
//! ```
//!
//! With ComBat, a table `[harmonisation]` holds what aligns each batch. `[cross_validation]`, `[performance]` and
//! `[diagnostics]` are for the reader.

mod file;
mod model;
mod options;
#[cfg(test)]
mod tests;
mod training;
mod write;

pub use model::{Model, Term};

use voxomics_sdk::{
    model::{given, needed},
    prelude::*,
};

use options::Options;

/// The predictor: how it learns, and the model that it scores with.
#[derive(Debug)]
pub struct ElasticNet {
    options: Options,
    model: Option<Model>,
}

impl Predictor for ElasticNet {
    fn describe() -> Description {
        options::describe()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { options: Options::read(settings)?, model: given(settings, Model::parse)? })
    }

    fn inputs(&self) -> Vec<String> {
        self.model.as_ref().map(Model::inputs).unwrap_or_default()
    }

    fn predict(&self, inputs: &[Input], context: &Context) -> Result<Prediction, Error> {
        let (prediction, warnings) = needed(&self.model)?.predict(inputs);
        warnings.iter().for_each(|warning| context.warning(warning));
        Ok(prediction)
    }

    fn fit(&self, table: &TrainingTable, context: &Context) -> Result<String, Error> {
        write::text(&training::train(&self.options, table, context)?)
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", predictors: [ElasticNet] }
