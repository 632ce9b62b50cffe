//! One of two folders of results, as far as it tells what it was made from.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value as Json;
use voxomics_base::digest::sha256_path;

use crate::lock::{CASES, LOCK, Lock, RESOLVED};

/// The scores of a cohort.
const SCORES: &str = "scores.csv";

/// A folder of results.
#[derive(Debug)]
pub struct Side {
    /// The folder.
    pub folder: PathBuf,
    /// Its lock.
    pub lock: Lock,
    /// The experiment with every default: settings by their path.
    pub settings: BTreeMap<String, Json>,
    /// The same as a tree.
    pub resolved: Json,
    /// For each case, by cohort and name, its row of `cases.csv`; of a cohort of tables, which has none, the cases of its scores.
    pub cases: BTreeMap<(String, String), BTreeMap<String, String>>,
}

impl Side {
    /// Reads a folder of results.
    ///
    /// # Errors
    /// If it is none, or is not whole.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let lock = Lock::read(folder)?.ok_or_else(|| {
            format!("{} holds no results that voxomics can compare: it has no {LOCK}", folder.display())
        })?;
        if !lock.complete {
            return Err(format!(
                "the results in {} are not whole: their run was given up or is still at work",
                folder.display()
            ));
        }
        let path = folder.join(RESOLVED);
        let text = fs::read_to_string(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
        let resolved: Json =
            toml::from_str(&text).map_err(|cause| format!("{}: {}", path.display(), cause.message()))?;
        let mut settings = BTreeMap::new();
        flatten("", &resolved, &mut settings);
        let mut side = Self { folder: folder.to_owned(), lock, settings, resolved, cases: BTreeMap::new() };
        side.read_cases("")?;
        let cohorts = side.resolved.get("cohorts").and_then(Json::as_object);
        let cohorts: Vec<String> = cohorts.map(|table| table.keys().cloned().collect()).unwrap_or_default();
        cohorts.iter().try_for_each(|cohort| side.read_cases(cohort))?;
        Ok(side)
    }

    fn read_cases(&mut self, cohort: &str) -> Result<(), String> {
        let path = self.folder.join(cohort).join(CASES);
        if !path.is_file() {
            return self.read_scored(cohort);
        }
        let fail = |cause: csv::Error| format!("cannot read {}: {cause}", path.display());
        let mut reader = csv::Reader::from_path(&path).map_err(fail)?;
        let header: Vec<String> = reader.headers().map_err(fail)?.iter().map(str::to_owned).collect();
        for record in reader.records() {
            let record = record.map_err(fail)?;
            let row: BTreeMap<String, String> = header.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
            let case = row.get("case").cloned().unwrap_or_default();
            self.cases.insert((cohort.to_owned(), case), row);
        }
        Ok(())
    }

    /// The cases that have scores, by name alone: of tables there is no list.
    fn read_scored(&mut self, cohort: &str) -> Result<(), String> {
        let path = self.folder.join(cohort).join(SCORES);
        if !path.is_file() {
            return Ok(());
        }
        let fail = |cause: csv::Error| format!("cannot read {}: {cause}", path.display());
        let mut reader = csv::Reader::from_path(&path).map_err(fail)?;
        let header = reader.headers().map_err(fail)?.clone();
        let Some(column) = header.iter().position(|name| name == "case") else { return Ok(()) };
        for record in reader.records() {
            let case = record.map_err(fail)?.get(column).unwrap_or_default().to_owned();
            let row = BTreeMap::from([("case".to_owned(), case.clone())]);
            self.cases.insert((cohort.to_owned(), case), row);
        }
        Ok(())
    }

    /// Whether the two have a case in common.
    pub fn has_common_case(&self, other: &Self) -> bool {
        self.cases.keys().any(|key| other.cases.contains_key(key))
    }

    /// Tables that are no longer what the run wrote, one sentence each.
    pub fn changed(&self) -> Vec<String> {
        let lists = self.lock.changed_inputs(&self.folder).unwrap_or_else(|_| vec![self.folder.join(CASES)]);
        let lists = lists.into_iter().map(|path| format!("{} was changed after it was written", path.display()));
        let is_changed = |(name, digest): &(&String, &String)| {
            sha256_path(&self.folder.join(name)).map_or(true, |found| found != **digest)
        };
        let changed = self.lock.output.iter().filter(is_changed);
        changed
            .map(|(name, _)| format!("{} was changed after it was written", self.folder.join(name).display()))
            .chain(lists)
            .collect()
    }
}

/// Settings by their path: `discretisation.bins`. A list is one value.
fn flatten(path: &str, value: &Json, into: &mut BTreeMap<String, Json>) {
    match value {
        Json::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                flatten(&path, value, into);
            }
        }
        other => {
            into.insert(path.to_owned(), other.clone());
        }
    }
}
