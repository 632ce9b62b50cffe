//! Learns boosted trees and scores with them: `score = link(base + Σ trees)`. Each tree is grown on what those before it have left,
//! and a part of it is added (J. H. Friedman, "Greedy function approximation: a gradient boosting machine", Ann Stat 29:1189, 2001).
//!
//! What is predicted is a number (the squares), a class (the deviance, the score is the probability of class 1) or a time (Cox's
//! partial likelihood with Breslow's ties, the score is the logarithm of the relative hazard). Every split is tried, at every place
//! between two values, as by scikit-learn and scikit-survival: their models have the same trees (`tests/oracle/trees.py`).
//!
//! Nothing is chosen by cross-validation; one tells how well everything, preprocessing included, performs on rows that it
//! has not seen. The model is TOML:
//!
//! ```toml
//! [model]
//! plugin = "predict-boosting"
//! name = "boosted trees"
//! family = "binomial"            # or "gaussian", "cox"
//! link = "logistic"              # the score is a probability; "identity" for the other families
//! target = "response"
//! base = -0.31                   # what the sum begins with
//! seed = 7
//! rows = 135
//! trees = 100
//! learning_rate = 0.1            # the trees below hold what is added: it is part of them
//! importance = "gain"            # what the importance of the inputs is
//!
//! [[input]]                      # one that some tree looks at
//! name = "tumour:glcm.joint_entropy"
//! imputed = 5.3                  # stands in for a missing value; refused without it
//! minimum = 2.9                  # of the training rows
//! maximum = 7.4
//! importance = 0.12              # a share of 1
//!
//! [[tree]]                       # an entry for each node, the root first; nodes and inputs are counted from 0
//! feature = [0, -1, -1]          # the input that is looked at; −1 for a leaf
//! threshold = [5.15, 0.0, 0.0]   # rows with at most this go left
//! left = [1, -1, -1]
//! right = [2, -1, -1]
//! value = [0.0, -0.11, 0.14]     # what a leaf adds to the sum; another node, what it would add if it were one
//! ```
//!
//! With ComBat, a table `[harmonisation]` holds what aligns each batch. `[performance]` and `[diagnostics]` are for the
//! reader.

mod boost;
mod file;
mod learner;
mod loss;
mod model;
mod options;
#[cfg(test)]
mod tests;
mod training;
mod write;

pub use boost::{Boosted, Boosting};
pub use learner::BoostedTrees;
pub use model::Model;

use voxomics_sdk::{
    model::{given, needed},
    prelude::*,
};

use options::Options;

/// The predictor: how it learns, and the model that it scores with.
#[derive(Debug)]
pub struct PredictBoosting {
    options: Options,
    model: Option<Model>,
}

impl Predictor for PredictBoosting {
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

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", predictors: [PredictBoosting] }
