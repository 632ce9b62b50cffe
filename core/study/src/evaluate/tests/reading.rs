//! Who is looked at, what is left out, and where cut-offs come from.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_report::study::{Characteristic, Cohort as ShownCohort, Summary as Characteristics};

use super::{
    super::{aggregate, balance, patients, table_one, training_cutoffs},
    *,
};
use crate::data::Term;

#[test]
fn what_is_left_out_is_listed_and_adds_up() {
    let mut test = cohort(
        "test",
        vec![
            patient("a", &[("y", "yes")], &[(0.9, 1.0), (0.7, 1.0)]),
            patient("b", &[("y", "no")], &[(0.1, 1.0)]),
            patient("c", &[("y", "maybe")], &[(0.3, 1.0)]),
            patient("d", &[], &[(0.3, 1.0)]),
            patient("e", &[("y", "no")], &[]),
            patient("f", &[("y", " no ")], &[(0.2, 1.0)]),
            patient("g", &[("y", "no")], &[(0.2, 1.0)]),
        ],
    );
    test.patients[6].lesions[0].scores.insert("m".into(), undefined("too small"));
    test.patients[0].lesions[1].scores.insert("m".into(), undefined("too small"));
    let shown = answer(&stated(class()), &[train_cohort(), test], &learnt());
    assert_eq!(shown.n, 3);
    let lost: Vec<(&str, &str)> = shown.left_out.iter().map(|lost| (lost.id.as_str(), lost.reason.as_str())).collect();
    let expected = [
        ("c", "`y` is `maybe`, which counts for neither class"),
        ("d", "it has no `y`"),
        ("e", "it has no lesion with features"),
        ("g", "too small"),
    ];
    assert_eq!(lost, expected);
    assert_eq!(shown.distribution[0].scores, [0.9]);
    notes_say(&shown, "1 lesion of 1 patient without a score");
}

#[test]
fn times_and_numbers_are_read_strictly() {
    let rows: [(f64, &[&str]); 7] = [
        (0.1, &["5", "1", "7"]),
        (0.2, &["0", "1", "inf"]),
        (0.3, &["-2", "1", "NaN"]),
        (0.4, &["12 months", "1", "1,5"]),
        (0.5, &["8", "", ""]),
        (0.6, &["9", "0", "3e0"]),
        (0.7, &["7", "1", " 4 "]),
    ];
    let cohorts = [train_cohort(), table("test", &["t", "dead", "x"], &rows)];
    let shown = answer(&stated(death()), &cohorts, &learnt());
    assert_eq!((shown.n, shown.left_out.len()), (3, 4));
    let shown = answer(&stated(Target::Number { column: "x".into() }), &cohorts, &learnt());
    assert_eq!(as_number(&shown).points, [(7.0, 0.1), (3.0, 0.6), (4.0, 0.7)]);
    assert_eq!(shown.left_out.len(), 4);
}

#[test]
fn conditions_choose_patients_and_lesions() {
    let mut test = test_cohort();
    let mut other = lesion("p00-9", 100.0, 1.0);
    other.columns.insert("organ".into(), "bone".into());
    test.patients[0].lesions.push(other);
    for lesion in test.patients.iter_mut().map(|patient| &mut patient.lesions[0]) {
        lesion.columns.insert("organ".into(), "liver".into());
    }
    let mut stated = stated(Target::Number { column: "x".into() });
    stated.only = only("organ", "liver");
    let shown = answer(&stated, &[train_cohort(), test.clone()], &learnt());
    assert_eq!((as_number(&shown).points[0], shown.left_out.len()), ((5.1, 0.9), 0));
    stated.lesions = true;
    let shown = answer(&stated, &[train_cohort(), test.clone()], &learnt());
    assert_eq!((shown.n, shown.left_out.len()), (12, 1));
    assert_eq!(shown.left_out[0].id, "p00-9");
    stated.lesions = false;
    stated.only = only("arm", "x");
    let shown = answer(&stated, &[train_cohort(), test], &learnt());
    assert_eq!((shown.n, shown.left_out.len()), (6, 6));
}

