//! What was finished, kept under everything that the features of a plan depend on.

use std::path::{Path, PathBuf};

use crate::{
    cases::Case,
    digest, files,
    host::LibraryRecord,
    pipeline::Outcome,
    plan::Plan,
    results::{self, Basis, FileRead, Identity, Program, Stamp, identity::of_column},
};

/// A folder of records of a plan.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    store: results::Store,
    /// Whether files are read again although size and time say that they are as they were.
    verify: bool,
}

impl Store {
    /// A store of records of a plan: they belong to the program, to everything of the plan that a feature depends on, to
    /// the libraries of the plugins behind features, and to the files that their settings name. With `verify`, the
    /// files of each case are read again, whatever is remembered of them.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open(folder: &Path, plan: &Plan, program: &Program, verify: bool) -> Result<Self, String> {
        let store = results::Store::open(folder, basis(plan, program).digest(), &plan.layout())?;
        Ok(Self { folder: folder.to_owned(), store, verify })
    }

    /// The records of another plan, in the same folder.
    ///
    /// # Errors
    /// As of [`open`](Self::open).
    pub fn of(&self, plan: &Plan, program: &Program) -> Result<Self, String> {
        Self::open(&self.folder, plan, program, self.verify)
    }

    /// The outcome of a case up to its features, if there is a record of it that still holds. Looks at the case's files to
    /// find out.
    pub fn get(&self, plan: &Plan, case: &Case) -> Option<Outcome> {
        if case.fault.is_some() {
            return None;
        }
        let found = files::of(&plan.files_of(case)).ok()?;
        let stamps: Vec<Stamp> = found.iter().map(|found| found.stamp).collect();
        let name = name_of(plan, case);
        // What is remembered has the names of files.
        let known = if self.verify || plan.privacy.is_some() { None } else { self.store.remembered(&name, &stamps) };
        let read = match known {
            Some(known) => known,
            None => {
                let read = files::read(&found).ok()?;
                if files::changed(&found).is_some() {
                    return None;
                }
                if plan.privacy.is_none() {
                    // What cannot be remembered is read again the next time.
                    let _ = self.store.remember(&name, &read.iter().cloned().zip(stamps).collect::<Vec<_>>());
                }
                read
            }
        };
        let identity = identity(case, &read);
        let named = ["image", "mask"].map(|column| of_column(&identity.files, column));
        let is_named = |(expected, found): (&Option<String>, &Option<String>)| expected.is_none() || expected == found;
        case.expected.iter().zip(&named).all(is_named).then(|| self.store.get(&identity)).flatten()
    }

    /// Keeps an outcome, unless a fault or an unreadable file makes it one that may be another tomorrow.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn put(&self, plan: &Plan, case: &Case, outcome: &Outcome) -> Result<(), String> {
        if outcome.files.is_empty() {
            return Ok(());
        }
        if let Some(privacy) = &plan.privacy {
            let (rows, volumes, metadata, files) =
                (outcome.rows.clone(), outcome.volumes.clone(), outcome.metadata.clone(), outcome.files.clone());
            let mut kept = Outcome { rows, volumes, metadata, files, ..Outcome::default() };
            privacy.clean(&case.name, &plan.attributes(), &mut kept);
            return match outcome.faults.is_empty() {
                true => self.store.put(&identity(case, &outcome.files), &kept),
                false => Ok(()),
            };
        }
        let read = outcome.files.iter().cloned().zip(outcome.stamps.iter().copied());
        self.store.remember(&name_of(plan, case), &read.collect::<Vec<_>>())?;
        self.store.put(&identity(case, &outcome.files), outcome)
    }
}

/// What everything that is kept of a plan depends on.
pub fn basis(plan: &Plan, program: &Program) -> Basis {
    let mut settings = plan.record();
    if let Some(settings) = settings.as_object_mut() {
        ["predictors", "max_scan_bytes", "covariates"].iter().for_each(|key| {
            settings.remove(*key);
        });
    }
    let settings = serde_json::json!({
        "plan": settings,
        "images": plan.images.iter().map(|image| {
            let filter = image.filter.as_ref().map(|filter| &filter.name);
            (filter, &image.settings, plan.source_name(image), &image.scan, image.state_digest())
        }).collect::<Vec<_>>(),
        "columns": plan.columns,
        "load": plan.document.get("load"),
    });
    // Of what the loader tells, only what is needed is kept.
    let settings = match &plan.privacy {
        None => settings,
        Some(privacy) => serde_json::json!([settings, privacy.key().fingerprint(), plan.attributes()]),
    };
    let libraries = plan.libraries.iter().filter(|library| library.is_behind_features());
    Basis {
        program: program.digest.clone(),
        plugins: libraries.map(LibraryRecord::identity).collect(),
        settings,
        files: plan.files.iter().filter(|file| file.for_features).map(|file| file.sha256.clone()).collect(),
    }
}

/// The name that digests of a case's files are remembered under: that of the case, and where its files are.
fn name_of(plan: &Plan, case: &Case) -> String {
    let mut all = digest::sha256(case.name.as_bytes());
    for (column, path) in plan.files_of(case) {
        all += &format!("{column} {}", digest::sha256(path.as_os_str().as_encoded_bytes()));
    }
    digest::sha256(all.as_bytes())
}

fn identity(case: &Case, files: &[FileRead]) -> Identity {
    let modality = case.modality().map(str::to_owned);
    let Case { name, series, series_of, label, region, .. } = case.clone();
    Identity { case: name, series, series_of, label, region, modality, files: files.to_vec() }
}
