//! The dossier: what those who judge a study ask, subject by subject, each point answered from the run or left open.

use serde::{Deserialize, Serialize};

/// A subject: "Segmentation".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// Its heading.
    pub title: String,
    /// What is asked.
    pub points: Vec<Point>,
}

/// A point.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Its name, which stays: `segmentation.readers`.
    pub key: String,
    /// What is asked.
    pub asks: String,
    /// Whether there is an answer, and whose.
    pub state: State,
    /// The answer, in whole sentences, with names in back-ticks; empty where it is open.
    pub said: String,
    /// Where the evidence stands.
    pub places: Vec<Place>,
}

/// Whether a point has an answer, and whose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The run shows it.
    Shown,
    /// People say it, under `[study]`.
    Stated,
    /// Only people know, and nobody has said it.
    #[default]
    Open,
    /// The run shows that it was not done.
    NotDone,
    /// There is nothing that it could be asked of.
    DoesNotApply,
}

impl State {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Shown => "shown by the run",
            Self::Stated => "stated",
            Self::Open => "open",
            Self::NotDone => "not done",
            Self::DoesNotApply => "does not apply",
        }
    }
}

/// Where evidence stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "kebab-case")]
pub enum Place {
    /// The characteristics of the patients.
    Characteristics,
    /// The section of a cohort.
    Cohort(String),
    /// The section of a model.
    Model(String),
    /// Learners beside each other.
    Compared,
    /// The section of an evaluation.
    Evaluation(String),
    /// The methods.
    Methods,
    /// The record of the run.
    Record,
    /// A file of the results, below their folder.
    File(String),
}
