//! What is to be learnt from a training table: the JSON object that accompanies it.

use serde::{Deserialize, Serialize};

/// Which columns of a training table are what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// The columns that a prediction may use, in order.
    pub inputs: Vec<String>,
    /// What is to be predicted.
    pub target: Target,
    /// Column of the rows' weights; without one, every row weighs 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<String>,
    /// Column of numbers that are equal for rows which belong together (lesions of a patient): they are never on both
    /// sides of a fold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<String>,
    /// Column of numbers over whose values folds are balanced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strata: Option<String>,
    /// Columns of 0 and 1, one of which is 1 in each row: the scanner or centre that the row comes from. They are no
    /// inputs of the model, but of its harmonisation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batches: Vec<String>,
    /// Columns of covariates whose effect harmonisation keeps, while it removes what else differs between batches. They
    /// may be inputs as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// Inputs that say something of the patient, not of an image: no scanner is to be seen in them, and harmonisation
    /// leaves them as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unaligned: Vec<String>,
    /// Inputs that are the levels of one covariate, for each such covariate: 1 for the level of the row, 0 for the others, and all of
    /// them missing where the covariate is. Whoever replaces what is missing replaces them together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<Vec<String>>,
    /// The folds that the host has dealt. A learner that has them cuts nothing itself, so that several learners are held
    /// against the same rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folds: Option<Folds>,
}

/// Columns of numbers of folds, from 0 without gaps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Folds {
    /// For each repeat of the outer cross-validation, which tells how well a learner does: the fold of each row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outer: Vec<String>,
    /// For each repeat of the cross-validation that chooses a learner's parameters on all rows: the fold of each row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<String>,
    /// For each outer fold, repeat after repeat: columns as `inner` has them, for what is learnt without that fold. The
    /// rows of the fold itself have no number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<Vec<String>>,
}

/// What is to be predicted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "lowercase")]
pub enum Target {
    /// A number.
    Gaussian {
        /// Its column.
        column: String,
    },
    /// A class.
    Binomial {
        /// Its column, of 0 and 1.
        column: String,
    },
    /// A time until an event, which may not have been seen.
    Cox {
        /// Column of the time of the event or of the last follow-up.
        time: String,
        /// Column of 1 for an event and 0 for a censored time.
        event: String,
    },
}
