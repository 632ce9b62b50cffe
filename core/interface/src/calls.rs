//! The methods of generation 1, by their words, and the JSON objects that they are asked and answered with.
//!
//! Beside each stand the arrays that belong to it. A key that a receiver does not know is not looked at, unless the sender
//! lists a word for it under `requires`: then a receiver that does not know the word refuses.

mod export;
mod fitted;
mod map;
mod regions;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::selection::Selection;

pub use export::*;
pub use fitted::*;
pub use map::*;
pub use regions::*;

/// Method of a loader: [`Recognise`] and the array `head` (u8) → [`Recognised`].
pub const RECOGNISES: &str = "recognises";
/// Method of a loader: [`Load`], with `grid` of the image if there is a reference → [`Loaded`].
pub const LOAD: &str = "load";
/// Method of a loader: [`Recognise`] → [`Survey`](crate::survey::Survey).
pub const SURVEY: &str = "survey";
/// Method of a filter: nothing → [`Maps`].
pub const MAPS: &str = "maps";
/// Method of a filter: [`Dims`] and the array `grid` → the array `margin` (u64, 3), or [`Whole`].
pub const MARGIN: &str = "margin";
/// Method of a filter: [`Seen`] and the arrays `image` (f64) and `grid`, and `region.I` (u8) if it sees regions → the arrays
/// `map.0`, `map.1`, … (f64), in the order of [`Maps`], each with the voxels of the image or those of [`Seen::wanted`].
pub const APPLY: &str = "apply";
/// Method of a family: nothing → [`Needs`](crate::describe::Needs).
pub const NEEDS: &str = "needs";
/// Method of a family: [`Compute`] and the arrays `image` (f64), `grid`, `morphological_mask` (u8), `intensity_mask` (u8);
/// where the family needs them `levels` (u16), `matrix.I.J` (cell), `matrix.I.voxels` (f64) and `region.I` (u8) → [`Reasons`]
/// and the arrays `values` (f64) and `status` (u8), in the order of the description.
pub const COMPUTE: &str = "compute";
/// Method of a predictor: nothing → [`Inputs`].
pub const INPUTS: &str = "inputs";
/// Method of a predictor: [`Reasons`] by the number of the input, and the arrays `values` (f64) and `status` (u8) → [`Reasons`]
/// by the number of the output, and the arrays `outputs` (f64) and `status` (u8), in the order of [`Inputs::outputs`], and
/// `contributions` (f64; none, or one per input: to the first output).
pub const PREDICT: &str = "predict";
/// Method of a predictor: [`Fit`] and the arrays `values` (f64, rows × columns) and `present` (u8) → [`Fitted`].
pub const FIT: &str = "fit";

/// The array of a grid: spacing, origin, axes.
pub const GRID: &str = "grid";
/// The array of a path's bytes, which need not be UTF-8.
pub const PATH: &str = "path";
/// Arrays of settings that are numbers begin with this.
pub const SETTINGS: &str = "settings.";

/// What is asked of a method that needs nothing beside its arrays.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Nothing {}

/// What an instance is made of. Each number and list of numbers also crosses as the array `settings.KEY` (f64).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Configure {
    /// The settings, by key.
    pub settings: Map<String, Json>,
    /// What was fitted, for a plugin whose description says `fits`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// A path. It also crosses as the array `path` (u8) of its bytes, which on Unix need not be UTF-8.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recognise {
    /// The path; what is not UTF-8 is replaced.
    pub path: String,
}

/// Whether a loader can read a path.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recognised {
    /// Whether it can.
    pub recognises: bool,
}

/// Word of [`Load::role`]: an image is wanted.
pub const ROLE_IMAGE: &str = "image";
/// Word of [`Load::role`]: a mask is wanted.
pub const ROLE_MASK: &str = "mask";

/// What a loader is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Load {
    /// The path, as in [`Recognise`].
    pub path: String,
    /// `image` or `mask`.
    pub role: String,
    /// What is wanted of a path that holds several things.
    #[serde(default)]
    pub selection: Selection,
    /// The most bytes of voxels that may be put into memory.
    pub max_bytes: u64,
    /// For a mask: the dimensions of the image that it belongs to, whose `grid` is an array.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<[u64; 3]>,
}

/// Everything that a path holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Loaded {
    /// Images; number I has the arrays `image.I.voxels` (three dimensions, the file's own type but no cell), `image.I.grid` and
    /// `image.I.scaling` (f64: slope and intercept, for the scan or for each slice).
    #[serde(default)]
    pub images: Vec<Scan>,
    /// Masks; number I has the arrays `mask.I.voxels`, `mask.I.grid` and `mask.I.scaling`.
    #[serde(default)]
    pub masks: Vec<Mask>,
    /// Acquisition metadata, numbers and text, by DICOM attribute name (`KVP`, `Modality`, …).
    #[serde(default)]
    pub metadata: Map<String, Json>,
}

