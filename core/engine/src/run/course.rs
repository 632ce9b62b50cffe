//! The course of lesions in a run without cohorts: a patient at a time, so that memory does not grow with the patients.

use std::{collections::HashMap, io};

use super::Summary;
use crate::{
    cases::Case,
    course::{self, Listed, PATIENT, tables},
    output::Folder,
    plan::{CoursePlan, Plan},
    tabular::is_missing,
};

/// Whether lesions can be followed by a list of cases.
///
/// # Errors
/// Which column is not there, or cannot be read.
pub fn check_course(plan: &Plan, cases: &[Case]) -> Result<(), String> {
    let Some(course) = &plan.course else { return Ok(()) };
    if cases.is_empty() {
        return Ok(());
    }
    if !cases.iter().any(|case| case.covariate(PATIENT).is_some()) {
        return Err(format!("[course] needs the column `{PATIENT}`, which the list of cases does not have"));
    }
    Listed::of(&course.stated, cases.iter()).map(|_| ())
}

/// Writes the tables of the course; takes those of an earlier run away if there is none.
pub(super) fn write_course(plan: &Plan, summary: &Summary, folder: &Folder) -> Result<(), String> {
    let Some(course) = plan.course.as_ref().filter(|_| !summary.done.is_empty()) else {
        return tables::TABLES.iter().try_for_each(|name| folder.remove(name));
    };
    let listed = Listed::of(&course.stated, summary.done.iter())?;
    let (order, lost) = patients(course, &listed, &summary.done);
    let each = |take: &mut dyn FnMut(&course::timeline::Patient) -> io::Result<()>| {
        order.iter().try_for_each(|(name, cases)| {
            let seen = cases.iter().map(|at| {
                let case = &summary.done[*at];
                let found = course::found(course.region, summary.outcome(*at)?);
                let place = listed.place(&course.stated, case)?;
                Ok(place.seen(case.name.clone(), found))
            });
            let seen = seen.collect::<Result<Vec<_>, String>>().map_err(io::Error::other)?;
            take(&course::timeline::follow(&course.stated, &course.deltas, name, seen))
        })
    };
    tables::write(folder, &course::columns(plan, course), course::sums(course), &lost, &each)
}

/// The cases of each patient, in the order of the list, and those that cannot be followed.
fn patients<'a>(
    course: &CoursePlan,
    listed: &Listed,
    cases: &'a [Case],
) -> (Vec<(&'a str, Vec<usize>)>, Vec<tables::Lost>) {
    let (mut order, mut lost): (Vec<(&str, Vec<usize>)>, Vec<tables::Lost>) = (Vec::new(), Vec::new());
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, case) in cases.iter().enumerate() {
        let patient = case.covariate(PATIENT).map(str::trim).filter(|patient| !is_missing(patient));
        let why = match patient {
            None => Some(format!("the list of cases has no `{PATIENT}` for it")),
            Some(_) => listed.place(&course.stated, case).err(),
        };
        let patient = patient.unwrap_or_default();
        match why {
            Some(reason) => {
                lost.push(tables::Lost { patient: patient.to_owned(), case: case.name.clone(), reason });
            }
            None => {
                let place = *places.entry(patient).or_insert_with(|| {
                    order.push((patient, Vec::new()));
                    order.len() - 1
                });
                order[place].1.push(at);
            }
        }
    }
    (order, lost)
}
