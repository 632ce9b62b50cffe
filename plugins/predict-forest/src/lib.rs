//! Learns a random forest and scores with it: the score is the mean of what many trees say, each grown from rows drawn
//! with replacement and split on the best of a few inputs that are drawn anew for each split (L. Breiman, "Random
//! forests", Machine Learning 45, 2001).
//!
//! What is predicted is a number, or a class: then the trees hold the frequency of class 1, and their mean is its
//! probability (J. D. Malley et al., "Probability machines", Methods Inf Med 51, 2012). A time is refused.
//!
//! Nothing is chosen by cross-validation; one tells how well everything, preprocessing included, performs on rows that it
//! has not seen. The model is TOML:
//!
//! ```toml
//! [model]
//! plugin = "predict-forest"
//! name = "random forest"
//! family = "binomial"            # or "gaussian"
//! link = "logistic"              # the score is a probability; "identity" for a number
//! target = "response"
//! seed = 7
//! rows = 135
//! trees = 500
//! importance = "impurity"        # what the importance of the inputs is
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
//! value = [0.4, 0.125, 0.75]     # mean of the target over the rows that reach the node
//! ```
//!
//! With ComBat, a table `[harmonisation]` holds what aligns each batch. `[performance]` and `[diagnostics]` are for the
//! reader; the `linear_predictor` of the latter is the score.

mod faults;
mod file;
mod forest;
mod grow;
mod harmonise;
mod learner;
mod model;
mod options;
mod random;
mod table;
#[cfg(test)]
mod tests;
mod training;
mod write;

pub use forest::{Forest, Node, Split, Tree};
pub use harmonise::{Aligned, Harmonisation};
pub use model::{Column, Family, Link, Model};

use std::fs;

use voxomics_sdk::prelude::*;

use options::Options;

/// The predictor: how it learns, and the model that it scores with.
#[derive(Debug)]
pub struct RandomForest {
    options: Options,
    model: Option<Model>,
}

impl Predictor for RandomForest {
    fn describe() -> Description {
        options::describe()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let options = Options::read(settings)?;
        if !settings.is_set("model") {
            return Ok(Self { options, model: None });
        }
        let path = settings.file("model")?;
        let text = fs::read_to_string(path)
            .map_err(|cause| Error::setting("model", format!("{} cannot be read: {cause}", path.display())))?;
        let model = Model::parse(&text, &path.display().to_string()).map_err(|why| Error::setting("model", why))?;
        Ok(Self { options, model: Some(model) })
    }

    fn inputs(&self) -> Vec<String> {
        self.model.as_ref().map(Model::inputs).unwrap_or_default()
    }

    fn predict(&self, inputs: &[Input], context: &Context) -> Result<Prediction, Error> {
        let without = || Error::setting("model", "a prediction takes a model: train one, or name the file of one");
        let (prediction, warnings) = self.model.as_ref().ok_or_else(without)?.predict(inputs);
        warnings.iter().for_each(|warning| context.warning(warning));
        Ok(prediction)
    }

    fn fit(&self, table: &TrainingTable, context: &Context) -> Result<String, Error> {
        let trained = training::train(&self.options, table, context)?;
        write::text(&trained)
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", predictors: [RandomForest] }
