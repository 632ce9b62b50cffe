//! The model file: what the learner wrote, and what the study adds to it.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use voxomics_engine::{
    digest,
    experiment::{
        course::Delta,
        study::{Learn, Target, Threshold},
    },
    plan::{Carried, Extraction, InputRef, Learner, MODEL_FORMAT, Plan, SEAL, sealed},
};

use super::{Row, design, fingerprint, patients};
use crate::work::Work;

/// What the learner tells for a report stands under this key, and goes into a file of its own.
const DIAGNOSTICS: &str = "diagnostics";

/// What stands in every model file.
const NOT_A_DEVICE: &str = "For research only. Not a medical device.";

/// The model, and what the learner tells beside it.
///
/// # Errors
/// If the learner's answer is no TOML.
pub fn split(text: &str) -> Result<(toml::Table, Json), String> {
    let mut model: toml::Table =
        toml::from_str(text).map_err(|cause| format!("the learner's model is no TOML: {cause}"))?;
    let diagnostics = model.remove(DIAGNOSTICS).map_or(Ok(Json::Null), |value| {
        serde_json::to_value(value).map_err(|cause| format!("what the learner tells of its training: {cause}"))
    })?;
    Ok((model, diagnostics))
}

/// Key, in what the learner tells, of what it warned of.
const WARNINGS: &str = "warnings";

/// Keeps what a learner warned of beside what it tells: a model that is taken as it is has the same warnings.
pub fn keep_warnings(diagnostics: &mut Json, warnings: &[String]) {
    if warnings.is_empty() {
        return;
    }
    if diagnostics.is_null() {
        *diagnostics = Json::Object(Default::default());
    }
    if let Some(told) = diagnostics.as_object_mut() {
        told.insert(WARNINGS.into(), warnings.into());
    }
}

/// Key, in what a learner tells, of whether there were enough patients.
const ENOUGH: &str = "enough";

/// Keeps a sentence on whether there were enough patients.
pub fn keep_said(diagnostics: &mut Json, said: &str) {
    if diagnostics.is_null() {
        *diagnostics = Json::Object(Default::default());
    }
    diagnostics[ENOUGH] = said.into();
}

/// Whether there were enough patients, in a sentence.
pub fn said(diagnostics: &Json) -> Option<&str> {
    diagnostics.get(ENOUGH)?.as_str()
}

