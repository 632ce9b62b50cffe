//! A score against a time until an event.

use voxomics_report::study::{Estimate, Evaluation, Outcome, SurvivalGroup, SurvivalResult, SurvivalStep};
use voxomics_statistics::{
    Level, Result, Survival,
    concordance::{Concordance, concordance},
    cox::{Covariate, Fit, Options, differ, fit},
    survival::{
        kaplan_meier::{self, Scale},
        log_rank::{self, LogRank, Weight},
    },
};

use super::{
    Question,
    class::had,
    compare,
    cox::{self, Data, HIGH},
    estimate,
    forest::{self, Effect},
    incidence, outcome, over_time, rates, risk,
    rows::{classes, pick},
    sample::Sample,
    words,
};

/// Most steps between ticks of the axis of time.
const STEPS: f64 = 6.0;

/// Of fewer events than this, distributions for many events are no guide.
const LEAST_EVENTS: usize = 10;

/// The stratum of rows whose stratum is unknown.
const NO_STRATUM: &str = "(missing)";

/// Survival of the groups of a score, and Cox models.
pub(super) fn evaluate(
    question: &Question<'_>,
    sample: &Sample<'_, (f64, bool)>,
    (event, unit): (&str, &str),
    shown: &mut Evaluation,
) -> std::result::Result<Outcome, String> {
    let (times, events): (Vec<f64>, Vec<bool>) = sample.outcomes.iter().copied().unzip();
    let survival = Survival::new(&times, &events).map_err(|cause| cause.to_string())?;
    if survival.event_count() == 0 {
        let censored = outcome::censored_words(&sample.units, event, &events).unwrap_or_default();
        return Err(format!("`{event}` says of nobody that the event was seen. {censored}"));
    }
    let strata = strata(question, sample, shown);
    let data = Data { survival, scores: &sample.scores, units: &sample.units, strata: strata.as_deref() };
    let competing: Vec<bool> =
        sample.units.iter().map(|unit| outcome::competes(unit, event, question.competing())).collect();
    let ended: Vec<bool> = events.iter().zip(&competing).map(|(event, other)| *event || *other).collect();
    shown.notes.extend(outcome::censored_words(&sample.units, event, &ended));
    let mut result = SurvivalResult {
        time_unit: unit.into(),
        event: event.into(),
        ticks: ticks(times.iter().copied().fold(0.0, f64::max), unit),
        rates_at: question.stated.rates_at.clone(),
        follow_up: follow_up(&times, &ended),
        ..SurvivalResult::default()
    };
    let high: Option<Vec<bool>> = match question.sides(sample) {
        Ok((cutoff, high)) => {
            result.split = cutoff.describe();
            Some(high)
        }
        Err(reason) => {
            shown.notes.push(format!("There is no cut-off, and no groups: {reason}."));
            None
        }
    };
    let rates = rates::rate_times(&result);
    result.groups = groups(survival, &ended, high.as_deref(), (&result.ticks, &rates), &mut shown.notes);
    if !question.competing().is_empty() {
        // Where others are taken for censored, these are no shares of patients: the cumulative incidence has those.
        result.groups.iter_mut().for_each(|group| {
            group.landmarks.clear();
            group.median = None;
        });
    }
    if let Some(high) = &high {
        let sides: Vec<usize> = high.iter().map(|high| usize::from(*high)).collect();
        let test = log_rank::test(survival, &sides, data.strata, Weight::One);
        let test = had("Log-rank test", test, &mut shown.notes);
        result.log_rank = test.and_then(|test| log_rank(&data, &sides, test, shown));
    }
    if !question.competing().is_empty() {
        incidence::evaluate(question, &data, (&competing, &rates), high.as_deref(), &mut result, shown);
    }
    rates::unreached(&result, shown);
    shown.methods.push(
        "Kaplan–Meier: bands and medians by the log(−log) interval of Greenwood’s variance, pointwise; before the first \
         event there is none. Where a curve lies on 0.5, the median is the middle of that time. Cox: Efron’s ties, hazard ratio \
         ± 1.96 standard errors of its logarithm."
            .into(),
    );
    shown.methods.push(
        "p-values of Cox models: Wald’s; of proportional hazards by the score test of Grambsch and Therneau against 1 − \
         Kaplan–Meier, as R’s survival 3 has it."
            .into(),
    );
    result.cox = cox::tables(question, &data, high.as_deref());
    discrimination(question, &data, &sample.clusters(), &mut result, shown);
    let ticks = result.ticks.clone();
    result.risk = risk::evaluate(question, sample, &data, (&ticks, unit), shown);
    compare::survivals(question, sample, shown);
    shown.forest = forest(question, &data, high.as_deref(), shown);
    Ok(Outcome::Survival(Box::new(result)))
}

