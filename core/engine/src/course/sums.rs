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
/// A node with a smaller short axis is normal, mm: it is no lesion, neither to begin with nor any longer.
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
    /// Why the word is what it is, where the sum does not tell.
    pub remark: Option<String>,
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

/// A lesion, and what tells its size.
struct Target<'a> {
    lesion: &'a Lesion,
    is_node: bool,
    input: usize,
}

impl<'a> Target<'a> {
    fn of(lesion: &'a Lesion, stated: &Sums, diameters: Diameters) -> Self {
        let is_node = lesion.location.as_ref().is_some_and(|location| stated.nodes.contains(location));
        let input = diameters.short_axis.filter(|_| is_node).unwrap_or(diameters.longest);
        Self { lesion, is_node, input }
    }

    fn size(&self, patient: &Patient, visit: usize) -> FeatureValue {
        size_of(patient, self.lesion, self.input, visit, &mut HashSet::new())
    }

    /// Whether this size is that of a lesion which has gone: of a node, that it is normal.
    fn has_gone(&self, size: f64) -> bool {
        size == 0.0 || self.is_normal(size)
    }

    fn is_normal(&self, size: f64) -> bool {
        self.is_node && size < NORMAL_NODE_MM
    }
}

/// The lesions of the baseline.
#[derive(Default)]
struct AtBaseline<'a> {
    /// Those that are summed.
    summed: Vec<Target<'a>>,
    /// Those that are not.
    others: Vec<Target<'a>>,
    /// Nodes of normal size: no lesions, which are not summed.
    normal: Vec<Target<'a>>,
}

/// The sum of each time point of a patient.
pub fn sums(patient: &Patient, stated: &Sums, diameters: Diameters) -> Vec<Sum> {
    let (baseline, doubt) = match (&patient.doubt, at_baseline(patient, stated, diameters)) {
        (Some(why), _) => {
            (AtBaseline::default(), Some(format!("nobody knows which lesions the baseline has: {why}").into()))
        }
        (None, Err(why)) => (AtBaseline::default(), Some(why)),
        (None, Ok(found)) => (found, None),
    };
    let targets = &baseline.summed;
    let mut sums: Vec<Sum> = Vec::new();
    let mut nadir: FeatureValue = Err("it is the baseline".into());
    for visit in 0..patient.visits.len() {
        let mut counted = HashSet::new();
        let mut sizes: Result<Vec<f64>, Undefined> = Ok(Vec::new());
        for target in targets {
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
        let is_new = |lesion: &&Lesion| is_new(patient, &Target::of(lesion, stated, diameters), visit);
        let new = patient.lesions.iter().filter(is_new).count();
        let change = if visit == 0 { Err("it is the baseline".into()) } else { percent(&sum_mm, &base, "baseline") };
        let change_from_nadir = percent(&sum_mm, &nadir, "smallest sum before");
        let gone = doubt.is_none() && sizes.as_ref().is_ok_and(|sizes| have_gone(targets, sizes));
        let told = (visit > 0).then(|| {
            let before = Before { sum: &sum_mm, change: &change, nadir: &nadir, new: new > 0, gone };
            baseline.word(patient, visit, &before)
        });
        let (response, remark) = told.map_or((None, None), |(response, remark)| (Some(response), remark));
        sums.push(Sum {
            sum_mm: sum_mm.clone(),
            lesions: targets.len(),
            change,
            nadir_mm: nadir.clone(),
            change_from_nadir,
            new,
            response,
            remark,
        });
        nadir = match (&nadir, sum_mm) {
            (Ok(least), Ok(sum)) => Ok(least.min(sum)),
            (Err(_), Ok(sum)) => Ok(sum),
            (_, Err(_)) => nadir,
        };
    }
    sums
}

/// A lesion in a sentence.
fn name_of(lesion: &Lesion) -> String {
    if lesion.name.is_empty() { "the lesion".into() } else { format!("the lesion `{}`", lesion.name) }
}

fn nothing(stated: &Sums) -> &'static str {
    match stated.targets {
        Targets::All if !stated.nodes.is_empty() => {
            "no lesion is at the baseline: nodes below 10 mm in the short axis are none"
        }
        Targets::All => "no lesion is at the baseline",
        Targets::Largest => "no lesion of the baseline is measurable: 10 mm, and 15 mm in the short axis of nodes",
    }
}

/// Whether a lesion was first seen after the baseline, up to a time point. A node is one from the time point on at which it is not
/// normal.
fn is_new(patient: &Patient, target: &Target<'_>, visit: usize) -> bool {
    // A part of a lesion that was there is none.
    let mut until = target.lesion.points.iter().filter(|point| point.visit <= visit);
    if target.lesion.origin.is_some() || !until.clone().any(|point| point.state == State::New) {
        return false;
    }
    // Of an outline without a size nobody knows that it is normal.
    until
        .any(|point| point.seen.is_some() && target.size(patient, point.visit).map_or(true, |mm| !target.is_normal(mm)))
}

