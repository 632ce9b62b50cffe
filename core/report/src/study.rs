//! What a report shows: the results of a study, as plain data.
//!
//! Everything is computed before; nothing here is derived from anything else. A number that could not be had is absent,
//! and the reason stands in the `notes` beside it.

use serde::{Deserialize, Serialize};

/// A study with everything that its report shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// Title.
    pub title: String,
    /// What it is about, in the words of the experiment.
    pub description: String,
    /// Whether its patients are simulated; every page then says so.
    pub simulated: bool,
    /// What a reader must know before anything else: patents, licences, doubtful settings.
    pub notices: Vec<String>,
    /// How the results came about.
    pub record: Record,
    /// The cohorts, in the order of the experiment.
    pub cohorts: Vec<Cohort>,
    /// The models, learnt or given.
    pub models: Vec<Model>,
    /// The evaluations, in the order of the experiment.
    pub evaluations: Vec<Evaluation>,
    /// A page for each patient that has a score.
    pub patients: Vec<Patient>,
}

/// How the results came about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of the program.
    pub version: String,
    /// When the run began, RFC 3339.
    pub started: String,
    /// The command line.
    pub command: Vec<String>,
    /// Seed for anything random.
    pub seed: u64,
    /// The experiment as it was run, TOML.
    pub experiment: String,
    /// Seconds that each stage took in this run, in order; a stage whose results were there already took none.
    pub stages: Vec<Stage>,
    /// The plugins that were loaded.
    pub plugins: Vec<Plugin>,
    /// Files beside the scans, with their digests: models, tables.
    pub files: Vec<File>,
}

/// A stage of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Seconds.
    pub seconds: f64,
    /// What it did, or that its results were there already.
    pub note: String,
}

/// A plugin library.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plugin {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Who made it.
    pub vendor: String,
    /// Licence.
    pub licence: String,
    /// SHA-256 of the library.
    pub sha256: String,
}

/// A file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// Path.
    pub path: String,
    /// SHA-256.
    pub sha256: String,
}

/// A cohort.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cohort {
    /// Name.
    pub name: String,
    /// What it serves: "training", "validation", or both.
    pub role: String,
    /// How many of what went in, were lost, came out.
    pub flow: Flow,
    /// Its table 1.
    pub table_one: Vec<Characteristic>,
}

/// The flow of a cohort's cases.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// Cases (lesions) in the list.
    pub listed: u64,
    /// Patients in the list of cases.
    pub listed_patients: u64,
    /// Cases and patients that did not join, with the reason.
    pub unjoined: Vec<Lost>,
    /// Cases that failed at a stage, with the message.
    pub failed: Vec<Lost>,
    /// Cases with features.
    pub extracted: u64,
    /// Patients with at least one such case.
    pub extracted_patients: u64,
}

/// A case or patient that was lost on the way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Lost {
    /// Its name.
    pub id: String,
    /// Where: "join", or the stage.
    pub stage: String,
    /// Why.
    pub reason: String,
}

/// A row of table 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Characteristic {
    /// The column.
    pub name: String,
    /// How many patients have no value.
    pub missing: u64,
    /// What it is like.
    pub summary: Summary,
}

/// What a column is like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Summary {
    /// Of numbers.
    Numeric {
        /// How many.
        n: u64,
        /// Mean.
        mean: f64,
        /// Standard deviation; none of one value.
        sd: Option<f64>,
        /// Median.
        median: f64,
        /// Lower quartile.
        q1: f64,
        /// Upper quartile.
        q3: f64,
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// Of classes: each with its count, most frequent first.
    Categorical {
        /// How many.
        n: u64,
        /// The classes.
        levels: Vec<(String, u64)>,
    },
}

impl Default for Summary {
    fn default() -> Self {
        Self::Categorical { n: 0, levels: Vec::new() }
    }
}

/// An estimate with its interval.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Lower end of the 95 % interval, if there is one.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
    /// p-value of the test that is named with it, if there is one.
    pub p: Option<f64>,
}

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
    /// The score's unit or meaning, for axes.
    pub score_label: String,
    /// Its file.
    pub file: File,
    /// Licence, source, patents: what its file says of it.
    pub about: Vec<(String, String)>,
    /// Rows (lesions) that it was learnt from.
    pub rows: u64,
    /// Patients that they belong to.
    pub patients: u64,
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
    /// Cut-offs fixed on the training data: name and value.
    pub cutoffs: Vec<(String, f64)>,
    /// Anything that a reader should know.
    pub notes: Vec<String>,
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

/// A patient.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Patient {
    /// Identifier.
    pub id: String,
    /// Cohort.
    pub cohort: String,
    /// Scores: model, score of the patient, and the side of the training cut-off that it lies on.
    pub scores: Vec<PatientScore>,
    /// Lesions.
    pub lesions: Vec<Lesion>,
}

/// A patient's score.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PatientScore {
    /// The model.
    pub model: String,
    /// The score.
    pub score: Option<f64>,
    /// Why there is none.
    pub reason: String,
    /// Where it lies: "above the training median (0.31)".
    pub position: String,
}

/// A lesion.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Lesion {
    /// The case, and its component if it has several.
    pub case: String,
    /// What the list says of it: name and value.
    pub columns: Vec<(String, String)>,
    /// Volume, mL.
    pub volume_ml: Option<f64>,
    /// Its scores.
    pub scores: Vec<LesionScore>,
    /// Picture for quality control, PNG, relative to the folder of the results.
    pub picture: Option<String>,
}

/// A lesion's score and how it came about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LesionScore {
    /// The model.
    pub model: String,
    /// The score.
    pub score: Option<f64>,
    /// Why there is none.
    pub reason: String,
    /// Input, value, contribution, whether the value is outside the range of the training.
    pub terms: Vec<Contribution>,
}

/// What an input contributes to a score.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// The input.
    pub input: String,
    /// Its value.
    pub value: Option<f64>,
    /// Its contribution to the score (on the scale of the linear predictor).
    pub contribution: Option<f64>,
    /// Why the value is doubtful: outside the training's range.
    pub warning: String,
}
