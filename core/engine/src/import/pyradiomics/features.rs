//! The section `featureClass`.

use super::{
    Entry, Notes, Value, Weight, children,
    names::{CLASSES, DEPRECATED, NAMED, PLANAR},
    settings::Settings,
};

const SECTION: &str = "featureClass";

/// A class of features.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    pub name: &'static str,
    /// Those that are wanted; none for all.
    pub only: Option<Vec<&'static str>>,
    /// Those that PyRadiomics computes only if they are named.
    pub named: Vec<&'static str>,
}

impl Class {
    fn whole(name: &'static str) -> Self {
        Self { name, only: None, named: Vec::new() }
    }

    /// Whether it is of the region, and not of an image.
    pub fn is_shape(&self) -> bool {
        self.name == "shape" || self.name == PLANAR
    }
}

/// Reads the section; without it there are all classes with all features.
pub fn read(section: Option<&Entry>, settings: &Settings, notes: &mut Notes) -> Vec<Class> {
    let entries = children(section, notes);
    let mut classes: Vec<Class> = Vec::new();
    if entries.is_empty() {
        // A file without classes asks for that of shape in a slice, too.
        let by_default = CLASSES.iter().filter(|(name, _)| *name != PLANAR || settings.force_2d);
        classes.extend(by_default.map(|(name, _)| Class::whole(name)));
    }
    for entry in &entries {
        match CLASSES.iter().find(|(name, _)| *name == entry.key) {
            Some((PLANAR, _)) if !settings.force_2d => {
                notes.push(SECTION, entry, Weight::Remark, "PyRadiomics computes it only with `force2D`");
            }
            Some((name, all)) => classes.extend(class(entry, name, all, notes)),
            None => notes.push(SECTION, entry, Weight::Lost, "PyRadiomics 3.0.1 has no such class"),
        }
    }
    classes
}

fn class(entry: &Entry, name: &'static str, all: &'static [&'static str], notes: &mut Notes) -> Option<Class> {
    let listed = match &entry.node.value {
        Value::Null => return Some(Class::whole(name)),
        Value::List(list) if list.is_empty() => return Some(Class::whole(name)),
        Value::List(list) => list,
        _ => {
            notes.mistyped(SECTION, entry, "a list of features, or nothing for all");
            return Some(Class::whole(name));
        }
    };
    let (mut only, mut named): (Vec<&'static str>, Vec<&'static str>) = (Vec::new(), Vec::new());
    let mut known = false;
    for node in listed {
        let wanted = node.shown();
        let of_class = NAMED.iter().find(|(class, feature)| *class == name && *feature == wanted);
        let found = [(all.iter().find(|of| **of == wanted).copied(), &mut only), (of_class.map(|of| of.1), &mut named)];
        let mut is_found = false;
        for (feature, list) in found {
            is_found |= feature.is_some();
            list.extend(feature.filter(|feature| !list.contains(feature)));
        }
        known |= is_found;
        if is_found {
            continue;
        }
        let replaced = DEPRECATED.iter().find(|(class, feature, _)| *class == name && *feature == wanted);
        known |= replaced.is_some();
        let (weight, message) = match replaced {
            Some((_, _, instead)) => {
                (Weight::Remark, format!("PyRadiomics 3.0.1 gives no value of `{wanted}`: {instead}"))
            }
            None => (Weight::Lost, format!("PyRadiomics 3.0.1 has no feature `{wanted}` here; check its spelling")),
        };
        notes.at(node.line, SECTION, name, weight, message);
    }
    match known {
        // As if nothing were named: PyRadiomics then takes all.
        false => Some(Class::whole(name)),
        true if only.is_empty() && named.is_empty() => None,
        true => Some(Class { name, only: Some(only), named }),
    }
}