/// A scan.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Scan {
    /// Its name within the path; may be empty.
    #[serde(default)]
    pub name: String,
    /// Unit of an intensity, as `HU`; empty if it is not known.
    #[serde(default)]
    pub unit: String,
}

/// A scan of labels.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Mask {
    /// Its name within the path; may be empty.
    #[serde(default)]
    pub name: String,
    /// Labels that have a name.
    #[serde(default)]
    pub names: Vec<(f64, String)>,
    /// The voxel of the image's grid at which it starts, for outlines that were drawn on that grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<[u64; 3]>,
}

/// Dimensions of a grid.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dims {
    /// Number of voxels along *x*, *y*, *z*.
    pub dims: [u64; 3],
}

/// That a filter needs the whole scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whole {
    /// Whether it does.
    #[serde(default)]
    pub whole: bool,
}

/// The names of response maps; one empty name if there is but one map.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Maps {
    /// The names.
    pub maps: Vec<String>,
    /// For each map the unit of its values: `intensity` for that of the image. Empty if they are not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
    /// Whether the filter sees the regions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sees_regions: bool,
}

/// What is seen of an image beside its arrays.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Seen {
    /// Unit of an intensity, as `HU`; empty if it is not known.
    #[serde(default)]
    pub unit: String,
    /// The regions whose masks are the arrays `region.0`, `region.1`, …, as tables name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Of a region maker that sees several images: their names, as the experiment has them. The first is the array `image`, the
    /// others are `image.1`, `image.2`, ….
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// Of a filter: the box of the image in which its response is needed, if not in all of it: its first voxel along *x*, *y*, *z*, and
    /// the one behind its last. What a filter does not compute beyond it costs nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<[[u64; 3]; 2]>,
}

/// What belongs to the arrays of a region.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Compute {
    /// Number of grey levels; 0 unless levels were asked for.
    #[serde(default)]
    pub level_count: u32,
    /// The sets of matrices that were asked for, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matrices: Vec<MatrixSet>,
    /// Unit of an intensity, as `HU`; empty if it is not known.
    #[serde(default)]
    pub unit: String,
    /// The regions that were asked for, whose masks are the arrays `region.0`, `region.1`, …: all 0 for one that the case lacks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
}

/// The matrices over which a feature is averaged; one where slices and directions are merged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MatrixSet {
    /// Number of grey levels.
    pub level_count: u32,
    /// Number of matrices.
    pub count: usize,
}

/// Why values are not defined, by the feature's id or the input's number.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Reasons {
    /// The reasons.
    #[serde(default)]
    pub reasons: Map<String, Json>,
}

/// What a prediction is made of, and what it gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Inputs {
    /// The names of the inputs that it needs, in order.
    pub inputs: Vec<String>,
    /// What each of its numbers is, in order: the first is what a study evaluates. None is one score without a name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
}

/// Word of [`Output::meaning`]: a number on a scale of its own.
pub const MEANING_SCORE: &str = "score";
/// Word of [`Output::meaning`]: the probability that the event has happened at the horizon, 0 … 1.
pub const MEANING_RISK: &str = "risk";
/// Word of [`Output::meaning`]: the probability of a class, 0 … 1.
pub const MEANING_PROBABILITY: &str = "probability";

/// What a number of a prediction is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// Its name; may be empty if there is but one.
    #[serde(default)]
    pub name: String,
    /// `score`, `risk` or `probability`.
    pub meaning: String,
    /// Of a risk: until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<Horizon>,
    /// Of a probability: of which class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Its unit, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// A time since the start of an observation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Horizon {
    /// The time.
    pub at: f64,
    /// Its unit: `years`, `months`, `days`.
    pub unit: String,
}

/// Which columns a training table has, and which are what.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fit {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Which are what.
    pub design: crate::design::Design,
}

/// What was learnt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fitted {
    /// The model, as the predictor writes it.
    pub model: String,
}

/// The words under `requires` of a JSON object that are not among the known ones.
pub fn unknown_requirements(json: &Json, known: &[&str]) -> Vec<String> {
    let words = json.get("requires").and_then(Json::as_array).into_iter().flatten();
    let words = words.map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned));
    words.filter(|word| !known.contains(&word.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_must_be_known() {
        let json = serde_json::json!({ "requires": ["maps", "teleport", 3] });
        assert_eq!(unknown_requirements(&json, &["maps"]), ["teleport", "3"]);
        assert!(unknown_requirements(&serde_json::json!({ "maps": [] }), &[]).is_empty());
    }

    /// One number in ten comes back up to two units in the last place off without the parser's exact mode, which each crate
    /// that reads JSON of the wire must ask for by itself.
    #[test]
    fn numbers_in_json_come_back_to_the_bit() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let x = (state >> 11) as f64 / (1_u64 << 53) as f64 * 1000.0;
            let text = serde_json::to_string(&x).expect("a number");
            assert_eq!(serde_json::from_str::<f64>(&text).expect("a number").to_bits(), x.to_bits(), "{text}");
        }
    }
}
