//! Figures equal direct calls of the statistics.

use voxomics_statistics::{
    Level, Survival, calibration,
    classification::classify,
    concordance::concordance,
    cox::{Covariate, Options, TimeScale, fit},
    decision,
    multiplicity::holm,
    rank::{Method, mann_whitney, pearson, spearman},
    roc,
    subgroup::{self, Subgroup},
    survival::{
        kaplan_meier::{self, Scale},
        log_rank::{self, Weight},
    },
};

use voxomics_report::study::Contrast;

use super::*;

fn scores() -> Vec<f64> {
    test_cohort().patients.iter().map(|patient| patient.lesions[0].scores["m"].value.clone().unwrap()).collect()
}

fn column(name: &str) -> Vec<String> {
    test_cohort().patients.iter().map(|patient| patient.columns.get(name).unwrap().to_owned()).collect()
}

fn numbers(name: &str) -> Vec<f64> {
    column(name).iter().map(|cell| cell.parse().unwrap()).collect()
}

fn positives() -> Vec<bool> {
    column("y").iter().map(|cell| cell == "yes").collect()
}

#[test]
fn class_has_the_figures_of_the_statistics() {
    let mut stated = stated(class());
    stated.compare_with = Some("n".into());
    stated.subgroups = Some("arm".into());
    let shown = answer(&stated, &[train_cohort(), test_cohort()], &learnt());
    let result = as_class(&shown);
    let (scores, outcome) = (scores(), positives());

    let auc = roc::auc(&scores, &outcome, Level::P95).unwrap();
    // Five of a class: the interval that bears few, and the exact test.
    let interval = auc.logit_interval.unwrap();
    assert_eq!(result.auc.value, auc.value);
    assert_eq!((result.auc.low, result.auc.high), (Some(interval.low), Some(interval.high)));
    assert_eq!(result.auc.p, result.mann_whitney_p);
    methods_say(&shown, "the lesser class has 5: the interval is that of DeLong’s variance on the logit scale");
    methods_say(&shown, "Mann–Whitney test: exact");
    assert_eq!((result.positives, result.negatives, shown.n), (5, 7, 12));
    assert_eq!((result.roc[0], result.roc[12]), ((0.0, 0.0), (1.0, 1.0)));
    let [with, without] = [&shown.distribution[0].scores, &shown.distribution[1].scores];
    assert_eq!(result.mann_whitney_p, Some(mann_whitney(with, without, Method::Auto).unwrap().p));

    // The training median is 0.45, and no score lies between it and the next.
    let at = classify(&scores, &outcome, 0.45, Level::P95).unwrap();
    let cutoff = result.cutoff.as_ref().unwrap();
    assert_eq!(cutoff.value, 0.45);
    let figures: Vec<f64> = cutoff.figures.iter().map(|(_, estimate)| estimate.value).collect();
    let ppv = at.positive_predictive_value.unwrap().value;
    let npv = at.negative_predictive_value.unwrap().value;
    assert_eq!(figures, [at.sensitivity.value, at.specificity.value, ppv, npv, at.accuracy.value]);
    assert_eq!(cutoff.figures[0].1.low, Some(at.sensitivity.wilson.low));
    assert!(result.calibration.is_none() && result.decision.is_none());

    let negated: Vec<f64> = scores.iter().map(|score| -score).collect();
    let compared = roc::compare(&scores, &negated, &outcome, Level::P95).unwrap();
    notes_say(&shown, &format!("difference {}", super::super::words::figure(compared.difference)));
    let forest = shown.forest.as_ref().unwrap();
    let arm = |name: &str| -> Vec<bool> { column("arm").iter().map(|cell| cell == name).collect() };
    let (x, y) = (arm("x"), arm("y"));
    let subgroups = [Subgroup { name: "x", members: &x }, Subgroup { name: "y", members: &y }];
    let direct = subgroup::auc_rows(&scores, &outcome, &subgroups, Level::P95).unwrap();
    assert_eq!(forest.rows[0].estimate.as_ref().unwrap().value, auc.value);
    for (row, direct) in forest.rows[1..].iter().zip(&direct) {
        let estimate = row.estimate.as_ref().unwrap();
        assert_eq!((&row.name, row.n, row.events), (&direct.name, direct.n as u64, direct.events as u64));
        assert_eq!((Some(estimate.value), estimate.low), (direct.estimate, None), "too few for an interval");
        assert!(row.note.contains("no interval"), "{}", row.note);
    }
    let p: Vec<f64> = forest.rows[1..].iter().map(|row| row.estimate.as_ref().unwrap().p.unwrap()).collect();
    notes_say(&shown, &super::super::words::p(holm(&p).unwrap()[0]));
    notes_say(&shown, "whether they differ from each other cannot be tested");
}

