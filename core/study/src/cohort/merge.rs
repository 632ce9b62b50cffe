//! Several tables of patients as one.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    path::Path,
};

use voxomics_engine::{Shared, cases::Case};

use crate::files::Rows;

/// The columns of all tables, by patient.
pub(super) fn merge(
    tables: &mut [Rows],
    cases: &[Case],
    id: &str,
) -> Result<BTreeMap<String, Shared<BTreeMap<String, String>>>, String> {
    let mut merged: BTreeMap<String, Shared<BTreeMap<String, String>>> = BTreeMap::new();
    let of_cases: BTreeSet<&str> =
        cases.iter().flat_map(|case| case.covariates.iter().map(|(name, _)| name.as_str())).collect();
    let mut from: BTreeMap<String, &Path> = BTreeMap::new();
    for table in tables {
        for column in &table.columns {
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
        // A table of genes may have millions of cells: they are not there twice.
        for (patient, cells) in std::mem::take(&mut table.rows) {
            match merged.entry(patient) {
                Entry::Vacant(place) => {
                    place.insert(cells.into());
                }
                Entry::Occupied(mut there) => there.get_mut().extend(cells),
            }
        }
    }
    Ok(merged)
}
