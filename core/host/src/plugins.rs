//! The table of all plugins that an experiment may name, and the libraries that they are in, for the record of a run.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::Value as Json;
use voxomics_base::{PluginSettings, digest::Digest};
use voxomics_interface::describe::{Kind, Plugin, Skipped};

use crate::{library::PluginLibrary, trust::Standing};

/// A plugin and the library that it is in.
#[derive(Clone, Copy)]
pub struct Registered<'a> {
    /// What it says of itself.
    pub plugin: &'a Plugin,
    /// Its library.
    pub library: &'a PluginLibrary,
}

/// The plugins of the libraries that an experiment names; nothing else is ever loaded.
#[derive(Clone, Default)]
pub struct Plugins {
    /// Whether a library that the experiment names is not here, because it could not be loaded.
    pub incomplete: bool,
    libraries: Vec<PluginLibrary>,
}

/// A library for the record of a run.
#[derive(Debug, Clone, Serialize)]
pub struct LibraryRecord {
    path: PathBuf,
    version: String,
    vendor: String,
    licence: String,
    sha256: Digest,
    /// What it brings with it: name and SHA-256.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    companions: BTreeMap<String, String>,
    plugins: Vec<String>,
    /// How it is known.
    known: Standing,
    /// Where its code runs: `in-process` or `worker`.
    runs: &'static str,
    /// What keeps its worker in.
    #[serde(skip_serializing_if = "Option::is_none")]
    confinement: Option<Json>,
    #[serde(skip)]
    only_predicts: bool,
}

impl LibraryRecord {
    /// Its plugins, its version and its file.
    pub fn named(&self) -> (&[String], &str, &Path) {
        (&self.plugins, &self.version, &self.path)
    }

    /// What the library is, wherever it lies.
    pub fn digest(&self) -> &Digest {
        &self.sha256
    }

    /// What it brings with it: name and SHA-256.
    pub fn companions(&self) -> &BTreeMap<String, String> {
        &self.companions
    }

    /// How it is known, in words.
    pub fn known(&self) -> String {
        self.known.to_string()
    }

    /// Whether it came with the program, and is known by what the program was made from.
    pub fn is_ours(&self) -> bool {
        self.known == Standing::Ours
    }

    /// The digest of its bytes, and of those of the libraries that it brings with it.
    pub fn content(&self) -> String {
        let beside = self.companions.iter().map(|(name, sha256)| format!(" {name} {sha256}"));
        format!("{}{}", self.sha256.get(), beside.collect::<String>())
    }

    /// Whether a feature can depend on it: not if all that it offers are predictors.
    pub fn is_behind_features(&self) -> bool {
        !self.only_predicts
    }
}

impl std::fmt::Display for LibraryRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({}, {})", self.plugins.join(", "), self.version, self.vendor, self.licence)
    }
}

impl Plugins {
    /// Adds a library.
    ///
    /// # Errors
    /// If one of its plugins has the name of one that is there already.
    pub fn add(&mut self, library: PluginLibrary) -> Result<(), String> {
        for (i, plugin) in library.description.plugins.iter().enumerate() {
            let name = plugin.name();
            if library.description.plugins[..i].iter().any(|other| other.name() == name) {
                return Err(format!(
                    "plugin {} lists `{name}` twice, and an id may stand for one plugin only. Report it to its author.",
                    library.path.display()
                ));
            }
            if let Some(other) = self.find(plugin.kind, &plugin.id).map(|registered| &registered.library.path) {
                return Err(format!(
                    "two plugins have the name `{name}`: one in {}, one in {}. Name only one of them in the experiment, or \
                     ask an author to change the id.",
                    other.display(),
                    library.path.display()
                ));
            }
        }
        self.libraries.push(library);
        Ok(())
    }

    /// A plugin by kind and id.
    pub fn find(&self, kind: Kind, id: &str) -> Option<Registered<'_>> {
        self.of_kind(kind).find(|registered| registered.plugin.id == id)
    }

    /// A plugin of that name that a library has, and that this program cannot use.
    pub fn skipped(&self, name: &str) -> Option<&Skipped> {
        self.libraries.iter().flat_map(|library| &library.description.skipped).find(|skipped| skipped.name == name)
    }

    /// All plugins of a kind, in the order in which the experiment names their libraries.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = Registered<'_>> {
        self.libraries.iter().flat_map(move |library| {
            let plugins = library.description.plugins.iter().filter(move |plugin| plugin.kind == kind);
            plugins.map(move |plugin| Registered { plugin, library })
        })
    }

    /// The libraries, for the record of a run.
    pub fn record(&self) -> Vec<LibraryRecord> {
        let record = |library: &PluginLibrary| LibraryRecord {
            path: library.path.clone(),
            version: library.description.version.clone(),
            vendor: library.description.vendor.clone(),
            licence: library.description.licence.clone(),
            sha256: library.sha256.clone(),
            companions: library.companions.clone(),
            plugins: library.description.plugins.iter().map(Plugin::name).collect(),
            known: library.standing.clone(),
            runs: library.place().0,
            confinement: library.place().1,
            only_predicts: library.description.plugins.iter().all(|plugin| plugin.kind == Kind::Predict),
        };
        self.libraries.iter().map(record).collect()
    }
}

/// The settings of an instance with every default filled in, for the record of a run.
pub fn with_defaults(plugin: &Plugin, settings: &PluginSettings) -> Json {
    Json::Object(filled_in(plugin, settings))
}

/// Settings with every default.
pub(crate) fn filled_in(plugin: &Plugin, settings: &PluginSettings) -> serde_json::Map<String, Json> {
    let mut values = settings.values.clone();
    for setting in &plugin.settings {
        if let Some(default) = &setting.default {
            values.entry(setting.key.clone()).or_insert_with(|| default.clone());
        }
    }
    values
}
