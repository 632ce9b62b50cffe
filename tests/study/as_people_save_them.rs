//! Tables as people save them: patients in the first row alone, rows that are numbered, words in upper and lower case, quantities of one
//! name. None of these may give a number that looks right.

use voxomics_tests::{Said, run};

use crate::support::Results;

const HEAD: &str = "[plugins]\nuse = [\"predict-elastic-net\"]\n[cohorts.all]\nfeatures = \"features.csv\"\n";
const LEARN: &str =
    "[learn.m]\nplugin = \"predict-elastic-net\"\ncohort = \"all\"\nalpha = [0.5]\nfolds = 3\nouter_folds = 0\n";

fn check(results: &Results, text: &str) -> Said {
    let path = results.write("study.toml", text).display().to_string();
    run(["check", &path, "--no-open"])
}

/// Numbers without a pattern, from 0 to 1.
fn random(at: usize) -> f64 {
    (at as f64 * 0.618_033_988_75).fract()
}

/// A table with a line for each of some rows.
fn lines(header: &str, count: usize, line: impl Fn(usize) -> String) -> String {
    let rows: Vec<String> = (0..count).map(line).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

/// Lesions of one patient are alike: where each is a patient of its own, a model is tested on those that it has learnt from.
#[test]
fn a_lesion_without_a_patient_is_left_out_and_told_of() {
    let results = Results::empty();
    let line = |at: usize| {
        let patient = if at.is_multiple_of(3) { format!("P{}", at / 3) } else { String::new() };
        format!("L{at},{patient},{},{}", random(at / 3), at / 3 % 2)
    };
    results.write("features.csv", &lines("case,patient,x,y", 60, line));
    let text = format!("{HEAD}{LEARN}without = \"y\"\ntarget = {{ number = \"y\" }}\n");
    let said = check(&results, &text);
    assert_eq!(said.code, Some(0), "{said:?}");
    let counts = said.out.lines().find(|line| line.starts_with("all  ")).expect("a row of the cohort");
    assert_eq!(counts.split_whitespace().collect::<Vec<_>>(), ["all", "60", "20", "20", "20", "40", "0"]);
    assert!(
        said.out.contains("all: does not join: L1: the table of features has no `patient` for it (and 39 more)"),
        "{}",
        said.out
    );
    let said = results.run(&results.write("study.toml", &text), &["--until", "train"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let left_out = results.table("left_out.csv");
    let of_join = left_out.iter().filter(|row| row["reason"] == "the table of features has no `patient` for it");
    assert_eq!((of_join.count(), left_out.len()), (40, 40));
    let model = results.read("models/m.toml");
    assert!(model.contains("rows = 20\npatients = 20"), "{model}");
}

#[test]
fn a_column_of_features_is_not_filled_from_a_clinical_one() {
    let results = Results::empty();
    let volume = |at: usize| if at.is_multiple_of(5) { String::new() } else { format!("{}", 10.0 + random(at)) };
    results.write("features.csv", &lines("patient,x,volume", 40, |at| format!("P{at},{},{}", random(at), volume(at))));
    let clinical = lines("patient,y,volume", 40, |at| format!("P{at},{},{}", at % 2, 50_000 + 1000 * (at % 2)));
    results.write("clinical.csv", &clinical);
    let text = format!("{HEAD}tables = \"clinical.csv\"\n{LEARN}target = {{ number = \"y\" }}\n");
    let said = check(&results, &text);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("the column `volume` is in the table of features and in "), "{}", said.err);
    results.write("clinical.csv", &clinical.replace("y,volume", "y,volume_mm3"));
    let said = results.run(&results.write("study.toml", &text), &["--until", "train"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = results.read("models/m.toml");
    let input = model.split("[[input]]").find(|input| input.contains("name = \"volume\"")).expect("an input");
    let number = |key: &str| -> f64 {
        let line = input.lines().find_map(|line| line.strip_prefix(key)).expect(key);
        line.trim_start_matches(" = ").parse().expect("a number")
    };
    assert!((10.0..11.0).contains(&number("minimum")) && (10.0..11.0).contains(&number("maximum")), "{input}");
}

/// One rule for all words of the experiment: relapses and competing deaths are found in whichever case cells and words are written.
#[test]
fn words_are_found_in_upper_and_lower_case() {
    let outcomes = |cells: [&str; 3], words: [&str; 2]| {
        let results = Results::empty();
        results.write(
            "features.csv",
            &lines("patient,x,z", 60, |at| {
                format!("P{at},{},{}", random(at), random(7 * at + 2) + 0.3 * random(3 * at))
            }),
        );
        let line = |at: usize| {
            format!(
                "P{at},{},{},{}",
                1.0 + 30.0 * random(7 * at + 2),
                cells[at % 3],
                ["Yes", "No", "unknown"][(at / 2) % 3]
            )
        };
        results.write("clinical.csv", &lines("patient,months,status,response", 60, line));
        let target = format!(
            "{{ time = \"months\", event = \"status\", seen = \"{}\", competing = \"{}\", unit = \"months\" }}",
            words[0], words[1]
        );
        let text = format!(
            "{HEAD}tables = \"clinical.csv\"\n{LEARN}target = {{ number = \"months\" }}\n[evaluate.s]\ncohort = \"all\"\nscore = \
             \"m\"\noutcome = {target}\n[evaluate.r]\ncohort = \"all\"\nscore = \"m\"\nonly = {{ status = [\"{}\", \"{}\"] }}\noutcome = {{ \
             class = \"response\", positive = \"yes\" }}\n",
            words[0], words[1]
        );
        let said = check(&results, &text);
        assert_eq!(said.code, Some(0), "{said:?}");
        let unknown =
            "20 of 60 cells of `response` seem to say that nobody knows, and count as negative: `unknown` of P10";
        assert!(said.out.contains(unknown), "{}", said.out);
        let said = results.run(&results.write("study.toml", &text), &["--until", "evaluate"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let study = results.study();
        let notes = study["evaluations"][1]["notes"].to_string();
        for part in
            ["Taken as positive: `response` is `Yes` (", "Taken as negative: `response` is `No` (", "`unknown` ("]
        {
            assert!(notes.contains(part), "{part}: {notes}");
        }
        [0, 1].map(|at| study["evaluations"][at]["result"].clone())
    };
    let expected = outcomes(["Relapse", "Death", "alive"], ["Relapse", "Death"]);
    assert!(expected[0]["incidence"].as_array().is_some_and(|groups| groups.len() == 2), "{}", expected[0]);
    assert_eq!(outcomes(["Relapse", "Death", "alive"], ["relapse", "death"]), expected);
    assert_eq!(outcomes(["RELAPSE", "death", "Alive"], ["relapse", "DEATH"]), expected);
}

#[test]
fn words_that_no_cell_has_and_marks_in_wide_columns_are_told_of() {
    let results = Results::empty();
    let mark = |at: usize| if at % 10 == 3 { "-999".to_owned() } else { format!("{}", 100.0 + 4900.0 * random(at)) };
    results.write("features.csv", &lines("patient,energy,row", 60, |at| format!("P{at},{},{at}", mark(at))));
    let line = |at: usize| format!("P{at},{},{}", ["good", "Good", "bad"][at % 3], ["north", "North"][at % 2]);
    results.write("clinical.csv", &lines("patient,y,site", 60, line));
    let text = format!(
        "{HEAD}tables = \"clinical.csv\"\n{LEARN}target = {{ class = \"y\", positive = \"good\", negative = \"baad\" }}\nstratify_by = \"site\"\n"
    );
    let said = check(&results, &text);
    for part in [
        "cohort `all`: 6 cells in 1 of 2 columns of features seem to mean that there is no value: -999 in `energy`",
        "no cell of `y` says `baad` (`negative`); its words are `Good` (20), `bad` (20), `good` (20)",
        "cells of `y` that differ in letter case alone all count as `good` (`positive`): `Good` (20), `good` (20)",
        "the values of `row` rise by one from row to row",
        "cells of `site` differ in letter case alone and count as different values: `North` (30), `north` (30)",
    ] {
        assert!(said.out.contains(part), "{part}: {said:?}");
    }
}

/// pandas writes the numbers of the rows into a column without a name.
#[test]
fn the_numbers_of_the_rows_are_no_input() {
    let results = Results::empty();
    results.write(
        "features.csv",
        &lines(",patient,x,z", 40, |at| format!("{at},P{at},{},{}", random(at), random(5 * at))),
    );
    results.write("clinical.csv", &lines("Unnamed: 0,patient,y", 40, |at| format!("{at},P{at},{at}")));
    let text = format!("{HEAD}tables = \"clinical.csv\"\n{LEARN}target = {{ number = \"y\" }}\n");
    let said = check(&results, &text);
    assert_eq!(said.code, Some(0), "{said:?}");
    for part in [
        "cohort `all`: features.csv has a column without a name, which is left out",
        "cohort `all`: clinical.csv has the column `Unnamed: 0`, which had no name when another program read it, and is left out",
        "inputs from tables: 2 numbers",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    let said = results.run(&results.write("study.toml", &text), &["--until", "train"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!results.read("models/m.toml").contains("name = \"\""));
}

/// pandas writes flags as `True`, Parquet and polars have `true`, R writes `TRUE`: a model scores all of them alike.
#[test]
fn flags_are_read_alike_whoever_wrote_them() {
    let results = Results::empty();
    let table = |flags: [&str; 2]| {
        let flag = move |at: usize| flags[usize::from(random(at) > 0.5)];
        lines("patient,smoker,x,y", 40, |at| {
            format!("P{at},{},{},{}", flag(at), random(3 * at), u8::from(random(at) > 0.45))
        })
    };
    results.write("features.csv", &table(["False", "True"]));
    let learn = format!("{HEAD}{LEARN}without = \"y\"\ntarget = {{ number = \"y\" }}\n");
    let said = results.run(&results.write("learn.toml", &learn), &["--until", "train"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    results.write("given.toml", &results.read("models/m.toml"));
    let predict = format!("{HEAD}[predict.given]\nplugin = \"predict-elastic-net\"\nmodel = \"given.toml\"\n");
    let path = results.write("predict.toml", &predict);
    let scores = [["False", "True"], ["false", "true"], ["FALSE", "TRUE"]].map(|flags| {
        results.write("features.csv", &table(flags));
        let said = results.run(&path, &["--until", "score", "--replace"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let scores = results.table("all/scores.csv");
        assert!(scores.iter().all(|row| row["doubts"].is_empty()), "{:?}", scores[0]);
        scores.into_iter().map(|row| row["value"].clone()).collect::<Vec<_>>()
    });
    assert_eq!((scores[0].len(), &scores[1], &scores[2]), (40, &scores[0], &scores[0]));
}
