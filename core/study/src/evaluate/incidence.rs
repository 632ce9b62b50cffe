//! Cumulative incidence beside events that compete.

use voxomics_report::study::{Estimate, Incidence};
use voxomics_statistics::{
    Level, Survival,
    survival::incidence::{Moment, cumulative_incidence, interval},
};

use super::{estimate, rows::pick};

/// What the other figures of the evaluation are then.
pub(super) const CAUSE_SPECIFIC: &str = "There are competing events: Kaplan–Meier curves, log-rank test, Cox models, C and AUC take them for \
                                         censored and are cause-specific. They tell of the rate among those who are still free of \
                                         everything, not of how many will have the event: that is the cumulative incidence.";

/// How it is made.
pub(super) const METHOD: &str = "Cumulative incidence: Aalen–Johansen; interval by log(−log) of 1 − incidence and the infinitesimal \
                                 jackknife, pointwise.";

/// The incidence in the groups, lowest score first; of everybody if there are no groups.
pub(super) fn groups(
    data: Survival<'_>,
    competing: &[bool],
    high: Option<&[bool]>,
    ticks: &[f64],
    notes: &mut Vec<String>,
) -> Vec<Incidence> {
    let sides: &[(&str, bool)] = if high.is_some() { &[("low", false), ("high", true)] } else { &[("all", true)] };
    let mut found = Vec::new();
    for (name, wanted) in sides {
        let members: Vec<usize> = (0..data.len()).filter(|&at| high.is_none_or(|high| high[at] == *wanted)).collect();
        let (times, events, others) =
            (pick(data.times(), &members), pick(data.events(), &members), pick(competing, &members));
        let cause = |(event, other): (&bool, &bool)| match (event, other) {
            (true, _) => 1,
            (false, true) => 2,
            _ => 0,
        };
        let causes: Vec<usize> = events.iter().zip(&others).map(cause).collect();
        match cumulative_incidence(&times, &causes) {
            Ok(moments) => found.push(group(name, &moments, &causes, ticks)),
            Err(why) => notes.push(format!("Cumulative incidence, group {name}: {why}.")),
        }
    }
    found
}

fn group(name: &str, moments: &[Moment], causes: &[usize], ticks: &[f64]) -> Incidence {
    let count = |cause: usize| causes.iter().filter(|of| **of == cause).count() as u64;
    let of = |moment: &Moment, cause: usize| {
        let value = moment.incidence.get(cause).copied().unwrap_or(0.0);
        let error = moment.standard_error.get(cause).copied().unwrap_or(0.0);
        estimate(value, interval(value, error, Level::P95), None)
    };
    let mut curve = vec![(0.0, 0.0, 0.0, 0.0)];
    let mut before = 0.0;
    for (at, moment) in moments.iter().enumerate() {
        let first = of(moment, 0);
        if first.value != before || at + 1 == moments.len() {
            curve.push((moment.time, first.value, first.low.unwrap_or(first.value), first.high.unwrap_or(first.value)));
            before = first.value;
        }
    }
    let last = moments.last().map_or(0.0, |moment| moment.time);
    let at = |tick: f64| -> Option<(f64, Estimate, Estimate)> {
        let passed = moments.partition_point(|moment| moment.time <= tick).checked_sub(1)?;
        (tick <= last).then(|| (tick, of(&moments[passed], 0), of(&moments[passed], 1)))
    };
    Incidence {
        name: name.into(),
        n: causes.len() as u64,
        events: count(1),
        competing: count(2),
        curve,
        at: ticks.iter().filter(|tick| **tick > 0.0).filter_map(|tick| at(*tick)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_censoring_and_competing_events_it_is_that_of_kaplan_and_meier() {
        let (times, events) = ([1.0, 2.0, 3.0, 4.0, 5.0], [true; 5]);
        let data = Survival::new(&times, &events).expect("times");
        let found = groups(data, &[false; 5], None, &[2.0], &mut Vec::new());
        let curve = voxomics_statistics::survival::kaplan_meier::estimate(
            data,
            Level::P95,
            voxomics_statistics::survival::kaplan_meier::Scale::LogLog,
        );
        let expected = curve.steps[1].interval.expect("an interval");
        let (_, first, other) = &found[0].at[0];
        assert!((first.value - 0.4).abs() < 1e-15 && other.value == 0.0);
        assert!((first.low.expect("a limit") - (1.0 - expected.high)).abs() < 1e-12);
        assert!((first.high.expect("a limit") - (1.0 - expected.low)).abs() < 1e-12);
    }
}