#[test]
fn the_order_of_patients_and_lesions_does_not_matter() {
    let mut test = test_cohort();
    for (at, patient) in test.patients.iter_mut().enumerate() {
        patient.lesions.push(lesion(&format!("z{at}"), 0.1 + 0.07 * at as f64, 2.0));
    }
    let mut turned = test.clone();
    turned.patients.reverse();
    turned.patients.iter_mut().for_each(|patient| patient.lesions.reverse());
    for outcome in [class(), death(), Target::Number { column: "x".into() }] {
        for lesions in [false, true] {
            let mut stated = stated(outcome.clone());
            stated.compare_with = Some("n".into());
            stated.subgroups = Some("arm".into());
            stated.covariates = vec!["site".into()];
            stated.lesions = lesions;
            let one = answer(&stated, &[train_cohort(), test.clone()], &learnt());
            assert_eq!(one, answer(&stated, &[train_cohort(), turned.clone()], &learnt()));
            assert_eq!(one.n, if lesions { 24 } else { 12 });
        }
    }
    let alone = |cohort: &Cohort| table_one(cohort, std::slice::from_ref(cohort), None);
    assert_eq!(alone(&test), alone(&turned));
}

#[test]
fn cutoffs_come_from_the_training_this_cohort_or_the_file() {
    let cohorts = [train_cohort(), test_cohort()];
    let at = |cutoff: Threshold, models: &[ScoredModel]| {
        let mut stated = stated(class());
        stated.cutoff = cutoff;
        let shown = answer(&stated, &cohorts, models);
        let found = as_class(&shown).cutoff.as_ref().map(|cutoff| (cutoff.value, cutoff.source.clone()));
        (found, shown)
    };
    assert_eq!(at(Threshold::Training(0.5), &learnt()).0.unwrap().0, 0.45);
    let (own, _) = at(Threshold::Own(0.5), &learnt());
    let (value, source) = own.unwrap();
    assert!((value - 0.525).abs() < 1e-15 && source.contains("this very cohort; optimistic"), "{value} {source}");

    let given = ScoredModel { name: "m".into(), ..ScoredModel::default() };
    let (none, shown) = at(Threshold::Training(0.5), std::slice::from_ref(&given));
    assert!(none.is_none());
    notes_say(&shown, "no cut-off `patients_median`");
    let cutoffs = BTreeMap::from([("patients_median".into(), 0.3), ("patients_quantile_0.25".into(), 0.2)]);
    let given = [ScoredModel { cutoffs, ..given }];
    assert_eq!(at(Threshold::Training(0.5), &given).0.unwrap().0, 0.3);
    assert_eq!(at(Threshold::Training(0.25), &given).0.unwrap().0, 0.2);
    assert!(at(Threshold::Training(0.75), &given).0.is_none());
}

#[test]
fn a_model_file_gets_the_cutoffs_of_its_training() {
    let aggregation = aggregation(Summary::Mean, 0.0);
    let mut train = train_cohort();
    train.patients[4].lesions.push(lesion("more", 0.05, 1.0));
    let cohorts = [train];
    let context = Context {
        cohorts: &cohorts,
        models: &[],
        seed: 1,
        default_aggregation: &aggregation,
        first_region: REGION,
        levels: &BTreeMap::new(),
    };
    let everybody: BTreeSet<String> = cohorts[0].patients.iter().map(|patient| patient.id.clone()).collect();
    let found = training_cutoffs("m", &["train".into()], &everybody, &context);
    assert_eq!(found["patients_median"], 0.45);
    assert_eq!(found["patients_quantile_0.25"], 0.25);
    assert!((found["lesions_median"] - 0.35).abs() < 1e-15);
    assert!(training_cutoffs("m", &["elsewhere".into()], &everybody, &context).is_empty());
    assert!(training_cutoffs("unknown", &["train".into()], &everybody, &context).is_empty());
    // A cut-off that others of the cohort have a say in is not fixed on the training: they may be those of an evaluation.
    let scored: Vec<(String, f64)> = cohorts[0]
        .patients
        .iter()
        .map(|patient| (patient.id.clone(), patient.lesions[0].scores["m"].value.clone().expect("a score")))
        .collect();
    let two: BTreeSet<String> = scored.iter().take(2).map(|(id, _)| id.clone()).collect();
    let of_two = training_cutoffs("m", &["train".into()], &two, &context);
    assert_eq!(of_two["patients_median"], f64::midpoint(scored[0].1, scored[1].1));
    assert_ne!(of_two["patients_median"], found["patients_median"]);
}

#[test]
fn numbers_are_split_at_quantiles_of_patients() {
    let mut train = train_cohort();
    for (patient, value) in train.patients.iter_mut().zip(["1", "2", "2.5", "3", "9"]) {
        patient.columns.insert("x".into(), value.into());
    }
    let cohorts = [train, test_cohort()];
    let above = |threshold| Target::Above { column: "x".into(), threshold };
    let shown = answer(&stated(above(Threshold::Training(0.5))), &cohorts, &learnt());
    assert_eq!(as_class(&shown).positives, 6);
    assert_eq!(shown.distribution[0].name, "`x` above 2.5");
    let shown = answer(&stated(above(Threshold::Own(0.75))), &cohorts, &learnt());
    assert_eq!(as_class(&shown).positives, 3);
    notes_say(&shown, "75 % quantile of this very cohort");
    let given = [ScoredModel { name: "m".into(), ..ScoredModel::default() }];
    assert!(refused(&answer(&stated(above(Threshold::Training(0.5))), &cohorts, &given)).contains("given model"));
}

