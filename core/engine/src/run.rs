//! Running a plan over all cases: threads, cancellation, progress, and what is written at the end.

mod course;
mod exported;
mod summary;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

pub use course::{NotFollowed, Outlines, check_course, outlines};
pub use exported::{EXPORT, write_exported};
pub use summary::Summary;
pub use voxomics_results::Record;

use exported::exports;
use summary::{Ended, Kept};

use crate::{
    cases::Case,
    course::tables,
    experiment::Experiment,
    host::{CaseHost, STACK_BYTES, Services},
    leave,
    output::{self, Folder},
    pipeline::{self, Outcome},
    plan::Plan,
    preview::Pictures,
    privacy::by_name,
    results::{
        Entry,
        lock::{self, CASES},
        record::Run,
        waiting,
    },
    robustness::{self, ROBUSTNESS, Repeats},
    stages::{
        Fault, export,
        written::{self, What},
    },
    store::Store,
    tabular::is_missing,
};

/// Who is told how a run goes. Called from several threads.
pub trait Observer<T = Outcome>: Sync {
    /// A case has ended.
    fn case_ended(&self, done: usize, of: usize, case: &Case, outcome: &T, took: Duration);

    /// A case was finished by an earlier run.
    fn case_found(&self, _done: usize, _of: usize, _case: &Case) {}

    /// A step of something else than cases is done, such as a scan that was simulated.
    fn step(&self, _what: &str, _done: usize, _of: usize) {}
}

/// What a run needs beside its cases.
pub struct Means<'a> {
    /// Number of threads.
    pub threads: usize,
    /// Cancellation and seed.
    pub services: &'a Services,
    /// Who is told.
    pub observer: &'a dyn Observer,
    /// Where finished cases are kept, and found again.
    pub store: &'a Store,
    /// Where a picture of each case goes, if one is wanted, and for each case the name of its file without the end.
    pub pictures: Option<(&'a Folder, &'a HashMap<String, String>)>,
    /// What is written of the voxels of each case, if that is wanted.
    pub voxels: Option<Wanted<'a>>,
    /// Whether exporters are asked at once: in a study they wait for the scores.
    pub exports: bool,
}

/// Which voxels of each case are written, and where.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// What is written.
    pub what: What,
    /// The folder in which each case gets one.
    pub folder: &'a Folder,
    /// For each case the name of its folder.
    pub stems: &'a HashMap<String, String>,
}

/// The folder of images, masks and levels.
pub const WRITTEN: &str = "written";

/// Writes what is wanted of a case, anew.
fn write_voxels(plan: &Plan, case: &Case, wanted: Wanted<'_>, services: &Services) -> Result<(), Fault> {
    let Some(stem) = wanted.stems.get(&case.name) else { return Ok(()) };
    let host = CaseHost::new(services, case.original());
    let mut fault = None;
    let filled = wanted.folder.fill_below(stem, |aside| {
        written::case(plan, case, wanted.what, aside, &host).map_err(|of_case| {
            let message = of_case.message.clone();
            fault = Some(of_case);
            message
        })
    });
    filled.map_err(|cause| fault.unwrap_or_else(|| Fault::new("write", cause)))
}