/// Of areas the interaction is the test of pROC and metafor (see the tests of `subgroup::differ`), on the very rows of each subgroup.
#[test]
fn areas_of_subgroups_are_held_against_each_other() {
    let rows: Vec<(f64, String, String)> = (0..150)
        .map(|at| {
            let score = f64::from(at * 37 % 151) / 151.0;
            let noise = f64::from(at * 23 % 17) / 17.0;
            let class = if score + noise > 1.0 { "yes" } else { "no" };
            (score, class.to_owned(), if at % 3 == 0 { "a" } else { "b" }.to_owned())
        })
        .collect();
    let patients = rows.iter().enumerate().map(|(at, (score, class, arm))| {
        patient(&format!("p{at:03}"), &[("y", class), ("arm", arm)], &[(*score, 1.0)])
    });
    let test = cohort("test", patients.collect());
    let mut stated = stated(class());
    stated.subgroups = Some("arm".into());
    let shown = answer(&stated, &[train_cohort(), test], &learnt());
    let of = |wanted: &str| {
        let members = || rows.iter().filter(|(_, _, arm)| arm == wanted);
        let scores: Vec<f64> = members().map(|(score, ..)| *score).collect();
        let outcome: Vec<bool> = members().map(|(_, class, _)| class == "yes").collect();
        let found = roc::auc(&scores, &outcome, Level::P95).unwrap();
        (found.value, found.standard_error.unwrap())
    };
    let expected = subgroup::differ(&[of("a"), of("b")]).unwrap().p;
    let found = shown.forest.as_ref().unwrap().interaction.expect("a test");
    assert!((found - expected).abs() < 1e-12 && found > 0.0 && found < 1.0, "{found} {expected}");
    methods_say(&shown, "Cochran’s Q");
}

#[test]
fn a_score_at_the_cutoff_is_low() {
    let mut stated = stated(class());
    stated.cutoff = Threshold::Value(0.9);
    let shown = answer(&stated, &[train_cohort(), test_cohort()], &learnt());
    let cutoff = as_class(&shown).cutoff.clone().unwrap();
    assert_eq!((cutoff.value, cutoff.figures[0].1.value), (0.9, 0.0), "nobody is above 0.9");
    assert!(cutoff.figures.iter().all(|(name, _)| name != "PPV"));
    notes_say(&shown, "PPV: no row");
}

#[test]
fn probabilities_are_calibrated() {
    let mut models = learnt();
    models[0].probability = true;
    let shown = answer(&stated(class()), &[train_cohort(), test_cohort()], &models);
    let result = as_class(&shown);
    let found = result.calibration.as_ref().unwrap();
    let direct = calibration::recalibration(&scores(), &positives(), Level::P95).unwrap();
    assert_eq!((found.slope.value, found.intercept.value), (direct.slope.value, direct.intercept.value));
    assert_eq!(found.brier, calibration::brier(&scores(), &positives()).unwrap().score);
    assert_eq!(found.groups.iter().map(|(_, _, n)| n).sum::<u64>(), 12);
    let curve = decision::curve(&scores(), &positives(), &[0.3]).unwrap();
    let decided = result.decision.as_ref().unwrap();
    assert_eq!((decided.thresholds[29], decided.model[29]), (0.3, curve[0].model));

    let mut spread = stated(class());
    spread.patients = Some(aggregation(Summary::Range, 0.0));
    let shown = answer(&spread, &[train_cohort(), test_cohort()], &models);
    assert!(as_class(&shown).calibration.is_none(), "a range of probabilities is none");
}

