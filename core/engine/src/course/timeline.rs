//! The lesions of a patient over time: when each was seen, what is known of it there, and what is held against its baseline.

use std::collections::HashMap;

use super::delta;
use crate::{
    experiment::course::{Absent, Course, Delta, FollowUp},
    table::{FeatureValue, Undefined},
};

/// An outline of a lesion at some time.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The case.
    pub case: String,
    /// Number of the component, where each is a lesion.
    pub component: Option<usize>,
    /// What the list of cases, or the matching, calls the lesion; empty where each patient has one.
    pub lesion: String,
    /// What it came of, if it came of others.
    pub origin: Option<Origin>,
    /// The day, counted from one that is the same for the patient.
    pub day: f64,
    /// Where it lies.
    pub location: Option<String>,
    /// What was found, or why nothing was.
    pub found: Result<Found, Undefined>,
}

/// What a lesion came of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The lesions.
    pub of: Vec<String>,
    /// How: one has split, several have merged, or nobody can tell.
    pub state: State,
}

/// What became of a lesion that has no outline of its own any more.
#[derive(Debug, Clone, PartialEq)]
pub struct Fate {
    /// The lesion.
    pub lesion: String,
    /// The day at which that was seen first.
    pub day: f64,
    /// What became of it.
    pub state: State,
}

/// What was found of an outline.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Found {
    /// The values of the plan's inputs of one case, in its order.
    pub inputs: Vec<FeatureValue>,
    /// The volume, mL, if it is known.
    pub volume_ml: Option<f64>,
}

/// A patient over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Patient {
    /// The patient.
    pub name: String,
    /// The time points: days since the first one, ascending.
    pub visits: Vec<f64>,
    /// The lesions, in the order of the list of cases.
    pub lesions: Vec<Lesion>,
}

/// A lesion over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesion {
    /// What the list of cases calls it.
    pub name: String,
    /// Where it lies.
    pub location: Option<String>,
    /// What it came of, if it came of others.
    pub origin: Option<Origin>,
    /// One for each time point from the first at which it was seen.
    pub points: Vec<Point>,
    /// The time points that are held against each other, or why none are.
    pub pair: Result<Pair, Undefined>,
    /// The deltas of the plan, in its order.
    pub deltas: Vec<FeatureValue>,
}

/// Baseline and follow-up of a lesion.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Index of the baseline among its points.
    pub from: usize,
    /// Index of the follow-up.
    pub to: usize,
    /// Days between them.
    pub days: f64,
}

/// A lesion at a time point.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Index of the time point.
    pub visit: usize,
    /// Days since the first time point of the patient.
    pub day: f64,
    /// What it is there.
    pub state: State,
    /// What was seen.
    pub seen: Option<Seen>,
}

/// What a lesion is at a time point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is there at the first time point of the patient.
    Baseline,
    /// It was there before, and is there.
    Followed,
    /// It is there, and was at none of the patient's earlier time points.
    New,
    /// The patient has this time point, and nobody says what became of the lesion.
    Missing,
    /// It was there before, and is not.
    Gone,
    /// One lesion has become several.
    Split,
    /// Several lesions have become one.
    Merged,
    /// Several lesions have become several others, and nobody can tell which is which.
    Mixed,
    /// Its case failed.
    Failed,
    /// Several cases of one time point are said to be this lesion.
    Unclear,
}

impl State {
    /// Its word in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Followed => "followed",
            Self::New => "new",
            Self::Missing => "missing",
            Self::Gone => "gone",
            Self::Split => "split",
            Self::Merged => "merged",
            Self::Mixed => "mixed",
            Self::Failed => "failed",
            Self::Unclear => "unclear",
        }
    }
}

impl Point {
    /// What was found there.
    pub fn found(&self) -> Option<&Found> {
        self.seen.as_ref()?.found.as_ref().ok().filter(|_| self.state != State::Unclear)
    }
}

