//! What was finished, kept under everything that the features of a plan depend on.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::{
    cases::Case,
    digest, files,
    host::{CaseHost, LibraryRecord},
    pipeline::{self, Outcome},
    plan::Plan,
    results::{self, Basis, FileRead, Identity, Program, Stamp, identity::of_column},
    stages::Fault,
};

/// A folder of records of a plan.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    store: results::Store,
    /// Whether files are read again although size and time say that they are as they were.
    verify: bool,
    /// Plugins that came with the program, and were built again without it.
    built_alone: BTreeSet<String>,
}

/// What is learnt from a case for something that is fitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// The observations.
    pub observations: Vec<String>,
    /// Whether an earlier run has made them.
    pub found: bool,
    /// Why they could not be kept, if they could not.
    pub not_kept: Option<String>,
}

impl Store {
    /// A store of records of a plan: they belong to the program, to everything of the plan that a feature depends on, to
    /// the libraries of the plugins behind features, and to the files that their settings name. With `verify`, the
    /// files of each case are read again, whatever is remembered of them.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn open(folder: &Path, plan: &Plan, program: &Program, verify: bool) -> Result<Self, String> {
        let built_alone = built_alone(folder, plan, program)?;
        let store = results::Store::open(folder, basis(plan, program, &built_alone).digest(), &plan.layout())?;
        Ok(Self { folder: folder.to_owned(), store, verify, built_alone })
    }

    /// The records of another plan, in the same folder.
    ///
    /// # Errors
    /// As of [`open`](Self::open).
    pub fn of(&self, plan: &Plan, program: &Program) -> Result<Self, String> {
        Self::open(&self.folder, plan, program, self.verify)
    }

    /// A place beside the records for outcomes, until their tables are written.
    ///
    /// # Errors
    /// If no file can be made there.
    pub fn waiting(&self) -> Result<results::Waiting, String> {
        results::Waiting::new(&self.folder)
    }

    /// What a library is, in every key: of one that came with the program the names of its plugins, unless it was built again
    /// without the program; of any other one the digest of its bytes, and of those of the libraries that it brings.
    pub fn identity(&self, library: &LibraryRecord) -> String {
        identity_of(library, &self.built_alone)
    }

    /// Plugins that came with the program, and were built again without it: they are known by their bytes.
    pub fn built_alone(&self) -> impl Iterator<Item = &str> {
        self.built_alone.iter().map(String::as_str)
    }

    /// The outcome of a case up to its features, if there is a record of it that still holds. Looks at the case's files to
    /// find out.
    pub fn get(&self, plan: &Plan, case: &Case) -> Option<Outcome> {
        self.store.get(&self.now(plan, case)?)
    }

    /// What is learnt from a case for something that is fitted, such as `images.normalised`: what is kept of the very bytes that
    /// the case has now, or what `observe` finds with the host of the case, which is then kept.
    ///
    /// # Errors
    /// Why the case cannot be looked at.
    pub fn observed(
        &self,
        plan: &Plan,
        case: &Case,
        fitted: &str,
        host: &CaseHost,
        observe: impl FnOnce() -> Result<Vec<String>, Fault>,
    ) -> Result<Observed, Fault> {
        if let Some(observations) = self.now(plan, case).and_then(|identity| self.store.observed(&identity, fitted)) {
            return Ok(Observed { observations, found: true, not_kept: None });
        }
        let named = plan.files_of(case);
        let found = files::of(&named);
        let observations = observe()?;
        // Where files were not there a moment ago, nothing is known of them, and nothing is kept.
        let found = found.unwrap_or_default();
        let read = files::read(&found).unwrap_or_default();
        let (read, _) = pipeline::all_read(case, &named, found, read, host)?;
        let not_kept = self.store.observe(&identity(case, &read), fitted, &observations).err();
        Ok(Observed { observations, found: false, not_kept })
    }

    /// What a case is by its files as they are now; none if they cannot be read, or are not what the list says.
    fn now(&self, plan: &Plan, case: &Case) -> Option<Identity> {
        if case.fault.is_some() {
            return None;
        }
        let (name, named) = (name_of(plan, case), plan.files_of(case));
        let mut found = files::of(&named).ok()?;
        // What a loader reads beside the files of the list is known from the last time only.
        found.extend(files::beside_again(&named, &self.store.last_remembered(&name)).ok()?);
        let stamps: Vec<Stamp> = found.iter().map(|found| found.stamp).collect();
        // What is remembered has the names of files.
        let known = if self.verify || plan.privacy.is_some() { None } else { self.store.remembered(&name, &stamps) };
        let read = match known {
            Some(known) => known,
            None => {
                let read = files::read(&found).ok()?;
                files::steady(&found).ok()?;
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
        case.expected.iter().zip(&named).all(is_named).then_some(identity)
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
            let perturbed = outcome.perturbed.clone();
            let mut kept = Outcome { rows, volumes, metadata, files, perturbed, ..Outcome::default() };
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

fn name_of_library(library: &LibraryRecord) -> String {
    library.named().0.join(", ")
}

fn identity_of(library: &LibraryRecord, built_alone: &BTreeSet<String>) -> String {
    match library.is_ours() && !built_alone.contains(&name_of_library(library)) {
        true => format!("of the program: {}", name_of_library(library)),
        false => library.content(),
    }
}

/// The plugins of a plan that came with the program, and were built again without it since this folder first met the two.
fn built_alone(folder: &Path, plan: &Plan, program: &Program) -> Result<BTreeSet<String>, String> {
    let mut by_place: BTreeMap<&Path, BTreeMap<String, String>> = BTreeMap::new();
    for library in plan.libraries.iter().filter(|library| library.is_ours()) {
        let place = library.named().2.parent().unwrap_or(Path::new(""));
        by_place.entry(place).or_default().insert(name_of_library(library), library.digest().get().to_owned());
    }
    let of = |(place, files): (&Path, _)| results::store::built_alone(folder, &program.digest, place, &files);
    Ok(by_place.into_iter().map(of).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// What everything that is kept of a plan depends on.
fn basis(plan: &Plan, program: &Program, built_alone: &BTreeSet<String>) -> Basis {
    let mut settings = plan.record();
    if let Some(settings) = settings.as_object_mut() {
        ["predictors", "max_scan_bytes", "covariates"].iter().for_each(|key| {
            settings.remove(*key);
        });
    }
    let settings = serde_json::json!({
        "plan": settings,
        "images": plan.images.iter().map(|image| {
            // Two filters may have the same settings, or none.
            let filter = image.filter.as_ref().map(|filter| &filter.name);
            let map = image.mapping.as_ref().map(crate::plan::Mapping::record);
            (filter, &image.settings, plan.source_name(image), &image.scan, image.state_digest(), map)
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
        plugins: libraries.map(|library| identity_of(library, built_alone)).collect(),
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