/// Runs every case on a pool of threads; what an earlier run finished is found again, and what this one finishes is kept
/// at once: killing it costs the cases that are in flight.
///
/// # Errors
/// If the threads cannot be started.
pub fn cases(plan: &Plan, cases: Vec<Case>, means: &Means<'_>) -> Result<Summary, String> {
    let stopped: Mutex<Option<String>> = Mutex::default();
    let stop = |why: String| {
        // Whatever is computed from here on would be lost: a full disk does not become empty.
        means.services.cancelled.store(true, Ordering::Relaxed);
        stopped.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why);
    };
    let waiting = means.store.waiting()?;
    let work = |_: usize, case: &Case| {
        let services = &means.services.of_case(&case.name);
        let pictures = means.pictures.and_then(|(folder, stems)| {
            let stem = stems.get(&case.name)?;
            Some(Pictures { folder, stem })
        });
        let kept =
            pictures.is_none_or(|pictures| pictures.any().is_some()).then(|| means.store.get(plan, case)).flatten();
        let found = kept.is_some();
        let mut outcome = kept.unwrap_or_else(|| pipeline::extract(plan, case, services, pictures));
        if outcome.faults.iter().any(|fault| fault.cancelled) {
            return None;
        }
        if !found && let Err(why) = means.store.put(plan, case, &outcome) {
            stop(why);
        }
        pipeline::predict(plan, case, services, &mut outcome);
        let exported = match means.exports {
            true => {
                let scores = export::scored(plan, &outcome);
                pipeline::export(plan, case, services, &mut outcome, &scores)
            }
            false => Vec::new(),
        };
        if let Some(wanted) = means.voxels.filter(|_| !outcome.rows.is_empty()) {
            outcome.faults.extend(write_voxels(plan, case, wanted, services).err());
        }
        if outcome.faults.iter().any(|fault| fault.cancelled) {
            return None;
        }
        Some(Ended { outcome, found, exported })
    };
    let keep = |case: &Case, mut ended: Ended| {
        match &plan.privacy {
            Some(privacy) if ended.found => privacy.silence(&mut ended.outcome),
            Some(privacy) => privacy.clean(&case.name, &plan.attributes(), &mut ended.outcome),
            None => name_places(plan, case, &mut ended.outcome),
        }
        Kept::hold(&waiting, ended).map_err(&stop).ok()
    };
    let count = cases.len();
    let done = each_kept(cases, means.threads, means.services, &work, &Telling(means.observer), &keep)?;
    let (done, kept): (Vec<Case>, Vec<Kept>) = done.into_iter().unzip();
    let reused = kept.iter().filter(|kept| kept.found).count();
    let stopped = stopped.into_inner().unwrap_or_else(PoisonError::into_inner);
    let cancelled = done.len() < count || stopped.is_some();
    Ok(Summary { cancelled, done, kept, waiting, cases: count, reused, stopped })
}

/// In what is written of a case's faults, its files have the places that the results have which are made again.
fn name_places(plan: &Plan, case: &Case, outcome: &mut Outcome) {
    if plan.placed.is_empty() || outcome.faults.is_empty() {
        return;
    }
    for (_, path) in plan.files_of(case) {
        let Some(written) = plan.placed.get(&path) else { continue };
        let [here, there] = [&path, written].map(|path| path.display().to_string());
        outcome.faults.iter_mut().for_each(|fault| fault.message = fault.message.replace(&here, &there));
    }
}

/// Tells of a case that was found otherwise than of one that was computed.
struct Telling<'a>(&'a dyn Observer);

impl Observer<Ended> for Telling<'_> {
    fn case_ended(&self, done: usize, of: usize, case: &Case, ended: &Ended, took: Duration) {
        match ended.found && ended.outcome.faults.is_empty() {
            true => self.0.case_found(done, of, case),
            false => self.0.case_ended(done, of, case, &ended.outcome, took),
        }
    }
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
    each_kept(cases, threads, services, work, observer, &|_, ended| Some(ended))
}

