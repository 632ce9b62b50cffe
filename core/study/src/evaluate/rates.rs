//! At which times event rates are told.

use voxomics_report::study::{Evaluation, SurvivalResult};

use super::words;

/// The times at which rates are told: those that were asked for, or the ticks.
pub(super) fn rate_times(result: &SurvivalResult) -> Vec<f64> {
    let ticks = || result.ticks.iter().copied().filter(|tick| *tick > 0.0).collect();
    if result.rates_at.is_empty() { ticks() } else { result.rates_at.clone() }
}

/// Says so where there is no rate at a time that somebody asked for.
pub(super) fn unreached(result: &SurvivalResult, shown: &mut Evaluation) {
    let kaplan_meier =
        result.groups.iter().map(|of| (&of.name, of.landmarks.iter().map(|at| at.0).collect::<Vec<_>>()));
    let incidence = result.incidence.iter().map(|of| (&of.name, of.at.iter().map(|at| at.0).collect::<Vec<_>>()));
    let told: Vec<(&String, Vec<f64>)> =
        if result.incidence.is_empty() { kaplan_meier.collect() } else { incidence.collect() };
    for (name, known) in told {
        let missing: Vec<f64> = result.rates_at.iter().copied().filter(|time| !known.contains(time)).collect();
        if !missing.is_empty() {
            let unit = &result.time_unit;
            shown.notes.push(format!(
                "Group {name}: there is no rate at {} {unit}, beyond the time to which anybody of it was followed.",
                words::list(missing.into_iter())
            ));
        }
    }
}
