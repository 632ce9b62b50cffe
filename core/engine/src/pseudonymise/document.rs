//! The experiment itself: the paths in it, and ids that its conditions name.

use std::path::Path;

use crate::{
    experiment::Experiment,
    privacy::{PATIENT, by_name},
    results::{Key, pseudonyms::Kind},
};

/// Puts pseudonyms for paths and ids into what is written of an experiment: its text (whose comments go), the document of the
/// record, and what the command line changed.
///
/// # Errors
/// If the text cannot be written again.
pub fn hide(key: &Key, experiment: &mut Experiment) -> Result<(), String> {
    let fail = |cause: String| format!("{} cannot be pseudonymised: {cause}", experiment.path.display());
    let mut table: toml::Table = toml::from_str(&experiment.text).map_err(|cause| fail(cause.message().to_owned()))?;
    let finder = Finder { key, experiment };
    finder.table(&mut table, &mut Vec::new());
    let text = toml::to_string(&table).map_err(|cause| fail(cause.to_string()))?;
    let mut document = toml::Table::try_from(&experiment.document).map_err(|cause| fail(cause.to_string()))?;
    finder.table(&mut document, &mut Vec::new());
    let document = serde_json::to_value(document).map_err(|cause| fail(cause.to_string()))?;
    let overrides = experiment.overrides.iter().map(|set| finder.set(set)).collect();
    (experiment.text, experiment.document, experiment.overrides) = (text, document, overrides);
    Ok(())
}

/// An experiment as it was before `hide`, but for its comments.
///
/// # Errors
/// If it is no TOML.
pub fn back(key: &Key, text: &str) -> Result<String, String> {
    let mut table: toml::Table = toml::from_str(text).map_err(|cause| cause.message().to_owned())?;
    let turn = |text: &mut String| *text = key.back(text);
    table.iter_mut().for_each(|(_, value)| texts(value, &turn));
    toml::to_string(&table).map_err(|cause| cause.to_string())
}

fn texts(value: &mut toml::Value, change: &dyn Fn(&mut String)) {
    match value {
        toml::Value::String(text) => change(text),
        toml::Value::Array(all) => all.iter_mut().for_each(|value| texts(value, change)),
        toml::Value::Table(table) => table.iter_mut().for_each(|(_, value)| texts(value, change)),
        _ => {}
    }
}

/// Finds what is a path and what is an id.
struct Finder<'a> {
    key: &'a Key,
    experiment: &'a Experiment,
}

impl Finder<'_> {
    fn table(&self, table: &mut toml::Table, at: &mut Vec<String>) {
        for (name, value) in table.iter_mut() {
            at.push(name.clone());
            self.value(value, at);
            at.pop();
        }
    }

    fn value(&self, value: &mut toml::Value, at: &mut Vec<String>) {
        match value {
            toml::Value::String(text) => *text = self.text(text, at),
            toml::Value::Array(all) => all.iter_mut().for_each(|value| self.value(value, at)),
            toml::Value::Table(table) => self.table(table, at),
            _ => {}
        }
    }

    fn text(&self, text: &str, at: &[String]) -> String {
        match self.kind(text, at) {
            Some(kind) => self.key.pseudonym(kind, text),
            None => text.to_owned(),
        }
    }

    /// What a text at a place stands for, if it is not to be written.
    fn kind(&self, text: &str, at: &[String]) -> Option<Kind> {
        let at: Vec<&str> = at.iter().map(String::as_str).collect();
        let of_cohort = |name: &str| self.experiment.study.cohorts.iter().find(|cohort| cohort.name == name);
        match at[..] {
            ["cases", "only", column] => return by_name(column, PATIENT),
            ["cohorts", cohort, "only", column] => {
                return by_name(column, of_cohort(cohort).map_or(PATIENT, |cohort| &cohort.id));
            }
            ["cases", "list" | "folder"]
            | ["output", "folder"]
            | ["cohorts", _, "cases" | "tables"]
            | ["cohorts", _, "features", ..]
            | ["cohorts", _, "matrix", "file"]
            | ["plugins", "paths"]
            | ["plugins", "file", "path"]
            | ["plugins", "python", "file" | "with"] => return Some(Kind::Place),
            _ => {}
        }
        self.is_path(text).then_some(Kind::Place)
    }

    /// Whether a text is a path: there is something, or was when the results were made that are made again.
    fn is_path(&self, text: &str) -> bool {
        let like_one = text.contains(['/', '\\', '.']);
        let known =
            || self.key.known().originals.values().any(|(kind, original)| *kind == Kind::Place && original == text);
        Path::new(text).has_root() || like_one && (self.experiment.folder.join(text).exists() || known())
    }

    /// What the command line changed, `key=value`.
    fn set(&self, set: &str) -> String {
        let Some((name, value)) = set.split_once('=') else { return set.to_owned() };
        let at: Vec<String> = name.trim().split('.').map(str::to_owned).collect();
        match toml::from_str::<toml::Table>(&format!("value = {value}")) {
            Ok(mut table) => {
                let Some(found) = table.get_mut("value") else { return set.to_owned() };
                let before = found.clone();
                self.value(found, &mut at.clone());
                if *found == before { set.to_owned() } else { format!("{name}={found}") }
            }
            // A word without quotes.
            Err(_) => format!("{name}={}", self.text(value.trim(), &at)),
        }
    }
}
