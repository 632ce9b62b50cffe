//! The sections that make a study of an experiment: cohorts, learning, evaluation, report.

mod columns;
mod facts;
mod figures;
mod folds;
mod labels;
mod names;
mod read;
mod target;

use std::path::PathBuf;

use serde::Serialize;
use voxomics_statistics::reliability::Form;

use super::{
    Origin, PluginSettings,
    document::{Node, Value},
    section::FromNode,
};

pub use facts::{Facts, QUESTIONS};
pub use figures::{Figure, Letters, Panel, Shows};
pub use folds::{Cut, FoldsBy, Periods};
pub use labels::{ColumnLabel, Labels};
pub use read::study;
pub(super) use target::only;
pub use target::{is_positive, level_of, same_value, same_word};

/// What a study does beyond features: everything here may be empty.
#[derive(Debug, Clone, Default)]
pub struct Study {
    /// A simulated study to make, if the experiment asks for one.
    pub simulation: Option<Simulation>,
    /// The cohorts, in order.
    pub cohorts: Vec<Cohort>,
    /// What is learnt, in order.
    pub learn: Vec<Learn>,
    /// How scores of lesions become one of the patient.
    pub patients: Aggregation,
    /// What is evaluated, in order.
    pub evaluate: Vec<Evaluate>,
    /// The report, if one is wanted.
    pub report: Option<Report>,
    /// Figures of several panels, in order.
    pub figures: Vec<Figure>,
    /// What readers call what tables and sections name.
    pub labels: Labels,
    /// What only people know of it.
    pub facts: Facts,
    /// Every column that the sections name, in the order of the file.
    pub columns: Vec<NamedColumn>,
}

impl Study {
    /// Whether every cohort is a table: then there are no scans, and no regions in them.
    pub fn is_of_tables(&self) -> bool {
        let is_table = |cohort: &Cohort| matches!(cohort.source, CohortSource::Features(_));
        !self.cohorts.is_empty() && self.cohorts.iter().all(is_table)
    }

    /// The tables of features of its cohorts.
    pub fn feature_tables(&self) -> impl Iterator<Item = (&Cohort, &FeatureTables)> {
        self.cohorts.iter().filter_map(|cohort| match &cohort.source {
            CohortSource::Features(tables) => Some((cohort, tables)),
            _ => None,
        })
    }
}

/// A column that a section names: it must be one of each cohort that it is looked for in.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedColumn {
    /// Its name.
    pub column: String,
    /// What it is for: `learn.model.stratify_by`.
    pub of: String,
    /// The cohorts.
    pub cohorts: Vec<String>,
    /// Where it stands.
    pub origin: Origin,
}

/// A simulated study.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Simulation {
    /// Number of patients in all cohorts together.
    pub patients: u64,
    /// Its seed.
    pub seed: u64,
    /// How strongly the hidden level drives images and outcomes; 0 is not at all.
    pub effect: f64,
}

/// A cohort: lesions, and tables of their patients.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// Its name.
    pub name: String,
    /// Where its cases are listed.
    pub source: CohortSource,
    /// Tables of patients, joined by id.
    pub tables: Vec<PatientTable>,
    /// Column of the patient's id, in the list of cases and in the tables.
    pub id: String,
    /// Whether its ids are its own: the same id in another cohort is another patient.
    pub own_ids: bool,
    /// Who outlined, where several readers did.
    pub readers: Option<Readers>,
    /// Which scan is which, where lesions were scanned several times.
    pub repeats: Option<Readers>,
    /// What keeps the results from naming anybody, if that is wanted.
    pub privacy: Option<std::sync::Arc<crate::privacy::Privacy>>,
    /// Only cases whose columns have these values.
    pub only: Vec<Condition>,
    /// Where it stands.
    pub origin: Origin,
}

