//! `voxomics pseudonyms`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use voxomics_engine::{
    output,
    results::{
        Key,
        pseudonyms::{Kind, forms, shifted},
    },
};

use crate::Refused;

#[derive(Args)]
pub struct Arguments {
    /// The key that `run --pseudonymise` made.
    key: PathBuf,
    /// Turn the pseudonyms in this file back, and in a CSV the dates of its patients.
    #[arg(long, value_name = "FILE")]
    reverse: Option<PathBuf>,
    /// Write to this file; printed otherwise.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What `pseudonyms --help` says at the end.
pub const HELP: &str = "\
Example:
  voxomics pseudonyms key.toml > who-is-who.csv
  voxomics pseudonyms key.toml --reverse results/features.csv --out mine.csv";

/// Shows what the pseudonyms of a key stand for, or turns those in a file back.
pub fn show(arguments: &Arguments) -> Result<ExitCode, Refused> {
    let key = Key::read(&arguments.key)?;
    let bytes = match &arguments.reverse {
        None => list(&key)?,
        Some(file) => reversed(&key, file)?,
    };
    match &arguments.out {
        Some(path) => output::write_alone(path, |out| out.write_all(&bytes))?,
        None => {
            let text = String::from_utf8_lossy(&bytes);
            text.trim_end_matches('\n').split('\n').for_each(|line| say!("{line}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A row a pseudonym, with the days by which the dates of a patient were moved.
fn list(key: &Key) -> Result<Vec<u8>, Refused> {
    let fail = |cause: String| Refused(format!("the list cannot be written: {cause}"));
    let known = key.known().clone();
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["pseudonym", "kind", "original", "days"]).map_err(|cause| fail(cause.to_string()))?;
    for (pseudonym, (kind, original)) in &known.originals {
        let days = if *kind == Kind::Patient { key.shift(pseudonym).to_string() } else { String::new() };
        let row = [pseudonym.as_str(), kind.shown().1, original, &days];
        out.write_record(row).map_err(|cause| fail(cause.to_string()))?;
    }
    out.into_inner().map_err(|cause| fail(cause.to_string()))
}

fn reversed(key: &Key, file: &Path) -> Result<Vec<u8>, Refused> {
    let text = fs::read_to_string(file).map_err(|cause| format!("cannot read {}: {cause}", file.display()))?;
    let is_table = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv"));
    if !is_table {
        return Ok(key.back(&text).into_bytes());
    }
    table(key, &text).map_err(|cause| Refused(format!("{}: {cause}", file.display())))
}

/// A table with its pseudonyms and dates turned back.
fn table(key: &Key, text: &str) -> Result<Vec<u8>, String> {
    let fail = |cause: csv::Error| cause.to_string();
    let known = key.known().clone();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(fail)?.clone();
    let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    out.write_record(&header).map_err(fail)?;
    for record in reader.records() {
        let record = record.map_err(fail)?;
        let is_patient = |cell: &str| known.originals.get(cell).is_some_and(|(kind, _)| *kind == Kind::Patient);
        let patient = record.iter().find(|cell| is_patient(cell));
        let patient = patient.or_else(|| record.iter().find_map(|cell| known.patients.get(cell)).map(String::as_str));
        let cells = record.iter().enumerate().map(|(at, cell)| {
            let order = known.dates.get(header.get(at).unwrap_or_default());
            let form = order.and_then(|order| forms(cell).into_iter().find(|form| form.order() == *order));
            let date = patient.zip(form).and_then(|(patient, form)| shifted(cell, form, -key.shift(patient)));
            date.unwrap_or_else(|| key.back(cell))
        });
        out.write_record(cells.collect::<Vec<_>>()).map_err(fail)?;
    }
    out.into_inner().map_err(|cause| cause.to_string())
}
