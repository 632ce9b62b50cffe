//! Compliance with IBSI 2: response maps on digital phantoms (phase 1), statistics of filtered images (phase 2).

use std::{
    fs,
    path::{Path, PathBuf},
};

use voxomics_imaging::IndexBox;

use super::{
    Comparison, Found, Reference,
    settings::{self, Settings},
};
use crate::{
    cases::Case,
    experiment::Experiment,
    host::{CaseHost, Services},
    pipeline,
    plan::Plan,
    stages::{
        images::{Images, WhichMaps},
        load,
        space::Space,
    },
};

/// The loaders of every experiment.
const LOADERS: &str = r#""load-nifti", "load-nrrd", "load-metaimage", "load-dicom""#;

/// Compares the response maps that a folder's `tests.csv` lists.
///
/// # Errors
/// If a test cannot be computed, or the list is none.
pub fn response_maps(folder: &Path) -> Result<Found, String> {
    let list = folder.join("tests.csv");
    let fail = |what: String| format!("{}: {what}", list.display());
    let mut reader = csv::Reader::from_path(&list).map_err(|cause| fail(cause.to_string()))?;
    let header = reader.headers().map_err(|cause| fail(cause.to_string()))?.clone();
    let mut found = Found::default();
    for record in reader.records() {
        let record = record.map_err(|cause| fail(cause.to_string()))?;
        let filled = header.iter().zip(&record).filter(|(_, value)| !value.is_empty());
        let settings: Settings = filled.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let id = settings::required(&settings, "id").map_err(&fail)?;
        let of_test = |what: String| fail(format!("{id}: {what}"));
        match response_map(folder, &settings).map_err(of_test)? {
            Judged::Compared(comparison) => found.comparisons.push(*comparison),
            Judged::WithoutReference(range) => found.without_reference.push(format!("{id} {range}")),
        }
    }
    if found.comparisons.is_empty() && found.without_reference.is_empty() {
        return Err(fail("it lists no test".into()));
    }
    Ok(found)
}

/// What became of a response map.
enum Judged {
    Compared(Box<Comparison>),
    WithoutReference(String),
}

fn response_map(folder: &Path, settings: &Settings) -> Result<Judged, String> {
    let id = settings::required(settings, "id")?;
    let (filter, lines) = settings::filter(settings)?;
    let path = folder.join(settings::required(settings, "phantom_file")?);
    let response = whole(&experiment(id, &filter, &lines, "")?, &path)?;
    let (name, Some(reference)) = (settings::required(settings, "filter")?, settings.get("reference_map")) else {
        let (low, high) = response.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
        let name = settings::required(settings, "filter")?;
        return Ok(Judged::WithoutReference(format!(
            "{name}: no reference exists; computed, from {low:.4} to {high:.4}"
        )));
    };
    let map = whole(&experiment(id, "", "", "")?, &folder.join(reference))?;
    if map.len() != response.len() {
        return Err(format!(
            "{reference} has {} voxels, expected {} as in {}",
            map.len(),
            response.len(),
            path.display()
        ));
    }
    let range = map.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
    // The standard's rule: 1 % of the reference map's range, at every voxel.
    let tolerance = 0.01 * (range.1 - range.0);
    let furthest = map.iter().zip(&response).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let reference = Reference {
        configuration: id.into(),
        family: name.into(),
        feature: "largest difference from the reference map".into(),
        tolerance,
        ..Reference::default()
    };
    let passed = furthest <= tolerance;
    Ok(Judged::Compared(Box::new(Comparison { reference, computed: Some(furthest), reason: None, passed })))
}

/// An experiment with one image, of a filter, or the original without one.
fn experiment(name: &str, filter: &str, settings: &str, more: &str) -> Result<Plan, String> {
    let (plugin, image) = if filter.is_empty() {
        (String::new(), String::new())
    } else {
        (format!(", \"filter-{filter}\""), format!("[images.response]\nfilter = \"{filter}\"\n{settings}"))
    };
    let families = if more.is_empty() { "" } else { ", \"features-statistics\"" };
    let toml = format!("[plugins]\nuse = [{LOADERS}{families}{plugin}]\n[regions.roi]\nany = true\n{image}\n{more}");
    Plan::new(&Experiment::from_text(Path::new(&format!("ibsi-2 {name}")), Path::new("."), &toml, &[])?)
}

/// Every voxel of the only image of a plan, made of the scan in a file.
fn whole(plan: &Plan, path: &Path) -> Result<Vec<f64>, String> {
    let case = Case::new(path.display().to_string(), path.to_owned(), PathBuf::new());
    let host = CaseHost::new(&Services::default(), &case.name);
    let voxels = || {
        let image = load::image(plan, None, &case, &host)?;
        let space = Space::new(&image.scan, image.modality(&case), None)?;
        let part = IndexBox::whole(space.grid.dims);
        Ok(Images::new(plan, None, &space, &[], part, WhichMaps::OfFeatures, &host)?.crop(plan, 0, part)?.into_owned())
    };
    voxels().map_err(|fault: crate::stages::Fault| format!("{}: {}", fault.stage, fault.message))
}

/// Compares the statistics that a folder's `reference.csv` holds of the filtered images of its `tests.json`.
///
/// # Errors
/// If a test cannot be computed, or the files are damaged.
pub fn statistics(folder: &Path) -> Result<Found, String> {
    let path = folder.join("tests.json");
    let fail = |what: String| format!("{}: {what}", path.display());
    let text = fs::read_to_string(&path).map_err(|cause| fail(format!("cannot be read: {cause}")))?;
    let json: serde_json::Value = serde_json::from_str(&text).map_err(|cause| fail(cause.to_string()))?;
    let file = |key: &str| match json[key].as_str() {
        Some(name) => Ok(folder.join(name)),
        None => Err(fail(format!("it has no `{key}`, the path of one"))),
    };
    let case = Case::new("ibsi-2".into(), file("image")?, file("mask")?);
    let list = folder.join("reference.csv");
    let text = fs::read_to_string(&list).map_err(|cause| format!("cannot read {}: {cause}", list.display()))?;
    let references = super::parse(&text, &list.display().to_string())?;
    let mut found = Found::default();
    let mut names: Vec<&str> = Vec::new();
    for reference in &references {
        if names.contains(&reference.configuration.as_str()) {
            continue;
        }
        names.push(&reference.configuration);
        let id = &reference.configuration;
        let test = &json["tests"][id];
        let of_test = |what: String| fail(format!("{id}: {what}"));
        let test = test.as_object().ok_or_else(|| of_test("there is no such test".into()))?;
        let settings = settings::of_json(test);
        let (filter, lines) = settings::filter(&settings).map_err(of_test)?;
        let plan = experiment(id, &filter, &lines, &settings::processing(&settings).map_err(of_test)?)?;
        let outcome = pipeline::run(&plan, &case, &Services::default(), None);
        if let Some(fault) = outcome.faults.first() {
            return Err(of_test(format!("{}: {}", fault.stage, fault.message)));
        }
        let of = references.iter().filter(|reference| reference.configuration == *id);
        // IBSI 2 compares values as they are.
        let rule = |value: f64, reference: &Reference| {
            (value - reference.value).abs() <= reference.tolerance + 1e-9 * reference.value.abs()
        };
        found.comparisons.extend(of.map(|reference| super::set_beside(reference, &plan, &outcome, &rule)));
    }
    Ok(found)
}
