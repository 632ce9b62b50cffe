//! What a library says of itself: asked for, and held to what tables and terminals can bear.

use std::path::Path;

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
    card::check(plugin)
}
