//! Words of a model file.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// A text that says something, without blanks at its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(pub String);

impl Name {
    /// What a text must be to be a name.
    pub(super) const EXPECTED: &'static str = "a name without blanks at its ends";

    /// The text, if it is a name.
    pub(super) fn new(text: String) -> Option<Self> {
        let blank = text.trim().is_empty() || text.trim() != text;
        if blank { None } else { Some(Self(text)) }
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(text).ok_or_else(|| D::Error::custom(format!("expected {}", Self::EXPECTED)))
    }
}

/// How batches are aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Location and scale by empirical Bayes.
    Combat,
}

/// What happens to rows of a batch that was not learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownBatch {
    /// They have no score.
    Refuse,
    /// They are scored as they are.
    Unadjusted,
}

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// A number.
    Gaussian,
    /// The probability of class 1.
    Binomial,
    /// The logarithm of the relative hazard.
    Cox,
    /// The order of times: a higher number speaks for an earlier event, and is no hazard.
    Survival,
}

impl Family {
    /// The word in the file.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Gaussian => "gaussian",
            Self::Binomial => "binomial",
            Self::Cox => "cox",
            Self::Survival => "survival",
        }
    }
}

/// From a sum to the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// The sum is the score.
    Identity,
    /// The score is the probability 1 / (1 + exp(−sum)). A model that holds probabilities has nothing to transform.
    Logistic,
}

impl Link {
    /// The score of a sum.
    ///
    /// ```
    /// use voxomics_sdk::model::Link;
    ///
    /// assert_eq!((Link::Identity.score(0.0), Link::Logistic.score(0.0)), (0.0, 0.5));
    /// ```
    pub fn score(self, sum: f64) -> f64 {
        match self {
            Self::Identity => sum,
            Self::Logistic => 1.0 / (1.0 + (-sum).exp()),
        }
    }
}
