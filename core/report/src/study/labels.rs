//! What readers call what the study names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Words for names; what has none is shown in words that are made of its name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Labels {
    /// Of columns of tables and covariates.
    pub columns: BTreeMap<String, ColumnLabel>,
    /// Of outcomes, by the column of the event, of the class or of the number.
    pub outcomes: BTreeMap<String, String>,
    /// Of cohorts.
    pub cohorts: BTreeMap<String, String>,
    /// Of models.
    pub models: BTreeMap<String, String>,
    /// Of evaluations.
    pub evaluations: BTreeMap<String, String>,
    /// Of regions.
    pub regions: BTreeMap<String, String>,
    /// Of inputs of models.
    pub inputs: BTreeMap<String, String>,
    /// Of groups of a score: `low`, `high`.
    pub groups: BTreeMap<String, String>,
}

/// What a column is called, and what its values mean.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnLabel {
    /// Its name; empty if it has none.
    pub name: String,
    /// Its unit; empty if none was stated.
    pub unit: String,
    /// Its values in the order in which they are shown.
    pub order: Vec<String>,
    /// What its values mean.
    pub levels: BTreeMap<String, String>,
}

/// What an evaluation asks, by the names of the tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Asked {
    /// It was not recorded.
    #[default]
    Unknown,
    /// A number.
    Number {
        /// Its column.
        column: String,
    },
    /// Whether a number is above a value.
    Above {
        /// Its column.
        column: String,
        /// The value, in words: "the median of the training cohort".
        value: String,
    },
    /// A class against others.
    Class {
        /// Its column.
        column: String,
        /// Values that count as positive.
        positive: Vec<String>,
        /// Values that count as negative; if empty, all others.
        negative: Vec<String>,
    },
    /// A time until an event.
    Time {
        /// Column of the time.
        time: String,
        /// Column of the event.
        event: String,
        /// Unit of the time; empty if it was not stated.
        unit: String,
        /// Values that mean that something else happened first.
        competing: Vec<String>,
    },
}
