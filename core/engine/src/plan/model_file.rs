//! What a model file says to the host: how its inputs were made, and in which range it has learnt.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use serde::Deserialize;
use serde_json::Value as Json;
use voxomics_interface::describe::{Card, InputRange};

use super::{
    Extraction, InputRef, Plan,
    extraction::{self, COVARIATE},
    tables,
};
use crate::{digest, experiment::Experiment, host};

/// The format of what a study adds to a model: `format` in its `[training]`. A file without it is of the first one, or was typed.
pub const MODEL_FORMAT: i64 = 1;

/// What a model file in TOML says to the host. Everything else in it is the plugin's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelFile {
    /// For each input, the smallest and the largest value of the training.
    pub ranges: BTreeMap<String, [f64; 2]>,
    /// The same of inputs that were offered and are not used, where a value outside of them is to be told of: covariates, and
    /// what preprocessing dropped.
    pub unused: BTreeMap<String, [f64; 2]>,
    /// Cut-offs that were fixed on the training data, by name.
    pub cutoffs: BTreeMap<String, f64>,
    /// The settings that the inputs depend on.
    pub extraction: Option<Json>,
    /// What people state of the model, with the ranges of its inputs; none if the file has no `[card]`.
    pub card: Option<Card>,
    /// The whole file.
    pub document: Json,
}

/// The columns that the models of an experiment take their inputs from, and the levels of each, if they say so: what a column is does
/// not depend on the cells that the table at hand happens to have. None where something is learnt here, of which the tables decide.
pub(super) fn columns_of_models(experiment: &Experiment) -> BTreeMap<String, Option<Vec<String>>> {
    let mut columns = BTreeMap::new();
    if !experiment.study.learn.is_empty() {
        return columns;
    }
    for stated in &experiment.predictors {
        let path = stated.settings.values.get("model").and_then(|path| Some(experiment.folder.join(path.as_str()?)));
        // What is wrong with a model is told where it is configured.
        let Some(Ok(Some(model))) = path.map(|path| ModelFile::read(&path)) else { continue };
        let inputs = model.extraction.as_ref().and_then(|settings| settings["inputs"].as_object());
        for input in inputs.into_iter().flat_map(|inputs| inputs.values()) {
            let Some(column) = input[COVARIATE].as_str() else { continue };
            columns.insert(column.to_owned(), Vec::deserialize(&input["levels"]).ok());
        }
    }
    columns
}

