//! Evaluations of the invented study: each kind of outcome.

use voxomics_report::study::{
    AtCutoff, Calibration, ClassResult, CoxTable, Decision, Evaluation, Forest, ForestRow, Group, Incidence, Lost,
    NumberResult, Outcome, RiskAt, RiskError, RiskResult, Seen, SurvivalGroup, SurvivalResult, SurvivalStep, TimeAuc,
};

use super::{draw, estimate, normal};

/// The evaluations.
pub fn all() -> Vec<Evaluation> {
    vec![class(), survival(), number(), probability(), none()].into_iter().map(complete).collect()
}

/// The same with everybody of the cohort, 137 patients with 159 lesions, in it or left out.
fn complete(mut evaluation: Evaluation) -> Evaluation {
    let all = if evaluation.unit == "lesions" { 159 } else { 137 };
    for at in evaluation.n + evaluation.left_out.len() as u64..all {
        evaluation.left_out.push(Lost {
            id: format!("validation-{:03}", at % 137),
            stage: "evaluate".into(),
            reason: if at % 3 == 0 { "it has no outcome".into() } else { "it was not scored".into() },
        });
    }
    evaluation
}

fn of(name: &str, model: &str, outcome: &str, n: u64, result: Outcome) -> Evaluation {
    Evaluation {
        name: name.into(),
        cohort: "validation".into(),
        model: model.into(),
        unit: "patients".into(),
        aggregation: "mean of lesions of at least 1 mL".into(),
        outcome: outcome.into(),
        n,
        result,
        ..Evaluation::default()
    }
}

fn group(name: &str, n: u64, shift: f64, seed: u64) -> Group {
    Group { name: name.into(), scores: (0..n).map(|at| 2.3 + shift + 0.35 * normal(at + seed)).collect() }
}

fn roc(steps: u32, power: f64) -> Vec<(f64, f64)> {
    (0..=steps).map(|at| f64::from(at) / f64::from(steps)).map(|x| (x, (x.powf(power) * 40.0).round() / 40.0)).collect()
}

fn class() -> Evaluation {
    let figures = [("Sensitivity", 0.65), ("Specificity", 0.63), ("PPV", 0.58), ("NPV", 0.75), ("Accuracy", 0.66)];
    let result = ClassResult {
        positives: 54,
        negatives: 77,
        auc: estimate(0.7123, 0.6204, 0.8043, Some(0.00004)),
        roc: roc(60, 0.42),
        roc_band: (0..=20)
            .map(|at| f64::from(at) / 20.0)
            .map(|x| (x, (x.powf(0.42) - 0.11).max(0.0), (x.powf(0.42) + 0.09).min(1.0)))
            .collect(),
        cutoff: Some(AtCutoff {
            value: 2.284,
            source: "median of the training cohort".into(),
            figures: figures
                .iter()
                .map(|&(name, value)| (name.into(), estimate(value, value - 0.12, value + 0.1, None)))
                .collect(),
        }),
        roc_scores: (0..=60).map(|at| (at > 0).then(|| 3.4 - 0.03 * f64::from(at))).collect(),
        mann_whitney_p: Some(0.00011),
        ..ClassResult::default()
    };
    let mut evaluation =
        of("Immune phenotype", "CD8 score", "inflamed against desert", 131, Outcome::Class(Box::new(result)));
    evaluation.distribution = vec![group("inflamed", 54, 0.25, 0), group("immune desert or excluded", 77, -0.05, 300)];
    evaluation.left_out = (0..6)
        .map(|at| Lost {
            id: format!("validation-{:03}", at * 7),
            stage: "outcome".into(),
            reason: "phenotype is missing".into(),
        })
        .collect();
    evaluation.forest = Some(forest("AUC", 0.5, false, 0.7123));
    evaluation.methods = vec!["AUC: interval ± 1.96 standard errors by DeLong’s variance.".into()];
    evaluation.notes = vec![
        "The cut-off was fixed on the training cohort.".into(),
        "Five evaluations were made; p-values are not corrected for that.".into(),
    ];
    evaluation
}

