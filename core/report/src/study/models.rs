//! Models: inputs, coefficients, and how they were learnt.

use serde::{Deserialize, Serialize};

use super::{Asked, Estimate, File, Lost};

/// A model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Name.
    pub name: String,
    /// The plugin that scores with it.
    pub plugin: String,
    /// Whether it was learnt in this study; a given one has no training results here.
    pub learnt: bool,
    /// Whether its numbers are invented.
    pub demonstration: bool,
    /// What it predicts, in words: "CD8B expression (gaussian)". At the end of a gaussian model's stands "(gaussian)":
    /// prediction and target are then the same quantity, and are drawn on the same scale.
    pub target: String,
    /// The same by the names of the tables.
    #[serde(default)]
    pub asked: Asked,
    /// The score's meaning and unit, for axes.
    pub score_label: String,
    /// What becomes of the sum of intercept and terms: "identity" or "logistic"; empty of a model that is no such sum.
    #[serde(default)]
    pub link: String,
    /// How a score is computed from the signature, one sentence each.
    #[serde(default)]
    pub formula: Vec<String>,
    /// Its file.
    pub file: File,
    /// Licence, source, patents: what its file says of it.
    pub about: Vec<(String, String)>,
    /// Its model card: what must be known before its scores are used, each with its name. Empty of a model without one.
    #[serde(default)]
    pub card: Vec<(String, String)>,
    /// Rows (lesions) that it was learnt from.
    pub rows: u64,
    /// Patients that they belong to.
    pub patients: u64,
    /// Of each cohort that it was learnt from, what it was learnt from and what was left out.
    #[serde(default)]
    pub learnt_from: Vec<LearntFrom>,
    /// How many inputs it could choose from.
    pub offered: u64,
    /// The intercept, if it is linear.
    pub intercept: Option<f64>,
    /// The inputs that it uses, by falling weight.
    pub terms: Vec<Term>,
    /// Cross-validation curves, one a mixing value.
    pub curves: Vec<Curve>,
    /// What the curves' means are of: "mean squared error", …
    pub measure: String,
    /// The chosen mixing value and penalty.
    pub chosen: Option<(f64, f64)>,
    /// Coefficients along the penalties, at the chosen mixing value.
    pub path: Option<CoefficientPath>,
    /// Performance on rows that the fold's model had not seen.
    pub performance: Vec<Metric>,
    /// For each training row with an out-of-fold prediction: target (or event time) and prediction. Targets that are all
    /// 0 or 1 are taken for classes.
    pub out_of_fold: Vec<(f64, f64)>,
    /// What became of each input in the models of the outer folds.
    #[serde(default)]
    pub stability: Vec<Stability>,
    /// Cut-offs fixed on the training data: name and value.
    pub cutoffs: Vec<(String, f64)>,
    /// Anything that a reader should know.
    pub notes: Vec<String>,
}

/// What became of an input in the models of the outer folds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// The input.
    pub input: String,
    /// Whether the model of all rows uses it.
    pub kept: bool,
    /// Models of outer folds that use it.
    pub chosen: u64,
    /// Models of outer folds.
    pub of: u64,
    /// Mean, smallest and largest coefficient over all of them, one that does not use it counting 0; none of models without
    /// coefficients.
    pub coefficient: Option<Estimate>,
    /// Mean, smallest and largest loss of the measure when the input is shuffled, one that does not use it counting 0; none where it
    /// was not computed.
    pub importance: Option<Estimate>,
}

/// Learners that were tested on the same rows and folds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// What they learn, in words.
    pub title: String,
    /// The same by the names of the tables.
    #[serde(default)]
    pub asked: Asked,
    /// By what: "auc", "concordance", "mse".
    pub measure: String,
    /// Whether more of it is better.
    pub higher_is_better: bool,
    /// The one that the others are held against.
    pub reference: String,
    /// Outer folds of a repeat.
    pub folds: u64,
    /// Repeats.
    pub repeats: u64,
    /// The learners.
    pub rows: Vec<ComparedRow>,
}

/// A learner beside others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ComparedRow {
    /// Its name.
    pub name: String,
    /// Inputs that it was offered.
    pub inputs: u64,
    /// Whether it is what a signature has to be better than.
    pub baseline: bool,
    /// The mean over the folds.
    pub value: Option<Estimate>,
    /// The mean difference from the reference, fold by fold; none of the reference itself.
    pub difference: Option<Estimate>,
}

/// What of a cohort a model was learnt from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LearntFrom {
    /// The cohort.
    pub cohort: String,
    /// Rows (lesions).
    pub rows: u64,
    /// Patients that they belong to.
    pub patients: u64,
    /// Rows with features that were left out, with the reason.
    pub left_out: Vec<Lost>,
}

/// An input of a model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// The input: `region:column` or a covariate.
    pub input: String,
    /// Title of the feature, if it is one.
    pub title: String,
    /// Region, if it is a feature.
    pub region: String,
    /// IBSI code, if it has one.
    pub ibsi: String,
    /// Unit.
    pub unit: String,
    /// Coefficient on the input's own scale; none of a model that is not linear.
    pub coefficient: Option<f64>,
    /// What is taken off the input before it is multiplied, in its unit.
    #[serde(default)]
    pub centre: Option<f64>,
    /// What the difference is divided by, in the input's unit.
    #[serde(default)]
    pub scale: Option<f64>,
    /// What stands in for a missing value.
    #[serde(default)]
    pub imputed: Option<f64>,
    /// Coefficient times the input's standard deviation in training, or importance.
    pub weight: Option<f64>,
    /// Smallest value in training.
    pub min: Option<f64>,
    /// Largest value in training.
    pub max: Option<f64>,
}

/// A cross-validation curve.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The mixing value α.
    pub alpha: f64,
    /// Its points, by falling penalty.
    pub points: Vec<CurvePoint>,
}

/// A point of a cross-validation curve.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// The penalty λ.
    pub lambda: f64,
    /// Mean of the measure over the folds.
    pub mean: f64,
    /// Its standard error.
    pub se: f64,
    /// Number of inputs with a coefficient.
    pub nonzero: u64,
}

/// Coefficients along the penalties.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CoefficientPath {
    /// The mixing value α.
    pub alpha: f64,
    /// The penalties, falling.
    pub lambdas: Vec<f64>,
    /// For each input that is ever used: its name and its coefficients (standardised), one a penalty.
    pub inputs: Vec<(String, Vec<f64>)>,
}

/// A figure of merit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// The estimate.
    pub estimate: Estimate,
    /// Number of rows or patients.
    pub n: u64,
    /// How it was got.
    pub note: String,
}
