//! Courses in tables of features: no scan is needed.

use std::collections::BTreeMap;

use voxomics_tests::{batch::Batch, run, table, workspace};

const EXPERIMENT: &str = r#"
[plugins]
use = ["predict-elastic-net"]
[cohorts.all]
features = "features.csv"
columns = ["steady", "signed", "gappy"]
[course]
date = "date"
lesion = "lesion"
at_least_days = 14
at_most_days = 400
deltas = ["difference", "ratio", "log_ratio", "slope", "area", "mean"]
"#;

fn study(experiment: &str, features: &str) -> Batch {
    let batch = Batch::default();
    batch.write("study.toml", experiment);
    batch.write("features.csv", features);
    batch
}

fn run_study(batch: &Batch, more: &[&str]) -> voxomics_tests::Said {
    let path = |name: &str| batch.path(name).display().to_string();
    let mut arguments = vec!["run".to_owned(), path("study.toml"), "--out".into(), path("out")];
    arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
    run(arguments)
}

fn oracle(name: &str) -> String {
    std::fs::read_to_string(workspace().join("tests/oracle").join(name)).expect("a table")
}

#[test]
fn pandas_and_numpy_agree() {
    let batch = study(EXPERIMENT, &oracle("course.csv"));
    let said = run_study(&batch, &["--until", "extract"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let found: BTreeMap<[String; 4], BTreeMap<String, String>> = table(&batch.path("out/all/delta_long.csv"))
        .into_iter()
        .map(|row| (["patient", "lesion", "input", "delta"].map(|column| row[column].clone()), row))
        .collect();
    let (mut compared, mut undefined) = (0, 0);
    for expected in table(&workspace().join("tests/oracle/course_delta.csv")) {
        let key = ["patient", "lesion", "input", "delta"].map(|column| expected[column].clone());
        let row = &found[&key];
        assert_eq!(row["days"], expected["days"], "{key:?}");
        if expected["value"].is_empty() {
            assert!(row["value"].is_empty() && row["status"] == "undefined" && !row["reason"].is_empty(), "{row:?}");
            undefined += 1;
            continue;
        }
        let [value, wanted]: [f64; 2] = [&row["value"], &expected["value"]].map(|cell| cell.parse().expect("a number"));
        assert!((value - wanted).abs() <= 1e-10 * wanted.abs().max(1.0), "{key:?}: {value} is not {wanted}");
        compared += 1;
    }
    assert!(compared > 120 && undefined > 20, "{compared}, {undefined}");
    assert_eq!(found.len(), compared + undefined);
    // Its own table has the same values, and the reason where a lesion has none.
    for row in table(&batch.path("out/all/delta.csv")) {
        let key = |delta: &str| [&row["patient"], &row["lesion"], "steady", delta].map(str::to_owned);
        assert_eq!(row["steady@slope"], found[&key("slope")]["value"]);
        assert_eq!(row["days"].is_empty(), !row["reason"].is_empty(), "{row:?}");
    }
}

/// A number from −1 to 1 that looks random.
fn chance(column: usize, row: usize) -> f64 {
    let state =
        (column as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (row as u64 + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    let state = (state ^ (state >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((state ^ (state >> 29)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// 60 patients at two time points, the outcome of whom is the change of `driver`; two more have no follow-up, one has two cases at one time.
fn driven() -> (String, String) {
    let (mut features, mut clinical) = ("case,patient,days,driver,other\n".to_owned(), "patient,y\n".to_owned());
    for row in 0..60 {
        let (before, change) = (5.0 + 3.0 * chance(0, row), chance(1, row));
        features += &format!("a{row:02},p{row:02},0,{before},{}\n", chance(2, row));
        features += &format!("b{row:02},p{row:02},{},{},{}\n", 30 + row, before + change, chance(3, row));
        clinical += &format!("p{row:02},{}\n", 2.0 * change + 0.1 * chance(4, row));
    }
    features +=
        "a60,p60,0,5,0\na61,p61,0,5,0\nb61,p61,7,6,0\na62,p62,0,5,0\nb62,p62,0,5,0\nc62,p62,40,6,0\na63,p63,soon,5,0\n";
    (features, clinical + "p60,0\np61,0\np62,0\np63,0\n")
}

const LEARN: &str = r#"
[plugins]
use = ["predict-elastic-net"]
[cohorts.all]
features = "features.csv"
tables = "clinical.csv"
[course]
days = "days"
at_least_days = 14
[learn.delta]
plugin = "predict-elastic-net"
cohort = "all"
target = { number = "y" }
alpha = [1]
lambdas = 20
folds = 3
outer_folds = 3
[evaluate.all]
cohort = "all"
score = "delta"
outcome = { number = "y" }
predictions = "out of fold"
[report]
pictures = false
"#;

#[test]
fn a_learner_finds_what_changes() {
    let (features, clinical) = driven();
    let batch = study(LEARN, &features);
    batch.write("clinical.csv", &clinical);
    let said = run_study(&batch, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let read = |name: &str| std::fs::read_to_string(batch.path("out").join(name)).expect("a file");
    let model: String = read("models/delta.toml");
    let used = |name: &str| {
        model.contains(&format!("name = \"{name}\"\n")) && !model.contains(&format!("name = \"{name}\"\nunused"))
    };
    assert!(used("driver@difference") && !used("driver"), "{model}");
    // How the delta is made is part of the model.
    assert!(model.contains("at_least_days = 14"), "{model}");
    assert!(!model.contains("\"days\"") && !model.contains("days@"), "when a scan was made is no input: {model}");
    let study: serde_json::Value = serde_json::from_str(&read("study.json")).expect("JSON");
    let r = study["evaluations"][0]["result"].to_string();
    assert_eq!(study["evaluations"][0]["n"], 60, "{r}");
    assert_eq!(table(&batch.path("out/all/scores.csv")).len(), 60);
    let left_out: BTreeMap<String, [String; 2]> = table(&batch.path("out/left_out.csv"))
        .into_iter()
        .map(|row| (row["case"].clone(), ["stage", "reason"].map(|column| row[column].clone())))
        .collect();
    for (case, why) in [
        ("a60", "no time point after the baseline"),
        ("a61", "those with features are after 7 days"),
        ("a62", "a62 and b62 are of one time point, and [course] names no column that tells lesions apart"),
        ("a63", "its `days` is `soon`, expected a number of days"),
    ] {
        let [stage, reason] = &left_out[case];
        assert!(stage == "course" && reason.contains(why), "{case}: {reason}");
    }
    let course = table(&batch.path("out/all/course.csv"));
    let state = |case: &str| course.iter().find(|row| row["case"] == case).map(|row| [&*row["state"], &*row["used"]]);
    assert_eq!(state("b00"), Some(["followed", "follow-up"]));
    assert_eq!(state("b61"), Some(["followed", ""]));
    assert_eq!((state("b62"), state("a63")), (Some(["unclear", ""]), Some(["left out", ""])));
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let features = oracle("course.csv");
    let (header, rows) = features.split_once('\n').expect("rows");
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.sort_unstable();
    let sorted = format!("{header}\n{}\n", rows.join("\n"));
    let read = |features: &str| {
        let batch = study(EXPERIMENT, features);
        assert_eq!(run_study(&batch, &["--until", "extract"]).code, Some(0));
        let mut rows = table(&batch.path("out/all/delta.csv"));
        rows.sort();
        rows
    };
    assert_eq!(read(&features), read(&sorted));
}

#[test]
fn mistakes_are_told_at_their_place() {
    for (change, why) in [
        (("date = \"date\"", "date = \"date\"\ndays = \"days\""), "takes one of `date`"),
        (("date = \"date\"\n", ""), "takes one of `date`"),
        (("date = \"date\"", "date = \"dato\""), "has a column `dato`; did you mean `date`"),
        (("date = \"date\"", "days = \"date\""), "nobody could be followed"),
        (("\"ratio\"", "\"rate\""), "`deltas` has \"rate\", expected some of \"difference\""),
        (("at_least_days = 14", "at_least_days = 0"), "expected days above 0"),
        (("at_most_days = 400", "at_most_days = 4"), "less than `at_least_days`"),
        (
            ("lesion = \"lesion\"", "lesion = \"lesion\"\ninputs = [\"steadyy\"]"),
            "no number among the inputs fits `steadyy`; did you mean `steady`",
        ),
        (("lesion = \"lesion\"", "lesions = \"lesion\""), "unknown key `lesions`"),
        (
            ("lesion = \"lesion\"", "lesion = \"lesion\"\nsums = { longest = \"steady\", nodes = [\"n\"] }"),
            "`nodes` are values of the column that `location` names",
        ),
    ] {
        let text = EXPERIMENT.replace(change.0, change.1);
        assert_ne!(text, EXPERIMENT, "{why}");
        let said = run_study(&study(&text, &oracle("course.csv")), &["--until", "extract"]);
        assert!(said.code == Some(2) && said.err.contains(why), "{why}: {said:?}");
    }
    let ambiguous = "case,patient,lesion,date,steady,signed,gappy\na,p,1,03/04/2020,1,1,1\nb,p,1,05/06/2020,1,1,1\n";
    let said = run_study(&study(EXPERIMENT, ambiguous), &["--until", "extract"]);
    assert!(said.code == Some(2) && said.err.contains("nobody can tell day and month"), "{said:?}");
}
