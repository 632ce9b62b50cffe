//! What a report shows: the results of a study, as plain data.
//!
//! Everything is computed before; nothing here is derived from anything else. A number that could not be had is absent,
//! and the reason stands in the `notes` beside it.

mod beside;
mod cohorts;
mod dossier;
mod evaluations;
mod labels;
mod models;
mod numbers;
mod panels;
mod patients;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use {beside::*, cohorts::*, dossier::*, evaluations::*, labels::*, models::*, numbers::*, panels::*, patients::*};

/// A study with everything that its report shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// Title.
    pub title: String,
    /// What it is about, in the words of the experiment.
    pub description: String,
    /// Whether its patients are simulated; every page then says so.
    pub simulated: bool,
    /// What was measured in scans; none where features were taken from tables.
    #[serde(default)]
    pub workflow: Option<Workflow>,
    /// Figures of several panels.
    #[serde(default)]
    pub figures: Vec<Panels>,
    /// What a reader must know before anything else: patents, licences, doubtful settings.
    pub notices: Vec<String>,
    /// How the results came about.
    pub record: Record,
    /// The cohorts, in the order of the experiment.
    pub cohorts: Vec<Cohort>,
    /// How unlike the cohorts are, by characteristic.
    #[serde(default)]
    pub balance: Vec<Balance>,
    /// The models, learnt or given.
    pub models: Vec<Model>,
    /// Learners that were tested on the same folds, beside each other.
    #[serde(default)]
    pub compared: Vec<Compared>,
    /// The evaluations, in the order of the experiment.
    pub evaluations: Vec<Evaluation>,
    /// A page for each patient that has a score.
    pub patients: Vec<Patient>,
    /// Whether the report has its patients within its page, instead of in parts beside it.
    #[serde(default)]
    pub single_file: bool,
    /// What readers call what the study names.
    #[serde(default)]
    pub labels: Labels,
    /// How it was done, subject by subject, in sentences.
    #[serde(default)]
    pub methods: Vec<Paragraph>,
    /// What those ask who judge a study, each point with its answer.
    #[serde(default)]
    pub dossier: Vec<Subject>,
    /// What people say of it, by the keys of `[study]`.
    #[serde(default)]
    pub stated: BTreeMap<String, String>,
    /// Questions that only people can answer, and that nobody has: the key of `[study]` and the question.
    #[serde(default)]
    pub open: Vec<(String, String)>,
}

/// How a part of a study was done.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Paragraph {
    /// The subject: "Segmentation".
    pub title: String,
    /// Whole sentences.
    pub sentences: Vec<String>,
}

/// How the results came about.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Version of the program.
    pub version: String,
    /// SHA-256 of everything that the program was made from.
    #[serde(default)]
    pub program: String,
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
    /// Files that settings name, with their digests: models, tables.
    pub files: Vec<Named>,
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
    /// How it is known: that it came with the program, who signed it, or that nobody did.
    #[serde(default)]
    pub known: String,
    /// Where its code ran: `worker`, or `in-process`, which it shares with the program.
    #[serde(default)]
    pub runs: String,
    /// Whether it came with the program.
    #[serde(default)]
    pub ours: bool,
}

/// A file that a setting names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Named {
    /// The setting: `predict.score.model`.
    pub setting: String,
    /// SHA-256 of the file, wherever it lies.
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
