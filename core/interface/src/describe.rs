//! What plugins say of themselves, as it crosses in JSON.
//!
//! A plugin describes its settings and features once; the check of an experiment, the help, the header of a table and
//! the reference pages are all made from that description.

mod claims;
mod schema;
mod values;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::calls::unknown_requirements;

pub use claims::{Card, InputRange, LICENCE, invariant};

/// The description of a plugin library: the JSON that `describe` returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Library {
    /// Version of the library.
    pub version: String,
    /// Who made it.
    pub vendor: String,
    /// Its licence, as an SPDX expression where there is one.
    pub licence: String,
    /// The plugins in it.
    pub plugins: Vec<Plugin>,
    /// Words that a host must know, or it refuses the library by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// What a reader left out of `plugins`, and why: plugins of kinds, or with requirements, that it does not know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
}

/// A plugin that a reader cannot use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Kind and id as one name.
    pub name: String,
    /// Why it is left out.
    pub why: String,
}

/// Requirement of a plugin that must be given what was fitted: a host that does not know the word would apply it without.
pub const FITS: &str = "fits";

/// Words under `requires` that this crate's generation knows.
pub const KNOWN_REQUIREMENTS: &[&str] = &[FITS];

impl Library {
    /// Reads a description. A plugin of a kind that is not known, or that requires what is not known, is left out with a
    /// note; the others of the library work.
    ///
    /// # Errors
    /// If it is not a description, or if the library as a whole requires what is not known.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut json: Json = serde_json::from_str(text).map_err(|cause| cause.to_string())?;
        let unknown = unknown_requirements(&json, KNOWN_REQUIREMENTS);
        if !unknown.is_empty() {
            return Err(format!("it requires {}, which this program does not know", unknown.join(", ")));
        }
        let mut skipped = Vec::new();
        if let Some(plugins) = json.get_mut("plugins").and_then(Json::as_array_mut) {
            plugins.retain(|plugin| match reason_to_skip(plugin) {
                Some(reason) => {
                    skipped.push(reason);
                    false
                }
                None => true,
            });
        }
        let mut library: Self = serde_json::from_value(json).map_err(|cause| cause.to_string())?;
        library.plugins.iter_mut().for_each(Plugin::complete);
        // What another reader left out before, as a worker does, stays left out.
        Ok(Self { skipped: [&library.skipped[..], &skipped].concat(), ..library })
    }
}

/// Why a plugin cannot be used by a reader of this generation.
fn reason_to_skip(plugin: &Json) -> Option<Skipped> {
    let word = |key: &str| plugin.get(key).and_then(Json::as_str);
    let (kind, id) = (word("kind")?, word("id")?);
    let skip = |why: String| Some(Skipped { name: format!("{kind}-{id}"), why });
    if Kind::from_word(kind).is_none() {
        return skip(format!("this program does not know the kind `{kind}`; a newer release may"));
    }
    let unknown = unknown_requirements(plugin, KNOWN_REQUIREMENTS);
    if unknown.is_empty() {
        return None;
    }
    skip(format!("it requires {}, which this program does not know; a newer release may", unknown.join(", ")))
}

/// The kinds of plugin. The kind's word is the prefix of a plugin's name: `features` + `glcm` = `features-glcm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Reads files.
    Load,
    /// Turns an image into response maps.
    Filter,
    /// Computes a family of features.
    Features,
    /// Turns inputs into a score.
    Predict,
    /// Makes labelled regions of an image and a region.
    Regions,
    /// Writes results into files.
    Export,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Load, Self::Filter, Self::Features, Self::Predict, Self::Regions, Self::Export];

    /// The kind of a word, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Filter => "filter",
            Self::Features => "features",
            Self::Predict => "predict",
            Self::Regions => "regions",
            Self::Export => "export",
        }
    }
}

/// One plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plugin {
    /// Its kind.
    pub kind: Kind,
    /// Its id within the kind: the key by which a TOML names it, and the prefix of its columns.
    pub id: String,
    /// One line: what it is.
    pub summary: String,
    /// The settings that it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
    /// Feature families: every feature.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<Feature>,
    /// Feature families: the aggregations of IBSI that it offers, the default first; empty if there is no choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aggregations: Vec<String>,
    /// Loaders: the formats, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub formats: Vec<String>,
    /// Loaders: whether it can tell what a folder holds without reading voxels.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub surveys: bool,
    /// Loaders: whether its segmentations have a grid of their own, so that they can be read without the image's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_grid: bool,
    /// Predictors: whether it can learn.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trains: bool,
    /// Filters and region makers: whether a state must be fitted on a cohort before it can be applied. It then `requires`
    /// [`FITS`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fits: bool,
    /// Families: whether a feature can be had as a map, a value for each voxel from its neighbourhood.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub maps: bool,
    /// Families: whether their maps take the grey levels of a block, if they need levels. A host computes the maps of another
    /// family that needs levels neighbourhood by neighbourhood.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub map_levels: bool,
    /// Families: what their values do not depend on, in words of [`invariant`]. A word that a reader does not know claims
    /// nothing to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invariant: Vec<String>,
    /// Predictors that bring their model with them: its card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// Its settings as a JSON schema (draft 2020-12); a reader makes it of `settings` where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Json>,
    /// Words that a host must know, or it leaves the plugin out by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
}

impl Plugin {
    /// Kind and id as one name: `features-glcm`.
    pub fn name(&self) -> String {
        format!("{}-{}", self.kind.word(), self.id)
    }
}

