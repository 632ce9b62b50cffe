use voxomics_statistics::{
    Level, Survival,
    concordance::concordance,
    dynamic_auc::dynamic_auc,
    survival::{
        kaplan_meier::{KaplanMeier, Scale, Step, estimate},
        log_rank::{Weight, permuted, test},
    },
};

use crate::{close, data, flags, labels, limits, row, some};

/// Table, groups, horizon of the restricted mean.
const TABLES: [(&str, &str, f64); 3] =
    [("leukaemia", "control", 22.0), ("veteran", "tested", 300.0), ("cohort", "centre", 36.0)];

fn of(steps: &[&Step], figure: impl Fn(&Step) -> f64) -> Vec<f64> {
    steps.iter().map(|step| figure(step)).collect()
}

#[test]
fn kaplan_meier() {
    for (table, _, horizon) in TABLES {
        let (times, events) = (data(table, "time"), flags(table, "event"));
        let curve = |scale| estimate(Survival::new(&times, &events).expect("data"), Level::P95, scale);
        let figure = |name: &str| format!("km.{table}.{name}");
        let found = curve(Scale::LogLog);
        let steps: Vec<&Step> = found.steps.iter().filter(|step| step.survival > 0.0).collect();
        close(&figure("times"), &of(&steps, |step| step.time));
        close(&figure("survival"), &of(&steps, |step| step.survival));
        // Before the first event, where others have an interval without width, there is none here.
        let side = |step: &Step, side: usize| match step.interval {
            None if step.survival == 1.0 => 1.0,
            interval => limits(interval)[side],
        };
        close(&figure("low"), &of(&steps, |step| side(step, 0)));
        close(&figure("high"), &of(&steps, |step| side(step, 1)));
        let counts = steps.iter().flat_map(|step| [step.at_risk, step.events, step.censored].map(|n| n as f64));
        close(&figure("counts"), &counts.collect::<Vec<_>>());

        let with_events = |curve: &KaplanMeier| -> Vec<Step> {
            curve.steps.iter().filter(|step| step.survival > 0.0 && step.events > 0).copied().collect()
        };
        let steps = with_events(&found);
        close(&figure("error.times"), &steps.iter().map(|step| step.time).collect::<Vec<_>>());
        close(&figure("error"), &steps.iter().map(|step| some(step.standard_error)).collect::<Vec<_>>());
        for (name, scale) in [("plain", Scale::Plain), ("log", Scale::Log)] {
            let steps = with_events(&curve(scale));
            let side = |side: usize| steps.iter().map(move |step| limits(step.interval)[side]);
            close(&figure(name), &side(0).chain(side(1)).collect::<Vec<_>>());
        }
        let median = found.median().expect("a quantile");
        close(&figure("median"), &[median.value, median.low, median.high].map(some));
        let mean = found.restricted_mean(horizon).expect("a mean");
        close(&figure("restricted_mean"), &[mean.value, mean.standard_error]);
        let at = [0.5, 3.0, 10.5, 20.0];
        let survival = at.iter().map(|&time| found.survival_at(time).expect("followed up").0);
        let at_risk = found.at_risk(&at).into_iter().map(|n| n as f64);
        close(&figure("at"), &survival.chain(at_risk).collect::<Vec<_>>());
    }
}

#[test]
fn few_over_time_have_an_exact_p_value() {
    for name in ["apart_6", "tied_9", "three"] {
        let all = crate::row(&format!("data.few.{name}"));
        let [times, events, groups] = [0, 1, 2].map(|part| &all[part * all.len() / 3..(part + 1) * all.len() / 3]);
        let events: Vec<bool> = events.iter().map(|&event| event == 1.0).collect();
        let groups: Vec<usize> = groups.iter().map(|&group| group as usize).collect();
        let data = Survival::new(times, &events).expect("data");
        let found = test(data, &groups, None, Weight::One).expect("a test");
        let p = permuted(data, &groups, Weight::One).expect("a test").expect("few ways");
        close(&format!("log_rank.few.{name}"), &[found.chi_squared, p]);
    }
}