#[test]
fn survival_has_the_figures_of_the_statistics() {
    let mut stated = stated(death());
    stated.covariates = vec!["age".into(), "site".into()];
    stated.subgroups = Some("arm".into());
    let shown = answer(&stated, &[train_cohort(), test_cohort()], &learnt());
    let result = as_survival(&shown);
    let (times, scores) = (numbers("t"), scores());
    let events: Vec<bool> = column("dead").iter().map(|cell| cell == "1").collect();
    let data = Survival::new(&times, &events).unwrap();
    let high: Vec<usize> = scores.iter().map(|score| usize::from(*score > 0.45)).collect();

    let test = log_rank::test(data, &high, None, Weight::One).unwrap();
    let exact = log_rank::permuted(data, &high, Weight::One).unwrap().unwrap();
    assert_eq!(result.log_rank, Some((test.chi_squared, 1, exact)));
    assert!(exact > test.p, "of few events, the chi-squared distribution promises too much");
    methods_say(&shown, "Log-rank test: exact p");
    assert_eq!(result.groups.iter().map(|group| (group.n, group.events)).collect::<Vec<_>>(), [(5, 5), (7, 4)]);
    let low = Survival::new(&times[7..], &events[7..]).unwrap();
    let direct = kaplan_meier::estimate(low, Level::P95, Scale::LogLog);
    let median = direct.median().unwrap();
    let shown_median = result.groups[0].median.as_ref().unwrap();
    assert_eq!(
        (Some(shown_median.value), shown_median.low, shown_median.high),
        (median.value, median.low, median.high)
    );
    assert_eq!(result.groups[0].curve[0], (0.0, 1.0, 1.0, 1.0));
    assert_eq!(result.groups[0].curve.last().unwrap().1, 0.0);
    assert_eq!(result.groups[1].curve.last().unwrap().0, 30.0, "to the end of follow-up");
    assert_eq!(result.groups[0].at_risk[0] + result.groups[1].at_risk[0], 12);
    assert_eq!(result.groups[1].censored, [26.0, 28.0, 30.0]);

    let risk: Vec<f64> = scores.iter().map(|score| -score).collect();
    let c = concordance(data, &risk, None, Level::P95).unwrap();
    assert_eq!(result.concordance.as_ref().unwrap().value, c.value);
    assert!(c.value > 0.5, "higher scores live longer here");
    assert_eq!(result.concordance.as_ref().unwrap().low, None, "of 9 events");
    assert!(result.time_auc.iter().all(|at| at.auc.is_none() && at.note.contains("fewer than 10")));
    cox_tables(result, data, &scores, &high);
    let forest = shown.forest.as_ref().unwrap();
    assert_eq!(forest.rows[0].estimate.as_ref().unwrap().value, result.cox[0].rows[0].1.value);
    assert_eq!(forest.rows[1].events + forest.rows[2].events, 9);
    notes_say(&shown, "`0` (3)");
}

