//! Running a plan over all cases: threads, cancellation, progress, and what is written at the end.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use serde::Serialize;

use crate::{
    cases::Case,
    host::Services,
    output::{self, Folder},
    pipeline::{self, Outcome},
    plan::Plan,
};

/// Who is told how a run goes. Called from several threads.
pub trait Observer<T = Outcome>: Sync {
    /// A case has ended.
    fn case_ended(&self, done: usize, of: usize, case: &Case, outcome: &T, took: Duration);
}

/// What became of a run.
#[derive(Debug)]
pub struct Summary {
    /// The cases that were run, with their outcomes, in the order of the list.
    pub done: Vec<(Case, Outcome)>,
    /// How many cases there are.
    pub cases: usize,
    /// Whether the run was given up before its last case.
    pub cancelled: bool,
}

impl Summary {
    /// How many cases have a fault.
    pub fn failed(&self) -> usize {
        self.done.iter().filter(|(_, outcome)| !outcome.faults.is_empty()).count()
    }
}

/// Runs every case on a pool of `threads` threads.
///
/// # Errors
/// If the threads cannot be started.
pub fn cases(
    plan: &Plan,
    cases: Vec<Case>,
    threads: usize,
    services: &Services,
    observer: &dyn Observer,
) -> Result<Summary, String> {
    let count = cases.len();
    let work = |_: usize, case: &Case| {
        let outcome = pipeline::run(plan, case, services, None);
        let given_up = outcome.faults.iter().any(|fault| fault.cancelled);
        (!given_up).then_some(outcome)
    };
    let done = each(cases, threads, services, &work, observer)?;
    Ok(Summary { cancelled: done.len() < count, done, cases: count })
}

/// Does something with every case on a pool of `threads` threads; `work` is given the case's place in the list and
/// answers nothing if it was given up. The cases that were done come in the order of the list.
///
/// Cases run side by side, as many as there are threads, and share the pool with the work inside them: as many scans are
/// in memory as there are threads, and the last case has all threads to itself.
///
/// # Errors
/// If the threads cannot be started.
pub fn each<T: Send>(
    cases: Vec<Case>,
    threads: usize,
    services: &Services,
    work: &(dyn Fn(usize, &Case) -> Option<T> + Sync),
    observer: &dyn Observer<T>,
) -> Result<Vec<(Case, T)>, String> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|cause| format!("cannot start {threads} threads: {cause}"))?;
    let count = cases.len();
    let slots: Vec<Mutex<Option<T>>> = cases.iter().map(|_| Mutex::new(None)).collect();
    let (next, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let next_cases = || {
        while !services.cancelled.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(index) else { break };
            let started = Instant::now();
            let Some(outcome) = pool.install(|| work(index, case)) else { break };
            let done = ended.fetch_add(1, Ordering::Relaxed) + 1;
            observer.case_ended(done, count, case, &outcome, started.elapsed());
            *slots[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(next_cases);
        }
    });
    let outcomes = slots.into_iter().map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner));
    Ok(cases.into_iter().zip(outcomes).filter_map(|(case, outcome)| Some((case, outcome?))).collect())
}

/// Writes everything that a run leaves behind.
///
/// # Errors
/// Which file, and why not.
pub fn write(plan: &Plan, summary: &Summary, folder: &Folder, record: &Record) -> Result<(), String> {
    let done: Vec<output::Done<'_>> = summary.done.iter().map(|(case, outcome)| (case, outcome)).collect();
    let mut covariates: Vec<String> = Vec::new();
    for (name, _) in summary.done.iter().flat_map(|(case, _)| &case.covariates) {
        if !covariates.contains(name) {
            covariates.push(name.clone());
        }
    }
    let tables = output::tables(folder, plan, &covariates, &done);
    let record = folder
        .write("run.json", |out| serde_json::to_writer_pretty(out, &record.json(plan, summary)).map_err(Into::into));
    tables.and(record)
}

/// What is known of a run beside its results.
#[derive(Debug)]
pub struct Record {
    started: SystemTime,
    clock: Instant,
    threads: usize,
    command: Vec<String>,
}

/// A case in the record.
#[derive(Serialize)]
struct CaseRecord<'a> {
    case: &'a str,
    image: &'a Path,
    image_sha256: Option<&'a str>,
    mask: &'a Path,
    mask_sha256: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<&'a str>,
    /// What the loader tells of the scan, by DICOM attribute name.
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    acquisition: &'a serde_json::Map<String, serde_json::Value>,
    seconds: BTreeMap<&'static str, f64>,
    log: Vec<&'a str>,
}

impl Record {
    /// Begins a record.
    pub fn begin(threads: usize) -> Self {
        let command = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
        Self { started: SystemTime::now(), clock: Instant::now(), threads, command }
    }

    fn json(&self, plan: &Plan, summary: &Summary) -> serde_json::Value {
        let cases: Vec<CaseRecord<'_>> = summary
            .done
            .iter()
            .map(|(case, outcome)| CaseRecord {
                case: &case.name,
                image: &case.image,
                image_sha256: outcome.image_sha256.as_deref(),
                mask: &case.mask,
                mask_sha256: outcome.mask_sha256.as_deref(),
                label: case.label,
                region: case.region.as_deref(),
                series: case.series.as_deref(),
                acquisition: &outcome.metadata,
                seconds: outcome.timings.iter().map(|(stage, took)| (*stage, took.as_secs_f64())).collect(),
                log: outcome.log.iter().map(|line| line.text.as_str()).collect(),
            })
            .collect();
        serde_json::json!({
            "voxomics": env!("CARGO_PKG_VERSION"),
            "interface_generation": voxomics_interface::GENERATION,
            "command": self.command,
            "host": {
                "system": std::env::consts::OS,
                "machine": std::env::consts::ARCH,
                "threads": self.threads,
            },
            "started": humantime::format_rfc3339_seconds(self.started).to_string(),
            "seconds": self.clock.elapsed().as_secs_f64(),
            "cancelled": summary.cancelled,
            "cases_in_list": summary.cases,
            "cases_failed": summary.failed(),
            "experiment": plan.document,
            "plan": plan.record(),
            "plugins": plan.libraries,
            "files": plan.files,
            "cases": cases,
        })
    }
}
