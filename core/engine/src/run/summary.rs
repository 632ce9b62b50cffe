//! What became of a run, of which the most waits on disk until it is written.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cases::Case,
    pipeline::Outcome,
    results::{
        Waiting,
        waiting::{Held, HeldBytes},
    },
    stages::{Fault, export::Exported},
};

/// What became of a run. What the cases gave is on disk: memory does not grow with it.
#[derive(Debug)]
pub struct Summary {
    /// The cases that were run, in the order of the list.
    pub done: Vec<Case>,
    /// What became of each of them.
    pub(super) kept: Vec<Kept>,
    pub(super) waiting: Waiting,
    /// How many cases there are.
    pub cases: usize,
    /// How many of them were finished by an earlier run.
    pub reused: usize,
    /// Whether the run was given up before its last case.
    pub cancelled: bool,
    /// Why it was given up, if nobody asked for it: what was finished could not be kept.
    pub stopped: Option<String>,
}

impl Summary {
    /// How many cases have a fault.
    pub fn failed(&self) -> usize {
        self.kept.iter().filter(|kept| !kept.held.faults().is_empty()).count()
    }

    /// The names of the cases that have a fault.
    pub fn failed_cases(&self) -> impl Iterator<Item = &str> {
        let with_fault = self.done.iter().zip(&self.kept).filter(|(_, kept)| !kept.held.faults().is_empty());
        with_fault.map(|(case, _)| case.name.as_str())
    }

    /// How many rows the cases have.
    pub fn rows(&self) -> usize {
        self.kept.iter().map(|kept| kept.held.rows).sum()
    }

    /// How many scores the cases have.
    pub fn scores(&self) -> usize {
        self.kept.iter().map(|kept| kept.held.scores).sum()
    }

    /// What is missing for faults, in words, with what gave them and in how many cases; the most frequent first.
    pub fn missing(&self) -> Vec<(String, String, usize)> {
        let mut all: BTreeMap<(String, String), usize> = BTreeMap::new();
        for kept in &self.kept {
            let faults = kept.held.faults().iter();
            let of_case: BTreeSet<_> = faults.map(|fault| missing(fault, kept.held.rows == 0)).collect();
            of_case.into_iter().for_each(|what| *all.entry(what).or_default() += 1);
        }
        let mut all: Vec<_> = all.into_iter().map(|((what, by), cases)| (what, by, cases)).collect();
        all.sort_by_key(|(_, _, cases)| std::cmp::Reverse(*cases));
        all
    }

    /// What became of a case, by its place among those that were run.
    pub(super) fn outcome(&self, at: usize) -> Result<Outcome, String> {
        let fail = |cause| format!("what became of {} cannot be read again: {cause}", self.done[at].name);
        self.waiting.get(&self.kept[at].held).map_err(fail)
    }

    /// The cases that were run, each with its outcome, in the order of the list.
    pub fn outcomes(&self) -> impl Iterator<Item = Result<(&Case, Outcome), String>> {
        (0..self.done.len()).map(|at| self.outcome(at).map(|outcome| (&self.done[at], outcome)))
    }
}

/// What a case lacks for a fault, in words, and what gave the fault.
fn missing(fault: &Fault, is_all: bool) -> (String, String) {
    let what = match (&fault.region, is_all) {
        (_, true) => "everything is missing".to_owned(),
        (Some(region), false) => format!("values of the region `{region}` are missing"),
        (None, false) => "values are missing".to_owned(),
    };
    let by = fault.plugin.as_ref().map(|plugin| format!(", {plugin}")).unwrap_or_default();
    (what, format!("{}{by}", fault.stage))
}

/// What became of a case: found or computed.
pub(super) struct Ended {
    pub outcome: Outcome,
    pub found: bool,
    pub exported: Vec<Exported>,
}

/// What became of a case, and waits on disk until it is written.
#[derive(Debug)]
pub(super) struct Kept {
    pub held: Held,
    pub found: bool,
    /// Each file of an exporter: the exporter, the name and the bytes.
    pub exported: Vec<(String, String, HeldBytes)>,
}

impl Kept {
    /// Puts what became of a case where it waits.
    pub fn hold(waiting: &Waiting, Ended { outcome, found, exported }: Ended) -> Result<Self, String> {
        let mut files = Vec::new();
        for Exported { exporter, files: made } in exported {
            for file in made {
                files.push((exporter.clone(), file.name, waiting.put_bytes(&file.bytes)?));
            }
        }
        Ok(Self { held: waiting.put(outcome)?, found, exported: files })
    }
}
