//! Sums of diameters over time, and the thresholds of RECIST 1.1 (E. A. Eisenhauer et al., European Journal of Cancer 45, 2009).
//!
//! Only outlined lesions are summed. Lesions that are not outlined, the judgement of a reader and the confirmation of a response
//! are no part of it: a word of these thresholds is no response by RECIST.

use std::collections::HashSet;

use super::timeline::{Lesion, Patient, Point, State};
use crate::{
    experiment::course::{Sums, Targets},
    plan::Diameters,
    table::{FeatureValue, Undefined},
};

/// Rounding of a percentage is no change: this much of a percent.
const ROUNDING: f64 = 1e-9;
/// Decrease from the baseline for a partial response, percent.
const PARTIAL: f64 = -30.0;
/// Increase from the smallest sum before for a progression: percent, and mm.
const PROGRESSION: (f64, f64) = (20.0, 5.0);
/// A node with a smaller short axis is no longer a lesion, mm.
const NORMAL_NODE_MM: f64 = 10.0;
/// The least sizes of measurable lesions: longest diameter, and short axis of nodes, mm.
const MEASURABLE_MM: (f64, f64) = (10.0, 15.0);
/// The most lesions that are summed, in all and of one location.
const MOST: (usize, usize) = (5, 2);

/// The sum at a time point.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    /// The sum, mm, or why there is none.
    pub sum_mm: FeatureValue,
    /// Lesions that are summed.
    pub lesions: usize,
    /// Change from the baseline, percent.
    pub change: FeatureValue,
    /// The smallest sum of the time points before, mm.
    pub nadir_mm: FeatureValue,
    /// Change from it, percent.
    pub change_from_nadir: FeatureValue,
    /// Lesions that were first seen after the baseline, up to this time point.
    pub new: usize,
    /// The word of the thresholds; none at the baseline.
    pub response: Option<Response>,
}

/// What the thresholds of RECIST 1.1 make of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Response {
    /// Complete response.
    Complete,
    /// Partial response.
    Partial,
    /// Stable disease.
    Stable,
    /// Progressive disease.
    Progressive,
    /// Nobody can tell.
    NotEvaluable,
}

impl Response {
    /// Its letters.
    pub fn letters(self) -> &'static str {
        match self {
            Self::Complete => "CR",
            Self::Partial => "PR",
            Self::Stable => "SD",
            Self::Progressive => "PD",
            Self::NotEvaluable => "NE",
        }
    }
}

/// The size of a lesion that is summed.
struct Target<'a> {
    lesion: &'a Lesion,
    is_node: bool,
    input: usize,
}

/// The sum of each time point of a patient.
pub fn sums(patient: &Patient, stated: &Sums, diameters: Diameters) -> Vec<Sum> {
    let (targets, doubt) = match (&patient.doubt, targets(patient, stated, diameters)) {
        (Some(why), _) => (Vec::new(), Some(format!("nobody knows which lesions the baseline has: {why}").into())),
        (None, Err(why)) => (Vec::new(), Some(why)),
        (None, Ok(targets)) => (targets, None),
    };
    let mut sums: Vec<Sum> = Vec::new();
    let mut nadir: FeatureValue = Err("it is the baseline".into());
    for visit in 0..patient.visits.len() {
        let mut counted = HashSet::new();
        let mut sizes: Result<Vec<f64>, Undefined> = Ok(Vec::new());
        for target in &targets {
            let size = size_of(patient, target.lesion, target.input, visit, &mut counted);
            sizes = sizes.and_then(|sizes| Ok([sizes, vec![size?]].concat()));
        }
        let sum_mm: FeatureValue = match (&doubt, &sizes) {
            (Some(why), _) => Err(Undefined::clone(why)),
            (None, Ok(sizes)) if sizes.is_empty() => Err(nothing(stated).into()),
            (None, Ok(sizes)) => Ok(sizes.iter().sum()),
            (None, Err(why)) => Err(why.clone()),
        };
        let base = sums.first().map_or_else(|| sum_mm.clone(), |first| first.sum_mm.clone());
        let new = patient.lesions.iter().filter(|lesion| is_new(lesion, visit)).count();
        let change = if visit == 0 { Err("it is the baseline".into()) } else { percent(&sum_mm, &base, "baseline") };
        let change_from_nadir = percent(&sum_mm, &nadir, "smallest sum before");
        let response = (visit > 0).then(|| {
            let complete = doubt.is_none() && sizes.as_ref().is_ok_and(|sizes| is_complete(&targets, sizes));
            response(&sum_mm, &change, &nadir, new > 0, complete)
        });
        sums.push(Sum {
            sum_mm: sum_mm.clone(),
            lesions: targets.len(),
            change,
            nadir_mm: nadir.clone(),
            change_from_nadir,
            new,
            response,
        });
        nadir = match (&nadir, sum_mm) {
            (Ok(least), Ok(sum)) => Ok(least.min(sum)),
            (Err(_), Ok(sum)) => Ok(sum),
            (_, Err(_)) => nadir,
        };
    }
    sums
}

fn nothing(stated: &Sums) -> &'static str {
    match stated.targets {
        Targets::All => "no lesion is at the baseline",
        Targets::Largest => "no lesion of the baseline is measurable: 10 mm, and 15 mm in the short axis of nodes",
    }
}

/// Whether a lesion was first seen after the baseline, up to a time point.
fn is_new(lesion: &Lesion, visit: usize) -> bool {
    // A part of a lesion that was there is none.
    let is_new = |point: &Point| point.visit <= visit && point.state == State::New;
    lesion.origin.is_none() && lesion.points.iter().any(is_new)
}