/// Strata of the log-rank test and the Cox models.
fn strata(question: &Question<'_>, sample: &Sample<'_, (f64, bool)>, shown: &mut Evaluation) -> Option<Vec<usize>> {
    let column = question.stated.stratify_by.as_ref()?;
    let (strata, names) = classes(sample.units.iter().map(|unit| unit.cell(column).unwrap_or(NO_STRATUM)));
    let names = names.join(", ");
    shown.notes.push(format!("The log-rank test and the Cox models are stratified by `{column}`: {names}."));
    Some(strata)
}

/// χ², degrees of freedom and p value. Of few events the chi-squared distribution is no guide.
fn log_rank(data: &Data<'_>, sides: &[usize], test: LogRank, shown: &mut Evaluation) -> Option<(f64, u64, f64)> {
    let events = data.survival.event_count();
    let exact = match data.strata {
        None => log_rank::permuted(data.survival, sides, Weight::One).ok().flatten(),
        Some(_) => None,
    };
    let p = match exact {
        Some(p) => {
            shown
                .methods
                .push("Log-rank test: exact p, of all ways to deal the patients to two groups of these sizes.".into());
            p
        }
        None if events < LEAST_EVENTS => {
            let events = words::count(events, "events");
            shown.notes.push(format!(
                "Log-rank test: {events} are too few for the chi-squared distribution; there is no p ({LEAST_EVENTS} are \
                 needed)."
            ));
            return None;
        }
        None => {
            shown.methods.push("Log-rank test: p by the chi-squared distribution.".into());
            test.p
        }
    };
    Some((test.chi_squared, test.degrees as u64, p))
}

/// The curves of the groups, lowest score first; of everybody if there are no groups. `ended` says of whom anything was seen that ends
/// the observation, the event or one that competes.
fn groups(
    data: Survival<'_>,
    ended: &[bool],
    high: Option<&[bool]>,
    (ticks, rates): (&[f64], &[f64]),
    notes: &mut Vec<String>,
) -> Vec<SurvivalGroup> {
    let members = |wanted: bool| -> Vec<usize> {
        (0..data.len()).filter(|&at| high.is_none_or(|high| high[at] == wanted)).collect()
    };
    let sides: &[(&str, bool)] = if high.is_some() { &[("low", false), ("high", true)] } else { &[("all", true)] };
    let mut groups = Vec::new();
    for (name, wanted) in sides {
        let members = members(*wanted);
        let (times, events) = (pick(data.times(), &members), pick(data.events(), &members));
        match Survival::new(&times, &events) {
            Ok(own) => groups.push(group(name, own, &pick(ended, &members), (ticks, rates), notes)),
            Err(_) => notes.push(format!("Nobody’s score is {name}.")),
        }
    }
    groups
}

