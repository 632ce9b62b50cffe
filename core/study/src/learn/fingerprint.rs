//! What a model file tells of the scans and patients that it was learnt from, beside its inputs.

use std::collections::BTreeSet;

use voxomics_engine::{experiment::study::Target, plan::Plan};

use super::Row;

/// Adds the events of a time, and how the scans were made.
pub fn insert(training: &mut toml::Table, target: &Target, rows: &[Row<'_>]) {
    if matches!(target, Target::Survival { .. }) {
        let seen = || rows.iter().filter(|row| row.target.get(1) == Some(&1.0));
        let patients: BTreeSet<(&str, &str)> = seen().map(Row::who).collect();
        training.insert("events".into(), (seen().count() as i64).into());
        training.insert("patients_with_event".into(), (patients.len() as i64).into());
    }
    let acquisitions = || rows.iter().map(|row| &row.lesion.acquisition);
    let mut table = toml::Table::new();
    let voltages: Vec<f64> = acquisitions().filter_map(|found| found.kvp).collect();
    if let Some([low, high]) = range(voltages.iter().copied()) {
        table.insert("kvp".into(), entry(low.into(), high.into(), voltages.len()));
    }
    let spacings: Vec<[f64; 3]> = acquisitions().filter_map(|found| found.spacing_mm).collect();
    let axes: Option<Vec<[f64; 2]>> = (0..3).map(|axis| range(spacings.iter().map(|mm| mm[axis]))).collect();
    if let Some(axes) = axes {
        let of = |end: usize| toml::Value::Array(axes.iter().map(|range| range[end].into()).collect());
        table.insert("spacing_mm".into(), entry(of(0), of(1), spacings.len()));
    }
    if !table.is_empty() {
        training.insert("acquisition".into(), table.into());
    }
}

fn entry(minimum: toml::Value, maximum: toml::Value, rows: usize) -> toml::Value {
    let keys = [("minimum", minimum), ("maximum", maximum), ("rows", (rows as i64).into())];
    toml::Value::Table(keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// The least and the largest of some numbers.
pub(super) fn range(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    values.fold(None, |range, value| match range {
        None => Some([value, value]),
        Some([low, high]) => Some([f64::min(low, value), f64::max(high, value)]),
    })
}

/// Adds the version of the library of a plugin, and its digest if it did not come with the program: that is told already.
pub fn insert_library(provenance: &mut toml::Table, plan: &Plan, plugin: &str) {
    let name = format!("predict-{}", plugin.strip_prefix("predict-").unwrap_or(plugin));
    if let Some(library) = plan.libraries.iter().find(|library| library.named().0.contains(&name)) {
        provenance.insert("plugin_version".into(), library.named().1.into());
        if !library.is_ours() {
            provenance.insert("plugin_sha256".into(), library.digest().get().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::data::{Acquisition, Lesion, Patient};

    use super::*;

    #[test]
    fn ranges_are_those_of_the_rows_that_tell() {
        let acquisition = |kvp, spacing_mm| Acquisition { kvp, spacing_mm };
        let found = [
            acquisition(Some(120.0), Some([0.7, 0.7, 5.0])),
            acquisition(None, Some([0.9, 0.8, 1.25])),
            acquisition(Some(100.0), None),
        ];
        let lesions = found.map(|acquisition| Lesion { acquisition, ..Lesion::default() });
        let patients = ["a", "a", "b"].map(|id| Patient { id: id.into(), ..Patient::default() });
        let rows: Vec<Row<'_>> = (0..3)
            .map(|at| Row { cohort: "c", patient: &patients[at], lesion: &lesions[at], target: vec![1.0, 1.0] })
            .collect();
        let target = Target::Survival {
            time: "t".into(),
            event: "e".into(),
            seen: Vec::new(),
            unit: "months".into(),
            competing: Vec::new(),
        };
        let mut table = toml::Table::new();
        insert(&mut table, &target, &rows);
        let expected = "events = 3\npatients_with_event = 2\n\n[acquisition.kvp]\nminimum = 100.0\nmaximum = 120.0\n\
                        rows = 2\n\n[acquisition.spacing_mm]\nminimum = [0.7, 0.7, 1.25]\nmaximum = [0.9, 0.8, 5.0]\n\
                        rows = 2\n";
        assert_eq!(table, toml::from_str::<toml::Table>(expected).expect("TOML"));
        let mut nothing = toml::Table::new();
        insert(&mut nothing, &Target::Number { column: "x".into() }, &[]);
        assert!(nothing.is_empty());
    }
}
