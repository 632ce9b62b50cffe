//! Errors of plugins, and where those of their settings stand.

use std::fmt;

use voxomics_base::{Diagnostic, Diagnostics, Origin, PluginSettings};
use voxomics_interface::{
    Failure, codes,
    describe::{Plugin, Takes},
};

/// What a plugin answered instead of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginError {
    /// The plugin's name.
    pub plugin: String,
    /// What went wrong, as it told or as the host found.
    pub message: String,
    /// Whether the run was being given up.
    pub cancelled: bool,
    /// Whether it is a mistake of the plugin's author: a panic, or an answer that is none.
    pub broken: bool,
    /// The setting whose value it cannot use, if that is why.
    pub setting: Option<String>,
}

impl PluginError {
    /// An error that the host found in a plugin's answer.
    pub(crate) fn broken(plugin: &str, message: impl fmt::Display) -> Self {
        let message = one_line(&format!("{message}{AUTHOR}"));
        Self { plugin: plugin.into(), message, cancelled: false, broken: true, setting: None }
    }

    /// An error that is nobody's mistake: what the plugin asks for is newer than this program.
    pub(crate) fn refused(plugin: &str, message: String) -> Self {
        Self { plugin: plugin.into(), message, cancelled: false, broken: false, setting: None }
    }

    /// What a plugin answered instead of a result: the first of its failures.
    pub(crate) fn from_wire(plugin: &str, failures: &[Failure]) -> Self {
        let Some(failure) = failures.first() else {
            return Self::broken(plugin, "it failed without saying why");
        };
        let mut message = one_line(&failure.message.shown());
        let broken = is_a_mistake(failure);
        if broken {
            message.push_str(AUTHOR);
        }
        let setting = (failure.code == codes::FAILURE_SETTING).then(|| one_line(&failure.key.shown()));
        Self { plugin: plugin.into(), message, cancelled: failure.code == codes::FAILURE_CANCELLED, broken, setting }
    }
}

/// Whether a failure is a mistake of the plugin's author.
fn is_a_mistake(failure: &Failure) -> bool {
    [codes::FAILURE_PANIC, codes::FAILURE_BROKEN].contains(&failure.code)
}

/// What is added to a message about a mistake of a plugin.
const AUTHOR: &str = ". This is an error of the plugin; report it to its author";

impl fmt::Display for PluginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.plugin, self.message)
    }
}

impl std::error::Error for PluginError {}

/// Longer messages would drown the others.
const MAX_MESSAGE: usize = 2000;

/// What a plugin says, fit for a terminal and a cell of a table: one line, nothing that steers a terminal, not endless.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}

/// Reports why a plugin cannot be configured, each failure at its key's place.
pub(crate) fn report(plugin: &Plugin, failures: &[Failure], settings: &PluginSettings, diagnostics: &Diagnostics) {
    for failure in failures {
        let message = one_line(&failure.message.shown());
        let mut message = format!("[{}] {}: {message}", settings.section, plugin.name());
        if is_a_mistake(failure) {
            message.push_str(AUTHOR);
        }
        diagnostics.push(match settings.place(&failure.key.shown()) {
            // A loader needs no table of its own in the file.
            Origin::Set(text) if text.is_empty() => Diagnostic::general(message),
            place => Diagnostic::new(place, message),
        });
    }
    if failures.is_empty() {
        let message = format!("{} refuses its settings without saying why", plugin.name());
        diagnostics.push(Diagnostic::new(settings.origin.clone(), message));
    }
}

/// A file that a setting names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFile {
    /// The setting: `predict.score.model`.
    pub setting: String,
    /// The file.
    pub path: std::path::PathBuf,
}

/// Makes every setting that names a file absolute, from `folder`; returns the files.
pub fn resolve_files(plugin: &Plugin, settings: &mut PluginSettings, folder: &std::path::Path) -> Vec<NamedFile> {
    let mut files = Vec::new();
    for setting in plugin.settings.iter().filter(|setting| setting.takes == Takes::File) {
        if let Some(serde_json::Value::String(text)) = settings.values.get_mut(&setting.key) {
            let path = folder.join(&*text);
            *text = path.display().to_string();
            files.push(NamedFile { setting: format!("{}.{}", settings.section, setting.key), path });
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_plugin_says_cannot_break_out_of_its_line() {
        assert_eq!(one_line("a\n\tb \u{1b}[2Jc\r\n"), "a b [2Jc");
        assert_eq!(one_line(&"x".repeat(5000)).chars().count(), MAX_MESSAGE + 2);
    }
}
