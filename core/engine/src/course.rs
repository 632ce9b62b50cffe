//! The course of a disease: the lesions of a patient over time, and what changes of their features.
//!
//! [`matching`] finds out which outlines are one lesion, where nobody says so, [`timeline`] follows lesions by name, [`delta`] computes
//! what changes, [`mod@sums`] adds diameters up, and [`tables`] writes all of it.

pub mod days;
pub mod delta;
pub mod matching;
pub mod sums;
pub mod tables;
pub mod timeline;

use std::collections::BTreeSet;

use crate::{
    cases::Case,
    experiment::{
        Placed,
        course::{Course, Delta, Sums},
        suggestion,
    },
    plan::{CoursePlan, Diameters, Plan},
    results::Outcome,
    table::Undefined,
    tabular::is_missing,
};

use days::Days;
use matching::Matched;
use timeline::{Found, Seen, Unplaced};

/// The stage of what cannot be followed.
pub const STAGE: &str = "course";

/// The column of the patient, in a list of cases without cohorts.
pub const PATIENT: &str = "patient";

/// What is read of the list of cases, before anything is computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    days: Days,
}

/// What the list says of a case: its patient's lesion at some time.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// The lesion; empty where each patient has one.
    pub lesion: String,
    /// The day.
    pub day: f64,
    /// Where the lesion lies.
    pub location: Option<String>,
}

/// Whether the values that are lymph nodes are written as the list of cases writes them: a node that is taken for another lesion is
/// measured by another diameter.
fn known_nodes<'a>(sums: &Sums, cases: impl Iterator<Item = &'a Case>) -> Result<(), String> {
    let Some(Placed { value: column, .. }) = &sums.location else { return Ok(()) };
    let cells: BTreeSet<&str> = cases.filter_map(|case| case.covariate(column)).map(str::trim).collect();
    let plain = |text: &str| {
        let letters: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        letters.strip_suffix('s').map_or(letters.clone(), str::to_owned)
    };
    for node in &sums.nodes {
        if let Some(cell) = cells.iter().find(|cell| **cell != node && plain(cell) == plain(node)) {
            return Err(format!(
                "[course.sums] `nodes` names \"{node}\", and `{column}` of the list of cases has \"{cell}\": write both alike"
            ));
        }
    }
    Ok(())
}

impl Listed {
    /// Looks at a list of cases.
    ///
    /// # Errors
    /// Which column is not there, or cannot be read.
    pub fn of<'a>(course: &Course, cases: impl Iterator<Item = &'a Case> + Clone) -> Result<Self, String> {
        for (_, column, _) in course.columns() {
            if !cases.clone().any(|case| case.covariate(column).is_some()) {
                let known = cases.clone().next().into_iter().flat_map(|case| case.covariates.names());
                let near = suggestion(column, known);
                return Err(format!(
                    "[course] names the column `{column}`, which the list of cases does not have{near}"
                ));
            }
        }
        if let Some(sums) = &course.sums {
            known_nodes(sums, cases.clone())?;
        }
        let cells = cases.clone().filter_map(|case| case.covariate(&course.time.column().value));
        let listed = Self { days: Days::of(&course.time, cells)? };
        let mut lost = cases.map(|case| listed.place(course, case).err().map(|why| format!("{}: {why}", case.name)));
        match lost.next().flatten().filter(|_| lost.all(|why| why.is_some())) {
            Some(first) => Err(format!("[course] nobody could be followed; the first: {first}")),
            None => Ok(listed),
        }
    }

    /// What the list says of a case.
    ///
    /// # Errors
    /// What it does not say.
    pub fn place(&self, course: &Course, case: &Case) -> Result<Place, String> {
        let text =
            |column: &String| case.covariate(column).map(str::trim).filter(|cell| !is_missing(cell)).map(str::to_owned);
        let day = self.days.read(case.covariate(&course.time.column().value))?;
        let lesion = match &course.lesion {
            None => String::new(),
            Some(Placed { value: column, .. }) => {
                text(column).ok_or_else(|| format!("the list of cases has no `{column}` for it"))?
            }
        };
        let location = course.sums.as_ref().and_then(|sums| sums.location.as_ref());
        let location = location.and_then(|column| text(&column.value));
        Ok(Place { lesion, day, location })
    }
}

impl Listed {
    /// A case that has no place, with what is known of it all the same.
    pub fn unplaced(&self, course: &Course, case: &Case, reason: String) -> Unplaced {
        let day = self.days.read(case.covariate(&course.time.column().value)).ok();
        Unplaced { case: case.name.clone(), day, reason }
    }
}

impl Place {
    /// The lesion there, with what was found of it.
    pub fn seen(self, case: String, found: Result<Found, Undefined>) -> Seen {
        let Self { lesion, day, location } = self;
        Seen { case, component: None, lesion, origin: None, day, location, found }
    }

    /// The lesions there, by the names that the matching gives them: none of a case that it leaves out.
    pub fn matched(&self, case: &str, found: Vec<(Option<usize>, Found)>, matched: &Matched) -> Vec<Seen> {
        let seen = |(component, found): (Option<usize>, Found)| {
            let (lesion, origin) = matched.names.get(&(case.to_owned(), component))?.clone();
            let (case, day, location) = (case.to_owned(), self.day, self.location.clone());
            Some(Seen { case, component, lesion, origin, day, location, found: Ok(found) })
        };
        found.into_iter().filter_map(seen).collect()
    }
}

/// What was found of a case that has ended, for each component that is a lesion; the volume is that of the region `of`.
///
/// # Errors
/// Why it has no features.
pub fn found(of: usize, mut outcome: Outcome) -> Result<Vec<(Option<usize>, Found)>, Undefined> {
    if outcome.rows.is_empty() || outcome.inputs.is_empty() {
        let why = outcome.faults.first().map(|fault| format!("{}: {}", fault.stage, fault.message));
        return Err(why.unwrap_or_else(|| "it has no features".to_owned()).into());
    }
    let inputs = std::mem::take(&mut outcome.inputs);
    let volume = |wanted: Option<usize>| {
        let is = |(region, component, _): &&(usize, Option<usize>, f64)| *region == of && *component == wanted;
        outcome.volumes.iter().find(is).map(|(_, _, ml)| *ml)
    };
    let found = |(component, inputs): (Option<usize>, Vec<_>)| {
        let volume_ml = volume(component);
        (component, Found { inputs, volume_ml })
    };
    Ok(inputs.into_iter().map(found).collect())
}

/// What was found of a case that is one lesion.
///
/// # Errors
/// Why it has no features.
pub fn whole(of: usize, outcome: Outcome) -> Result<Found, Undefined> {
    let whole = found(of, outcome)?.into_iter().find(|(component, _)| component.is_none());
    whole.map(|(_, found)| found).ok_or_else(|| "it has no features as a whole".into())
}

/// The columns of inputs over time.
pub fn columns(plan: &Plan, course: &CoursePlan) -> Vec<tables::Column> {
    let column = |(of, delta): &(usize, Delta)| {
        let input = plan.inputs[*of].0.clone();
        let unit = plan.measured(&input).map_or("", |(_, column)| column.unit.as_str());
        tables::Column { name: delta.name(&input), unit: delta.unit(unit), input, delta: *delta }
    };
    course.deltas.iter().map(column).collect()
}

/// What is summed, if anything is.
pub fn sums(course: &CoursePlan) -> Option<(&Sums, Diameters)> {
    course.stated.sums.as_ref().zip(course.diameters)
}
