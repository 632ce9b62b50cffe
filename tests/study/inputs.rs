//! What of a table may be an input: not the outcome of an evaluation, not what weights rows or deals folds; and what a figure over
//! folds says of folds that have none.

use std::fmt::Write as _;

use crate::support::Results;

/// Five columns of noise for each of some patients, and further columns.
fn noise(count: usize, names: &str, further: impl Fn(usize) -> String) -> String {
    let mut table = format!("patient,f0,f1,f2,f3,f4,{names}\n");
    for row in 0..count {
        let _ = write!(table, "p{row:03}");
        (0..5).for_each(|column| {
            let _ = write!(table, ",{}", (row * (31 + 12 * column) + 7 * column) % 97);
        });
        let _ = writeln!(table, ",{}", further(row));
    }
    table
}

const HEAD: &str = "[plugins]\nuse = [\"predict-elastic-net\"]\n[cohorts.all]\nfeatures = \"features.csv\"\n[learn.m]\nplugin = \
                    \"predict-elastic-net\"\ncohort = \"all\"\ntarget = { class = \"y\", positive = 1, negative = 0 }\nalpha = \
                    [0.5]\nlambdas = 20\nfolds = 3\n";

/// Five columns of noise once had a concordance of 0.87 for the survival that stood beside them.
#[test]
fn the_outcome_of_an_evaluation_is_no_input_of_its_model() {
    let results = Results::empty();
    let further = |row: usize| format!("{},{},{}", (row * 7 % 3) / 2, 3 + row % 41, row % 2);
    results.write("features.csv", &noise(60, "y,months,dead", further));
    let evaluate = "[evaluate.survival]\ncohort = \"all\"\nscore = \"m\"\noutcome = { time = \"months\", event = \"dead\", unit = \
                    \"months\" }\n";
    let text = format!("{HEAD}without = \"y\"\n{evaluate}");
    let check = |text: &str| voxomics_tests::run(["check", &results.write("study.toml", text).display().to_string()]);
    let said = check(&text);
    assert_eq!(said.code, Some(2), "{said:?}");
    for (column, pattern) in [("months", "months"), ("dead", "dead")] {
        let message = format!("`{column}` is the outcome of [evaluate.survival], and is among the inputs");
        assert!(said.err.contains(&message), "{}", said.err);
        assert!(said.err.contains(&format!("without = \"{pattern}\"")), "{}", said.err);
    }
    let said = check(&text.replace("without = \"y\"", "without = [\"y\", \"months\", \"dead\"]"));
    assert_eq!(said.code, Some(0), "{said:?}");
    // Of another model it is none of these.
    let other = text.replace("without = \"y\"\n", "inputs = [\"f*\"]\n");
    assert_eq!(check(&other).code, Some(0), "what is no input is no leak");
}

/// A weight that tells the class, and a centre by which the folds are dealt.
#[test]
fn what_weights_rows_or_deals_folds_is_no_input_and_folds_without_a_figure_are_told_of() {
    let results = Results::empty();
    // The last of five centres has one class.
    let class = |row: usize| if row % 5 == 4 { 0 } else { row * 7 % 3 / 2 };
    let further = |row: usize| format!("{},{},c{}", class(row), 1.0 + f64::from(class(row) as u8) / 2.0, row % 5);
    results.write("features.csv", &noise(150, "y,wt,centre", further));
    let text =
        format!("{HEAD}without = \"y\"\nweights = \"wt\"\nouter_folds = \"centre\"\nbaselines = false\n[report]\n");
    let path = results.write("study.toml", &text);
    let said = voxomics_tests::run(["check", &path.display().to_string()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let told = "[learn.m]: no inputs, as they weight rows or deal folds: centre, wt";
    assert!(said.out.contains(told), "{}", said.out);
    let said = results.run(&path, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = results.read("models/m.toml");
    assert!(model.contains("name = \"f0\"") && !model.contains("name = \"wt\""), "{model}");
    assert!(!model.contains("name = \"centre="), "{model}");
    let figure = |measure: &str| {
        let is_it = |figure: &&str| figure.contains(&format!("measure = \"{measure}\""));
        let found = model.split("[[performance.figure]]").skip(1).find(is_it).expect("it is told");
        found.split("[extraction]").next().unwrap_or_default().to_owned()
    };
    let auc = figure("auc");
    assert!(auc.contains("folds = 4") && auc.contains("rows = 120"), "{auc}");
    assert!(!figure("deviance").contains("folds = "), "all five tell it: {model}");
    let page = results.read("report/report.html");
    assert!(page.contains("1 of 5 folds cannot tell it"), "the report says so");
}
