//! `--pseudonymise KEYFILE`, and what turns pseudonyms back.

use std::path::{Path, PathBuf};

use clap::Args;
use voxomics_engine::{experiment::Experiment, output::Folder, pseudonymise, results::Key};

use crate::{ExperimentArguments, Refused};

/// Whether results name anybody.
#[derive(Args, Debug, Clone, Default)]
pub struct Private {
    /// Write pseudonyms for cases, patients, UIDs and files, and shift dates; the key is made if it is not there. Who has it can turn them
    /// back: keep it away from the results.
    #[arg(long, value_name = "KEYFILE")]
    pseudonymise: Option<PathBuf>,
    /// With --pseudonymise: leave a column of the lists and tables out; may be repeated.
    #[arg(long, value_name = "COLUMN", requires = "pseudonymise")]
    drop: Vec<String>,
}

/// The same for results that are made again: the columns are those of the first time.
#[derive(Args, Debug, Clone, Default)]
pub struct Again {
    /// The key of results with pseudonyms.
    #[arg(long, value_name = "KEYFILE")]
    pub pseudonymise: Option<PathBuf>,
}

impl Private {
    /// With pseudonyms, paths are known by where they lead, and none is written as it was given.
    pub fn make_absolute(&self, arguments: &mut ExperimentArguments) {
        if self.pseudonymise.is_some() {
            let given = [&mut arguments.experiment, &mut arguments.cases].into_iter().flatten();
            given.for_each(|path| *path = std::path::absolute(&*path).unwrap_or_else(|_| path.clone()));
        }
    }

    /// Whether that is asked for.
    pub fn is_asked(&self) -> bool {
        self.pseudonymise.is_some()
    }

    /// The same as words of a command, from wherever it is called.
    pub fn words(&self) -> Result<Vec<String>, Refused> {
        let Some(path) = &self.pseudonymise else { return Ok(Vec::new()) };
        let path = std::path::absolute(path).map_err(|cause| Refused(format!("{}: {cause}", path.display())))?;
        let dropped = self.drop.iter().flat_map(|column| ["--drop".to_owned(), column.clone()]);
        Ok(["--pseudonymise".to_owned(), path.display().to_string()].into_iter().chain(dropped).collect())
    }

    /// Keeps the results of an experiment from naming anybody, if that is asked for.
    pub fn begin(&self, experiment: &mut Experiment, output: &Path) -> Result<(), Refused> {
        let Some(path) = &self.pseudonymise else { return Ok(()) };
        self.check(output)?;
        Ok(pseudonymise::begin(Key::open(path)?, &self.drop, false, experiment)?)
    }

    /// Refuses a key that lies within the results.
    pub fn check(&self, output: &Path) -> Result<(), Refused> {
        let Some(path) = &self.pseudonymise else { return Ok(()) };
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        if absolute(path).starts_with(absolute(output)) {
            return Err(Refused(format!(
                "the key {} would lie within the results, which are to be passed on without it: name another place",
                path.display()
            )));
        }
        Ok(())
    }
}

/// Makes sure that results with and without pseudonyms do not mix.
pub fn check(folder: &Folder, experiment: &Experiment) -> Result<(), Refused> {
    let key = experiment.privacy.as_ref().map(|privacy| privacy.key().fingerprint());
    Ok(folder.pseudonyms(key.as_deref())?)
}

/// Writes what the pseudonyms stand for, and looks through the results for what must not be in them. Answers what was found.
pub fn finish(experiment: &Experiment, folder: &Folder, quiet: bool) -> Result<Vec<String>, String> {
    let Some(privacy) = &experiment.privacy else { return Ok(Vec::new()) };
    privacy.key().save()?;
    let found = privacy.search(folder.path())?;
    if !quiet {
        privacy.said().iter().for_each(|line| say!("{line}"));
        say!("pseudonyms of {}; whoever has it can turn them back", privacy.key().path().display());
    }
    for line in &found {
        tell!("error: {line} of the inputs stands in it; do not pass these results on");
    }
    Ok(found)
}
