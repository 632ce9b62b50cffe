//! The settings with which a plugin is checked, and settings that it must refuse.

use std::path::Path;

use serde_json::{Map, Value as Json, json};
use voxomics_base::{Origin, PluginSettings};
use voxomics_host::resolve_files;
use voxomics_interface::describe::{Plugin, Setting, Takes};

/// A setting as it is given: `key=value`, or `plugin-name.key=value` for one plugin of several.
#[derive(Debug, Clone, PartialEq)]
pub struct Given<'a> {
    /// The plugin, if one is named.
    pub plugin: Option<&'a str>,
    /// The key.
    pub key: &'a str,
    /// The value as it is written.
    pub text: &'a str,
}

impl<'a> Given<'a> {
    /// Reads `key=value`.
    ///
    /// # Errors
    /// If there is no `=` in it.
    pub fn read(text: &'a str) -> Result<Self, String> {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is not of the form key=value, as in --set threshold=100"))?;
        let (plugin, key) = match key.trim().rsplit_once('.') {
            Some((plugin, key)) => (Some(plugin), key),
            None => (None, key.trim()),
        };
        Ok(Self { plugin, key, text: value.trim() })
    }

    /// The value for what a setting takes: JSON, or text if it is none or text is asked for. `110` may be a word as well.
    fn value(&self, takes: &Takes) -> Json {
        let is_text = matches!(takes, Takes::Text | Takes::File | Takes::Choice(_));
        let json = serde_json::from_str(self.text).ok().filter(|json: &Json| !is_text || json.is_string());
        json.unwrap_or_else(|| self.text.into())
    }

    /// Whether it is a setting of a plugin.
    pub fn belongs_to(&self, plugin: &Plugin) -> bool {
        self.plugin.is_none_or(|name| name == plugin.name())
            && plugin.known_settings().iter().any(|setting| setting.key == self.key)
    }
}

/// The settings of a plugin: what is given of them, and something that fits for what must be there. Files are looked for from a
/// folder.
pub fn settings(plugin: &Plugin, given: &[Given<'_>], folder: &Path) -> PluginSettings {
    let mut settings = PluginSettings::empty(&format!("{}.{}", plugin.kind.word(), plugin.id));
    let known = plugin.known_settings();
    for one in given.iter().filter(|one| one.belongs_to(plugin)) {
        if let Some(setting) = known.iter().find(|setting| setting.key == one.key) {
            settings.values.insert(one.key.into(), one.value(&setting.takes));
        }
    }
    for setting in plugin.settings.iter().filter(|setting| setting.required) {
        if let (None, Some(value)) = (settings.values.get(&setting.key), guess(&setting.takes)) {
            settings.values.insert(setting.key.clone(), value);
        }
    }
    resolve_files(plugin, &mut settings, folder);
    settings
}

/// The keys that must be there and are not.
pub fn missing(plugin: &Plugin, values: &Map<String, Json>) -> Vec<String> {
    let required = plugin.settings.iter().filter(|setting| setting.required);
    required.map(|setting| setting.key.clone()).filter(|key| !values.contains_key(key)).collect()
}

/// A value that fits; none for a text or a file, which nobody can guess.
fn guess(takes: &Takes) -> Option<Json> {
    Some(match takes {
        Takes::Number { min, max } => {
            let (min, max) = (min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY));
            json!(1.0_f64.clamp(min, max.max(min)))
        }
        Takes::Integer { min, max } => json!(1.clamp(*min, (*max).max(*min))),
        Takes::Numbers { length } => (1..=length.unwrap_or(2)).map(|n| 40.0 * n as f64).collect(),
        Takes::Flag => true.into(),
        Takes::Choice(words) => words.first()?.as_str().into(),
        Takes::Text | Takes::File => return None,
    })
}

/// A value of another type than a setting takes.
pub fn of_another_type(setting: &Setting) -> Json {
    match setting.takes {
        Takes::Text | Takes::File | Takes::Choice(_) => json!(17),
        Takes::Flag => json!("perhaps"),
        Takes::Number { .. } | Takes::Integer { .. } | Takes::Numbers { .. } => json!("many"),
    }
}

/// Values of the right type that are out of a setting's range.
pub fn out_of_range(setting: &Setting) -> Vec<Json> {
    match &setting.takes {
        Takes::Number { min, max } => {
            let below = min.map(|min| json!(min - min.abs().max(1.0)));
            below.into_iter().chain(max.map(|max| json!(max + max.abs().max(1.0)))).collect()
        }
        Takes::Integer { min, max } => {
            let below = min.checked_sub(1).map(Json::from);
            below.into_iter().chain(max.checked_add(1).map(Json::from)).collect()
        }
        Takes::Numbers { length: Some(length) } => vec![json!(vec![1.0; length + 1])],
        Takes::Choice(words) => vec![json!(format!("not {}", words.join(" or ")))],
        Takes::Numbers { length: None } | Takes::Flag | Takes::Text | Takes::File => Vec::new(),
    }
}

/// The same settings with one more, which an error can be traced to.
pub fn with(settings: &PluginSettings, key: &str, value: Json) -> PluginSettings {
    let mut changed = settings.clone();
    changed.values.insert(key.into(), value);
    changed.places.insert(key.into(), Origin::Set(key.into()));
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_json_or_text_and_may_name_its_plugin() {
        let read = |text| Given::read(text).expect("a setting");
        assert_eq!(read("limits=[1, 2]").value(&Takes::Numbers { length: None }), json!([1, 2]));
        assert_eq!(read("kernels = L5E5").value(&Takes::Text), json!("L5E5"));
        assert_eq!(read("orders=110").value(&Takes::Text), json!("110"));
        assert_eq!(read("orders=\"1 0\"").value(&Takes::Text), json!("1 0"));
        let of_one = read("filter-laws.kernels=L5E5");
        assert_eq!((of_one.plugin, of_one.key), (Some("filter-laws"), "kernels"));
        assert!(Given::read("kernels").is_err());
    }

    #[test]
    fn what_is_guessed_fits_and_what_is_wrong_does_not() {
        let takes = [
            Takes::Number { min: None, max: None },
            Takes::Number { min: Some(2.5), max: None },
            Takes::Number { min: None, max: Some(-3.0) },
            Takes::Integer { min: 3, max: 9 },
            Takes::Integer { min: -9, max: 0 },
            Takes::Numbers { length: None },
            Takes::Numbers { length: Some(3) },
            Takes::Flag,
            Takes::Choice(vec!["a".into(), "b".into()]),
        ];
        for takes in takes {
            let setting = Setting {
                key: "x".into(),
                purpose: String::new(),
                unit: None,
                takes: takes.clone(),
                default: None,
                required: true,
            };
            assert!(takes.fits(&guess(&takes).expect("a value")), "{takes:?}");
            assert!(!takes.fits(&of_another_type(&setting)), "{takes:?}");
            assert!(out_of_range(&setting).iter().all(|value| !takes.fits(value)), "{takes:?}");
        }
    }
}
