//! A model that was learnt on scans scores a table of the same features, and the other way round, where it is known how the features of
//! the table were made.

use crate::support::Results;

const SCANS: &str = r#"
[plugins]
use = ["load-nifti", "features-statistics", "predict-elastic-net"]
[regions.tumour]
[interpolation]
spacing_mm = [3, 3, 3]
[features.statistics]
[cohorts.a]
cases = "cases.csv"
tables = "patients.csv"
"#;

const TABLE: &str = r#"
[plugins]
use = ["predict-elastic-net"]
[cohorts.a]
features = "a/features.csv"
columns = "statistics.*"
"#;

const LEARN: &str = "[learn.model]\nplugin = \"predict-elastic-net\"\ncohort = \"a\"\ntarget = { number = \"CD8B\" }\nfolds = \
                     3\nouter_folds = 0\nalpha = [0.01]\nlambdas = 20\n";

fn predict(model: &str) -> String {
    format!("[predict.given]\nplugin = \"predict-elastic-net\"\nmodel = \"{model}\"\n")
}

/// Two folders: one with scans and a model of them, one with the table of their features, which has the target as well, and what lies
/// beside it.
fn folders() -> (Results, Results) {
    let (scans, tables) = (Results::new(), Results::empty());
    let rows = scans.table("simulated/train/cases.csv");
    let first = rows.iter().filter(|row| row["case"].ends_with("-1")).take(14).enumerate();
    let folder = "simulated/train";
    let cases: Vec<String> = first
        .map(|(at, row)| format!("c{at:02},{folder}/{},{folder}/{},{}", row["image"], row["mask"], row["patient"]))
        .collect();
    scans.write("cases.csv", &format!("case,image,mask,patient\n{}\n", cases.join("\n")));
    let patients = scans.table("simulated/train/patients.csv");
    let patients: Vec<String> = patients.iter().map(|row| format!("{},{}", row["patient"], row["CD8B"])).collect();
    scans.write("patients.csv", &format!("patient,CD8B\n{}\n", patients.join("\n")));
    let said = scans.run(&scans.write("scans.toml", &format!("{SCANS}{LEARN}")), &["--until", "score"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    std::fs::create_dir(tables.path().join("a")).expect("a folder");
    for name in ["a/features.csv", "resolved.toml", "voxomics.lock", "models/model.toml"] {
        let to = name.trim_start_matches("models/");
        std::fs::copy(scans.path().join(name), tables.path().join(to)).expect(name);
    }
    (scans, tables)
}

fn values(results: &Results, model: &str) -> Vec<(String, String)> {
    let rows = results.table("a/scores.csv");
    let of = rows.into_iter().filter(|row| row["model"] == model);
    of.map(|mut row| (row.remove("case").expect("a case"), row.remove("value").expect("a score"))).collect()
}

/// Runs in a folder of its own, beside the tables.
fn run(results: &Results, name: &str, text: &str) -> voxomics_tests::Said {
    let experiment = results.write(&format!("{name}.toml"), text);
    let out = results.path().join(name);
    voxomics_tests::run(["run".to_owned(), experiment.display().to_string(), "--out".into(), out.display().to_string()])
}

fn scored(results: &Results, name: &str) -> Vec<(String, String)> {
    let rows = voxomics_tests::table(&results.path().join(name).join("a/scores.csv"));
    rows.into_iter()
        .map(|mut row| (row.remove("case").expect("a case"), row.remove("value").expect("a score")))
        .collect()
}

#[test]
fn a_model_of_scans_scores_the_table_of_their_features() {
    let (scans, tables) = folders();
    let expected = values(&scans, "model");
    assert!(expected.len() > 10 && expected.iter().any(|row| row.1 != expected[0].1), "{expected:?}");
    let all_but_one = &expected[..expected.len() - 1];
    // The lock tells which experiment made the table.
    let text = format!("{TABLE}{}", predict("model.toml"));
    let said = run(&tables, "locked", &text);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(scored(&tables, "locked"), expected);
    // A table that was changed since is not the one that the lock tells of.
    let path = tables.path().join("a/features.csv");
    let table = std::fs::read_to_string(&path).expect("a table");
    std::fs::write(&path, table.trim_end().rsplit_once('\n').expect("lines").0.to_owned() + "\n").expect("a table");
    let said = run(&tables, "changed", &text);
    assert_eq!(said.code, Some(2), "{said:?}");
    let why = "learnt from scans, and the table does not tell how its features were made";
    assert!(said.err.contains(why) && said.err.contains("settings = "), "{}", said.err);
    // Whoever knows says so: by the experiment, or by its digest.
    let stated = |settings: &str| text.replace("columns =", &format!("settings = \"{settings}\"\ncolumns ="));
    let said = run(&tables, "stated", &stated("resolved.toml"));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(scored(&tables, "stated"), all_but_one);
    let model = scans.read("models/model.toml");
    let extraction = model.split("[extraction]").nth(1).expect("a table");
    let digest = extraction.split("digest = \"").nth(1).expect("a digest").split('"').next().expect("its end");
    let said = run(&tables, "digest", &stated(digest));
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("is stated by a digest, and was not checked"), "{}", said.err);
    assert_eq!(scored(&tables, "digest"), all_but_one);
    let other: String = digest.chars().rev().collect();
    assert_eq!(run(&tables, "other", &stated(&other)).code, Some(2));
    // Other settings are told by their keys.
    let resolved = tables.path().join("resolved.toml");
    let text = std::fs::read_to_string(&resolved).expect("an experiment");
    let spacing = text.lines().position(|line| line.starts_with("spacing_mm")).expect("a spacing");
    let end = text.lines().skip(spacing).position(|line| line.trim_end().ends_with(']')).expect("its end") + spacing;
    let lines: Vec<&str> =
        text.lines().enumerate().filter(|(at, _)| !(spacing..=end).contains(at)).map(|(_, line)| line).collect();
    let finer = lines.join("\n").replace("[interpolation]", "[interpolation]\nspacing_mm = [2, 2, 2]");
    tables.write("finer.toml", &finer);
    let said = run(&tables, "finer-out", &stated("finer.toml"));
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(
        said.err.contains("interpolation.spacing_mm is [3.0,3.0,3.0] in the model and [2.0,2.0,2.0] here"),
        "{}",
        said.err
    );
}

#[test]
fn a_model_of_a_table_scores_the_scans_that_it_was_made_of() {
    let (scans, tables) = folders();
    let said = run(&tables, "learnt", &format!("{TABLE}{LEARN}"));
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = std::fs::read_to_string(tables.path().join("learnt/models/model.toml")).expect("a model");
    // What was learnt on the table is what was learnt on the scans, to the last digit.
    let numbers = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| ["coefficient", "intercept", "unit", "ibsi"].iter().any(|key| line.starts_with(key)))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(numbers(&model), numbers(&scans.read("models/model.toml")));
    scans.write("of-table.toml", &model);
    let text = format!("{SCANS}{}", predict("of-table.toml"));
    let expected = values(&scans, "model");
    let said = scans.run(&scans.write("given.toml", &text), &["--until", "score", "--replace"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(values(&scans, "given"), expected);
    // Learnt on a table of which nobody knows.
    std::fs::remove_file(tables.path().join("voxomics.lock")).expect("a lock");
    let said = run(&tables, "unknown", &format!("{TABLE}{LEARN}"));
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = std::fs::read_to_string(tables.path().join("unknown/models/model.toml")).expect("a model");
    scans.write("of-table.toml", &model);
    let said = scans.run(&scans.write("given.toml", &text), &["--until", "score", "--replace"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("a table that does not tell how its features were made"), "{}", said.err);
    // It goes on scoring tables, as nobody knew before.
    std::fs::copy(scans.path().join("of-table.toml"), tables.path().join("of-table.toml")).expect("a model");
    assert_eq!(run(&tables, "again", &format!("{TABLE}{}", predict("of-table.toml"))).code, Some(0));
}
