//! Exporters in a study: each case leaves with the scores of all models.

use serde_json::Value as Json;
use voxomics_tests::workspace;

use crate::support::{QUICK, Results, whole};

/// The quick quickstart with exporters, `export-json` among them, run to its scores.
fn exported_by(exporters: &[&str], more: &str) -> (Results, voxomics_tests::Said) {
    let results = Results::new();
    let exporters: String = exporters.iter().map(|name| format!(", \"{name}\"")).collect();
    let text = std::fs::read_to_string(workspace().join("configs/quickstart.toml")).expect("the quickstart");
    let text = text.replace("\"predict-elastic-net\"]", &format!("\"predict-elastic-net\"{exporters}]"));
    let experiment =
        results.write("quickstart.toml", &format!("{text}\n[export.record]\nplugin = \"export-json\"\n{more}"));
    let mut more = vec!["--until", "score", "--set", "simulation.patients=48"];
    QUICK.iter().for_each(|set| more.extend(["--set", set]));
    let said = results.run(&experiment, &more);
    (results, said)
}

#[test]
fn what_is_exported_has_the_scores_of_the_model_that_was_learnt() {
    let (results, said) = exported_by(&["export-json"], "");
    assert_eq!(said.code, Some(0), "{said:?}");
    let mut seen = 0;
    for cohort in ["train", "genomic", "histological", "clinical"] {
        let table = format!("{cohort}/scores.csv");
        // An exporter changes no number.
        assert_eq!(results.read(&table), whole().0.read(&table));
        for row in results.table(&table) {
            let file = format!("{cohort}/export/record/{}/results.json", row["case"]);
            let record: Json = serde_json::from_str(&results.read(&file)).expect("JSON");
            let scores = record["scores"].as_array().expect("scores");
            let score = scores.iter().find(|score| score["model"] == row["model"]).expect("the model");
            let value = score["outputs"][0]["value"].as_f64().expect("a number");
            assert_eq!(value, row["value"].parse::<f64>().expect("a number"), "{file}");
            assert_eq!(score["doubts"].as_array().map_or(0, Vec::len) > 0, !row["doubts"].is_empty(), "{file}");
            assert!(record["rows"].as_array().is_some_and(|rows| rows.len() == 2), "tumour and ring: {file}");
            seen += 1;
        }
    }
    assert!(seen > 48, "{seen}");
}

#[test]
fn what_cannot_be_exported_is_told_and_costs_nothing_else() {
    // A scan that came as NIfTI names no study that a DICOM object could belong to.
    let (results, said) = exported_by(&["export-json", "export-dicom"], "[export.pacs]\nplugin = \"export-dicom\"\n");
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(
        said.err.contains("could not be exported; the first: ") && said.err.contains("load the case from"),
        "{}",
        said.err
    );
    let cases = results.table("train/cases.csv");
    let failures = results.table("train/failures.csv");
    assert_eq!(failures.len(), cases.len());
    let told = |row: &voxomics_tests::batch::Row| (row["stage"] == "export") && row["plugin"].contains("export-dicom");
    assert!(failures.iter().all(told), "{failures:?}");
    for case in &cases {
        assert!(results.path().join(format!("train/export/record/{}/results.json", case["case"])).is_file());
    }
    assert_eq!(results.read("train/scores.csv"), whole().0.read("train/scores.csv"));
}

#[test]
fn tables_alone_have_nothing_to_export() {
    let results = Results::empty();
    results.write("features.csv", "patient,a,y\np1,1,2\np2,2,3\np3,3,5\n");
    let text = "[plugins]\nuse = [\"predict-elastic-net\", \"export-json\"]\n[cohorts.all]\nfeatures = \"features.csv\"\n\
                [export.record]\nplugin = \"export-json\"\n";
    let said = results.run(&results.write("study.toml", text), &[]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("there is nothing to export: every cohort is a table of features"), "{}", said.err);
}
