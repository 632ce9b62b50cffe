use voxomics_base::Origin;

use super::*;
use crate::{
    course::timeline::{Found, Origin as CameOf, Seen},
    experiment::Placed,
};

const GONE: f64 = 0.0;
const MISSING: f64 = -1.0;

fn stated(targets: Targets) -> Sums {
    let placed = |value: &str| Placed { value: value.to_owned(), origin: Origin::Set("course.sums".into()) };
    Sums {
        longest: placed("longest"),
        short_axis: Some(placed("short")),
        location: Some(placed("location")),
        nodes: vec!["node".into()],
        targets,
    }
}

/// A lesion with these sizes; the short axis is half of the longest diameter.
fn lesion(name: &str, location: &str, from: usize, sizes: &[f64]) -> Lesion {
    let point = |(index, size): (usize, &f64)| {
        let inputs = vec![Ok(*size), Ok(size / 2.0)];
        let seen = Seen {
            case: format!("{name}{index}"),
            component: None,
            origin: None,
            lesion: name.into(),
            day: index as f64,
            location: Some(location.into()),
            found: Ok(Found { inputs, volume_ml: None }),
        };
        let state = match (*size, index + from) {
            (GONE, _) => State::Gone,
            (MISSING, _) => State::Missing,
            (_, 0) => State::Baseline,
            _ if index == 0 => State::New,
            _ => State::Followed,
        };
        Point { visit: index + from, day: index as f64, state, seen: (*size > 0.0).then_some(seen) }
    };
    let points = sizes.iter().enumerate().map(point).collect();
    Lesion {
        name: name.into(),
        location: Some(location.into()),
        origin: None,
        points,
        pair: Err("".into()),
        deltas: Vec::new(),
    }
}

fn words(lesions: Vec<Lesion>) -> (Vec<Sum>, String) {
    let visits = lesions.iter().flat_map(|lesion| lesion.points.last()).map(|point| point.visit).max().unwrap_or(0);
    let patient =
        Patient { name: "p".into(), visits: (0..=visits).map(|visit| visit as f64).collect(), lesions, doubt: None };
    let found = sums(&patient, &stated(Targets::All), Diameters { longest: 0, short_axis: Some(1) });
    let word = |sum: &Sum| sum.response.map_or("-", Response::letters);
    let words = found.iter().map(word).collect::<Vec<_>>().join(" ");
    (found, words)
}

#[test]
fn the_thresholds_are_those_of_recist_1_1() {
    for (sizes, expected) in [
        // Just less than 30 % and just 30 %; 20 % from the smallest sum and 5 mm of it, both.
        (&[100.0, 70.1, 70.0, 83.9, 84.0][..], "- SD PR SD PD"),
        (&[20.0, 10.0, 14.9, 15.0], "- PR SD PD"),
        (&[100.0, 119.9, 120.0], "- SD PD"),
        (&[40.0, GONE, 4.0, 5.0], "- CR PR PD"),
        (&[40.0, MISSING, 48.0], "- NE PD"),
        (&[MISSING, 40.0], "- NE"),
    ] {
        assert_eq!(words(vec![lesion("a", "lung", 0, sizes)]).1, expected, "{sizes:?}");
    }
}

#[test]
fn nodes_count_by_their_short_axis_and_are_gone_below_ten_millimetres() {
    let node = |sizes: &[f64]| lesion("n", "node", 0, sizes);
    let (sums, words_of) = words(vec![lesion("a", "lung", 0, &[30.0, GONE, GONE]), node(&[40.0, 19.9, 20.0])]);
    assert_eq!(sums.iter().map(|sum| sum.sum_mm.clone().unwrap()).collect::<Vec<_>>(), [50.0, 9.95, 10.0]);
    assert_eq!(words_of, "- CR PR");
}

