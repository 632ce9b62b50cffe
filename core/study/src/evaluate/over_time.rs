//! The area below the ROC curve as a function of time.

use voxomics_report::study::{Evaluation, SurvivalResult, TimeAuc};
use voxomics_statistics::{Interval, Survival, dynamic_auc::dynamic_auc, uno};

use super::{Question, compare::say_bootstrap, estimate, resampled, rows::pick, words};

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
    let intervals = resampled::intervals(question, data, clusters, times.len(), |drawn, members| {
        let risk = pick(risk, members);
        match dynamic_auc(drawn, drawn, &risk, &times) {
            Ok(found) => found.at.into_iter().map(|at| Some(at.auc)).collect(),
            // One time without cases need not leave the others without an area.
            Err(_) => {
                let one = |time: &f64| dynamic_auc(drawn, drawn, &risk, &[*time]).ok().map(|found| found.at[0].auc);
                times.iter().map(one).collect()
            }
        }
    });
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
    let interval = resampled::intervals(question, data, clusters, 1, |drawn, members| {
        vec![uno::uno(drawn, &pick(risk, members), horizon).ok().map(|found| found.value)]
    });
    let interval = interval.into_iter().next().flatten();
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
