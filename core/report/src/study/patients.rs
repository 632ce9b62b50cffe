//! Patients, their lesions, and how their scores came about.

use serde::{Deserialize, Serialize};

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
    /// Lesions over time, where they are followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over_time: Vec<OverTime>,
}

/// A lesion over time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OverTime {
    /// Its name; empty where each patient has one.
    pub lesion: String,
    /// Its time points.
    pub points: Vec<TimePoint>,
}

/// A lesion at a time point.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TimePoint {
    /// Days since the patient's first scan.
    pub days: f64,
    /// What it is there: `baseline`, `followed`, `new`, `gone`, `missing`, `failed`, `unclear`.
    pub state: String,
    /// Volume, mL.
    pub volume_ml: Option<f64>,
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
    /// The other outputs of the model.
    #[serde(default)]
    pub others: Vec<OtherOutput>,
    /// Input, value, contribution, whether the value is outside the range of the training.
    pub terms: Vec<Contribution>,
}

/// A number that a model gives beside its score: a risk at a horizon, the probability of a class.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OtherOutput {
    /// Its name.
    pub name: String,
    /// Its unit; empty if it has none.
    pub unit: String,
    /// Its value.
    pub value: Option<f64>,
    /// Why there is none.
    pub reason: String,
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
