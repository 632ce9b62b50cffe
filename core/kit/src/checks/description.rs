//! What a plugin says of itself.

use voxomics_interface::describe::{FITS, Kind, Library, Plugin};

use crate::{
    bench::Bench,
    verdict::{Checked, Verdict},
    words::count,
};

/// Ids, titles, units, settings with defaults that fit; a vendor, a version, a licence.
pub fn description(bench: &Bench<'_>) -> Checked {
    let (library, plugin) = (&bench.of.library.description, bench.of.plugin);
    if let Some(wrong) = wrong(library, plugin) {
        return Ok(Verdict::failed(wrong));
    }
    if let Some(thin) = thin(library, plugin) {
        return Ok(Verdict::warned(thin));
    }
    let settings = count(plugin.settings.len(), "setting");
    Ok(Verdict::passed(match plugin.kind {
        Kind::Features => format!("it describes {} and {settings}", count(plugin.features.len(), "feature")),
        _ => format!("it describes {settings}"),
    }))
}

/// What a program cannot do without.
fn wrong(library: &Library, plugin: &Plugin) -> Option<String> {
    let empty = |text: &str| text.trim().is_empty();
    if empty(&plugin.summary) {
        return Some("it has no summary: one line that says what it is".into());
    }
    if empty(&library.version) || empty(&library.vendor) {
        return Some("its library names no version or no vendor".into());
    }
    if let Some(feature) = plugin.features.iter().find(|feature| empty(&feature.title) || empty(&feature.unit)) {
        return Some(format!("its feature `{}` has no title or no unit; the unit of a pure number is 1", feature.id));
    }
    for setting in &plugin.settings {
        let mismatch = setting.default.as_ref().and_then(|default| setting.mismatch(default));
        if let Some(mismatch) = mismatch {
            return Some(format!("the default of a setting is none of its values: {mismatch}"));
        }
        if setting.required && setting.default.is_some() {
            return Some(format!("the setting `{}` is required and has a default, which is never used", setting.key));
        }
    }
    if plugin.kind == Kind::Load && plugin.formats.is_empty() {
        return Some("it lists no format that it reads".into());
    }
    if plugin.fits && !plugin.requires.iter().any(|word| word == FITS) {
        return Some(format!("it is fitted and does not require `{FITS}`: an older program would apply it without"));
    }
    let keys = |schema: &serde_json::Value| {
        schema["properties"].as_object().map(|all| all.keys().cloned().collect::<std::collections::BTreeSet<_>>())
    };
    let (told, own) = (plugin.schema.as_ref().and_then(keys), keys(&plugin.settings_schema()));
    (told.is_some() && told != own).then(|| "its JSON schema has other settings than its description".into())
}

/// What readers of a table or a help page will miss.
fn thin(library: &Library, plugin: &Plugin) -> Option<String> {
    let empty = |text: &str| text.trim().is_empty();
    if let Some(feature) = plugin.features.iter().find(|feature| empty(&feature.meaning) || empty(&feature.equation)) {
        return Some(format!("its feature `{}` has no equation, or does not say what a large value means", feature.id));
    }
    if let Some(setting) = plugin.settings.iter().find(|setting| empty(&setting.purpose)) {
        return Some(format!("its setting `{}` does not say what it is for", setting.key));
    }
    empty(&library.licence).then(|| "its library names no licence".into())
}
