//! So few rows that a method has nothing to say; and as many as it needs.

use voxomics_statistics::{Survival, dynamic_auc::dynamic_auc};

use super::*;

#[test]
fn three_pairs_prove_nothing() {
    let rows: [(f64, &[&str]); 3] = [(0.1, &["1"]), (0.2, &["2"]), (0.3, &["4"])];
    let cohorts = [train_cohort(), table("test", &["x"], &rows)];
    let shown = answer(&stated(Target::Number { column: "x".into() }), &cohorts, &learnt());
    let result = as_number(&shown);
    let rho = result.spearman.as_ref().unwrap();
    assert_eq!((rho.value, rho.low), (1.0, None));
    assert!((rho.p.unwrap() - 1.0 / 3.0).abs() < 1e-15, "{rho:?}");
    methods_say(&shown, "Spearman’s correlation: no interval of fewer than 4 pairs");
    methods_say(&shown, "p-values of Spearman’s correlation: exact");
}

#[test]
fn one_of_a_class_has_no_interval_and_an_exact_p() {
    let rows: Vec<(f64, &[&str])> =
        (0..20).map(|at| (0.1 * f64::from(at), if at == 19 { &["yes"][..] } else { &["no"][..] })).collect();
    let cohorts = [train_cohort(), table("test", &["y"], &rows)];
    let mut stated = stated(class());
    stated.compare_with = Some("n".into());
    let shown = answer(&stated, &cohorts, &learnt());
    let auc = &as_class(&shown).auc;
    assert_eq!((auc.value, auc.low, auc.high), (1.0, None, None));
    assert!((auc.p.unwrap() - 0.1).abs() < 1e-12, "{auc:?}");
    methods_say(&shown, "the lesser class has 1, too few for an interval");
    notes_say(&shown, "with 1 of a class there is no interval and no p");
}

#[test]
fn classes_are_read_as_numbers_where_they_are() {
    let rows: [(f64, &[&str]); 4] = [(0.1, &["0.0"]), (0.2, &["1.0"]), (0.3, &["0"]), (0.4, &["1"])];
    let cohorts = [train_cohort(), table("test", &["y"], &rows)];
    let of = |positive: &str, negative: &str| Target::Class {
        column: "y".into(),
        positive: vec![positive.into()],
        negative: vec![negative.into()],
    };
    let shown = answer(&stated(of("1", "0")), &cohorts, &learnt());
    assert_eq!((shown.n, as_class(&shown).positives), (4, 2));
    let mut only = stated(of("1", "0"));
    only.only = super::only("y", "1.00");
    assert_eq!(answer(&only, &cohorts, &learnt()).left_out.len(), 2);
    assert!(
        refused(&answer(&stated(of("1", "1.0")), &cohorts, &learnt())).contains("`1` is said to be of both classes")
    );
}

#[test]
fn few_patients_are_not_resampled() {
    let rows: Vec<(f64, String)> = (0..9).map(|at| (0.1 * f64::from(at), (at * at).to_string())).collect();
    let cells: Vec<[&str; 1]> = rows.iter().map(|(_, x)| [x.as_str()]).collect();
    let rows: Vec<(f64, &[&str])> = rows.iter().zip(&cells).map(|((score, _), cells)| (*score, &cells[..])).collect();
    let mut stated = stated(Target::Number { column: "x".into() });
    stated.compare_with = Some("n".into());
    let shown = answer(&stated, &[train_cohort(), table("test", &["x"], &rows)], &learnt());
    notes_say(&shown, "difference of Spearman’s ρ 2, no interval by bootstrap over patients");
}

/// Sixty patients, whom a higher score keeps alive for longer; every fourth is censored.
fn many() -> Cohort {
    let patient = |at: usize| {
        let score = (at * 37 % 60) as f64 / 60.0;
        let time = (3.0 + 20.0 * score + (at * 23 % 17) as f64).to_string();
        let dead = if at.is_multiple_of(4) { "0" } else { "1" };
        patient(&format!("t{at:02}"), &[("t", &time), ("dead", dead)], &[(score, 1.0)])
    };
    cohort("test", (0..60).map(patient).collect())
}

