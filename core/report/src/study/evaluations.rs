//! Evaluations: whether a score holds.

use serde::{Deserialize, Serialize};

use super::{Asked, Controls, Estimate, Forest, Lost, NumberResult};

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
    /// "out of fold" if each row is scored by a model that has not seen it; empty if one model scores all.
    #[serde(default)]
    pub predictions: String,
    /// The outcome in words: "inflamed against desert".
    pub outcome: String,
    /// The outcome by the names of the tables.
    #[serde(default)]
    pub asked: Asked,
    /// Rows with a score and an outcome.
    pub n: u64,
    /// Whose rows the model was learnt from; none if they are new to it.
    #[serde(default)]
    pub seen: Option<Seen>,
    /// Whether the model was recalibrated to these rows, and a file of the recalibrated model was written.
    #[serde(default)]
    pub recalibrated: bool,
    /// Rows that were left out, with the reason. Those that never had features have the stage "extract".
    pub left_out: Vec<Lost>,
    /// The scores by group of the outcome.
    pub distribution: Vec<Group>,
    /// The results.
    pub result: Outcome,
    /// The same estimate in subgroups.
    pub forest: Option<Forest>,
    /// What is left of it in negative controls, if cases have some.
    #[serde(default)]
    pub controls: Option<Controls>,
    /// How intervals and p-values were made, one sentence each.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Anything that a reader should know: how a cut-off came about, multiplicity, …
    pub notes: Vec<String>,
}

/// Patients of an evaluation whom the model was learnt from: what it achieves on them is optimistic.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Patients of the evaluation that bear the name of one of the training.
    pub patients: u64,
    /// Patients of the evaluation.
    pub of: u64,
    /// Whether the cohort is one that the model was learnt from; otherwise the names alone say that they are the same.
    pub same_cohort: bool,
}

impl Seen {
    /// "learnt on these patients", "learnt on 3 of these 40 patients".
    pub fn label(&self) -> String {
        match self {
            Self { patients, of, .. } if patients == of => "learnt on these patients".into(),
            Self { patients, of, .. } => format!("learnt on {patients} of these {of} patients"),
        }
    }
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
    /// Area under the ROC curve, its interval and p against 0.5; the evaluation's `methods` say by which method.
    pub auc: Estimate,
    /// The ROC curve: 1 − specificity and sensitivity.
    pub roc: Vec<(f64, f64)>,
    /// For each point of it, the score from which a row is called positive; none where no row is.
    #[serde(default)]
    pub roc_scores: Vec<Option<f64>>,
    /// Band of the curve: 1 − specificity, lower and upper end of the sensitivity; empty if there is none.
    #[serde(default)]
    pub roc_band: Vec<(f64, f64, f64)>,
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
    /// Unit of time: "months"; empty if it was not stated.
    pub time_unit: String,
    /// What the event is: "death".
    pub event: String,
    /// Where the groups are split, and where that value comes from.
    pub split: String,
    /// The column over whose values the test and the models are stratified, if they are; curves are not.
    #[serde(default)]
    pub stratified_by: Option<String>,
    /// The groups, lowest score first.
    pub groups: Vec<SurvivalGroup>,
    /// Times at which numbers at risk are shown.
    pub ticks: Vec<f64>,
    /// Times at which somebody asked for rates, rising; without any, rates are those at the ticks.
    #[serde(default)]
    pub rates_at: Vec<f64>,
    /// Median follow-up of everybody, by the reverse Kaplan–Meier curve.
    #[serde(default)]
    pub follow_up: Option<Estimate>,
    /// Log-rank test: χ², degrees of freedom, p.
    pub log_rank: Option<(f64, u64, f64)>,
    /// Cox models: of the split, of the score, with covariates.
    pub cox: Vec<CoxTable>,
    /// Harrell's C of the score.
    pub concordance: Option<Estimate>,
    /// Cumulative/dynamic AUC at times.
    pub time_auc: Vec<TimeAuc>,
    /// Uno's C up to a time: the time, and the figure.
    #[serde(default)]
    pub uno: Option<(f64, Estimate)>,
    /// Cumulative incidence in the groups, if events compete.
    #[serde(default)]
    pub incidence: Vec<Incidence>,
    /// Gray's test of the incidence in the groups, if events compete: χ², degrees of freedom, p.
    #[serde(default)]
    pub gray: Option<(f64, u64, f64)>,
    /// Models of Fine and Gray, if events compete: of the split, and of the score.
    #[serde(default)]
    pub fine_gray: Vec<CoxTable>,
    /// Risks at times, if the score is a hazard whose baseline is known.
    #[serde(default)]
    pub risk: Option<RiskResult>,
}

