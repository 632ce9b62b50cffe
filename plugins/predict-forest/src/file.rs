//! The model file as it is written: strict TOML, in which a number may still be unknown.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, IgnoredAny, Visitor},
};

/// What the file says that it is of.
pub const PLUGIN: &str = "predict-forest";

/// A number of a model file, or the mark that nobody has supplied it yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A finite number.
    Known(f64),
    /// `nan`, `inf`, or a text that stands for "not known".
    Unknown,
}

/// Texts that stand for "not known", in any case.
const UNKNOWN: [&str; 9] = ["", "?", "null", "unknown", "missing", "none", "na", "n/a", "nan"];

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;

        impl Visitor<'_> for Reads {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(if value.is_finite() { Number::Known(value) } else { Number::Unknown })
            }

            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number::Known(value as f64))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Number, E> {
                let word = text.trim().to_lowercase();
                match UNKNOWN.contains(&word.as_str()) {
                    true => Ok(Number::Unknown),
                    false => Err(E::custom(format!("expected a number, found the text \"{text}\""))),
                }
            }
        }

        deserializer.deserialize_any(Reads)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => serializer.serialize_f64(*value),
            Self::Unknown => serializer.serialize_str("?"),
        }
    }
}

/// The whole file, as it is read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What the model is.
    pub model: About,
    /// Its inputs, in the order that the trees count them.
    #[serde(default)]
    pub input: Vec<Input>,
    /// Its trees.
    #[serde(default)]
    pub tree: Vec<Tree>,
    /// How batches are aligned.
    pub harmonisation: Option<Harmonisation>,
    /// For the reader of the file, like the next.
    #[serde(rename = "performance")]
    pub _performance: Option<IgnoredAny>,
    #[serde(rename = "diagnostics")]
    pub _diagnostics: Option<IgnoredAny>,
    /// Added by the host, like those that follow.
    #[serde(rename = "extraction")]
    pub _extraction: Option<IgnoredAny>,
    #[serde(rename = "training")]
    pub _training: Option<IgnoredAny>,
    #[serde(rename = "cutoffs")]
    pub _cutoffs: Option<IgnoredAny>,
    #[serde(rename = "provenance")]
    pub _provenance: Option<IgnoredAny>,
    #[serde(rename = "licence")]
    pub _licence: Option<IgnoredAny>,
}

/// The table `[model]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// [`PLUGIN`].
    pub plugin: String,
    /// Name of the model.
    #[serde(deserialize_with = "something")]
    pub name: String,
    /// What is predicted.
    pub family: Family,
    /// What the score is.
    pub link: Link,
    /// Column of the target.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// The seed of everything random.
    pub seed: Option<i64>,
    /// How many rows were learnt from.
    pub rows: Option<u64>,
    /// How many inputs there were to choose from.
    pub considered: Option<u64>,
    /// How many trees were grown.
    pub trees: Option<u64>,
    /// Splits from the root to a leaf at most, if there was a bound.
    pub max_depth: Option<u64>,
    /// Drawn rows in a leaf at least.
    pub min_samples_leaf: Option<u64>,
    /// Inputs that each split chose from.
    pub mtry: Option<u64>,
    /// What the importance of the inputs is.
    pub importance: Option<Importance>,
    /// Whether the numbers are invented, to show how a model file works.
    #[serde(default, skip_serializing_if = "is_false")]
    pub demonstration: bool,
    /// What it predicts, of whom.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where the numbers come from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Under which licence they may be used.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub licence: String,
}

/// A table `[[input]]`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// `region:column`, or the column of a covariate.
    #[serde(deserialize_with = "something")]
    pub name: String,
    /// Stands in for a missing value.
    pub imputed: Option<Number>,
    /// Least value of the training rows.
    pub minimum: Option<Number>,
    /// Largest value of the training rows.
    pub maximum: Option<Number>,
    /// What the model owes to it, as a share of all inputs.
    pub importance: Option<Number>,
    /// Added by the host for the reader, like those that follow.
    #[serde(default, skip_serializing, rename = "region")]
    pub _region: IgnoredAny,
    #[serde(default, skip_serializing, rename = "feature")]
    pub _feature: IgnoredAny,
    #[serde(default, skip_serializing, rename = "ibsi")]
    pub _ibsi: IgnoredAny,
    #[serde(default, skip_serializing, rename = "unit")]
    pub _unit: IgnoredAny,
}

/// A table `[[tree]]`: one entry of each list for each node, the root first, nodes counted from 0.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tree {
    /// The input that the node looks at, counted from 0; −1 for a leaf.
    pub feature: Vec<i64>,
    /// Rows with at most this go left; 0 for a leaf.
    pub threshold: Vec<Number>,
    /// The node that they go to; −1 for a leaf.
    pub left: Vec<i64>,
    /// The node of the other rows; −1 for a leaf.
    pub right: Vec<i64>,
    /// Mean of the target over the rows that reach the node.
    pub value: Vec<Number>,
}

/// The table `[harmonisation]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harmonisation {
    /// Only ComBat.
    pub method: Method,
    /// What happens to rows of other batches.
    pub unknown_batch: UnknownBatch,
    /// Columns of 0 and 1 of the batches that were learnt.
    pub batches: Vec<String>,
    /// What aligns each input.
    #[serde(default)]
    pub input: Vec<Aligned>,
}

/// A table `[[harmonisation.input]]`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aligned {
    /// Name of the input.
    pub name: String,
    /// The grand mean.
    pub mean: Option<Number>,
    /// The pooled standard deviation.
    pub deviation: Option<Number>,
    /// Of each batch, in pooled standard deviations from the grand mean.
    pub location: Vec<Number>,
    /// Of each batch, in pooled standard deviations.
    pub scale: Vec<Number>,
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
}

/// What the score is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// A number.
    Identity,
    /// A probability; the trees hold probabilities, and nothing is left to be transformed.
    Logistic,
}

/// What the importance of the inputs is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Importance {
    /// The share of the splits on an input in what all splits take off the variance of the target (for a class, off Gini's
    /// impurity). Inputs of many values are favoured.
    Impurity,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// A text that says something.
fn something<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let blank = text.trim().is_empty() || text.trim() != text;
    if blank { Err(D::Error::custom("expected a name without blanks at its ends")) } else { Ok(text) }
}
