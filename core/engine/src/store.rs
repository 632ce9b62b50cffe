//! What was finished, kept under everything that the features of a plan depend on.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value as Json;

use crate::{
    cases::Case,
    digest,
    host::LibraryRecord,
    pipeline::Outcome,
    plan::{CaseFile, FileRecord, Plan},
    results::{self, Identity},
    stages::predict::{self, Inputs},
};

/// A folder of records of a plan.
#[derive(Debug, Clone)]
pub struct Store(results::Store);

impl Store {
    /// A store of records of a plan: they belong to everything of it that a feature depends on, to the libraries of the
    /// plugins behind features and to the version of the program.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open(folder: &Path, plan: &Plan) -> Result<Self, String> {
        let mut settings = plan.record();
        if let Some(settings) = settings.as_object_mut() {
            ["predictors", "max_scan_bytes", "covariates"].iter().for_each(|key| {
                settings.remove(*key);
            });
        }
        let basis = serde_json::json!({
            "settings": settings,
            "images": plan.images.iter().map(|image| (&image.settings, plan.source_name(image))).collect::<Vec<_>>(),
            "columns": plan.columns,
            "libraries": plan.libraries.iter().filter_map(LibraryRecord::behind_features).collect::<Vec<_>>(),
            "load": plan.document.get("load"),
            "files": files(plan),
            "version": env!("CARGO_PKG_VERSION"),
        });
        results::Store::open(folder, &basis, &plan.layout()).map(Self)
    }

    /// The outcome of a case, if there is a record of it that still holds, with the inputs that the case has now. Reads
    /// the case's files to find out.
    pub fn get(&self, plan: &Plan, case: &Case) -> Option<Outcome> {
        if case.fault.is_some() {
            return None;
        }
        let digest = |(column, path): &CaseFile| Some((column.clone(), digest::sha256_path(path).ok()?));
        let digests = || plan.files_of(case).iter().map(digest).collect::<Option<_>>();
        let kept = self.0.get(&case.name, || Some(identity(case, digests()?)))?;
        let inputs = Inputs { case, rows: &kept.rows, metadata: &kept.metadata };
        let values = |component| plan.inputs.iter().map(|(_, input)| inputs.value(plan, input, component)).collect();
        let inputs = predict::components(&kept.rows).into_iter().map(|c| (c, values(c))).collect();
        Some(Outcome { inputs, ..kept })
    }

    /// Keeps an outcome, unless a fault or an unreadable file makes it one that may be another tomorrow.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn put(&self, case: &Case, outcome: &Outcome) -> Result<(), String> {
        self.0.put(&identity(case, outcome.digests.clone()), outcome)
    }
}

fn identity(case: &Case, digests: BTreeMap<String, String>) -> Identity {
    Identity {
        case: case.name.clone(),
        digests,
        series: case.series.clone(),
        series_of: case.series_of.clone(),
        label: case.label,
        region: case.region.clone(),
        modality: case.modality().map(str::to_owned),
    }
}

/// The files that settings name, but for those of predictors: a new model does not change a feature.
fn files(plan: &Plan) -> Vec<&FileRecord> {
    let sections = ["predict", "learn"].iter().filter_map(|key| plan.document.get(*key)?.as_object());
    let settings = sections.flat_map(|section| section.values()).filter_map(Json::as_object);
    let texts: Vec<&str> = settings.flat_map(|settings| settings.values()).filter_map(Json::as_str).collect();
    plan.files.iter().filter(|file| !texts.iter().any(|text| file.path.ends_with(text))).collect()
}