fn cox_tables(result: &SurvivalResult, data: Survival<'_>, scores: &[f64], high: &[usize]) {
    let high: Vec<f64> = high.iter().map(|high| *high as f64).collect();
    let split = fit(data, &[Covariate { name: "high score", values: &high }], Options::default()).unwrap();
    let (name, ratio, check) = &result.cox[0].rows[0];
    assert_eq!((name.as_str(), ratio.value), ("high score", split.coefficients[0].hazard_ratio));
    assert_eq!(result.cox[0].contrasts, [Contrast::Groups]);
    assert_eq!(*check, Some(split.proportional_hazards(TimeScale::KaplanMeier).unwrap()[0].p));

    // The variance of the training scores 0.15, 0.25, 0.45, 0.65, 0.95 is 0.412 / 4.
    let deviation = (0.412_f64 / 4.0).sqrt();
    let scaled: Vec<f64> = scores.iter().map(|score| score / deviation).collect();
    let age = numbers("age");
    let site =
        |level: &str| -> Vec<f64> { column("site").iter().map(|cell| f64::from(u8::from(cell == level))).collect() };
    let (b, c) = (site("b"), site("c"));
    let columns = [("score", &scaled), ("age", &age), ("site = b", &b), ("site = c", &c)];
    let covariates = columns.map(|(name, values)| Covariate { name, values });
    let direct = fit(data, &covariates, Options::default()).unwrap();
    let table = &result.cox[2];
    assert!(table.title.contains("per training SD"), "{}", table.title);
    for ((name, ratio, _), direct) in table.rows.iter().zip(&direct.coefficients) {
        assert_eq!(name, &direct.name);
        assert!((ratio.value / direct.hazard_ratio - 1.0).abs() < 1e-9, "{name}");
    }
    assert_eq!(table.rows.len(), 4);
    let against = |level: &str| Contrast::Level { column: "site".into(), level: level.into(), reference: "a".into() };
    assert_eq!(table.contrasts[1..], [Contrast::Per { step: "unit".into() }, against("b"), against("c")]);
    assert!(table.notes.iter().any(|note| note.contains("held against `a`")), "{:?}", table.notes);
}

/// Learning takes three indicators of such a column; a model of Cox once took one line through its numbers.
#[test]
fn a_covariate_of_levels_has_no_trend() {
    let rows: Vec<(f64, [String; 3])> = (0..120_u32)
        .map(|at| {
            let stage = [1, 4, 2, 3][(at % 4) as usize];
            let cells = [(1 + at * 37 % 53).to_string(), (at * 5 % 3 / 2).to_string(), stage.to_string()];
            (f64::from(at * 41 % 101) / 101.0, cells)
        })
        .collect();
    let cohorts = |of_the_eighth: Option<&str>| {
        let patients = rows.iter().enumerate().map(|(at, (score, [t, dead, stage]))| {
            let stage = of_the_eighth.filter(|_| at == 7).unwrap_or(stage);
            patient(&format!("p{at:03}"), &[("t", t), ("dead", dead), ("stage", stage)], &[(*score, 1.0)])
        });
        [train_cohort(), cohort("test", patients.collect())]
    };
    let mut stated = stated(death());
    stated.covariates = vec!["stage".into()];
    let names = |shown: &Evaluation| -> Vec<String> {
        as_survival(shown).cox.last().expect("a table").rows.iter().map(|row| row.0.clone()).collect()
    };
    let trend = answer(&stated, &cohorts(None), &learnt());
    assert_eq!(names(&trend), ["score", "stage"], "nobody says that it has levels");
    let levels = BTreeMap::from([("stage".to_owned(), ["1", "2", "3", "4"].map(String::from).to_vec())]);
    let shown = answer_with(&stated, &cohorts(Some("x")), &learnt(), &levels);
    assert_eq!(names(&shown), ["score", "stage = 2", "stage = 3", "stage = 4"]);
    let notes = as_survival(&shown).cox.last().expect("a table").notes.join(" ");
    assert!(notes.contains("`stage` is held against `1`") && notes.contains("1 cell of no level of it"), "{notes}");
}

#[test]
fn strata_reach_the_tests() {
    let mut stated = stated(death());
    stated.stratify_by = Some("arm".into());
    let shown = answer(&stated, &[train_cohort(), test_cohort()], &learnt());
    let (times, scores) = (numbers("t"), scores());
    let events: Vec<bool> = column("dead").iter().map(|cell| cell == "1").collect();
    let high: Vec<usize> = scores.iter().map(|score| usize::from(*score > 0.45)).collect();
    let strata: Vec<usize> = column("arm").iter().map(|arm| usize::from(arm == "y")).collect();
    let data = Survival::new(&times, &events).unwrap();
    let test = log_rank::test(data, &high, Some(&strata), Weight::One).unwrap();
    assert_eq!(as_survival(&shown).log_rank, None, "nine events in strata");
    notes_say(&shown, "9 events are too few for the chi-squared distribution");
    assert!(test.p < 1.0);
    let values: Vec<f64> = high.iter().map(|high| *high as f64).collect();
    let options = Options { strata: Some(&strata), ..Options::default() };
    let direct = fit(data, &[Covariate { name: "high score", values: &values }], options).unwrap();
    assert_eq!(as_survival(&shown).cox[0].rows[0].1.value, direct.coefficients[0].hazard_ratio);
}

