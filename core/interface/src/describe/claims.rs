//! What plugins claim of themselves that no description of settings or features can say: what their values do not depend on,
//! and what a closed model is meant for.

use serde::{Deserialize, Serialize};

/// Words of [`Plugin::invariant`](super::Plugin::invariant): values do not change if a scan and its mask are changed like that,
/// up to the order of floating-point sums, with all settings at their defaults.
///
/// Aggregations in 2D and 2.5D look at slices: with them, a family that claims [`ROTATION`](invariant::ROTATION) claims
/// [`ROTATION_IN_PLANE`](invariant::ROTATION_IN_PLANE) only.
pub mod invariant {
    /// Turned by right angles about any axis, with its spacing.
    pub const ROTATION: &str = "rotation";
    /// Turned by right angles about the *z* axis, with its spacing.
    pub const ROTATION_IN_PLANE: &str = "rotation in plane";
    /// Mirrored along any axis.
    pub const MIRRORING: &str = "mirroring";
    /// Moved: another origin, or more background around the region than the family needs.
    pub const TRANSLATION: &str = "translation";

    /// Every word of this generation so far.
    pub const WORDS: [&str; 4] = [ROTATION, ROTATION_IN_PLANE, MIRRORING, TRANSLATION];
}

/// Key of the setting that names the licence file of a predictor whose card says that it needs one.
pub const LICENCE: &str = "licence";

/// The model card of a predictor that brings its model with it: what people must know before they use a score. What is empty is
/// shown as not stated.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// What the score may be used for, and what not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub intended_use: String,
    /// On whom the model was trained.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub population: String,
    /// The ranges of its inputs in training. A program says so beside a score whose input lies outside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<InputRange>,
    /// The last day on which it may be used, `2027-12-31`, in UTC. After it, a program refuses the predictor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
    /// Whether it gives no score without a licence file, which the setting [`LICENCE`] names. The predictor judges the file
    /// when it is configured: it accepts, or refuses.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_licence: bool,
}

/// The range of an input in training.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InputRange {
    /// Name of the input.
    pub input: String,
    /// Lowest value.
    pub min: f64,
    /// Highest value.
    pub max: f64,
    /// Unit of both; empty for a pure number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
}
