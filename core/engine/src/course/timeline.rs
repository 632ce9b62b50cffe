//! The lesions of a patient over time: when each was seen, what is known of it there, and what is held against its baseline.

use std::collections::HashMap;

use super::{days::between, delta};
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

/// A case of a patient that has no place in the course: what it is of may have been there all the time.
#[derive(Debug, Clone, PartialEq)]
pub struct Unplaced {
    /// The case.
    pub case: String,
    /// The day, if it is known.
    pub day: Option<f64>,
    /// Why it has no place.
    pub reason: String,
}

/// What is not known of a patient, because cases have no place in the course.
#[derive(Debug, Clone, PartialEq, Default)]
struct Doubts {
    /// Why nobody knows which time points there are.
    undated: Option<Undefined>,
    /// Time points of which lesions are not known, each with the reason.
    visits: Vec<(usize, Undefined)>,
}

impl Doubts {
    fn of(unplaced: &[Unplaced], visit: impl Fn(f64) -> usize) -> Self {
        let mut doubts = Self::default();
        for Unplaced { case, day, reason } in unplaced {
            let why: Undefined = format!("{case} has no place in the course: {reason}").into();
            match day {
                None => doubts.undated = doubts.undated.or(Some(why)),
                Some(day) => doubts.visits.push((visit(*day), why)),
            }
        }
        doubts
    }

    /// Why it is not known which lesions are there at a time point.
    fn at(&self, visit: usize) -> Option<&Undefined> {
        let of_visit = self.visits.iter().find(|(other, _)| *other == visit).map(|(_, why)| why);
        self.undated.as_ref().or(of_visit)
    }
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
    /// Why it is not known which lesions the baseline has, if it is not.
    pub doubt: Option<Undefined>,
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
    /// It is there, and nobody knows whether it was before: a case of the baseline has no place in the course.
    FirstSeen,
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
            Self::FirstSeen => "first seen",
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

/// What is not in a list of cases itself: what the matching has found of lesions, and which cases have no place.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// What became of lesions.
    pub fates: &'a [Fate],
    /// Cases that have no place.
    pub unplaced: &'a [Unplaced],
}

/// Follows the lesions of a patient; `deltas` are inputs, by their place, and what is computed of each.
pub fn follow(
    course: &Course,
    deltas: &[(usize, Delta)],
    name: &str,
    seen: Vec<Seen>,
    Beside { fates, unplaced }: Beside<'_>,
) -> Patient {
    let days: Vec<f64> =
        seen.iter().map(|seen| seen.day).chain(unplaced.iter().filter_map(|unplaced| unplaced.day)).collect();
    let first = days.iter().copied().fold(f64::INFINITY, f64::min);
    let visits = visits(&days, first, course.same_visit_days);
    let doubts = Doubts::of(unplaced, |day| visit_at(&visits, between(first, day)));
    let mut order: Vec<String> = Vec::new();
    let mut by_lesion: HashMap<String, Vec<Seen>> = HashMap::new();
    for seen in seen {
        let of_lesion = by_lesion.entry(seen.lesion.clone()).or_default();
        if of_lesion.is_empty() {
            order.push(seen.lesion.clone());
        }
        of_lesion.push(seen);
    }
    let doubt = doubts.at(0).cloned();
    let mut patient = Patient { name: name.to_owned(), visits, lesions: Vec::new(), doubt };
    for name in order {
        let seen = by_lesion.remove(&name).unwrap_or_default();
        let fate = fates.iter().find(|fate| fate.lesion == name);
        let points = points(course, (&patient.visits, first), seen, fate, &doubts);
        patient.lesions.push(lesion(course, deltas, name, points, &doubts));
    }
    patient
}

/// Days of the time points since the first: scans that are close to the first one of a time point are of it.
fn visits(days: &[f64], first: f64, same_visit_days: f64) -> Vec<f64> {
    let mut days: Vec<f64> = days.iter().map(|day| between(first, *day)).collect();
    days.sort_by(f64::total_cmp);
    let mut visits: Vec<f64> = Vec::new();
    for day in days {
        if visits.last().is_none_or(|visit| between(*visit, day) > same_visit_days) {
            visits.push(day);
        }
    }
    visits
}