#[test]
fn the_area_over_time_has_its_numbers_and_an_interval() {
    let shown = answer(&stated(death()), &[train_cohort(), many()], &learnt());
    let result = as_survival(&shown);
    let cohort = many();
    let numbers = |name: &str| -> Vec<f64> {
        cohort.patients.iter().map(|patient| patient.columns.get(name).unwrap().parse().unwrap()).collect()
    };
    let times = numbers("t");
    let events: Vec<bool> = numbers("dead").iter().map(|dead| *dead == 1.0).collect();
    let risk: Vec<f64> =
        cohort.patients.iter().map(|patient| -patient.lesions[0].scores["m"].value.clone().unwrap()).collect();
    let data = Survival::new(&times, &events).unwrap();
    let (mut shown_areas, mut refused) = (0, 0);
    for at in &result.time_auc {
        let cases = times.iter().zip(&events).filter(|(time, event)| **time <= at.time && **event).count();
        let controls = times.iter().filter(|time| **time > at.time).count();
        assert_eq!((at.cases, at.controls), (cases as u64, controls as u64));
        match &at.auc {
            Some(auc) => {
                shown_areas += 1;
                assert_eq!(auc.value, dynamic_auc(data, data, &risk, &[at.time]).unwrap().at[0].auc);
                let (low, high) = (auc.low.unwrap(), auc.high.unwrap());
                assert!(low < auc.value && auc.value <= high && high <= 1.0 && high - low < 0.6, "{auc:?}");
            }
            None => {
                refused += 1;
                assert!(cases.min(controls) < 10, "{at:?}");
            }
        }
    }
    assert!(shown_areas > 1 && refused > 0, "{:?}", result.time_auc);
    methods_say(&shown, "2000 resamples of patients, each with all of its rows (seed 7)");
    notes_say(&shown, "AUC over time: there is none at ");
    let steps = &result.groups[0].steps;
    assert_eq!(steps.iter().map(|step| step.events + step.censored).sum::<u64>(), result.groups[0].n);
}

#[test]
fn nobody_who_dies_has_no_band() {
    // The patients below the cut-off live.
    let rows: Vec<(f64, &[&str])> =
        (0..12).map(|at| (0.1 * f64::from(at), if at < 6 { &["5", "0"][..] } else { &["5", "1"] })).collect();
    let shown = answer(&stated(death()), &[train_cohort(), table("test", &["t", "dead"], &rows)], &learnt());
    notes_say(&shown, "without an event its curve has no band");
    let low = &as_survival(&shown).groups[0];
    assert_eq!((low.name.as_str(), low.events), ("low", 0));
    assert!(low.steps.iter().all(|step| step.survival.low.is_none()));
}

#[test]
fn where_nobody_dies_there_is_no_figure() {
    let rows: Vec<(f64, &[&str])> = (0..12).map(|at| (0.1 * f64::from(at), &["5", "0"][..])).collect();
    let shown = answer(&stated(death()), &[train_cohort(), table("test", &["t", "dead"], &rows)], &learnt());
    let Outcome::None { reason } = &shown.result else { panic!("{:?}", shown.result) };
    assert!(
        reason.contains("`dead` says of nobody that the event was seen. Taken as censored: `dead` is `0` (12)"),
        "{reason}"
    );
}

#[test]
fn who_never_had_features_was_lost_before() {
    let mut test = test_cohort();
    test.patients[0].lesions.clear();
    test.patients[1].columns = test.patients[1].columns.map(|name, cell| (name != "y").then(|| cell.to_owned()));
    let shown = answer(&stated(class()), &[train_cohort(), test], &learnt());
    let stages: Vec<&str> = shown.left_out.iter().map(|lost| lost.stage.as_str()).collect();
    assert_eq!((shown.n, stages), (10, vec!["extract", "evaluate"]));
}
