//! Shells, robust features, deltas and negative controls in one study: each has its table and its place in the report.

use serde_json::Value as Json;
use voxomics_tests::{run, table, workspace};

#[test]
fn shells_robust_features_deltas_and_controls_stand_in_one_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = workspace().join("configs/variants/over-time.toml");
    let mut arguments =
        vec!["run".to_owned(), path.display().to_string(), "--out".into(), folder.path().display().to_string()];
    let set = [
        "simulation.patients=14",
        "interpolation.spacing_mm=[3, 3, 3]",
        "perturb.rotation_deg=0",
        "learn.delta.alpha=[0.5]",
        "learn.delta.folds=3",
        "learn.delta.outer_folds=3",
        "learn.first.alpha=[0.5]",
        "learn.first.folds=3",
        "learn.first.outer_folds=3",
    ];
    arguments.extend(set.iter().flat_map(|set| ["--set".to_owned(), (*set).to_owned()]));
    let said = run(&arguments);
    assert_eq!(said.code, Some(0), "{said:?}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a file");

    let features = table(&folder.path().join("course/features.csv"));
    for region in ["tumour", "shell_0_3", "shell_3_6", "shell_6_9"] {
        assert!(features.iter().any(|row| row["region"] == region), "{region}");
    }
    let outlines = features.iter().filter(|row| row["region"] == "tumour").count();
    for (name, times) in [("perturbed.csv", 2), ("controls.csv", 2)] {
        let rows = table(&folder.path().join("course").join(name));
        assert_eq!(rows.iter().filter(|row| row["region"] == "tumour").count(), times * outlines, "{name}");
    }
    assert!(!table(&folder.path().join("course/robustness.csv")).is_empty());
    let deltas = table(&folder.path().join("course/delta.csv"));
    assert!(
        deltas.iter().any(|row| row.keys().any(|column| column.starts_with("shell_6_9:lifex."))),
        "no delta of a shell"
    );

    // A delta is as robust as its input, and nothing is learnt from one that is not.
    let told: Json = serde_json::from_str(&read("models/delta.training.json")).expect("JSON");
    let lower = told["reliability"]["lower"].as_object().expect("limits");
    let robust = |name: &str| lower[name].as_f64().is_some_and(|lower| lower >= 0.75);
    let few = lower.keys().filter(|name| robust(name)).count();
    assert!(
        few > 0 && few < lower.len() && lower.keys().all(|name| name.ends_with("@difference")),
        "{few} of {}",
        lower.len()
    );
    let model = read("models/delta.toml");
    let is_used = |name: &&String| {
        let named = format!("name = \"{name}\"\n");
        model.contains(&named) && !model.contains(&format!("{named}unused = true"))
    };
    let used: Vec<&String> = lower.keys().filter(is_used).collect();
    assert!(!used.is_empty() && used.iter().all(|name| robust(name)), "{used:?}");

    let study: Json = serde_json::from_str(&read("study.json")).expect("JSON");
    let controls = |name: &str| {
        let all = study["evaluations"].as_array().expect("evaluations").iter();
        all.clone().find(|evaluation| evaluation["name"] == name).expect("the evaluation")["controls"]["rows"].clone()
    };
    assert_eq!(
        (&controls("first")[0]["name"], &controls("first")[1]["name"]),
        (&"shuffled region".into(), &"shuffled outside".into())
    );
    assert!(controls("first")[0]["difference"]["value"].is_number(), "{}", controls("first"));
    assert!(controls("delta")[0]["note"].as_str().is_some_and(|note| note.contains("changes over time")));
    let page = read("report/report.html");
    for words in ["measured inputs were not learnt from: the lower limit of their ICC(1,1)", "Beside negative controls"]
    {
        assert!(page.contains(words), "{words}");
    }
}
