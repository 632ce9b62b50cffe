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
    /// What the list of cases calls the lesion; empty where each patient has one.
    pub lesion: String,
    /// The day, counted from one that is the same for the patient.
    pub day: f64,
    /// Where it lies.
    pub location: Option<String>,
    /// What was found, or why nothing was.
    pub found: Result<Found, Undefined>,
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

/// Follows the lesions of a patient; `deltas` are inputs, by their place, and what is computed of each.
pub fn follow(course: &Course, deltas: &[(usize, Delta)], name: &str, seen: Vec<Seen>) -> Patient {
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
        patient.lesions.push(lesion(course, deltas, (&patient.visits, first), name, seen));
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

fn lesion(
    course: &Course,
    deltas: &[(usize, Delta)],
    (visits, first): (&[f64], f64),
    name: String,
    mut seen: Vec<Seen>,
) -> Lesion {
    seen.sort_by(|a, b| a.day.total_cmp(&b.day));
    let location = seen.iter().find_map(|seen| seen.location.clone());
    let mut points: Vec<Point> = Vec::new();
    let mut twice: Option<[String; 2]> = None;
    for seen in seen {
        let day = seen.day - first;
        // The time point that begins last before it.
        let visit = visits.partition_point(|begin| *begin <= day).saturating_sub(1);
        absences(&mut points, visits, visit, course.absent);
        let state = match (&seen.found, points.is_empty(), visit) {
            (Err(_), ..) => State::Failed,
            (Ok(_), true, 0) => State::Baseline,
            (Ok(_), true, _) => State::New,
            _ => State::Followed,
        };
        let state = match points.last_mut().filter(|last| last.visit == visit) {
            Some(last) => {
                last.state = State::Unclear;
                let other = last.seen.as_ref().map(|seen| seen.case.clone()).unwrap_or_default();
                twice.get_or_insert([other, seen.case.clone()]);
                State::Unclear
            }
            None => state,
        };
        points.push(Point { visit, day, state, seen: Some(seen) });
    }
    absences(&mut points, visits, visits.len(), course.absent);
    let pair = match twice {
        Some([one, other]) => Err(unclear(course, &one, &other).into()),
        None => pair(course, &points),
    };
    let deltas = match &pair {
        Err(why) => vec![Err(why.clone()); deltas.len()],
        Ok(pair) => deltas.iter().map(|(input, kind)| value(&points[pair.from..=pair.to], *input, *kind)).collect(),
    };
    Lesion { name, location, points, pair, deltas }
}

/// Notes the time points before `until` at which a lesion was not seen, from the first at which it was.
fn absences(points: &mut Vec<Point>, visits: &[f64], until: usize, absent: Absent) {
    let Some(next) = points.last().map(|last| last.visit + 1) else { return };
    let state = match absent {
        Absent::Missing => State::Missing,
        Absent::Gone => State::Gone,
    };
    let absences = (next..until).map(|visit| Point { visit, day: visits[visit], state, seen: None });
    points.extend(absences);
}

fn unclear(course: &Course, one: &str, other: &str) -> String {
    let what = match &course.lesion {
        None => "and [course] names no column that tells lesions apart: name it, as in lesion = \"lesion\"".to_owned(),
        Some(column) => format!("and `{}` says that they are one lesion: each needs a name of its own", column.value),
    };
    format!("{one} and {other} are of one time point, {what}")
}

/// Baseline and follow-up.
fn pair(course: &Course, points: &[Point]) -> Result<Pair, Undefined> {
    let Some(base) = points.first() else { return Err("it was never seen".into()) };
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
        FollowUp::Last => later().filter(fits).last(),
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
mod tests {
    use voxomics_base::Origin;

    use super::*;
    use crate::experiment::{Placed, course::Time};

    fn course() -> Course {
        let column = Placed { value: "day".to_owned(), origin: Origin::Set("course.days".into()) };
        Course {
            time: Time::Days(column),
            lesion: Some(Placed { value: "lesion".into(), origin: Origin::Set("course.lesion".into()) }),
            follow_up: FollowUp::Last,
            at_least_days: 14.0,
            at_most_days: None,
            same_visit_days: 3.0,
            absent: Absent::Missing,
            deltas: Delta::WORDS.map(|(_, delta)| delta).to_vec(),
            inputs: None,
            region: None,
            sums: None,
            origin: Origin::Set("course".into()),
        }
    }

    fn seen(lesion: &str, day: f64, value: Option<f64>) -> Seen {
        let found = value.ok_or_else(|| "damaged".into());
        let found = found.map(|value| Found { inputs: vec![Ok(value)], volume_ml: Some(value) });
        Seen { case: format!("{lesion}{day}"), lesion: lesion.into(), day, location: None, found }
    }

    fn states(patient: &Patient, lesion: usize) -> Vec<&'static str> {
        patient.lesions[lesion].points.iter().map(|point| point.state.word()).collect()
    }

    #[test]
    fn each_lesion_has_a_state_at_each_time_point_of_its_patient() {
        let all = vec![
            seen("b", 160.0, Some(4.0)),
            seen("a", 100.0, Some(1.0)),
            seen("a", 131.0, None),
            seen("a", 162.0, Some(3.0)),
            seen("c", 130.0, Some(9.0)),
            seen("d", 102.0, Some(2.0)),
        ];
        let patient = follow(&course(), &[(0, Delta::Difference), (0, Delta::Slope)], "p", all);
        assert_eq!(patient.visits, [0.0, 30.0, 60.0], "scans a day or two apart are of one time point");
        let names: Vec<&str> = patient.lesions.iter().map(|lesion| lesion.name.as_str()).collect();
        assert_eq!(names, ["b", "a", "c", "d"], "in the order of the list");
        assert_eq!(states(&patient, 0), ["new"]);
        assert_eq!(states(&patient, 1), ["baseline", "failed", "followed"]);
        assert_eq!(states(&patient, 2), ["new", "missing"]);
        assert_eq!(states(&patient, 3), ["baseline", "missing", "missing"]);
        // Days are those of the lesion's own scans.
        assert_eq!(patient.lesions[1].pair, Ok(Pair { from: 0, to: 2, days: 62.0 }));
        assert_eq!(patient.lesions[1].deltas[0], Ok(2.0));
        let why = |lesion: usize| patient.lesions[lesion].pair.clone().unwrap_err().to_string();
        assert!(why(0).contains("not at the baseline: it was first seen after 60 days"), "{}", why(0));
        assert!(why(3).contains("there it is missing, missing"), "{}", why(3));
        assert!(patient.lesions[3].deltas.iter().all(Result::is_err));
        let gone = follow(
            &Course { absent: Absent::Gone, ..course() },
            &[],
            "p",
            vec![seen("a", 0.0, Some(1.0)), seen("b", 0.0, Some(1.0)), seen("b", 30.0, Some(1.0))],
        );
        assert_eq!(states(&gone, 0), ["baseline", "gone"]);
    }

    #[test]
    fn the_follow_up_is_the_last_or_the_next_one_within_the_interval() {
        let all = || [0.0, 10.0, 40.0, 80.0, 200.0].map(|day| seen("a", day, Some(day))).to_vec();
        let days = |course: &Course| follow(course, &[], "p", all()).lesions[0].pair.clone().map(|pair| pair.days);
        assert_eq!(days(&course()), Ok(200.0));
        assert_eq!(days(&Course { at_most_days: Some(100.0), ..course() }), Ok(80.0));
        assert_eq!(days(&Course { follow_up: FollowUp::Next, ..course() }), Ok(40.0));
        let none = days(&Course { at_least_days: 300.0, ..course() }).unwrap_err();
        assert!(none.contains("300 days at least: those with features are after 10, 40, 80, 200 days"), "{none}");
    }

    #[test]
    fn two_cases_of_a_lesion_at_one_time_are_refused_by_name() {
        let all = vec![seen("a", 0.0, Some(1.0)), seen("a", 1.0, Some(1.0)), seen("a", 40.0, Some(2.0))];
        let patient = follow(&course(), &[(0, Delta::Ratio)], "p", all);
        let why = patient.lesions[0].pair.clone().unwrap_err();
        assert!(why.contains("a0 and a1 are of one time point, and `lesion` says"), "{why}");
        assert_eq!(states(&patient, 0), ["unclear", "unclear", "followed"]);
        assert_eq!(patient.lesions[0].deltas, [Err(why)]);
    }

    #[test]
    fn the_order_of_the_list_changes_no_number() {
        let mut all = [0.0, 33.0, 70.0, 95.0].map(|day| seen("a", day, Some(day * day + 1.0))).to_vec();
        let deltas = Delta::WORDS.map(|(_, delta)| (0, delta));
        let forward = follow(&course(), &deltas, "p", all.clone());
        all.reverse();
        assert_eq!(follow(&course(), &deltas, "p", all), forward);
        assert_eq!(forward.lesions[0].deltas.len(), 6);
    }
}
