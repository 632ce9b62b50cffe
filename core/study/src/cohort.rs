//! Cohorts: cases and their patients, joined by id. What does not join is listed, never dropped in silence.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use voxomics_engine::{
    cases::{self, Case},
    experiment::study::{Cohort as Stated, CohortSource, Condition, PatientTable},
};
use voxomics_report::study::Lost;

use crate::files::{self, Rows};

/// The cases of a cohort, with what is known of their patients.
#[derive(Debug, Clone)]
pub struct Joined {
    /// Name of the cohort.
    pub name: String,
    /// The cases that have a patient; the patient's columns are among their covariates.
    pub cases: Vec<Case>,
    /// For each of them, the patient's id.
    pub patients: Vec<String>,
    /// What the tables say of each patient.
    pub columns: BTreeMap<String, BTreeMap<String, String>>,
    /// Cases and patients that did not join, and why.
    pub unjoined: Vec<Lost>,
    /// Number of cases in the list.
    pub listed: usize,
    /// Number of patients in the list, with those whose cases did not join.
    pub listed_patients: usize,
}

/// Reads a cohort; `simulated` is the folder of the simulated study.
///
/// # Errors
/// If a file cannot be read, or if nothing joins.
pub fn join(stated: &Stated, simulated: &Path) -> Result<Joined, String> {
    let (list, mut tables) = match &stated.source {
        CohortSource::List(list) => (list.clone(), Vec::new()),
        CohortSource::Simulated(name) => {
            let folder = simulated.join(name);
            let path = folder.join("patients.csv");
            (folder.join("cases.csv"), vec![PatientTable { path, transposed: false, columns: Vec::new() }])
        }
    };
    tables.extend(stated.tables.iter().cloned());
    let fail = |what: String| format!("cohort `{}`: {what}", stated.name);
    let listed = cases::from_csv(&list).map_err(&fail)?;
    let tables: Vec<Rows> =
        tables.iter().map(|table| files::read(table, &stated.id)).collect::<Result<_, _>>().map_err(&fail)?;
    let columns = merge(&tables, &listed, &stated.id).map_err(&fail)?;
    let named: BTreeSet<String> =
        listed.iter().filter_map(|case| case.covariate(&stated.id).map(str::to_owned)).collect();
    let without_id = listed.iter().filter(|case| case.covariate(&stated.id).is_none()).count();
    let mut joined = Joined {
        name: stated.name.clone(),
        listed: listed.len(),
        // Without tables, a case without the column is a patient.
        listed_patients: named.iter().filter(|id| !files::is_missing(id)).count()
            + if tables.is_empty() { without_id } else { 0 },
        cases: Vec::new(),
        patients: Vec::new(),
        unjoined: Vec::new(),
        columns,
    };
    for case in listed {
        joined.take(case, stated, !tables.is_empty());
    }
    let without: Vec<Lost> = joined
        .columns
        .keys()
        .filter(|id| !named.contains(*id))
        .map(|id| lost(id, "the tables of patients have it, the list of cases does not"))
        .collect();
    joined.unjoined.extend(without);
    if joined.cases.is_empty() {
        let first = joined.unjoined.first().map(|lost| format!(": {}: {}", lost.id, lost.reason));
        return Err(fail(format!("no case of {} joins a patient{}", list.display(), first.unwrap_or_default())));
    }
    Ok(joined)
}

impl Joined {
    /// Takes a case in, or lists why not.
    fn take(&mut self, mut case: Case, stated: &Stated, has_tables: bool) {
        let patient = match case.covariate(&stated.id) {
            Some(patient) if !files::is_missing(patient) => patient.to_owned(),
            // Without tables there is nothing to join: each case is a patient.
            None if !has_tables => case.name.clone(),
            _ => {
                let reason = format!("the list of cases has no `{}` for it", stated.id);
                return self.unjoined.push(lost(&case.name, &reason));
            }
        };
        if has_tables && !self.columns.contains_key(&patient) {
            let name = format!("{} of {patient}", case.name);
            return self.unjoined.push(lost(&name, "no table of patients has this patient"));
        }
        for (column, value) in self.columns.get(&patient).into_iter().flatten() {
            case.covariates.push((column.clone(), value.clone()));
        }
        if let Some(unmet) = stated.only.iter().find(|condition| !meets(&case, condition)) {
            let value = case.covariate(&unmet.column).unwrap_or_default();
            let reason = format!("`only` leaves it out: `{}` is `{value}`", unmet.column);
            return self.unjoined.push(lost(&format!("{} of {patient}", case.name), &reason));
        }
        self.cases.push(case);
        self.patients.push(patient);
    }
}

/// Whether a case meets a condition.
fn meets(case: &Case, condition: &Condition) -> bool {
    case.covariate(&condition.column).is_some_and(|value| condition.values.iter().any(|wanted| wanted == value))
}

fn lost(id: &str, reason: &str) -> Lost {
    Lost { id: id.into(), stage: "join".into(), reason: reason.into() }
}

/// The columns of all tables, by patient.
fn merge(tables: &[Rows], cases: &[Case], id: &str) -> Result<BTreeMap<String, BTreeMap<String, String>>, String> {
    let mut merged: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let of_cases: BTreeSet<&str> =
        cases.iter().flat_map(|case| case.covariates.iter().map(|(name, _)| name.as_str())).collect();
    let mut from: BTreeMap<String, &Path> = BTreeMap::new();
    for table in tables {
        let columns: BTreeSet<&String> = table.rows.values().flat_map(BTreeMap::keys).collect();
        for column in columns {
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
        for (patient, cells) in &table.rows {
            merged.entry(patient.clone()).or_default().extend(cells.iter().map(|(k, v)| (k.clone(), v.clone())));
        }
    }
    Ok(merged)
}