/// Outlines of the same lesions by several readers, or several scans of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Readers {
    /// Column of the reader, or of the scan.
    pub column: String,
    /// The reader whose outlines are the lesions of the cohort, or the scan whose lesions they are.
    pub main: String,
    /// Column that tells a patient's lesions apart; none if a patient has one.
    pub lesion: Option<String>,
}

/// Where the cases of a cohort are listed.
#[derive(Debug, Clone, PartialEq)]
pub enum CohortSource {
    /// In a CSV.
    List(PathBuf),
    /// In the cohort of that name of the simulated study.
    Simulated(String),
    /// In tables of features that somebody else has computed: there are no scans.
    Features(FeatureTables),
}

/// Tables of features: one row per case, or one per case and region.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FeatureTables {
    /// The tables, with what is put in front of the names of their columns; joined by case.
    pub tables: Vec<(String, PathBuf)>,
    /// Patterns of the columns that are features; all if empty.
    pub columns: Vec<String>,
    /// How the features were made, where it is stated.
    pub settings: Option<MadeBy>,
    /// Column of the case; a patient is a case if there is none.
    pub case: String,
    /// Column of the patient's id.
    pub id: String,
}

/// What tells how the features of a table were made.
#[derive(Debug, Clone, PartialEq)]
pub enum MadeBy {
    /// The experiment that made them.
    Experiment(PathBuf),
    /// SHA-256 of the settings that they depend on, as a model file has it.
    Digest(String),
}

/// A table of patients.
#[derive(Debug, Clone, PartialEq)]
pub struct PatientTable {
    /// The file.
    pub path: PathBuf,
    /// Whether its columns are patients and its rows variables, as in an expression matrix.
    pub transposed: bool,
    /// The variables that are taken; all if empty.
    pub columns: Vec<String>,
}

/// A condition: a column has one of some values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// The values, as text.
    pub values: Vec<String>,
}

/// What is to be predicted, or what a score is held against.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Target {
    /// A number.
    Number {
        /// Its column.
        column: String,
    },
    /// Whether a number is above a value.
    Above {
        /// Its column.
        column: String,
        /// The value.
        threshold: Threshold,
    },
    /// A class.
    Class {
        /// Its column.
        column: String,
        /// The values that count as positive.
        positive: Vec<String>,
        /// The values that count as negative; if empty, all others.
        negative: Vec<String>,
    },
    /// A time until an event.
    Survival {
        /// Column of the time.
        time: String,
        /// Column of the event.
        event: String,
        /// The values that mean that the event was seen.
        seen: Vec<String>,
        /// Unit of the time.
        unit: String,
        /// The values that mean that something else happened first, which keeps the event from happening.
        competing: Vec<String>,
    },
}

/// A value at which scores or numbers are split.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Threshold {
    /// At this value.
    Value(f64),
    /// At this quantile of the training cohort.
    Training(f64),
    /// At this quantile of the very cohort that is looked at; what follows is labelled as such.
    Own(f64),
}

impl FromNode for Threshold {
    fn from_node(node: &Node) -> Result<Self, String> {
        let expected = || {
            "a number, \"training median\", \"own median\", or { quantile = 0.25, of = \"training\" } (or of = \"own\")"
                .to_owned()
        };
        let quantile = |quantile: f64, of: &str| match of {
            _ if !(quantile > 0.0 && quantile < 1.0) => Err(format!("a quantile above 0 and below 1, not {quantile}")),
            "training" => Ok(Self::Training(quantile)),
            "own" => Ok(Self::Own(quantile)),
            _ => Err(expected()),
        };
        match &node.value {
            Value::Number(value) if value.is_finite() => Ok(Self::Value(*value)),
            Value::Integer(value) => Ok(Self::Value(*value as f64)),
            Value::Text(words) => words.strip_suffix(" median").ok_or_else(expected).and_then(|of| quantile(0.5, of)),
            Value::Table(entries) if entries.len() == 2 => {
                let entry = |key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node);
                let (Some(q), Some(of)) = (entry("quantile"), entry("of")) else { return Err(expected()) };
                quantile(f64::from_node(q).map_err(|_| expected())?, &String::from_node(of).map_err(|_| expected())?)
            }
            _ => Err(expected()),
        }
    }
}

