//! What is fitted on images, fitted anew for an outer fold: the values of all rows as they are when the fold's patients were not there
//! to be fitted to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use voxomics_engine::{
    cases::Case,
    host::TrainingTable,
    plan::{Extraction, Plan},
    table::{FeatureValue, Undefined},
};

use super::{Row, model};
use crate::{
    data::Lesion,
    extract::{self, Beside},
    work::{Fits, Who, Work},
};

/// The values that are others without a fold.
pub struct Anew {
    /// By the place of the input in the plan, a value a row of the training.
    values: BTreeMap<usize, Vec<FeatureValue>>,
    /// By cohort and case, what outlines of other readers give.
    repeats: HashMap<(String, String), Vec<FeatureValue>>,
    /// The values of each row by perturbation, where something asks for them, and by negative control.
    again: Vec<[Vec<Vec<f64>>; 2]>,
    /// What was fitted to something else: `images.normalised`.
    pub names: Vec<String>,
}

/// Fits anew without the patients of the rows `test`, and computes the features of all rows that follow; what an earlier run finished
/// of that is found again. Nothing, if these inputs depend on nothing that is fitted, or if it is fitted on others than these patients.
///
/// # Errors
/// What cannot be fitted or computed, and why.
pub fn without(work: &Work<'_>, inputs: &[String], rows: &[Row<'_>], test: &[usize]) -> Result<Option<Anew>, String> {
    let Some(unfitted) = work.unfitted else { return Ok(None) };
    let before = model::carried_by(work.plan, &Extraction::of(work.plan, inputs));
    if before.is_empty() {
        return Ok(None);
    }
    let who = |row: &usize| {
        let (cohort, patient) = rows[*row].who();
        (cohort.to_owned(), patient.to_owned())
    };
    let left_out: BTreeSet<Who> = test.iter().map(who).collect();
    let fitted = match unfitted.fit_anew(&left_out)? {
        Fits::Nothing => return Ok(None),
        Fits::GivenUp => return Err("cancelled".into()),
        Fits::Done(fitted) => fitted,
    };
    let after = fitted.plan.carried();
    let changed = before.into_iter().filter(|carried| !after.contains(carried));
    let names: Vec<String> = changed.map(|carried| carried.name).collect();
    if names.is_empty() {
        return Ok(None);
    }
    let inner =
        Work { experiment: &fitted.experiment, plan: &fitted.plan, store: &fitted.store, unfitted: None, ..*work };
    let mut found: HashMap<(String, String, Option<usize>), Vec<FeatureValue>> = HashMap::new();
    let mut moved: HashMap<super::Place, [Vec<Vec<f64>>; 2]> = HashMap::new();
    let wanted_moved = extract::wants_perturbed(work);
    for joined in unfitted.joined() {
        let of_cohort = || rows.iter().filter(|row| row.cohort == joined.name).map(|row| row.lesion);
        let repeats = of_cohort().flat_map(|lesion| &lesion.repeats).map(|repeat| repeat.case.as_str());
        let wanted: BTreeSet<&str> = of_cohort().map(|lesion| lesion.case.as_str()).chain(repeats).collect();
        let cases: Vec<Case> =
            joined.cases.iter().filter(|case| wanted.contains(case.name.as_str())).cloned().collect();
        if joined.features.is_some() || cases.is_empty() {
            continue;
        }
        let summary = extract::cases(&inner, joined, cases, Beside::default())?;
        if summary.cancelled {
            return Err("cancelled".into());
        }
        for done in summary.outcomes() {
            let (case, mut outcome) = done?;
            for (component, inputs) in std::mem::take(&mut outcome.inputs) {
                let [of_case, controls] = extract::again(&fitted.plan, case, &outcome, component);
                let of_case = if wanted_moved { of_case } else { Vec::new() };
                moved.insert((joined.name.clone(), case.name.clone(), component), [of_case, controls]);
                found.insert((joined.name.clone(), case.name.clone(), component), inputs);
            }
        }
    }
    let missing =
        || Undefined::from(format!("it has no features when {} is fitted without its fold", names.join(", ")));
    let value = |row: &Row<'_>, at: usize| {
        let place = (row.cohort.to_owned(), row.lesion.case.clone(), row.lesion.component);
        found.get(&place).map_or_else(|| Err(missing()), |inputs| inputs[at].clone())
    };
    let mut repeats = HashMap::new();
    for (row, repeat) in rows.iter().flat_map(|row| row.lesion.repeats.iter().map(move |repeat| (row, repeat))) {
        let place = (row.cohort.to_owned(), repeat.case.clone(), None);
        let inputs = found.get(&place).cloned();
        let inputs = inputs.unwrap_or_else(|| repeat.inputs.iter().map(|_| Err(missing())).collect());
        repeats.insert((place.0, place.1), inputs);
    }
    let bits = |value: &FeatureValue| value.as_ref().ok().map(|value| value.to_bits());
    let mut values = BTreeMap::new();
    for at in 0..work.plan.inputs.len() {
        let column: Vec<FeatureValue> = rows.iter().map(|row| value(row, at)).collect();
        if rows.iter().zip(&column).any(|(row, value)| bits(&row.lesion.inputs[at]) != bits(value)) {
            values.insert(at, column);
        }
    }
    let of_row = |row: &Row<'_>| {
        let place = (row.cohort.to_owned(), row.lesion.case.clone(), row.lesion.component);
        moved.remove(&place).unwrap_or_default()
    };
    let again = rows.iter().map(of_row).collect();
    Ok(Some(Anew { values, repeats, again, names }))
}

impl Anew {
    /// A training table with the values without the fold.
    pub fn table(&self, plan: &Plan, table: &TrainingTable) -> TrainingTable {
        let mut anew = TrainingTable {
            rows: table.rows,
            columns: table.columns.clone(),
            values: table.values.clone(),
            design: table.design.clone(),
        };
        for (at, values) in &self.values {
            if let Some(column) = table.columns.iter().position(|column| *column == plan.inputs[*at].0) {
                let cells = &mut anew.values[column * table.rows..(column + 1) * table.rows];
                cells.iter_mut().zip(values).for_each(|(cell, value)| *cell = value.as_ref().ok().copied());
            }
        }
        anew
    }

    /// The lesions of the rows with the values without the fold.
    pub fn lesions(&self, rows: &[Row<'_>]) -> Vec<Lesion> {
        let lesion = |(number, row): (usize, &Row<'_>)| {
            let mut lesion = row.lesion.clone();
            self.values.iter().for_each(|(at, values)| lesion.inputs[*at] = values[number].clone());
            let [perturbed, controls] = &self.again[number];
            lesion.perturbed.clone_from(perturbed);
            lesion.controls.clone_from(controls);
            for repeat in &mut lesion.repeats {
                if let Some(inputs) = self.repeats.get(&(row.cohort.to_owned(), repeat.case.clone())) {
                    repeat.inputs.clone_from(inputs);
                }
            }
            lesion
        };
        rows.iter().enumerate().map(lesion).collect()
    }
}

/// The same rows with other lesions.
pub fn rows<'a>(rows: &[Row<'a>], lesions: &'a [Lesion]) -> Vec<Row<'a>> {
    let row = |(row, lesion): (&Row<'a>, &'a Lesion)| Row { lesion, target: row.target.clone(), ..*row };
    rows.iter().zip(lesions).map(row).collect()
}
