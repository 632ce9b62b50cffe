//! A plugin's settings, checked against its own description.

use std::path::Path;

use serde_json::{Map, Value as Json};
use voxomics_interface::describe::{Plugin, Setting, Takes};

use crate::Error;

/// The settings of an instance: every key is one that the description lists, every value in its range, every default
/// filled in. A getter fails only for a key that the description does not list, or lists otherwise.
#[derive(Debug, Clone)]
pub struct Settings {
    values: Map<String, Json>,
    state: Option<String>,
}

impl Settings {
    /// Checks the text of a JSON object against a description.
    ///
    /// # Errors
    /// Everything that is wrong, key by key.
    pub(crate) fn check_text(plugin: &Plugin, json: &str) -> Result<Self, Vec<Error>> {
        let values = serde_json::from_str(json)
            .map_err(|cause| vec![Error::input(format!("the settings are not a JSON object: {cause}"))])?;
        Self::check(plugin, values)
    }

    /// Checks settings against a description.
    ///
    /// # Errors
    /// Everything that is wrong, key by key.
    pub(crate) fn check(plugin: &Plugin, mut values: Map<String, Json>) -> Result<Self, Vec<Error>> {
        let mut wrong = Vec::new();
        let aggregation = aggregation_setting(plugin);
        let known: Vec<&Setting> = plugin.settings.iter().chain(&aggregation).collect();
        for key in values.keys().filter(|key| known.iter().all(|setting| setting.key != **key)) {
            wrong.push(Error::setting(key, unknown_key(key, &known)));
        }
        for setting in known {
            match values.get(&setting.key) {
                Some(value) => wrong.extend(mismatch(setting, value)),
                None if setting.required => {
                    let message = format!("`{}` is required: {}", setting.key, setting.purpose);
                    wrong.push(Error::setting(&setting.key, message));
                }
                None => values.extend(setting.default.clone().map(|value| (setting.key.clone(), value))),
            }
        }
        if wrong.is_empty() { Ok(Self { values, state: None }) } else { Err(wrong) }
    }

    /// The same settings, with what was fitted.
    pub(crate) fn with_state(self, state: Option<String>) -> Self {
        Self { state, ..self }
    }

