//! What a study leaves so that its numbers can be had again.

use std::path::PathBuf;

use voxomics_engine::{leave, run};

use super::{Work, left_out};

/// Writes the experiment, and a lock that says that not everything is there: tables of an earlier run may still be.
///
/// # Errors
/// Which file, and why not.
pub fn begin(work: &Work<'_>) -> Result<(), String> {
    leave::experiment(work.folder, work.plan, work.experiment)?;
    let mut lock = leave::lock(work.plan, work.experiment, work.record, None)?;
    lock.complete = false;
    lock.write(work.folder)
}

/// Writes the lock of a study that went as far as it was wanted.
///
/// # Errors
/// Which file, and why not.
pub fn complete(work: &Work<'_>, models: &[PathBuf]) -> Result<(), String> {
    let mut lock = leave::lock(work.plan, work.experiment, work.record, None)?;
    let root = work.folder.path();
    lock.note(root, "", &["unjoined.csv", left_out::TABLE])?;
    for cohort in &work.experiment.study.cohorts {
        lock.note(&root.join(&cohort.name), &format!("{}/", cohort.name), &run::TABLES)?;
    }
    for model in models {
        let name = model.file_name().unwrap_or_default().to_string_lossy().into_owned();
        lock.note(model.parent().unwrap_or(root), "models/", &[&name])?;
    }
    lock.complete = true;
    lock.write(work.folder)
}
