//! What a model file says to the host: how its inputs were made, and in which range it has learnt.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value as Json;

use super::{Extraction, Plan, extraction};

/// What a model file in TOML says to the host. Everything else in it is the plugin's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelFile {
    /// For each input, the smallest and the largest value of the training.
    pub ranges: BTreeMap<String, [f64; 2]>,
    /// Cut-offs that were fixed on the training data, by name.
    pub cutoffs: BTreeMap<String, f64>,
    /// The settings that the inputs depend on.
    pub extraction: Option<Json>,
    /// The whole file.
    pub document: Json,
}

impl ModelFile {
    /// Reads a model file; none if it is not TOML: what a vendor's binary model says is between it and its plugin.
    ///
    /// # Errors
    /// If it cannot be read, or if what it says of the extraction of its inputs is not what was written into it.
    pub fn read(path: &Path) -> Result<Option<Self>, String> {
        let fail = |what: String| format!("the model file {}: {what}", path.display());
        let bytes = std::fs::read(path).map_err(|cause| fail(format!("it cannot be read: {cause}")))?;
        let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(None) };
        let Ok(document) = toml::from_str::<Json>(text) else { return Ok(None) };
        let number = |table: &Json, key: &str| table.get(key).and_then(Json::as_f64);
        let inputs = document.get("input").and_then(Json::as_array).into_iter().flatten();
        let ranges = inputs.filter_map(|input| {
            let name = input.get("name")?.as_str()?.to_owned();
            Some((name, [number(input, "minimum")?, number(input, "maximum")?]))
        });
        let ranges = ranges.collect();
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
        Ok(Some(Self { ranges, cutoffs, extraction, document }))
    }

    /// What of the plan does not fit the model, one sentence each.
    pub(super) fn disagreements(&self, plan: &Plan, inputs: &[String]) -> Vec<String> {
        let Some(model) = &self.extraction else { return Vec::new() };
        let offered = Extraction::of(plan, inputs).settings;
        let model = only_inputs(model, inputs);
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
        let [low, high] = *self.ranges.get(input)?;
        // Enough digits to see by how much.
        let [shown, from, to] = [value, low, high].map(|x| format!("{x:.6e}").parse::<f64>().map_or(x, |x| x));
        let shown = if shown >= from && shown <= to { value } else { shown };
        (value < low || value > high).then(|| format!("`{input}` is {shown}, outside the training's {from} to {to}"))
    }
}

/// The settings without those of inputs that the model does not ask for.
fn only_inputs(settings: &Json, inputs: &[String]) -> Json {
    let mut settings = settings.clone();
    if let Some(described) = settings.get_mut("inputs").and_then(Json::as_object_mut) {
        described.retain(|name, _| inputs.contains(name));
    }
    settings
}
