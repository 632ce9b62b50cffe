//! Reading tables of patients, and writing tables.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use voxomics_engine::{experiment::study::PatientTable, output::Folder};

/// Rows of a table of patients, by id; empty cells are left out.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// For each patient: column and value.
    pub rows: BTreeMap<String, BTreeMap<String, String>>,
    /// The file.
    pub path: PathBuf,
}

/// Cells that mean that there is no value.
const MISSING: [&str; 5] = ["", "na", "n/a", "nan", "."];

/// Whether a cell says that there is no value.
pub fn is_missing(cell: &str) -> bool {
    MISSING.contains(&cell.trim().to_lowercase().as_str())
}

/// Reads a table of patients.
///
/// # Errors
/// If it cannot be read, lacks the column of ids, or names a patient or a variable twice.
pub fn read(table: &PatientTable, id: &str) -> Result<Rows, String> {
    let fail = |what: String| format!("the table {}: {what}", table.path.display());
    let delimiter = if table.path.extension().is_some_and(|e| e.eq_ignore_ascii_case("tsv")) { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(delimiter)
        .from_path(&table.path)
        .map_err(|cause| fail(format!("it cannot be read: {cause}")))?;
    let header = reader.headers().map_err(|cause| fail(format!("its first line cannot be read: {cause}")))?.clone();
    let header: Vec<String> = header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
    if let Some(twice) = header.iter().enumerate().find(|(i, name)| header[..*i].contains(name)) {
        return Err(fail(format!("the column `{}` is there twice", twice.1)));
    }
    let mut found = Rows { rows: BTreeMap::new(), path: table.path.clone() };
    let key = if table.transposed {
        0
    } else {
        header.iter().position(|name| name == id).ok_or_else(|| {
            fail(format!("it has no column `{id}` of patients' ids; its columns are {}", header.join(", ")))
        })?
    };
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|cause| fail(cause.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let name = record.get(key).unwrap_or_default().to_owned();
        if name.is_empty() {
            return Err(fail(format!("line {line}: the column `{}` is empty", header[key])));
        }
        if let Some(before) = seen.insert(name.clone(), line) {
            return Err(fail(format!("`{name}` is in line {before} and in line {line}; each may be there once")));
        }
        let cells = header.iter().zip(&record).enumerate().filter(|(index, _)| *index != key);
        for (_, (column, cell)) in cells.filter(|(_, (_, cell))| !is_missing(cell)) {
            let (patient, variable) = if table.transposed { (column, &name) } else { (&name, column) };
            if table.columns.is_empty() || table.columns.contains(variable) {
                found.rows.entry(patient.clone()).or_default().insert(variable.clone(), cell.to_owned());
            }
        }
        if !table.transposed {
            found.rows.entry(name).or_default();
        }
    }
    if let Some(absent) = table.columns.iter().find(|name| table.transposed && !seen.contains_key(*name)) {
        return Err(fail(format!("it has no row `{absent}`")));
    }
    Ok(found)
}

/// Writes a CSV whole or not at all.
///
/// # Errors
/// Which file, and why not.
pub fn write_csv(
    folder: &Folder,
    name: &str,
    header: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<(), String> {
    folder.write(name, |out| {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(header)?;
        for row in rows {
            out.write_record(row)?;
        }
        out.flush()
    })
}

/// A folder below another one.
///
/// # Errors
/// Which folder, and why not.
pub fn below(folder: &Folder, name: &str) -> Result<Folder, String> {
    Folder::create(&Path::new(folder.path()).join(name))
}
