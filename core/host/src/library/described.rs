//! What a library says of itself: asked for, and held to what tables and terminals can bear.

use std::{fmt, path::Path};

use voxomics_interface::{
    GENERATION, Module,
    abi_stable::std_types::RResult,
    describe::{Kind, Library, Plugin},
};

use crate::{call::one_line, card, of_c};

/// Asks a module of this process what it is.
pub(super) fn describe(path: &Path, module: Module) -> Result<Library, String> {
    let name = path.display();
    let told = match module {
        Module::Rust(module) => match module.describe()() {
            RResult::ROk(json) => Ok(json.bytes().to_vec()),
            RResult::RErr(failure) => Err(vec![failure]),
        },
        Module::C(library) => of_c::describe(library).map_err(of_c::unexplained),
    };
    let json = told.map_err(|failures| {
        let why = failures.first().map(|failure| one_line(&failure.message.shown())).unwrap_or_default();
        format!("plugin {name} cannot describe itself: {why}. This is an error of the plugin; report it to its author.")
    })?;
    understood(path, &json)
}

/// A description, once it is known to be sound.
pub(super) fn understood(path: &Path, json: &[u8]) -> Result<Library, String> {
    let name = path.display();
    let text = std::str::from_utf8(json).map_err(|cause| {
        format!("plugin {name} gives a description that is not UTF-8: {cause}. Report it to its author.")
    })?;
    let mut library = Library::read(text).map_err(|cause| {
        format!(
            "plugin {name} gives a description that is not that of interface generation {GENERATION}: {cause}. Rebuild it \
             with the sdk of this generation, or use a newer release of Voxomics."
        )
    })?;
    if library.plugins.is_empty() && library.skipped.is_empty() {
        return Err(format!(
            "plugin {name} describes no plugin at all: a library names at least one in `export_plugin!`. Report it to its \
             author."
        ));
    }
    // What it is called is shown on terminals and written into tables.
    for text in [&mut library.version, &mut library.vendor, &mut library.licence] {
        *text = one_line(text);
    }
    for plugin in &mut library.plugins {
        plugin.summary = one_line(&plugin.summary);
        plugin.card.iter_mut().for_each(card::tidy);
        check_description(plugin).map_err(|wrong| {
            format!("plugin {name} describes `{}` wrongly: {wrong}. Report it to its author.", plugin.name())
        })?;
    }
    Ok(library)
}

/// What is wrong with a description: a fault of the plugin's author.
#[derive(Debug, Clone, PartialEq)]
enum WrongDescription {
    /// The plugin's id is none.
    NoId {
        /// What stands there.
        found: String,
    },
    /// The id of a feature is none.
    NoFeatureId {
        /// What stands there.
        found: String,
    },
    /// A feature is described twice.
    FeatureTwice {
        /// Its id.
        id: String,
    },
    /// A setting is described twice.
    SettingTwice {
        /// Its key.
        key: String,
    },
    /// A family has no feature.
    NoFeature,
    /// What it claims is not so.
    Claim(card::WrongClaim),
}

impl fmt::Display for WrongDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoId { found } => write!(f, "`{found}` is not an id: letters, digits, `_` and `-` only"),
            Self::NoFeatureId { found } => {
                write!(f, "`{found}` is not the id of a feature: letters, digits, `_` and `-` only")
            }
            Self::FeatureTwice { id } => write!(f, "it lists the feature `{id}` twice"),
            Self::SettingTwice { key } => write!(f, "it lists the setting `{key}` twice"),
            Self::NoFeature => f.write_str("a feature family lists no feature"),
            Self::Claim(wrong) => fmt::Display::fmt(wrong, f),
        }
    }
}

/// A description that would make a table ambiguous is refused before it can.
fn check_description(plugin: &Plugin) -> Result<(), WrongDescription> {
    let word = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if !word(&plugin.id) {
        return Err(WrongDescription::NoId { found: plugin.id.clone() });
    }
    for (i, feature) in plugin.features.iter().enumerate() {
        if !word(&feature.id) {
            return Err(WrongDescription::NoFeatureId { found: feature.id.clone() });
        }
        if plugin.features[..i].iter().any(|other| other.id == feature.id) {
            return Err(WrongDescription::FeatureTwice { id: feature.id.clone() });
        }
    }
    for (i, setting) in plugin.settings.iter().enumerate() {
        if plugin.settings[..i].iter().any(|other| other.key == setting.key) {
            return Err(WrongDescription::SettingTwice { key: setting.key.clone() });
        }
    }
    if plugin.kind == Kind::Features && plugin.features.is_empty() {
        return Err(WrongDescription::NoFeature);
    }
    card::check(plugin).map_err(WrongDescription::Claim)
}
