//! Cumulative incidence beside events that compete.

use voxomics_report::study::{Contrast, CoxTable, Estimate, Evaluation, Incidence, SurvivalResult};
use voxomics_statistics::{
    Level, Survival,
    cox::Covariate,
    survival::{
        fine_gray,
        gray::gray,
        incidence::{Moment, cumulative_incidence, interval},
    },
};

use super::{
    Question,
    class::had,
    cox::{self, Data, HIGH, Scaled},
    estimate,
    rows::pick,
};

/// Fewer events than this are no guide to a chi-squared distribution, and to a hazard ratio.
const LEAST_EVENTS: usize = 10;

/// What the other figures of the evaluation are then.
const CAUSE_SPECIFIC: &str = "There are competing events: Kaplan–Meier curves, log-rank test, Cox models, C and AUC take them for \
                                         censored and are cause-specific. They tell of the rate among those who are still free of \
                                         everything, not of how many will have the event: that is the cumulative incidence.";

/// How it is made.
const METHOD: &str = "Cumulative incidence: Aalen–Johansen; interval by log(−log) of 1 − incidence and the infinitesimal jackknife, \
                      pointwise. Model of Fine and Gray: as crr of cmprsk, with its robust variance; interval ± 1.96 standard errors.";

/// How the groups are tested, and the models.
const TESTS: &str = "Gray’s test: ρ = 0, as R’s cmprsk. p of the model of Fine and Gray: Wald’s.";

/// The incidence in the groups, whether it differs, and how it depends on the score.
pub(super) fn evaluate(
    question: &Question<'_>,
    data: &Data<'_>,
    (competing, rates): (&[bool], &[f64]),
    high: Option<&[bool]>,
    result: &mut SurvivalResult,
    shown: &mut Evaluation,
) {
    let survival = data.survival;
    result.incidence = groups(survival, competing, high, rates, &mut shown.notes);
    shown.notes.push(CAUSE_SPECIFIC.into());
    shown.methods.extend([METHOD.into(), TESTS.into()]);
    let causes: Vec<usize> = survival.events().iter().zip(competing).map(cause).collect();
    if survival.event_count() < LEAST_EVENTS {
        shown.notes.push(format!(
            "Gray’s test and the model of Fine and Gray need {LEAST_EVENTS} events; there are {}.",
            survival.event_count()
        ));
        return;
    }
    if data.strata.is_some() {
        shown.notes.push("Gray’s test and the model of Fine and Gray are not stratified.".into());
    }
    let Scaled { values, step } = cox::score(question, data);
    let mut columns = vec![("score", format!("score per {step}"), values, Contrast::Per { step })];
    if let Some(high) = high {
        let sides: Vec<usize> = high.iter().map(|high| usize::from(*high)).collect();
        let found = had("Gray’s test", gray(survival.times(), &causes, 1, &sides), &mut shown.notes);
        result.gray = found.map(|test| (test.chi_squared, test.degrees as u64, test.p));
        let sides = sides.iter().map(|side| *side as f64).collect();
        columns.insert(0, (HIGH, CoxTable::SPLIT.into(), sides, Contrast::Groups));
    }
    result.fine_gray = columns
        .into_iter()
        .map(|(name, title, values, contrast)| model(survival.times(), &causes, (name, title, contrast), &values))
        .collect();
}

/// The model of Fine and Gray of one column.
fn model(
    times: &[f64],
    causes: &[usize],
    (name, title, contrast): (&str, String, Contrast),
    values: &[f64],
) -> CoxTable {
    let events = causes.iter().filter(|cause| **cause == 1).count() as u64;
    let mut shown = CoxTable { title, n: times.len() as u64, events, ..CoxTable::default() };
    match fine_gray::fit(times, causes, 1, &[Covariate { name, values }], Level::P95) {
        Err(why) => shown.notes.push(format!("It could not be fitted: {why}.")),
        Ok(found) => {
            let row = |of: &voxomics_statistics::cox::Coefficient| {
                (of.name.clone(), estimate(of.hazard_ratio, Some(of.interval), Some(of.p)), None)
            };
            shown.rows = found.coefficients.iter().map(row).collect();
            shown.contrasts = vec![contrast];
        }
    }
    shown
}

/// 1 for the event, 2 for a competing one, 0 for neither.
fn cause((event, other): (&bool, &bool)) -> usize {
    match (event, other) {
        (true, _) => 1,
        (false, true) => 2,
        _ => 0,
    }
}

/// The incidence in the groups, lowest score first; of everybody if there are no groups.
fn groups(
    data: Survival<'_>,
    competing: &[bool],
    high: Option<&[bool]>,
    rates: &[f64],
    notes: &mut Vec<String>,
) -> Vec<Incidence> {
    let sides: &[(&str, bool)] = if high.is_some() { &[("low", false), ("high", true)] } else { &[("all", true)] };
    let mut found = Vec::new();
    for (name, wanted) in sides {
        let members: Vec<usize> = (0..data.len()).filter(|&at| high.is_none_or(|high| high[at] == *wanted)).collect();
        let (times, events, others) =
            (pick(data.times(), &members), pick(data.events(), &members), pick(competing, &members));
        let causes: Vec<usize> = events.iter().zip(&others).map(cause).collect();
        match cumulative_incidence(&times, &causes) {
            Ok(moments) => found.push(group(name, &moments, &causes, rates)),
            Err(why) => notes.push(format!("Cumulative incidence, group {name}: {why}.")),
        }
    }
    found
}

fn group(name: &str, moments: &[Moment], causes: &[usize], rates: &[f64]) -> Incidence {
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
    let none = || estimate(0.0, None, None);
    let at = |time: f64| -> Option<(f64, Estimate, Estimate)> {
        // Before the first time nobody has had anything.
        let passed = moments.partition_point(|moment| moment.time <= time).checked_sub(1);
        let both = passed.map_or_else(|| (none(), none()), |at| (of(&moments[at], 0), of(&moments[at], 1)));
        (time <= last).then_some((time, both.0, both.1))
    };
    Incidence {
        name: name.into(),
        n: causes.len() as u64,
        events: count(1),
        competing: count(2),
        curve,
        at: rates.iter().filter_map(|time| at(*time)).collect(),
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