fn forest(name: &str, neutral: f64, logarithmic: bool, value: f64) -> Forest {
    let names = [
        "All patients",
        "Lung",
        "Melanoma",
        "Head and neck",
        "Other",
        "Lesions with contrast in the portal phase",
        "Liver",
    ];
    let rows = names.iter().enumerate().map(|(at, name)| {
        let spread = 0.09 + 0.07 * at as f64;
        let value = if at == 0 { value } else { value + 0.05 * normal(at as u64) };
        let found = if logarithmic {
            estimate(value, value * (-spread * 2.5).exp(), value * (spread * 2.5).exp(), None)
        } else {
            estimate(value, value - spread, (value + spread).min(1.0), None)
        };
        let n = [131, 52, 33, 26, 20, 61, 4][at];
        let missing = at == 6;
        ForestRow {
            name: (*name).into(),
            n,
            events: n * 2 / 5,
            arms: logarithmic.then_some((n / 3, n - n / 3)),
            estimate: (!missing).then_some(found),
            note: if missing { "fewer than 5 of a class".into() } else { String::new() },
        }
    });
    let interaction = logarithmic.then_some(0.27);
    Forest {
        column: String::new(),
        estimate: name.into(),
        neutral,
        logarithmic,
        rows: rows.collect(),
        arms_named: None,
        interaction,
    }
}

/// A curve that falls by the product of shares of those at risk, as Kaplan and Meier's does.
fn curve(name: &str, n: u64, rate: f64, seed: u64) -> SurvivalGroup {
    let mut times: Vec<(f64, bool)> = (0..n)
        .map(|at| {
            let event = -(1.0 - draw(at + seed)).ln() / rate;
            let end = 18.0 + 24.0 * draw(at * 3 + seed + 1);
            (event.min(end), event < end)
        })
        .collect();
    times.sort_by(|left, right| left.0.total_cmp(&right.0));
    let (mut survival, mut variance) = (1.0_f64, 0.0);
    let mut group =
        SurvivalGroup { name: name.into(), n, curve: vec![(0.0, 1.0, 1.0, 1.0)], ..SurvivalGroup::default() };
    for (at, &(time, event)) in times.iter().enumerate() {
        let risk = (n - at as u64) as f64;
        if !event {
            group.censored.push(time);
            continue;
        }
        group.events += 1;
        survival *= 1.0 - 1.0 / risk;
        variance += if risk > 1.0 { 1.0 / (risk * (risk - 1.0)) } else { 0.0 };
        let spread = 1.96 * variance.sqrt() * survival;
        let ends = estimate(survival, (survival - spread).max(0.0), (survival + spread).min(1.0), None);
        group.steps.push(SurvivalStep { time, at_risk: n - at as u64, events: 1, censored: 0, survival: ends });
        group.curve.push((time, survival, (survival - spread).max(0.0), (survival + spread).min(1.0)));
    }
    let median = group.curve.iter().find(|point| point.1 <= 0.5).map(|point| point.0);
    group.median = median.map(|median| voxomics_report::study::Estimate {
        value: median,
        low: Some(median * 0.76),
        high: (rate > 0.05).then_some(median * 1.35),
        p: None,
    });
    let ticks = || (0..=6).map(|tick| f64::from(tick) * 6.0);
    let count = |wanted: &dyn Fn(&(f64, bool)) -> bool| times.iter().filter(|at| wanted(at)).count() as u64;
    group.at_risk = ticks().map(|tick| count(&|(time, _)| *time >= tick)).collect();
    group.events_before = ticks().map(|tick| count(&|(time, event)| *time < tick && *event)).collect();
    group.censored_before = ticks().map(|tick| count(&|(time, event)| *time < tick && !event)).collect();
    group.landmarks = ticks()
        .zip(&group.at_risk)
        .filter(|(tick, at_risk)| *tick > 0.0 && **at_risk > 0)
        .filter_map(|(tick, at_risk)| {
            let step = group.steps.iter().rfind(|step| step.time <= tick)?;
            Some((tick, step.survival.clone(), *at_risk))
        })
        .collect();
    group.follow_up = Some(estimate(25.8, 23.0, 28.4, None));
    group
}

