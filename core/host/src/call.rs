//! Errors of plugins, and configuring them.

use std::fmt;

use voxomics_base::{Diagnostic, Diagnostics, Origin, PluginSettings};
use voxomics_interface::{
    Failure, HostRef,
    abi_stable::std_types::{RResult, RStr, RVec},
    codes,
    describe::{Plugin, Takes},
};

use super::{CaseHost, Services};

/// What a plugin answered instead of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginError {
    /// The plugin's name.
    pub plugin: String,
    /// What went wrong, as it told or as the host found.
    pub message: String,
    /// Whether the run was being given up.
    pub cancelled: bool,
    /// The setting whose value it cannot use, if that is why.
    pub setting: Option<String>,
}

impl PluginError {
    /// An error that the host found in a plugin's answer.
    pub(crate) fn broken(plugin: &str, message: impl fmt::Display) -> Self {
        let message = one_line(&format!("{message}. This is an error of the plugin; report it to its author"));
        Self { plugin: plugin.into(), message, cancelled: false, setting: None }
    }

    pub(crate) fn from_wire(plugin: &str, failure: &Failure) -> Self {
        let mut message = one_line(&failure.message);
        if failure.code == codes::FAILURE_PANIC {
            message.push_str(". This is an error of the plugin; report it to its author");
        }
        let setting = (failure.code == codes::FAILURE_SETTING).then(|| one_line(&failure.key));
        Self { plugin: plugin.into(), message, cancelled: failure.code == codes::FAILURE_CANCELLED, setting }
    }
}

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

pub(crate) type ConfigureFn<T> = for<'a> extern "C" fn(RStr<'a>, RStr<'a>, HostRef<'a>) -> RResult<T, RVec<Failure>>;

/// Configures a plugin; what is wrong with its settings goes to the diagnostics, at the key's place.
pub(crate) fn configure<T>(
    plugin: &Plugin,
    call: ConfigureFn<T>,
    settings: &PluginSettings,
    diagnostics: &Diagnostics,
) -> Option<T> {
    let json = serde_json::Value::Object(settings.values.clone()).to_string();
    let host = CaseHost::new(&Services::default(), "");
    match call(plugin.id.as_str().into(), json.as_str().into(), host.wire()) {
        RResult::ROk(instance) => Some(instance),
        RResult::RErr(failures) => {
            for failure in &failures {
                let message = one_line(&failure.message);
                let mut message = format!("[{}] {}: {message}", settings.section, plugin.name());
                if failure.code == codes::FAILURE_PANIC {
                    message.push_str(". This is an error of the plugin; report it to its author");
                }
                diagnostics.push(match settings.place(&failure.key) {
                    // A loader needs no table of its own in the file.
                    Origin::Set(text) if text.is_empty() => Diagnostic::general(message),
                    place => Diagnostic::new(place, message),
                });
            }
            if failures.is_empty() {
                let message = format!("{} refuses its settings without saying why", plugin.name());
                diagnostics.push(Diagnostic::new(settings.origin.clone(), message));
            }
            None
        }
    }
}

/// Makes every setting that names a file absolute, from `folder`; returns the files.
pub fn resolve_files(
    plugin: &Plugin,
    settings: &mut PluginSettings,
    folder: &std::path::Path,
) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for setting in plugin.settings.iter().filter(|setting| setting.takes == Takes::File) {
        if let Some(serde_json::Value::String(text)) = settings.values.get_mut(&setting.key) {
            let path = folder.join(&*text);
            *text = path.display().to_string();
            files.push(path);
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
