//! An experiment as results tell it, with its files where they are now.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
};

use voxomics_engine::{
    cases::{self, Case},
    experiment::{
        CaseSource, Experiment,
        study::{CohortSource, MadeBy},
    },
    output,
    plan::Plan,
    pseudonymise,
    results::{
        Key, Lock,
        lock::{CASES, EXPERIMENT, LOCK},
        pseudonyms::Kind,
    },
};

use super::find::{self, Index};
use crate::{Refused, version};

/// An experiment as results tell it.
pub struct Again {
    /// The folder of the results.
    folder: PathBuf,
    /// Their lock.
    pub lock: Lock,
    /// The experiment, with its files where they are now.
    pub experiment: Experiment,
    /// What is not the same any more, one sentence each.
    pub differences: Vec<String>,
    index: Option<Index>,
    /// Where files lie now that lay elsewhere, and where that was.
    placed: HashMap<PathBuf, PathBuf>,
    /// For lists that are written again, and tables that had another name.
    scratch: tempfile::TempDir,
}

impl Again {
    /// Reads a folder of results, and finds the files that its experiment names, below `inputs` if they have moved. `key` is the file
    /// of the key, if the results have pseudonyms.
    pub fn read(folder: &Path, inputs: Option<&Path>, key: Option<&Path>) -> Result<Self, Refused> {
        output::finish(folder).map_err(|cause| format!("cannot read {}: {cause}", folder.display()))?;
        let lock = Lock::read(folder)?
            .ok_or_else(|| format!("{} holds no results that can be made again: it has no {LOCK}", folder.display()))?;
        let key = key_of(folder, &lock, key)?;
        let changed = lock.changed_inputs(folder)?;
        let pseudonyms = lock.pseudonyms.clone();
        let lock = match &key {
            Some(key) => turned_back(&lock, key)?,
            None => lock,
        };
        let path = folder.join(EXPERIMENT);
        let mut text =
            std::fs::read_to_string(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
        if let Some(key) = &key {
            text = pseudonymise::back(key, &text).map_err(|cause| format!("{}: {cause}", path.display()))?;
        }
        let mut index = inputs.map(Index::new).transpose()?;
        let scratch = tempfile::tempdir().map_err(|cause| format!("cannot make a temporary folder: {cause}"))?;
        // Its digests are what scans are known by.
        let changed = changed.iter().map(|list| format!("{} was changed after it was written", list.display()));
        let (mut differences, mut placed) = (changed.collect::<Vec<_>>(), HashMap::new());
        let mut set = lock.experiment.set.clone();
        let mut tables = BTreeMap::new();
        for file in &lock.file {
            let found = find::file(&file.path, &file.sha256, &mut index)?;
            let shown = format!("{} ({})", file.path.display(), file.setting);
            let place = match found {
                find::Found::At(path) => path,
                find::Found::Other(path) => {
                    differences.push(format!("{shown} has other bytes than it had"));
                    path
                }
                find::Found::Nowhere => {
                    differences.push(format!("{shown} is not there{}", find::hint(inputs)));
                    continue;
                }
            };
            match file.setting.strip_prefix("cohorts.") {
                Some(_) => {
                    // What is written of a table has its name, and the name tells how it is to be read.
                    let named = find::under_its_name(&place, &file.path, &scratch.path().join(&file.setting))?;
                    if named != file.path {
                        placed.insert(named.clone(), file.path.clone());
                    }
                    tables.insert(file.setting.clone(), named);
                }
                None if place != file.path => set.push(format!("{}={:?}", file.setting, place.display().to_string())),
                None => {}
            }
        }
        let path = lock.experiment.folder.join(&lock.experiment.file);
        let mut experiment = Experiment::from_text(&path, &lock.experiment.folder, &text, &set)?;
        experiment.overrides.clone_from(&lock.experiment.set);
        experiment.output = None;
        if let Some(key) = key {
            // Lists of a study are read as they were the first time; without cohorts, the results say what the cases are.
            let drop = pseudonyms.map(|stated| stated.drop).unwrap_or_default();
            pseudonymise::begin(key, &drop, !lock.experiment.study, &mut experiment)?;
        }
        for cohort in &mut experiment.study.cohorts {
            if let CohortSource::Features(of) = &mut cohort.source {
                for (number, (_, path)) in of.tables.iter_mut().enumerate() {
                    if let Some(place) = tables.remove(&format!("cohorts.{}.features.{number}", cohort.name)) {
                        *path = place;
                    }
                }
                if let Some(place) = tables.remove(&format!("cohorts.{}.settings", cohort.name)) {
                    of.settings = Some(MadeBy::Experiment(place));
                }
            }
            for (number, table) in cohort.tables.iter_mut().enumerate() {
                if let Some(place) = tables.remove(&format!("cohorts.{}.tables.{number}", cohort.name)) {
                    table.path = place;
                }
            }
        }
        Ok(Self { folder: folder.to_owned(), lock, experiment, differences, index, placed, scratch })
    }

    /// The cases of results without cohorts, as `cases.csv` has them.
    pub fn cases(&self) -> Result<Vec<Case>, Refused> {
        if self.lock.experiment.study {
            let cohorts = self.experiment.study.cohorts.iter();
            let lists = cohorts.map(|cohort| self.listed(&self.folder.join(&cohort.name).join(CASES)));
            return Ok(lists.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect());
        }
        self.listed(&self.folder.join(CASES))
    }

    /// The case of that name, or that is called so where it has a pseudonym; its files are found below the folder of inputs, if there
    /// is one, should they have moved.
    pub fn case(&mut self, name: &str) -> Result<Option<Case>, Refused> {
        let is_it = |case: &Case| case.name == name || case.original() == name;
        let Some(mut case) = self.cases()?.into_iter().find(is_it) else { return Ok(None) };
        let digests = case.covariates.clone();
        self.locate(&mut case)?;
        // Whoever has the case may look at the digests as well.
        case.covariates = digests;
        Ok(Some(case))
    }

    /// The cases of a list of the results, with the places that their pseudonyms stand for.
    fn listed(&self, list: &Path) -> Result<Vec<Case>, Refused> {
        let mut cases = match self.experiment.tables.defuse_formulas {
            true => cases::from_csv(&self.with_formulas(list)?)?,
            false => cases::from_csv(list)?,
        };
        let Some(privacy) = &self.experiment.privacy else { return Ok(cases) };
        let back = |text: &mut Option<String>| *text = text.take().map(|text| privacy.key().back(&text));
        for case in &mut cases {
            case.original = privacy.key().original(&case.name);
            let named = case.images.iter_mut().chain(&mut case.masks).map(|(_, path)| path);
            for path in named.chain([&mut case.image, &mut case.mask]) {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                *path = privacy.key().back(&name).into();
            }
            back(&mut case.series);
            back(&mut case.region);
        }
        Ok(cases)
    }

    /// A copy of a list of the results in which names are as they were before formulas were taken out of them. Its paths are whole.
    fn with_formulas(&self, list: &Path) -> Result<PathBuf, Refused> {
        let copy = self.scratch.path().join("cases-as-they-were.csv");
        let rewrite = || std::fs::write(&copy, output::undone(&std::fs::read(list)?)?);
        rewrite().map_err(|cause| Refused(format!("the list {} cannot be read: {cause}", list.display())))?;
        Ok(copy)
    }

    /// Finds every scan: of a study, lists are written again for it; otherwise the cases come back, unless they are made. `step`
    /// is told of how many cases the files have been read, and of how many there are.
    pub fn inputs(&mut self, step: &dyn Fn(usize, usize)) -> Result<Vec<Case>, Refused> {
        let mut listed = Vec::new();
        if self.lock.experiment.study {
            self.lists(step)?;
        } else if !self.is_made() {
            listed = self.cases()?;
            self.locate_all(&mut listed, step)?;
        }
        self.experiment.placed = Arc::new(std::mem::take(&mut self.placed));
        Ok(listed)
    }

    /// Whether the program makes the cases.
    pub fn is_made(&self) -> bool {
        matches!(self.experiment.cases, CaseSource::Make(_))
    }

    fn locate_all(&mut self, cases: &mut [Case], step: &dyn Fn(usize, usize)) -> Result<(), Refused> {
        let of = cases.len();
        for (at, case) in cases.iter_mut().enumerate() {
            self.locate(case)?;
            step(at + 1, of);
        }
        Ok(())
    }

    /// Finds image and mask of a case, where they are now; what is not there or not the same is noted.
    fn locate(&mut self, case: &mut Case) -> Result<(), Refused> {
        // Digests of images and masks with names stand beside them in columns of their own.
        let all = std::mem::take(&mut case.covariates);
        let is_digest = |name: &str| name.starts_with("sha256.");
        case.covariates = all.map(|name, cell| (!is_digest(name)).then(|| cell.to_owned()));
        let digests: BTreeMap<String, String> = all
            .iter()
            .filter(|(name, digest)| is_digest(name) && !digest.is_empty())
            .map(|(name, digest)| (name.to_owned(), digest.to_owned()))
            .collect();
        let images = case.images.iter_mut().map(|(name, path)| (digests.get(&format!("sha256.image.{name}")), path));
        let masks = case.masks.iter_mut().map(|(name, path)| (digests.get(&format!("sha256.mask.{name}")), path));
        let [of_image, of_mask] = &case.expected;
        let own = [(of_image.as_ref(), &mut case.image), (of_mask.as_ref(), &mut case.mask)];
        for (expected, path) in own.into_iter().chain(images).chain(masks) {
            // A case that failed for its files has no digest: it fails again, or is better now.
            let Some(expected) = expected else { continue };
            match find::input(path, expected, &mut self.index)? {
                find::Found::At(found) if found == *path => {}
                find::Found::At(found) => {
                    self.placed.insert(found.clone(), std::mem::replace(path, found));
                }
                find::Found::Other(found) => {
                    self.differences.push(format!(
                        "case {}: {} has other bytes than it had",
                        case.name,
                        found.display()
                    ));
                }
                find::Found::Nowhere => {
                    let hint = find::hint(self.index.as_ref().map(Index::folder));
                    self.differences.push(format!("case {}: {} is not there{hint}", case.name, path.display()));
                }
            }
        }
        Ok(())
    }

    /// Notes what of program and plugins is not the same.
    pub fn compare_program(&mut self, plan: &Plan, locked: bool) {
        let program = version::program();
        let same_program = program.digest == self.lock.program.digest;
        if !same_program {
            self.differences.push(format!(
                "the program is {} made from {}; the results are of {} made from {}{}",
                program.version,
                program.digest,
                self.lock.program.version,
                self.lock.program.digest,
                self.lock.program.commit.as_ref().map(|commit| format!(" (commit {commit})")).unwrap_or_default()
            ));
        }
        for used in &self.lock.plugin {
            let here = plan.libraries.iter().find(|library| library.named().0 == used.names);
            let shown = used.names.join(", ");
            match here {
                None => self.differences.push(format!("the plugin {shown} is not here")),
                // Built in another folder from the same sources, it has other bytes and gives the same values.
                Some(here) if same_program && used.ours && here.is_ours() && here.named().2 != used.path => {}
                Some(here) if here.digest().get() != used.sha256 => self.differences.push(format!(
                    "the plugin {shown} is {} with the SHA-256 {}; the results are of {} with {}",
                    here.named().1,
                    here.digest().get(),
                    used.version,
                    used.sha256
                )),
                Some(here) if *here.companions() != used.companions => self.differences.push(format!(
                    "the plugin {shown} brings {} with it; the results are of one with {}",
                    listed(here.companions()),
                    listed(&used.companions)
                )),
                Some(_) => {}
            }
        }
        let (here, there) =
            (voxomics_engine::results::lock::Remarks::here(self.lock.remarks.threads), &self.lock.remarks);
        if locked && here != *there {
            self.differences.push(format!(
                "the system is {}, {}, {}; the results are of {}, {}, {}",
                here.system, here.machine, here.c_library, there.system, there.machine, there.c_library
            ));
        }
    }

    /// Lists of cohorts whose scans may have moved: written again, with the paths of now.
    fn lists(&mut self, step: &dyn Fn(usize, usize)) -> Result<(), Refused> {
        let names: Vec<String> = self.experiment.study.cohorts.iter().map(|cohort| cohort.name.clone()).collect();
        for (at, name) in names.iter().enumerate() {
            let Some(used) = self.lock.list.iter().find(|list| list.cohort == *name).cloned() else { continue };
            let found = match find::file(&used.path, &used.sha256, &mut self.index)? {
                find::Found::At(path) => path,
                find::Found::Other(path) => {
                    self.differences.push(format!("the list {} has other bytes than it had", path.display()));
                    path
                }
                find::Found::Nowhere => {
                    let hint = find::hint(self.index.as_ref().map(Index::folder));
                    self.differences.push(format!("the list {} is not there{hint}", used.path.display()));
                    continue;
                }
            };
            let mut of_cases = self.listed(&self.folder.join(name).join(CASES))?;
            self.locate_all(&mut of_cases, step)?;
            let of_cases = of_cases.into_iter().map(|case| (case.name.clone(), case)).collect();
            let list = self.scratch.path().join(format!("{name}.csv"));
            let privacy = self.experiment.privacy.as_deref();
            let name_of = |name: &str| match privacy {
                Some(privacy) => privacy.key().pseudonym(Kind::Case, name),
                None => name.to_owned(),
            };
            find::rewrite(&found, used.path.parent().unwrap_or(Path::new("")), &name_of, &of_cases, &list)?;
            self.placed.insert(list.clone(), found);
            self.experiment.study.cohorts[at].source = CohortSource::List(list);
        }
        Ok(())
    }
}

/// The key of results, if they have pseudonyms.
fn key_of(folder: &Path, lock: &Lock, path: Option<&Path>) -> Result<Option<Key>, Refused> {
    let name = folder.display();
    match (&lock.pseudonyms, path) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(Refused(format!(
            "{name} holds results with pseudonyms: whoever has their key and inputs makes them again with --pseudonymise KEYFILE"
        ))),
        (None, Some(_)) => Err(Refused(format!(
            "{name} holds results that were made without pseudonyms: leave --pseudonymise out; `run` takes it"
        ))),
        (Some(stated), Some(path)) => {
            let key = Key::read(path)?;
            match key.fingerprint() == stated.key {
                true => Ok(Some(key)),
                false => Err(Refused(format!("{} is not the key of the results in {name}", path.display()))),
            }
        }
    }
}

/// What a plugin brings with it, in words.
fn listed(companions: &BTreeMap<String, String>) -> String {
    let shown: Vec<String> = companions.iter().map(|(name, sha256)| format!("{name} ({sha256})")).collect();
    if shown.is_empty() { "nothing".into() } else { shown.join(", ") }
}

/// A lock with what its pseudonyms stand for.
fn turned_back(lock: &Lock, key: &Key) -> Result<Lock, Refused> {
    fn walk(value: &mut serde_json::Value, key: &Key) {
        match value {
            serde_json::Value::String(text) => *text = key.back(text),
            serde_json::Value::Array(all) => all.iter_mut().for_each(|value| walk(value, key)),
            serde_json::Value::Object(map) => map.iter_mut().for_each(|(_, value)| walk(value, key)),
            _ => {}
        }
    }
    let fail = |cause: serde_json::Error| Refused(format!("{LOCK} cannot be turned back: {cause}"));
    let mut value = serde_json::to_value(lock).map_err(fail)?;
    walk(&mut value, key);
    serde_json::from_value(value).map_err(fail)
}