    /// What was fitted on a cohort, as `fit` returned it; none while it is still to be fitted.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// Whether an optional setting was given.
    pub fn is_set(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// A number.
    ///
    /// # Errors
    /// If the description lists no number of that key.
    pub fn number(&self, key: &str) -> Result<f64, Error> {
        self.get(key, "a number", Json::as_f64)
    }

    /// A whole number.
    ///
    /// # Errors
    /// If the description lists no whole number of that key.
    pub fn integer(&self, key: &str) -> Result<i64, Error> {
        self.get(key, "a whole number", Json::as_i64)
    }

    /// A whole number that is not below 0.
    ///
    /// # Errors
    /// If the description lists no whole number of that key, or one that may be below 0 and is.
    pub fn count(&self, key: &str) -> Result<usize, Error> {
        self.get(key, "a whole number of at least 0", |value| usize::try_from(value.as_u64()?).ok())
    }

    /// A list of numbers.
    ///
    /// # Errors
    /// If the description lists no list of numbers of that key.
    pub fn numbers(&self, key: &str) -> Result<Vec<f64>, Error> {
        self.get(key, "a list of numbers", |value| value.as_array()?.iter().map(Json::as_f64).collect())
    }

    /// True or false.
    ///
    /// # Errors
    /// If the description lists no flag of that key.
    pub fn flag(&self, key: &str) -> Result<bool, Error> {
        self.get(key, "true or false", Json::as_bool)
    }

    /// A text, a word of a choice, or the aggregation.
    ///
    /// # Errors
    /// If the description lists no text of that key.
    pub fn text(&self, key: &str) -> Result<&str, Error> {
        self.get(key, "a text", Json::as_str)
    }

    /// The absolute path of a file.
    ///
    /// # Errors
    /// If the description lists no file of that key.
    pub fn file(&self, key: &str) -> Result<&Path, Error> {
        self.get(key, "a file", Json::as_str).map(Path::new)
    }

    fn get<'a, T>(&'a self, key: &str, wanted: &str, read: impl Fn(&'a Json) -> Option<T>) -> Result<T, Error> {
        self.values
            .get(key)
            .and_then(read)
            .ok_or_else(|| Error::setting(key, format!("`{key}` is not set, or is not {wanted}")))
    }
}

/// The setting that a choice of aggregations amounts to.
fn aggregation_setting(plugin: &Plugin) -> Option<Setting> {
    let first = plugin.aggregations.first()?;
    Some(Setting {
        key: "aggregation".into(),
        purpose: "how the matrices of slices and directions become one value".into(),
        unit: None,
        takes: Takes::Choice(plugin.aggregations.clone()),
        default: Some(first.as_str().into()),
        required: false,
    })
}

fn unknown_key(key: &str, known: &[&Setting]) -> String {
    let nearest = known
        .iter()
        .map(|setting| (strsim::jaro_winkler(key, &setting.key), &setting.key))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let keys: Vec<String> = known.iter().map(|setting| format!("`{}`", setting.key)).collect();
    match nearest {
        Some((_, nearest)) => format!("unknown setting `{key}`; did you mean `{nearest}`?"),
        None if keys.is_empty() => format!("unknown setting `{key}`: this plugin has no settings"),
        None => format!("unknown setting `{key}`; this plugin has {}", keys.join(", ")),
    }
}

/// What is wrong with a value, if anything is.
fn mismatch(setting: &Setting, value: &Json) -> Option<Error> {
    let fits = match &setting.takes {
        Takes::Number { min, max } => value
            .as_f64()
            .is_some_and(|x| x.is_finite() && min.is_none_or(|min| x >= min) && max.is_none_or(|max| x <= max)),
        Takes::Integer { min, max } => value.as_i64().is_some_and(|x| (*min..=*max).contains(&x)),
        Takes::Numbers { length } => value.as_array().is_some_and(|list| {
            length.is_none_or(|length| list.len() == length)
                && list.iter().all(|x| x.as_f64().is_some_and(f64::is_finite))
        }),
        Takes::Flag => value.is_boolean(),
        Takes::Choice(words) => value.as_str().is_some_and(|word| words.iter().any(|w| w == word)),
        Takes::Text | Takes::File => value.is_string(),
    };
    (!fits).then(|| {
        let message = format!("`{}` is {value}, expected {}", setting.key, expectation(setting));
        Error::setting(&setting.key, message)
    })
}

/// What a setting takes, in words.
fn expectation(setting: &Setting) -> String {
    let unit = setting.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
    match &setting.takes {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::{Description, Setting};

    fn plugin() -> Plugin {
        Description::new("x", "x")
            .setting(Setting::number("sigma_mm", "scale").range(0.1, 50.0).unit("mm").required())
            .setting(Setting::choice("norm", "norm", &["Chebyshev", "Manhattan"]).default("Chebyshev"))
            .plugin
    }

    #[test]
    fn defaults_are_filled_in() {
        let settings = Settings::check_text(&plugin(), r#"{"sigma_mm": 2}"#).expect("these settings are right");
        assert_eq!((settings.number("sigma_mm"), settings.text("norm")), (Ok(2.0), Ok("Chebyshev")));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let wrong = Settings::check_text(&plugin(), r#"{"sigma": 2, "norm": "euclid"}"#).expect_err("three errors");
        let text: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        assert_eq!(
            text,
            [
                "unknown setting `sigma`; did you mean `sigma_mm`?",
                "`sigma_mm` is required: scale",
                "`norm` is \"euclid\", expected one of \"Chebyshev\", \"Manhattan\"",
            ]
        );
    }

    #[test]
    fn a_value_out_of_range_names_the_range_and_the_unit() {
        let wrong = Settings::check_text(&plugin(), r#"{"sigma_mm": 0}"#).expect_err("out of range");
        assert_eq!(wrong[0].to_string(), "`sigma_mm` is 0, expected a number from 0.1 to 50 mm");
    }
}