impl ModelFile {
    /// How the file itself is known, in words: by the seal that its training left.
    pub fn known(&self) -> &'static str {
        match seal_of(&self.document) {
            Seal::Whole => "a model file as its training left it",
            Seal::Broken => "a model file that was changed after it was learnt",
            Seal::Lost => "a model file that has lost its seal",
            Seal::Never => "a model file without a seal",
        }
    }

    /// Reads a model file; none if it is not TOML: what a vendor's binary model says is between it and its plugin.
    ///
    /// # Errors
    /// If it cannot be read, if what it says of the extraction of its inputs is not what was written into it, or if its card is none.
    pub fn read(path: &Path) -> Result<Option<Self>, String> {
        let fail = |what: String| format!("the model file {}: {what}", path.display());
        let bytes = std::fs::read(path).map_err(|cause| fail(format!("it cannot be read: {cause}")))?;
        let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(None) };
        let Ok(document) = toml::from_str::<Json>(text) else { return Ok(None) };
        if let Some(format) = document["training"]["format"].as_i64().filter(|format| *format > MODEL_FORMAT) {
            return Err(fail(format!(
                "it has the format {format}, expected at most {MODEL_FORMAT}: a later voxomics wrote it, and reads it"
            )));
        }
        let number = |table: &Json, key: &str| table.get(key).and_then(Json::as_f64);
        let inputs = || document.get("input").and_then(Json::as_array).into_iter().flatten();
        let is = |input: &Json, key: &str| input.get(key) == Some(&Json::Bool(true));
        let range = |input: &Json| {
            let name = input.get("name")?.as_str()?.to_owned();
            Some((name, [number(input, "minimum")?, number(input, "maximum")?]))
        };
        let ranges = inputs().filter(|input| !is(input, "unused")).filter_map(range).collect();
        let watched = |input: &&Json| is(input, "unused") && (is(input, "dropped") || is(input, "covariate"));
        let unused = inputs().filter(watched).filter_map(range).collect();
        let cutoffs = document.get("cutoffs").and_then(Json::as_object).into_iter().flatten();
        let cutoffs = cutoffs.filter_map(|(name, value)| Some((name.clone(), value.as_f64()?))).collect();
        let extraction = match document.get("extraction") {
            None => None,
            Some(table) => {
                let settings = table.get("settings").cloned().unwrap_or_default();
                let (stated, found) = (table.get("digest").and_then(Json::as_str), extraction::digest_of(&settings));
                if stated != Some(found.as_str()) {
                    return Err(fail(format!(
                        "the digest of [extraction] is {}, but its settings have {found}: the file was changed by hand or \
                         belongs to another extraction; train again, or get the file from its source again",
                        stated.unwrap_or("missing")
                    )));
                }
                Some(settings)
            }
        };
        let card = document.get("card").map(host::card::of_file).transpose().map_err(fail)?;
        let card = card.map(|card| Card { ranges: ranges_with_units(&document), ..card });
        Ok(Some(Self { ranges, unused, cutoffs, extraction, card, document }))
    }

    /// What of the plan does not fit the model, one sentence each.
    pub(super) fn disagreements(&self, plan: &Plan, inputs: &[String]) -> Vec<String> {
        let Some(model) = &self.extraction else { return Vec::new() };
        let offered = Extraction::of(plan, inputs).settings;
        let model = only_inputs(model, inputs);
        let is_column = |settings: &Json, name: &String| settings["inputs"][name].get(COVARIATE).is_some();
        let shared = || inputs.iter().filter(|name| model["inputs"].get(*name).is_some());
        // An input that is a column on one side and a feature on the other.
        if let Some(name) = shared().find(|name| is_column(&model, name) != is_column(&offered, name)) {
            let of_scans = !is_column(&model, name);
            if of_scans && plan.making.digest.as_deref() == self.document["extraction"]["digest"].as_str() {
                return Vec::new();
            }
            // Of two tables, that of the model does not tell: as if neither did.
            if !of_scans && matches!(plan.input(name), Ok(InputRef::Covariate { .. })) {
                return Vec::new();
            }
            return vec![tables::unknown(of_scans)];
        }
        let differences = Extraction::differences(&model, &offered);
        differences
            .into_iter()
            .map(|difference| {
                format!(
                    "the model was learnt from features that are made in another way: {difference}. Use the settings of \
                     the model, or train again"
                )
            })
            .collect()
    }

    /// Why the value of an input is doubtful: it lies outside what the model has learnt from.
    pub fn doubt(&self, input: &str, value: f64) -> Option<String> {
        outside(input, value, *self.ranges.get(input)?)
    }

    /// The same of an input that was offered to the training and that the model does not use.
    pub fn doubt_unused(&self, input: &str, value: f64) -> Option<String> {
        let range = *self.unused.get(input)?;
        match (range, value, input.split_once('=')) {
            ([0.0, 0.0], 1.0, Some(_)) => Some(format!("no row of the training had `{input}`")),
            _ => outside(input, value, range).map(|doubt| format!("{doubt}; the model knows nothing of its effect")),
        }
    }

    /// What is doubtful of the model itself, one sentence each: it was changed after it was learnt, or it describes an input
    /// otherwise than whoever has made it: `described` gives its unit and its IBSI code, if they are known.
    pub(super) fn doubtful(&self, described: impl Fn(&str) -> Option<[String; 2]>) -> Vec<String> {
        let mut doubts: Vec<String> = unsealed(&self.document).into_iter().collect();
        for input in self.document["input"].as_array().into_iter().flatten() {
            let Some(name) = input["name"].as_str() else { continue };
            let Some([unit, ibsi]) = described(name) else { continue };
            for (key, found) in [("unit", &unit), ("ibsi", &ibsi)] {
                let stated = input[key].as_str().map(str::trim).filter(|stated| !stated.is_empty() && stated != found);
                let none = |text: &str| if text.is_empty() { "none".to_owned() } else { format!("`{text}`") };
                doubts.extend(stated.map(|stated| {
                    format!(
                        "the model file says that the {key} of `{name}` is `{stated}`, and here it is {}",
                        none(found)
                    )
                }));
            }
        }
        doubts
    }
}

