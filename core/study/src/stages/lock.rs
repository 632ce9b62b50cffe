//! What a study leaves so that its numbers can be had again.

use std::path::Path;

use voxomics_engine::{leave, results::lock::InputsUsed, run};

use crate::{cards, work::Work};

use super::{Ended, drawn::FIGURES, left_out};

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
pub fn complete(work: &Work<'_>, ended: &Ended) -> Result<(), String> {
    let mut lock = leave::lock(work.plan, work.experiment, work.record, None)?;
    let root = work.folder.path();
    lock.note(root, "", &["unjoined.csv", left_out::TABLE])?;
    for cohort in &work.experiment.study.cohorts {
        lock.note(&root.join(&cohort.name), &format!("{}/", cohort.name), &run::TABLES)?;
        lock.input.extend(InputsUsed::of(&root.join(&cohort.name), &cohort.name)?);
    }
    for model in &ended.models {
        let name = model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let [for_people, for_programs] = cards::names(model);
        let names = [format!("{name}.toml"), format!("{name}.training.json"), for_people, for_programs];
        let folder = model.parent().unwrap_or(root);
        let below = folder.file_name().unwrap_or_default().display();
        lock.note(folder, &format!("{below}/"), &names.each_ref().map(String::as_str))?;
    }
    if let Some(report) = ended.report.as_deref().and_then(Path::parent) {
        let names = voxomics_report::written(report).map_err(|error| error.to_string())?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        lock.note(report, "report/", &names)?;
    }
    let figures: Vec<&str> = ended.figures.iter().map(String::as_str).collect();
    lock.note(&root.join(FIGURES), &format!("{FIGURES}/"), &figures)?;
    lock.complete = true;
    lock.write(work.folder)
}
