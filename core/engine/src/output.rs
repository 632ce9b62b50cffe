//! Writing the tables of a run, each whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{
    cases::Case,
    pipeline::Outcome,
    plan::Plan,
    table::{FeatureValue, number},
};

/// The folder that a run writes to.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder, and checks that files can be written to it before hours are spent on them.
    ///
    /// # Errors
    /// Which folder, and why not.
    pub fn create(path: &Path) -> Result<Self, String> {
        let fail = |cause: io::Error| format!("cannot write to the output folder {}: {cause}", path.display());
        fs::create_dir_all(path).map_err(fail)?;
        tempfile::NamedTempFile::new_in(path).map_err(fail)?;
        Ok(Self { path: path.to_owned() })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file through a temporary one that takes its name only when it is complete and on disk.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn write(&self, name: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), String> {
        let path = self.path.join(name);
        let write = || -> io::Result<()> {
            let file = tempfile::NamedTempFile::new_in(&self.path)?;
            let mut buffer = io::BufWriter::with_capacity(1 << 18, file);
            fill(&mut buffer)?;
            let file = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_data()?;
            readable(&file)?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|cause| format!("cannot write {}: {cause}", path.display()))
    }

    /// Takes a file away that an earlier run may have left.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn remove(&self, name: &str) -> Result<(), String> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(format!("cannot remove {}: {cause}", path.display()))
            }
            _ => Ok(()),
        }
    }
}

/// A temporary file is its owner's alone; a result is a file like any other.
#[cfg(unix)]
fn readable(file: &tempfile::NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &tempfile::NamedTempFile) -> io::Result<()> {
    Ok(())
}

/// A case and what became of it.
pub type Done<'a> = (&'a Case, &'a Outcome);

/// Columns of the tables before those of the list of cases.
const FIRST: [&str; 2] = ["case", "region"];

/// Whether every column of the tables has a name of its own.
///
/// # Errors
/// Which column of the list of cases has the name of another one.
pub fn check_columns(plan: &Plan, cases: &[Case]) -> Result<(), String> {
    let Some(case) = cases.first() else { return Ok(()) };
    let is_taken = |name: &str| FIRST.contains(&name) || plan.columns.iter().any(|column| column.name == name);
    match case.covariates.iter().find(|(name, _)| is_taken(name)) {
        Some((name, _)) => {
            Err(format!("it has a column `{name}`, which is the name of a column of the results: give it another one"))
        }
        None => Ok(()),
    }
}

/// Writes `features.csv`, `features_long.csv`, `inputs.csv`, `scores.csv` and `failures.csv`. A table that cannot be
/// written, as on a disk that is almost full, keeps no other from being written.
///
/// # Errors
/// Which file, and why not; the first of them.
pub fn tables(folder: &Folder, plan: &Plan, covariates: &[String], done: &[Done<'_>]) -> Result<(), String> {
    // Scores of an earlier run would stand beside features that they do not belong to.
    let scored = match plan.predictors.is_empty() {
        true => folder.remove("scores.csv"),
        false => folder.write("scores.csv", |out| scores(out, plan, done)),
    };
    let written = [
        folder.write("features.csv", |out| features(out, plan, covariates, done)),
        folder.write("features_long.csv", |out| features_long(out, plan, done)),
        folder.write("inputs.csv", |out| inputs(out, plan, done)),
        scored,
        folder.write("failures.csv", |out| failures(out, done)),
    ];
    written.into_iter().collect()
}

/// A row a case and region; an undefined value is an empty cell.
fn features(out: &mut dyn Write, plan: &Plan, covariates: &[String], done: &[Done<'_>]) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let columns = plan.columns.iter().map(|column| column.name.as_str());
    out.write_record(FIRST.into_iter().chain(covariates.iter().map(String::as_str)).chain(columns))?;
    for (case, outcome) in done {
        for row in &outcome.rows {
            out.write_field(&case.name)?;
            out.write_field(plan.region_label(row.region, row.component))?;
            for name in covariates {
                out.write_field(case.covariate(name).unwrap_or_default())?;
            }
            for value in &row.values {
                out.write_field(value.as_ref().map(cell).unwrap_or_default())?;
            }
            out.write_record(None::<&[u8]>)?;
        }
    }
    out.flush()
}

fn cell(value: &FeatureValue) -> String {
    value.as_ref().map(|value| number(*value)).unwrap_or_default()
}

/// A row a value, with its code, unit, status and reason.
fn features_long(out: &mut dyn Write, plan: &Plan, done: &[Done<'_>]) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let header = [
        "case",
        "region",
        "image",
        "family",
        "aggregation",
        "feature",
        "ibsi_code",
        "unit",
        "value",
        "status",
        "reason",
    ];
    out.write_record(header)?;
    for (case, outcome) in done {
        for row in &outcome.rows {
            let region = plan.region_label(row.region, row.component);
            for (column, value) in plan.columns.iter().zip(&row.values) {
                let Some(value) = value else { continue };
                let (status, reason) = match value {
                    Ok(_) => ("ok", ""),
                    Err(reason) => ("undefined", &**reason),
                };
                out.write_record([
                    case.name.as_str(),
                    &region,
                    &column.image,
                    &column.family,
                    &column.aggregation,
                    &column.feature,
                    &column.ibsi,
                    &column.unit,
                    &cell(value),
                    status,
                    reason,
                ])?;
            }
        }
    }
    out.flush()
}

/// A row a case (or component): every input that a predictor could take, in the order of the plan.
fn inputs(out: &mut dyn Write, plan: &Plan, done: &[Done<'_>]) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(["case", "component"].into_iter().chain(plan.inputs.iter().map(|(name, _)| name.as_str())))?;
    for (case, outcome) in done {
        for (component, values) in outcome.inputs.iter().filter(|_| !outcome.rows.is_empty()) {
            out.write_field(&case.name)?;
            out.write_field(component.map(|number| number.to_string()).unwrap_or_default())?;
            for value in values {
                out.write_field(cell(value))?;
            }
            out.write_record(None::<&[u8]>)?;
        }
    }
    out.flush()
}

/// A row a score.
fn scores(out: &mut dyn Write, plan: &Plan, done: &[Done<'_>]) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(["case", "component", "predictor", "score", "status", "reason", "contributions", "doubts"])?;
    for (case, outcome) in done {
        for score in &outcome.scores {
            let predictor = &plan.predictors[score.predictor];
            let (status, reason) = match &score.score {
                Ok(_) => ("ok", ""),
                Err(reason) => ("undefined", &**reason),
            };
            let terms = predictor.instance.inputs.iter().zip(&score.contributions);
            let terms: Vec<String> = terms.map(|(name, term)| format!("{name}={}", number(*term))).collect();
            out.write_record([
                case.name.as_str(),
                &score.component.map(|number| number.to_string()).unwrap_or_default(),
                &predictor.name,
                &cell(&score.score),
                status,
                reason,
                &terms.join("; "),
                &score.doubts.join("; "),
            ])?;
        }
    }
    out.flush()
}

/// A row a fault.
fn failures(out: &mut dyn Write, done: &[Done<'_>]) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    out.write_record(["case", "region", "stage", "message"])?;
    for (case, outcome) in done {
        for fault in &outcome.faults {
            out.write_record([
                case.name.as_str(),
                fault.region.as_deref().unwrap_or_default(),
                fault.stage,
                &fault.message,
            ])?;
        }
    }
    out.flush()
}