fn survival() -> Evaluation {
    let cox = |title: &str, rows: Vec<(String, voxomics_report::study::Estimate, Option<f64>)>, notes: Vec<String>| {
        CoxTable { title: title.into(), n: 137, events: 110, rows, contrasts: Vec::new(), notes }
    };
    let result = SurvivalResult {
        stratified_by: None,
        time_unit: "months".into(),
        event: "death".into(),
        split: "Split at 2.284, the median of the training cohort.".into(),
        groups: vec![curve("low score", 72, 0.062, 0), curve("high score", 65, 0.032, 400)],
        ticks: (0..=6).map(|tick| f64::from(tick) * 6.0).collect(),
        rates_at: Vec::new(),
        follow_up: Some(estimate(26.4, 24.1, 29.9, None)),
        log_rank: Some((9.87, 1, 0.00168)),
        cox: vec![
            cox(
                CoxTable::SPLIT,
                vec![("high score".into(), estimate(0.531, 0.346, 0.815, Some(0.0037)), Some(0.412))],
                vec![],
            ),
            cox(
                "score with covariates",
                vec![
                    ("score, per SD".into(), estimate(0.742, 0.601, 0.917, Some(0.0056)), Some(0.338)),
                    ("age, per 10 years".into(), estimate(1.08, 0.89, 1.31, Some(0.434)), Some(0.0312)),
                    ("tumour volume, per 10 mL".into(), estimate(1.21, 1.07, 1.37, Some(0.0021)), Some(0.77)),
                ],
                vec!["Hazards of age are not proportional (p = 0.0312): its ratio is a mean over time.".into()],
            ),
            cox(
                "with liver metastases",
                vec![],
                vec!["It could not be fitted: 2 patients with liver metastases, no event among them.".into()],
            ),
        ],
        concordance: Some(estimate(0.612, 0.553, 0.671, None)),
        time_auc: over_time(),
        uno: Some((24.0, estimate(0.604, 0.541, 0.662, None))),
        incidence: ["low score", "high score"].map(incidence).to_vec(),
        gray: Some((6.41, 1, 0.0113)),
        fine_gray: vec![cox(
            "score per SD",
            vec![("score".into(), estimate(0.704, 0.556, 0.892, Some(0.0036)), None)],
            vec![],
        )],
        risk: Some(risks()),
    };
    let mut evaluation =
        of("Overall survival", "CD8 score", "time until death", 137, Outcome::Survival(Box::new(result)));
    evaluation.distribution = vec![group("all patients", 137, 0.05, 50)];
    evaluation.forest = Some(forest("Hazard ratio, high against low", 1.0, true, 0.531));
    evaluation
}

fn incidence(name: &str) -> Incidence {
    let curve = |at: u32| {
        let value = 0.05 * f64::from(at);
        (3.0 * f64::from(at), value, value * 0.7, value * 1.3)
    };
    let at = |time: f64| (time, estimate(time / 60.0, time / 80.0, time / 50.0, None), estimate(0.1, 0.05, 0.2, None));
    Incidence {
        name: name.into(),
        n: 70,
        events: 31,
        competing: 9,
        curve: (0..12).map(curve).collect(),
        at: [6.0, 12.0, 24.0].map(at).to_vec(),
    }
}

fn risks() -> RiskResult {
    let error =
        RiskError { time: 24.0, brier: estimate(0.187, 0.161, 0.214, None), reference: 0.221, scaled: Some(0.154) };
    let thresholds: Vec<f64> = (1..100).map(|percent| f64::from(percent) / 100.0).collect();
    let benefit = |share: f64| thresholds.iter().map(|t| share - (1.0 - share) * t / (1.0 - t)).collect::<Vec<f64>>();
    RiskResult {
        slope: Some(estimate(0.81, 0.52, 1.1, None)),
        at: vec![RiskAt {
            time: 24.0,
            observed: estimate(0.58, 0.49, 0.67, None),
            predicted: 0.52,
            ratio: estimate(1.12, 0.95, 1.31, None),
            error: error.clone(),
            groups: [(0.2, 0.24), (0.5, 0.55), (0.8, 0.84)]
                .map(|(predicted, observed)| (predicted, estimate(observed, observed - 0.1, observed + 0.1, None), 45))
                .to_vec(),
            decision: Decision { model: benefit(0.6), all: benefit(0.58), thresholds: thresholds.clone() },
        }],
        integrated: Some(RiskError { scaled: None, ..error }),
    }
}