#[test]
fn numbers_have_the_figures_of_the_statistics() {
    let mut stated = stated(Target::Number { column: "x".into() });
    stated.compare_with = Some("n".into());
    let shown = answer(&stated, &[train_cohort(), test_cohort()], &learnt());
    let result = as_number(&shown);
    let (x, scores) = (numbers("x"), scores());
    let (r, rho) = (pearson(&x, &scores, Level::P95).unwrap(), spearman(&x, &scores, Level::P95).unwrap());
    assert_eq!(result.pearson.as_ref().map(|r| (r.value, r.p)), Some((r.coefficient, r.p)));
    assert_eq!(result.spearman.as_ref().map(|r| (r.value, r.p)), Some((rho.coefficient, rho.p)));
    assert_eq!(result.points.len(), 12);
    notes_say(&shown, "difference of Spearman’s ρ");
}

/// A score is a prediction of the number that its model was learnt on, and of no other.
#[test]
fn a_number_is_calibrated_where_the_model_predicts_it() {
    let question = stated(Target::Number { column: "x".into() });
    let cohorts = [train_cohort(), test_cohort()];
    assert!(as_number(&answer(&question, &cohorts, &learnt())).calibration.is_none());
    let models = |column: &str| {
        let mut models = learnt();
        models[0].number = Some(column.into());
        models
    };
    assert!(as_number(&answer(&question, &cohorts, &models("t"))).calibration.is_none());
    let shown = answer(&question, &cohorts, &models("x"));
    let found = as_number(&shown).calibration.as_ref().unwrap();
    let direct = calibration::number::numbers(&scores(), &numbers("x"), Level::P95).unwrap();
    let interval = direct.slope.interval.unwrap();
    assert_eq!(
        (found.slope.value, found.slope.low, found.slope.high),
        (direct.slope.value, Some(interval.low), Some(interval.high))
    );
    assert_eq!((found.intercept.p, found.difference.p), (direct.intercept.p, direct.difference.p));
    assert_eq!(found.explained.value, direct.explained);
    assert!(found.explained.low.unwrap() < direct.explained, "by bootstrap");
    let (x, middle) = &found.line[12];
    assert_eq!(middle.value, direct.at(*x, Level::P95).0);
    methods_say(&shown, "by least squares; intervals of difference, intercept and slope by Student’s distribution");

    // A range of predictions is none.
    let mut spread = question.clone();
    spread.patients = Some(aggregation(Summary::Range, 0.0));
    assert!(as_number(&answer(&spread, &cohorts, &models("x"))).calibration.is_none());

    // Lesions of one patient hang together.
    let mut twice = test_cohort();
    for patient in &mut twice.patients {
        let again = patient.lesions[0].clone();
        patient.lesions.push(another(again));
    }
    let lesions = Evaluate { lesions: true, ..question };
    let shown = answer(&lesions, &[train_cohort(), twice], &models("x"));
    let clustered = as_number(&shown).calibration.as_ref().unwrap();
    assert!((clustered.slope.value / direct.slope.value - 1.0).abs() < 1e-12);
    assert!(clustered.slope.p.is_none() && clustered.line.iter().all(|(_, y)| y.low.is_none()));
    let width = |of: &voxomics_report::study::Estimate| of.high.unwrap() - of.low.unwrap();
    let naive = calibration::number::numbers(
        &[scores(), scores()].concat(),
        &[numbers("x"), numbers("x")].concat(),
        Level::P95,
    );
    let naive = naive.unwrap().slope.interval.unwrap();
    assert!(width(&clustered.slope) > naive.high - naive.low, "twice the lesions are not twice the patients");
    methods_say(&shown, "every interval by bootstrap over patients");
}