#[test]
fn lesions_become_patients() {
    let lesions = [(0.2, Some(0.5)), (0.4, Some(1.0)), (0.9, Some(3.0))];
    let of = |score, minimum| aggregate(&lesions, &aggregation(score, minimum));
    assert!((of(Summary::Mean, 0.0).unwrap() - 0.5).abs() < 1e-15);
    assert!((of(Summary::Mean, 1.0).unwrap() - 0.65).abs() < 1e-15);
    assert_eq!(of(Summary::Minimum, 1.0), Ok(0.4));
    assert_eq!(of(Summary::Maximum, 0.0), Ok(0.9));
    assert_eq!(of(Summary::Range, 3.0), Ok(0.0));
    assert!((of(Summary::VolumeWeightedMean, 1.0).unwrap() - 3.1 / 4.0).abs() < 1e-15);
    assert!(of(Summary::StandardDeviation, 3.0).unwrap_err().contains("single lesion"));
    assert!(of(Summary::Mean, 4.0).unwrap_err().contains("minimum volume"));
    assert_eq!(aggregate(&[(0.2, None)], &aggregation(Summary::Mean, 0.0)), Ok(0.2));
    assert!(aggregate(&[(0.2, None)], &aggregation(Summary::Mean, 1.0)).is_err());
    assert!(aggregate(&[], &aggregation(Summary::Entropy { bin_width: 0.1, base: 2.0 }, 0.0)).is_err());

    // Two scores in one bin from 0.1 to 0.2 and two in one from −0.1 to 0, whatever lies between.
    let scores = [(0.11, None), (0.19, None), (-0.01, None), (-0.09, None)];
    let entropy = |base| aggregate(&scores, &aggregation(Summary::Entropy { bin_width: 0.1, base }, 0.0)).unwrap();
    assert_eq!(entropy(2.0), 1.0);
    assert!((entropy(std::f64::consts::E) - std::f64::consts::LN_2).abs() < 1e-15);
    let narrow = aggregation(Summary::Entropy { bin_width: 1e-300, base: 2.0 }, 0.0);
    assert!(aggregate(&scores, &narrow).unwrap_err().contains("too narrow"));
}

#[test]
fn degenerate_cohorts_end_in_words() {
    let empty = cohort("test", Vec::new());
    let one = table("test", &["y", "t", "dead", "x"], &[(0.5, &["yes", "3", "1", "2"])]);
    let same: Vec<(f64, &[&str])> = (0..6).map(|_| (0.5, &["yes", "3", "0", "2"][..])).collect();
    let same = table("test", &["y", "t", "dead", "x"], &same);
    let number = || Target::Number { column: "x".into() };
    for test in [empty, one, same] {
        for outcome in [class(), death(), number()] {
            for cutoff in [Threshold::Training(0.5), Threshold::Own(0.5), Threshold::Value(0.0)] {
                let mut stated = stated(outcome.clone());
                (stated.cutoff, stated.compare_with) = (cutoff, Some("n".into()));
                stated.covariates = vec!["x".into(), "nothing".into()];
                (stated.subgroups, stated.stratify_by) = (Some("y".into()), Some("y".into()));
                let shown = answer(&stated, &[train_cohort(), test.clone()], &learnt());
                assert!(!format!("{shown:?}").contains("NaN"), "{shown:#?}");
                assert_eq!(shown.n as usize + shown.left_out.len(), test.patients.len());
            }
        }
    }
    let train = [train_cohort()];
    assert!(refused(&answer(&stated(class()), &train, &learnt())).contains("no cohort `test`"));
    assert!(refused(&answer(&stated(class()), &[test_cohort()], &[])).contains("no model `m`"));
    let shown = answer(&stated(class()), &[test_cohort()], &learnt());
    notes_say(&shown, "training cohort `train` is not there");
}

#[test]
fn lesions_are_known_to_be_clustered() {
    let mut test = test_cohort();
    for (at, patient) in test.patients.iter_mut().enumerate() {
        patient.lesions.push(lesion(&format!("z{at}"), 0.1 + 0.07 * at as f64, 2.0));
    }
    let mut stated = stated(class());
    stated.lesions = true;
    let shown = answer(&stated, &[train_cohort(), test], &learnt());
    assert_eq!((shown.n, shown.unit.as_str()), (24, "lesions"));
    notes_say(&shown, "not independent");
    notes_say(&shown, "AUC, lesions clustered by patient: ");
    notes_say(&shown, "bootstrap over patients");
}

