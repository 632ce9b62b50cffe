//! What stands beside the result of an evaluation: subgroups, and negative controls.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// An estimate in subgroups.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Forest {
    /// The column of the subgroups.
    #[serde(default)]
    pub column: String,
    /// What is estimated: "AUC", "hazard ratio, high against low".
    pub estimate: String,
    /// The value of no effect: 0.5, 1.
    pub neutral: f64,
    /// Whether the axis is logarithmic.
    pub logarithmic: bool,
    /// The rows; the first is everybody.
    pub rows: Vec<ForestRow>,
    /// What the arms of its rows are called, that of high scores first; none where nobody has said.
    #[serde(default)]
    pub arms_named: Option<[String; 2]>,
    /// p of the test whether subgroups differ from each other; none where it was not tested.
    #[serde(default)]
    pub interaction: Option<f64>,
}

/// A row of a forest plot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ForestRow {
    /// The subgroup.
    pub name: String,
    /// Rows in it.
    pub n: u64,
    /// Positives or events among them.
    pub events: u64,
    /// Rows with a high score among them, and with a low one, where these are compared.
    #[serde(default)]
    pub arms: Option<(u64, u64)>,
    /// The estimate; none if it cannot be had.
    pub estimate: Option<Estimate>,
    /// Why there is none.
    pub note: String,
}

/// A signature beside its negative controls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Controls {
    /// What is estimated: "AUC".
    pub measure: String,
    /// The controls.
    pub rows: Vec<Control>,
}

/// What a signature makes of a negative control.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Control {
    /// Its name: "shuffled region".
    pub name: String,
    /// Rows with a score of both.
    pub n: u64,
    /// Rows whose score in the control is that of the signature.
    pub same: u64,
    /// The figure of the signature on these rows.
    pub signature: Option<f64>,
    /// That of the control.
    pub control: Option<Estimate>,
    /// Signature − control, paired.
    pub difference: Option<Estimate>,
    /// What a reader should know of it, or why there is no figure.
    pub note: String,
}
