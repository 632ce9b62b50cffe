//! Out-of-fold scores, by hand.

use voxomics_statistics::{
    Level, Survival,
    cox::{Ties, baseline::baseline},
    roc,
    survival::prediction_error::brier,
};

use super::*;
use crate::{
    evaluate::Unseen,
    learn::{Outer, outer::OfFold},
};

/// Two folds of the twelve patients, even and odd; the model of a fold gives everybody the score of the table, `shift` higher in the
/// second one.
fn unseen(cohort: &Cohort, shift: f64, hazard: bool) -> Unseen {
    let scores: Vec<f64> = cohort.patients.iter().map(|p| *p.lesions[0].scores["m"].value.as_ref().unwrap()).collect();
    let folds: Vec<usize> = (0..scores.len()).map(|at| at % 2).collect();
    let of = |fold: usize| OfFold {
        controls: Vec::new(),
        repeat: 0,
        fold,
        scores: scores.iter().map(|score| Some(score + shift * fold as f64)).collect(),
        inputs: BTreeMap::new(),
        importance: BTreeMap::new(),
        told: Vec::new(),
    };
    let outer = Outer {
        folds: vec![folds],
        models: vec![of(0), of(1)],
        logistic: false,
        linear: true,
        hazard,
        refitted: Vec::new(),
    };
    let places: Vec<_> = cohort.patients.iter().map(|p| ("test".to_owned(), p.lesions[0].case.clone(), None)).collect();
    Unseen::new(outer, &places)
}

fn models(shift: f64, hazard: bool) -> Vec<ScoredModel> {
    models_of(&test_cohort(), shift, hazard)
}

fn models_of(cohort: &Cohort, shift: f64, hazard: bool) -> Vec<ScoredModel> {
    vec![ScoredModel {
        name: "m".into(),
        training: vec!["test".into()],
        hazard,
        unseen: Some(unseen(cohort, shift, hazard)),
        ..ScoredModel::default()
    }]
}

fn asked(outcome: Target) -> Evaluate {
    Evaluate { out_of_fold: true, ..stated(outcome) }
}

#[test]
fn a_class_has_the_scores_of_models_that_have_not_seen_it_and_no_p_value() {
    let shown = answer(&asked(class()), &[test_cohort()], &models(0.3, false));
    let result = as_class(&shown);
    // The second model scores the odd ones, 0.3 higher.
    let scores: Vec<f64> = [0.9, 1.1, 0.75, 1.0, 0.6, 0.85, 0.5, 0.7, 0.35, 0.6, 0.2, 0.4].to_vec();
    let outcome = [true, true, false, true, true, false, false, true, false, false, false, false];
    let expected = roc::auc(&scores, &outcome, Level::P95).unwrap();
    assert!((result.auc.value - expected.value).abs() < 1e-12);
    assert_eq!((result.auc.p, result.mann_whitney_p), (None, None));
    assert_eq!((shown.predictions.as_str(), shown.seen.is_none(), shown.n), ("out of fold", true, 12));
    notes_say(&shown, "1 × 2 outer folds");
    methods_say(&shown, "there is no p-value");
    // Each fold is split at the median of the other rows: those of the even ones are 0.55 and, for the odd ones, 0.55.
    let cutoff = result.cutoff.as_ref().expect("a cut-off");
    assert!(cutoff.source.contains("training part of each outer fold"), "{}", cutoff.source);
    let sensitivity = cutoff.figures.iter().find(|(name, _)| name == "sensitivity").expect("a figure");
    // Medians: of the odd rows 0.475 (model of the even), of the even rows 0.55 + 0.3.
    let high = [0.9 > 0.475, 1.1 > 0.85, 0.75 > 0.475, 1.0 > 0.85, 0.6 > 0.475, 0.85 > 0.85 + 1e-9];
    let high: Vec<bool> =
        high.into_iter().chain([0.5 > 0.475, 0.7 > 0.85, 0.35 > 0.475, 0.6 > 0.85, false, false]).collect();
    let hits = high.iter().zip(outcome).filter(|(high, with)| **high && *with).count();
    assert!((sensitivity.1.value - hits as f64 / 5.0).abs() < 1e-12, "{} for {hits} of 5", sensitivity.1.value);
}

#[test]
fn the_zero_of_a_fold_does_not_matter_to_a_time() {
    let results: Vec<_> = [0.0, 5.0]
        .map(|shift| {
            answer(&Evaluate { horizons: vec![12.0], ..asked(death()) }, &[test_cohort()], &models(shift, true))
        })
        .into_iter()
        .collect();
    let [near, far] = [&results[0], &results[1]].map(as_survival);
    assert_eq!(near.log_rank, None);
    assert!(
        near.cox.iter().flat_map(|table| &table.rows).all(|(_, ratio, check)| ratio.p.is_none() && check.is_none())
    );
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} and {b}");
    close(near.concordance.as_ref().unwrap().value, far.concordance.as_ref().unwrap().value);
    for (a, b) in near.groups.iter().zip(&far.groups) {
        assert_eq!((a.n, a.events), (b.n, b.events));
    }
    // Each risk is that of the model and the baseline hazard of its own fold.
    let risk = near.risk.as_ref().expect("risks");
    let times = [30.0, 24.0, 28.0, 6.0, 20.0, 9.0, 26.0, 12.0, 4.0, 15.0, 3.0, 8.0];
    let events = [0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1].map(|event| event == 1);
    let scores = [0.9, 0.8, 0.75, 0.7, 0.6, 0.55, 0.5, 0.4, 0.35, 0.3, 0.2, 0.1];
    let of = |parity: usize| {
        let rows: Vec<usize> = (0..12).filter(|at| at % 2 == parity).collect();
        let (times, eta) = (pick(&times, &rows), pick(&scores, &rows));
        let events = pick(&events, &rows);
        baseline(Survival::new(&times, &events).unwrap(), &eta, None, Ties::Efron).unwrap()
    };
    let bases = [of(1), of(0)];
    let risks: Vec<f64> = (0..12).map(|at| bases[at % 2].risk(scores[at], 12.0).unwrap()).collect();
    let expected = brier(Survival::new(&times, &events).unwrap(), &risks, 12.0).unwrap();
    close(risk.at[0].error.brier.value, expected.brier);
    close(risk.at[0].error.reference, expected.reference);
    let other = far.risk.as_ref().expect("risks");
    close(other.at[0].error.brier.value, expected.brier);
}

