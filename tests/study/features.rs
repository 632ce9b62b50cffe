//! Studies of tables of features, without scans: what must not be taken for what it is not.

use std::fmt::Write as _;

use crate::support::Results;

const PLUGINS: &str = "[plugins]\nuse = [\"predict-elastic-net\"]\n[cohorts.all]\nfeatures = \"features.csv\"\n";

const NET: &str =
    "plugin = \"predict-elastic-net\"\ncohort = \"all\"\nalpha = [0.5]\nlambdas = 15\nfolds = 3\nouter_folds = 3\n";

/// Numbers that look random, from 0 to 1.
fn chance(stream: u64, row: u64) -> f64 {
    let state = (stream + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (row + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    ((state ^ (state >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Patients with two features, and in another table age, a class, a scanner and a time until an event.
fn write(results: &Results, patients: u64) {
    let (mut features, mut clinical) =
        ("patient,x,volume\n".to_owned(), "patient,age,cls,scanner,months,died\n".to_owned());
    for at in 0..patients {
        let (x, volume) = (chance(0, at), 1.0 + chance(1, at));
        writeln!(features, "p{at},{x},{volume}").expect("a text");
        let class = u8::from(chance(2, at) + 0.3 * x > 0.6);
        let (age, months) = (40.0 + 40.0 * chance(3, at), 1.0 + 30.0 * chance(4, at));
        writeln!(clinical, "p{at},{age},{class},{},{months},0", ["A", "B"][at as usize % 2]).expect("a text");
    }
    results.write("features.csv", &features);
    results.write("clinical.csv", &clinical);
}

#[test]
fn what_is_to_be_learnt_is_in_no_baseline_and_cannot_be_kept() {
    let results = Results::empty();
    write(&results, 30);
    let sections = "tables = \"clinical.csv\"\n[covariates.age]\n[covariates.cls]\n[covariates.scanner]\nlevels = [\"A\", \"B\"]\n";
    let target = "target = { class = \"cls\", positive = [\"1\"] }\nwithout = \"cls\"\n";
    let text = format!("{PLUGINS}{sections}[learn.m]\n{NET}{target}");
    let said = results.run(&results.write("study.toml", &text), &["--until", "train"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let told: serde_json::Value = serde_json::from_str(&results.read("models/m.training.json")).expect("JSON");
    let inputs = |name: &str| {
        let baselines = told["baselines"].as_array().expect("baselines");
        baselines.iter().find(|of| of["name"] == name).expect(name)["inputs"].clone()
    };
    assert_eq!(inputs("clinical alone"), serde_json::json!(["age", "scanner=A", "scanner=B"]));
    assert_eq!(inputs("volume alone"), serde_json::json!(["volume"]));
    // A baseline that is the target under another name is told of, though the signature has nothing of it.
    let number = "target = { number = \"size\" }\ninputs = \"x\"\n";
    let table = results.read("features.csv").replace(",volume", ",volume,size");
    let with_size = |line: &str| match line.rsplit_once(',') {
        Some((_, volume)) if line.starts_with('p') && !line.starts_with("patient") => format!("{line},{volume}"),
        _ => line.to_owned(),
    };
    let table: Vec<String> = table.lines().map(with_size).collect();
    results.write("features.csv", &(table.join("\n") + "\n"));
    let text = format!("{PLUGINS}columns = [\"x\", \"volume\"]\n[learn.m]\n{NET}{number}");
    let said = results.run(&results.write("size.toml", &text), &["--until", "train", "--replace"]);
    assert!(
        said.err.contains("the baseline \"volume alone\": the input `volume` goes with `size` almost perfectly"),
        "{said:?}"
    );
    let kept = format!("{target}harmonise = \"combat\"\nharmonise_by = \"scanner\"\nharmonise_keep = \"cls\"\n");
    let text = format!("{PLUGINS}{sections}[learn.m]\n{NET}{kept}");
    let said = results.run(&results.write("kept.toml", &text), &["--until", "train", "--replace"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("`harmonise_keep` has \"cls\", which is what is to be learnt"), "{said:?}");
}

#[test]
fn a_table_without_an_event_has_no_figure_and_says_so_before_and_after() {
    let results = Results::empty();
    write(&results, 12);
    results.write(
        "m.toml",
        "[model]\nname = \"m\"\nlink = \"identity\"\nintercept = 0.0\n[[input]]\nname = \"x\"\ncoefficient = 1.0\n",
    );
    let text = format!(
        "{}tables = \"clinical.csv\"\n[predict.m]\nplugin = \"predict-linear\"\nmodel = \"m.toml\"\n[evaluate.e]\ncohort = \"all\"\nscore = \
         \"m\"\noutcome = {{ time = \"months\", event = \"died\", seen = [\"1\"], unit = \"months\" }}\n",
        PLUGINS.replace("predict-elastic-net", "predict-linear")
    );
    let path = results.write("study.toml", &text);
    let checked = voxomics_tests::run(["check".to_owned(), path.display().to_string()]);
    assert!(
        checked.out.contains("`died` says of none of 12 that the event was seen")
            || checked.err.contains("`died` says of none of 12 that the event was seen"),
        "{checked:?}"
    );
    let said = results.run(&path, &[]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("`died` says of nobody that the event was seen"), "{said:?}");
}

#[test]
fn a_model_of_a_table_scores_tables_with_fewer_and_with_other_words() {
    let results = Results::empty();
    let row = |at: u64, site: &str| {
        let x = chance(0, at);
        let y = x + if site == "n" { 2.0 } else { 0.0 } + if site == "s" { 1.0 } else { 0.0 } + 0.1 * chance(1, at);
        format!("p{at},{x},{site},{y}\n")
    };
    let table: String = (0..24).map(|at| row(at, ["n", "s", "w"][at as usize % 3])).collect();
    results.write("features.csv", &format!("patient,x,site,y\n{table}"));
    let columns = "columns = [\"x\", \"site\"]\n";
    let text = format!("{PLUGINS}{columns}[learn.m]\n{NET}target = {{ number = \"y\" }}\n");
    let said = results.run(&results.write("learn.toml", &text), &["--until", "train"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    std::fs::copy(results.path().join("models/m.toml"), results.path().join("given.toml")).expect("a model");
    let predict = "[predict.m]\nplugin = \"predict-elastic-net\"\nmodel = \"given.toml\"\n";
    let text = format!("{PLUGINS}{columns}{predict}");
    for (name, rows, word) in [
        ("fewer", format!("{}{}", row(30, "n"), row(31, "s")), None),
        ("one patient", row(30, "w"), None),
        ("a new word", format!("{}{}{}", row(30, "n"), row(31, "e"), row(32, "s")), Some("`site` is `e`")),
        ("nothing", "p30,,n,\np31,,s,\n".to_owned(), None),
    ] {
        results.write("features.csv", &format!("patient,x,site,y\n{rows}"));
        let said = results.run(&results.write("score.toml", &text), &["--until", "score", "--replace"]);
        let scores = results.table("all/scores.csv");
        assert_eq!(scores.len(), rows.lines().count(), "{name}: {said:?}");
        assert!(said.code == Some(0) || name == "nothing" || word.is_some(), "{name}: {said:?}");
        // What is not known is a stated absence or a doubt, and never a score without a word.
        if let Some(word) = word {
            let told = format!("{:?}{}", scores[1], said.err);
            assert!(told.contains("`e`"), "{name}: {word}: {told}");
        }
    }
}