#[test]
fn log_rank() {
    for (table, group, _) in TABLES {
        let (times, events) = (data(table, "time"), flags(table, "event"));
        let survival = Survival::new(&times, &events).expect("data");
        let group = labels(table, group);
        for (name, weight) in [
            ("one", Weight::One),
            ("at_risk", Weight::AtRisk),
            ("root", Weight::RootAtRisk),
            ("survival", Weight::Survival),
        ] {
            let found = test(survival, &group, None, weight).expect("a test");
            close(&format!("log_rank.{table}.{name}"), &[found.chi_squared, found.p]);
            let expected: Vec<f64> = found.groups.iter().map(|group| group.expected).collect();
            close(&format!("log_rank.{table}.expected"), &expected);
            let observed: usize = found.groups.iter().map(|group| group.observed).sum();
            assert_eq!(observed, survival.event_count());
        }
    }
    for (table, group, strata) in
        [("leukaemia", "control", "sex"), ("veteran", "tested", "prior"), ("cohort", "stage", "centre")]
    {
        let (times, events) = (data(table, "time"), flags(table, "event"));
        let survival = Survival::new(&times, &events).expect("data");
        let (group, strata) = (labels(table, group), labels(table, strata));
        for (name, weight) in [("one", Weight::One), ("at_risk", Weight::AtRisk), ("root", Weight::RootAtRisk)] {
            let found = test(survival, &group, Some(&strata), weight).expect("a test");
            close(&format!("log_rank.{table}.stratified.{name}"), &[found.chi_squared, found.p]);
            let expected: Vec<f64> = found.groups.iter().map(|group| group.expected).collect();
            close(&format!("log_rank.{table}.stratified.expected"), &expected);
        }
    }
}

#[test]
fn harrells_c() {
    for (table, risk) in [("leukaemia", "log_white"), ("veteran", "frailty"), ("cohort", "risk")] {
        let (times, events) = (data(table, "time"), flags(table, "event"));
        let survival = Survival::new(&times, &events).expect("data");
        let found = concordance(survival, &data(table, risk), None, Level::P95).expect("pairs");
        let counts = [found.concordant, found.discordant, found.tied].map(|count| count as f64);
        let figures = [found.value, some(found.standard_error)];
        close(&format!("concordance.{table}"), &[figures.as_slice(), &counts].concat());
        assert!(found.tied > 0, "{table} has equal scores");
    }
}

#[test]
fn the_area_over_time() {
    for (name, risk) in [("leukaemia", "log_white"), ("veteran", "frailty"), ("cohort", "risk")] {
        let (times, events) = (data(name, "time"), flags(name, "event"));
        let survival = Survival::new(&times, &events).expect("data");
        hold_areas(name, survival, survival, &data(name, risk));
    }
    let (times, events, risk) = (data("cohort", "time"), flags("cohort", "event"), data("cohort", "rival"));
    let half = |odd: usize, until: f64| -> Vec<usize> {
        (0..times.len()).filter(|&case| case % 2 == odd && times[case] < until).collect()
    };
    let pick = |cases: &[usize]| -> (Vec<f64>, Vec<bool>) { cases.iter().map(|&c| (times[c], events[c])).unzip() };
    let (even, odd) = (half(0, f64::INFINITY), half(1, 40.0));
    let ((even_times, even_events), (odd_times, odd_events)) = (pick(&even), pick(&odd));
    let risk: Vec<f64> = odd.iter().map(|&case| risk[case]).collect();
    let training = Survival::new(&even_times, &even_events).expect("data");
    hold_areas("halves", training, Survival::new(&odd_times, &odd_events).expect("data"), &risk);
}

fn hold_areas(name: &str, training: Survival<'_>, test: Survival<'_>, risk: &[f64]) {
    let key = format!("dynamic.{name}");
    let stored = row(&key);
    let times = &stored[..stored.len() / 2];
    let found = dynamic_auc(training, test, risk, times).expect("areas");
    let areas: Vec<f64> = found.at.iter().map(|at| at.auc).collect();
    close(&key, &[times, &areas, &[found.mean]].concat());
}
