//! Who was left out, where and why: every lesion and patient as a table, and counts for the flow of a cohort.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use voxomics_engine::output::Folder;
use voxomics_report::study::Evaluation;

use crate::{
    data::{Cohort, LeftOut},
    files,
};

/// The table of everything that was left out.
pub const TABLE: &str = "left_out.csv";

/// How many of a cohort a stage left out for a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The cohort.
    pub cohort: String,
    /// Where: `join`, `only`, `extract`, or the section: `learn.model`, `predict.model`, `evaluate.survival`.
    pub stage: String,
    /// Why; what differs from row to row is `…`.
    pub reason: String,
    /// Rows of the table.
    pub rows: u64,
    /// Patients that they belong to, as far as it is known.
    pub patients: u64,
}

/// Writes the table.
///
/// # Errors
/// Which file, and why not.
pub fn write(folder: &Folder, all: &[LeftOut]) -> Result<(), String> {
    let row = |row: &LeftOut| [&row.cohort, &row.id, &row.patient, &row.stage, &row.reason].map(String::clone).to_vec();
    files::write_csv(folder, TABLE, &["cohort", "case", "patient", "stage", "reason"], all.iter().map(row))
}

/// The counts, in the order of first appearance.
pub fn counts(all: &[LeftOut]) -> Vec<Count> {
    let mut places: BTreeMap<(&str, &str, String), usize> = BTreeMap::new();
    let mut counts: Vec<(Count, BTreeSet<&str>)> = Vec::new();
    for row in all {
        let reason = kind(&row.reason);
        let place = *places.entry((&row.cohort, &row.stage, reason.clone())).or_insert_with(|| {
            let (cohort, stage) = (row.cohort.clone(), row.stage.clone());
            counts.push((Count { cohort, stage, reason, rows: 0, patients: 0 }, BTreeSet::new()));
            counts.len() - 1
        });
        let (count, patients) = &mut counts[place];
        count.rows += 1;
        if !row.patient.is_empty() {
            patients.insert(&row.patient);
        }
    }
    counts.into_iter().map(|(count, patients)| Count { patients: patients.len() as u64, ..count }).collect()
}

/// A reason without what differs from row to row: the value of a cell, as in "`CD8B` is `high`, expected a number".
pub fn kind(reason: &str) -> String {
    let mut parts = reason.split(" is `");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_once('`').map_or("", |(_, rest)| rest);
        out.push_str(" is …");
        out.push_str(rest);
    }
    out
}

/// The lesions of a cohort that a model has no score of.
pub fn unscored(model: &str, cohort: &Cohort) -> Vec<LeftOut> {
    let lesions = cohort.patients.iter().flat_map(|patient| patient.lesions.iter().map(|lesion| (&patient.id, lesion)));
    lesions
        .filter_map(|(patient, lesion)| {
            let reason = lesion.scores.get(model)?.value.as_ref().err()?.to_string();
            let (cohort, id, patient) = (cohort.name.clone(), lesion.name(), patient.clone());
            Some(LeftOut { cohort, id, patient, stage: format!("predict.{model}"), reason })
        })
        .collect()
}

/// Whom an evaluation left out.
pub fn of_evaluation(evaluation: &Evaluation, cohorts: &[Cohort]) -> Vec<LeftOut> {
    let cohort = cohorts.iter().find(|cohort| cohort.name == evaluation.cohort);
    let patients = cohort.iter().flat_map(|cohort| &cohort.patients);
    let owner: BTreeMap<String, &str> = patients
        .flat_map(|patient| patient.lesions.iter().map(|lesion| (lesion.name(), patient.id.as_str())))
        .collect();
    let lesions = evaluation.unit == "lesions";
    let row = |lost: &voxomics_report::study::Lost| {
        let (id, patient) = match lesions {
            true => (lost.id.clone(), owner.get(&lost.id).copied().unwrap_or_default().to_owned()),
            false => (String::new(), lost.id.clone()),
        };
        let (cohort, stage) = (evaluation.cohort.clone(), format!("evaluate.{}", evaluation.name));
        LeftOut { cohort, id, patient, stage, reason: lost.reason.clone() }
    };
    evaluation.left_out.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_differ_in_a_cell_alone_are_counted_together() {
        let row = |id: &str, patient: &str, reason: &str| LeftOut {
            cohort: "c".into(),
            id: id.into(),
            patient: patient.into(),
            stage: "learn.m".into(),
            reason: reason.into(),
        };
        let all = [
            row("a1", "a", "`x` is `high`, expected a number"),
            row("a2", "a", "`x` is `low`, expected a number"),
            row("b1", "b", "it has no `x`"),
            row("c1", "c", "`only` leaves it out: `x` is `2`"),
        ];
        let found: Vec<(String, u64, u64)> =
            counts(&all).into_iter().map(|count| (count.reason, count.rows, count.patients)).collect();
        let expected =
            [("`x` is …, expected a number", 2, 1), ("it has no `x`", 1, 1), ("`only` leaves it out: `x` is …", 1, 1)];
        assert_eq!(found, expected.map(|(reason, rows, patients)| (reason.to_owned(), rows, patients)));
    }
}
