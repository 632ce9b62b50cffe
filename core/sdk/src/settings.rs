//! A plugin's settings, checked against its own description.

use std::path::Path;

use serde_json::{Map, Value as Json};
use voxomics_interface::describe::{LICENCE, Plugin, Setting};

use crate::Error;

/// The settings of an instance: every key is one that the description lists, every value in its range, every default
/// filled in. A getter fails only for a key that the description does not list, or lists otherwise.
///
/// ```
/// use voxomics_sdk::{prelude::*, testing::settings};
///
/// let described = Description::new("x", "X").setting(Setting::integer("bins", "number of bins", 2, 1000).default(32));
/// let checked = settings(&described, "{}").unwrap();
/// assert_eq!(checked.count("bins"), Ok(32));
/// // A key that the description does not list is a mistake of the author.
/// assert_eq!(checked.number("width").unwrap_err().to_string(), "`width` is not set, or is not a number");
/// ```
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
        let known = plugin.known_settings();
        for key in values.keys().filter(|key| known.iter().all(|setting| setting.key != **key)) {
            wrong.push(Error::setting(key, unknown_key(key, &known)));
        }
        for setting in &known {
            match values.get(&setting.key) {
                Some(value) => {
                    wrong.extend(setting.mismatch(value).map(|message| Error::setting(&setting.key, message)));
                }
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
    ///
    /// ```
    /// use voxomics_sdk::{prelude::*, testing};
    ///
    /// let settings = testing::settings(&Description::new("scale", "Scale").fits(), "{}").unwrap();
    /// assert_eq!(settings.state(), None);
    /// assert_eq!(testing::with_state(settings, Some("mean = 2")).state(), Some("mean = 2"));
    /// ```
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

    /// The absolute path of the licence file, of a predictor whose card says that it needs one. The file can be read where
    /// the predictor is configured.
    ///
    /// ```
    /// use voxomics_sdk::{prelude::*, testing::settings};
    ///
    /// let described = Description::new("vendor", "A vendor's score").card(Card::new("Research").needs_licence());
    /// let checked = settings(&described, r#"{"licence": "/licences/a.txt"}"#).unwrap();
    /// assert!(checked.licence().is_ok());
    /// assert!(settings(&described, "{}").unwrap().licence().is_err());
    /// ```
    ///
    /// # Errors
    /// If the experiment names none. A program of generation 1 that knows cards asks for it before.
    pub fn licence(&self) -> Result<&Path, Error> {
        match self.is_set(LICENCE) {
            true => self.file(LICENCE),
            false => Err(Error::setting(LICENCE, "it gives no score without a licence: name its file with `licence`")),
        }
    }

    fn get<'a, T>(&'a self, key: &str, wanted: &str, read: impl Fn(&'a Json) -> Option<T>) -> Result<T, Error> {
        self.values
            .get(key)
            .and_then(read)
            .ok_or_else(|| Error::setting(key, format!("`{key}` is not set, or is not {wanted}")))
    }
}

fn unknown_key(key: &str, known: &[Setting]) -> String {
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
