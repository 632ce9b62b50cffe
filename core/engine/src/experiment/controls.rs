//! `[controls]`: negative controls, which show whether a signature reads more than volume and outline.

use super::section::{OneOrMany, Placed, Section};
use crate::results::perturbation::{Control, Kind, Place};

/// Which negative controls are computed of each case.
#[derive(Debug, Clone, PartialEq)]
pub struct Controls {
    /// What becomes of intensities.
    pub kinds: Vec<Kind>,
    /// Which intensities.
    pub places: Vec<Place>,
    /// The drawn regions that count as the region; those that features are computed of if none is named.
    pub regions: Option<Vec<Placed<String>>>,
}

impl Controls {
    /// Every kind at every place, in the order of the experiment.
    pub fn all(&self) -> Vec<Control> {
        let of =
            |kind: &Kind| self.places.iter().map(|place| Control { kind: *kind, place: *place }).collect::<Vec<_>>();
        self.kinds.iter().flat_map(of).collect()
    }
}

/// Reads the section.
pub(super) fn controls(section: &Section<'_>) -> Controls {
    let read = Controls {
        kinds: words(section, "kinds", &Kind::WORDS, Kind::Shuffled),
        places: words(section, "where", &Place::WORDS, Place::Region),
        regions: section.get::<OneOrMany<Placed<String>>>("regions").map(|list| list.0),
    };
    section.finish();
    read
}

/// One or several of some words, each once.
fn words<T: Copy + PartialEq>(section: &Section<'_>, key: &str, known: &[(&str, T)], default: T) -> Vec<T> {
    let Some(OneOrMany(words)) = section.get::<OneOrMany<String>>(key) else { return vec![default] };
    let mut found = Vec::new();
    for word in &words {
        match known.iter().find(|(known, _)| known == word) {
            Some((_, value)) if !found.contains(value) => found.push(*value),
            Some(_) => section.error_at(key, format!("`controls.{key}` names \"{word}\" twice")),
            None => {
                let list: Vec<String> = known.iter().map(|(word, _)| format!("\"{word}\"")).collect();
                section.error_at(key, format!("`controls.{key}` has \"{word}\", expected some of {}", list.join(", ")));
            }
        }
    }
    if words.is_empty() {
        section.error_at(key, format!("`controls.{key}` is empty: take it away, or name something"));
    }
    found
}
