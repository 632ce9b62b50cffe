//! Numbers of a model file.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// A number of a model file, or the mark that nobody has supplied it yet.
///
/// ```
/// use voxomics_sdk::model::Number;
///
/// assert_eq!(Number::from(2.5), Number::Known(2.5));
/// assert_eq!(Number::from(f64::NAN), Number::Unknown);
/// assert_eq!(serde_json::from_str::<Number>("\"n/a\"").unwrap(), Number::Unknown);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A finite number.
    Known(f64),
    /// `nan`, `inf`, or a text that stands for "not known".
    Unknown,
}

/// Texts that stand for "not known", in any case.
const UNKNOWN: [&str; 9] = ["", "?", "null", "unknown", "missing", "none", "na", "n/a", "nan"];

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        if value.is_finite() { Self::Known(value) } else { Self::Unknown }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reads;

        impl Visitor<'_> for Reads {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E>(self, value: f64) -> Result<Number, E> {
                Ok(value.into())
            }

            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(Number::Known(value as f64))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(Number::Known(value as f64))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
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
