//! How an experiment is to be run, as the command line says.

use std::path::{self, Path, PathBuf};

use voxomics_engine::{experiment::Experiment, plan::Plan, run::Record, stages::written::What, store::Store};

use crate::{Loudness, Refused, Writing, experiment, shard::Shard};

/// The folder of what is kept so that a run can go on.
const KEPT: &str = "kept";

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

/// What is kept in a folder of results; says which plugins of ours are no longer those of the program's build.
pub fn store(output: &Path, plan: &Plan, record: &Record, writing: Writing) -> Result<Store, Refused> {
    let store = Store::open(&output.join(KEPT), plan, &record.program, writing.verify)?;
    for plugin in store.built_alone() {
        tell!(
            "warning: {plugin} was built again and the program was not: it is known by its bytes here, and what was finished \
             before it is computed again. Build all of it (cargo build)"
        );
    }
    Ok(store)
}
