//! Results that name nobody: cases, patients and places by pseudonym, dates shifted, free words left out.
//!
//! Cases get their pseudonyms as soon as their list has been read and joined; whatever is computed, kept, written and drawn
//! afterwards knows nothing else. Messages of failures and lines of the log may quote files: they are not written at all.

mod columns;
mod search;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value as Json;

pub use columns::{Fates, Row, by_name};
use voxomics_results::{
    Entry, FileRead, Key, Outcome,
    identity::of_column,
    lock::Pseudonyms,
    pseudonyms::{Form, Kind, forms, shifted},
};

/// The column of patients' ids, where no cohort names another one.
pub const PATIENT: &str = "patient";

/// What stands for the message of a failure.
pub const MESSAGE: &str = "not written: a message may quote files; the run has said it on the terminal";

/// What of the acquisition is written beside numbers: words that a scanner chooses from a list.
const WORDS: [&str; 21] = [
    "Modality",
    "PatientSex",
    "PatientPosition",
    "Manufacturer",
    "ManufacturerModelName",
    "SoftwareVersions",
    "ConvolutionKernel",
    "FilterType",
    "ScanOptions",
    "ContrastBolusRoute",
    "ScanningSequence",
    "SequenceVariant",
    "MRAcquisitionType",
    "RescaleType",
    "Units",
    "SUVType",
    "DecayCorrection",
    "CorrectedImage",
    "AttenuationCorrectionMethod",
    "ScatterCorrectionMethod",
    "IntensityUnit",
];

/// Dates before and after they were moved.
#[derive(Debug, Default)]
pub(crate) struct Dates {
    /// What must not stand in any file.
    before: BTreeSet<String>,
    /// What is written. Of a thousand dates, some become what others were.
    after: BTreeSet<String>,
}

/// How the results of an experiment are kept from naming anybody.
#[derive(Debug)]
pub struct Privacy {
    key: Key,
    /// Columns that are left out.
    drop: BTreeSet<String>,
    /// Whether the cases were read from results, where they have their pseudonyms already.
    from_results: bool,
    said: Mutex<Vec<String>>,
    /// Dates as they were, and as they are written.
    dates: Mutex<Dates>,
    /// The words of the experiment, in which an id is no secret.
    words: String,
}

impl Privacy {
    /// What keeps the results of an experiment of that text from naming anybody. `from_results` says that the cases are read from
    /// results, where they have their pseudonyms already.
    pub fn new(key: Key, drop: &[String], from_results: bool, experiment: &str) -> Self {
        Self {
            key,
            drop: drop.iter().cloned().collect(),
            from_results,
            said: Mutex::default(),
            dates: Mutex::default(),
            words: experiment.to_owned(),
        }
    }

    /// Whether the cases have their pseudonyms already.
    pub fn is_from_results(&self) -> bool {
        self.from_results
    }

    /// The columns that are left out.
    pub fn dropped(&self) -> &BTreeSet<String> {
        &self.drop
    }

    /// The key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// What the lock says of it.
    pub fn stated(&self) -> Pseudonyms {
        Pseudonyms { key: self.key.fingerprint(), drop: self.drop.iter().cloned().collect() }
    }