fn group(
    name: &str,
    data: Survival<'_>,
    ended: &[bool],
    (ticks, rates): (&[f64], &[f64]),
    notes: &mut Vec<String>,
) -> SurvivalGroup {
    let found = kaplan_meier::estimate(data, Level::P95, Scale::LogLog);
    if found.events == 0 {
        notes.push(format!("Group {name}: without an event its curve has no band."));
    }
    let mut band = (1.0, 1.0);
    let mut curve = vec![(0.0, 1.0, 1.0, 1.0)];
    for (at, step) in found.steps.iter().enumerate() {
        match step.interval {
            Some(interval) => band = (interval.low, interval.high),
            None if step.survival == 1.0 => {}
            None => {
                band.0 = 0.0;
                notes.push(format!(
                    "Group {name}: where survival is 0 its band is undefined; the last upper limit is kept."
                ));
            }
        }
        if step.events > 0 || at + 1 == found.steps.len() {
            curve.push((step.time, step.survival, band.0, band.1));
        }
    }
    let median = had("Median survival", found.median(), notes).and_then(|median| {
        if let (None, Some(low)) = (median.value, median.low) {
            let low = words::figure(low);
            notes.push(format!("Group {name}: the median is not reached; the lower limit of its interval is {low}."));
        }
        Some(Estimate { value: median.value?, low: median.low, high: median.high, p: None })
    });
    let censored = found.steps.iter().flat_map(|step| std::iter::repeat_n(step.time, step.censored)).collect();
    let step = |step: &kaplan_meier::Step| SurvivalStep {
        time: step.time,
        at_risk: step.at_risk as u64,
        events: step.events as u64,
        censored: step.censored as u64,
        survival: estimate(step.survival, step.interval, None),
    };
    let before = |count: &dyn Fn(&kaplan_meier::Step) -> usize| -> Vec<u64> {
        let at = |tick: &f64| found.steps.iter().filter(|step| step.time < *tick).map(count).sum::<usize>() as u64;
        ticks.iter().map(at).collect()
    };
    let at_risk: Vec<u64> = found.at_risk(ticks).into_iter().map(|count| count as u64).collect();
    let landmark = |(time, count): (&f64, usize)| {
        let (survival, interval) = found.survival_at(*time).filter(|_| count > 0)?;
        Some((*time, estimate(survival, interval, None), count as u64))
    };
    SurvivalGroup {
        name: name.into(),
        landmarks: rates.iter().zip(found.at_risk(rates)).filter_map(landmark).collect(),
        events_before: before(&|step| step.events),
        censored_before: before(&|step| step.censored),
        follow_up: follow_up(data.times(), ended),
        steps: found.steps.iter().map(step).collect(),
        n: found.n as u64,
        events: found.events as u64,
        median,
        curve,
        censored,
        at_risk,
    }
}

/// Median follow-up: the median of the curve in which being censored is the event (Schemper and Smith, Control. Clin. Trials
/// 17:343, 1996); none if nobody was censored, or too few. Who had the event, or one that competes, was not censored.
fn follow_up(times: &[f64], ended: &[bool]) -> Option<Estimate> {
    let censored: Vec<bool> = ended.iter().map(|ended| !ended).collect();
    let reversed = Survival::new(times, &censored).ok()?;
    let median = kaplan_meier::estimate(reversed, Level::P95, Scale::LogLog).median().ok()?;
    Some(Estimate { value: median.value?, low: median.low, high: median.high, p: None })
}

/// Round times from 0 to the last: multiples of whole or half years where the unit is months.
fn ticks(last: f64, unit: &str) -> Vec<f64> {
    const MONTHS: [f64; 10] = [1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 36.0, 48.0, 60.0, 120.0];
    if !(last > 0.0 && last.is_finite()) {
        return vec![0.0];
    }
    let fits = |step: &f64| last / step < STEPS + 1.0;
    let decimal = || {
        let decade = 10_f64.powf((last / STEPS).log10().floor());
        [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * decade).find(fits).unwrap_or(last)
    };
    let months = MONTHS.into_iter().find(fits).filter(|step| unit == "months" && last >= *step);
    let step = months.unwrap_or_else(decimal);
    (0..=(last / step) as usize).map(|tick| tick as f64 * step).collect()
}

/// Harrell's C and the area below the ROC curve over time, of the score as a protective marker unless it is a hazard.
fn discrimination(
    question: &Question<'_>,
    data: &Data<'_>,
    clusters: &[usize],
    result: &mut SurvivalResult,
    shown: &mut Evaluation,
) {
    let (risk, data) = (question.model.risk(data.scores), data.survival);
    let found = had("Harrell’s C", concordance(data, &risk, None, Level::P95), &mut shown.notes);
    let enough = data.event_count() >= LEAST_EVENTS;
    // One that leaves 0 to 1 would be cut off there, and say nothing of its own end.
    let interval = |found: &Concordance| match found.interval {
        Some(interval) if interval.leaves_shares() => found.logit_interval,
        interval => interval,
    };
    result.concordance = found.map(|found| estimate(found.value, interval(&found).filter(|_| enough), None));
    if let Some(c) = &result.concordance {
        shown.methods.push(match (enough, c.low) {
            (false, _) => format!("Harrell’s C: no interval of fewer than {LEAST_EVENTS} events."),
            (true, None) => "Harrell’s C: no interval, as its variance is zero.".into(),
            (true, Some(_)) => "Harrell’s C: interval ± 1.96 standard errors by the infinitesimal jackknife, on the logit scale where it \
                                would leave 0 to 1."
                .into(),
        });
    }
    over_time::areas(question, data, &risk, clusters, result, shown);
    over_time::uno(question, data, &risk, clusters, result, shown);
    if result.concordance.is_some() || result.time_auc.iter().any(|at| at.auc.is_some()) {
        let (marker, survival) = match question.model.hazard {
            true => ("the hazard that the model was learnt to tell", "shorter"),
            false => ("a protective marker", "longer"),
        };
        shown.notes.push(format!(
            "Harrell’s C and the AUC over time take the score for {marker}: above 0.5, a higher score goes with {survival} \
             survival. They are not stratified."
        ));
    }
}