/// Another lesion of the same patient.
fn another(mut lesion: crate::data::Lesion) -> crate::data::Lesion {
    lesion.case += "-again";
    lesion
}

#[test]
fn rates_are_told_at_the_times_that_were_asked_for() {
    let mut question = stated(death());
    question.rates_at = vec![12.0, 500.0];
    let shown = answer(&question, &[train_cohort(), test_cohort()], &learnt());
    let result = as_survival(&shown);
    assert_eq!(result.rates_at, [12.0, 500.0]);
    let (times, scores) = (numbers("t"), scores());
    let events: Vec<bool> = column("dead").iter().map(|cell| cell == "1").collect();
    let members: Vec<usize> = (0..times.len()).filter(|at| scores[*at] > 0.45).collect();
    let of_high: (Vec<f64>, Vec<bool>) = members.iter().map(|at| (times[*at], events[*at])).unzip();
    let high = Survival::new(&of_high.0, &of_high.1).unwrap();
    let direct = kaplan_meier::estimate(high, Level::P95, Scale::LogLog).survival_at(12.0).unwrap();
    let [(time, rate, at_risk)] = &result.groups[1].landmarks[..] else { panic!("{:?}", result.groups[1].landmarks) };
    let interval = direct.1.unwrap();
    assert_eq!((*time, rate.value, rate.low, rate.high), (12.0, direct.0, Some(interval.low), Some(interval.high)));
    assert_eq!(*at_risk, of_high.0.iter().filter(|time| **time >= 12.0).count() as u64);
    notes_say(&shown, "Group high: there is no rate at 500 months");
    // Without a wish, those of the ticks.
    let shown = answer(&stated(death()), &[train_cohort(), test_cohort()], &learnt());
    let times: Vec<f64> = as_survival(&shown).groups[1].landmarks.iter().map(|at| at.0).collect();
    assert!(times.len() > 1 && times.iter().all(|time| as_survival(&shown).ticks.contains(time)));

    // Beside competing events they are cumulative incidences.
    let mut beside = stated(death());
    beside.rates_at = vec![12.0];
    if let Target::Survival { competing, .. } = &mut beside.outcome {
        competing.push("0".into());
    }
    let shown = answer(&beside, &[train_cohort(), test_cohort()], &learnt());
    let result = as_survival(&shown);
    assert!(result.groups.iter().all(|group| group.landmarks.is_empty()));
    assert!(
        result.incidence.iter().all(|group| group.at.len() == 1 && group.at[0].0 == 12.0),
        "{:?}",
        result.incidence
    );
}

#[test]
fn the_hazard_of_a_model_of_time_is_risk() {
    let mut models = learnt();
    models[1].hazard = true;
    let mut stated = stated(death());
    let protective = answer(&stated, &[train_cohort(), test_cohort()], &models);
    stated.score = "n".into();
    stated.compare_with = Some("m".into());
    let hazard = answer(&stated, &[train_cohort(), test_cohort()], &models);
    // `n` is the negated score: as a hazard it tells what `m` tells as a protective marker.
    let (first, second) = (as_survival(&protective), as_survival(&hazard));
    assert_eq!(first.concordance, second.concordance);
    assert!(first.concordance.as_ref().unwrap().value > 0.5);
    assert_eq!(first.time_auc, second.time_auc);
    let ratio = |result: &SurvivalResult| result.cox[1].rows[0].1.value;
    assert!((ratio(first) * ratio(second) - 1.0).abs() < 1e-9, "{} {}", ratio(first), ratio(second));
    notes_say(&protective, "longer survival");
    notes_say(&hazard, "shorter survival");
    notes_say(&hazard, "difference of Harrell’s C 0 ");
}
