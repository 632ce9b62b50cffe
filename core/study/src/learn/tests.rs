//! Which rows are learnt from, and with which target.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_engine::experiment::{
    Origin, Placed, PluginSettings,
    course::Time,
    study::{Condition, Cut, FoldsBy, Periods, Target, Threshold, Weights},
};

use super::*;
use crate::data::{Lesion, Patient, Source};

fn patient(id: &str, cells: &[(&str, &str)]) -> Patient {
    let columns = cells.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let lesion = Lesion { case: format!("{id}-1"), ..Lesion::default() };
    Patient { id: id.into(), columns, lesions: vec![lesion], ..Patient::default() }
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
        folds: FoldsBy::Chance,
        outer_folds: FoldsBy::Chance,
        horizons: Vec::new(),
        bootstrap: 0,
        minimum_icc: None,
        icc_at_least: None,
        baselines: true,
        harmonise_by: None,
        harmonise_keep: Vec::new(),
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

/// Patients of two cohorts, the last one in both, with lesions, classes and centres.
/// A model of one site once learnt the median of all sites, and was evaluated at that of its own.
#[test]
fn the_median_of_the_training_is_that_of_those_whom_the_model_is_learnt_from() {
    let mut all = cohort("a", &["1", "2", "3", "4", "5", "60", "70", "80", "90"]);
    for (at, patient) in all.patients.iter_mut().enumerate() {
        patient.columns.insert("site".into(), if at < 5 { "here" } else { "there" }.into());
    }
    // Of this one, nothing could be measured.
    all.patients[4].lesions.clear();
    let cohorts = [all];
    for threshold in [Threshold::Training(0.5), Threshold::Own(0.5)] {
        let target = Target::Above { column: "x".into(), threshold };
        let mut stated = stated(target, &["a"]);
        stated.only = vec![Condition { column: "site".into(), values: vec!["here".into()] }];
        let (rows, left_out) = rows(&stated, &cohorts).expect("rows");
        // The median of 1, 2, 3, 4, and not of all nine.
        let targets: Vec<f64> = rows.iter().map(|row| row.target[0]).collect();
        assert_eq!((targets, left_out.len()), (vec![0.0, 0.0, 1.0, 1.0], 4), "{threshold:?}");
    }
}

fn two_cohorts(own_ids: bool) -> Vec<Cohort> {
    let patient = |id: usize, cohort: usize| {
        let class = ["0", "1"][id % 2];
        let centre = ["north", "south", "west"][id % 3];
        let mut of =
            patient(&format!("p{id}"), &[("y", class), ("centre", centre), ("x", &(id * id % 17).to_string())]);
        of.own_id = own_ids;
        of.lesions.extend((0..id % 3).map(|at| Lesion { case: format!("p{id}-{cohort}-{at}"), ..Lesion::default() }));
        of
    };
    let cohort = |name: &str, ids: std::ops::Range<usize>, at: usize| Cohort {
        name: name.into(),
        patients: ids.map(|id| patient(id, at)).collect(),
        ..Cohort::default()
    };
    vec![cohort("a", 0..30, 0), cohort("b", 24..50, 1)]
}

/// For each column of folds, the fold of each row, by cohort and case.
fn dealt(
    stated: &Learn,
    cohorts: &[Cohort],
    settings: &str,
) -> Result<BTreeMap<String, BTreeMap<String, String>>, String> {
    let settings = serde_json::from_str(settings).expect("JSON");
    let (rows, _) = rows(stated, cohorts)?;
    let (mut columns, mut values) = (Vec::new(), Vec::new());
    let dealt = folds::deal(stated, &settings, 7, &rows)?.expect("there are rows");
    dealt.write(&mut columns, &mut values);
    let name = |row: &Row<'_>| format!("{}/{}/{}", row.cohort, row.patient.id, row.lesion.case);
    let of =
        |at: usize| rows.iter().zip(&values[at * rows.len()..]).map(|(row, fold)| (name(row), format!("{fold:?}")));
    Ok(columns.into_iter().enumerate().map(|(at, column)| (column, of(at).collect())).collect())
}

fn targets() -> [Target; 2] {
    let class = Target::Class { column: "y".into(), positive: vec!["1".into()], negative: Vec::new() };
    [class, Target::Number { column: "x".into() }]
}

const NESTED: &str = r#"{"folds": 4, "repeats": 2, "outer_folds": 3, "outer_repeats": 2}"#;

#[test]
fn nobody_changes_the_fold_with_the_order_of_the_tables() {
    for target in targets() {
        let cohorts = two_cohorts(false);
        let stated = stated(target, &["a", "b"]);
        let expected = dealt(&stated, &cohorts, NESTED).expect("folds");
        // Two repeats of outer folds, two of inner ones, and two for each of six outer folds.
        assert_eq!(expected.len(), 2 + 2 + 12);
        let mut other = cohorts.clone();
        for turn in 1..6 {
            for cohort in &mut other {
                let count = cohort.patients.len();
                cohort.patients.rotate_left(turn * 7 % count);
                cohort.patients.swap(0, turn);
                cohort.patients.iter_mut().for_each(|patient| patient.lesions.reverse());
            }
            other.reverse();
            let reversed = Learn { cohorts: stated.cohorts.iter().rev().cloned().collect(), ..stated.clone() };
            assert_eq!(dealt(&reversed, &other, NESTED).as_ref(), Ok(&expected));
            let (mine, yours) = (rows(&stated, &cohorts).unwrap().0, rows(&reversed, &other).unwrap().0);
            assert!(mine.iter().zip(&yours).all(|(a, b)| a.lesion.case == b.lesion.case && a.target == b.target));
        }
        let named = Learn { name: "another".into(), ..stated.clone() };
        assert_eq!(dealt(&named, &cohorts, NESTED).as_ref(), Ok(&expected), "a name deals nothing");
    }
}

#[test]
fn a_patient_of_two_cohorts_is_one_patient_unless_ids_are_the_cohorts_own() {
    let apart = |own_ids: bool| {
        let cohorts = two_cohorts(own_ids);
        let stated = stated(targets()[0].clone(), &["a", "b"]);
        let dealt = dealt(&stated, &cohorts, NESTED).expect("folds");
        let (rows, _) = rows(&stated, &cohorts).unwrap();
        assert_eq!(patients(&rows), if own_ids { 56 } else { 50 });
        let shares =
            weights(&Learn { weights: Some(Weights::EqualPatients), ..stated.clone() }, &rows).unwrap().unwrap();
        assert!((shares.iter().sum::<f64>() - patients(&rows) as f64).abs() < 1e-9);
        let mut split = 0;
        for (column, of) in dealt.iter().filter(|(column, _)| column.starts_with("@outer")) {
            let mut folds: BTreeMap<&str, BTreeSet<&String>> = BTreeMap::new();
            for (row, fold) in of {
                folds.entry(row.split('/').nth(1).expect("a patient")).or_default().insert(fold);
            }
            split += folds.values().filter(|folds| folds.len() > 1).count();
            assert_eq!(of.values().collect::<BTreeSet<_>>().len(), 3, "{column}");
        }
        split
    };
    assert_eq!(apart(false), 0);
    assert!(apart(true) > 0, "six patients of the same name would hardly meet in one fold each time");
}

#[test]
fn a_column_deals_the_folds_and_a_centre_is_left_out_at_a_time() {
    let cohorts = two_cohorts(false);
    let learn = stated(targets()[0].clone(), &["a", "b"]);
    let by = Learn { folds: FoldsBy::Columns(vec!["centre".into()]), ..learn.clone() };
    let found = dealt(&by, &cohorts, NESTED).expect("folds");
    let centre = |row: &str| row.split('/').nth(1).unwrap()[1..].parse::<usize>().unwrap() % 3;
    let names = ["@outer 1", "@inner 1", "@inner 1 without 1", "@inner 1 without 2", "@inner 1 without 3"];
    assert_eq!(found.keys().map(String::as_str).collect::<BTreeSet<_>>(), names.into());
    // Sorted by name: north, south, west.
    assert!(found["@outer 1"].iter().all(|(row, fold)| *fold == format!("Some({}.0)", centre(row))));
    let left = &found["@inner 1 without 2"];
    let of = |row: &str| [Some("Some(0.0)"), None, Some("Some(1.0)")][centre(row)].unwrap_or("None");
    assert!(left.iter().all(|(row, fold)| fold == of(row)), "{left:?}");
    let outer =
        dealt(&Learn { outer_folds: FoldsBy::Columns(vec!["centre".into()]), ..learn.clone() }, &cohorts, NESTED)
            .expect("folds");
    assert_eq!(outer.len(), 1 + 2 + 6, "inner folds are dealt as asked");
    let refused = |column: &str, settings: &str| {
        dealt(&Learn { folds: FoldsBy::Columns(vec![column.into()]), ..learn.clone() }, &cohorts, settings)
            .expect_err("no folds")
    };
    assert!(refused("site", NESTED).contains("has no value of it"));
    let mut two = cohorts.clone();
    two[1].patients[0].columns.insert("centre".into(), "east".into());
    let why = dealt(&by, &two, NESTED).expect_err("a patient of two centres");
    assert!(why.contains("p24 is in two, `north` and `east`"), "{why}");
    let many = dealt(&learn, &cohorts, r#"{"folds": 60, "outer_folds": 0}"#).expect_err("too many");
    assert_eq!(many, "50 patients cannot be cut into 60 folds: `folds` must be 50 or less");
    let stranger = dealt(&learn, &cohorts, "{}").expect("folds");
    assert_eq!(
        stranger.keys().collect::<Vec<_>>(),
        ["@outer 1"],
        "a learner without such settings has five outer folds"
    );
}

/// A cohort of patients who came on these days, of whom some have two lesions.
fn dated(days: &[&str]) -> Vec<Cohort> {
    let patient = |(at, day): (usize, &&str)| {
        let mut of = patient(&format!("p{at:02}"), &[("y", ["0", "1"][at % 2]), ("scanned", day)]);
        of.lesions.extend((0..at % 2).map(|_| Lesion { case: format!("p{at:02}-2"), ..Lesion::default() }));
        of
    };
    vec![Cohort { name: "a".into(), patients: days.iter().enumerate().map(patient).collect(), ..Cohort::default() }]
}

fn periods(date: bool, cut: Cut) -> FoldsBy {
    let column = Placed { value: "scanned".to_owned(), origin: Origin::Set("learn.model.folds".into()) };
    FoldsBy::Periods(Periods { time: if date { Time::Date(column) } else { Time::Days(column) }, cut })
}

/// The outer fold of each patient in the order of the ids.
fn outer_of(by: FoldsBy, cohorts: &[Cohort]) -> Result<Vec<usize>, String> {
    let stated = Learn { outer_folds: by, ..stated(targets()[0].clone(), &["a"]) };
    let found = dealt(&stated, cohorts, r#"{"folds": 2}"#)?;
    let first: Vec<&String> =
        found["@outer 1"].iter().filter(|(row, _)| row.ends_with("-1")).map(|(_, fold)| fold).collect();
    let number = |text: &&String| text.trim_start_matches("Some(").trim_end_matches(".0)").parse().expect("a number");
    Ok(first.iter().map(number).collect())
}

#[test]
fn periods_of_time_deal_the_folds() {
    let days = [
        "2015-03-01",
        "2012-01-31",
        "2019-07-15",
        "2012-02-01",
        "2016-12-31",
        "2017-01-01",
        "2012-02-01",
        "2020-01-01",
    ];
    let cohorts = dated(&days);
    // As many in each: 2012, 2012 and 2015, 2016 and 2017, 2019 and 2020; whoever came on one day is tested together.
    assert_eq!(outer_of(periods(true, Cut::Into(4)), &cohorts), Ok(vec![1, 0, 3, 0, 2, 2, 0, 3]));
    let at = |limits: &[&str]| Cut::At(limits.iter().map(|limit| (*limit).to_owned()).collect());
    // A limit is the first day of its period.
    assert_eq!(outer_of(periods(true, at(&["2015-01-01", "2017-01-01"])), &cohorts), Ok(vec![1, 0, 2, 0, 1, 2, 0, 2]));
    let other: Vec<String> = days.iter().map(|day| day.split('-').rev().collect::<Vec<_>>().join(".")).collect();
    let other = dated(&other.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(outer_of(periods(true, Cut::Into(4)), &other), Ok(vec![1, 0, 3, 0, 2, 2, 0, 3]), "31.12.2016");
    let years = dated(&["2015", "2012", "2019", "2012", "2016", "2017", "2012", "2020"]);
    assert_eq!(outer_of(periods(false, at(&["2015", "2018"])), &years), Ok(vec![1, 0, 2, 0, 1, 1, 0, 2]));

    // A patient of several dates is of the period of the first one.
    let mut two = cohorts.clone();
    two[0].patients[1].lesions[1].columns.insert("scanned".into(), "2020-05-05".into());
    assert_eq!(outer_of(periods(true, Cut::Into(4)), &two), Ok(vec![1, 0, 3, 0, 2, 2, 0, 3]));

    let refused = |by: FoldsBy, cohorts: &[Cohort]| outer_of(by, cohorts).expect_err("no folds");
    let gap = dated(&["2015-03-01", "", "2019-07-15", "2012-02-01"]);
    assert_eq!(refused(periods(true, Cut::Into(2)), &gap), "the folds of `scanned`: p01-1 has no value of it");
    let word = dated(&["2015-03-01", "later", "2019-07-15", "2012-02-01"]);
    let why = refused(periods(true, Cut::Into(2)), &word);
    assert!(why.contains("p01-1: its `scanned` is `later`, which is no date"), "{why}");
    let why = refused(periods(false, Cut::Into(2)), &cohorts);
    assert!(why.contains("its `scanned` is `2015-03-01`, expected a number"), "{why}");
    for (cut, message) in [
        (at(&["2011-01-01", "2017-01-01"]), "nobody is before 2011-01-01"),
        (at(&["2013-01-01", "2014-01-01"]), "nobody is from 2013-01-01 until before 2014-01-01"),
        (at(&["2015-01-01", "2021-01-01"]), "nobody is from 2021-01-01 on"),
        (at(&["2017-01-01", "2015-01-01"]), "2015-01-01 comes after 2017-01-01: they must rise"),
        (Cut::Into(9), "8 patients cannot be cut into 9 periods"),
        (Cut::Into(8), "too many patients have one date for 8 periods: period 3 has nobody"),
    ] {
        let why = refused(periods(true, cut), &cohorts);
        assert!(why.contains(message), "{why}");
    }
    let mut private = cohorts.clone();
    private[0].patients[0].original = Some("Doe".into());
    assert!(refused(periods(true, Cut::Into(2)), &private).contains("with pseudonyms"));
    // Without a period there are fewer of them: inner folds have numbers without gaps all the same.
    let by = periods(true, at(&["2015-01-01", "2017-01-01"]));
    let stated = Learn { folds: by, ..stated(targets()[0].clone(), &["a"]) };
    let found = dealt(&stated, &cohorts, r#"{"folds": 2}"#).expect("folds");
    let without_second: BTreeSet<&str> = found["@inner 1 without 2"].values().map(String::as_str).collect();
    assert_eq!(without_second, ["None", "Some(0.0)", "Some(1.0)"].into());
}

#[test]
fn folds_of_numbers_come_in_their_order_and_inner_ones_come_back() {
    // Twelve folds by number: 10 comes after 9, and not after 1.
    let patients = (0..24).map(|id| {
        let (outer, inner) = (id % 12 + 1, id / 12 + 1);
        let mut cells: Vec<(String, String)> = [("y", id / 2 % 2), ("outer", outer), ("inner", inner)]
            .map(|(name, x)| (name.into(), x.to_string()))
            .into();
        let own = |without: usize| {
            (without != outer).then(|| (format!("inner_without_{without}"), ((id / 3 + without) % 2 + 1).to_string()))
        };
        cells.extend((1..=12).filter_map(own));
        let cells: Vec<(&str, &str)> = cells.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        patient(&format!("p{id:02}"), &cells)
    });
    let cohorts = vec![Cohort { name: "a".into(), patients: patients.collect(), ..Cohort::default() }];
    let columns = |name: &str| FoldsBy::Columns(vec![name.into()]);
    let given =
        Learn { outer_folds: columns("outer"), folds: columns("inner"), ..stated(targets()[0].clone(), &["a"]) };
    let found = dealt(&given, &cohorts, r#"{"folds": 10}"#).expect("folds");
    let id = |row: &str| row.split('/').nth(1).expect("a patient")[1..].parse::<usize>().expect("a number");
    assert!(found["@outer 1"].iter().all(|(row, fold)| *fold == format!("Some({}.0)", id(row) % 12)));
    for without in 1..=12 {
        let of = |row: &str| match id(row) % 12 + 1 == without {
            true => "None".to_owned(),
            false => format!("Some({}.0)", (id(row) / 3 + without) % 2),
        };
        let column = &found[&format!("@inner 1 without {without}")];
        assert!(column.iter().all(|(row, fold)| *fold == of(row)), "{without}: {column:?}");
    }
    // Outer folds that are dealt are others: the inner ones are then those of the column alone.
    let other = Learn { outer_folds: FoldsBy::Chance, ..given.clone() };
    let mut other = other;
    other.settings.values.insert("outer_folds".into(), 3.into());
    let found = dealt(&other, &cohorts, r#"{"outer_folds": 3}"#).expect("folds");
    let inner = &found["@inner 1 without 1"];
    assert!(
        inner.iter().all(|(row, fold)| fold == "None" || *fold == format!("Some({}.0)", id(row) / 12)),
        "{inner:?}"
    );
    let mut torn = cohorts.clone();
    torn[0].patients.iter_mut().for_each(|patient| {
        let cells = std::mem::take(&mut patient.columns);
        let kept = cells.iter().filter(|(name, _)| *name != "inner_without_5");
        patient.columns = kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    });
    let why = dealt(&given, &torn, r#"{"folds": 10}"#).expect_err("a column is missing");
    assert!(why.contains("outer fold 5") && why.contains("`inner_without_5`"), "{why}");
}

#[test]
fn nothing_is_learnt_from_an_event_that_cannot_be_read() {
    let dead = |word: &str| patient(&format!("p-{word}"), &[("t", "5"), ("dead", word)]);
    let usual = ["1", "true", "yes"].map(str::to_owned).to_vec();
    let target = Target::Survival {
        time: "t".into(),
        event: "dead".into(),
        seen: usual,
        unit: "months".into(),
        competing: Vec::new(),
    };
    let of = |words: &[&str]| {
        let patients = words.iter().map(|word| dead(word)).collect();
        let cohorts = [Cohort { name: "a".into(), patients, ..Cohort::default() }];
        let stated = stated(target.clone(), &["a"]);
        rows(&stated, &cohorts).map(|(rows, _)| rows.iter().map(|row| row.target[1]).collect::<Vec<f64>>())
    };
    // In the order of the ids: p-0, p-1, p-1.0, p-no.
    assert_eq!(of(&["1", "0", "1.0", "no"]), Ok(vec![0.0, 1.0, 1.0, 0.0]));
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
    let of = |row: &Row<'_>| (row.patient.id.clone(), row.target[0]);
    let found: Vec<(String, f64)> = found.iter().map(of).collect();
    assert_eq!(found, [("p0".to_owned(), 0.0), ("p1.0".to_owned(), 1.0)]);
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
