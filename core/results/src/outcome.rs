//! What became of a case: its rows, scores and faults.

use std::{fmt, path::Path, time::Duration};

use voxomics_base::{
    LogLine, Stamp,
    table::{FeatureValue, Row},
};

use crate::{
    identity::{FileRead, of_column},
    perturbation::Perturbed,
};

/// What became of a case.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Features, a row a region.
    pub rows: Vec<Row>,
    /// Scores.
    pub scores: Vec<Score>,
    /// The values of the plan's inputs, a row a component.
    pub inputs: Vec<(Option<usize>, Vec<FeatureValue>)>,
    /// Volume of each region that was found: region, component, mL.
    pub volumes: Vec<(usize, Option<usize>, f64)>,
    /// Acquisition metadata of the image, by DICOM attribute name.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// What went wrong; the rows that are there are right all the same.
    pub faults: Vec<Fault>,
    /// What plugins and stages had to say.
    pub log: Vec<LogLine>,
    /// Every file that its loaders read, with its digest; none if they could not be read, or changed meanwhile.
    pub files: Vec<FileRead>,
    /// Size and time of each of them when it was read; none of an outcome that was kept.
    pub stamps: Vec<Stamp>,
    /// What each perturbation of the case gives, in the order of the layout; none if cases are not perturbed.
    pub perturbed: Vec<Perturbed>,
    /// How long each stage took.
    pub timings: Vec<(&'static str, Duration)>,
}

impl Outcome {
    /// SHA-256 of what a column of the list of cases names (`image`, `mask.liver`), if it could be read.
    pub fn digest(&self, column: &str) -> Option<String> {
        of_column(&self.files, column)
    }
}

/// The score of one case, or of one component of it.
#[derive(Debug, Clone)]
pub struct Score {
    /// Index of the predictor in the layout.
    pub predictor: usize,
    /// Number of the component, where each is a region of its own.
    pub component: Option<usize>,
    /// The score, or why there is none.
    pub score: FeatureValue,
    /// The other outputs of the predictor, in their order.
    pub others: Vec<FeatureValue>,
    /// Each input and what it contributed, where the predictor can tell.
    pub contributions: Vec<f64>,
    /// The inputs, in the order of the predictor.
    pub inputs: Vec<FeatureValue>,
    /// Why the score is doubtful: inputs outside the range of the training, one sentence each.
    pub doubts: Vec<String>,
}

/// Why a case, or one region of it, has no features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The stage that found it.
    pub stage: &'static str,
    /// The region, if it is the fault of one.
    pub region: Option<String>,
    /// The plugin that gave it, if a plugin did.
    pub plugin: Option<String>,
    /// What was found, what was expected, what to do.
    pub message: String,
    /// Whether the run was being given up.
    pub cancelled: bool,
}

impl Fault {
    /// A fault of the whole case.
    pub fn new(stage: &'static str, message: impl fmt::Display) -> Self {
        Self { stage, region: None, plugin: None, message: message.to_string(), cancelled: false }
    }

    /// The same fault, of one region.
    pub fn of_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The same fault, of this file; an image in memory has none.
    pub fn in_file(mut self, path: &Path) -> Self {
        if !path.as_os_str().is_empty() {
            self.message = format!("{} ({})", self.message, path.display());
        }
        self
    }

    /// The run is being given up.
    pub fn cancelled(stage: &'static str) -> Self {
        Self { cancelled: true, ..Self::new(stage, "given up") }
    }
}
