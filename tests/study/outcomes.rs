//! What evaluations answer for: everybody is counted, and where nothing is, nothing is found.

use serde_json::Value as Json;

use crate::support::{Results, whole};

fn list(value: &Json) -> &Vec<Json> {
    value.as_array().expect("a list")
}

#[test]
fn everybody_of_a_cohort_is_evaluated_or_left_out_for_a_reason() {
    let study = whole().0.study();
    let evaluations = list(&study["evaluations"]);
    assert_eq!(evaluations.len(), 5);
    for evaluation in evaluations {
        let cohort = evaluation["cohort"].as_str().expect("a cohort");
        let patients = whole().0.table(&format!("simulated/{cohort}/patients.csv"));
        let left_out = list(&evaluation["left_out"]);
        assert_eq!(evaluation["n"].as_u64().unwrap() as usize + left_out.len(), patients.len(), "{evaluation}");
        assert!(left_out.iter().all(|lost| !lost["reason"].as_str().unwrap_or_default().is_empty()), "{left_out:?}");
    }
    // Of the phenotypes, the third kind counts for neither class.
    let excluded = whole().0.table("simulated/histological/patients.csv");
    let excluded = excluded.iter().filter(|row| row["phenotype"] == "excluded").count();
    let phenotype = evaluations.iter().find(|evaluation| evaluation["name"] == "phenotype").expect("an evaluation");
    assert!(excluded > 0);
    let neither =
        list(&phenotype["left_out"]).iter().filter(|lost| lost["reason"].to_string().contains("neither class"));
    assert_eq!(neither.count(), excluded, "{phenotype}");
}

/// Chance may look like something in one evaluation of few patients; the seed is fixed, so it does not from run to run.
#[test]
fn where_nothing_is_nothing_is_found() {
    let folder = Results::new();
    std::fs::remove_dir_all(folder.path().join("simulated")).expect("a folder");
    let said = folder.quickstart("run", &["--set", "simulation.patients=40", "--set", "simulation.effect=0"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let study = folder.study();
    let model = &study["models"][0];
    let none_kept = list(&model["terms"]).is_empty();
    let notes = model["notes"].to_string();
    assert_eq!(notes.contains("No input was kept"), none_kept, "{notes}");
    let results = list(&study["evaluations"]).iter().map(|evaluation| &evaluation["result"]);
    let aucs: Vec<&Json> = results.filter(|result| result["kind"] == "class").map(|result| &result["auc"]).collect();
    assert_eq!(aucs.len(), 3);
    // An AUC of too few patients has no interval, and claims nothing.
    let holds_chance = |auc: &&&Json| match (auc["low"].as_f64(), auc["high"].as_f64()) {
        (Some(low), Some(high)) => low <= 0.5 && 0.5 <= high,
        ends => {
            assert_eq!(ends, (None, None));
            true
        }
    };
    assert!(none_kept || aucs.iter().filter(holds_chance).count() >= 2, "{}", said.out);
    let page = folder.read("report/report.html");
    assert!(!none_kept || page.contains("No input was kept"));
    assert_eq!(said.out.lines().filter(|line| line.contains(", n = ")).count(), 5, "{}", said.out);
}
