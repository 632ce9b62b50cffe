//! The rows that a model is learnt from.

use std::collections::BTreeSet;

use voxomics_engine::experiment::study::{Condition, Learn, Target, Threshold, is_positive};

use crate::data::{Cohort, LeftOut, Lesion, Patient, event_seen};

/// A row of the training.
pub struct Row<'a> {
    /// The cohort.
    pub cohort: &'a str,
    /// The patient.
    pub patient: &'a Patient,
    /// The lesion.
    pub lesion: &'a Lesion,
    /// The target, or time and event.
    pub target: Vec<f64>,
}

impl<'a> Row<'a> {
    /// Who the patient is, in whichever cohort.
    pub fn who(&self) -> (&'a str, &'a str) {
        self.patient.identity(self.cohort)
    }

    /// What its patient is sorted by.
    pub fn place(&self) -> (&'a str, &'a str) {
        self.patient.place(self.cohort)
    }

    /// What a column says of the lesion, or else of its patient.
    pub fn cell(&self, column: &str) -> Option<&'a str> {
        let (lesion, patient): (&'a Lesion, &'a Patient) = (self.lesion, self.patient);
        lesion.columns.get(column).or_else(|| patient.column(column))
    }
}

/// The rows that have a target, and the others with the reason.
///
/// # Errors
/// If a cohort is not there, a quantile cannot be had, or an event cannot be read.
pub fn rows<'a>(stated: &Learn, cohorts: &'a [Cohort]) -> Result<(Vec<Row<'a>>, Vec<LeftOut>), String> {
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    let find = |name: &String| {
        let cohort = cohorts.iter().find(|cohort| cohort.name == *name);
        cohort.ok_or_else(|| format!("there is no cohort `{name}`"))
    };
    let all: Vec<&Cohort> = stated.cohorts.iter().map(find).collect::<Result<_, _>>()?;
    for &cohort in &all {
        let split = match &stated.target {
            // What is the training's is that of all that is learnt from, as where the model is evaluated.
            Target::Above { column, threshold: threshold @ Threshold::Training(_) } => {
                Some(threshold_of(&all, column, *threshold, &stated.only)?)
            }
            Target::Above { column, threshold } => Some(threshold_of(&[cohort], column, *threshold, &stated.only)?),
            _ => None,
        };
        for patient in &cohort.patients {
            for lesion in &patient.lesions {
                let cell = |column: &str| lesion.columns.get(column).or_else(|| patient.column(column));
                let unmet = unmet(&stated.only, cell);
                if let (None, Target::Survival { event, seen, .. }) = (&unmet, &stated.target)
                    && let Some(word) = cell(event)
                {
                    event_seen(event, word, seen).map_err(|cause| format!("{}: {cause}", lesion.case))?;
                }
                let missing = |column: &str| cohort.why_missing(&patient.id, column);
                match unmet.map_or_else(|| target(&stated.target, split, cell, &missing), Err) {
                    Ok(target) => rows.push(Row { cohort: &cohort.name, patient, lesion, target }),
                    Err(reason) => left_out.push(LeftOut {
                        cohort: cohort.name.clone(),
                        id: lesion.name(),
                        patient: patient.id.clone(),
                        stage: format!("learn.{}", stated.name),
                        reason,
                    }),
                }
            }
        }
    }
    // Sums depend on the order in their last digit, and a table may come in any.
    rows.sort_by(|a, b| place(a).cmp(&place(b)));
    Ok((rows, left_out))
}

/// Where a row stands: a patient's together, whatever the order of the tables.
fn place<'a>(row: &Row<'a>) -> ((&'a str, &'a str), &'a str, (&'a str, Option<usize>)) {
    (row.place(), row.cohort, row.lesion.place())
}