/// A setting of a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// Its key in the plugin's table of the TOML.
    pub key: String,
    /// What it is for.
    pub purpose: String,
    /// Its unit, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What values it takes.
    pub takes: Takes,
    /// The value if the key is left out; without one, the key is optional or required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// Whether the key must be there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

/// What values a setting takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Takes {
    /// A finite number in a closed range.
    Number {
        /// Smallest value, if there is one.
        min: Option<f64>,
        /// Largest value, if there is one.
        max: Option<f64>,
    },
    /// A whole number in a closed range.
    Integer {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// A list of finite numbers.
    Numbers {
        /// Length of the list, if it is fixed.
        length: Option<usize>,
    },
    /// True or false.
    Flag,
    /// One of these words.
    Choice(Vec<String>),
    /// Any text.
    Text,
    /// A file; the host resolves it against the folder of the TOML and records its digest.
    File,
}

/// A feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Its id: IBSI's title in snake case.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its IBSI code, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ibsi: Option<String>,
    /// Its unit; `1` for a pure number, `intensity` for that of the image.
    pub unit: String,
    /// One line: what a large value means.
    pub meaning: String,
    /// The equation, in plain characters; what happens where it is undefined.
    pub equation: String,
}

/// What a configured family needs beside the image and its masks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Needs {
    /// Whether it reads the discretised levels.
    #[serde(default)]
    pub levels: bool,
    /// The texture matrices that it reads.
    #[serde(default)]
    pub matrices: Vec<Matrix>,
    /// How far beyond the region it reads the image, mm.
    #[serde(default)]
    pub margin_mm: f64,
    /// Whether it computes what it can of a region whose intensity mask is empty, because re-segmentation leaves none of
    /// its voxels; a family that does not is not asked then.
    #[serde(default)]
    pub takes_empty_intensity_mask: bool,
    /// The names of other regions whose masks it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// The ids of the features that it has as it is configured; empty if it has all that it describes. It still answers with
    /// all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

/// A texture matrix that a family asks the host for; the words are those of the TOML.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// `glcm`, `glrlm`, `glszm`, `gldzm`, `ngtdm` or `ngldm`.
    pub kind: String,
    /// IBSI's words: `3D averaged`, `2.5D merged`, `3D`, …
    pub aggregation: String,
    /// Distance of neighbours, voxels.
    #[serde(default = "one")]
    pub distance: u32,
    /// Norm of that distance: `Chebyshev`, `Euclidean`, `Manhattan`.
    #[serde(default = "chebyshev")]
    pub norm: String,
    /// Weighting of directions by their length, where directions are merged: `none`, `inverse`, `gaussian`.
    #[serde(default = "none")]
    pub weighting: String,
    /// Norm in which directions are measured for their weights, one of those of `norm`. A family that does not know the
    /// key has both measured in `norm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weighting_norm: Option<String>,
    /// NGLDM: largest difference of levels that counts as dependent.
    #[serde(default)]
    pub coarseness: u32,
}

impl Matrix {
    /// A matrix with distance 1 in the Chebyshev norm, no weighting (if there is any, in the Euclidean norm) and
    /// coarseness 0.
    pub fn new(kind: &str, aggregation: &str) -> Self {
        Self {
            kind: kind.into(),
            aggregation: aggregation.into(),
            distance: one(),
            norm: chebyshev(),
            weighting: none(),
            weighting_norm: Some("Euclidean".into()),
            coarseness: 0,
        }
    }

    /// The norm in which directions are measured for their weights.
    pub fn weighting_norm(&self) -> &str {
        self.weighting_norm.as_deref().unwrap_or(&self.norm)
    }
}

fn one() -> u32 {
    1
}

fn chebyshev() -> String {
    "Chebyshev".into()
}

fn none() -> String {
    "none".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_of_an_unknown_kind_hides_no_other() {
        let plugin = |kind: &str, requires: &str| {
            format!(r#"{{"kind": "{kind}", "id": "x", "summary": "x", "requires": [{requires}], "colour": "blue"}}"#)
        };
        let library = |requires: &str| {
            let plugins = [plugin("filter", ""), plugin("weather", ""), plugin("predict", r#""teleport""#)];
            let plugins = plugins.join(", ");
            let head = r#""version": "1", "vendor": "v", "licence": "l""#;
            Library::read(&format!(r#"{{{head}, "requires": [{requires}], "plugins": [{plugins}]}}"#))
        };
        let read = library("").expect("a library");
        assert_eq!(read.plugins.iter().map(Plugin::name).collect::<Vec<_>>(), ["filter-x"]);
        let names: Vec<&str> = read.skipped.iter().map(|skipped| skipped.name.as_str()).collect();
        assert_eq!(names, ["weather-x", "predict-x"]);
        assert!(read.skipped[0].why.contains("kind `weather`") && read.skipped[1].why.contains("requires teleport"));
        assert!(library(r#""time-travel""#).expect_err("unknown").contains("requires time-travel"));
        assert!(Library::read("[]").is_err() && Library::read("{}").is_err());
    }

    #[test]
    fn needs_of_an_older_family_are_understood() {
        let old = r#"{"matrices": [{"kind": "glrlm", "aggregation": "3D merged", "norm": "Manhattan"}]}"#;
        let needs: Needs = serde_json::from_str(old).expect("every key has a default");
        assert!(!needs.takes_empty_intensity_mask);
        assert_eq!(needs.matrices[0].weighting_norm(), "Manhattan");
        assert_eq!(Matrix::new("glcm", "3D merged").weighting_norm(), "Euclidean");
    }
}