/// Between what a number of a lesion should be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Between {
    /// Outlines by several readers.
    Readers,
    /// Several scans.
    Repeats,
    /// Perturbations of the scan.
    Perturbations,
}

impl Between {
    /// All of them with their words.
    pub const WORDS: [(&'static str, Self); 3] =
        [("readers", Self::Readers), ("repeats", Self::Repeats), ("perturbations", Self::Perturbations)];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, of)| *of == self).map_or("", |(word, _)| word)
    }
}

/// How robust an input must be: the lower limit of its intraclass correlation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IccAtLeast {
    /// The least that the lower limit of the 95 % interval may be.
    pub limit: f64,
    /// Which intraclass correlation.
    pub form: Form,
    /// Between what.
    pub between: Between,
}

/// What is learnt.
#[derive(Debug, Clone)]
pub struct Learn {
    /// Name of the model.
    pub name: String,
    /// Name of the plugin: `predict-elastic-net`.
    pub plugin: String,
    /// The cohorts that it learns from.
    pub cohorts: Vec<String>,
    /// What it learns.
    pub target: Target,
    /// Patterns of the inputs that it may use; none for all.
    pub inputs: Option<Vec<String>>,
    /// Patterns of inputs that it may not use.
    pub without: Vec<String>,
    /// Column of the rows' weights, or none.
    pub weights: Option<Weights>,
    /// Column over whose values folds are balanced.
    pub stratify_by: Option<String>,
    /// What deals the folds of every cross-validation.
    pub folds: FoldsBy,
    /// What deals those of the outer cross-validation alone.
    pub outer_folds: FoldsBy,
    /// Times at which risks are wanted, in the unit of the target.
    pub horizons: Vec<f64>,
    /// Resamples of patients by which the optimism of the apparent figures is told; 0 for none.
    pub bootstrap: u64,
    /// Measured inputs whose intraclass correlation between readers is smaller are not learnt from.
    pub minimum_icc: Option<f64>,
    /// Measured inputs that are less robust are not learnt from.
    pub icc_at_least: Option<IccAtLeast>,
    /// Whether the volume alone and clinical columns alone are learnt beside it.
    pub baselines: bool,
    /// Column of the scanner or centre.
    pub harmonise_by: Option<String>,
    /// Covariates whose effect harmonisation keeps.
    pub harmonise_keep: Vec<String>,
    /// Only cases whose columns have these values.
    pub only: Vec<Condition>,
    /// The plugin's settings.
    pub settings: PluginSettings,
    /// Texts that go into the model file: licence, patents, source.
    pub about: Vec<(String, String)>,
}

impl Learn {
    /// Columns that say how much a row weighs or in which fold it is. They are no inputs: a weight may tell the class, and no row of
    /// its training has the centre of a fold.
    pub fn design_columns(&self) -> Vec<&str> {
        let weights = self.weights.iter().filter_map(|weights| match weights {
            Weights::Column(column) => Some(column.as_str()),
            Weights::EqualPatients | Weights::BalancedClasses => None,
        });
        let folds = [&self.folds, &self.outer_folds].into_iter().flat_map(|by| match by {
            FoldsBy::Chance => Vec::new(),
            FoldsBy::Columns(columns) => columns.iter().map(String::as_str).collect(),
            FoldsBy::Periods(of) => vec![of.time.column().value.as_str()],
        });
        weights.chain(folds).collect()
    }
}

/// What a row of the training table weighs.
#[derive(Debug, Clone, PartialEq)]
pub enum Weights {
    /// Every patient the same, shared by the patient's lesions.
    EqualPatients,
    /// Both classes the same together.
    BalancedClasses,
    /// What a column says.
    Column(String),
}