/// Whether a value lies outside a range, in words.
pub(super) fn outside(input: &str, value: f64, [low, high]: [f64; 2]) -> Option<String> {
    // Enough digits to see by how much.
    let [shown, from, to] = [value, low, high].map(|x| format!("{x:.6e}").parse::<f64>().map_or(x, |x| x));
    let shown = if shown >= from && shown <= to { value } else { shown };
    let range = if low == high { format!("{from} in every row") } else { format!("{from} to {to}") };
    (value < low || value > high).then(|| format!("`{input}` is {shown}, outside the training's {range}"))
}

/// Key, in what a model file tells of its training, of the digest of everything else in it.
pub const SEAL: &str = "content";

/// The digest of a model but for its seal; the order of keys and comments do not count, and neither does the card, which people
/// write when the training is over.
pub fn sealed(mut model: Json) -> String {
    if let Some(tables) = model.as_object_mut() {
        tables.remove("card");
    }
    if let Some(training) = model.get_mut("training").and_then(Json::as_object_mut) {
        training.remove(SEAL);
    }
    model.sort_all_objects();
    digest::sha256(model.to_string().as_bytes())
}

/// What a training writes and nobody who types a model from a paper.
const OF_TRAINING: [&str; 4] = ["training", "cross_validation", "performance", "provenance"];

/// Whether a model is as its training left it.
enum Seal {
    Whole,
    Broken,
    /// The file tells of a training.
    Lost,
    Never,
}

fn seal_of(model: &Json) -> Seal {
    match model["training"][SEAL].as_str() {
        Some(stated) if stated == sealed(model.clone()) => Seal::Whole,
        Some(_) => Seal::Broken,
        None if OF_TRAINING.iter().any(|table| model.get(*table).is_some_and(Json::is_object)) => Seal::Lost,
        None => Seal::Never,
    }
}

/// Says so if a model that was learnt is not as the training left it, or has lost what would tell.
fn unsealed(model: &Json) -> Option<String> {
    match seal_of(model) {
        Seal::Whole | Seal::Never => None,
        Seal::Broken => Some(
            "the model file was changed after it was learnt: its scores are not those of the model that was trained"
                .into(),
        ),
        Seal::Lost => Some(format!(
            "the model file tells of a training and has lost its seal (`{SEAL}` in [training]): nobody can tell whether it \
             was changed"
        )),
    }
}

/// The ranges of the inputs that a model uses, as a card has them.
fn ranges_with_units(model: &Json) -> Vec<InputRange> {
    let inputs = model["input"].as_array().into_iter().flatten().filter(|input| input["unused"] != true);
    let range = |input: &Json| {
        Some(InputRange {
            input: input["name"].as_str()?.into(),
            min: input["minimum"].as_f64()?,
            max: input["maximum"].as_f64()?,
            unit: input["unit"].as_str().unwrap_or_default().into(),
        })
    };
    inputs.filter_map(range).collect()
}

/// The settings without those of inputs that the model does not ask for.
fn only_inputs(settings: &Json, inputs: &[String]) -> Json {
    let mut settings = settings.clone();
    if let Some(described) = settings.get_mut("inputs").and_then(Json::as_object_mut) {
        let inputs: HashSet<&String> = inputs.iter().collect();
        described.retain(|name, _| inputs.contains(name));
    }
    settings
}