#[test]
fn a_new_lesion_is_progression_whatever_the_sum_is_and_is_not_summed() {
    let (sums, words_of) =
        words(vec![lesion("a", "lung", 0, &[30.0, 10.0, MISSING]), lesion("b", "liver", 1, &[50.0, 50.0])]);
    assert_eq!((sums[1].sum_mm.clone(), sums[1].new, sums[1].lesions), (Ok(10.0), 1, 1));
    assert_eq!(words_of, "- PD PD");
    assert!(sums[2].sum_mm.clone().unwrap_err().contains("the lesion `a`: it is missing"));
    assert_eq!(sums[2].nadir_mm, Ok(10.0));
}

#[test]
fn an_outline_that_cannot_be_read_is_no_progression_and_an_unknown_baseline_has_no_sum() {
    let mut failed = lesion("b", "liver", 1, &[50.0]);
    failed.points[0].state = State::Failed;
    let (sums_of, words_of) = words(vec![lesion("a", "lung", 0, &[30.0, 30.0]), failed]);
    assert_eq!((sums_of[1].new, words_of.as_str()), (0, "- SD"));
    let patient = Patient {
        name: "p".into(),
        visits: vec![0.0, 30.0],
        lesions: vec![lesion("a", "lung", 0, &[30.0, 10.0])],
        doubt: Some("x has no place".into()),
    };
    let found = sums(&patient, &stated(Targets::All), Diameters { longest: 0, short_axis: Some(1) });
    assert_eq!(found[1].response, Some(Response::NotEvaluable));
    assert!(found[0].sum_mm.clone().unwrap_err().contains("which lesions the baseline has: x has no place"));
}

#[test]
fn parts_count_together_and_what_has_merged_counts_once() {
    let point = |visit: usize, state: State| Point { visit, day: 0.0, state, seen: None };
    let came = |mut lesion: Lesion, of: &[&str], state: State| {
        lesion.origin = Some(CameOf { of: of.iter().map(|name| (*name).to_owned()).collect(), state });
        lesion.points[0].state = state;
        lesion
    };
    let mut whole = lesion("1", "lung", 0, &[40.0]);
    whole.points.push(point(1, State::Split));
    let parts = ["2", "3"].map(|name| {
        let mut part = came(lesion(name, "lung", 1, &[15.0]), &["1"], State::Split);
        part.points.push(point(2, State::Merged));
        part
    });
    let one = came(lesion("4", "lung", 2, &[33.0]), &["2", "3"], State::Merged);
    let (sums, words_of) = words([vec![whole], parts.to_vec(), vec![one]].concat());
    assert_eq!(sums.iter().map(|sum| sum.sum_mm.clone().unwrap()).collect::<Vec<_>>(), [40.0, 30.0, 33.0]);
    assert_eq!((words_of.as_str(), sums[2].new, sums[2].lesions), ("- SD SD", 0, 1));
    let mut mixed = lesion("1", "lung", 0, &[40.0]);
    mixed.points.push(point(1, State::Mixed));
    let (sums, _) = words(vec![mixed, came(lesion("2", "lung", 1, &[9.0]), &["1"], State::Mixed)]);
    assert!(sums[1].sum_mm.clone().unwrap_err().contains("together with others"));
}

#[test]
fn the_largest_are_five_and_two_of_each_location() {
    let lesions: Vec<Lesion> = [
        ("a", "lung", 9.9),
        ("b", "lung", 11.0),
        ("c", "lung", 13.0),
        ("d", "lung", 12.0),
        ("e", "node", 29.9),
        ("f", "node", 30.0),
        ("g", "liver", 20.0),
        ("h", "liver", 20.0),
        ("i", "liver", 20.0),
        ("j", "bone", 50.0),
    ]
    .map(|(name, location, size)| lesion(name, location, 0, &[size]))
    .to_vec();
    let patient = Patient { name: "p".into(), visits: vec![0.0], lesions, doubt: None };
    let largest = |patient: &Patient| {
        let diameters = Diameters { longest: 0, short_axis: Some(1) };
        at_baseline(patient, &stated(Targets::Largest), diameters)
            .map(|chosen| chosen.summed.iter().map(|of| of.lesion.name.clone()).collect::<String>())
    };
    assert_eq!(largest(&patient), Ok("jghfc".into()));
    // One without a size may be larger than any other.
    let mut unknown = patient.clone();
    unknown.lesions.push(lesion("k", "lung", 0, &[MISSING]));
    assert!(largest(&unknown).is_err_and(|why| why.contains("the lesion `k`: it is missing")));
    // Where nobody says where lesions lie, they need not lie in one place.
    let mut nowhere = patient;
    nowhere.lesions.iter_mut().for_each(|lesion| lesion.location = None);
    assert_eq!(largest(&nowhere), Ok("jfegh".into()));
}

