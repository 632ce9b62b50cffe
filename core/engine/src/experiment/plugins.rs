//! `[plugins]`: which libraries and scripts are loaded, and under which terms.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    CallLimits, Floor, Pin, PluginFile, PluginScript, Plugins,
    section::{Placed, Section},
};

/// Reads the section.
pub fn plugins(section: &Section<'_>, folder: &Path) -> Plugins {
    let names = section.get("use").unwrap_or_default();
    let folders: Vec<String> = section.get("paths").unwrap_or_default();
    let trust = section.choice("trust", &Floor::WORDS).unwrap_or_default();
    let isolate = isolation(section).unwrap_or(true);
    let mut limits = CallLimits::default();
    if let Some(seconds) = positive(section, "seconds_per_call") {
        limits.seconds_per_call = seconds;
    }
    if let Some(gigabytes) = positive(section, "memory_gb") {
        limits.memory_bytes = (gigabytes * f64::from(1 << 30)) as u64;
    }
    let (files, scripts) = (section.list("file"), section.list("python"));
    let stated = files.len() + scripts.len();
    let files: Vec<PluginFile> = files.iter().filter_map(|file| plugin_file(file, folder)).collect();
    let scripts: Vec<PluginScript> = scripts.iter().filter_map(|script| plugin_script(script, folder)).collect();
    section.finish();
    let folders = folders.iter().map(|name| folder.join(name)).collect();
    let incomplete = files.len() + scripts.len() < stated;
    Plugins { names, folders, incomplete, files, scripts, trust, isolate, limits }
}

fn isolation(section: &Section<'_>) -> Option<bool> {
    section.choice("isolation", &[("worker", true), ("none", false)])
}

fn positive(section: &Section<'_>, key: &str) -> Option<f64> {
    let number: f64 = section.get(key)?;
    if number > 0.0 && number.is_finite() {
        return Some(number);
    }
    section.error_at(key, format!("`{key}` is {number}, expected a number above 0"));
    None
}

fn pin(section: &Section<'_>) -> Option<Pin> {
    let sha256: Option<String> = section.get("sha256");
    if let Some(digest) = &sha256
        && !is_digest(digest)
    {
        section.error_at("sha256", format!("`{digest}` is {NO_DIGEST}"));
        return None;
    }
    let companions = section.section("companions").map_or(Some(BTreeMap::new()), |section| companions(&section))?;
    Some(Pin { sha256: sha256.map(|digest| digest.to_lowercase()), key: section.get("key"), companions })
}

/// The digests of what a plugin brings with it, by name.
fn companions(section: &Section<'_>) -> Option<BTreeMap<String, String>> {
    let digest = |(name, value): (String, serde_json::Value)| match value.as_str().filter(|text| is_digest(text)) {
        Some(digest) => Some((name, digest.to_lowercase())),
        None => {
            section.error_at(&name, format!("`{}.{name}` is {value}, which is {NO_DIGEST}", section.name));
            None
        }
    };
    let all: Vec<_> = section.rest().values.into_iter().map(digest).collect();
    all.into_iter().collect()
}

const NO_DIGEST: &str = "not a SHA-256 digest: 64 hexadecimal digits";

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit())
}

fn placed(path: Placed<String>, folder: &Path) -> Placed<PathBuf> {
    Placed { value: folder.join(path.value), origin: path.origin }
}

fn plugin_file(section: &Section<'_>, folder: &Path) -> Option<PluginFile> {
    let path: Option<Placed<String>> = section.require("path", "the plugin's library");
    let (pin, isolation) = (pin(section)?, isolation(section));
    section.finish();
    Some(PluginFile { path: placed(path?, folder), pin, isolation })
}

fn plugin_script(section: &Section<'_>, folder: &Path) -> Option<PluginScript> {
    let file: Option<Placed<String>> = section.require("file", "the plugin's Python file");
    let helpers: Vec<String> = section.get("with").unwrap_or_default();
    let interpreter: Option<String> = section.get("interpreter");
    let pin = pin(section)?;
    section.finish();
    // A bare name is looked for as a shell does; a path starts from the experiment's folder.
    let interpreter = match interpreter {
        Some(text) if text.contains(std::path::MAIN_SEPARATOR) => folder.join(text),
        Some(text) => text.into(),
        None => "python3".into(),
    };
    let helpers = helpers.iter().map(|name| folder.join(name)).collect();
    Some(PluginScript { file: placed(file?, folder), helpers, interpreter, pin })
}
