//! Lesions that several readers have outlined: one reader's are learnt from and scored, the others tell what depends on who draws.

use serde_json::Value as Json;

use crate::support::Results;

/// Numbers from −1 to 1 that look random.
fn chance(column: usize, row: usize) -> f64 {
    let state =
        (column as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (row as u64 + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    let state = (state ^ (state >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((state ^ (state >> 29)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// 40 patients of reader A, 16 of whom B has outlined, too. `steady` is the same for both; `shaky`, which alone goes with the target, is not.
pub fn tables(results: &Results, more: &str) {
    let (mut features, mut clinical) = ("case,patient,reader,steady,shaky\n".to_owned(), "patient,y\n".to_owned());
    for row in 0..40 {
        let (steady, shaky) = (chance(0, row), chance(1, row));
        features += &format!("a{row:02},p{row:02},A,{steady},{shaky}\n");
        if row < 16 {
            features += &format!("b{row:02},p{row:02},B,{},{}\n", steady + 0.1 * chance(2, row), chance(3, row));
        }
        clinical += &format!("p{row:02},{}\n", 2.0 * shaky + steady + 0.1 * chance(4, row));
    }
    results.write("features.csv", &(features + more));
    results.write("clinical.csv", &clinical);
}

pub fn experiment(learn: &str) -> String {
    format!(
        r#"
[plugins]
use = ["predict-elastic-net"]
[cohorts.all]
features = "features.csv"
tables = "clinical.csv"
reader = {{ column = "reader", main = "A" }}
[learn.signature]
plugin = "predict-elastic-net"
cohort = "all"
target = {{ number = "y" }}
alpha = [0.5]
lambdas = 20
folds = 3
outer_folds = 3
{learn}
[evaluate.all]
cohort = "all"
score = "signature"
outcome = {{ number = "y" }}
[report]
"#
    )
}

#[test]
fn what_depends_on_who_draws_is_learnt_from_in_no_fold() {
    let results = Results::empty();
    tables(&results, "c00,p30,C,0,0\nb99,p99,B,0,0\nb00x,p00,B,0,0\nn00,p31,,0,0\n");
    // C has outlined one lesion alone, so that none has all three: without C, there are sixteen.
    let text =
        experiment("minimum_icc = 0.75").replace("tables =", "only = { reader = [\"A\", \"B\", \"\"] }\ntables =");
    let said = results.run(&results.write("study.toml", &text), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = results.read("models/signature.toml");
    let inputs: Vec<&str> = model.lines().filter(|line| line.starts_with("name = \"s")).collect();
    assert!(inputs.contains(&"name = \"steady\""), "{model}");
    let used = |name: &str| model.contains(&format!("name = \"{name}\"\nunused = true"));
    assert!(used("shaky") && !used("steady"), "{model}");
    let told: Json = serde_json::from_str(&results.read("models/signature.training.json")).expect("JSON");
    let icc = |name: &str| told["reliability"]["icc"][name].as_f64().expect("a correlation");
    assert!(icc("steady") > 0.95 && icc("shaky") < 0.5, "{}", told["reliability"]);
    assert_eq!(told["reliability"]["lesions"], 16);
    for fold in told["outer"]["models"].as_array().expect("models") {
        assert!(fold["inputs"].get("shaky").is_none(), "{fold}");
    }
    // Each patient counts once, whoever else has outlined the lesion.
    assert_eq!(results.table("all/scores.csv").len(), 40);
    assert_eq!(results.study()["evaluations"][0]["n"], 40);
    let left_out: Vec<(String, String)> = results
        .table("left_out.csv")
        .into_iter()
        .map(|mut row| (row.remove("case").expect("a case"), row.remove("reason").expect("a reason")))
        .collect();
    for (case, reason) in [
        ("b99", "no table of patients has this patient"),
        ("b00x", "`B` has outlined this lesion in another case, too"),
    ] {
        assert!(left_out.iter().any(|row| row.0 == case && row.1.contains(reason)), "{case}: {left_out:?}");
    }
    let page = results.read("report/report.html");
    assert!(page.contains("1 of 2 measured inputs were not learnt from"), "the page");
    // Without the filter the shaky input is what tells most: the other reader's values are not learnt from.
    let said = results.run(&results.write("all.toml", &text.replace("minimum_icc = 0.75\n", "")), &["--replace"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = results.read("models/signature.toml");
    assert!(!model.contains("name = \"shaky\"\nunused") && model.contains("rows = 40"), "{model}");
    assert!(!model.contains("reader"), "who outlined is no input");
}

#[test]
fn agreement_that_cannot_be_had_is_refused_with_the_reason() {
    let results = Results::empty();
    tables(&results, "");
    let run = |text: &str| results.run(&results.write("study.toml", text), &["--until", "train", "--replace"]);
    let few =
        experiment("minimum_icc = 0.75\nonly = { patient = [\"p20\", \"p21\", \"p22\", \"p23\", \"p24\", \"p00\"] }");
    for (text, why) in [
        (few, "1 lesions of the training have outlines of all readers (the main reader, B), expected 5 or more"),
        (
            experiment("minimum_icc = 0.75")
                .replace("reader = { column = \"reader\", main = \"A\" }", "only = { reader = \"A\" }"),
            "`minimum_icc` needs lesions that several readers have outlined",
        ),
        (experiment("minimum_icc = 2"), "expected a number above 0, up to 1"),
        (experiment("").replace("main = \"A\"", "mian = \"A\""), "`cohorts.all.reader.main` is missing"),
        (experiment("").replace("column = \"reader\"", "column = \"who\""), "the list of cases has no `who` for it"),
        (experiment("minimum_icc = 1"), "no input agrees between readers to 1; the best has 0.9"),
    ] {
        let said = run(&text);
        assert!(said.code != Some(0) && said.err.contains(why), "{why}: {said:?}");
    }
}
