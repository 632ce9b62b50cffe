//! Lesions that are known by name over time.

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
        matching: None,
        origin: Origin::Set("course".into()),
    }
}

fn seen(lesion: &str, day: f64, value: Option<f64>) -> Seen {
    let found = value.ok_or_else(|| "damaged".into());
    let found = found.map(|value| Found { inputs: vec![Ok(value)], volume_ml: Some(value) });
    let (component, origin, location) = (None, None, None);
    Seen { case: format!("{lesion}{day}"), component, lesion: lesion.into(), origin, day, location, found }
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
    let patient = follow(&course(), &[(0, Delta::Difference), (0, Delta::Slope)], "p", all, Beside::default());
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
        Beside::default(),
    );
    assert_eq!(states(&gone, 0), ["baseline", "gone"]);
}

#[test]
fn the_follow_up_is_the_last_or_the_next_one_within_the_interval() {
    let all = || [0.0, 10.0, 40.0, 80.0, 200.0].map(|day| seen("a", day, Some(day))).to_vec();
    let days = |course: &Course| {
        follow(course, &[], "p", all(), Beside::default()).lesions[0].pair.clone().map(|pair| pair.days)
    };
    assert_eq!(days(&course()), Ok(200.0));
    assert_eq!(days(&Course { at_most_days: Some(100.0), ..course() }), Ok(80.0));
    assert_eq!(days(&Course { follow_up: FollowUp::Next, ..course() }), Ok(40.0));
    let none = days(&Course { at_least_days: 300.0, ..course() }).unwrap_err();
    assert!(none.contains("300 days at least: those with features are after 10, 40, 80, 200 days"), "{none}");
}

#[test]
fn two_cases_of_a_lesion_at_one_time_are_refused_by_name() {
    let all = vec![seen("a", 0.0, Some(1.0)), seen("a", 1.0, Some(1.0)), seen("a", 40.0, Some(2.0))];
    let patient = follow(&course(), &[(0, Delta::Ratio)], "p", all, Beside::default());
    let why = patient.lesions[0].pair.clone().unwrap_err();
    assert!(why.contains("a0 and a1 are of one time point, and `lesion` says"), "{why}");
    assert_eq!(states(&patient, 0), ["unclear", "unclear", "followed"]);
    assert_eq!(patient.lesions[0].deltas, [Err(why)]);
}

#[test]
fn the_order_of_the_list_changes_no_number() {
    let mut all = [0.0, 33.0, 70.0, 95.0].map(|day| seen("a", day, Some(day * day + 1.0))).to_vec();
    let deltas = Delta::WORDS.map(|(_, delta)| (0, delta));
    let forward = follow(&course(), &deltas, "p", all.clone(), Beside::default());
    all.reverse();
    assert_eq!(follow(&course(), &deltas, "p", all, Beside::default()), forward);
    assert_eq!(forward.lesions[0].deltas.len(), 6);
}

/// A case whose time point cannot be matched, or of which the list does not say enough.
fn unplaced(day: Option<f64>) -> Vec<Unplaced> {
    vec![Unplaced { case: "x".into(), day, reason: "it has no place".into() }]
}

#[test]
fn a_first_time_point_that_is_left_out_is_no_reason_to_take_the_second_for_it() {
    let all = || vec![seen("a", 30.0, Some(1.0)), seen("a", 60.0, Some(2.0)), seen("b", 60.0, Some(2.0))];
    let doubtful = unplaced(Some(0.0));
    let beside = Beside { unplaced: &doubtful, ..Beside::default() };
    let patient = follow(&course(), &[(0, Delta::Difference)], "p", all(), beside);
    assert_eq!(patient.visits, [0.0, 30.0, 60.0]);
    assert_eq!((states(&patient, 0), states(&patient, 1)), (vec!["first seen", "followed"], vec!["first seen"]));
    let why = patient.lesions[0].deltas[0].clone().unwrap_err().to_string();
    assert!(why.contains("first seen after 30 days") && why.contains("x has no place in the course"), "{why}");
    assert!(patient.doubt.is_some());
    // Without a date, it may be the first of all.
    let undated = unplaced(None);
    let beside = Beside { unplaced: &undated, ..Beside::default() };
    let patient = follow(&course(), &[(0, Delta::Difference)], "p", all(), beside);
    let why = patient.lesions[0].deltas[0].clone().unwrap_err().to_string();
    assert!(why.contains("nobody knows which scan is the first"), "{why}");
    assert_eq!((states(&patient, 0), states(&patient, 1)), (vec!["baseline", "followed"], vec!["first seen"]));
}

#[test]
fn what_has_no_place_may_be_the_lesion_that_is_not_there() {
    let course = Course { absent: Absent::Gone, ..course() };
    let all = || {
        vec![
            seen("a", 0.0, Some(1.0)),
            seen("b", 0.0, Some(1.0)),
            seen("a", 30.0, Some(1.0)),
            seen("a", 60.0, Some(1.0)),
        ]
    };
    let of = |day: Option<f64>| {
        let doubtful = unplaced(day);
        let patient = follow(&course, &[], "p", all(), Beside { unplaced: &doubtful, ..Beside::default() });
        states(&patient, 1)
    };
    assert_eq!(states(&follow(&course, &[], "p", all(), Beside::default()), 1), ["baseline", "gone", "gone"]);
    assert_eq!(of(Some(31.0)), ["baseline", "missing", "gone"]);
    assert_eq!(of(None), ["baseline", "missing", "missing"]);
}

#[test]
fn a_lesion_of_which_the_first_outline_cannot_be_read_is_new_when_it_is_seen() {
    let all = vec![seen("a", 0.0, Some(1.0)), seen("b", 30.0, None), seen("b", 60.0, Some(1.0))];
    let patient = follow(&course(), &[], "p", all, Beside::default());
    assert_eq!(states(&patient, 1), ["failed", "new"]);
}

#[test]
fn decimal_days_are_what_somebody_would_say() {
    let all = vec![seen("a", 0.1, Some(1.0)), seen("a", 0.4, Some(2.0))];
    let course = Course { at_least_days: 0.2, at_most_days: Some(0.3), same_visit_days: 0.0, ..course() };
    let patient = follow(&course, &[], "p", all, Beside::default());
    assert_eq!(
        (patient.visits, patient.lesions[0].pair.clone()),
        (vec![0.0, 0.3], Ok(Pair { from: 0, to: 1, days: 0.3 }))
    );
}
