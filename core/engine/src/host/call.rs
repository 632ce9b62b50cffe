//! Errors of plugins, and configuring them.

use std::fmt;

use voxomics_interface::{
    Failure, HostRef,
    abi_stable::std_types::{RResult, RStr, RVec},
    codes,
    describe::{Plugin, Takes},
};

use crate::{
    experiment::{Diagnostic, Diagnostics, PluginSettings},
    host::{CaseHost, Services},
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
}

impl PluginError {
    /// An error that the host found in a plugin's answer.
    pub(crate) fn broken(plugin: &str, message: impl fmt::Display) -> Self {
        let message = format!("{message}. This is an error of the plugin; report it to its author");
        Self { plugin: plugin.into(), message, cancelled: false }
    }

    pub(crate) fn from_wire(plugin: &str, failure: &Failure) -> Self {
        let mut message = failure.message.to_string();
        if failure.code == codes::FAILURE_PANIC {
            message.push_str(". This is an error of the plugin; report it to its author");
        }
        Self { plugin: plugin.into(), message, cancelled: failure.code == codes::FAILURE_CANCELLED }
    }
}

impl fmt::Display for PluginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.plugin, self.message)
    }
}

impl std::error::Error for PluginError {}

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
                let mut message = format!("[{}] {}: {}", settings.section, plugin.name(), failure.message);
                if failure.code == codes::FAILURE_PANIC {
                    message.push_str(". This is an error of the plugin; report it to its author");
                }
                diagnostics.push(Diagnostic::new(settings.place(&failure.key), message));
            }
            if failures.is_empty() {
                let message = format!("{} refuses its settings without saying why", plugin.name());
                diagnostics.push(Diagnostic::new(settings.origin.clone(), message));
            }
            None
        }
    }
}

/// Makes every setting that names a file absolute, from the experiment's folder; returns the files.
pub(crate) fn resolve_files(
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
