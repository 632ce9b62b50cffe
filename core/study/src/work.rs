//! What every stage of a study needs.

use std::collections::BTreeSet;

use voxomics_engine::{
    experiment::{
        Experiment,
        study::{self, CohortSource},
    },
    host::Services,
    output::Folder,
    plan::Plan,
    run::{Observer, Record},
    stages::written::What,
    store::Store,
};

use crate::cohort::Joined;

/// What every stage needs.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Its plan.
    pub plan: &'a Plan,
    /// The folder of the results.
    pub folder: &'a Folder,
    /// Number of threads.
    pub threads: usize,
    /// Cancellation and seed.
    pub services: &'a Services,
    /// Who is told how the cases go.
    pub observer: &'a dyn Observer,
    /// Who is told how the stages go.
    pub told: &'a dyn Fn(&str),
    /// Where finished cases are kept.
    pub store: &'a Store,
    /// The record of the run.
    pub record: &'a Record,
    /// The pool of threads.
    pub pool: &'a rayon::ThreadPool,
    /// The study before anything was fitted on images, if something was.
    pub unfitted: Option<&'a dyn Refit>,
    /// What is written of the voxels of the cohorts.
    pub write: What,
}

/// An experiment with everything that was fitted, its plan, and where its finished cases are kept.
pub struct Fitted {
    /// The experiment.
    pub experiment: Experiment,
    /// Its plan.
    pub plan: Plan,
    /// Where finished cases are kept.
    pub store: Store,
}

/// What became of the fitting.
pub enum Fits {
    /// There was nothing to fit.
    Nothing,
    /// All is fitted.
    Done(Box<Fitted>),
    /// The run was given up.
    GivenUp,
}

/// A patient in whichever cohort: the cohort if the id is its own, else nothing, and the id.
pub type Who = (String, String);

/// A study before anything was fitted on images.
pub trait Refit {
    /// The cohorts.
    fn joined(&self) -> &[Joined];

    /// Fits everything without some patients; says nothing, for what there is to be warned of was said of all patients.
    ///
    /// # Errors
    /// What cannot be fitted, and why.
    fn fit_anew(&self, without: &BTreeSet<Who>) -> Result<Fits, String>;
}

impl<'a> Work<'a> {
    /// The same work, with what was fitted.
    pub fn with(&self, fitted: Option<&'a Fitted>, unfitted: &'a dyn Refit) -> Self {
        let Some(Fitted { experiment, plan, store }) = fitted else { return *self };
        Self { experiment, plan, store, unfitted: Some(unfitted), ..*self }
    }

    /// Runs something on the pool.
    pub fn in_pool<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    /// Whether one of these cohorts is simulated.
    pub fn simulated(&self, cohorts: &[String]) -> bool {
        let is = |cohort: &&study::Cohort| {
            cohorts.contains(&cohort.name) && matches!(cohort.source, CohortSource::Simulated(_))
        };
        self.experiment.study.cohorts.iter().any(|cohort| is(&cohort))
    }
}
