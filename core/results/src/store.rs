//! What was finished, kept so that a run that was stopped goes on where it stopped.
//!
//! A record has the key of its case as its name, is written aside and renamed, and is never changed: any number of
//! processes, on any number of machines, may fill one store. A record that is damaged is as good as none: its case is
//! computed again.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use voxomics_base::{
    LogLine, Stamp, digest,
    table::{FeatureValue, Row, Undefined},
};

use crate::{
    identity::{FileRead, Identity},
    layout::Layout,
    outcome::Outcome,
    perturbation::Perturbed,
};

/// Of a record, and of what is remembered of files.
const FORMAT: u32 = 1;

/// A folder of records.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    /// Digest of everything but the case.
    basis: String,
    /// Number of columns and of regions that a row can have.
    columns: usize,
    regions: usize,
    /// Number of perturbations that a case has.
    perturbations: usize,
}

/// An outcome as it is kept. Scores and inputs follow from the rows, and are not.
#[derive(Serialize, Deserialize)]
struct Kept {
    format: u32,
    key: String,
    files: Vec<FileRead>,
    rows: Vec<KeptRow>,
    volumes: Vec<(usize, Option<usize>, f64)>,
    metadata: serde_json::Map<String, Json>,
    log: Vec<(u32, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    perturbed: Vec<KeptPerturbed>,
}

/// The rows of a perturbation, and the bits of the standard deviation of each scan's noise.
#[derive(Serialize, Deserialize)]
struct KeptPerturbed {
    rows: Vec<KeptRow>,
    noise_sd: Vec<Option<u64>>,
}

#[derive(Serialize, Deserialize)]
struct KeptRow {
    region: usize,
    component: Option<usize>,
    /// The bits of a value (so that it comes back as it was), the reason why there is none, or nothing.
    values: Vec<Option<Result<u64, String>>>,
}

/// What was learnt from a case for something that is fitted.
#[derive(Serialize, Deserialize)]
struct Observed {
    format: u32,
    key: String,
    observations: Vec<String>,
}

/// The files of a case as they were when their digests were taken.
#[derive(Serialize, Deserialize)]
struct Remembered {
    format: u32,
    files: Vec<(FileRead, Stamp)>,
}

/// The files of plugins that came with a program, as they were when it was first met in its folder.
#[derive(Serialize, Deserialize)]
struct Build {
    format: u32,
    /// SHA-256 of each file, by the names of its plugins.
    files: BTreeMap<String, String>,
}

/// Those of some plugins whose files are others than when a program was first met in its folder: they were built again, and the
/// program, by which they are known, was not. `files` are the plugins that came with the program, with the SHA-256 of each.
///
/// # Errors
/// Which file cannot be written, and why not.
pub fn built_alone(
    folder: &Path,
    program: &str,
    place: &Path,
    files: &BTreeMap<String, String>,
) -> Result<BTreeSet<String>, String> {
    // In another folder the same sources may give other bytes.
    let name = digest::sha256(format!("{program} {}", place.display()).as_bytes());
    let path = folder.join("builds").join(name);
    let known = read(&path).filter(|build: &Build| build.format == FORMAT).map(|build| build.files).unwrap_or_default();
    let others = files.iter().filter(|(name, sha256)| known.get(*name).is_some_and(|known| known != *sha256));
    let others = others.map(|(name, _)| name.clone()).collect();
    if files.keys().any(|name| !known.contains_key(name)) {
        let mut all = files.clone();
        all.extend(known);
        write(&path, &Build { format: FORMAT, files: all })?;
    }
    Ok(others)
}

impl Store {
    /// A store of records of a layout, whose values all depend on the basis of that digest.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open(folder: &Path, basis: String, layout: &Layout) -> Result<Self, String> {
        fs::create_dir_all(folder).map_err(|cause| format!("cannot make the folder {}: {cause}", folder.display()))?;
        let (columns, regions) = (layout.columns.len(), layout.regions.len());
        let perturbations = layout.perturbations.as_ref().map_or(0, |of| of.all.len());
        Ok(Self { folder: folder.to_owned(), basis, columns, regions, perturbations })
    }

    /// The record of a case, if there is one: rows, volumes, metadata, log and files.
    pub fn get(&self, identity: &Identity) -> Option<Outcome> {
        let key = identity.key(&self.basis)?;
        let kept: Kept = read(&self.path("records", &key))?;
        let mut rows = kept.rows.iter().chain(kept.perturbed.iter().flat_map(|perturbed| &perturbed.rows));
        let whole = rows.all(|row| row.values.len() == self.columns && row.region < self.regions)
            && kept.perturbed.len() == self.perturbations;
        (kept.format == FORMAT && kept.key == key && whole).then(|| restore(kept))
    }

