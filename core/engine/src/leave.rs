//! What a run leaves beside its tables, so that its numbers can be had again: the experiment, the same with every default,
//! and the lock.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use crate::{
    digest,
    experiment::Experiment,
    output::Folder,
    plan::Plan,
    results::{
        Record,
        lock::{EXPERIMENT, FORMAT, FileUsed, ListUsed, Lock, PluginUsed, RESOLVED, Remarks, Stated},
    },
};

/// The files that are left.
pub const FILES: [&str; 3] = [EXPERIMENT, RESOLVED, crate::results::lock::LOCK];

/// Writes the experiment as it was written, and with every default.
///
/// # Errors
/// Which file, and why not.
pub fn experiment(folder: &Folder, plan: &Plan, experiment: &Experiment) -> Result<(), String> {
    folder.write(EXPERIMENT, |out| out.write_all(experiment.text.as_bytes()))?;
    let fail = |cause: toml::ser::Error| format!("{RESOLVED} cannot be written: {cause}");
    let mut resolved = plan.resolved(experiment);
    experiment.privacy.iter().for_each(|privacy| privacy.record(&mut resolved));
    let mut resolved = toml::Table::try_from(resolved).map_err(fail)?;
    in_order(&mut resolved, experiment);
    let resolved = toml::to_string_pretty(&resolved).map_err(fail)?;
    let head = format!("# {}, with every default filled in.\n\n", experiment.name);
    folder.write(RESOLVED, |out| out.write_all(format!("{head}{resolved}").as_bytes()))
}

/// Puts what has names into the order in which the experiment states it: the order of regions and families is that of rows
/// and columns.
fn in_order(resolved: &mut toml::Table, experiment: &Experiment) {
    let Experiment { regions, images, features, predictors, covariates, study, .. } = experiment;
    let orders: [(&str, Vec<&String>); 8] = [
        ("regions", regions.iter().map(|region| &region.name).collect()),
        ("images", images.iter().map(|image| &image.name).collect()),
        ("features", features.iter().map(|family| &family.name).collect()),
        ("predict", predictors.iter().map(|predict| &predict.name).collect()),
        ("covariates", covariates.iter().map(|covariate| &covariate.name).collect()),
        ("cohorts", study.cohorts.iter().map(|cohort| &cohort.name).collect()),
        ("learn", study.learn.iter().map(|learn| &learn.name).collect()),
        ("evaluate", study.evaluate.iter().map(|evaluate| &evaluate.name).collect()),
    ];
    for (section, names) in orders {
        let Some(table) = resolved.get_mut(section).and_then(toml::Value::as_table_mut) else { continue };
        // Not removed one by one from the table, which keeps its order at the price of moving all that follows.
        let mut others: HashMap<String, toml::Value> = std::mem::take(table).into_iter().collect();
        for name in names {
            table.extend(others.remove(name).map(|value| (name.clone(), value)));
        }
        let mut others: Vec<(String, toml::Value)> = others.into_iter().collect();
        others.sort_by(|a, b| a.0.cmp(&b.0));
        table.extend(others);
    }
}

/// How an experiment is known in a lock.
pub fn stated(experiment: &Experiment) -> Stated {
    Stated {
        name: experiment.name.clone(),
        folder: written(experiment, &absolute(&experiment.folder)),
        file: written(experiment, Path::new(experiment.path.file_name().unwrap_or_default())).display().to_string(),
        sha256: Stated::digest_of(&experiment.text),
        set: experiment.overrides.clone(),
        study: !experiment.study.cohorts.is_empty(),
    }
}

/// The lock of a run, without the digests of what it wrote. `list` is the list of cases, if there is one without cohorts.
///
/// # Errors
/// Which file that it names cannot be read.
pub fn lock(plan: &Plan, experiment: &Experiment, record: &Record, list: Option<&Path>) -> Result<Lock, String> {
    let plugins = plan.libraries.iter().map(|library| {
        let (names, version, path) = library.named();
        PluginUsed {
            names: names.to_vec(),
            version: version.into(),
            sha256: library.digest().get().into(),
            path: written(experiment, path),
            ours: library.is_ours(),
            companions: library.companions().clone(),
        }
    });
    let files = plan.files.iter().map(|file| FileUsed {
        setting: file.setting.clone(),
        path: written(experiment, &file.path),
        sha256: file.sha256.clone(),
    });
    let mut lock = Lock {
        format: FORMAT,
        complete: true,
        experiment: stated(experiment),
        program: record.program.clone(),
        remarks: Remarks::here(record.threads),
        pseudonyms: experiment.privacy.as_ref().map(|privacy| privacy.stated()),
        plugin: plugins.collect(),
        file: files.collect(),
        ..Lock::default()
    };
    // For a rerun, lists are written again, and tables may be copied under the name that they had.
    let place = |path: &Path| experiment.placed.get(path).cloned().unwrap_or_else(|| path.to_owned());
    lock.list.extend(list.map(|path| listed(experiment, "", path)).transpose()?);
    for cohort in &experiment.study.cohorts {
        if let crate::experiment::study::CohortSource::List(path) = &cohort.source {
            lock.list.push(listed(experiment, &cohort.name, &place(path))?);
        }
        if let crate::experiment::study::CohortSource::Features(of) = &cohort.source {
            for (number, (_, path)) in of.tables.iter().enumerate() {
                let setting = format!("cohorts.{}.features.{number}", cohort.name);
                lock.file.push(FileUsed {
                    setting,
                    path: written(experiment, &absolute(&place(path))),
                    sha256: digest_of(path)?,
                });
            }
            // How the features were made decides what a model of them says of itself.
            if let Some(maker) = of.maker() {
                lock.file.push(FileUsed {
                    setting: format!("cohorts.{}.settings", cohort.name),
                    path: written(experiment, &absolute(&place(&maker))),
                    sha256: digest_of(&maker)?,
                });
            }
        }
        for (number, table) in cohort.tables.iter().enumerate() {
            let setting = format!("cohorts.{}.tables.{number}", cohort.name);
            lock.file.push(FileUsed {
                setting,
                path: written(experiment, &absolute(&place(&table.path))),
                sha256: digest_of(&table.path)?,
            });
        }
    }
    Ok(lock)
}

fn listed(experiment: &Experiment, cohort: &str, path: &Path) -> Result<ListUsed, String> {
    Ok(ListUsed { cohort: cohort.into(), path: written(experiment, &absolute(path)), sha256: digest_of(path)? })
}

/// A path as it is written: where it is, or its pseudonym.
fn written(experiment: &Experiment, path: &Path) -> PathBuf {
    experiment.privacy.as_ref().map_or_else(|| path.to_owned(), |privacy| privacy.place(path).into())
}

fn absolute(path: &Path) -> std::path::PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn digest_of(path: &Path) -> Result<String, String> {
    digest::sha256_path(path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))
}

/// Refuses a folder that holds the results of another experiment.
///
/// # Errors
/// Whose they are, and what to do.
pub fn may_replace(folder: &Path, experiment: &Experiment) -> Result<(), String> {
    let Some(there) = Lock::read(folder)? else { return Ok(()) };
    let (there, here) = (there.experiment, stated(experiment));
    if there.is_same(&here) {
        return Ok(());
    }
    Err(format!(
        "{} holds the results of another experiment, `{}` ({}); nothing is written over them. Choose another folder with \
         --out, or say --replace",
        folder.display(),
        there.name,
        there.folder.join(&there.file).display()
    ))
}
