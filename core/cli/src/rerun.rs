//! `voxomics rerun`.

mod find;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use voxomics_engine::{
    cases::{self, Case},
    experiment::{CaseSource, Experiment, study::CohortSource},
    output,
    plan::Plan,
    results::{
        Lock, Record, diff,
        lock::{CASES, EXPERIMENT, LOCK},
    },
};
use voxomics_study::stages::Stage;

use crate::{Loudness, Refused, Threads, Writing, run, study, terminal::count, version};
use find::Index;

#[derive(Args)]
pub struct Arguments {
    /// The folder with the results.
    folder: PathBuf,
    /// Where the new results go; beside the folder, with `-rerun` behind its name, if this is not given.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Look below this folder for scans, lists, tables and models that are no longer where they were; they are known by
    /// their bytes.
    #[arg(long, value_name = "FOLDER")]
    inputs: Option<PathBuf>,
    /// Refuse any difference, also one of the system that changes a value in the last bit at most.
    #[arg(long)]
    locked: bool,
    /// Take what is there now instead of what is no longer the same, and name it.
    #[arg(long, conflicts_with = "locked")]
    update: bool,
    #[command(flatten)]
    threads: Threads,
    #[command(flatten)]
    loudness: Loudness,
}

/// What `rerun --help` says at the end.
pub const HELP: &str = "\
Exit codes: 0, every table is the same to the last bit; 1, the new results differ; 2, nothing was run, because something \
is not the same any more (each is named); 3, cases failed that had not; 130, given up.

Example:
  voxomics rerun results --inputs /data/archive --out results-again";

/// An experiment as results tell it.
pub struct Again {
    /// The folder of the results.
    folder: PathBuf,
    /// Their lock.
    lock: Lock,
    /// The experiment, with its files where they are now.
    pub experiment: Experiment,
    /// What is not the same any more, one sentence each.
    differences: Vec<String>,
    index: Option<Index>,
}

