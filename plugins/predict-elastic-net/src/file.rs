//! What a model file says beside what every model file says.

use serde::{Deserialize, de::IgnoredAny};
use voxomics_sdk::model::{self, Number};

/// What the file says that it is of.
pub const PLUGIN: &str = "predict-elastic-net";

/// The model file.
pub type File = model::File<Chosen, Weight, Tables>;

/// Of the table `[model]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// What the sum begins with; checked with the coefficients, so that all gaps are named at once.
    pub intercept: Option<Number>,
    /// The mixing parameter; for the reader of the file, like the next.
    #[serde(rename = "alpha")]
    pub _alpha: Option<Number>,
    /// The penalty.
    #[serde(rename = "lambda")]
    pub _lambda: Option<Number>,
}

/// Of a table `[[input]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weight {
    /// Weight of the scaled input.
    pub coefficient: Option<Number>,
    /// Subtracted from the input; 0 if left out.
    pub centre: Option<Number>,
    /// Divides the centred input; 1 if left out, as training does.
    pub scale: Option<Number>,
    /// Standard deviation of the training rows.
    pub deviation: Option<Number>,
}

/// Tables.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    /// For the reader of the file.
    #[serde(rename = "cross_validation")]
    pub _cross_validation: Option<IgnoredAny>,
}