/// Follows the lesions of a patient; `deltas` are inputs, by their place, and what is computed of each. `fates` is what the matching has
/// found of lesions.
pub fn follow(course: &Course, deltas: &[(usize, Delta)], name: &str, seen: Vec<Seen>, fates: &[Fate]) -> Patient {
    let first = seen.iter().map(|seen| seen.day).fold(f64::INFINITY, f64::min);
    let visits = visits(&seen, first, course.same_visit_days);
    let mut order: Vec<String> = Vec::new();
    let mut by_lesion: HashMap<String, Vec<Seen>> = HashMap::new();
    for seen in seen {
        let of_lesion = by_lesion.entry(seen.lesion.clone()).or_default();
        if of_lesion.is_empty() {
            order.push(seen.lesion.clone());
        }
        of_lesion.push(seen);
    }
    let mut patient = Patient { name: name.to_owned(), visits, lesions: Vec::new() };
    for name in order {
        let seen = by_lesion.remove(&name).unwrap_or_default();
        let fate = fates.iter().find(|fate| fate.lesion == name);
        let points = points(course, (&patient.visits, first), seen, fate);
        patient.lesions.push(lesion(course, deltas, name, points));
    }
    patient
}

/// Days of the time points since the first: scans that are close to the first one of a time point are of it.
fn visits(seen: &[Seen], first: f64, same_visit_days: f64) -> Vec<f64> {
    let mut days: Vec<f64> = seen.iter().map(|seen| seen.day - first).collect();
    days.sort_by(f64::total_cmp);
    let mut visits: Vec<f64> = Vec::new();
    for day in days {
        if visits.last().is_none_or(|visit| day - visit > same_visit_days) {
            visits.push(day);
        }
    }
    visits
}

/// The time points of a lesion.
fn points(course: &Course, (visits, first): (&[f64], f64), mut seen: Vec<Seen>, fate: Option<&Fate>) -> Vec<Point> {
    seen.sort_by(|a, b| a.day.total_cmp(&b.day));
    let mut points: Vec<Point> = Vec::new();
    // The time point that begins last before a day.
    let at = |day: f64| visits.partition_point(|begin| *begin <= day).saturating_sub(1);
    let absent = match (&course.matching, course.absent) {
        // Matching finds every lesion at every time point that it looks at.
        (Some(_), _) | (None, Absent::Missing) => State::Missing,
        (None, Absent::Gone) => State::Gone,
    };
    for seen in seen {
        let day = seen.day - first;
        let visit = at(day);
        absences(&mut points, visits, visit, absent);
        let state = match (&seen.found, points.is_empty(), visit, &seen.origin) {
            (Err(_), ..) => State::Failed,
            (Ok(_), true, 0, _) => State::Baseline,
            (Ok(_), true, _, Some(origin)) => origin.state,
            (Ok(_), true, _, None) => State::New,
            _ => State::Followed,
        };
        let state = match points.last_mut().filter(|last| last.visit == visit) {
            Some(last) => {
                last.state = State::Unclear;
                State::Unclear
            }
            None => state,
        };
        points.push(Point { visit, day, state, seen: Some(seen) });
    }
    match fate {
        None => absences(&mut points, visits, visits.len(), absent),
        Some(fate) => {
            let visit = at(fate.day - first);
            absences(&mut points, visits, visit, absent);
            points.push(Point { visit, day: visits[visit], state: fate.state, seen: None });
            if fate.state == State::Gone {
                absences(&mut points, visits, visits.len(), State::Gone);
            }
        }
    }
    points
}

