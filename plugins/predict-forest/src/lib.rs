//! Learns a random forest and scores with it: the score is the mean of what many trees say, each grown from rows drawn
//! with replacement and split on the best of a few inputs that are drawn anew for each split (L. Breiman, "Random
//! forests", Machine Learning 45, 2001).
//!
//! What is predicted is a number, or a class: then the trees hold the frequency of class 1, and their mean is its
//! probability (J. D. Malley et al., "Probability machines", Methods Inf Med 51, 2012). Of a time, it is a random survival forest
//! (H. Ishwaran et al., "Random survival forests", Ann Appl Stat 2, 2008): splits are those of the log-rank test, and a leaf has the
//! events of its rows. The score is the mortality: the events that were to be expected if everybody were like this patient, by the
//! cumulative hazard of the leaves. A higher one speaks for an earlier event. It is no logarithm of a hazard. The risk at a time is 1
//! less the mean of Kaplan and Meier's estimates of the leaves; it is told at the times that `[risk]` of the file asks for.
//!
//! Nothing is chosen by cross-validation; one tells how well everything, preprocessing included, performs on rows that it
//! has not seen. The model is TOML:
//!
//! ```toml
//! [model]
//! plugin = "predict-forest"
//! name = "random forest"
//! family = "binomial"            # or "gaussian", "survival"
//! link = "logistic"              # the score is a probability; "identity" for a number
//! target = "response"
//! seed = 7
//! rows = 135
//! trees = 500
//! importance = "impurity"        # what the importance of the inputs is; "log-rank" of a time
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
//! value = [0.4, 0.125, 0.75]     # mean of the target over the rows that reach the node; of a time, the mortality
//!
//! [events]                       # of a time: when there were events in the training, and the last follow-up
//! time = [12.0, 40.0, 51.0]
//! last = 60.0
//!
//! [[leaves]]                     # one for each tree: the events of its leaves
//! times = [0, 1, 2]              # for each node, at how many times
//! event = [1, 0, 2]              # at which, counted from 0
//! hazard = [0.1, 0.25, 0.5]      # the share of those at risk
//! ```
//!
//! With ComBat, a table `[harmonisation]` holds what aligns each batch. `[performance]` and `[diagnostics]` are for the
//! reader; the `linear_predictor` of the latter is the score.

mod file;
mod forest;
mod grow;
mod learner;
mod model;
mod options;
mod random;
mod survival;
#[cfg(test)]
mod tests;
mod training;
mod write;

pub use forest::{Forest, Node, Split, Tree};
pub use model::Model;
pub use survival::Events;

use voxomics_sdk::{
    model::{given, needed},
    prelude::*,
};

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
        Ok(Self { options: Options::read(settings)?, model: given(settings, Model::parse)? })
    }

    fn inputs(&self) -> Vec<String> {
        self.model.as_ref().map(Model::inputs).unwrap_or_default()
    }

    fn outputs(&self) -> Vec<Output> {
        self.model.as_ref().map_or_else(|| vec![Output::score("")], Model::outputs)
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

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", predictors: [RandomForest] }
