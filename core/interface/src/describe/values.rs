//! Whether the values of settings are those that a description asks for.

use serde_json::{Map, Value as Json};

use super::{Plugin, Setting, Takes};

impl Plugin {
    /// The settings that it takes: those of its description, and `aggregation` where it offers a choice of them.
    pub fn known_settings(&self) -> Vec<Setting> {
        let aggregation = self.aggregations.first().map(|first| Setting {
            key: "aggregation".into(),
            purpose: "how the matrices of slices and directions become one value".into(),
            unit: None,
            takes: Takes::Choice(self.aggregations.clone()),
            default: Some(first.as_str().into()),
            required: false,
        });
        self.settings.iter().cloned().chain(aggregation).collect()
    }

    /// The keys of settings that are not known, are missing, or have another value than the description asks for, each with
    /// what is wrong.
    pub fn wrong_settings(&self, values: &Map<String, Json>) -> Vec<(String, String)> {
        let known = self.known_settings();
        let unknown = values.keys().filter(|key| known.iter().all(|setting| setting.key != **key));
        let unknown = unknown.map(|key| (key.clone(), format!("unknown setting `{key}`")));
        let wrong = known.iter().filter_map(|setting| {
            let message = match values.get(&setting.key) {
                Some(value) => setting.mismatch(value)?,
                None if setting.required => format!("`{}` is required: {}", setting.key, setting.purpose),
                None => return None,
            };
            Some((setting.key.clone(), message))
        });
        unknown.chain(wrong).collect()
    }
}

impl Setting {
    /// What is wrong with a value, if anything is.
    pub fn mismatch(&self, value: &Json) -> Option<String> {
        (!self.takes.fits(value)).then(|| format!("`{}` is {value}, expected {}", self.key, self.expectation()))
    }

    /// What it takes, in words.
    fn expectation(&self) -> String {
        let unit = self.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
        match &self.takes {
            Takes::Number { min: None, max: None } => format!("a number{unit}"),
            Takes::Number { min: Some(min), max: None } => format!("a number of at least {min}{unit}"),
            Takes::Number { min: None, max: Some(max) } => format!("a number of at most {max}{unit}"),
            Takes::Number { min: Some(min), max: Some(max) } => format!("a number from {min} to {max}{unit}"),
            Takes::Integer { min, max: i64::MAX } => format!("a whole number of at least {min}{unit}"),
            Takes::Integer { min, max } => format!("a whole number from {min} to {max}{unit}"),
            Takes::Numbers { length: Some(length) } => format!("a list of {length} numbers{unit}"),
            Takes::Numbers { length: None } => format!("a list of numbers{unit}"),
            Takes::Flag => "true or false".into(),
            Takes::Choice(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", words.join(", "))
            }
            Takes::Text => "a text".into(),
            Takes::File => "the path of a file".into(),
        }
    }
}

impl Takes {
    /// Whether a value is of this type and in its range.
    pub fn fits(&self, value: &Json) -> bool {
        match self {
            Self::Number { min, max } => value
                .as_f64()
                .is_some_and(|x| x.is_finite() && min.is_none_or(|min| x >= min) && max.is_none_or(|max| x <= max)),
            Self::Integer { min, max } => value.as_i64().is_some_and(|x| (*min..=*max).contains(&x)),
            Self::Numbers { length } => value.as_array().is_some_and(|list| {
                length.is_none_or(|length| list.len() == length)
                    && list.iter().all(|x| x.as_f64().is_some_and(f64::is_finite))
            }),
            Self::Flag => value.is_boolean(),
            Self::Choice(words) => value.as_str().is_some_and(|word| words.iter().any(|w| w == word)),
            Self::Text | Self::File => value.is_string(),
        }
    }
}
