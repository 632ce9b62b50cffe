//! Exporters in a study: each case leaves with the scores of all models.

use serde_json::Value as Json;
use voxomics_tests::workspace;

use crate::support::{QUICK, Results, whole};

/// The quick quickstart with an exporter, run to its scores.
fn exported(more: &str) -> (Results, voxomics_tests::Said) {
    let results = Results::new();
    let text = std::fs::read_to_string(workspace().join("configs/quickstart.toml")).expect("the quickstart");
    let text = text.replace("\"predict-elastic-net\"]", "\"predict-elastic-net\", \"export-json\"]");
    let experiment =
        results.write("quickstart.toml", &format!("{text}\n[export.record]\nplugin = \"export-json\"\n{more}"));
    let mut more = vec!["--until", "score", "--set", "simulation.patients=48"];
    QUICK.iter().for_each(|set| more.extend(["--set", set]));
    let said = results.run(&experiment, &more);
    (results, said)
}

#[test]
fn what_is_exported_has_the_scores_of_the_model_that_was_learnt() {
    let (results, said) = exported("");
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
