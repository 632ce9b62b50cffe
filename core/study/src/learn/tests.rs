//! Which rows are learnt from, and with which target.

use voxomics_engine::experiment::{
    PluginSettings,
    study::{Target, Threshold},
};

use super::*;
use crate::data::{Lesion, Patient, Source};

fn patient(id: &str, cells: &[(&str, &str)]) -> Patient {
    let columns = cells.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let lesion = Lesion { case: format!("{id}-1"), ..Lesion::default() };
    Patient { id: id.into(), columns, lesions: vec![lesion] }
}

fn cohort(name: &str, numbers: &[&str]) -> Cohort {
    let patients = numbers.iter().enumerate().map(|(at, number)| patient(&format!("{name}{at}"), &[("x", number)]));
    Cohort { name: name.into(), patients: patients.collect(), ..Cohort::default() }
}

fn stated(target: Target, cohorts: &[&str]) -> Learn {
    Learn {
        name: "model".into(),
        plugin: "predict-elastic-net".into(),
        cohorts: cohorts.iter().map(|name| (*name).to_owned()).collect(),
        target,
        inputs: None,
        without: Vec::new(),
        only: Vec::new(),
        weights: None,
        stratify_by: None,
        folds: None,
        outer_folds: None,
        harmonise_by: None,
        settings: PluginSettings::empty("learn.model"),
        about: Vec::new(),
    }
}

#[test]
fn the_median_of_the_training_is_that_of_all_its_cohorts() {
    let cohorts = [cohort("a", &["1", "2", "3"]), cohort("b", &["11", "12", "13"])];
    let positive = |threshold: Threshold| -> Vec<f64> {
        let stated = stated(Target::Above { column: "x".into(), threshold }, &["a", "b"]);
        rows(&stated, &cohorts).unwrap().0.iter().map(|row| row.target[0]).collect()
    };
    assert_eq!(positive(Threshold::Training(0.5)), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    assert_eq!(positive(Threshold::Own(0.5)), [0.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
    assert_eq!(positive(Threshold::Value(12.0)), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn nothing_is_learnt_from_an_event_that_cannot_be_read() {
    let dead = |word: &str| patient(&format!("p-{word}"), &[("t", "5"), ("dead", word)]);
    let usual = ["1", "true", "yes"].map(str::to_owned).to_vec();
    let target = Target::Survival { time: "t".into(), event: "dead".into(), seen: usual, unit: "months".into() };
    let of = |words: &[&str]| {
        let patients = words.iter().map(|word| dead(word)).collect();
        let cohorts = [Cohort { name: "a".into(), patients, ..Cohort::default() }];
        let stated = stated(target.clone(), &["a"]);
        rows(&stated, &cohorts).map(|(rows, _)| rows.iter().map(|row| row.target[1]).collect::<Vec<f64>>())
    };
    assert_eq!(of(&["1", "0", "1.0", "no"]), Ok(vec![1.0, 0.0, 1.0, 0.0]));
    let refused = of(&["1", "2"]).unwrap_err();
    assert!(refused.contains("p-2-1: `dead` is `2`"), "{refused}");
}

/// A table with gaps is often written with 1.0 for 1.
#[test]
fn a_class_is_the_same_however_its_number_is_written() {
    let patients = ["1.0", "0", "2"].map(|grade| patient(&format!("p{grade}"), &[("grade", grade)])).to_vec();
    let cohorts = [Cohort { name: "a".into(), patients, ..Cohort::default() }];
    let target = Target::Class { column: "grade".into(), positive: vec!["1".into()], negative: vec!["0.0".into()] };
    let stated = stated(target, &["a"]);
    let (found, left_out) = rows(&stated, &cohorts).unwrap();
    assert_eq!(found.iter().map(|row| row.target[0]).collect::<Vec<_>>(), [1.0, 0.0]);
    assert_eq!((left_out.len(), left_out[0].patient.as_str()), (1, "p2"));
}

#[test]
fn everybody_who_is_left_out_is_told_with_the_reason() {
    let mut cells = vec![patient("a", &[("x", "1")]), patient("b", &[("x", "high")])];
    cells.extend([patient("c", &[]), patient("d", &[])]);
    let source = Source {
        name: "rna.csv".into(),
        columns: ["x".to_owned()].into(),
        patients: ["a", "b", "c"].map(str::to_owned).into(),
        transposed: true,
    };
    let cohort = Cohort { name: "train".into(), patients: cells, sources: vec![source], ..Cohort::default() };
    let (stated, cohorts) = (stated(Target::Number { column: "x".into() }, &["train"]), [cohort]);
    let (rows, left_out) = rows(&stated, &cohorts).unwrap();
    let told: Vec<[&str; 5]> = left_out
        .iter()
        .map(|row| [&row.cohort, &row.id, &row.patient, &row.stage, &row.reason].map(String::as_str))
        .collect();
    let expected = [
        ["train", "b-1", "b", "learn.model", "`x` is `high`, expected a number"],
        ["train", "c-1", "c", "learn.model", "it has no `x`: the cell in rna.csv is empty"],
        ["train", "d-1", "d", "learn.model", "it has no `x`: the patient has no column in rna.csv"],
    ];
    assert_eq!((rows.len(), told), (1, expected.to_vec()));
}
