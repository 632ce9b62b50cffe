//! `voxomics import`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use voxomics_engine::import::{Weight, pyradiomics};

use crate::{CODE_CASES_FAILED, Refused};

#[derive(Subcommand)]
pub enum Verb {
    /// Turn a PyRadiomics parameter file (YAML) into an experiment.
    ///
    /// What has no equivalent, or gives other numbers, is reported line by line on standard error, and the exit code is
    /// then 3; it is 0 if the experiment asks for the same as the file. The experiment is written in both cases.
    Pyradiomics(Arguments),
}

#[derive(Args)]
pub struct Arguments {
    /// The parameter file, as in Params.yaml.
    file: PathBuf,
    /// Where the experiment goes; without it, to standard output.
    #[arg(long, short, value_name = "TOML")]
    out: Option<PathBuf>,
}

/// Reads a file of another program, writes the experiment and reports.
pub fn import(verb: &Verb) -> Result<ExitCode, Refused> {
    let Verb::Pyradiomics(Arguments { file, out }) = verb;
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|cause| format!("cannot read {shown}: {cause}"))?;
    let word = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    let made = pyradiomics::import(&word(file.file_name()), &word(file.file_stem()), &text)
        .map_err(|(line, wrong)| format!("{shown}:{line}: {wrong}"))?;
    match out {
        Some(out) => write(out, &made.toml)?,
        None => say!("{}", made.toml.trim_end()),
    }
    for note in &made.notes {
        tell!("{shown}:{note}");
    }
    let count = |weight| made.notes.iter().filter(|note| note.weight == weight).count();
    let (lost, differs) = (count(Weight::Lost), count(Weight::Differs));
    match made.is_partial() {
        true => tell!("{lost} without an equivalent, {differs} with other numbers; the rest is as in PyRadiomics"),
        false => tell!("everything has an equivalent"),
    }
    Ok(if made.is_partial() { ExitCode::from(CODE_CASES_FAILED) } else { ExitCode::SUCCESS })
}

fn write(out: &Path, toml: &str) -> Result<(), Refused> {
    std::fs::write(out, toml).map_err(|cause| Refused(format!("cannot write {}: {cause}", out.display())))
}
