//! Several tables of patients as one.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use voxomics_engine::{Cells, Columns, cases::Case};

use crate::files::Rows;

/// The columns of all tables, by patient; `features` are those of tables of features. What one table says of a column, no other may
/// say, too: where a cell is empty, nobody would see from which of them a value is.
pub(super) fn merge(
    tables: &mut [Rows],
    cases: &[Case],
    features: &[String],
    id: &str,
) -> Result<BTreeMap<String, Cells>, String> {
    let of_features: BTreeSet<&str> = features.iter().map(String::as_str).collect();
    let of_cases: BTreeSet<&str> = cases.iter().flat_map(|case| case.covariates.names()).collect();
    let mut from: BTreeMap<String, &Path> = BTreeMap::new();
    for table in tables.iter() {
        for column in &table.columns {
            if of_features.contains(column.as_str()) {
                return Err(format!(
                    "the column `{column}` is in the table of features and in {}; rename one of them, or take it out of one",
                    table.path.display()
                ));
            }
            if of_cases.contains(column.as_str()) && column != id {
                return Err(format!(
                    "the column `{column}` is in the list of cases and in {}; rename one of them",
                    table.path.display()
                ));
            }
            if let Some(other) = from.insert(column.clone(), &table.path) {
                return Err(format!(
                    "the column `{column}` is in {} and in {}; rename one of them",
                    other.display(),
                    table.path.display()
                ));
            }
        }
    }
    let columns = Columns::new(from.into_keys());
    // A table of genes may have millions of cells: they are not there twice.
    let mut rows: BTreeMap<String, Vec<Cells>> = BTreeMap::new();
    for table in tables {
        for (patient, cells) in std::mem::take(&mut table.rows) {
            rows.entry(patient).or_default().push(cells);
        }
    }
    Ok(rows.into_iter().map(|(patient, cells)| (patient, one(cells, &columns))).collect())
}

/// The cells of a patient in all tables, by the names of all columns in order.
fn one(mut rows: Vec<Cells>, columns: &Arc<Columns>) -> Cells {
    if rows.len() == 1 {
        return rows.remove(0);
    }
    let cell = |name: &String| rows.iter().find_map(|row| row.get(name));
    Cells::new(columns, columns.names().iter().map(cell))
}
