//! Scanners that are aligned while covariates are kept, in every model that a study learns: the one of all patients, those of the
//! outer folds, and the baselines beside them.

use serde_json::Value as Json;

use crate::support::Results;

/// Numbers from −1 to 1 that look random.
fn chance(column: usize, row: usize) -> f64 {
    let state =
        (column as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (row as u64 + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    let state = (state ^ (state >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((state ^ (state >> 29)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// Older patients were scanned in the second scanner, and features follow scanner and age.
fn tables(results: &Results) {
    let (mut features, mut clinical) = ("patient,a,b,c,d,volume_ml\n".to_owned(), "patient,age,scanner,y\n".to_owned());
    for row in 0..60 {
        let second = row % 2;
        let age = 55.0 + 12.0 * second as f64 + 8.0 * chance(0, row);
        let cell = |column: usize| chance(column, row) * (1 + second) as f64 + 5.0 * second as f64 + 0.1 * age;
        let cells: Vec<String> = (1..6).map(|column| cell(column).to_string()).collect();
        features += &format!("p{row:02},{}\n", cells.join(","));
        let y = 2.0 * chance(1, row) + 0.3 * chance(9, row);
        clinical += &format!("p{row:02},{age},{},{y}\n", ["first", "second"][second]);
    }
    results.write("features.csv", &features);
    results.write("clinical.csv", &clinical);
}

fn experiment(more: &str) -> String {
    format!(
        r#"
[plugins]
use = ["predict-elastic-net"]
[cohorts.all]
features = "features.csv"
tables = ["clinical.csv"]
[covariates.scanner]
levels = ["first", "second"]
[covariates.age]
[learn.signature]
plugin = "predict-elastic-net"
cohort = "all"
target = {{ number = "y" }}
alpha = [0.5]
lambdas = 20
folds = 3
outer_folds = 3
harmonise = "combat"
harmonise_by = "scanner"
{more}
"#
    )
}

#[test]
fn what_is_kept_is_known_to_every_model_that_is_learnt() {
    let results = Results::empty();
    tables(&results);
    for (more, is_kept, is_input) in [
        ("", false, true),
        ("harmonise_keep = \"age\"", true, true),
        // A covariate may be kept and be no input.
        ("harmonise_keep = \"age\"\nwithout = \"age\"", true, false),
    ] {
        let said = results.run(&results.write("study.toml", &experiment(more)), &["--replace"]);
        assert_eq!(said.code, Some(0), "{more}: {said:?}");
        assert!(!said.err.contains("failed"), "{more}: {}", said.err);
        let model = results.read("models/signature.toml");
        assert_eq!(model.contains("\nkept = [\"age\"]\n"), is_kept, "{more}: {model}");
        assert!(is_input || !model.contains("unaligned = "), "{more}: {model}");
        assert!(model.contains("[[performance.figure]]") && !model.contains("\nfailed = "), "{more}: {model}");
        let told: Json = serde_json::from_str(&results.read("models/signature.training.json")).expect("JSON");
        let baselines = told["baselines"].as_array().expect("baselines");
        let names: Vec<&str> = baselines.iter().filter_map(|baseline| baseline["name"].as_str()).collect();
        assert_eq!(names, ["volume alone", "clinical alone"], "{more}");
        for baseline in baselines {
            assert!(baseline["failed"].is_null() && baseline["outer"].is_object(), "{more}: {baseline}");
        }
        let scored = results.table("all/scores.csv");
        assert_eq!(scored.iter().filter(|row| row["status"] == "ok").count(), 60, "{more}");
    }
}

#[test]
fn a_covariate_that_cannot_be_kept_is_refused_by_name() {
    let results = Results::empty();
    tables(&results);
    for (more, why) in [
        ("harmonise_keep = \"grade\"", "`harmonise_keep` has \"grade\", which is no covariate"),
        ("harmonise_keep = \"scanner\"", "by which is harmonised"),
    ] {
        let said = results.run(&results.write("study.toml", &experiment(more)), &["--replace"]);
        assert!(said.code == Some(2) && said.err.contains(why), "{more}: {said:?}");
    }
    let unknown = experiment("harmonise_keep = \"age\"").replace("harmonise_by = \"scanner\"\n", "");
    let said = results.run(&results.write("study.toml", &unknown), &["--replace"]);
    assert!(said.code == Some(2) && said.err.contains("there is no `harmonise_by`"), "{said:?}");
}
