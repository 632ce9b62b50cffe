//! The area below the ROC curve as a function of time.

use voxomics_report::study::{Evaluation, SurvivalResult, TimeAuc};
use voxomics_statistics::{
    Interval, Level, Survival,
    bootstrap::{Design, percentile_interval, resample},
    dynamic_auc::dynamic_auc,
    uno,
};

use super::{
    Question,
    compare::{LEAST_RESAMPLED, REPLICATES, say_bootstrap},
    estimate,
    rows::pick,
    words,
};

/// An area of fewer cases or controls than this jumps with each of them, and is not shown.
const LEAST: u64 = 10;

/// The areas at the ticks of the axis of time, each with its numbers of cases and controls.
pub(super) fn areas(
    question: &Question<'_>,
    data: Survival<'_>,
    risk: &[f64],
    clusters: &[usize],
    result: &mut SurvivalResult,
    shown: &mut Evaluation,
) {
    let ticks = result.ticks.iter().filter(|time| **time > 0.0);
    result.time_auc = ticks.map(|&time| at(data, risk, time)).collect();
    let few: Vec<f64> = result.time_auc.iter().filter(|at| !at.note.is_empty()).map(|at| at.time).collect();
    if !few.is_empty() {
        let unit = &result.time_unit;
        let times = format!("{} {unit}", words::list(few.into_iter()));
        shown.notes.push(format!(
            "AUC over time: there is none at {}, with fewer than {LEAST} cases or controls, or beyond the follow-up.",
            times.trim_end()
        ));
    }
    let times: Vec<f64> = result.time_auc.iter().filter(|at| at.auc.is_some()).map(|at| at.time).collect();
    if times.is_empty() {
        return;
    }
    let intervals = intervals(question, data, risk, clusters, &times);
    if intervals.iter().any(Option::is_some) {
        say_bootstrap(question, &mut shown.methods);
    }
    let known = result.time_auc.iter_mut().filter(|at| at.auc.is_some());
    for (at, interval) in known.zip(intervals) {
        match (&mut at.auc, interval) {
            (Some(auc), Some(Interval { low, high })) => (auc.low, auc.high) = (Some(low), Some(high)),
            _ => at.note = "no interval: undefined on more than one resample in ten, or too few patients".into(),
        }
    }
}

/// Uno's C up to the last tick with enough cases and controls: that of Harrell depends on how long patients were followed.
pub(super) fn uno(
    question: &Question<'_>,
    data: Survival<'_>,
    risk: &[f64],
    clusters: &[usize],
    result: &mut SurvivalResult,
    shown: &mut Evaluation,
) {
    let Some(horizon) = result.time_auc.iter().rev().find(|at| at.auc.is_some()).map(|at| at.time) else { return };
    let Some(found) = super::class::had("Uno’s C", uno::uno(data, risk, horizon), &mut shown.notes) else { return };
    let patients = clusters.iter().max().map_or(0, |last| last + 1);
    let resampled: Vec<f64> = (0..if patients < LEAST_RESAMPLED { 0 } else { REPLICATES })
        .filter_map(|replicate| {
            let members = resample(Design::Clusters(clusters), question.context.seed, replicate).ok()?;
            let (ends, events) = (pick(data.times(), &members), pick(data.events(), &members));
            let drawn = Survival::new(&ends, &events).ok()?;
            uno::uno(drawn, &pick(risk, &members), horizon).ok().map(|found| found.value)
        })
        .collect();
    let enough = resampled.len() * 10 >= REPLICATES * 9;
    let interval = enough.then(|| percentile_interval(&resampled, Level::P95).ok()).flatten();
    if interval.is_some() {
        say_bootstrap(question, &mut shown.methods);
    }
    shown.methods.push(
        "Uno’s C: as Harrell’s, up to the horizon that stands with it, each event weighted by the inverse of the squared Kaplan–Meier \
         estimate of the censoring."
            .into(),
    );
    result.uno = Some((horizon, estimate(found.value, interval, None)));
}

fn at(data: Survival<'_>, risk: &[f64], time: f64) -> TimeAuc {
    let rows = || data.times().iter().zip(data.events());
    let cases = rows().filter(|(at, event)| **at <= time && **event).count() as u64;
    let controls = rows().filter(|(at, _)| **at > time).count() as u64;
    let (auc, note) = match dynamic_auc(data, data, risk, &[time]) {
        _ if cases.min(controls) < LEAST => (None, format!("fewer than {LEAST} cases or controls")),
        Ok(found) => (Some(estimate(found.at[0].auc, None, None)), String::new()),
        Err(cause) => (None, cause.to_string()),
    };
    TimeAuc { time, cases, controls, auc, note }
}

/// Percentile intervals of the areas at `times`; `None` where it is undefined on more than one resample in ten.
fn intervals(
    question: &Question<'_>,
    data: Survival<'_>,
    risk: &[f64],
    clusters: &[usize],
    times: &[f64],
) -> Vec<Option<Interval>> {
    let patients = clusters.iter().max().map_or(0, |last| last + 1);
    if patients < LEAST_RESAMPLED {
        return vec![None; times.len()];
    }
    let mut areas: Vec<Vec<f64>> = vec![Vec::new(); times.len()];
    for replicate in 0..REPLICATES {
        let Ok(members) = resample(Design::Clusters(clusters), question.context.seed, replicate) else { continue };
        let (ends, events) = (pick(data.times(), &members), pick(data.events(), &members));
        let risk = pick(risk, &members);
        let Ok(drawn) = Survival::new(&ends, &events) else { continue };
        match dynamic_auc(drawn, drawn, &risk, times) {
            Ok(found) => areas.iter_mut().zip(found.at).for_each(|(areas, at)| areas.push(at.auc)),
            // One time without cases need not leave the others without an area.
            Err(_) => {
                for (areas, &time) in areas.iter_mut().zip(times) {
                    areas.extend(dynamic_auc(drawn, drawn, &risk, &[time]).ok().map(|found| found.at[0].auc));
                }
            }
        }
    }
    let interval = |areas: &Vec<f64>| {
        let enough = areas.len() * 10 >= REPLICATES * 9;
        enough.then(|| percentile_interval(areas, Level::P95).ok()).flatten()
    };
    areas.iter().map(interval).collect()
}