fn pick<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|at| values[*at]).collect()
}

#[test]
fn without_outer_folds_there_is_nothing_out_of_fold() {
    let models = vec![ScoredModel { unseen: None, ..models(0.0, false).remove(0) }];
    assert!(refused(&answer(&asked(class()), &[test_cohort()], &models)).contains("learnt without outer folds"));
    // Whoever was not learnt from is in no fold.
    let mut cohort = test_cohort();
    cohort.patients[0].lesions[0].case = "new".into();
    let shown = answer(&asked(class()), &[cohort], &self::models(0.0, false));
    assert_eq!((shown.n, shown.left_out.len()), (11, 1));
    assert!(shown.left_out[0].reason.contains("it is in no fold"), "{}", shown.left_out[0].reason);
}

#[test]
fn competing_events_have_a_cumulative_incidence_and_no_risk() {
    let outcome = Target::Survival {
        time: "t".into(),
        event: "dead".into(),
        seen: vec!["1".into()],
        unit: "months".into(),
        competing: vec!["0".into()],
    };
    let mut cohorts = [test_cohort(), train_cohort()];
    cohorts[1].name = "train".into();
    let mut model = learnt().remove(0);
    model.hazard = true;
    // A forest that tells the order of times is not asked for risks that nobody may tell here.
    let of_order = ScoredModel { order_alone: true, ..model.clone() };
    let shown = answer(&stated(outcome.clone()), &cohorts, &[of_order]);
    notes_say(&shown, "beside competing events");
    assert!(shown.notes.iter().all(|note| !note.contains("the model tells none")), "{:?}", shown.notes);
    let shown = answer(&stated(outcome), &cohorts, &[model]);
    let result = as_survival(&shown);
    assert_eq!(result.incidence.len(), 2);
    let counts: Vec<(u64, u64)> = result.incidence.iter().map(|group| (group.events, group.competing)).collect();
    assert_eq!(counts.iter().map(|(a, b)| a + b).sum::<u64>(), 12, "nobody is censored");
    // Without censoring the last incidence is the share of the group.
    for group in &result.incidence {
        let last = group.curve.last().expect("a curve").1;
        assert!((last - group.events as f64 / group.n as f64).abs() < 1e-12, "{last}");
    }
    assert!(result.risk.is_none());
    notes_say(&shown, "cause-specific");
    notes_say(&shown, "beside competing events");
}

/// What in an answer is a p-value, wherever it stands.
fn p_values(at: &str, value: &serde_json::Value, found: &mut Vec<String>) {
    let is_test = ["log_rank", "gray", "interaction"].contains(&at);
    match value {
        serde_json::Value::Null => {}
        _ if is_test || at == "p" || at.ends_with("_p") => found.push(format!("{at}: {value}")),
        serde_json::Value::Object(fields) => fields.iter().for_each(|(at, value)| p_values(at, value, found)),
        serde_json::Value::Array(list) => list.iter().for_each(|value| p_values("", value, found)),
        serde_json::Value::String(text) => {
            let said =
                ["p = ", "p < ", "p-values", "p of", "Wald’s p", "exact p"].iter().any(|word| text.contains(word));
            if said {
                found.push(text.clone());
            }
        }
        _ => {}
    }
}

#[test]
fn no_kind_of_outcome_has_a_p_value_out_of_fold() {
    let competing = |target: Target| match target {
        Target::Survival { time, event, seen, unit, .. } => {
            Target::Survival { time, event, seen, unit, competing: vec!["0".into()] }
        }
        other => other,
    };
    let number = Target::Number { column: "t".into() };
    // As many as each test asks for.
    let mut cohort = test_cohort();
    let twin = |one: &Patient| {
        let mut twin = Patient { id: format!("{} twin", one.id), ..one.clone() };
        twin.lesions.iter_mut().for_each(|lesion| lesion.case = format!("{} twin", lesion.case));
        twin
    };
    let twins: Vec<Patient> = cohort.patients.iter().map(twin).collect();
    cohort.patients.extend(twins);
    for (outcome, hazard) in [(class(), false), (death(), true), (competing(death()), true), (number, false)] {
        let of = |out_of_fold: bool| {
            let stated = Evaluate { subgroups: Some("y".into()), out_of_fold, ..stated(outcome.clone()) };
            let shown = answer(&stated, std::slice::from_ref(&cohort), &models_of(&cohort, 0.0, hazard));
            let mut found = Vec::new();
            let value = serde_json::to_value(&shown).expect("plain data");
            p_values("", &value, &mut found);
            found
        };
        assert!(!of(false).is_empty(), "nothing to take away: {outcome:?}");
        assert_eq!(of(true), Vec::<String>::new(), "{outcome:?}");
    }
}