/// Eisenhauer 2009, 4.2: nodes below 10 mm are not pathological, and are neither recorded nor followed. One that has 9 mm at
/// each time point is no response of any kind.
#[test]
fn a_node_of_normal_size_is_no_lesion_and_no_response() {
    let node = |sizes: &[f64]| lesion("n", "node", 0, sizes);
    let (sums, words_of) = words(vec![node(&[18.0, 18.0])]);
    assert_eq!((words_of.as_str(), sums[0].lesions), ("- NE", 0));
    assert!(sums[1].sum_mm.clone().unwrap_err().contains("nodes below 10 mm in the short axis are none"));
    // Beside a lesion, it neither adds to the sum nor keeps that from being complete.
    let tumour = |sizes: &[f64]| lesion("a", "lung", 0, sizes);
    let (sums, words_of) = words(vec![tumour(&[30.0, 20.0, GONE]), node(&[18.0, 18.0, 18.0])]);
    assert_eq!(sums.iter().map(|sum| sum.sum_mm.clone().unwrap()).collect::<Vec<_>>(), [30.0, 20.0, 0.0]);
    assert_eq!(words_of, "- PR CR");
    // A node that grows out of the normal is for a reader to judge, unless there is progression anyhow.
    let (sums, words_of) = words(vec![tumour(&[30.0, 20.0, 40.0]), node(&[18.0, 24.0, 24.0])]);
    assert_eq!((words_of.as_str(), &sums[2].remark), ("- NE PD", &None));
    let remark = sums[1].remark.clone().expect("a remark");
    assert!(
        remark.contains("the lesion `n` was a node of normal size") && remark.contains("a reader must say"),
        "{remark}"
    );
    // Of 10 mm, it is a lesion, which is complete below that.
    assert_eq!(words(vec![node(&[20.0, 19.8])]).1, "- CR");
}

#[test]
fn a_new_node_is_a_lesion_from_ten_millimetres_on() {
    let (sums, words_of) =
        words(vec![lesion("a", "lung", 0, &[30.0, 30.0, 30.0]), lesion("n", "node", 1, &[16.0, 20.0])]);
    assert_eq!(sums.iter().map(|sum| sum.new).collect::<Vec<_>>(), [0, 0, 1]);
    assert_eq!(words_of, "- SD PD");
}

/// Eisenhauer 2009, table 1: of target lesions that have gone beside others that have not, the response is partial.
#[test]
fn what_is_not_summed_must_have_gone_as_well() {
    let of = |small: &[f64]| {
        let lesions = vec![lesion("a", "lung", 0, &[30.0, GONE]), lesion("b", "liver", 0, small)];
        let patient = Patient { name: "p".into(), visits: vec![0.0, 1.0], lesions, doubt: None };
        sums(&patient, &stated(Targets::Largest), Diameters { longest: 0, short_axis: Some(1) }).remove(1)
    };
    assert_eq!((of(&[9.0, GONE]).response, of(&[9.0, GONE]).remark), (Some(Response::Complete), None));
    let left = of(&[9.0, 9.0]);
    assert_eq!((left.response, left.lesions), (Some(Response::Partial), 1));
    assert!(
        left.remark.is_some_and(|remark| remark.contains("every summed lesion has gone, and the lesion `b` has not"))
    );
    assert_eq!(of(&[9.0, MISSING]).response, Some(Response::Partial), "nobody knows what became of it");
}