impl Again {
    /// Reads a folder of results, and finds the files that its experiment names, below `inputs` if they have moved.
    pub fn read(folder: &Path, inputs: Option<&Path>) -> Result<Self, Refused> {
        output::finish(folder).map_err(|cause| format!("cannot read {}: {cause}", folder.display()))?;
        let lock = Lock::read(folder)?
            .ok_or_else(|| format!("{} holds no results that can be made again: it has no {LOCK}", folder.display()))?;
        let path = folder.join(EXPERIMENT);
        let text =
            std::fs::read_to_string(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
        let mut index = inputs.map(Index::new).transpose()?;
        let mut differences = Vec::new();
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
                Some(_) => drop(tables.insert(file.setting.clone(), place)),
                None if place != file.path => set.push(format!("{}={:?}", file.setting, place.display().to_string())),
                None => {}
            }
        }
        let path = lock.experiment.folder.join(&lock.experiment.file);
        let mut experiment = Experiment::from_text(&path, &lock.experiment.folder, &text, &set)?;
        experiment.overrides.clone_from(&lock.experiment.set);
        experiment.output = None;
        for cohort in &mut experiment.study.cohorts {
            if let CohortSource::Features(of) = &mut cohort.source {
                for (number, (_, path)) in of.tables.iter_mut().enumerate() {
                    if let Some(place) = tables.remove(&format!("cohorts.{}.features.{number}", cohort.name)) {
                        *path = place;
                    }
                }
            }
            for (number, table) in cohort.tables.iter_mut().enumerate() {
                if let Some(place) = tables.remove(&format!("cohorts.{}.tables.{number}", cohort.name)) {
                    table.path = place;
                }
            }
        }
        Ok(Self { folder: folder.to_owned(), lock, experiment, differences, index })
    }

    /// The cases of results without cohorts, as `cases.csv` has them.
    pub fn cases(&self) -> Result<Vec<Case>, Refused> {
        if self.lock.experiment.study {
            let cohorts = self.experiment.study.cohorts.iter();
            let lists = cohorts.map(|cohort| cases::from_csv(&self.folder.join(&cohort.name).join(CASES)));
            return Ok(lists.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect());
        }
        Ok(cases::from_csv(&self.folder.join(CASES))?)
    }

    /// Finds image and mask of a case, where they are now; what is not there or not the same is noted.
    fn locate(&mut self, case: &mut Case) -> Result<(), Refused> {
        // Digests of images and masks with names stand beside them in columns of their own.
        let (digests, further): (Vec<_>, Vec<_>) =
            std::mem::take(&mut case.covariates).into_iter().partition(|(name, _)| name.starts_with("sha256."));
        case.covariates = further;
        let digests: BTreeMap<String, String> = digests.into_iter().filter(|(_, digest)| !digest.is_empty()).collect();
        let images = case.images.iter_mut().map(|(name, path)| (digests.get(&format!("sha256.image.{name}")), path));
        let masks = case.masks.iter_mut().map(|(name, path)| (digests.get(&format!("sha256.mask.{name}")), path));
        let [of_image, of_mask] = &case.expected;
        let own = [(of_image.as_ref(), &mut case.image), (of_mask.as_ref(), &mut case.mask)];
        for (expected, path) in own.into_iter().chain(images).chain(masks) {
            // A case that failed for its files has no digest: it fails again, or is better now.
            let Some(expected) = expected else { continue };
            match find::input(path, expected, &mut self.index)? {
                find::Found::At(found) => *path = found,
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
    fn compare_program(&mut self, plan: &Plan, locked: bool) {
        let program = version::program();
        if program.digest != self.lock.program.digest {
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
                Some(here) if here.digest().get() != used.sha256 => self.differences.push(format!(
                    "the plugin {shown} is {} with the SHA-256 {}; the results are of {} with {}",
                    here.named().1,
                    here.digest().get(),
                    used.version,
                    used.sha256
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

    /// Lists of cohorts whose scans may have moved: written again into `place`, with the paths of now.
    fn lists(&mut self, place: &Path) -> Result<(), Refused> {
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
            let mut of_cases = BTreeMap::new();
            for mut case in cases::from_csv(&self.folder.join(name).join(CASES))? {
                self.locate(&mut case)?;
                of_cases.insert(case.name.clone(), case);
            }
            let list = place.join(format!("{name}.csv"));
            find::rewrite(&found, used.path.parent().unwrap_or(Path::new("")), &of_cases, &list)?;
            self.experiment.study.cohorts[at].source = CohortSource::List(list);
        }
        Ok(())
    }
}

/// Runs an experiment again, or says what is not the same any more.
pub fn rerun(arguments: &Arguments) -> Result<ExitCode, Refused> {
    let mut again = Again::read(&arguments.folder, arguments.inputs.as_deref())?;
    let out = arguments.out.clone().unwrap_or_else(|| beside(&arguments.folder));
    let plan = Plan::new(&again.experiment).map_err(|why| refused(&again.differences, &why))?;
    again.compare_program(&plan, arguments.locked);
    let lists = tempfile::tempdir().map_err(|cause| format!("cannot make a temporary folder: {cause}"))?;
    let made = matches!(again.experiment.cases, CaseSource::Make(_));
    let mut listed = Vec::new();
    if again.lock.experiment.study {
        again.lists(lists.path())?;
    } else if !made {
        listed = again.cases()?;
        for case in &mut listed {
            again.locate(case)?;
        }
    }
    if !again.differences.is_empty() && !arguments.update {
        return Err(Refused(refused(&again.differences, "")));
    }
    for difference in &again.differences {
        tell!("instead: {difference}");
    }
    if arguments.update {
        listed.iter_mut().for_each(|case| case.expected = [None, None]);
    }
    let record = Record::begin(arguments.threads.count(), version::program());
    let asked =
        run::Asked { out: Some(out.clone()), loudness: arguments.loudness, writing: Writing::default(), shard: None };
    let ended = if again.lock.experiment.study {
        study::run(&again.experiment, asked, Stage::Report, &record)?
    } else {
        if made {
            listed = crate::experiment::cases(&again.experiment, None, &out)?;
        }
        let plan = Plan::new(&again.experiment)?;
        run::plain(&again.experiment, &plan, listed, None, &asked, &record)?
    };
    let compared = diff::folders(&arguments.folder, &out, 0.0)?;
    if compared.is_same() {
        let tables = count(compared.tables.len(), "table");
        say!("{tables} of {} and {}: the same to the last bit", arguments.folder.display(), out.display());
        return Ok(ended);
    }
    say!("the new results differ: voxomics diff {} {}", arguments.folder.display(), out.display());
    Ok(if ended == ExitCode::SUCCESS { ExitCode::from(1) } else { ended })
}

/// Differences that are listed at most.
const LISTED: usize = 20;

fn refused(differences: &[String], why: &str) -> String {
    let mut text = String::new();
    if !differences.is_empty() {
        text += "these results cannot be made again as they were, and nothing was run:\n";
        differences.iter().take(LISTED).for_each(|difference| text += &format!("  {difference}\n"));
        if let Some(more) = differences.len().checked_sub(LISTED).filter(|more| *more > 0) {
            text += &format!("  and {more} more\n");
        }
        text += "--inputs FOLDER looks for what has moved; --update takes what is there now";
    }
    if !why.is_empty() {
        text += &format!("{}{why}", if text.is_empty() { "" } else { "\n" });
    }
    text
}

/// `results` → `results-rerun`.
fn beside(folder: &Path) -> PathBuf {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let name = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
    absolute.with_file_name(format!("{name}-rerun"))
}
