//! Running a plan over all cases: threads, cancellation, progress, and what is written at the end.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

pub use voxomics_results::Record;

use crate::{
    cases::Case,
    host::Services,
    output::{self, Folder},
    pipeline::{self, Outcome},
    plan::Plan,
    results::{Entry, record::Run},
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
    let entries: Vec<Entry> = summary.done.iter().map(|(case, _)| case.entry()).collect();
    let outcomes = summary.done.iter().map(|(_, outcome)| outcome);
    let done: Vec<output::Done<'_>> = entries.iter().zip(outcomes).collect();
    let mut covariates: Vec<String> = Vec::new();
    for (name, _) in summary.done.iter().flat_map(|(case, _)| &case.covariates) {
        if !covariates.contains(name) {
            covariates.push(name.clone());
        }
    }
    let tables = output::tables(folder, &plan.layout(), &covariates, &done);
    let run = Run {
        interface_generation: voxomics_interface::GENERATION,
        cancelled: summary.cancelled,
        cases: summary.cases,
        failed: summary.failed(),
        experiment: &plan.document,
        plan: plan.record(),
        plugins: serde_json::json!(plan.libraries),
        files: serde_json::json!(plan.files),
        done: &done,
    };
    tables.and(record.write(folder, &run))
}

/// Whether every column of the tables has a name of its own.
///
/// # Errors
/// Which column of the list of cases has the name of another one.
pub fn check_columns(plan: &Plan, cases: &[Case]) -> Result<(), String> {
    cases.first().map_or(Ok(()), |case| output::check_columns(&plan.layout(), &case.covariates))
}