/// Why a row is left out by a condition.
pub fn unmet<'a>(only: &[Condition], cell: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let unmet =
        only.iter().find(|condition| cell(&condition.column).is_none_or(|value| !condition.is_met_by(value)))?;
    Some(format!("`only` leaves it out: `{}` is {:?}", unmet.column, cell(&unmet.column).unwrap_or_default()))
}

/// Where a number is split into two classes: over the patients of cohorts that are learnt from, so not over those whom a condition
/// leaves out or of whom nothing could be measured. Where the model is evaluated, the training is those patients, too.
fn threshold_of(cohorts: &[&Cohort], column: &str, threshold: Threshold, only: &[Condition]) -> Result<f64, String> {
    let quantile = match threshold {
        Threshold::Value(value) => return Ok(value),
        Threshold::Training(quantile) | Threshold::Own(quantile) => quantile,
    };
    // Somebody who is in several cohorts counts once.
    let mut seen = BTreeSet::new();
    let patients = cohorts.iter().flat_map(|cohort| cohort.patients.iter().map(|patient| (&cohort.name, patient)));
    let counts = |patient: &Patient, lesion: &Lesion| {
        unmet(only, |column| lesion.columns.get(column).or_else(|| patient.column(column))).is_none()
    };
    let values: Vec<f64> = patients
        .filter(|(_, patient)| patient.lesions.iter().any(|lesion| counts(patient, lesion)))
        .filter(|(cohort, patient)| patient.column(column).is_some() && seen.insert(patient.identity(cohort)))
        .filter_map(|(_, patient)| number(column, patient.column(column)?).ok())
        .collect();
    let found = voxomics_statistics::rank::quantiles(&values, &[quantile]);
    found.map(|found| found[0]).map_err(|cause| format!("the quantile of `{column}`: {cause}"))
}

/// A number in a cell.
///
/// # Errors
/// If it is none.
pub(super) fn number(column: &str, cell: &str) -> Result<f64, String> {
    match cell.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(format!("`{column}` is `{cell}`, expected a number")),
    }
}

/// The outcome of a patient, or of a lesion: what a score is held against. Where it is split by a quantile, it is no class.
///
/// # Errors
/// Why there is none.
pub fn outcome(
    target: &Target,
    cohort: &Cohort,
    patient: &Patient,
    lesion: Option<&Lesion>,
) -> Result<Option<f64>, String> {
    let cell = |column: &str| lesion.and_then(|lesion| lesion.columns.get(column)).or_else(|| patient.column(column));
    let (split, is_class) = match target {
        Target::Above { threshold: Threshold::Value(value), .. } => (Some(*value), true),
        Target::Class { .. } => (None, true),
        _ => (None, false),
    };
    let found = self::target(target, split, cell, &|column| cohort.why_missing(&patient.id, column))?;
    Ok(found.first().copied().filter(|_| is_class))
}

/// The target of a row: one number, or time and event; `missing` says why a cell has no value.
fn target<'a>(
    target: &Target,
    split: Option<f64>,
    cell: impl Fn(&str) -> Option<&'a str>,
    missing: &dyn Fn(&str) -> String,
) -> Result<Vec<f64>, String> {
    let cell = |column: &str| cell(column).ok_or_else(|| missing(column));
    match target {
        Target::Number { column } => Ok(vec![number(column, cell(column)?)?]),
        Target::Above { column, .. } => {
            let value = number(column, cell(column)?)?;
            Ok(vec![f64::from(u8::from(split.is_some_and(|split| value > split)))])
        }
        Target::Class { column, positive, negative } => {
            Ok(vec![f64::from(u8::from(is_positive(column, cell(column)?, positive, negative)?))])
        }
        Target::Survival { time, event, seen, .. } => {
            let after = number(time, cell(time)?)?;
            if after <= 0.0 {
                return Err(format!("`{time}` is `{after}`, expected a time above 0"));
            }
            let value = cell(event)?;
            Ok(vec![after, f64::from(u8::from(event_seen(event, value, seen)?))])
        }
    }
}