#[test]
fn table_one_tells_numbers_from_classes() {
    let test = test_cohort();
    let rows = table_one(&test, std::slice::from_ref(&test), None);
    let of = |name: &str| &rows.iter().find(|row| row.name == name).unwrap().summary;
    assert!(matches!(of("age"), Characteristics::Numeric { n: 12, min: 48.0, max: 72.0, .. }));
    assert!(matches!(of("dead"), Characteristics::Categorical { levels, .. } if levels[0] == ("1".into(), 9)));
    assert!(matches!(of("volume of `tumour` in all lesions, mL"), Characteristics::Numeric { mean: 1.0, .. }));
    let mut named = test_cohort();
    for patient in &mut named.patients {
        patient.columns.insert("name".into(), format!("Mx {}", patient.id));
    }
    let first = &mut named.patients[0].columns;
    *first = first.map(|name, cell| (name != "age").then(|| cell.to_owned()));
    let rows = table_one(&named, std::slice::from_ref(&named), None);
    assert!(rows.iter().all(|row| row.name != "name"));
    assert_eq!(rows.iter().find(|row| row.name == "age").unwrap().missing, 1);
}

/// Surnames of which two are the same, and days of birth, are who the patients are.
#[test]
fn table_one_does_not_name_patients_and_counts_those_with_features() {
    let mut test = test_cohort();
    for (at, patient) in test.patients.iter_mut().enumerate() {
        patient.columns.insert("surname".into(), format!("Mx {}", at.max(1)));
        patient.columns.insert("born".into(), format!("19{}-03-1{}", 40 + at / 2, at % 2));
        patient.columns.insert("stamp".into(), format!("19{}031{}", 40 + at / 2, at % 2));
    }
    test.patients[0].lesions.clear();
    test.patients[1].without_features = 1;
    let all = std::slice::from_ref(&test);
    let rows = table_one(&test, all, None);
    assert!(rows.iter().all(|row| !["surname", "born", "stamp"].contains(&&*row.name)), "{rows:?}");
    let find = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
    assert!(matches!(find("age").summary, Characteristics::Numeric { n: 11, .. }), "one has no features");
    let volume = find("volume of `tumour` in all lesions, mL");
    assert_eq!(volume.missing, 1, "a sum that lacks a lesion");
    let asked = table_one(&test, all, Some(&["surname".to_owned()]));
    assert!(asked[0].identifies() && !find("dead").identifies());
}

/// A program that writes a column with a gap writes 1 as 1.0; and a small cohort has few different ages.
#[test]
fn a_column_is_of_one_kind_in_every_cohort_and_its_classes_are_compared_as_numbers() {
    let made = |name: &str, responses: &[&str], ages: &[&str], sites: &[&str]| {
        let one = |at: usize| {
            let columns = [("response", responses[at]), ("age", ages[at]), ("site", sites[at])];
            patient(&format!("{name} {at}"), &columns, &[(0.5, 1.0)])
        };
        cohort(name, (0..responses.len()).map(one).collect())
    };
    let large =
        made("large", &["1", "0", "1", "1", "0", "1", ""], &["51", "52", "53", "54", "55", "56", "57"], &["Lyon"; 7]);
    let small = made("small", &["1.0", "0.0", "1.0"], &["60", "61", "62"], &["Bern", "Bern", "Basel"]);
    let all = [large, small];
    let tables: Vec<Vec<Characteristic>> = all.iter().map(|cohort| table_one(cohort, &all, None)).collect();
    let of = |at: usize, name: &str| &tables[at].iter().find(|row: &&Characteristic| row.name == name).unwrap().summary;
    assert!(
        matches!(of(0, "response"), Characteristics::Categorical { n: 6, levels } if levels[..] == [("1".into(), 4), ("0".into(), 2)])
    );
    assert!(
        matches!(of(1, "response"), Characteristics::Categorical { n: 3, levels } if levels[..] == [("1".into(), 2), ("0".into(), 1)])
    );
    assert!(matches!(of(0, "age"), Characteristics::Numeric { n: 7, .. }));
    assert!(matches!(of(1, "age"), Characteristics::Numeric { n: 3, .. }), "{:?}", of(1, "age"));
    let shown: Vec<ShownCohort> = all
        .iter()
        .zip(&tables)
        .map(|(cohort, rows)| ShownCohort {
            name: cohort.name.clone(),
            table_one: rows.clone(),
            ..ShownCohort::default()
        })
        .collect();
    let balanced = balance(&shown);
    let difference = |name: &str| balanced.iter().find(|row| row.name == name).unwrap().difference;
    assert_eq!(difference("response"), Some(0.0), "two thirds of both");
    assert_eq!(difference("site"), None, "no site in common: apart altogether");
}