/// The lesions that are summed.
///
/// # Errors
/// If a lesion of the baseline has no size: it may be one of the largest.
fn targets<'a>(patient: &'a Patient, stated: &Sums, diameters: Diameters) -> Result<Vec<Target<'a>>, Undefined> {
    let at_baseline =
        patient.lesions.iter().filter(|lesion| lesion.points.first().is_some_and(|first| first.visit == 0));
    let target = |lesion: &'a Lesion| {
        let is_node = lesion.location.as_ref().is_some_and(|location| stated.nodes.contains(location));
        let input = diameters.short_axis.filter(|_| is_node).unwrap_or(diameters.longest);
        Target { lesion, is_node, input }
    };
    let all: Vec<Target<'a>> = at_baseline.map(target).collect();
    if stated.targets == Targets::All {
        return Ok(all);
    }
    let mut measurable: Vec<(f64, Target<'a>)> = Vec::new();
    for target in all {
        let size = size_of(patient, target.lesion, target.input, 0, &mut HashSet::new());
        let size = size.map_err(|why| format!("the largest lesions of the baseline are not known: {why}"))?;
        if size >= if target.is_node { MEASURABLE_MM.1 } else { MEASURABLE_MM.0 } {
            measurable.push((size, target));
        }
    }
    // Of the same size, those that the list has first.
    measurable.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut chosen: Vec<Target<'a>> = Vec::new();
    for (_, target) in measurable {
        // Lesions without a location need not lie in one.
        let at = &target.lesion.location;
        let there = chosen.iter().filter(|other| at.is_some() && other.lesion.location == *at).count();
        if chosen.len() < MOST.0 && there < MOST.1 {
            chosen.push(target);
        }
    }
    Ok(chosen)
}

/// The diameter of a lesion at a time point, mm: 0 if it has gone. Of one that has split, that of its parts together; what several
/// lesions have become counts once, with the first of them: `counted` are those that count already.
fn size_of<'a>(
    patient: &'a Patient,
    lesion: &'a Lesion,
    input: usize,
    visit: usize,
    counted: &mut HashSet<&'a str>,
) -> FeatureValue {
    let named = |why: &str| -> Undefined {
        let name = &lesion.name;
        if name.is_empty() { why.into() } else { format!("the lesion `{name}`: {why}").into() }
    };
    let ends =
        |point: &&Point| point.seen.is_none() && [State::Split, State::Merged, State::Mixed].contains(&point.state);
    if let Some(end) = lesion.points.iter().find(ends).filter(|end| end.visit <= visit) {
        if end.state == State::Mixed {
            return Err(named("it has become several others together with others"));
        }
        let is_part = |part: &&Lesion| part.origin.as_ref().is_some_and(|origin| origin.of.contains(&lesion.name));
        let mut sum = 0.0;
        for part in patient.lesions.iter().filter(is_part) {
            if counted.insert(&part.name) {
                sum += size_of(patient, part, input, visit, counted)?;
            }
        }
        return Ok(sum);
    }
    let Some(point) = lesion.points.iter().find(|point| point.visit == visit) else {
        return Err(named("it is not there"));
    };
    match (&point.state, &point.seen) {
        (State::Gone, _) => Ok(0.0),
        (State::Missing, _) => Err(named("it is missing")),
        (State::Unclear, _) => Err(named("it is unclear which case is this lesion")),
        (_, None) => Err(named("it is not there")),
        (_, Some(seen)) => match &seen.found {
            Err(why) => Err(named(why)),
            Ok(found) => match found.inputs.get(input) {
                Some(Ok(size)) => Ok(*size),
                Some(Err(why)) => Err(named(why)),
                None => Err(named("it was not measured")),
            },
        },
    }
}

/// Whether everything has gone: of nodes, that they are of normal size.
fn is_complete(targets: &[Target<'_>], sizes: &[f64]) -> bool {
    let gone = |(target, size): (&Target<'_>, &f64)| *size == 0.0 || (target.is_node && *size < NORMAL_NODE_MM);
    !targets.is_empty() && targets.iter().zip(sizes).all(gone)
}

/// Change of a sum from another one, percent.
fn percent(sum: &FeatureValue, from: &FeatureValue, what: &str) -> FeatureValue {
    match (sum, from) {
        (Err(why), _) | (Ok(_), Err(why)) => Err(why.clone()),
        (Ok(_), Ok(0.0)) => Err(format!("the {what} is 0").into()),
        (Ok(sum), Ok(from)) => Ok(100.0 * (sum - from) / from),
    }
}

/// The word: a new lesion or an increase comes before a decrease from the baseline.
fn response(sum: &FeatureValue, change: &FeatureValue, nadir: &FeatureValue, new: bool, complete: bool) -> Response {
    if new {
        return Response::Progressive;
    }
    let Ok(sum) = sum else { return Response::NotEvaluable };
    if complete {
        return Response::Complete;
    }
    let (Ok(change), Ok(nadir)) = (change, nadir) else { return Response::NotEvaluable };
    let (share, mm) = PROGRESSION;
    let (increase, rounding) = (sum - nadir, ROUNDING / 100.0);
    // Of a smallest sum of 0, each increase is more than any share.
    if increase >= mm - rounding && 100.0 * increase >= (share - ROUNDING) * nadir {
        Response::Progressive
    } else if *change <= PARTIAL + ROUNDING {
        Response::Partial
    } else {
        Response::Stable
    }
}

#[cfg(test)]
mod tests {
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
        let patient = Patient {
            name: "p".into(),
            visits: (0..=visits).map(|visit| visit as f64).collect(),
            lesions,
            doubt: None,
        };
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
            targets(patient, &stated(Targets::Largest), diameters)
                .map(|chosen| chosen.iter().map(|of| of.lesion.name.clone()).collect::<String>())
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
}