/// How scores of lesions become one of the patient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Aggregation {
    /// The summary.
    pub score: Summary,
    /// Smallest lesion that counts, mL.
    pub minimum_volume_ml: f64,
    /// Region whose volume counts; the first of the experiment if none is named.
    pub region: Option<String>,
}

impl Default for Aggregation {
    fn default() -> Self {
        Self { score: Summary::Mean, minimum_volume_ml: 0.0, region: None }
    }
}

/// A summary of the scores of a patient's lesions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Summary {
    /// Mean.
    Mean,
    /// Smallest.
    Minimum,
    /// Largest.
    Maximum,
    /// Standard deviation.
    StandardDeviation,
    /// Largest minus smallest.
    Range,
    /// Mean weighted by volume.
    VolumeWeightedMean,
    /// Shannon entropy of the scores in bins.
    Entropy {
        /// Width of a bin, in units of the score.
        bin_width: f64,
        /// Base of the logarithm.
        base: f64,
    },
}

impl Summary {
    const WORDS: [(&'static str, Self); 7] = [
        ("mean", Self::Mean),
        ("minimum", Self::Minimum),
        ("maximum", Self::Maximum),
        ("standard deviation", Self::StandardDeviation),
        ("range", Self::Range),
        ("volume-weighted mean", Self::VolumeWeightedMean),
        ("entropy", Self::Entropy { bin_width: 0.0, base: 2.0 }),
    ];

    /// The summary in words.
    pub fn word(self) -> &'static str {
        let same = |other: &Self| std::mem::discriminant(other) == std::mem::discriminant(&self);
        Self::WORDS.iter().find(|(_, other)| same(other)).map_or("", |(word, _)| word)
    }
}

/// How a model is recalibrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Recalibrate {
    /// Its intercept, or its baseline hazard.
    InTheLarge,
    /// These, and one factor for all coefficients.
    Slope,
}

/// What is evaluated.
#[derive(Debug, Clone)]
pub struct Evaluate {
    /// Its name.
    pub name: String,
    /// The cohort.
    pub cohort: String,
    /// The model whose score it is about.
    pub score: String,
    /// A second model on the same cases, to compare with.
    pub compare_with: Option<String>,
    /// What the score is held against.
    pub outcome: Target,
    /// Whether each row is scored by the model of an outer fold that has not seen it.
    pub out_of_fold: bool,
    /// Whether each lesion counts, instead of each patient.
    pub lesions: bool,
    /// How lesions become patients, if not as `[patients]` has it.
    pub patients: Option<Aggregation>,
    /// Where scores are split.
    pub cutoff: Threshold,
    /// How the model is recalibrated in this cohort, if it is.
    pub recalibrate: Option<Recalibrate>,
    /// Times at which risks are looked at, in the unit of the outcome; those of the model file if there are none.
    pub horizons: Vec<f64>,
    /// Times at which event rates are told, rising, in the unit of the outcome; the ticks of the axis if there are none.
    pub rates_at: Vec<f64>,
    /// Columns of further covariates of a Cox model.
    pub covariates: Vec<String>,
    /// Column of subgroups.
    pub subgroups: Option<String>,
    /// Column over whose values the log-rank test and the Cox model are stratified.
    pub stratify_by: Option<String>,
    /// Only cases whose columns have these values.
    pub only: Vec<Condition>,
    /// Where it stands.
    pub origin: Origin,
}

/// The report.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Its title, if not the experiment's name.
    pub title: Option<String>,
    /// What a reader must know first.
    pub notices: Vec<String>,
    /// Whether it has a picture of each lesion.
    pub pictures: bool,
    /// Whether its patients are within the page, instead of in parts beside it.
    pub single_file: bool,
    /// The columns of its table of characteristics, in order; every column if none is named.
    pub table_one: Option<Vec<String>>,
}