/// Hazard ratios of high against low in subgroups.
fn forest(
    question: &Question<'_>,
    data: &Data<'_>,
    high: Option<&[bool]>,
    shown: &mut Evaluation,
) -> Option<voxomics_report::study::Forest> {
    let Some(high) = high else {
        if question.stated.subgroups.is_some() {
            shown.notes.push("Subgroups: hazard ratios of high against low need a cut-off.".into());
        }
        return None;
    };
    let values: Vec<f64> = high.iter().map(|high| f64::from(u8::from(*high))).collect();
    let events = data.survival.events();
    let effect = Effect {
        name: "hazard ratio, high against low",
        neutral: 1.0,
        logarithmic: true,
        high: Some(high),
        events: Some(events),
    };
    let ratio = |members: &[usize]| hazard_ratio(data, &values, members);
    let differ = |parts: &[Vec<usize>]| interaction(data, &values, parts);
    let found = forest::forest(question, data.units, &effect, &mut shown.notes, ratio, Some(&differ));
    if found.as_ref().is_some_and(|forest| forest.interaction.is_some()) {
        shown.methods.push(
            "Interaction: likelihood-ratio test of the products of high score and subgroup in a Cox model, each subgroup with a baseline \
             of its own."
                .into(),
        );
    }
    found
}

/// p of the test whether the hazard ratio of high against low differs between parts of the rows.
fn interaction(data: &Data<'_>, values: &[f64], parts: &[Vec<usize>]) -> Result<f64> {
    let fits = parts.iter().map(|members| of_members(data, values, members, None)).collect::<Result<Vec<_>>>()?;
    let members: Vec<usize> = parts.concat();
    let part: Vec<usize> = parts.iter().enumerate().flat_map(|(at, members)| members.iter().map(move |_| at)).collect();
    let together = of_members(data, values, &members, Some((&part, parts.len())))?;
    Ok(differ(&fits, &together).p)
}

/// The Cox model of high against low in some rows, which may be parts with baselines of their own: for each row its part, and how many
/// there are.
fn of_members(data: &Data<'_>, values: &[f64], members: &[usize], parts: Option<(&[usize], usize)>) -> Result<Fit> {
    let (times, events) = (pick(data.survival.times(), members), pick(data.survival.events(), members));
    let values = pick(values, members);
    let strata = data.strata.map(|strata| pick(strata, members));
    let strata = match (strata, parts) {
        (Some(strata), Some((part, count))) => {
            Some(strata.iter().zip(part).map(|(of, part)| of * count + part).collect())
        }
        (None, Some((part, _))) => Some(part.to_vec()),
        (strata, None) => strata,
    };
    let options = Options { strata: strata.as_deref(), ..Options::default() };
    fit(Survival::new(&times, &events)?, &[Covariate { name: HIGH, values: &values }], options)
}

fn hazard_ratio(data: &Data<'_>, values: &[f64], members: &[usize]) -> Result<Estimate> {
    let found = of_members(data, values, members, None)?;
    let of = &found.coefficients[0];
    Ok(estimate(of.hazard_ratio, Some(of.interval), Some(of.p)))
}

#[cfg(test)]
mod tests {
    use super::ticks;

    #[test]
    fn ticks_are_round_and_about_six() {
        assert_eq!(ticks(61.0, "months"), [0.0, 12.0, 24.0, 36.0, 48.0, 60.0]);
        assert_eq!(ticks(11.0, "months"), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(1800.0, "days"), [0.0, 500.0, 1000.0, 1500.0]);
        assert_eq!(ticks(0.5, "years"), [0.0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5]);
        assert_eq!(ticks(0.0, "years"), [0.0]);
        for last in [1e-9, 0.7, 3.0, 1e5, 1e12] {
            for unit in ["months", "days"] {
                let found = ticks(last, unit);
                assert!((3..=8).contains(&found.len()), "{last} {unit}: {found:?}");
                assert!(found.iter().all(|tick| *tick <= last * (1.0 + 1e-12)));
            }
        }
    }
}