    /// What becomes of each column of a table.
    ///
    /// # Errors
    /// Which column cannot be passed on, and why.
    pub fn fates<'r>(
        &self,
        id: &str,
        what: &str,
        rows: impl Iterator<Item = Row<'r>> + Clone,
    ) -> Result<Fates, String> {
        let fates =
            Fates::find(&self.drop, id, rows).map_err(|why| format!("{what} cannot be pseudonymised: {why}"))?;
        fates.dated().for_each(|(column, form)| self.key.dated(column, form));
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let line = format!("{what}: {fates}");
        if !said.contains(&line) {
            said.push(line);
        }
        Ok(fates)
    }

    /// What became of the columns, a line a list or table.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes out of an outcome what is not written: what the loader tells beside numbers and known words, names of files, lines of
    /// the log, messages. `needed` are attributes that the experiment takes for covariates. To be done once: dates would move again.
    pub fn clean(&self, case: &str, needed: &BTreeSet<&str>, outcome: &mut Outcome) {
        let patient = self.key.known().patients.get(case).cloned().unwrap_or_default();
        let metadata = std::mem::take(&mut outcome.metadata);
        outcome.metadata =
            metadata.into_iter().filter_map(|(name, value)| self.attribute(name, value, &patient, needed)).collect();
        let columns: BTreeMap<&str, u64> = outcome.files.iter().fold(BTreeMap::new(), |mut all, file| {
            *all.entry(file.column.as_str()).or_default() += file.bytes;
            all
        });
        // One for each column, of the same digest: names of files are not kept.
        let files = columns.into_iter().filter_map(|(column, bytes)| {
            let sha256 = of_column(&outcome.files, column)?;
            Some(FileRead { column: column.to_owned(), name: String::new(), sha256, bytes })
        });
        outcome.files = files.collect();
        outcome.stamps.clear();
        self.silence(outcome);
    }

    /// The same for an outcome that was kept, and was cleaned before: what was said of it since then.
    pub fn silence(&self, outcome: &mut Outcome) {
        let dates = outcome.metadata.iter().filter(|(name, _)| is_date(name)).filter_map(|(_, value)| value.as_str());
        self.dates().after.extend(dates.map(str::to_owned));
        outcome.log.clear();
        outcome.faults.iter_mut().for_each(|fault| MESSAGE.clone_into(&mut fault.message));
    }

    fn attribute(&self, name: String, value: Json, patient: &str, needed: &BTreeSet<&str>) -> Option<(String, Json)> {
        let keyword = name.rsplit('.').next().unwrap_or(&name);
        if let Some(text) = value.as_str().filter(|_| is_date(&name)) {
            let moved = self.date(text, *forms(text).first()?, patient)?;
            return Some((name, moved.into()));
        }
        let numbers =
            |value: &Json| value.is_number() || value.as_array().is_some_and(|all| all.iter().all(Json::is_number));
        let stays = numbers(&value) || WORDS.contains(&keyword) || needed.contains(name.as_str());
        stays.then_some((name, value))
    }

    /// A case as tables and record name it: its files, series and region by pseudonym.
    pub fn entry(&self, entry: &mut Entry) {
        let place = |path: &mut std::path::PathBuf| *path = self.place(path).into();
        place(&mut entry.image);
        place(&mut entry.mask);
        entry.images.iter_mut().chain(&mut entry.masks).for_each(|(_, path)| place(path));
        let uid = entry.series.take();
        entry.series = uid.map(|uid| self.key.pseudonym(Kind::Uid, &uid));
        let region = entry.region.take();
        entry.region = region.map(|region| self.key.pseudonym(Kind::Region, &region));
    }

    /// The pseudonym of a place.
    pub fn place(&self, path: &Path) -> String {
        self.key.pseudonym(Kind::Place, &path.to_string_lossy())
    }

    /// Takes every path out of a part of the record: what stands under `path`, and what begins at the root.
    pub fn record(&self, value: &mut Json) {
        match value {
            Json::String(text) if Path::new(text.as_str()).has_root() => *text = self.place(Path::new(text.as_str())),
            Json::Array(all) => all.iter_mut().for_each(|value| self.record(value)),
            Json::Object(map) => {
                for (key, value) in map {
                    match value {
                        Json::String(text) if key == "path" => *text = self.place(Path::new(text.as_str())),
                        value => self.record(value),
                    }
                }
            }
            _ => {}
        }
    }

    /// Refuses words in which somebody's id stands, each with its key: they are written as they are.
    ///
    /// # Errors
    /// Which keys; not the ids.
    pub fn check_words(&self, stated: &[(String, &str)]) -> Result<(), String> {
        let secrets = search::Secrets::of_people(&self.key);
        let found: Vec<String> = stated
            .iter()
            .filter_map(|(key, words)| Some(format!("`{key}` (that of a {})", secrets.in_words(words)?)))
            .collect();
        match found.as_slice() {
            [] => Ok(()),
            found => Err(format!(
                "words of the experiment are written into the results as they are, and ids of the list stand in {}: take them out, or \
                 leave --pseudonymise out",
                found.join(", ")
            )),
        }
    }

    /// Files of the results in which an id, a date or a place of the inputs stands after all, with what kind of thing it is.
    ///
    /// # Errors
    /// Which file cannot be read.
    pub fn search(&self, folder: &Path) -> Result<Vec<String>, String> {
        search::Secrets::new(&self.key, &self.dates(), &self.words).below(folder)
    }

    /// A date of a patient as it is written.
    fn date(&self, cell: &str, form: Form, patient: &str) -> Option<String> {
        let moved = shifted(cell, form, self.key.shift(patient));
        let mut dates = self.dates();
        dates.before.insert(cell.trim().to_owned());
        dates.after.extend(moved.clone());
        moved
    }

    /// Notes the dates of a case that was read from results, where they were moved.
    pub fn note_moved<'c>(&self, covariates: impl Iterator<Item = (&'c str, &'c str)>) {
        let columns = self.key.known().dates.clone();
        let moved = covariates.filter(|(column, _)| columns.contains_key(*column)).map(|(_, cell)| cell.to_owned());
        self.dates().after.extend(moved);
    }

    fn dates(&self) -> MutexGuard<'_, Dates> {
        self.dates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an attribute is a date, by its name: `StudyDate`, `pet.StudyDate`.
fn is_date(attribute: &str) -> bool {
    attribute.ends_with("Date")
}
