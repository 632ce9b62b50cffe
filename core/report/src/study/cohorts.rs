//! Cohorts and what became of their cases.

use serde::{Deserialize, Serialize};

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
    /// Cases that did not join, with the reason.
    pub unjoined: Vec<Lost>,
    /// Patients of the tables who have no case in the list, with the reason: they were never in the flow.
    #[serde(default)]
    pub absent: Vec<Lost>,
    /// Patients with a case that joined.
    #[serde(default)]
    pub joined_patients: u64,
    /// What failed at a stage, with the message; of a case several regions may fail.
    pub failed: Vec<Lost>,
    /// Cases without features, for what failed.
    #[serde(default)]
    pub failed_cases: u64,
    /// Cases with features.
    #[serde(default)]
    pub extracted_cases: u64,
    /// Where lesions are followed over time, what there was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_course: Option<BeforeCourse>,
    /// Lesions with features: cases, or their components; followed over time, if they are.
    pub extracted: u64,
    /// Patients with at least one such case.
    pub extracted_patients: u64,
}

/// What there was of a cohort before its lesions were followed over time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BeforeCourse {
    /// Cases with features, at all time points.
    pub cases: u64,
    /// Their patients.
    pub patients: u64,
    /// Lesions without a baseline or a follow-up, and cases that cannot be followed.
    pub lost: Vec<Lost>,
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
    /// Whether it is of the scans, of which files and lists need not tell it: then the shares are of those of whom they do.
    #[serde(default)]
    pub of_scans: bool,
}

impl Characteristic {
    /// Whether it has so many classes that a class is often a single patient: such a row, which somebody may have asked for, stays in the
    /// report and does not go out with a model.
    pub fn identifies(&self) -> bool {
        match &self.summary {
            Summary::Numeric { .. } => false,
            Summary::Categorical { n, levels } => {
                let classes = levels.iter().filter(|(_, count)| *count > 0).count() as u64;
                classes > 5 && classes * 4 > *n
            }
        }
    }
}

/// How unlike cohorts are in a characteristic: of all pairs, the one that differs most.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// The characteristic.
    pub name: String,
    /// The standardised difference; none where the cohorts have no value in common, and differ beyond any measure.
    pub difference: Option<f64>,
    /// A cohort.
    pub first: String,
    /// The cohort that it differs from.
    pub second: String,
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
        /// Whether all of them are whole.
        #[serde(default)]
        whole: bool,
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
