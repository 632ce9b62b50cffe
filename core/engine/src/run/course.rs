//! The course of lesions in a run without cohorts: a patient at a time, so that memory does not grow with the patients.

use std::{
    collections::{HashMap, HashSet},
    io,
    time::Duration,
};

use super::{Observer, Summary, each};
use crate::{
    cases::Case,
    course::{
        self, Listed, PATIENT,
        matching::{self, Matched, Outlined},
        tables,
        timeline::{self, Unplaced},
    },
    host::{CaseHost, Services},
    output::{self, Folder},
    plan::{CoursePlan, Plan},
    stages::Fault,
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

/// The outlines of a case, or why there are none.
pub type Outlines = Result<matching::OfCase, String>;

/// The outlines of the lesions of some cases, in their order.
///
/// # Errors
/// If the run is given up.
pub fn outlines(plan: &Plan, cases: Vec<Case>, threads: usize, services: &Services) -> Result<Vec<Outlines>, String> {
    let count = cases.len();
    let work = |_: usize, case: &Case| {
        let host = CaseHost::new(services, case.original());
        Some(matching::outlines(plan, case, &host))
    };
    let found = each(cases, threads, services, &work, &Silent)?;
    match found.len() == count {
        // What is said of a file may quote it.
        true if plan.privacy.is_some() => {
            let hidden = |outlines: Outlines| outlines.map_err(|_| "its outline cannot be had".to_owned());
            Ok(found.into_iter().map(|(_, outlines)| hidden(outlines)).collect())
        }
        true => Ok(found.into_iter().map(|(_, outlines)| outlines).collect()),
        false => Err("given up while lesions were matched".into()),
    }
}

/// Tells nobody: the cases were told of when their features were computed.
struct Silent;

impl<T> Observer<T> for Silent {
    fn case_ended(&self, _: usize, _: usize, _: &Case, _: &T, _: Duration) {}
}

/// Writes the tables of the course; takes those of an earlier run away if there is none.
///
/// What cannot be matched is a failure of its cases, too.
pub(super) fn write_course(
    plan: &Plan,
    summary: &Summary,
    folder: &Folder,
    threads: usize,
) -> Result<NotFollowed, String> {
    let Some(course) = plan.course.as_ref().filter(|_| !summary.done.is_empty()) else {
        return tables::TABLES.iter().try_for_each(|name| folder.remove(name)).map(|()| NotFollowed::default());
    };
    let listed = Listed::of(&course.stated, summary.done.iter())?;
    let Listing { order, mut lost, mut unplaced } = patients(course, &listed, &summary.done);
    let mut matched: Vec<Option<Matched>> = vec![None; order.len()];
    let mut unmatched = Vec::new();
    if course.stated.matching.is_some() {
        for ((name, cases), matched) in order.iter().zip(&mut matched) {
            let found = matched_of(plan, course, &listed, summary, cases, threads)?;
            let day = |case: &String| {
                let of = cases.iter().map(|at| &summary.done[*at]).find(|other| other.name == *case)?;
                listed.place(&course.stated, of).ok().map(|place| place.day)
            };
            unplaced.entry(*name).or_default().extend(found.lost.iter().map(|(case, reason)| Unplaced {
                case: case.clone(),
                day: day(case),
                reason: reason.clone(),
            }));
            unmatched.extend(found.lost.iter().map(|(case, why)| (case.clone(), Fault::new(course::STAGE, why))));
            let lost_here = found.lost.iter().cloned();
            lost.extend(lost_here.map(|(case, reason)| tables::Lost { patient: (*name).to_owned(), case, reason }));
            *matched = Some(found);
        }
    }
    let each = |take: &mut dyn FnMut(&timeline::Patient) -> io::Result<()>| {
        order.iter().zip(&matched).try_for_each(|((name, cases), matched)| {
            let mut seen = Vec::new();
            for at in cases {
                let (case, outcome) = (&summary.done[*at], summary.outcome(*at).map_err(io::Error::other)?);
                let place = listed.place(&course.stated, case).map_err(io::Error::other)?;
                match matched {
                    None => seen.push(place.seen(case.name.clone(), course::whole(course.region, outcome))),
                    Some(matched) => {
                        let found = course::found(course.region, outcome).unwrap_or_default();
                        seen.extend(place.matched(&case.name, found, matched));
                    }
                }
            }
            let fates = matched.as_ref().map_or(&[][..], |matched| &matched.fates);
            let beside = timeline::Beside { fates, unplaced: unplaced.get(name).map_or(&[][..], Vec::as_slice) };
            take(&timeline::follow(&course.stated, &course.deltas, name, seen, beside))
        })
    };
    tables::write(folder, &course::columns(plan, course), course::sums(course), &lost, &each)?;
    if !unmatched.is_empty() {
        output::add_failures(folder, &unmatched)?;
    }
    let failed: HashSet<&str> = summary.failed_cases().collect();
    let unmatched = unmatched.iter().filter(|(case, _)| !failed.contains(case.as_str())).count();
    Ok(NotFollowed { unmatched, unplaced: lost.len().saturating_sub(unmatched) })
}

/// Cases that have no place in the course of their patient.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NotFollowed {
    /// Those of time points that cannot be matched and did not fail before: each is a failure.
    pub unmatched: usize,
    /// The others: the list does not say when, whose, or which lesion; or they failed before.
    pub unplaced: usize,
}

/// The lesions of a patient, by the outlines of the patient's cases.
fn matched_of(
    plan: &Plan,
    course: &CoursePlan,
    listed: &Listed,
    summary: &Summary,
    cases: &[usize],
    threads: usize,
) -> Result<Matched, String> {
    let Some(stated) = &course.stated.matching else { return Ok(Matched::default()) };
    let services = Services { seed: plan.seed, ..Services::default() };
    let read = outlines(plan, cases.iter().map(|at| summary.done[*at].clone()).collect(), threads, &services)?;
    let mut outlined = Vec::new();
    for (at, outlines) in cases.iter().zip(read) {
        let case = &summary.done[*at];
        let day = listed.place(&course.stated, case)?.day;
        let failed = course::found(course.region, summary.outcome(*at)?).err();
        outlined.extend(Outlined::each(&case.name, day, failed.map_or(outlines, |why| Err(why.to_string()))));
    }
    Ok(matching::name(stated, course.stated.same_visit_days, outlined))
}

/// What a list of cases says.
#[derive(Default)]
struct Listing<'a> {
    /// The cases of each patient, in the order of the list.
    order: Vec<(&'a str, Vec<usize>)>,
    /// Those that cannot be followed.
    lost: Vec<tables::Lost>,
    /// The same, by patient.
    unplaced: HashMap<&'a str, Vec<Unplaced>>,
}

fn patients<'a>(course: &CoursePlan, listed: &Listed, cases: &'a [Case]) -> Listing<'a> {
    let Listing { mut order, mut lost, mut unplaced } = Listing::default();
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
                let of = listed.unplaced(&course.stated, case, reason.clone());
                unplaced.entry(patient).or_default().push(of);
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
    Listing { order, lost, unplaced }
}