/// What a learner warned of.
pub fn warnings(diagnostics: &Json) -> Vec<String> {
    let list = diagnostics[WARNINGS].as_array().into_iter().flatten();
    list.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

/// Whether a model was made by a training of that digest.
pub fn is_of(model: &toml::Table, digest: &str) -> bool {
    let stated = model.get("training").and_then(|training| training.get("digest")?.as_str());
    stated == Some(digest)
}

/// Writes into a model what tells later whether somebody has changed it.
///
/// # Errors
/// If the model cannot be written.
pub fn seal(model: &mut toml::Table) -> Result<(), String> {
    let whole = serde_json::to_value(&*model).map_err(|cause| format!("the model cannot be written: {cause}"))?;
    let content = sealed(whole);
    if let Some(training) = model.get_mut("training").and_then(toml::Value::as_table_mut) {
        training.insert(SEAL.into(), content.into());
    }
    Ok(())
}

/// Whether a model is as it was written; `None` of one that does not tell, as one that was typed.
pub fn is_unchanged(model: &Json) -> Option<bool> {
    let stated = model["training"][SEAL].as_str()?;
    Some(stated == sealed(model.clone()))
}

/// Key, in what is told of the training, of the digest of what the learner told beside the model.
const BESIDE: &str = "beside";

/// Notes what the learner told beside the model; before the model is sealed.
pub fn name_diagnostics(model: &mut toml::Table, told: &[u8]) {
    if let Some(training) = model.get_mut("training").and_then(toml::Value::as_table_mut) {
        training.insert(BESIDE.into(), digest::sha256(told).into());
    }
}

/// The digest of what the learner told beside a model.
pub fn diagnostics_digest(model: &toml::Table) -> Option<&str> {
    model.get("training")?.get(BESIDE)?.as_str()
}

/// Adds what only the study knows: extraction, fingerprint of the training, provenance, licence.
///
/// # Errors
/// If a setting cannot be written as TOML.
pub fn complete(
    model: &mut toml::Table,
    work: &Work<'_>,
    stated: &Learn,
    learner: &Learner,
    rows: &[Row<'_>],
    extraction: &Extraction,
    digest: &str,
) -> Result<(), String> {
    let toml = |value: &Json| toml::Value::try_from(value).map_err(|cause| format!("as TOML: {cause}"));
    if let Some(about) = model.get_mut("model").and_then(toml::Value::as_table_mut) {
        about.insert("name".into(), stated.name.clone().into());
        about.insert("target".into(), describe(&stated.target).into());
    }
    describe_inputs(model, work.plan);
    let mut section = toml::Table::new();
    section.insert("digest".into(), extraction.digest().into());
    section.insert("settings".into(), toml(&extraction.settings)?);
    model.insert("extraction".into(), section.into());
    carry(model, work.plan, extraction)?;
    let mut training = toml::Table::new();
    training.insert("format".into(), MODEL_FORMAT.into());
    training.insert("digest".into(), digest.into());
    training.insert("rows".into(), (rows.len() as i64).into());
    training.insert("patients".into(), (patients(rows) as i64).into());
    training.insert("offered_inputs".into(), (learner.inputs.len() as i64).into());
    training
        .insert("cohorts".into(), toml::Value::Array(stated.cohorts.iter().map(|name| name.clone().into()).collect()));
    fingerprint::insert(&mut training, &stated.target, rows);
    training.insert("settings".into(), toml(&without_nulls(&learner.settings))?);
    model.insert("training".into(), training.into());
    let mut provenance = toml::Table::new();
    provenance.insert("experiment".into(), work.plan.name.clone().into());
    provenance.insert("voxomics".into(), work.record.program.version.clone().into());
    provenance.insert("program".into(), work.record.program.digest.clone().into());
    provenance.insert("plugin".into(), stated.plugin.clone().into());
    fingerprint::insert_library(&mut provenance, work.plan, &stated.plugin);
    provenance.insert("seed".into(), (work.plan.seed as i64).into());
    provenance.insert("simulated".into(), work.simulated(&stated.cohorts).into());
    model.insert("provenance".into(), provenance.into());
    let mut licence = toml::Table::new();
    licence.insert("notice".into(), NOT_A_DEVICE.into());
    for (key, value) in &stated.about {
        licence.insert(key.clone(), value.clone().into());
    }
    model.insert("licence".into(), licence.into());
    Ok(())
}

/// What was fitted on images that some inputs depend on.
pub(super) fn carried_by(plan: &Plan, extraction: &Extraction) -> Vec<Carried> {
    let settings = extraction.settings.to_string();
    let is_used = |carried: &Carried| settings.contains(&digest::sha256(carried.text.as_bytes()));
    plan.carried().into_iter().filter(is_used).collect()
}

/// Writes what was fitted on images into a model whose inputs depend on it: without it they cannot be had elsewhere.
fn carry(model: &mut toml::Table, plan: &Plan, extraction: &Extraction) -> Result<(), String> {
    let carried = carried_by(plan, extraction);
    let carried = carried.iter().map(|carried| carried.table().map(toml::Value::from));
    let carried: Vec<toml::Value> = carried.collect::<Result<_, String>>()?;
    if !carried.is_empty() {
        model.insert("state".into(), carried.into());
    }
    Ok(())
}

/// Key, in what a learner tells, of the inputs that its preprocessing left.
const KEPT: &str = "kept";

/// Lists the inputs that were offered and that the model does not use, with their range in the training: a patient outside of
/// what the model has seen is told of, whichever input it is.
///
/// # Errors
/// If the learner's model has no list of inputs.
pub fn add_unused(
    model: &mut toml::Table,
    plan: &Plan,
    stated: &Learn,
    learner: &Learner,
    rows: &[Row<'_>],
    diagnostics: &Json,
) -> Result<(), String> {
    let listed = model.entry("input").or_insert_with(|| toml::Value::Array(Vec::new()));
    let listed = listed.as_array_mut().ok_or("the learner's model has an `input` that is no list of tables")?;
    let name = |input: &toml::Value| input.get("name").and_then(|name| name.as_str().map(str::to_owned));
    let used: BTreeSet<String> = listed.iter().filter_map(name).collect();
    let kept = diagnostics[KEPT].as_array();
    let kept: Option<BTreeSet<&str>> = kept.map(|names| names.iter().filter_map(Json::as_str).collect());
    let batches: BTreeSet<usize> = design::batches(plan, stated)?.into_iter().collect();
    for index in learner.inputs.iter().filter(|index| !batches.contains(index)) {
        let (name, from) = &plan.inputs[*index];
        if used.contains(name) {
            continue;
        }
        let mut input = toml::Table::new();
        input.insert("name".into(), name.clone().into());
        input.insert("unused".into(), true.into());
        let values = rows.iter().filter_map(|row| row.lesion.inputs.get(*index)?.as_ref().ok().copied());
        if let Some([low, high]) = fingerprint::range(values) {
            input.insert("minimum".into(), low.into());
            input.insert("maximum".into(), high.into());
        }
        if kept.as_ref().is_some_and(|kept| !kept.contains(name.as_str())) {
            input.insert("dropped".into(), true.into());
        }
        if matches!(from, InputRef::Covariate { .. }) {
            input.insert("covariate".into(), true.into());
        }
        listed.push(input.into());
    }
    Ok(())
}

/// Region, feature, IBSI code and unit of each input.
fn describe_inputs(model: &mut toml::Table, plan: &Plan) {
    let inputs = model.get_mut("input").and_then(toml::Value::as_array_mut);
    for input in inputs.into_iter().flatten().filter_map(toml::Value::as_table_mut) {
        let Some(name) = input.get("name").and_then(toml::Value::as_str) else { continue };
        // What changes over time is told by the input that changes.
        let (base, change) = Delta::of(name);
        let Some((region, column)) = plan.measured(base) else { continue };
        let unit = change.map_or_else(|| column.unit.clone(), |change| change.unit(&column.unit));
        let texts = [("region", region), ("feature", &column.feature), ("ibsi", &column.ibsi), ("unit", &unit)];
        let texts = texts.map(|(key, text)| (key, text.to_owned()));
        for (key, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            input.insert(key.into(), text.into());
        }
    }
}

/// A target in words.
pub fn describe(target: &Target) -> String {
    match target {
        Target::Number { column } => column.clone(),
        Target::Above { column, threshold } => match threshold {
            Threshold::Value(value) => format!("{column} above {value}"),
            Threshold::Training(0.5) => format!("{column} above the median of the training"),
            Threshold::Training(q) => format!("{column} above the {q} quantile of the training"),
            Threshold::Own(0.5) => format!("{column} above the median of the patient's cohort"),
            Threshold::Own(q) => format!("{column} above the {q} quantile of the patient's cohort"),
        },
        Target::Class { column, positive, negative } => {
            let against = if negative.is_empty() { "the rest".into() } else { negative.join(" or ") };
            format!("{column}: {} against {against}", positive.join(" or "))
        }
        Target::Survival { time, event, competing, .. } if !competing.is_empty() => {
            format!("{time} until {event}, cause-specific beside {}", competing.join(" or "))
        }
        Target::Survival { time, event, .. } => format!("{time} until {event}"),
    }
}

/// TOML has no null.
fn without_nulls(value: &Json) -> Json {
    match value {
        Json::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), without_nulls(value)))
            .collect(),
        Json::Array(list) => list.iter().filter(|value| !value.is_null()).map(without_nulls).collect(),
        other => other.clone(),
    }
}