fn over_time() -> Vec<TimeAuc> {
    let found = [(6.0, 0.643), (12.0, 0.672), (18.0, 0.631), (24.0, 0.604), (30.0, f64::NAN)].into_iter().enumerate();
    found
        .map(|(at, (time, value))| TimeAuc {
            time,
            cases: 31 + 19 * at as u64,
            controls: 96 - 22 * at as u64,
            auc: value.is_finite().then(|| estimate(value, value - 0.08, value + 0.07, None)),
            note: if value.is_finite() { String::new() } else { "fewer than 10 cases or controls".into() },
        })
        .collect()
}

fn number() -> Evaluation {
    let points = (0..90).map(|at| (3.0 + 1.1 * normal(at), 2.3 + 0.16 * normal(at) + 0.3 * normal(at + 800))).collect();
    let result = NumberResult {
        label: "CD8 cells per mm²".into(),
        points,
        pearson: Some(estimate(0.42, 0.234, 0.577, Some(0.00003))),
        spearman: Some(estimate(0.397, 0.206, 0.559, Some(0.00011))),
        calibration: None,
    };
    let mut evaluation = of(
        "Cell counts",
        "CD8 score",
        "CD8 cells per mm² in the biopsied lesion",
        90,
        Outcome::Number(Box::new(result)),
    );
    evaluation.unit = "lesions".into();
    evaluation.aggregation = String::new();
    evaluation.seen = Some(Seen { patients: 12, of: 71, same_cohort: false });
    evaluation
}

fn probability() -> Evaluation {
    let groups = (0..8).map(|at| {
        let predicted = 0.08 + 0.11 * f64::from(at);
        let observed = (predicted + 0.06 * normal(at as u64 + 3)).clamp(0.0, 1.0);
        (predicted, estimate(observed, (observed - 0.2).max(0.0), (observed + 0.2).min(1.0), None), 16)
    });
    let thresholds: Vec<f64> = (1..=90).map(|at| f64::from(at) / 100.0).collect();
    let all = thresholds.iter().map(|t| 0.38 - 0.62 * t / (1.0 - t)).collect();
    let model = thresholds.iter().map(|t| 0.38 * (1.0 - t * t * 0.95) - 0.25 * t * (1.0 - t) - 0.05 * t).collect();
    let result = ClassResult {
        positives: 49,
        negatives: 80,
        auc: estimate(0.668, 0.572, 0.764, Some(0.0006)),
        roc: roc(40, 0.5),
        calibration: Some(Calibration {
            groups: groups.collect(),
            intercept: estimate(-0.11, -0.48, 0.26, None),
            slope: estimate(0.82, 0.41, 1.23, None),
            brier: 0.214,
        }),
        decision: Some(Decision { thresholds, model, all }),
        mann_whitney_p: Some(0.0009),
        ..ClassResult::default()
    };
    let mut evaluation = of(
        "Inflamed, as a probability",
        "Inflamed",
        "inflamed against all others",
        129,
        Outcome::Class(Box::new(result)),
    );
    let squeeze = |group: Group| Group {
        scores: group.scores.iter().map(|x| 1.0 / (1.0 + (4.2 - 1.7 * x).exp())).collect(),
        ..group
    };
    evaluation.distribution =
        vec![group("inflamed", 49, 0.3, 10), group("excluded", 41, 0.0, 210), group("desert", 39, -0.2, 410)]
            .into_iter()
            .map(squeeze)
            .collect();
    evaluation
}

fn none() -> Evaluation {
    let reason = "All 12 patients with a score responded; an AUC needs both classes.";
    of("Response", "Response", "response by RECIST 1.1", 12, Outcome::None { reason: reason.into() })
}
