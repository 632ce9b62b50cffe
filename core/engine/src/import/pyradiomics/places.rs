//! What is said of a file, at its place in the experiment.

use super::{Note, Weight, names::quoted};

/// The places of an experiment, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Regions,
    Prepare,
    Resegmentation,
    Discretisation,
    Images,
    Features,
    Maps,
    /// What has no place.
    Nowhere,
}

/// Where the settings of a file have their place.
const SETTINGS: [(&str, Place); 19] = [
    ("label", Place::Regions),
    ("label_channel", Place::Regions),
    ("correctMask", Place::Regions),
    ("geometryTolerance", Place::Regions),
    ("minimumROIDimensions", Place::Regions),
    ("minimumROISize", Place::Regions),
    ("normalize", Place::Prepare),
    ("normalizeScale", Place::Prepare),
    ("removeOutliers", Place::Prepare),
    ("resampledPixelSpacing", Place::Prepare),
    ("interpolator", Place::Prepare),
    ("preCrop", Place::Prepare),
    ("padDistance", Place::Prepare),
    ("resegmentRange", Place::Resegmentation),
    ("resegmentMode", Place::Resegmentation),
    ("resegmentShape", Place::Resegmentation),
    ("binWidth", Place::Discretisation),
    ("binCount", Place::Discretisation),
    ("sigma", Place::Images),
];

fn place(note: &Note) -> Place {
    let (section, key) = note.key.split_once('.').unwrap_or((&note.key, ""));
    match section {
        "imageType" => Place::Images,
        "featureClass" => Place::Features,
        "voxelSetting" => Place::Maps,
        "setting" => SETTINGS.iter().find(|(of, _)| *of == key).map_or(Place::Features, |(_, place)| *place),
        _ => Place::Nowhere,
    }
}

/// What is lost, or differs.
fn told(notes: &[Note]) -> impl Iterator<Item = &Note> {
    notes.iter().filter(|note| note.weight != Weight::Remark)
}

/// The notes of a place, as comments.
pub fn comments(notes: &[Note], of: Place) -> String {
    let line = |note: &Note| format!("# line {}\n", plain(&note.to_string()));
    let lines: String = told(notes).filter(|note| place(note) == of).map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// The section that each run repeats; nothing if there is nothing to tell.
pub fn section(source: &str, notes: &[Note]) -> String {
    let texts: Vec<String> = told(notes).map(|note| format!("    {},\n", quoted(&plain(&note.to_string())))).collect();
    if texts.is_empty() {
        return String::new();
    }
    format!(
        "\n# What of the file could not be taken over: each run says it, and run.json keeps it.\n[imported]\nfrom = {}\nlost = [\n{}]\n",
        quoted(source),
        texts.concat()
    )
}

/// One line.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
