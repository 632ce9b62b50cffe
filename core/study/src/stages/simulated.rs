//! Simulate: the scans of a study with a known truth.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use voxomics_engine::experiment::{Experiment, study::Simulation};

use crate::work::Work;

use super::clock::Clock;

/// Makes the simulated study, if one is asked for and not there yet.
pub(super) fn simulate(work: &Work<'_>, folder: &Path, clock: &mut Clock<'_>) -> Result<(), String> {
    let Some(stated) = work.experiment.study.simulation else { return Ok(()) };
    let settings = settings(stated)?;
    if voxomics_simulation::is_complete(&settings, folder) {
        clock.stage("simulate", "finished before".into());
        return Ok(());
    }
    let parallel = |count: usize, one: &(dyn Fn(usize) + Sync)| {
        use rayon::prelude::*;
        let done = AtomicUsize::new(0);
        let told = |index: usize| {
            one(index);
            work.observer.step("scans", done.fetch_add(1, Ordering::Relaxed) + 1, count);
        };
        work.in_pool(|| (0..count).into_par_iter().with_max_len(1).for_each(told));
    };
    let made = voxomics_simulation::cohort(&settings, folder, &parallel).map_err(|error| error.to_string())?;
    clock.stage("simulate", format!("{} simulated patients in {} cohorts", stated.patients, made.cohorts.len()));
    Ok(())
}

/// Whether the scans of a study that is simulated are there; of every other study they are.
///
/// # Errors
/// That they are not, and the command that makes them.
pub fn is_simulated(experiment: &Experiment, folder: &Path) -> Result<(), String> {
    let Some(stated) = experiment.study.simulation else { return Ok(()) };
    match voxomics_simulation::is_complete(&settings(stated)?, folder) {
        true => Ok(()),
        false => Err(format!(
            "the simulated study is not there yet, and shards would make it at the same time: first\n  voxomics simulate \
             cohort {} --patients {} --seed {} --effect {}",
            folder.display(),
            stated.patients,
            stated.seed,
            stated.effect
        )),
    }
}

/// How the study is simulated.
fn settings(stated: Simulation) -> Result<voxomics_simulation::Settings, String> {
    let patients = usize::try_from(stated.patients).map_err(|_| "too many patients".to_owned())?;
    Ok(voxomics_simulation::Settings { patients, seed: stated.seed, effect: stated.effect })
}
