//! What was finished, kept so that a run that was killed goes on where it stopped.
//!
//! A record belongs to the [`Identity`] of its case and to whatever else its values depend on, as whoever computes them
//! states it. A record that is damaged, or that belongs to anything else, is as good as none: its case is computed again.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use voxomics_base::{
    LogLine, digest,
    table::{FeatureValue, Row, Undefined},
};

use crate::{layout::Layout, outcome::Outcome};

/// A folder of records.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    /// Digest of everything but the case.
    basis: String,
    /// Number of columns and of regions that a row can have.
    columns: usize,
    regions: usize,
}

/// What a record belongs to beside all that its store states.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// Name of the case.
    pub case: String,
    /// SHA-256 of every image and mask, by its column in the list of cases.
    pub digests: BTreeMap<String, String>,
    /// UID of the series, if the list of cases gives one.
    pub series: Option<String>,
    /// The same for further images, by name.
    pub series_of: Vec<(String, String)>,
    /// Label of the region, if the list of cases gives one.
    pub label: Option<f64>,
    /// Name, pattern or number of the region, if the list of cases gives one.
    pub region: Option<String>,
    /// Modality, if the list of cases gives one: limits of intensity may depend on it.
    pub modality: Option<String>,
}

/// An outcome as it is kept. Scores and inputs follow from the rows, and are not.
#[derive(Serialize, Deserialize)]
struct Kept {
    key: String,
    digests: BTreeMap<String, String>,
    rows: Vec<KeptRow>,
    volumes: Vec<(usize, Option<usize>, f64)>,
    metadata: serde_json::Map<String, Json>,
    log: Vec<(u32, String)>,
}

#[derive(Serialize, Deserialize)]
struct KeptRow {
    region: usize,
    component: Option<usize>,
    /// The bits of a value (so that it comes back as it was), the reason why there is none, or nothing.
    values: Vec<Option<Result<u64, String>>>,
}

impl Store {
    /// A store of records of a layout, whose values all depend on `basis`.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open(folder: &Path, basis: &Json, layout: &Layout) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|cause| format!("cannot make the folder {}: {cause}", folder.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
            basis: digest::sha256(basis.to_string().as_bytes()),
            columns: layout.columns.len(),
            regions: layout.regions.len(),
        })
    }

    /// The record of a case, if there is one that still holds: rows, volumes, metadata, log and digests. `identity` is
    /// asked for only if there is a record, since whoever answers reads the case's files; none if they cannot be read.
    pub fn get(&self, case: &str, identity: impl FnOnce() -> Option<Identity>) -> Option<Outcome> {
        let kept = read(&fs::read(self.path(case)).ok()?)?;
        let key = self.key(&identity()?);
        let whole = kept.rows.iter().all(|row| row.values.len() == self.columns && row.region < self.regions);
        (kept.key == key && whole).then(|| restore(kept))
    }

    /// Keeps an outcome. One with a fault is not kept: what was wrong may have been put right. Scores and inputs are not
    /// kept: they follow from the rows.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn put(&self, identity: &Identity, outcome: &Outcome) -> Result<(), String> {
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
            key: self.key(identity),
            digests: outcome.digests.clone(),
            rows: outcome.rows.iter().map(row).collect(),
            volumes: outcome.volumes.clone(),
            metadata: outcome.metadata.clone(),
            log: outcome.log.iter().map(|line| (line.level, line.text.clone())).collect(),
        };
        let path = self.path(&identity.case);
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            let record = serde_json::to_vec(&kept)?;
            writeln!(file, "{}", digest::sha256(&record))?;
            file.write_all(&record)?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|cause| format!("cannot write {}: {cause}", path.display()))
    }

    fn path(&self, case: &str) -> PathBuf {
        self.folder.join(format!("{}.record", digest::sha256(case.as_bytes())))
    }

    fn key(&self, of: &Identity) -> String {
        let Identity { case, digests, series, series_of, label, region, modality } = of;
        let key = serde_json::json!([self.basis, case, digests, series, series_of, label, region, modality]);
        digest::sha256(key.to_string().as_bytes())
    }
}

/// A record as it was written: its digest, and on the next line itself. A digit that is no longer the one that was written
/// would otherwise be a feature.
fn read(bytes: &[u8]) -> Option<Kept> {
    let (digest, record) = bytes.split_at_checked(bytes.iter().position(|byte| *byte == b'\n')?)?;
    let record = record.get(1..)?;
    (digest::sha256(record).as_bytes() == digest).then(|| serde_json::from_slice(record).ok())?
}

/// The outcome as it was.
fn restore(kept: Kept) -> Outcome {
    let value = |value: Option<Result<u64, String>>| {
        value.map(|value| value.map(f64::from_bits).map_err(|reason| -> Undefined { Arc::from(reason) }))
    };
    let row = |row: KeptRow| Row {
        region: row.region,
        component: row.component,
        values: row.values.into_iter().map(value).collect(),
    };
    Outcome {
        rows: kept.rows.into_iter().map(row).collect(),
        volumes: kept.volumes,
        metadata: kept.metadata,
        log: kept.log.into_iter().map(|(level, text)| LogLine { level, text }).collect(),
        digests: kept.digests,
        ..Outcome::default()
    }
}
