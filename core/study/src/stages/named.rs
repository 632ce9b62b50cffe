//! Names in `[report]` and `[labels]` that no table has: what was mistyped shows nowhere, so it is warned of.

use std::collections::BTreeSet;

use voxomics_engine::experiment::{
    Experiment,
    study::{ColumnLabel, same_value},
};

use crate::{data::Cohort, evaluate};

/// Columns that the report is to show or to label and that no cohort has, and values of columns that labels do not fit.
pub fn unknown(experiment: &Experiment, cohorts: &[Cohort]) -> Vec<String> {
    let report = experiment.study.report.as_ref();
    let listed = report.and_then(|report| report.table_one.as_deref()).unwrap_or_default();
    let labels = &experiment.study.labels.columns;
    let covariates = &experiment.covariates;
    let named = labels.keys().filter(|name| !covariates.iter().any(|covariate| covariate.name == **name));
    let of =
        |section: &str, name: &String| format!("{section} names the column `{name}`, which no table and no list has");
    let listed = evaluate::unknown(listed, cohorts).into_iter().map(|name| of("[report.table_one]", name));
    let named = evaluate::unknown(named, cohorts).into_iter().map(|name| of("[labels.columns]", name));
    let values = labels.iter().flat_map(|(column, label)| misfits(column, label, cohorts));
    listed.chain(named).chain(values).collect()
}

/// What does not fit between the values of a column and those of its label.
fn misfits(column: &str, label: &ColumnLabel, cohorts: &[Cohort]) -> Vec<String> {
    let patients = || cohorts.iter().flat_map(|cohort| &cohort.patients);
    let of_lesions = patients().flat_map(|patient| &patient.lesions).filter_map(|lesion| lesion.columns.get(column));
    let of_patients = patients().filter_map(|patient| patient.columns.get(column));
    let there: BTreeSet<&str> =
        of_patients.chain(of_lesions).map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
    if there.is_empty() {
        return Vec::new();
    }
    let is_there = |value: &str| there.iter().any(|cell| same_value(value, cell));
    let mut said = Vec::new();
    if !label.order.is_empty() {
        let without: Vec<String> = there
            .iter()
            .filter(|cell| !label.order.iter().any(|value| same_value(value, cell)))
            .take(MOST)
            .map(|cell| format!("`{cell}`"))
            .collect();
        if !without.is_empty() {
            said.push(format!(
                "[labels.columns.{column}] `order` has no place for {}, which tables have: these come last",
                without.join(", ")
            ));
        }
    }
    if !label.levels.is_empty() && !label.levels.keys().any(|value| is_there(value)) {
        let named: Vec<String> = label.levels.keys().take(MOST).map(|value| format!("`{value}`")).collect();
        said.push(format!(
            "[labels.columns.{column}] `levels` names {}, and no table has any of them",
            named.join(", ")
        ));
    }
    said
}

/// Most values that a sentence names.
const MOST: usize = 5;
