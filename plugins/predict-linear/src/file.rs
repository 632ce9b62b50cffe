//! The model file as it is written: strict TOML, in which a number may still be unknown.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, Visitor},
};

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

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What the model is.
    pub model: About,
    /// Its inputs, in the order of the sum.
    #[serde(default)]
    pub input: Vec<Input>,
    /// How the inputs are made; the host's affair.
    #[serde(default, rename = "extraction")]
    _extraction: Option<toml::Table>,
    /// What it was learnt from; the host's affair.
    #[serde(default, rename = "training")]
    _training: Option<toml::Table>,
    /// Cut-offs that were fixed in training; the host's affair.
    #[serde(default, rename = "cutoffs")]
    _cutoffs: Option<toml::Table>,
    /// Who made it when with what; for the reader.
    #[serde(default, rename = "provenance")]
    _provenance: Option<toml::Table>,
    /// Licence, patents, notices; for the reader.
    #[serde(default, rename = "licence")]
    _licence: Option<toml::Table>,
}

/// The table `[model]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Name of the model.
    #[serde(deserialize_with = "something")]
    pub name: String,
    /// From the sum to the score.
    pub link: Link,
    /// What the sum begins with; checked with the coefficients, so that all gaps are named at once.
    pub intercept: Option<Number>,
    /// Whether the numbers are invented, to show how a model file works.
    #[serde(default)]
    pub demonstration: bool,
    /// What it predicts, of whom.
    #[serde(default)]
    pub description: String,
    /// Where the numbers come from.
    #[serde(default)]
    pub source: String,
    /// Under which licence they may be used.
    #[serde(default)]
    pub licence: String,
}

/// A table `[[input]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// `region:column`, or the column of a covariate.
    #[serde(deserialize_with = "something")]
    pub name: String,
    /// Weight of the scaled input.
    pub coefficient: Option<Number>,
    /// Subtracted from the input; 0 if left out.
    pub centre: Option<Number>,
    /// Divides the centred input; 1 if left out.
    pub scale: Option<Number>,
    /// Smallest value in training; the host warns of smaller ones.
    #[serde(default, rename = "minimum")]
    _minimum: Option<f64>,
    /// Largest value in training; the host warns of larger ones.
    #[serde(default, rename = "maximum")]
    _maximum: Option<f64>,
    /// Unit; for the reader.
    #[serde(default, rename = "unit")]
    _unit: Option<String>,
    /// IBSI code; for the reader.
    #[serde(default, rename = "ibsi")]
    _ibsi: Option<String>,
}

/// From the sum to the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// The sum is the score.
    Identity,
    /// The score is 1 / (1 + exp(−sum)).
    Logistic,
}

/// A text that says something.
fn something<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let blank = text.trim().is_empty() || text.trim() != text;
    if blank { Err(D::Error::custom("expected a name without blanks at its ends")) } else { Ok(text) }
}
