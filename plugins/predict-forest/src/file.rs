//! What a model file says beside what every model file says.

use serde::{Deserialize, Serialize};
use voxomics_sdk::model::{self, Number};

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
}

/// Of a table `[[input]]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worth {
    /// What the model owes to the input, as a share of all inputs.
    pub importance: Option<Number>,
}

/// Tables.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    /// The trees.
    #[serde(default)]
    pub tree: Vec<Tree>,
}

/// A table `[[tree]]`: one entry of each list for each node, the root first, nodes counted from 0.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// The input that the node looks at, counted from 0; −1 for a leaf.
    pub feature: Vec<i64>,
    /// Rows with at most this go left; 0 for a leaf.
    pub threshold: Vec<Number>,
    /// The node that they go to; −1 for a leaf.
    pub left: Vec<i64>,
    /// The node of the other rows; −1 for a leaf.
    pub right: Vec<i64>,
    /// Mean of the target over the rows that reach the node.
    pub value: Vec<Number>,
}