/// Cumulative incidence of an event beside others that compete.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Incidence {
    /// The group.
    pub name: String,
    /// Rows.
    pub n: u64,
    /// Events.
    pub events: u64,
    /// Competing events.
    pub competing: u64,
    /// The curve: time, incidence, lower and upper end of the band; begins at time 0.
    pub curve: Vec<(f64, f64, f64, f64)>,
    /// At times: incidence of the event and of the competing ones.
    pub at: Vec<(f64, Estimate, Estimate)>,
}

/// Whether predicted risks are right.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RiskResult {
    /// The calibration slope.
    pub slope: Option<Estimate>,
    /// At times, rising.
    pub at: Vec<RiskAt>,
    /// The mean of Brier's score from 0 to the last of them.
    pub integrated: Option<RiskError>,
}

/// Risks at a time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RiskAt {
    /// The time.
    pub time: f64,
    /// Observed risk of everybody.
    pub observed: Estimate,
    /// Mean predicted risk.
    pub predicted: f64,
    /// Observed by predicted.
    pub ratio: Estimate,
    /// Brier's score.
    pub error: RiskError,
    /// Groups: mean predicted risk, observed risk, number of rows.
    pub groups: Vec<(f64, Estimate, u64)>,
    /// The decision curve.
    pub decision: Decision,
}

/// Brier's score under censoring.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RiskError {
    /// The time; of an integrated score, up to which.
    pub time: f64,
    /// The score.
    pub brier: Estimate,
    /// That of the risk of everybody for everybody.
    pub reference: f64,
    /// 1 − score / reference.
    pub scaled: Option<f64>,
}

/// Cumulative/dynamic AUC at a time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeAuc {
    /// The time.
    pub time: f64,
    /// Those with the event up to this time.
    pub cases: u64,
    /// Those known to be without it beyond this time.
    pub controls: u64,
    /// The area with its interval; none where there are too few of either.
    pub auc: Option<Estimate>,
    /// Why there is no area, or no interval.
    pub note: String,
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
    /// The curve: time, survival, lower and upper end of the band; begins at time 0. Where there is no band, both ends are
    /// the survival itself.
    pub curve: Vec<(f64, f64, f64, f64)>,
    /// Every time of the data.
    #[serde(default)]
    pub steps: Vec<SurvivalStep>,
    /// Times of censoring.
    pub censored: Vec<f64>,
    /// Numbers at risk at the ticks.
    pub at_risk: Vec<u64>,
    /// Events before the ticks.
    #[serde(default)]
    pub events_before: Vec<u64>,
    /// Censored before the ticks.
    #[serde(default)]
    pub censored_before: Vec<u64>,
    /// Survival at the times of rates that somebody reaches: time, survival, number at risk.
    #[serde(default)]
    pub landmarks: Vec<(f64, Estimate, u64)>,
    /// Median follow-up by the reverse Kaplan–Meier curve, in which being censored is the event.
    #[serde(default)]
    pub follow_up: Option<Estimate>,
}

/// What happens at a time of the data.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SurvivalStep {
    /// The time.
    pub time: f64,
    /// Under observation just before.
    pub at_risk: u64,
    /// Events.
    pub events: u64,
    /// Censored.
    pub censored: u64,
    /// Survival, with its interval if it has one.
    pub survival: Estimate,
}

impl CoxTable {
    /// Title of the model of the split score alone, whose hazard ratio stands with the curves.
    pub const SPLIT: &str = "high against low";
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
    /// For each row, what its hazard ratio is against; empty where nobody said, or where the names say it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contrasts: Vec<Contrast>,
    /// Why it could not be fitted, or what is doubtful.
    pub notes: Vec<String>,
}

/// What a hazard ratio compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Contrast {
    /// High scores against low ones.
    Groups,
    /// Those whose number is larger by so much, against the others.
    Per {
        /// By how much: "unit", "training SD of 0.2".
        step: String,
    },
    /// Those who have a level of a column, against those who have the reference.
    Level {
        /// The column.
        column: String,
        /// The level.
        level: String,
        /// The level that it is held against.
        reference: String,
    },
}

impl Contrast {
    /// The same behind the name of its row, in the names of the tables: `site = b against a`.
    pub fn plain(&self, name: &str) -> String {
        match self {
            Self::Groups => format!("{name} against low score"),
            Self::Per { step } => format!("{name}, per {step}"),
            Self::Level { column, level, reference } => format!("{column} = {level} against {reference}"),
        }
    }
}
