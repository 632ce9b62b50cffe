//! How an experiment is to be run, as the command line says.

use std::path::{self, PathBuf};

use voxomics_engine::{experiment::Experiment, stages::written::What};

use crate::{Loudness, Refused, Writing, experiment, shard::Shard};

/// The folder of what is kept so that a run can go on.
pub const KEPT: &str = "kept";

/// How an experiment is to be run.
pub struct Asked {
    pub out: Option<PathBuf>,
    pub loudness: Loudness,
    pub writing: Writing,
    pub shard: Option<Shard>,
    pub write: What,
}

impl Asked {
    /// The folder that results go to.
    pub fn output(&self, experiment: &Experiment) -> Result<PathBuf, Refused> {
        let own = || experiment.output.clone().unwrap_or_else(|| experiment::default_output(&experiment.name));
        // A plugin in this process may change the working directory: after it was entered, a relative path leads elsewhere.
        path::absolute(self.out.clone().unwrap_or_else(own))
            .map_err(|cause| Refused(format!("the working directory cannot be found: {cause}")))
    }
}
