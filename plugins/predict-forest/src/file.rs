//! What a model file says beside what every model file says.

use serde::{Deserialize, Serialize};
use voxomics_sdk::model::{
    self, Number,
    trees::{Listed, Worth},
};

/// What the file says that it is of.
pub const PLUGIN: &str = "predict-forest";

/// The model file.
pub type File = model::File<Grown, Worth, Tables>;

/// Of the table `[model]`: how the forest was grown.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grown {
    /// How many trees.
    pub trees: Option<u64>,
    /// Splits from the root to a leaf at most, if there was a bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_depth: Option<u64>,
    /// Drawn rows in a leaf at least.
    pub min_samples_leaf: Option<u64>,
    /// Inputs that each split chose from.
    pub mtry: Option<u64>,
    /// What the importance of the inputs is.
    pub importance: Option<Importance>,
}

/// What the importance of the inputs is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Importance {
    /// The share of the splits on an input in what all splits take off the variance of the target (for a class, off Gini's
    /// impurity). Inputs of many values are favoured.
    Impurity,
    /// The share of the splits on an input in the statistics χ² of the log-rank tests of all splits. Inputs of many values are favoured.
    #[serde(rename = "log-rank")]
    LogRank,
}

/// Tables.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    /// The trees.
    #[serde(default)]
    pub tree: Vec<Listed>,
    /// The times of events, if times were learnt.
    pub events: Option<EventTimes>,
    /// What happens in the leaves of each tree, if times were learnt.
    #[serde(default)]
    pub leaves: Vec<Leaves>,
}

/// The table `[events]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventTimes {
    /// The times of events of the training, rising.
    pub time: Vec<Number>,
    /// The last time of the training.
    pub last: Option<Number>,
}

/// A table `[[leaves]]`, one for each tree, in their order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaves {
    /// For each node of the tree, at how many times there are events in it; 0 for one that is no leaf.
    pub times: Vec<u64>,
    /// At which: places in the list of times of events, counted from 0, leaf after leaf.
    pub event: Vec<u64>,
    /// The share of the rows at risk that have the event then, above 0 and at most 1.
    pub hazard: Vec<Number>,
}

/// Of the table `[risk]`, which the host writes: at which times risks are wanted.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    /// Unit of the times.
    #[serde(default)]
    pub unit: String,
    /// The times.
    #[serde(default)]
    pub horizons: Vec<f64>,
}
