//! The same estimate in subgroups.

use voxomics_report::study::{Estimate, Forest, ForestRow};
use voxomics_statistics::{Result, multiplicity::holm};

use super::{
    Question,
    rows::{Unit, classes},
    words,
};

/// A column with more values than this makes no subgroups.
const MOST_SUBGROUPS: usize = 20;

/// What is estimated.
pub(super) struct Effect<'a> {
    /// In words.
    pub(super) name: &'a str,
    /// The value of no effect.
    pub(super) neutral: f64,
    /// Whether its axis is logarithmic.
    pub(super) logarithmic: bool,
    /// Whether each row is of the first of two arms that are compared.
    pub(super) high: Option<&'a [bool]>,
    /// Whether each row is positive or had the event.
    pub(super) events: Option<&'a [bool]>,
}

/// The p-value of whether the parts with these members differ.
pub(super) type Differ<'a> = dyn Fn(&[Vec<usize>]) -> Result<f64> + 'a;

/// The estimate of everybody and of each subgroup, if subgroups are asked for. `differ` tests whether the estimates of these rows differ
/// from each other; it is asked for none or at least two of them.
pub(super) fn forest(
    question: &Question<'_>,
    units: &[Unit<'_>],
    effect: &Effect<'_>,
    notes: &mut Vec<String>,
    estimate: impl Fn(&[usize]) -> Result<Estimate>,
    differ: Option<&Differ<'_>>,
) -> Option<Forest> {
    let column = question.stated.subgroups.as_ref()?;
    let known: Vec<(usize, &str)> =
        units.iter().enumerate().filter_map(|(at, unit)| Some((at, unit.cell(column)?))).collect();
    let (groups, mut names) = classes(known.iter().map(|(_, name)| *name));
    if known.len() < units.len() {
        notes.push(format!("Subgroups: {} without `{column}` belong to none.", units.len() - known.len()));
    }
    if names.len() > MOST_SUBGROUPS {
        notes.push(format!("Subgroups: `{column}` has {} values, too many to make subgroups of.", names.len()));
        names.clear();
    }
    let everybody: Vec<usize> = (0..units.len()).collect();
    let mut rows = vec![row("all", &everybody, effect, &estimate)];
    let mut parts = Vec::new();
    for (group, name) in names.iter().enumerate() {
        let members: Vec<usize> =
            known.iter().zip(&groups).filter(|(_, of)| **of == group).map(|((at, _), _)| *at).collect();
        rows.push(row(name, &members, effect, &estimate));
        parts.push(members);
    }
    // Out of fold, no p-value is shown.
    let tested = !question.stated.out_of_fold;
    let interaction = match differ.filter(|_| tested && parts.len() > 1).map(|differ| differ(&parts)) {
        None => None,
        Some(Ok(p)) => Some(p),
        Some(Err(cause)) => {
            notes.push(format!("Subgroups: whether they differ from each other cannot be tested: {cause}."));
            None
        }
    };
    if tested && let Some(note) = multiplicity(column, &rows[1..]) {
        let untested = if differ.is_none() { " Whether subgroups differ from each other is not tested." } else { "" };
        notes.push(note + untested);
    }
    let Effect { neutral, logarithmic, .. } = *effect;
    Some(Forest {
        column: column.clone(),
        estimate: effect.name.into(),
        neutral,
        logarithmic,
        rows,
        arms_named: None,
        interaction,
    })
}

fn row(
    name: &str,
    members: &[usize],
    effect: &Effect<'_>,
    estimate: impl Fn(&[usize]) -> Result<Estimate>,
) -> ForestRow {
    let events = effect.events.map_or(0, |events| members.iter().filter(|&&member| events[member]).count());
    let (estimate, note) = match estimate(members) {
        Ok(found) if found.low.is_none() => (Some(found), "no interval: too few rows, or no variance".into()),
        Ok(found) => (Some(found), String::new()),
        Err(cause) => (None, cause.to_string()),
    };
    let arms = effect.high.map(|high| {
        let of_high = members.iter().filter(|&&member| high[member]).count() as u64;
        (of_high, members.len() as u64 - of_high)
    });
    ForestRow { name: name.into(), n: members.len() as u64, events: events as u64, arms, estimate, note }
}

/// How many subgroups were tested, and what is left of their p-values.
fn multiplicity(column: &str, subgroups: &[ForestRow]) -> Option<String> {
    let tested: Vec<(&str, f64)> =
        subgroups.iter().filter_map(|row| Some((row.name.as_str(), row.estimate.as_ref()?.p?))).collect();
    let p: Vec<f64> = tested.iter().map(|(_, p)| *p).collect();
    let adjusted = holm(&p).ok()?;
    let said: Vec<String> =
        tested.iter().zip(adjusted).map(|((name, _), p)| format!("{name}: {}", words::p(p))).collect();
    Some(format!(
        "Subgroups: {} of `{column}` looked at, {} tested; p-values adjusted by Holm’s method over these {}: {}.",
        subgroups.len(),
        tested.len(),
        tested.len(),
        said.join(", ")
    ))
}
