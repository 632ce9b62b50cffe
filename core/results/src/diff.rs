//! What differs between two folders of results, and why.

mod cause;
mod side;
mod tables;

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

use serde::Serialize;

pub use cause::{Cause, Kind};
pub use side::Side;
pub use tables::{Cell, Table};

use crate::output;

/// Two folders of results, compared.
#[derive(Debug, Serialize)]
pub struct Diff {
    /// The format of this account.
    pub format: u32,
    /// The folders.
    pub folders: [String; 2],
    /// Relative difference that counts as none beside the exact one.
    pub tolerance: f64,
    /// Tables, those without a difference among them.
    pub tables: Vec<Table>,
    /// What differs in what the results were made from, and how much of the difference it can explain.
    pub causes: Vec<Cause>,
    /// Values that differ and that no cause explains.
    pub unexplained: usize,
    /// Values that differ and that several causes may explain.
    pub ambiguous: usize,
    /// What is worth knowing and changes nothing.
    pub remarks: Vec<String>,
}

impl Diff {
    /// Whether every table is the same, to the last bit.
    pub fn is_same(&self) -> bool {
        self.tables.iter().all(Table::is_same)
    }
}

/// Compares two folders of results.
///
/// # Errors
/// Why they cannot be compared.
pub fn folders(a: &Path, b: &Path, tolerance: f64) -> Result<Diff, String> {
    for folder in [a, b] {
        // A run that was killed while it switched its tables has written them all.
        output::finish(folder).map_err(|cause| format!("cannot read {}: {cause}", folder.display()))?;
    }
    let sides = [Side::read(a)?, Side::read(b)?];
    if !sides[0].has_common_case(&sides[1]) {
        return Err(format!("{} and {} have no case in common", a.display(), b.display()));
    }
    let mut causes = cause::find(&sides);
    let (mut unexplained, mut ambiguous) = (0, 0);
    // Thousands of cases may have causes of their own: those of a value's own case are looked up.
    let mut of_case: HashMap<(String, String), Vec<usize>> = HashMap::new();
    let mut of_all: Vec<usize> = Vec::new();
    for (index, cause) in causes.iter().enumerate() {
        match cause.case() {
            Some(case) => of_case.entry(case).or_default().push(index),
            None => of_all.push(index),
        }
    }
    let mut attribute = |cell: &Cell<'_>| {
        let key = (cell.cohort.to_owned(), cell.key("case").unwrap_or_default().to_owned());
        let mut number = 0;
        for index in of_case.get(&key).into_iter().flatten().chain(&of_all) {
            let cause = &mut causes[*index];
            let reaches = usize::from(cause.reaches(cell));
            cause.values += reaches;
            number += reaches;
        }
        unexplained += usize::from(number == 0);
        ambiguous += usize::from(number > 1);
    };
    let names: BTreeSet<&String> = sides.iter().flat_map(|side| side.lock.output.keys()).collect();
    let mut tables = Vec::new();
    for name in names.into_iter().filter(|name| tables::is_compared(name)) {
        tables.push(tables::compare(name, &sides, tolerance, &mut attribute)?);
    }
    let mut remarks = cause::remarks(&sides);
    remarks.extend(sides.iter().flat_map(Side::changed));
    let folders = [a, b].map(|folder| folder.display().to_string());
    Ok(Diff { format: 1, folders, tolerance, tables, causes, unexplained, ambiguous, remarks })
}
