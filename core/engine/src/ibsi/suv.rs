//! SUV against digital reference objects of PET (M. Vácha and others, Comprehensive Manual for SUV Computation and Digital
//! Reference Objects, IBSI 2026): folders with `PT/` (DICOM), `RS/` (RTSTRUCT) and `mask/` (NIfTI) each.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use crate::{
    cases::Case,
    experiment::Experiment,
    host::Services,
    pipeline::{self, Outcome},
    plan::Plan,
};

/// The statistics of SUV in the region, and nothing else: no interpolation, no re-segmentation.
const EXPERIMENT: &str = include_str!("../../../../configs/ibsi-suv.toml");
/// Lowest, median and highest SUV by body weight of every object, to two decimals.
const EXPECTED: [f64; 3] = [0.20, 1.00, 4.00];
/// Of the object whose values are stored in so coarse steps that they are others.
const COARSE: (&str, [f64; 3]) = ("DRO_2_3", [0.19, 0.98, 3.98]);
/// Names of objects that must be refused begin so.
const FAULTY: &str = "DRO_error";
/// IBSI codes of the three statistics.
const CODES: [&str; 3] = ["1GSF", "Y12H", "84IY"];
/// Loaders log at this level what may make a number wrong.
const WARNING: u32 = voxomics_interface::codes::LOG_WARNING;

/// An object, read with one of its masks.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// The folder's name.
    pub object: String,
    /// `RTSTRUCT` or `NIfTI`.
    pub mask: &'static str,
    /// What must come out; none if the object must be refused.
    pub expected: Option<[f64; 3]>,
    /// Lowest, median and highest SUV; none if there are none.
    pub computed: Option<[f64; 3]>,
    /// Why there are none.
    pub reason: Option<String>,
    /// What was warned of.
    pub warnings: Vec<String>,
    /// Whether all is as it must be.
    pub passed: bool,
}

/// Compares every object in a folder, or the one that the folder is.
///
/// # Errors
/// If the folder holds none, or if nothing can be computed at all.
pub fn folder(folder: &Path) -> Result<Vec<Comparison>, String> {
    let is_object = |path: &Path| path.join("PT").is_dir();
    let mut objects: Vec<PathBuf> = Vec::new();
    if is_object(folder) {
        objects.push(folder.to_owned());
    } else {
        objects.extend(below(folder)?.into_iter().filter(|path| is_object(path)));
    }
    if objects.is_empty() {
        return Err(format!("{} has no folder with a folder PT in it, expected one for each object", folder.display()));
    }
    let experiment = Experiment::from_text(Path::new("ibsi-suv"), Path::new("."), EXPERIMENT, &[])?;
    let plan = Plan::new(&experiment)?;
    let mut all = Vec::new();
    for object in objects {
        let masks = [("RTSTRUCT", object.join("RS")), ("NIfTI", object.join("mask"))];
        let found: Vec<_> = masks.into_iter().filter(|(_, path)| path.is_dir()).collect();
        if found.is_empty() {
            return Err(format!("{} has neither RS nor mask, expected one of these folders", object.display()));
        }
        for (mask, path) in found {
            all.push(compare(&plan, &object, mask, only(&path)?));
        }
    }
    Ok(all)
}

/// What a folder holds, in order.
fn below(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|cause| format!("cannot read {}: {cause}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    Ok(paths)
}

/// The only file of a folder.
fn only(folder: &Path) -> Result<PathBuf, String> {
    let files: Vec<PathBuf> = below(folder)?.into_iter().filter(|path| path.is_file()).collect();
    match files.as_slice() {
        [one] => Ok(one.clone()),
        several => Err(format!("{} has {} files, expected one", folder.display(), several.len())),
    }
}

fn compare(plan: &Plan, object: &Path, mask: &'static str, path: PathBuf) -> Comparison {
    let name = object.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let case = Case::new(name.clone(), object.join("PT"), path);
    let outcome = pipeline::run(plan, &case, &Services::default(), None);
    let computed = statistics(plan, &outcome);
    let fault = outcome.faults.first().map(|fault| fault.message.clone());
    let reason = computed.as_ref().err().map(|reason| fault.unwrap_or_else(|| reason.clone()));
    let expected = (!name.starts_with(FAULTY)).then(|| if name == COARSE.0 { COARSE.1 } else { EXPECTED });
    let warnings = outcome.log.iter().filter(|line| line.level >= WARNING).map(|line| line.text.clone()).collect();
    let computed = computed.ok();
    let passed = match (computed, expected) {
        (Some(computed), Some(expected)) => agrees(computed, expected),
        (None, None) => true,
        _ => false,
    };
    Comparison { object: name, mask, expected, computed, reason, warnings, passed }
}

fn statistics(plan: &Plan, outcome: &Outcome) -> Result<[f64; 3], String> {
    let mut found = [0.0; 3];
    for (place, code) in found.iter_mut().zip(CODES) {
        let column = plan.columns.iter().position(|column| column.ibsi == code);
        let value = column.and_then(|index| outcome.rows.first()?.values.get(index)?.as_ref());
        *place = match value {
            Some(Ok(value)) => *value,
            Some(Err(reason)) => return Err(reason.to_string()),
            None => return Err(format!("{code} was not computed")),
        };
    }
    Ok(found)
}

/// IBSI's rule: the values are the same to two decimals.
fn agrees(computed: [f64; 3], expected: [f64; 3]) -> bool {
    let cents = |values: [f64; 3]| values.map(|value| format!("{value:.2}"));
    cents(computed) == cents(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_two_decimals() {
        assert!(agrees([0.2049, 0.9951, 4.0], EXPECTED));
        assert!(!agrees([0.2051, 1.0, 4.0], EXPECTED) && !agrees([0.2, 1.0, 3.994], EXPECTED));
    }

    #[test]
    fn a_folder_without_objects_is_refused() {
        let empty = tempfile::tempdir().expect("a folder");
        assert!(folder(empty.path()).expect_err("nothing there").contains("has no folder with a folder PT"));
        fs::create_dir(empty.path().join("PT")).expect("a folder");
        assert!(folder(empty.path()).expect_err("no mask").contains("neither RS nor mask"));
    }
}