#[test]
fn patients_have_a_page_with_what_made_their_scores() {
    let mut test = test_cohort();
    let term =
        Term { input: "tumour:volume".into(), value: Ok(3.0), contribution: Some(0.2), doubt: Some("far".into()) };
    test.patients[0].lesions[0].scores.get_mut("m").unwrap().terms.push(term);
    test.patients[1].lesions[0].scores.insert("m".into(), undefined("flat"));
    test.patients[2].lesions.clear();
    let (cohorts, mut models) = ([train_cohort(), test], learnt());
    let everybody: BTreeSet<String> = cohorts[0].patients.iter().map(|patient| patient.id.clone()).collect();
    models.iter_mut().for_each(|model| model.patients.clone_from(&everybody));
    let mean = aggregation(Summary::Mean, 0.0);
    let context = Context {
        cohorts: &cohorts,
        models: &models,
        seed: 1,
        default_aggregation: &mean,
        first_region: REGION,
        levels: &BTreeMap::new(),
    };
    let pages = patients(&context);
    assert_eq!(pages.len(), 5 + 11);
    assert_eq!(pages[5].scores[0].position, "above the training median (0.45)");
    assert_eq!(pages[5].lesions[0].scores[0].terms[0].warning, "far");
    assert_eq!(pages[5].lesions[0].volume_ml, Some(1.0));
    assert_eq!((pages[6].scores[0].score, pages[6].scores[0].reason.as_str()), (None, "flat"));
    assert_eq!(pages.last().unwrap().scores[0].position, "at or below the training median (0.45)");
}

#[test]
fn a_word_that_nobody_knows_is_no_censoring() {
    let rows: [(f64, &[&str]); 4] =
        [(0.1, &["5", "1"]), (0.2, &["6", "0"]), (0.3, &["7", "dead"]), (0.4, &["8", "1.0"])];
    let cohorts = [train_cohort(), table("test", &["t", "dead"], &rows)];
    let outcome = |seen: &[&str]| Target::Survival {
        time: "t".into(),
        event: "dead".into(),
        seen: seen.iter().map(|word| (*word).into()).collect(),
        unit: "months".into(),
        competing: Vec::new(),
    };
    let shown = answer(&stated(outcome(&["1", "true", "yes"])), &cohorts, &learnt());
    let reason = refused(&shown);
    assert!(reason.contains("p02: `dead` is `dead`") && reason.contains("`seen`"), "{reason}");
    // Who names the words has thought of all of them.
    let shown = answer(&stated(outcome(&["1", "dead"])), &cohorts, &learnt());
    assert_eq!(as_survival(&shown).groups.iter().map(|group| group.events).sum::<u64>(), 3);
    notes_say(&shown, "`dead` is `0` (1)");
}

#[test]
fn patients_of_the_training_are_noticed_in_another_cohort() {
    let row = |at: usize| patient(&format!("p{at}"), &[("x", "1")], &[(at as f64, 1.0)]);
    let cohorts = [cohort("train", (0..3).map(row).collect()), cohort("test", (1..6).map(row).collect())];
    let stated = stated(Target::Number { column: "x".into() });
    let shown = answer(&stated, &cohorts, &learnt());
    notes_say(&shown, "2 patients of this evaluation bear the name of one of the training");
    let seen = shown.seen.unwrap();
    assert_eq!((seen.patients, seen.of, seen.same_cohort), (2, 5, false));
    assert_eq!(seen.label(), "learnt on 2 of these 5 patients");
    let apart = [cohort("train", (0..3).map(row).collect()), cohort("test", (3..6).map(row).collect())];
    let shown = answer(&stated, &apart, &learnt());
    assert!(shown.seen.is_none() && shown.notes.iter().all(|note| !note.contains("bear the name")));
    let same = [cohort("train", (0..3).map(row).collect())];
    let stated = Evaluate { cohort: "train".into(), ..stated };
    let shown = answer(&stated, &same, &learnt());
    assert_eq!(shown.seen.map(|seen| seen.label()).as_deref(), Some("learnt on these patients"));
    let finding = crate::assemble::finding(&answer(&stated, &same, &learnt()));
    assert!(finding.ends_with("[learnt on these patients: optimistic]"), "{finding}");
}
