//! The section `featureClass`.

use super::{
    Entry, Notes, Value, Weight, children,
    names::{CLASSES, DEPRECATED},
    settings::Settings,
};

const SECTION: &str = "featureClass";

/// A class of features.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    pub name: &'static str,
    /// Those that are wanted; none for all.
    pub only: Option<Vec<&'static str>>,
}

/// Reads the section; without it there are all classes with all features.
pub fn read(section: Option<&Entry>, settings: &Settings, notes: &mut Notes) -> Vec<Class> {
    let entries = children(section, notes);
    let mut classes: Vec<Class> = Vec::new();
    if entries.is_empty() {
        classes.extend(CLASSES.iter().map(|(name, _)| Class { name, only: None }));
    }
    for entry in &entries {
        match CLASSES.iter().find(|(name, _)| *name == entry.key) {
            Some((name, all)) => classes.extend(class(entry, name, all, notes)),
            None => {
                let message = match entry.key.as_str() {
                    "shape2D" => "shape is that of the volume; left out",
                    _ => "PyRadiomics 3.0.1 has no such class",
                };
                notes.push(SECTION, entry, Weight::Lost, message);
            }
        }
    }
    for class in &classes {
        distances(class.name, settings, notes);
        if class.name == "shape" {
            cropped(settings, notes);
        }
    }
    classes
}

/// Says what PyRadiomics does to shape where voxels are left out by intensity.
fn cropped(settings: &Settings, notes: &mut Notes) {
    let limited = settings.range.is_some() || settings.outliers_sigma.is_some();
    // What is said of `resegmentShape` is more than this.
    if limited && !settings.resegment_shape {
        let message = "shape: PyRadiomics cuts the mask of shape to the bounding box of the voxels that stay; here shape \
                       is that of the whole mask. Shape differs where that box is smaller, and nothing else does";
        notes.at(settings.range_line, "setting", "resegmentRange", Weight::Differs, message);
    }
}

/// Says what becomes of a class whose neighbours are not those of the list.
fn distances(class: &str, settings: &Settings, notes: &mut Notes) {
    let list = &settings.distances;
    let message = match class {
        "glcm" if *list != [1] => {
            "neighbours are taken at distance 1: beyond it, PyRadiomics takes all vectors of that length and IBSI \
             the 13 directions multiplied (the family `glcm` has a `distance`)"
                .to_owned()
        }
        "gldm" | "ngtdm" if !settings.reaches_all_within() => {
            format!("neighbours at {list:?} voxels only are not offered: all within 1 voxel are taken")
        }
        _ => return,
    };
    let message = format!("{class}: {message}");
    notes.at(settings.distances_line, "setting", "distances", Weight::Lost, message);
}

fn class(entry: &Entry, name: &'static str, all: &'static [&'static str], notes: &mut Notes) -> Option<Class> {
    let listed = match &entry.node.value {
        Value::Null => return Some(Class { name, only: None }),
        Value::List(list) if list.is_empty() => return Some(Class { name, only: None }),
        Value::List(list) => list,
        _ => {
            notes.mistyped(SECTION, entry, "a list of features, or nothing for all");
            return Some(Class { name, only: None });
        }
    };
    let mut only: Vec<&'static str> = Vec::new();
    for node in listed {
        let wanted = node.shown();
        if let Some(feature) = all.iter().find(|feature| **feature == wanted) {
            if !only.contains(feature) {
                only.push(feature);
            }
            continue;
        }
        let replaced = DEPRECATED.iter().find(|(class, feature, _)| *class == name && *feature == wanted);
        let message = match replaced {
            Some((_, _, instead)) => format!("`{wanted}` is left out, as PyRadiomics advises: {instead}"),
            None => format!("PyRadiomics 3.0.1 has no feature `{wanted}` here; check its spelling"),
        };
        notes.at(node.line, SECTION, name, Weight::Lost, message);
    }
    if only.is_empty() { None } else { Some(Class { name, only: Some(only) }) }
}
