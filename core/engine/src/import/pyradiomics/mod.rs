//! PyRadiomics' parameter files (`Params.yaml`, version 3.0.1) as experiments with `compat = "pyradiomics"`.
//!
//! What a parameter file leaves out has PyRadiomics' own default. What is done, but not with PyRadiomics' numbers, is said, and so
//! is what is left out: in the report, and in the experiment itself, at its place and as data that each run repeats.

mod empty;
mod features;
mod images;
mod names;
mod own;
mod places;
mod settings;
mod sigmas;
mod voxels;
mod write;

use super::{
    Imported, Note, Weight,
    yaml::{self, Entry, Node, Value},
};

/// The loaders that an experiment names: PyRadiomics is given any format.
const LOADERS: [&str; 4] = ["load-nifti", "load-nrrd", "load-metaimage", "load-dicom"];

/// Turns a parameter file into an experiment called `name`; `source` names the file in the experiment's first line.
///
/// # Errors
/// If the text is not YAML or no parameter file, or if nothing that it asks for has an equivalent: the line (0 for the
/// whole file) and why.
pub fn import(source: &str, name: &str, text: &str) -> Result<Imported, (usize, String)> {
    let root = yaml::parse(text)?;
    let entries = match root.value {
        Value::Map(entries) => entries,
        Value::Null => Vec::new(),
        other => {
            let shown = Node { line: root.line, value: other }.shown();
            return Err((root.line, format!("`{shown}` is no parameter file: it has keys such as `setting`")));
        }
    };
    let mut notes = Notes::default();
    let known = ["imageType", "featureClass", "setting", "voxelSetting"];
    for entry in entries.iter().filter(|entry| !known.contains(&&*entry.key)) {
        let message = "PyRadiomics knows `imageType`, `featureClass`, `setting` and `voxelSetting` here";
        notes.push("", entry, Weight::Lost, message);
    }
    let section = |key: &str| entries.iter().find(|entry| entry.key == key);
    let of_settings = children(section("setting"), &mut notes);
    let settings = settings::read(&of_settings, &mut notes);
    let voxels = voxels::read(section("voxelSetting"), &of_settings, &mut notes);
    let images = images::read(section("imageType"), &of_settings, &settings, &mut notes);
    let classes = features::read(section("featureClass"), &settings, &mut notes);
    let Notes(mut notes) = notes;
    notes.sort_by_key(|note| note.line);
    let asked = write::Asked { settings: &settings, images: &images, classes: &classes, voxels: voxels.as_ref() };
    let toml = asked
        .toml(source, name, &notes)
        .ok_or_else(|| (0, "nothing that the file asks for has an equivalent".to_owned()))?;
    Ok(Imported { toml, notes })
}

/// A parameter file as it is, for callers who change it before it is imported.
///
/// # Errors
/// If the text is not YAML: the line and why.
pub fn parameters(text: &str) -> Result<serde_json::Value, (usize, String)> {
    Ok(yaml::parse(text)?.to_json())
}

/// The entries of a section of the file; none if it is absent or empty.
fn children<'a>(section: Option<&'a Entry>, notes: &mut Notes) -> Vec<&'a Entry> {
    match section.map(|entry| (entry, &entry.node.value)) {
        Some((_, Value::Map(entries))) => entries.iter().collect(),
        None => Vec::new(),
        Some((entry, Value::Null)) => {
            let message = "PyRadiomics 3.0.1 refuses a file with an empty section; here it counts as left out";
            notes.push("", entry, Weight::Differs, message);
            Vec::new()
        }
        Some((entry, _)) => {
            notes.mistyped("", entry, "keys with values");
            Vec::new()
        }
    }
}

/// What there is to say.
#[derive(Default)]
struct Notes(Vec<Note>);

impl Notes {
    fn push(&mut self, section: &str, entry: &Entry, weight: Weight, message: impl Into<String>) {
        self.at(entry.line, section, &entry.key, weight, message);
    }

    fn at(&mut self, line: usize, section: &str, key: &str, weight: Weight, message: impl Into<String>) {
        let key = if section.is_empty() { key.into() } else { format!("{section}.{key}") };
        self.0.push(Note { line, key, weight, message: message.into() });
    }

    fn mistyped(&mut self, section: &str, entry: &Entry, expected: &str) {
        let message = format!("`{}` is not {expected}: left out", entry.node.shown());
        self.push(section, entry, Weight::Lost, message);
    }
}

#[cfg(test)]
mod tests;
