//! A loaded library, and the table of all plugins that an experiment may name.

use std::{
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use serde::Serialize;
use voxomics_base::digest::{self, Digest};
use voxomics_interface::{
    self as wire, GENERATION, PluginModuleRef,
    abi_stable::std_types::RResult,
    describe::{Kind, Library, Plugin},
};

use super::call::one_line;

/// A library of plugins that is loaded and described.
#[derive(Clone)]
pub struct PluginLibrary {
    /// Its file.
    pub path: PathBuf,
    /// What it says of itself.
    pub description: Library,
    /// SHA-256 of its file.
    pub sha256: Digest,
    pub(crate) module: PluginModuleRef,
}

impl PluginLibrary {
    /// Loads a library; if a digest is given, exactly those bytes or nothing.
    ///
    /// # Errors
    /// One paragraph: which file, what is wrong with it, what to do.
    pub fn load(path: &Path, sha256: Option<&str>) -> Result<Self, String> {
        let name = path.display();
        let unreadable = |cause: std::io::Error| {
            format!(
                "plugin {name} cannot be read: {cause}. Check the path; a relative one starts from the TOML's folder."
            )
        };
        let (module, sha256) = match sha256 {
            None => {
                // A folder opens, and is found out by the first byte.
                std::fs::File::open(path).and_then(|mut file| file.read(&mut [0])).map_err(unreadable)?;
                let module = wire::load(path).map_err(|cause| format!("plugin {name} cannot be used: {cause}"))?;
                (module, Digest::of(path))
            }
            Some(expected) => {
                let bytes = std::fs::read(path).map_err(unreadable)?;
                let found = digest::sha256(&bytes);
                if expected != found {
                    return Err(format!(
                        "plugin {name} is not the file that the experiment pins: its SHA-256 is {found}, expected \
                         {expected}. Get the right file from its vendor, or change `sha256` if you trust the new one."
                    ));
                }
                (load_bytes(path, &bytes)?, Digest::known(path, found))
            }
        };
        let description = describe(path, module)?;
        Ok(Self { path: path.to_owned(), description, sha256, module })
    }
}

/// Loads a private copy of verified bytes: the file itself could be replaced between the check and the loading.
fn load_bytes(path: &Path, bytes: &[u8]) -> Result<PluginModuleRef, String> {
    let copy = || -> std::io::Result<tempfile::NamedTempFile> {
        let mut file = tempfile::Builder::new().prefix("voxomics-").suffix(std::env::consts::DLL_SUFFIX).tempfile()?;
        file.write_all(bytes)?;
        file.flush()?;
        Ok(file)
    };
    let file = copy().map_err(|cause| {
        format!("plugin {} cannot be copied to a temporary file for loading: {cause}", path.display())
    })?;
    wire::load(file.path()).map_err(|cause| format!("plugin {} cannot be used: {cause}", path.display()))
}

fn describe(path: &Path, module: PluginModuleRef) -> Result<Library, String> {
    let name = path.display();
    let json = match module.describe()() {
        RResult::ROk(json) => json,
        RResult::RErr(failure) => {
            return Err(format!(
                "plugin {name} cannot describe itself: {}. This is an error of the plugin; report it to its author.",
                one_line(&failure.message)
            ));
        }
    };
    let library: Library = serde_json::from_str(json.as_str()).map_err(|cause| {
        format!(
            "plugin {name} gives a description that is not that of interface generation {GENERATION}: {cause}. Rebuild it \
             with the sdk of this generation."
        )
    })?;
    if library.plugins.is_empty() {
        return Err(format!(
            "plugin {name} describes no plugin at all: a library names at least one in `export_plugin!`. Report it to its \
             author."
        ));
    }
    for plugin in &library.plugins {
        check_description(plugin).map_err(|wrong| {
            format!("plugin {name} describes `{}` wrongly: {wrong}. Report it to its author.", plugin.name())
        })?;
    }
    Ok(library)
}

/// A description that would make a table ambiguous is refused before it can.
fn check_description(plugin: &Plugin) -> Result<(), String> {
    let word = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if !word(&plugin.id) {
        return Err(format!("`{}` is not an id: letters, digits, `_` and `-` only", plugin.id));
    }
    for (i, feature) in plugin.features.iter().enumerate() {
        if !word(&feature.id) {
            return Err(format!("`{}` is not the id of a feature: letters, digits, `_` and `-` only", feature.id));
        }
        if plugin.features[..i].iter().any(|other| other.id == feature.id) {
            return Err(format!("it lists the feature `{}` twice", feature.id));
        }
    }
    for (i, setting) in plugin.settings.iter().enumerate() {
        if plugin.settings[..i].iter().any(|other| other.key == setting.key) {
            return Err(format!("it lists the setting `{}` twice", setting.key));
        }
    }
    if plugin.kind == Kind::Features && plugin.features.is_empty() {
        return Err("a feature family lists no feature".into());
    }
    Ok(())
}

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
    plugins: Vec<String>,
    #[serde(skip)]
    only_predicts: bool,
}

impl LibraryRecord {
    /// What the library is, wherever it lies, if a feature can depend on it: not if all that it offers are predictors.
    pub fn behind_features(&self) -> Option<&Digest> {
        (!self.only_predicts).then_some(&self.sha256)
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
            plugins: library.description.plugins.iter().map(Plugin::name).collect(),
            only_predicts: library.description.plugins.iter().all(|plugin| plugin.kind == Kind::Predict),
        };
        self.libraries.iter().map(record).collect()
    }
}
