//! Simulate: the scans of a study with a known truth.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use voxomics_engine::experiment::{
    Experiment,
    study::{CohortSource, Simulation},
};
use voxomics_simulation::course;

use crate::work::Work;

use super::clock::Clock;

/// The simulations that cohorts of an experiment are of: the four cohorts, and that of a course.
fn wanted(experiment: &Experiment) -> [bool; 2] {
    let names = || {
        experiment.study.cohorts.iter().filter_map(|cohort| match &cohort.source {
            CohortSource::Simulated(name) => Some(name.as_str()),
            _ => None,
        })
    };
    let course = names().any(|name| name == course::NAME);
    // A simulation without a cohort that takes it was always made.
    [!course || names().any(|name| name != course::NAME), course]
}

/// Makes the simulated study, if one is asked for and not there yet.
pub(super) fn simulate(work: &Work<'_>, folder: &Path, clock: &mut Clock<'_>) -> Result<(), String> {
    let Some(stated) = work.experiment.study.simulation else { return Ok(()) };
    let settings = settings(stated)?;
    let [cohorts, of_course] = wanted(work.experiment);
    let course_folder = folder.join(course::NAME);
    let cohorts = cohorts && !voxomics_simulation::is_complete(&settings, folder);
    let of_course = of_course && !course::is_complete(&settings, &course_folder);
    if !cohorts && !of_course {
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
    if cohorts {
        let made = voxomics_simulation::cohort(&settings, folder, &parallel).map_err(|error| error.to_string())?;
        clock.stage("simulate", format!("{} simulated patients in {} cohorts", stated.patients, made.cohorts.len()));
    }
    if of_course {
        course::make(&settings, &course_folder, &parallel).map_err(|error| error.to_string())?;
        clock.stage("simulate", format!("{} simulated patients over time", stated.patients));
    }
    Ok(())
}

/// Whether the scans of a study that is simulated are there; of every other study they are.
///
/// # Errors
/// That they are not, and the command that makes them.
pub fn is_simulated(experiment: &Experiment, folder: &Path) -> Result<(), String> {
    let Some(stated) = experiment.study.simulation else { return Ok(()) };
    let settings = settings(stated)?;
    let [cohorts, of_course] = wanted(experiment);
    if of_course && !course::is_complete(&settings, &folder.join(course::NAME)) {
        return Err(format!(
            "the simulated course is not there yet, and shards would make it at the same time: first\n  voxomics simulate \
             course {} --patients {} --seed {} --effect {}",
            folder.join(course::NAME).display(),
            stated.patients,
            stated.seed,
            stated.effect
        ));
    }
    match !cohorts || voxomics_simulation::is_complete(&settings, folder) {
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
