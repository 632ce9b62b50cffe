//! A study is made again from what its results say: tables, models and report have the same bytes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use voxomics_tests::{
    Said,
    batch::{Batch, Row},
    run, table, workspace,
};

/// What makes a study quick.
const QUICK: &str = "learn.signature.folds=3";

/// A simulated study of few patients as somebody's own: its scans, lists and tables in a folder, and the study that
/// `simulate` prints, with pictures.
fn study() -> Batch {
    let batch = Batch::default();
    let scans = batch.path("scans").display().to_string();
    let said = run(["simulate", "cohort", &scans, "--patients", "36"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let (_, text) = said.out.split_once("\n[plugins]").expect("a study");
    let text = format!("# Mine.\n[plugins]{text}").replace("spacing_mm = [1, 1, 1]", "spacing_mm = [2, 2, 2]");
    let text = text.replace("outer_folds = 3", "outer_folds = 0").replace("pictures = false", "pictures = true");
    // A label that no voxel has, and a patient without a row in the tables: reasons are told of both.
    let list = batch.path("scans/clinical/cases.csv");
    let mut rows: Vec<Vec<String>> = fs::read_to_string(&list)
        .expect("a list")
        .lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect();
    let column = |name: &str| rows[0].iter().position(|column| column == name).expect("a column");
    let (label, patient) = (column("label"), column("patient"));
    rows[1][label] = "99".into();
    rows[2][patient] = "LOST-0001".into();
    let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
    fs::write(&list, lines.join("\n") + "\n").expect("a list");
    batch.write("study.toml", text);
    batch
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// Every file below a folder, by its name there.
fn every_file(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn below(folder: &Path, all: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() { below(&entry, all) } else { all.push(entry) }
        }
    }
    let mut all = Vec::new();
    below(folder, &mut all);
    let name = |path: &Path| path.strip_prefix(folder).expect("below").display().to_string();
    all.iter().map(|path| (name(path), fs::read(path).expect("a file"))).collect()
}

/// Every file below a folder of results but those that say when, where and how it was made, and what the program keeps.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let own = [".voxomics/", "kept/", "simulated/", "experiment/"];
    let differs = ["run.json", "study.json", "voxomics.lock", "cases.csv", "resolved.toml"];
    let mut all = every_file(folder);
    all.retain(|name, _| {
        !own.iter().any(|own| name.starts_with(own)) && !differs.iter().any(|end| name.ends_with(end))
    });
    all
}

#[track_caller]
fn assert_same(a: &Path, b: &Path, least: &[&str]) {
    let (a, b) = (files(a), files(b));
    for name in least {
        assert!(a.contains_key(*name), "{name} is not there: {:?}", a.keys());
    }
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in &a {
        assert!(*bytes == b[name], "{name} differs");
    }
}

#[test]
fn a_study_that_was_moved_is_made_again_from_inputs_that_were_moved() {
    let batch = study();
    let [study, out] = ["study.toml", "out"].map(|name| batch.path(name));
    let said = run(["run", &text(&study), "--out", &text(&out), "--set", QUICK]);
    assert_eq!(said.code, Some(3), "one case fails: {said:?}");

    // Results to one place, scans, lists and tables to another, some under other names.
    let [results, archive] = ["moved/results", "archive"].map(|name| batch.path(name));
    fs::create_dir(batch.path("moved")).expect("a folder");
    fs::create_dir(&archive).expect("a folder");
    fs::rename(&out, &results).expect("a folder");
    fs::rename(batch.path("scans"), archive.join("images")).expect("a folder");
    fs::rename(&study, archive.join("study.toml")).expect("a file");
    for (from, to) in [("clinical/cases.csv", "clinical-cases.txt"), ("train/patients.csv", "of-the-training.txt")] {
        fs::rename(archive.join("images").join(from), archive.join(to)).expect("a file");
    }
    let said = run(["rerun", &text(&results)]);
    assert_eq!(said.code, Some(2), "{said:?}");
    for words in ["patients.csv (cohorts.train.tables.0) is not there", "the list ", "--inputs FOLDER looks for"] {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
    assert!(!batch.path("moved/results-rerun").exists(), "nothing was run");

    let again = |from: &Path, to: &Path| -> Said {
        run(["rerun", &text(from), "--inputs", &text(&archive), "--out", &text(to), "--locked", "--threads", "1"])
    };
    let [second, third] = ["again", "third"].map(|name| batch.path(name));
    let said = again(&results, &second);
    assert!(said.code == Some(3) && said.out.contains("the same to the last bit"), "{said:?}");
    let least = ["train/features.csv", "models/signature.toml", "models/signature.training.json", "report/report.html"];
    assert_same(&results, &second, &least);
    assert_same(&results, &second, &["experiment.toml", "left_out.csv", "clinical/failures.csv"]);
    // What was made again can be made again.
    let said = again(&second, &third);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert_same(&results, &third, &[]);

    // A cell of a table is another one.
    let table = archive.join("images/clinical/patients.csv");
    let changed = fs::read_to_string(&table).expect("a table").replacen("SIM-", "sim-", 1);
    fs::write(&table, changed).expect("a table");
    let said = again(&results, &batch.path("none"));
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(
        said.err.contains("patients.csv (cohorts.clinical.tables.0) is not there, nor is any file"),
        "{}",
        said.err
    );
    assert!(!batch.path("none").exists(), "nothing was run");
}

#[test]
fn the_quickstart_is_made_again_without_any_input() {
    let batch = Batch::default();
    let experiment = workspace().join("configs/quickstart.toml");
    let mut arguments = vec!["run".to_owned(), text(&experiment), "--out".into(), text(&batch.path("out"))];
    for set in [
        "simulation.patients=32",
        "interpolation.spacing_mm=[2, 2, 2]",
        "learn.signature.alpha=[0.5]",
        QUICK,
        "learn.signature.repeats=1",
        "learn.signature.outer_folds=0",
    ] {
        arguments.extend(["--set".into(), set.into()]);
    }
    let said = run(arguments);
    assert_eq!(said.code, Some(0), "{said:?}");
    fs::create_dir(batch.path("moved")).expect("a folder");
    let [results, again] = ["moved/results", "again"].map(|name| batch.path(name));
    fs::rename(batch.path("out"), &results).expect("a folder");
    // The scans are simulated again.
    fs::remove_dir_all(results.join("simulated")).expect("a folder");
    let said = run(["rerun", &text(&results), "--out", &text(&again), "--locked"]);
    assert!(said.code == Some(0) && said.out.contains("the same to the last bit"), "{said:?}");
    assert_same(&results, &again, &["genomic/scores.csv", "models/signature.toml", "report/report.html"]);
}

#[test]
fn a_study_with_pseudonyms_names_no_patient_has_the_same_numbers_and_is_made_again() {
    let batch = study();
    // A column of dates, as tables of patients have them. They move into the past by ten years at most, so that neither of these two
    // can become the other, or itself.
    for cohort in ["train", "clinical"] {
        let table = batch.path(&format!("scans/{cohort}/patients.csv"));
        let text = fs::read_to_string(&table).expect("a table");
        let line = |(at, line): (usize, &str)| match at {
            0 => format!("{line},born"),
            _ => format!("{line},{}", ["1930-03-01", "1960-03-05"][at % 2]),
        };
        fs::write(&table, text.lines().enumerate().map(|row| line(row) + "\n").collect::<String>()).expect("a table");
    }
    let path = |name: &str| text(&batch.path(name));
    let run_into = |out: &str, more: &[&str]| -> Said {
        let mut all =
            vec!["run".to_owned(), path("study.toml"), "--out".into(), path(out), "--set".into(), QUICK.into()];
        all.extend(more.iter().map(|word| (*word).to_owned()));
        run(all)
    };
    assert_eq!(run_into("out", &[]).code, Some(3));
    let key = path("key.toml");
    let said = run_into("private", &["--pseudonymise", &key]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.out.contains("`train`: pseudonyms: patient; dates shifted: born; as it is: "), "{}", said.out);
    for (name, bytes) in every_file(&batch.path("private")) {
        let secrets = ["SIM-0", "LOST-0", "1930-03-01", "1960-03-05", &path("")].map(str::to_owned);
        for secret in secrets {
            let stands = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!stands && !name.contains(&secret), "{secret} stands in {name}");
        }
    }
    let [plain, private] = ["out", "private"].map(|out| table(&batch.path(out).join("train/features.csv")));
    assert_eq!(plain.len(), private.len());
    for (a, b) in plain.iter().zip(&private) {
        let numbers = |row: &Row| -> Vec<String> {
            let own = ["case", "patient", "born"];
            row.iter().filter(|(name, _)| !own.contains(&name.as_str())).map(|(_, cell)| cell.clone()).collect()
        };
        assert_eq!(numbers(a), numbers(b));
    }
    let [plain, private] = ["out", "private"].map(|out| table(&batch.path(out).join("left_out.csv")).len());
    assert_eq!(plain, private);
    // Pseudonyms have another order than names, and change neither fold nor model nor score nor evaluation.
    let read = |name: &str| fs::read_to_string(batch.path(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"));
    let back = |name: &str| -> String {
        let private = path(&format!("private/{name}"));
        let said = run(["pseudonyms", &key, "--reverse", &private, "--out", &path("back")]);
        assert_eq!(said.code, Some(0), "{said:?}");
        read("back")
    };
    for name in ["folds/signature.csv", "train/scores.csv", "clinical/scores.csv", "genomic/scores.csv"] {
        let lines = |text: String| -> Vec<String> {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(lines(back(name)), lines(read(&format!("out/{name}"))), "{name}");
    }
    assert_eq!(read("private/models/signature.toml"), read("out/models/signature.toml"));
    let evaluations =
        |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON")["evaluations"].clone();
    assert_eq!(evaluations(&back("study.json")), evaluations(&read("out/study.json")));

    fs::create_dir(batch.path("archive")).expect("a folder");
    fs::rename(batch.path("scans"), batch.path("archive/images")).expect("a folder");
    let again = |more: &[&str]| -> Said {
        let mut all = vec![
            "rerun".to_owned(),
            path("private"),
            "--out".into(),
            path("again"),
            "--inputs".into(),
            path("archive"),
        ];
        all.extend(more.iter().map(|word| (*word).to_owned()));
        run(all)
    };
    let said = again(&[]);
    assert!(said.code == Some(2) && said.err.contains("--pseudonymise KEYFILE"), "{said:?}");
    let said = again(&["--pseudonymise", &key, "--locked"]);
    assert!(said.code == Some(3) && said.out.contains("the same to the last bit"), "{said:?}");
    assert_same(&batch.path("private"), &batch.path("again"), &["models/signature.toml", "report/report.html"]);
}

#[test]
fn scans_that_a_model_was_learnt_from_are_why_scores_of_others_differ() {
    let batch = study();
    let path = |name: &str| text(&batch.path(name));
    let run_into = |out: &str| {
        let said = run(["run", &path("study.toml"), "--out", &path(out), "--set", QUICK, "--until", "score"]);
        assert_eq!(said.code, Some(3), "one case fails: {said:?}");
    };
    run_into("a");
    // The first patient of the training has the scan of the second.
    let list = table(&batch.path("scans/train/cases.csv"));
    for column in ["image", "mask"] {
        let [to, from] = [0, 1].map(|row: usize| batch.path("scans/train").join(&list[row][column]));
        fs::copy(from, to).expect("a copy");
    }
    run_into("b");
    let said = run(["diff", &path("a"), &path("b"), "--json"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let found: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let differ = |name: &str| {
        let tables = found["tables"].as_array().expect("a list");
        tables.iter().find(|table| table["name"] == name).expect("the table")["differ"].as_u64().expect("a number")
    };
    assert!(differ("train/features.csv") > 0 && differ("clinical/scores.csv") > 0, "{found:#}");
    assert_eq!(differ("clinical/features.csv"), 0);
    assert_eq!(found["unexplained"], 0, "{found:#}");
    let case = &list[0]["case"];
    let causes = found["causes"].as_array().expect("a list").iter();
    let mut causes: Vec<&str> = causes.map(|cause| cause["what"].as_str().expect("a text")).collect();
    causes.sort_unstable();
    assert_eq!(causes, [format!("image of case {case}"), format!("mask of case {case}")]);
}

const TABLES: &str = "[plugins]\nuse = [\"predict-elastic-net\"]\n[cohorts.a]\nfeatures = \"features.csv\"\ntables = \"patients.csv\"\n\
                      [covariates.age]\n[learn.m]\nplugin = \"predict-elastic-net\"\ncohort = \"a\"\ntarget = { number = \"y\" }\n\
                      folds = 3\nouter_folds = 3\nalpha = [0.5]\n[evaluate.e]\ncohort = \"a\"\nscore = \"m\"\npredictions = \"out of fold\"\n\
                      outcome = { number = \"y\" }\n[report]\n";

/// A study of tables alone: two features of 30 patients, and a number that follows the first.
fn of_tables() -> Batch {
    let batch = Batch::default();
    let value = |at: usize, step: usize| f64::from(u32::try_from(at * step % 31).expect("small")) / 31.0;
    let features: String = (0..30).map(|at| format!("c{at},p{at},{},{}\n", value(at, 7), value(at, 11))).collect();
    batch.write("features.csv", format!("case,patient,f1,f2\n{features}"));
    let patients: String =
        (0..30).map(|at| format!("p{at},{},{}\n", 50 + at % 9, 3.0 * value(at, 7) + value(at, 13))).collect();
    batch.write("patients.csv", format!("patient,age,y\n{patients}"));
    batch.write("study.toml", TABLES);
    batch
}

#[test]
fn a_study_of_tables_is_made_again_from_tables_that_were_moved() {
    let batch = of_tables();
    let [out, again, results] = ["out", "again", "results"].map(|name| batch.path(name));
    let said = run(["run", &text(&batch.path("study.toml")), "--out", &text(&out)]);
    assert_eq!(said.code, Some(0), "{said:?}");
    fs::rename(&out, &results).expect("a folder");
    fs::create_dir(batch.path("archive")).expect("a folder");
    fs::rename(batch.path("features.csv"), batch.path("archive/values.txt")).expect("a file");
    fs::rename(batch.path("patients.csv"), batch.path("archive/patients.csv")).expect("a file");
    fs::remove_file(batch.path("study.toml")).expect("a file");
    let said = run(["rerun", &text(&results), "--out", &text(&again)]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("features.csv (cohorts.a.features.0) is not there"), "{}", said.err);
    let rerun = |out: &Path| {
        let archive = text(&batch.path("archive"));
        run(["rerun", &text(&results), "--inputs", &archive, "--out", &text(out), "--locked", "--threads", "1"])
    };
    let said = rerun(&again);
    assert!(said.code == Some(0) && said.out.contains("the same to the last bit"), "{said:?}");
    assert_same(&results, &again, &["a/scores.csv", "models/m.toml", "report/report.html", "left_out.csv"]);
    // The two can be compared, too.
    let said = run(["diff", &text(&results), &text(&again)]);
    assert!(said.code == Some(0) && said.out.contains("a/scores.csv: the same, "), "{said:?}");

    // What is another table by now is named before anything runs, and what comes of it is another result.
    let table = batch.path("archive/patients.csv");
    let changed = fs::read_to_string(&table).expect("a table").replacen("p3,53,", "p3,54,", 1);
    fs::write(batch.path("patients.csv"), changed).expect("a table");
    fs::remove_file(table).expect("a file");
    fs::rename(batch.path("archive/values.txt"), batch.path("features.csv")).expect("a file");
    let said = run(["rerun", &text(&results), "--out", &text(&batch.path("other"))]);
    assert!(said.code == Some(2) && said.err.contains("patients.csv (cohorts.a.tables.0) has other bytes"), "{said:?}");
    let said = run(["rerun", &text(&results), "--out", &text(&batch.path("other")), "--update"]);
    assert!(said.code == Some(1) && said.out.contains("the new results differ: voxomics diff"), "{said:?}");
    let said = run(["diff", &text(&results), &text(&batch.path("other")), "--json"]);
    let found: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let causes =
        found["causes"].as_array().expect("a list").iter().map(|cause| cause["what"].as_str().expect("a text"));
    assert_eq!((said.code, causes.collect::<Vec<_>>()), (Some(1), vec!["cohorts.a.tables.0"]), "{found:#}");
}
