//! Figures of several panels, as a journal wants them, and what the figure of the workflow shows.

use serde::{Deserialize, Serialize};

/// What was measured in scans.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflow {
    /// The regions of which features were computed.
    pub regions: Vec<String>,
    /// Scans of a case of which features were computed.
    pub scans: u64,
    /// Images that filters or maps made of them.
    pub filtered: u64,
    /// Features of a region.
    pub features: u64,
    /// Each family of features, and how many of them it gave.
    pub families: Vec<(String, u64)>,
}

/// A figure of several panels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Panels {
    /// Its name, and that of its files.
    pub name: String,
    /// Its width in millimetres.
    pub width_mm: f64,
    /// The size of its text in points.
    pub text_pt: f64,
    /// What tells its panels apart.
    pub letters: Letters,
    /// Whether each panel says what it is of.
    pub titles: bool,
    /// Its panels, row by row.
    pub rows: Vec<Vec<Panel>>,
}

/// A panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panel {
    /// The cohort, model or evaluation that it is of; empty of the whole study.
    pub of: String,
    /// What it shows.
    pub shows: Shows,
}

/// What tells panels apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Letters {
    /// A, B, C.
    #[default]
    Upper,
    /// a, b, c.
    Lower,
    /// Nothing.
    None,
}

/// What a panel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// The way of the study.
    Workflow,
    /// The flow of a cohort.
    Flow,
    /// The weights of a model's inputs.
    Weights,
    /// A model's cross-validation.
    Validation,
    /// A model's coefficients along the penalty.
    Path,
    /// ROC curve.
    Roc,
    /// The scores.
    Distribution,
    /// Calibration of probabilities.
    Calibration,
    /// Decision curve.
    Decision,
    /// Subgroups.
    Forest,
    /// Kaplan–Meier curves.
    KaplanMeier,
    /// Cumulative incidence.
    Incidence,
    /// AUC over time.
    TimeAuc,
    /// A number against the score.
    Scatter,
}
