//! What was finished, kept so that a run that was killed goes on where it stopped.
//!
//! A record belongs to the exact bytes of image and mask, to everything of the plan that its features depend on, to the
//! libraries of their plugins and to the version of the program. A record that is damaged, or that belongs to anything
//! else, is as good as none: its case is computed again.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::{
    cases::Case,
    host::{LibraryRecord, LogLine},
    pipeline::Outcome,
    plan::{FileRecord, Plan},
    provenance,
    stages::predict::{self, Inputs},
    table::{FeatureValue, Row, Undefined},
};

/// A folder of records.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    /// Digest of everything but the case.
    plan: String,
}

/// An outcome as it is kept. Scores and inputs follow from the rows, and are not.
#[derive(Serialize, Deserialize)]
struct Kept {
    key: String,
    image_sha256: Option<String>,
    mask_sha256: Option<String>,
    rows: Vec<KeptRow>,
    volumes: Vec<(usize, Option<usize>, f64)>,
    metadata: serde_json::Map<String, Json>,
    log: Vec<(u8, String)>,
}

#[derive(Serialize, Deserialize)]
struct KeptRow {
    region: usize,
    component: Option<usize>,
    /// The bits of a value (so that it comes back as it was), the reason why there is none, or nothing.
    values: Vec<Option<Result<u64, String>>>,
}

impl Store {
    /// A store of records of a plan.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open(folder: &Path, plan: &Plan) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|cause| format!("cannot make the folder {}: {cause}", folder.display()))?;
        let mut settings = plan.record();
        if let Some(settings) = settings.as_object_mut() {
            ["predictors", "max_scan_bytes", "covariates"].iter().for_each(|key| {
                settings.remove(*key);
            });
        }
        let all = serde_json::json!({
            "settings": settings,
            "images": plan.images.iter().map(|image| &image.settings).collect::<Vec<_>>(),
            "columns": plan.columns,
            "libraries": plan.libraries.iter().filter_map(LibraryRecord::behind_features).collect::<Vec<_>>(),
            "load": plan.document.get("load"),
            "files": files(plan),
            "version": env!("CARGO_PKG_VERSION"),
        });
        Ok(Self { folder: folder.to_owned(), plan: provenance::sha256(all.to_string().as_bytes()) })
    }

    /// The record of a case, if there is one that still holds. Reads the case's files to find out.
    pub fn get(&self, plan: &Plan, case: &Case) -> Option<Outcome> {
        if case.fault.is_some() {
            return None;
        }
        let kept = read(&fs::read(self.path(case)).ok()?)?;
        let digest = |path: &Path| provenance::sha256_path(path).ok();
        let key = self.key(case, digest(&case.image)?, digest(&case.mask)?);
        let whole =
            kept.rows.iter().all(|row| row.values.len() == plan.columns.len() && row.region < plan.regions.len());
        (kept.key == key && whole).then(|| restore(kept, plan, case))
    }

    /// Keeps an outcome. One with a fault is not kept: what was wrong may have been put right.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn put(&self, case: &Case, outcome: &Outcome) -> Result<(), String> {
        let (Some(image), Some(mask)) = (&outcome.image_sha256, &outcome.mask_sha256) else { return Ok(()) };
        if !outcome.faults.is_empty() {
            return Ok(());
        }
        let value = |value: &Option<FeatureValue>| {
            value.as_ref().map(|value| value.as_ref().map(|x| x.to_bits()).map_err(|reason| reason.to_string()))
        };
        let row = |row: &Row| KeptRow {
            region: row.region,
            component: row.component,
            values: row.values.iter().map(value).collect(),
        };
        let kept = Kept {
            key: self.key(case, image.clone(), mask.clone()),
            image_sha256: outcome.image_sha256.clone(),
            mask_sha256: outcome.mask_sha256.clone(),
            rows: outcome.rows.iter().map(row).collect(),
            volumes: outcome.volumes.clone(),
            metadata: outcome.metadata.clone(),
            log: outcome.log.iter().map(|line| (line.level, line.text.clone())).collect(),
        };
        let path = self.path(case);
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            let record = serde_json::to_vec(&kept)?;
            writeln!(file, "{}", provenance::sha256(&record))?;
            file.write_all(&record)?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|cause| format!("cannot write {}: {cause}", path.display()))
    }

    fn path(&self, case: &Case) -> PathBuf {
        self.folder.join(format!("{}.record", provenance::sha256(case.name.as_bytes())))
    }

    fn key(&self, case: &Case, image: String, mask: String) -> String {
        let key = serde_json::json!([self.plan, case.name, image, mask, case.series, case.label, case.region]);
        provenance::sha256(key.to_string().as_bytes())
    }
}

/// A record as it was written: its digest, and on the next line itself. A digit that is no longer the one that was written
/// would otherwise be a feature.
fn read(bytes: &[u8]) -> Option<Kept> {
    let (digest, record) = bytes.split_at_checked(bytes.iter().position(|byte| *byte == b'\n')?)?;
    let record = record.get(1..)?;
    (provenance::sha256(record).as_bytes() == digest).then(|| serde_json::from_slice(record).ok())?
}

/// The files that settings name, but for those of predictors: a new model does not change a feature.
fn files(plan: &Plan) -> Vec<&FileRecord> {
    let sections = ["predict", "learn"].iter().filter_map(|key| plan.document.get(*key)?.as_object());
    let settings = sections.flat_map(|section| section.values()).filter_map(Json::as_object);
    let texts: Vec<&str> = settings.flat_map(|settings| settings.values()).filter_map(Json::as_str).collect();
    plan.files.iter().filter(|file| !texts.iter().any(|text| file.path.ends_with(text))).collect()
}

/// The outcome as it was, with the inputs that the case has now.
fn restore(kept: Kept, plan: &Plan, case: &Case) -> Outcome {
    let value = |value: Option<Result<u64, String>>| {
        value.map(|value| value.map(f64::from_bits).map_err(|reason| -> Undefined { Arc::from(reason) }))
    };
    let row = |row: KeptRow| Row {
        region: row.region,
        component: row.component,
        values: row.values.into_iter().map(value).collect(),
    };
    let rows: Vec<Row> = kept.rows.into_iter().map(row).collect();
    let inputs = Inputs { case, rows: &rows, metadata: &kept.metadata };
    let values = |component| plan.inputs.iter().map(|(_, input)| inputs.value(plan, input, component)).collect();
    let inputs = predict::components(&rows).into_iter().map(|component| (component, values(component))).collect();
    Outcome {
        inputs,
        rows,
        volumes: kept.volumes,
        metadata: kept.metadata,
        log: kept.log.into_iter().map(|(level, text)| LogLine { level, text }).collect(),
        image_sha256: kept.image_sha256,
        mask_sha256: kept.mask_sha256,
        ..Outcome::default()
    }
}
