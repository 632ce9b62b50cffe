//! How long each stage takes.

use std::time::{Duration, Instant};

use voxomics_report::study as shown;

/// The clock of a run.
pub(super) struct Clock<'a> {
    since: Instant,
    told: &'a dyn Fn(&str),
    pub(super) stages: Vec<shown::Stage>,
}

impl<'a> Clock<'a> {
    pub(super) fn new(told: &'a dyn Fn(&str)) -> Self {
        Self { since: Instant::now(), told, stages: Vec::new() }
    }

    /// Tells that a stage has ended.
    pub(super) fn stage(&mut self, name: &str, note: String) {
        let took: Duration = std::mem::replace(&mut self.since, Instant::now()).elapsed();
        (self.told)(&format!("{name:<9} {:>7.2} s  {note}", took.as_secs_f64()));
        self.stages.push(shown::Stage { name: name.into(), seconds: took.as_secs_f64(), note });
    }
}