/// The time point that begins last before a day.
fn visit_at(visits: &[f64], day: f64) -> usize {
    visits.partition_point(|begin| *begin <= day).saturating_sub(1)
}

/// The time points of a lesion.
fn points(
    course: &Course,
    (visits, first): (&[f64], f64),
    mut seen: Vec<Seen>,
    fate: Option<&Fate>,
    doubts: &Doubts,
) -> Vec<Point> {
    seen.sort_by(|a, b| a.day.total_cmp(&b.day));
    let mut points: Vec<Point> = Vec::new();
    let at = |day: f64| visit_at(visits, day);
    let absences = |points: &mut Vec<Point>, until: usize, state: State| {
        // What has no place may be this very lesion.
        let state = |visit: usize| if doubts.at(visit).is_some() { State::Missing } else { state };
        absences(points, visits, until, state);
    };
    let absent = match (&course.matching, course.absent) {
        // Matching finds every lesion at every time point that it looks at.
        (Some(_), _) | (None, Absent::Missing) => State::Missing,
        (None, Absent::Gone) => State::Gone,
    };
    for seen in seen {
        let day = between(first, seen.day);
        let visit = at(day);
        absences(&mut points, visit, absent);
        // An outline that could not be read tells of no lesion, unless the list has it at the baseline.
        let was_seen =
            points.first().is_some_and(|point| point.visit == 0) || points.iter().any(|p| p.found().is_some());
        let state = match (&seen.found, !was_seen, visit, &seen.origin) {
            (Err(_), ..) => State::Failed,
            (Ok(_), true, 0, _) => State::Baseline,
            (Ok(_), true, _, Some(origin)) => origin.state,
            (Ok(_), true, _, None) if doubts.at(0).is_some() => State::FirstSeen,
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
        None => absences(&mut points, visits.len(), absent),
        Some(fate) => {
            let visit = at(between(first, fate.day));
            absences(&mut points, visit, absent);
            // Where a case has no place, it may be what is not there.
            let is_unknown = fate.state == State::Gone && doubts.at(visit).is_some();
            let state = if is_unknown { State::Missing } else { fate.state };
            points.push(Point { visit, day: visits[visit], state, seen: None });
            if fate.state == State::Gone {
                absences(&mut points, visits.len(), State::Gone);
            }
        }
    }
    points
}

fn lesion(course: &Course, deltas: &[(usize, Delta)], name: String, points: Vec<Point>, doubts: &Doubts) -> Lesion {
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
        None => pair(course, &points, origin.as_ref(), doubts),
    };
    let deltas = match &pair {
        Err(why) => vec![Err(why.clone()); deltas.len()],
        Ok(pair) => deltas.iter().map(|(input, kind)| value(&points[pair.from..=pair.to], *input, *kind)).collect(),
    };
    Lesion { name, location, origin, points, pair, deltas }
}

/// Notes the time points before `until` at which a lesion was not seen, from the first at which it was.
fn absences(points: &mut Vec<Point>, visits: &[f64], until: usize, state: impl Fn(usize) -> State) {
    let Some(next) = points.last().map(|last| last.visit + 1) else { return };
    let absences = (next..until).map(|visit| Point { visit, day: visits[visit], state: state(visit), seen: None });
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
fn pair(course: &Course, points: &[Point], origin: Option<&Origin>, doubts: &Doubts) -> Result<Pair, Undefined> {
    let Some(base) = points.first() else { return Err("it was never seen".into()) };
    if let Some(why) = &doubts.undated {
        return Err(format!("nobody knows which scan is the first: {why}").into());
    }
    if let Some(origin) = origin {
        let of = origin.of.join("`, `");
        return Err(format!("it is not at the baseline: it came of `{of}` after {} days", base.day).into());
    }
    if base.visit > 0 {
        let why = doubts.at(0).map(|why| format!(", and {why}")).unwrap_or_default();
        return Err(format!("it is not at the baseline: it was first seen after {} days{why}", base.day).into());
    }
    if let Some(Err(why)) = base.seen.as_ref().map(|seen| &seen.found) {
        return Err(format!("its baseline failed: {why}").into());
    }
    let later = || points.iter().enumerate().skip(1).filter(|(_, point)| point.found().is_some());
    let days = |point: &Point| between(base.day, point.day);
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
