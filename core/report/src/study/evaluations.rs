//! Evaluations: whether a score holds.

use serde::{Deserialize, Serialize};

use super::{Estimate, Lost};

/// Whether a score holds in a cohort.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Name.
    pub name: String,
    /// The cohort.
    pub cohort: String,
    /// The model whose score is evaluated.
    pub model: String,
    /// "patients" or "lesions".
    pub unit: String,
    /// How lesions became patients: "mean of lesions of at least 1 mL".
    pub aggregation: String,
    /// The outcome in words: "inflamed against desert".
    pub outcome: String,
    /// Rows with a score and an outcome.
    pub n: u64,
    /// Rows that were left out, with the reason.
    pub left_out: Vec<Lost>,
    /// The scores by group of the outcome.
    pub distribution: Vec<Group>,
    /// The results.
    pub result: Outcome,
    /// The same estimate in subgroups.
    pub forest: Option<Forest>,
    /// Anything that a reader should know: how a cut-off came about, multiplicity, …
    pub notes: Vec<String>,
}

/// Scores of a group.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its scores.
    pub scores: Vec<f64>,
}

/// The results of an evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Outcome {
    /// Against a class.
    Class(Box<ClassResult>),
    /// Against a time until an event.
    Survival(Box<SurvivalResult>),
    /// Against a number.
    Number(Box<NumberResult>),
    /// There is no result, and why.
    None {
        /// Why.
        reason: String,
    },
}

impl Default for Outcome {
    fn default() -> Self {
        Self::None { reason: String::new() }
    }
}

/// Discrimination, classification and calibration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClassResult {
    /// Rows of the positive class.
    pub positives: u64,
    /// Rows of the other.
    pub negatives: u64,
    /// Area under the ROC curve, DeLong's interval and p against 0.5.
    pub auc: Estimate,
    /// The ROC curve: 1 − specificity and sensitivity.
    pub roc: Vec<(f64, f64)>,
    /// At a cut-off.
    pub cutoff: Option<AtCutoff>,
    /// Of probabilities.
    pub calibration: Option<Calibration>,
    /// Of probabilities.
    pub decision: Option<Decision>,
    /// p of the Mann–Whitney test.
    pub mann_whitney_p: Option<f64>,
}

/// Classification at a cut-off.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AtCutoff {
    /// The value.
    pub value: f64,
    /// Where it comes from: "median of the training cohort".
    pub source: String,
    /// Sensitivity, specificity, PPV, NPV, … each with its interval. Those two, by these names, mark the ROC curve.
    pub figures: Vec<(String, Estimate)>,
}

/// Calibration of probabilities.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Groups: mean predicted probability, observed share with its interval, number of rows.
    pub groups: Vec<(f64, Estimate, u64)>,
    /// Calibration in the large.
    pub intercept: Estimate,
    /// Calibration slope.
    pub slope: Estimate,
    /// Brier score.
    pub brier: f64,
}

/// A decision curve.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Threshold probabilities.
    pub thresholds: Vec<f64>,
    /// Net benefit of the model.
    pub model: Vec<f64>,
    /// Net benefit of treating all.
    pub all: Vec<f64>,
}

/// Survival by groups of the score.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SurvivalResult {
    /// Unit of time: "months".
    pub time_unit: String,
    /// What the event is: "death".
    pub event: String,
    /// Where the groups are split, and where that value comes from.
    pub split: String,
    /// The groups, lowest score first.
    pub groups: Vec<SurvivalGroup>,
    /// Times at which numbers at risk are shown.
    pub ticks: Vec<f64>,
    /// Log-rank test: χ², degrees of freedom, p.
    pub log_rank: Option<(f64, u64, f64)>,
    /// Cox models: of the split, of the score, with covariates.
    pub cox: Vec<CoxTable>,
    /// Harrell's C of the score.
    pub concordance: Option<Estimate>,
    /// Cumulative/dynamic AUC at times: time and value.
    pub time_auc: Vec<(f64, f64)>,
}

/// A group of a Kaplan–Meier plot.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SurvivalGroup {
    /// Its name.
    pub name: String,
    /// Patients.
    pub n: u64,
    /// Events.
    pub events: u64,
    /// Median survival; none if it is not reached.
    pub median: Option<Estimate>,
    /// The curve: time, survival, lower and upper end of the band; begins at time 0.
    pub curve: Vec<(f64, f64, f64, f64)>,
    /// Times of censoring.
    pub censored: Vec<f64>,
    /// Numbers at risk at the ticks.
    pub at_risk: Vec<u64>,
}

/// A Cox model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CoxTable {
    /// What is in it.
    pub title: String,
    /// Patients and events.
    pub n: u64,
    /// Events.
    pub events: u64,
    /// Covariates: name, hazard ratio with interval and p, p of the proportional-hazards check.
    pub rows: Vec<(String, Estimate, Option<f64>)>,
    /// Why it could not be fitted, or what is doubtful.
    pub notes: Vec<String>,
}

/// Agreement with a number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NumberResult {
    /// Name of the number, for the axis.
    pub label: String,
    /// Observed value and score.
    pub points: Vec<(f64, f64)>,
    /// Pearson's r.
    pub pearson: Option<Estimate>,
    /// Spearman's ρ.
    pub spearman: Option<Estimate>,
}

/// An estimate in subgroups.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Forest {
    /// What is estimated: "AUC", "hazard ratio, high against low".
    pub estimate: String,
    /// The value of no effect: 0.5, 1.
    pub neutral: f64,
    /// Whether the axis is logarithmic.
    pub logarithmic: bool,
    /// The rows; the first is everybody.
    pub rows: Vec<ForestRow>,
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
    /// The estimate; none if it cannot be had.
    pub estimate: Option<Estimate>,
    /// Why there is none.
    pub note: String,
}
