//! Finding the experiment and its cases.

use std::path::{Path, PathBuf};

use voxomics_engine::{
    cases::{self, Case},
    experiment::{CaseSource, Experiment},
    leave, made,
    output::Folder,
};

use crate::{
    ExperimentArguments, Refused,
    terminal::{count, verb},
};

/// The experiment that runs when none is named.
const QUICKSTART: &str = include_str!("../../../configs/quickstart.toml");
const QUICKSTART_NAME: &str = "quickstart";

/// Where the built-in experiment is written to, below the folder of its results.
pub const UNPACKED: &str = "experiment/quickstart.toml";

/// Reads the experiment that the command line names, or the built-in one.
pub fn read(arguments: &ExperimentArguments) -> Result<Experiment, Refused> {
    let mut overrides = arguments.overrides.clone();
    overrides.extend(arguments.max_scan_bytes.map(|bytes| format!("limits.max_scan_bytes={bytes}")));
    match &arguments.experiment {
        Some(path) => {
            not_results(path)?;
            Ok(Experiment::from_file(path, &overrides)?)
        }
        None => {
            let file = unpack()?;
            Ok(Experiment::from_file(&file, &overrides)?)
        }
    }
}

/// Says in a line what results are that were taken for an experiment.
fn not_results(path: &Path) -> Result<(), Refused> {
    let is_json = || path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    if path.is_dir() {
        return Err(Refused(format!(
            "{} is a folder, expected an experiment (a TOML file); to repeat the run whose results it holds: voxomics rerun {0}",
            path.display()
        )));
    }
    if path.is_file() && is_json() {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return Err(Refused(format!(
            "{} is a record of a run, expected an experiment (a TOML file); to repeat the run: voxomics rerun {}",
            path.display(),
            folder.display()
        )));
    }
    Ok(())
}

/// Where an experiment that names no output folder writes to.
pub fn default_output(name: &str) -> PathBuf {
    Path::new("voxomics-out").join(name)
}

/// Writes the built-in experiment where it can be read, changed and run again. One that somebody has changed is theirs.
fn unpack() -> Result<PathBuf, Refused> {
    const FILE: &str = "quickstart.toml";
    let folder = Folder::create(&default_output(QUICKSTART_NAME), false)?.below("experiment")?;
    folder.write(FILE, |out| out.write_all(QUICKSTART.as_bytes()))?;
    Ok(folder.path().join(FILE))
}

/// The file that lists the cases, if there is one.
pub fn list<'a>(experiment: &'a Experiment, list: Option<&'a Path>) -> Option<&'a Path> {
    list.or(match &experiment.cases {
        CaseSource::List(list) => Some(list.as_path()),
        _ => None,
    })
}

/// The cases of an experiment; those that it makes are written below `output`. With `replace`, it may hold results of another one.
pub fn cases(experiment: &Experiment, list: Option<&Path>, output: &Path, replace: bool) -> Result<Vec<Case>, Refused> {
    let found = match (list, &experiment.cases) {
        (Some(list), _) => cases::from_csv(list),
        (None, CaseSource::List(list)) => cases::from_csv(list),
        (None, CaseSource::Folder { folder, image, mask }) => cases::from_folder(folder, image, mask),
        (None, CaseSource::Make(kinds)) => {
            if !replace {
                leave::may_replace(output, experiment)?;
            }
            made::cases(kinds, &Folder::create(output, replace)?.below("cases")?)
        }
        (None, CaseSource::None) => {
            Err(format!("{} names no cases: give a CSV with --cases, or add [cases]", experiment.path.display()))
        }
    };
    Ok(chosen(experiment, found?)?)
}

/// The cases that `only` in `[cases]` leaves, and a line that says how many it leaves out.
pub fn chosen(experiment: &Experiment, cases: Vec<Case>) -> Result<Vec<Case>, String> {
    let all = cases.len();
    let (cases, left_out) = cases::only(cases, &experiment.only)?;
    if left_out > 0 {
        let are = verb(left_out, "is", "are");
        tell!("{left_out} of {} {are} left out by `only` in [cases]", count(all, "case"));
    }
    Ok(cases)
}