/// The same; of what became of a case, after the observer was told of it, what `keep` makes of it stays in memory.
fn each_kept<T: Send, K: Send>(
    cases: Vec<Case>,
    threads: usize,
    services: &Services,
    work: &(dyn Fn(usize, &Case) -> Option<T> + Sync),
    observer: &dyn Observer<T>,
    keep: &(dyn Fn(&Case, T) -> Option<K> + Sync),
) -> Result<Vec<(Case, K)>, String> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(STACK_BYTES)
        .build()
        .map_err(|cause| format!("cannot start {threads} threads: {cause}"))?;
    let count = cases.len();
    let slots: Vec<Mutex<Option<K>>> = cases.iter().map(|_| Mutex::new(None)).collect();
    let (next, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let next_cases = || {
        while !services.cancelled.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(index) else { break };
            let started = Instant::now();
            let Some(outcome) = pool.install(|| work(index, case)) else { break };
            let done = ended.fetch_add(1, Ordering::Relaxed) + 1;
            observer.case_ended(done, count, case, &outcome, started.elapsed());
            *slots[index].lock().unwrap_or_else(PoisonError::into_inner) = keep(case, outcome);
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

/// The files that a run leaves in its folder, or a study in that of each cohort.
pub const FILES: [&str; 22] = {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = TABLES;
    [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, "run.json", CASES]
};

/// Those of them that are the same whenever they are made from the same.
pub const TABLES: [&str; 20] = [
    "features.csv",
    "features.parquet",
    "features.arrow",
    "features_long.csv",
    "features_long.parquet",
    "features_long.arrow",
    output::PERTURBED,
    output::CONTROLS,
    ROBUSTNESS,
    "inputs.csv",
    "scores.csv",
    "scores.parquet",
    "scores.arrow",
    output::CARDS,
    output::CONTROL_SCORES,
    "failures.csv",
    tables::COURSE,
    tables::DELTA,
    tables::DELTA_LONG,
    tables::SUMS,
];

/// Writes everything that a run leaves behind: all of it, or nothing. Gives the number of cases that have no place in the course of their
/// patient.
///
/// # Errors
/// Which file, and why not.
pub fn write(
    plan: &Plan,
    experiment: &Experiment,
    list: Option<&Path>,
    summary: &Summary,
    folder: &Folder,
    record: &Record,
) -> Result<NotFollowed, String> {
    let set = output::Set::begin(folder)?;
    fill(plan, summary, set.folder(), record, &[])?;
    let not_followed = course::write_course(plan, summary, set.folder(), record.threads)?;
    leave::experiment(set.folder(), plan, experiment)?;
    let mut lock = leave::lock(plan, experiment, record, list)?;
    lock.complete = !summary.cancelled;
    lock.note(set.folder().path(), "", &TABLES)?;
    lock.input.extend(lock::InputsUsed::of(set.folder().path(), "")?);
    lock.write(set.folder())?;
    set.switch(&[&FILES[..], &leave::FILES[..]].concat())?;
    exports(plan, summary, folder)?;
    Ok(not_followed)
}

/// Writes what a study leaves of a cohort, some of whose cases may be of the same lesions: all of it, or nothing.
///
/// # Errors
/// Which file, and why not.
pub fn write_cohort(
    plan: &Plan,
    summary: &Summary,
    folder: &Folder,
    record: &Record,
    repeats: &[Repeats],
) -> Result<(), String> {
    let set = output::Set::begin(folder)?;
    fill(plan, summary, set.folder(), record, repeats)?;
    set.switch(&FILES)
}

fn fill(plan: &Plan, summary: &Summary, folder: &Folder, record: &Record, repeats: &[Repeats]) -> Result<(), String> {
    let entry = |at: usize| -> Entry {
        let mut entry = summary.done[at].entry();
        entry.place(&plan.placed);
        plan.privacy.iter().for_each(|privacy| privacy.entry(&mut entry));
        entry
    };
    let mut parts = [plan.record(), serde_json::json!(plan.libraries), serde_json::json!(plan.files)];
    if let Some(privacy) = &plan.privacy {
        parts.iter_mut().for_each(|part| privacy.record(part));
    }
    let [of_plan, plugins, files] = parts;
    let done = waiting::Done::new(&summary.waiting, summary.kept.iter().map(|kept| &kept.held), &entry);
    let run = Run {
        cancelled: summary.cancelled,
        nameless: plan.privacy.is_some(),
        cases: summary.cases,
        failed: summary.failed(),
        experiment: &plan.document,
        plan: of_plan,
        plugins,
        files,
        done: &done,
    };
    let covariates = covariates(summary);
    let settings = if plan.also.is_empty() { Vec::new() } else { plan.column_settings() };
    let names = |column: &str| by_name(column, "").is_some();
    let beside = output::Beside { also: &plan.also, settings: &settings, names, is_missing };
    let layout = plan.layout();
    output::tables(folder, &layout, &covariates, &done, &beside)?;
    output::perturbed(folder, &layout, &done)?;
    output::controls(folder, &layout, &done)?;
    robustness::write(folder, &layout, &done, repeats)?;
    lock::cases(folder, &covariates, &done)?;
    record.write(folder, &run)
}

/// The further columns of the list of cases, in its order.
fn covariates(summary: &Summary) -> Vec<String> {
    let mut seen = HashSet::new();
    let names = summary.done.iter().flat_map(|case| case.covariates.names());
    names.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
}

/// Whether every column of the tables has a name of its own, beside further columns of the list of cases.
///
/// # Errors
/// Which column of the list of cases has the name of another one.
pub fn check_columns<'a>(plan: &Plan, further: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    output::check_columns(&plan.layout(), further)
}