fn lesion(course: &Course, deltas: &[(usize, Delta)], name: String, points: Vec<Point>) -> Lesion {
    let seen = || points.iter().filter_map(|point| point.seen.as_ref());
    let (location, origin) =
        (seen().find_map(|seen| seen.location.clone()), seen().find_map(|seen| seen.origin.clone()));
    let unclear =
        |pair: &&[Point]| pair.iter().all(|point| point.state == State::Unclear) && pair[0].visit == pair[1].visit;
    let pair = match points.windows(2).find(unclear) {
        Some(pair) => {
            let case = |at: usize| pair[at].seen.as_ref().map_or("", |seen| seen.case.as_str());
            Err(twice(course, case(0), case(1)).into())
        }
        None => pair(course, &points, origin.as_ref()),
    };
    let deltas = match &pair {
        Err(why) => vec![Err(why.clone()); deltas.len()],
        Ok(pair) => deltas.iter().map(|(input, kind)| value(&points[pair.from..=pair.to], *input, *kind)).collect(),
    };
    Lesion { name, location, origin, points, pair, deltas }
}

/// Notes the time points before `until` at which a lesion was not seen, from the first at which it was.
fn absences(points: &mut Vec<Point>, visits: &[f64], until: usize, state: State) {
    let Some(next) = points.last().map(|last| last.visit + 1) else { return };
    let absences = (next..until).map(|visit| Point { visit, day: visits[visit], state, seen: None });
    points.extend(absences);
}

fn twice(course: &Course, one: &str, other: &str) -> String {
    let what = match &course.lesion {
        None => "and [course] names no column that tells lesions apart: name it, as in lesion = \"lesion\"".to_owned(),
        Some(column) => format!("and `{}` says that they are one lesion: each needs a name of its own", column.value),
    };
    format!("{one} and {other} are of one time point, {what}")
}

/// Baseline and follow-up.
fn pair(course: &Course, points: &[Point], origin: Option<&Origin>) -> Result<Pair, Undefined> {
    let Some(base) = points.first() else { return Err("it was never seen".into()) };
    if let Some(origin) = origin {
        let of = origin.of.join("`, `");
        return Err(format!("it is not at the baseline: it came of `{of}` after {} days", base.day).into());
    }
    if base.visit > 0 {
        return Err(format!("it is not at the baseline: it was first seen after {} days", base.day).into());
    }
    if let Some(Err(why)) = base.seen.as_ref().map(|seen| &seen.found) {
        return Err(format!("its baseline failed: {why}").into());
    }
    let later = || points.iter().enumerate().skip(1).filter(|(_, point)| point.found().is_some());
    let days = |point: &Point| point.day - base.day;
    let fits = |(_, point): &(usize, &Point)| {
        days(point) >= course.at_least_days && course.at_most_days.is_none_or(|most| days(point) <= most)
    };
    let found = match course.follow_up {
        FollowUp::Last => later().rfind(fits),
        FollowUp::Next => later().find(fits),
    };
    if let Some((to, point)) = found {
        return Ok(Pair { from: 0, to, days: days(point) });
    }
    let most = course.at_most_days.map(|most| format!(" and {most} at most")).unwrap_or_default();
    let wanted = format!("{} days at least{most}", course.at_least_days);
    let there: Vec<String> = later().map(|(_, point)| format!("{}", days(point))).collect();
    let rest = || points.iter().skip(1).map(|point| point.state.word()).collect::<Vec<_>>();
    Err(match (there.is_empty(), points.len()) {
        (true, 1) => "it has no time point after the baseline".to_owned(),
        (true, _) => {
            format!("it has no features at a time point after the baseline: there it is {}", rest().join(", "))
        }
        (false, _) => format!(
            "no time point is after the baseline by {wanted}: those with features are after {} days",
            there.join(", ")
        ),
    }
    .into())
}

/// A delta over some time points.
fn value(points: &[Point], input: usize, kind: Delta) -> FeatureValue {
    let there: Vec<(f64, &FeatureValue)> =
        points.iter().filter_map(|point| Some((point.day, point.found()?.inputs.get(input)?))).collect();
    let (days, values): (Vec<f64>, Vec<&FeatureValue>) = there.into_iter().unzip();
    delta::delta(kind, &days, &values)
}

#[cfg(test)]
mod tests;