/// The lesions of the baseline: which are summed, and which are not.
///
/// # Errors
/// If the largest are to be summed and one has no size: it may be one of these.
fn at_baseline<'a>(patient: &'a Patient, stated: &Sums, diameters: Diameters) -> Result<AtBaseline<'a>, Undefined> {
    let there = patient.lesions.iter().filter(|lesion| lesion.points.first().is_some_and(|first| first.visit == 0));
    let all = there.map(|lesion| Target::of(lesion, stated, diameters));
    // Of a node without a size nobody knows that it is normal.
    let is_normal = |target: &Target<'_>| target.size(patient, 0).is_ok_and(|mm| target.is_normal(mm));
    let (normal, all): (Vec<Target<'a>>, Vec<Target<'a>>) = all.partition(is_normal);
    if stated.targets == Targets::All {
        return Ok(AtBaseline { summed: all, others: Vec::new(), normal });
    }
    let (mut measurable, mut others): (Vec<(f64, Target<'a>)>, Vec<Target<'a>>) = Default::default();
    for target in all {
        let size = target.size(patient, 0);
        let size = size.map_err(|why| format!("the largest lesions of the baseline are not known: {why}"))?;
        match size >= if target.is_node { MEASURABLE_MM.1 } else { MEASURABLE_MM.0 } {
            true => measurable.push((size, target)),
            false => others.push(target),
        }
    }
    // Of the same size, those that the list has first.
    measurable.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut summed: Vec<Target<'a>> = Vec::new();
    for (_, target) in measurable {
        // Lesions without a location need not lie in one.
        let at = &target.lesion.location;
        let there = summed.iter().filter(|other| at.is_some() && other.lesion.location == *at).count();
        match summed.len() < MOST.0 && there < MOST.1 {
            true => summed.push(target),
            false => others.push(target),
        }
    }
    Ok(AtBaseline { summed, others, normal })
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
        if lesion.name.is_empty() { why.into() } else { format!("{}: {why}", name_of(lesion)).into() }
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

/// Whether all lesions that are summed have gone.
fn have_gone(targets: &[Target<'_>], sizes: &[f64]) -> bool {
    !targets.is_empty() && targets.iter().zip(sizes).all(|(target, size)| target.has_gone(*size))
}

/// Change of a sum from another one, percent.
fn percent(sum: &FeatureValue, from: &FeatureValue, what: &str) -> FeatureValue {
    match (sum, from) {
        (Err(why), _) | (Ok(_), Err(why)) => Err(why.clone()),
        (Ok(_), Ok(0.0)) => Err(format!("the {what} is 0").into()),
        (Ok(sum), Ok(from)) => Ok(100.0 * (sum - from) / from),
    }
}

/// What the word follows from.
struct Before<'s> {
    sum: &'s FeatureValue,
    change: &'s FeatureValue,
    nadir: &'s FeatureValue,
    /// Whether a lesion is new.
    new: bool,
    /// Whether all lesions that are summed have gone.
    gone: bool,
}

impl AtBaseline<'_> {
    /// The word at a time point, and a remark if the sum does not tell why.
    fn word(&self, patient: &Patient, visit: usize, before: &Before<'_>) -> (Response, Option<String>) {
        let is_left = |other: &&Target<'_>| !other.size(patient, visit).is_ok_and(|mm| other.has_gone(mm));
        let left = self.others.iter().find(is_left);
        let word = response(before, left.is_some());
        // What it has become together with others is not its own size.
        let is_there = |node: &Target<'_>| node.lesion.points.iter().any(|p| p.visit == visit && p.seen.is_some());
        let has_grown =
            |node: &&Target<'_>| is_there(node) && node.size(patient, visit).is_ok_and(|mm| !node.is_normal(mm));
        match (self.normal.iter().find(has_grown).filter(|_| word != Response::Progressive), left) {
            (Some(node), _) => {
                let remark = format!(
                    "{} was a node of normal size at the baseline, and now has {NORMAL_NODE_MM} mm or more: whether it is a new \
                     lesion, a reader must say",
                    name_of(node.lesion)
                );
                (Response::NotEvaluable, Some(remark))
            }
            (None, Some(left)) if before.gone && word == Response::Partial => {
                (word, Some(format!("every summed lesion has gone, and {} has not", name_of(left.lesion))))
            }
            (None, _) => (word, None),
        }
    }
}

/// The word by the sum: a new lesion or an increase comes before a decrease from the baseline. Where all that is summed has gone, it is
/// complete unless something else of the baseline is left.
fn response(before: &Before<'_>, is_left: bool) -> Response {
    let Before { sum, change, nadir, new, gone } = *before;
    if new {
        return Response::Progressive;
    }
    let Ok(sum) = sum else { return Response::NotEvaluable };
    if gone {
        return if is_left { Response::Partial } else { Response::Complete };
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
mod tests;
