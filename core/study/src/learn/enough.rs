//! Whether there are enough patients to learn from, in one line, before anything is learnt.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_engine::{
    experiment::study::{Learn, Target},
    plan::Plan,
};
use voxomics_statistics::{
    rank::quantiles,
    sample_size::{Learnt, largest_r_squared, needed},
};

use super::{Row, design, patients};

/// The share of what can be explained at most that a model is expected to explain where nothing is known (Riley et al. 2020).
const SHARE: f64 = 0.15;

/// Events or patients an input, and how many patients the criteria of Riley et al. ask for; none without rows or inputs.
pub fn enough(plan: &Plan, stated: &Learn, inputs: &[usize], rows: &[Row<'_>]) -> Option<String> {
    let batches = design::batches(plan, stated).unwrap_or_default();
    let parameters = inputs.iter().filter(|index| !batches.contains(index)).count();
    if parameters == 0 || rows.is_empty() {
        return None;
    }
    let all = patients(rows);
    let (what, number, learnt) = match &stated.target {
        Target::Number { .. } => ("patients", all, Learnt::Number),
        Target::Above { .. } | Target::Class { .. } => {
            let (with, without) = (having(rows, 0, 1.0), having(rows, 0, 0.0));
            let prevalence = with as f64 / (with + without) as f64;
            ("patients of the rarer class", with.min(without), Learnt::Class { prevalence })
        }
        Target::Survival { .. } => {
            let (events, times) = (having(rows, 1, 1.0), times(rows));
            let followed: f64 = times.iter().sum();
            let horizon =
                stated.horizons.first().copied().or_else(|| quantiles(&times, &[0.5]).ok().map(|found| found[0]))?;
            let (rate, mean_follow_up) = (events as f64 / followed, followed / all as f64);
            ("events", events, Learnt::Time { rate, mean_follow_up, horizon })
        }
    };
    let each = number as f64 / parameters as f64;
    let each = if each < 10.0 { format!("{each:.1}") } else { format!("{each:.0}") };
    let asked = largest_r_squared(learnt)
        .and_then(|most| needed(learnt, parameters as u64, SHARE * most))
        .map(|needed| {
            let (has, asks) = (all as u64, needed.patients);
            let enough = if has >= asks { "there are enough" } else { "there are too few" };
            format!(
                "the criteria of Riley et al. ask for {asks} patients to fit all of them, if a model explains 15 % of what it could; \
                 of {has}, {enough}"
            )
        });
    let asked = asked.unwrap_or_else(|why| format!("the criteria of Riley et al. cannot be asked: {why}"));
    let inputs = if parameters == 1 { "1 input".to_owned() } else { format!("{parameters} inputs") };
    Some(format!("{number} {what} for {inputs}, {each} each; {asked}"))
}

/// Patients with a row that has this: several lesions of one are no more patients, nor is one that is in several cohorts.
fn having(rows: &[Row<'_>], at: usize, wanted: f64) -> usize {
    let with = rows.iter().filter(|row| row.target.get(at) == Some(&wanted));
    with.map(Row::who).collect::<BTreeSet<_>>().len()
}

/// The time of each patient; the longest of several.
fn times(rows: &[Row<'_>]) -> Vec<f64> {
    let mut longest: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for row in rows {
        let time = row.target.first().copied().unwrap_or(0.0);
        let known = longest.entry(row.who()).or_insert(time);
        *known = known.max(time);
    }
    longest.into_values().collect()
}