    /// Keeps an outcome. One with a fault is not kept: what was wrong may have been put right. Scores and inputs are not
    /// kept: they follow from the rows.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn put(&self, identity: &Identity, outcome: &Outcome) -> Result<(), String> {
        let Some(key) = identity.key(&self.basis).filter(|_| outcome.faults.is_empty()) else { return Ok(()) };
        let value = |value: &Option<FeatureValue>| {
            value.as_ref().map(|value| value.as_ref().map(|x| x.to_bits()).map_err(|reason| reason.to_string()))
        };
        let row = |row: &Row| KeptRow {
            region: row.region,
            component: row.component,
            values: row.values.iter().map(value).collect(),
        };
        let perturbed = |of: &Perturbed| KeptPerturbed {
            rows: of.rows.iter().map(row).collect(),
            noise_sd: of.noise_sd.iter().map(|sd| sd.map(f64::to_bits)).collect(),
        };
        let kept = Kept {
            format: FORMAT,
            key: key.clone(),
            files: outcome.files.clone(),
            rows: outcome.rows.iter().map(row).collect(),
            volumes: outcome.volumes.clone(),
            metadata: outcome.metadata.clone(),
            log: outcome.log.iter().map(|line| (line.level, line.text.clone())).collect(),
            perturbed: outcome.perturbed.iter().map(perturbed).collect(),
        };
        write(&self.path("records", &key), &kept)
    }

    /// What was learnt from a case for something that is fitted, if there is a record.
    pub fn observed(&self, identity: &Identity, fitted: &str) -> Option<Vec<String>> {
        let key = identity.key_of_observations(&self.basis, fitted)?;
        let kept: Observed = read(&self.path("observed", &key))?;
        (kept.format == FORMAT && kept.key == key).then_some(kept.observations)
    }

    /// Keeps what was learnt from a case for something that is fitted.
    ///
    /// # Errors
    /// Which file cannot be written, and why not.
    pub fn observe(&self, identity: &Identity, fitted: &str, observations: &[String]) -> Result<(), String> {
        let Some(key) = identity.key_of_observations(&self.basis, fitted) else { return Ok(()) };
        let kept = Observed { format: FORMAT, key: key.clone(), observations: observations.to_vec() };
        write(&self.path("observed", &key), &kept)
    }

    /// The digests of files that are remembered under a name, if each file is as it was when they were taken; `now` is
    /// what the files are now, in the same order.
    pub fn remembered(&self, name: &str, now: &[Stamp]) -> Option<Vec<FileRead>> {
        let known: Remembered = read(&self.path("files", name))?;
        let same = known.files.len() == now.len() && known.files.iter().zip(now).all(|((_, then), now)| then == now);
        (known.format == FORMAT && same).then(|| known.files.into_iter().map(|(file, _)| file).collect())
    }

    /// What was remembered last under a name, whether or not it still holds.
    pub fn last_remembered(&self, name: &str) -> Vec<FileRead> {
        let known: Option<Remembered> = read(&self.path("files", name));
        known.into_iter().flat_map(|known| known.files).map(|(file, _)| file).collect()
    }

    /// Remembers digests of files under a name, unless one of the files was changed a moment ago: a second change could
    /// then not be told from the first.
    ///
    /// # Errors
    /// Which file cannot be written, and why not.
    pub fn remember(&self, name: &str, files: &[(FileRead, Stamp)]) -> Result<(), String> {
        if !files.iter().all(|(_, stamp)| stamp.is_settled()) {
            return Ok(());
        }
        write(&self.path("files", name), &Remembered { format: FORMAT, files: files.to_vec() })
    }

    /// A folder of hundreds of thousands of files is slow on many file systems: 256 folders of them are not.
    fn path(&self, kind: &str, name: &str) -> PathBuf {
        self.folder.join(kind).join(name.get(..2).unwrap_or_default()).join(name)
    }
}

/// What a full disk is called, in a sentence that says what becomes of the run; of any other cause, the cause.
pub fn why_not_written(path: &Path, cause: &io::Error) -> String {
    let (what, then) = match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ("the disk is full", "make room"),
        io::ErrorKind::FileTooLarge => ("a file may not become so large here (ulimit -f)", "raise the limit"),
        _ => return format!("cannot write {}: {cause}", path.display()),
    };
    format!(
        "{what}: {} cannot be written. What was finished is kept; {then}, and the same command goes on",
        path.display()
    )
}

/// A record is its digest and, on the next line, itself. A digit that is no longer the one that was written would otherwise
/// be a feature.
fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let bytes = fs::read(path).ok()?;
    let (digest, record) = bytes.split_at_checked(bytes.iter().position(|byte| *byte == b'\n')?)?;
    let record = record.get(1..)?;
    (digest::sha256(record).as_bytes() == digest).then(|| serde_json::from_slice(record).ok())?
}

fn write(path: &Path, record: &impl Serialize) -> Result<(), String> {
    let write = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        let record = serde_json::to_vec(record)?;
        writeln!(file, "{}", digest::sha256(&record))?;
        file.write_all(&record)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|cause| why_not_written(path, &cause))
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
    let perturbed = |of: KeptPerturbed| Perturbed {
        rows: of.rows.into_iter().map(row).collect(),
        noise_sd: of.noise_sd.into_iter().map(|sd| sd.map(f64::from_bits)).collect(),
    };
    Outcome {
        perturbed: kept.perturbed.into_iter().map(perturbed).collect(),
        rows: kept.rows.into_iter().map(row).collect(),
        volumes: kept.volumes,
        metadata: kept.metadata,
        log: kept.log.into_iter().map(|(level, text)| LogLine { level, text }).collect(),
        files: kept.files,
        ..Outcome::default()
    }
}
