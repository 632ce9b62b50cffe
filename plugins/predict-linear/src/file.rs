//! The model file as it is written: strict TOML, in which a number may still be unknown.

use serde::{Deserialize, de::IgnoredAny};
use voxomics_sdk::model::{Link, Name, Number};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What the model is.
    pub model: About,
    /// Its inputs, in the order of the sum.
    #[serde(default)]
    pub input: Vec<Input>,
    /// How the inputs are made; the host's affair.
    #[serde(rename = "extraction")]
    _extraction: Option<IgnoredAny>,
    /// What was fitted on images before the inputs exist; the host's affair.
    #[serde(rename = "state")]
    _state: Option<IgnoredAny>,
    /// What it was learnt from; the host's affair.
    #[serde(rename = "training")]
    _training: Option<IgnoredAny>,
    /// Cut-offs that were fixed in training; the host's affair.
    #[serde(rename = "cutoffs")]
    _cutoffs: Option<IgnoredAny>,
    /// What people state of the model; the host's affair.
    #[serde(rename = "card")]
    _card: Option<IgnoredAny>,
    /// From a hazard to risks; the host's affair.
    #[serde(rename = "risk")]
    _risk: Option<IgnoredAny>,
    /// Who made it when with what; for the reader.
    #[serde(rename = "provenance")]
    _provenance: Option<IgnoredAny>,
    /// Licence, patents, notices; for the reader.
    #[serde(rename = "licence")]
    _licence: Option<IgnoredAny>,
}

/// The table `[model]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Name of the model.
    pub name: Name,
    /// From the sum to the score.
    pub link: Link,
    /// What the sum begins with; checked with the coefficients, so that all gaps are named at once.
    pub intercept: Option<Number>,
    /// What a high score speaks for, which decides the direction of a concordance; a long survival if left out. The
    /// host's affair.
    #[serde(default, rename = "higher")]
    _higher: Option<Higher>,
    /// Whether the numbers are invented, to show how a model file works.
    #[serde(default)]
    pub demonstration: bool,
    /// What it predicts, of whom.
    #[serde(default)]
    pub description: String,
    /// Where the numbers come from.
    #[serde(default)]
    pub source: String,
    /// Under which licence they may be used.
    #[serde(default)]
    pub licence: String,
}

/// What a high score speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Higher {
    /// An earlier event, as a hazard or the probability of death does.
    Worse,
    /// A later one.
    Better,
}

/// A table `[[input]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// `region:column`, or the column of a covariate.
    pub name: Name,
    /// Weight of the scaled input.
    pub coefficient: Option<Number>,
    /// Subtracted from the input; 0 if left out.
    pub centre: Option<Number>,
    /// Divides the centred input; 1 if left out.
    pub scale: Option<Number>,
    /// Smallest value in training; the host warns of smaller ones.
    #[serde(default, rename = "minimum")]
    _minimum: Option<f64>,
    /// Largest value in training; the host warns of larger ones.
    #[serde(default, rename = "maximum")]
    _maximum: Option<f64>,
    /// Unit; for the reader.
    #[serde(default, rename = "unit")]
    _unit: Option<String>,
    /// IBSI code; for the reader.
    #[serde(default, rename = "ibsi")]
    _ibsi: Option<String>,
}
