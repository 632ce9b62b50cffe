//! What a model file says beside what every model file says.

use serde::{Deserialize, Serialize};
use voxomics_sdk::model::{
    self, Number,
    trees::{Listed, Worth},
};

/// What the file says that it is of.
pub const PLUGIN: &str = "predict-boosting";

/// The model file.
pub type File = model::File<Grown, Worth, Tables>;

/// Of the table `[model]`: what the sum begins with, and how the trees were grown.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grown {
    /// What the sum begins with.
    pub base: Option<Number>,
    /// How many trees.
    pub trees: Option<u64>,
    /// The part of each tree that was added.
    pub learning_rate: Option<Number>,
    /// Splits from the root to a leaf at most.
    pub max_depth: Option<u64>,
    /// Rows in a leaf at least.
    pub min_samples_leaf: Option<u64>,
    /// The share of the rows that each tree was grown on.
    pub subsample: Option<Number>,
    /// Inputs that each split chose from, if not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtry: Option<u64>,
    /// What the importance of the inputs is.
    pub importance: Option<Importance>,
}

/// What the importance of the inputs is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Importance {
    /// The share of the splits on an input in what all splits take off the squares of what is left. Inputs of many values are favoured.
    Gain,
}

/// Tables.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    /// The trees.
    #[serde(default)]
    pub tree: Vec<Listed>,
}
