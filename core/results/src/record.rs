//! The record of a run: what it was made from, so that it can be made again.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::OnceLock,
    thread,
    time::{Instant, SystemTime},
};

use serde::{Serialize, Serializer, ser::SerializeSeq as _};
use serde_json::Value as Json;

use crate::{
    Entry, Outcome,
    identity::{BESIDE, Program},
    output::Folder,
    waiting::Done,
};

/// What is known of a run beside its results.
#[derive(Debug)]
pub struct Record {
    started: SystemTime,
    clock: Instant,
    /// Number of threads.
    pub threads: usize,
    command: Vec<String>,
    /// The program that runs.
    pub program: Program,
}

/// What a run was made from and what came of it, as far as the tables do not say it.
#[derive(Debug)]
pub struct Run<'a> {
    /// Whether the run was given up before its last case.
    pub cancelled: bool,
    /// Whether the command line is left out: it names files.
    pub nameless: bool,
    /// How many cases there are.
    pub cases: usize,
    /// How many cases have a fault.
    pub failed: usize,
    /// The experiment file with overrides.
    pub experiment: &'a Json,
    /// What will be done to every case, with everything resolved.
    pub plan: Json,
    /// The libraries of plugins.
    pub plugins: Json,
    /// Files that settings name, with their digests.
    pub files: Json,
    /// The cases that were run.
    pub done: &'a Done<'a>,
}

/// A further image or mask.
#[derive(Serialize)]
struct FileRecord<'a> {
    path: &'a Path,
    sha256: Option<String>,
}

/// A case in the record.
#[derive(Serialize)]
struct CaseRecord<'a> {
    case: &'a str,
    image: &'a Path,
    image_sha256: Option<String>,
    mask: &'a Path,
    mask_sha256: Option<String>,
    /// Further images and masks, by their column.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    further: BTreeMap<String, FileRecord<'a>>,
    /// What plugins read beside the files of the list, by their column and name: files, the names in folders, and `nothing` where no
    /// file was found.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    beside: BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<&'a str>,
    /// What the loader tells of the scan, by DICOM attribute name.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    acquisition: &'a serde_json::Map<String, Json>,
    seconds: BTreeMap<&'static str, f64>,
    log: Vec<&'a str>,
}

/// The column that stands for one without a name.
fn first(kind: &str, files: &[(String, PathBuf)]) -> String {
    files.first().map_or(String::new(), |(name, _)| format!("{kind}.{name}"))
}

/// Of `run.json`.
const FORMAT: u32 = 1;

/// SHA-256 of the file of this process: only for the record, since two builds of the same sources differ in it.
fn binary() -> Option<&'static str> {
    static DIGEST: OnceLock<Option<String>> = OnceLock::new();
    let of_file = || std::env::current_exe().and_then(|path| voxomics_base::digest::sha256_path(&path)).ok();
    DIGEST.get_or_init(of_file).as_deref()
}

impl Record {
    /// Begins a record.
    pub fn begin(threads: usize, program: Program) -> Self {
        // The program is large, and nobody waits for its digest while scans are read: it was a third of the time of a small case. If there
        // is no thread for it, it is taken when it is written.
        let _ = thread::Builder::new().name("digest".into()).spawn(binary);
        let command = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        Self { started: SystemTime::now(), clock: Instant::now(), threads, command, program }
    }

    /// Writes `run.json`.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn write(&self, folder: &Folder, run: &Run<'_>) -> Result<(), String> {
        let written = Written {
            format: FORMAT,
            voxomics: &self.program.version,
            program: &self.program,
            binary_sha256: binary(),
            command: if run.nameless { &[] } else { &self.command },
            host: serde_json::json!({
                "system": std::env::consts::OS,
                "machine": std::env::consts::ARCH,
                "threads": self.threads,
            }),
            started: humantime::format_rfc3339_seconds(self.started).to_string(),
            seconds: self.clock.elapsed().as_secs_f64(),
            cancelled: run.cancelled,
            cases_in_list: run.cases,
            cases_failed: run.failed,
            experiment: run.experiment,
            plan: &run.plan,
            plugins: &run.plugins,
            files: &run.files,
            cases: Cases(run.done),
        };
        folder.write("run.json", |out| serde_json::to_writer_pretty(out, &written).map_err(Into::into))
    }
}

/// What is written.
#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    voxomics: &'a str,
    program: &'a Program,
    binary_sha256: Option<&'static str>,
    command: &'a [String],
    host: Json,
    started: String,
    seconds: f64,
    cancelled: bool,
    cases_in_list: usize,
    cases_failed: usize,
    experiment: &'a Json,
    plan: &'a Json,
    plugins: &'a Json,
    files: &'a Json,
    cases: Cases<'a>,
}

/// The cases, written one after the other: there may be more than fit into memory.
struct Cases<'a>(&'a Done<'a>);

impl Serialize for Cases<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_seq(Some(self.0.count()))?;
        let mut wrong = None;
        let ended = self.0.each(|case, outcome| {
            all.serialize_element(&CaseRecord::of(case, outcome)).map_err(|cause| {
                wrong = Some(cause);
                std::io::ErrorKind::Other.into()
            })
        });
        match (wrong, ended) {
            // Its kind tells a full disk.
            (Some(cause), _) => Err(cause),
            (None, Err(cause)) => Err(serde::ser::Error::custom(cause)),
            (None, Ok(())) => all.end(),
        }
    }
}

impl<'a> CaseRecord<'a> {
    fn of(case: &'a Entry, outcome: &'a Outcome) -> Self {
        let further = [("image", &case.images), ("mask", &case.masks)]
            .into_iter()
            .flat_map(|(kind, files)| files.iter().map(move |(name, path)| (format!("{kind}.{name}"), path)))
            .map(|(column, path)| {
                let sha256 = outcome.digest(&column);
                (column, FileRecord { path, sha256 })
            });
        let mut beside: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for file in &outcome.files {
            if let Some(column) = file.column.strip_prefix(BESIDE) {
                beside.entry(column).or_default().insert(file.name.as_str(), file.sha256.as_str());
            }
        }
        Self {
            case: &case.name,
            image: &case.image,
            image_sha256: outcome.digest("image").or_else(|| outcome.digest(&first("image", &case.images))),
            mask: &case.mask,
            mask_sha256: outcome.digest("mask").or_else(|| outcome.digest(&first("mask", &case.masks))),
            further: further.collect(),
            beside,
            label: case.label,
            region: case.region.as_deref(),
            series: case.series.as_deref(),
            acquisition: &outcome.metadata,
            seconds: outcome.timings.iter().map(|(stage, took)| (*stage, took.as_secs_f64())).collect(),
            log: outcome.log.iter().map(|line| line.text.as_str()).collect(),
        }
    }
}
