//! The file of folds, which another program, or another experiment, may deal by.

use std::collections::BTreeSet;

use voxomics_engine::{host::TrainingTable, output::Folder};

use super::{Row, folds::without, outer::column};

/// The folder of folds: they name patients, and a model does not.
const FOLDS: &str = "folds";

/// Writes the folds, a row a patient and a column a cut, numbered from 1 as R's `foldid`: as a table of patients, `folds` and
/// `outer_folds` read them again. `inner_1_without_3` has the inner folds of the model without outer fold 3, and nothing for whoever is
/// in that fold.
///
/// # Errors
/// Which file, and why not.
pub fn folds(folder: &Folder, name: &str, table: &TrainingTable, rows: &[Row<'_>]) -> Result<(), String> {
    let Some(dealt) = &table.design.folds else { return Ok(()) };
    let mut columns: Vec<(String, &[Option<f64>])> = Vec::new();
    for (what, names) in [("outer", &dealt.outer), ("inner", &dealt.inner)] {
        for (at, name) in names.iter().enumerate() {
            columns.push((format!("{what}_{}", at + 1), column(table, name)?));
        }
    }
    for (fold, names) in dealt.within.iter().enumerate() {
        for (at, name) in names.iter().enumerate() {
            columns.push((without(&format!("inner_{}", at + 1), fold), column(table, name)?));
        }
    }
    if columns.is_empty() {
        return Ok(());
    }
    let own = rows.iter().any(|row| row.patient.own_id);
    let mut header = vec!["patient"];
    header.extend(own.then_some("cohort"));
    header.extend(columns.iter().map(|(name, _)| name.as_str()));
    let mut seen = BTreeSet::new();
    let lines = rows.iter().enumerate().filter(|(_, row)| seen.insert(row.who())).map(|(at, row)| {
        let number = |fold: Option<f64>| fold.map(|fold| (fold as usize + 1).to_string()).unwrap_or_default();
        let numbers = columns.iter().map(|(_, folds)| number(folds[at]));
        let cohort = own.then(|| row.cohort.to_owned());
        [row.patient.id.clone()].into_iter().chain(cohort).chain(numbers).collect()
    });
    // Rows come in the order of the names that pseudonyms stand for, which is nobody's business.
    let mut lines: Vec<Vec<String>> = lines.collect();
    lines.sort();
    crate::files::write_csv(&folder.below(FOLDS)?, &format!("{name}.csv"), &header, lines.into_iter())
}
