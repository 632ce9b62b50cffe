//! What is learnt from a table, what the file says, and what is made of it again.

use voxomics_sdk::{
    prelude::*,
    testing::{
        self, TestHost,
        rows::{self, BATCHES, ROWS},
    },
};

use crate::{ElasticNet, Model};

const QUICK: &str = r#"{"alpha": [0.5, 1], "lambdas": 20, "folds": 3, "outer_folds": 3"#;

fn learn(family: &str, more: &str) -> String {
    let (settings, host) = (format!("{QUICK}{more}}}"), TestHost::new().seed(7));
    testing::fit::<ElasticNet>(&settings, &rows::table(family), &host).expect("it learns")
}

fn refusal(family: &str, settings: &str) -> (String, String) {
    let error = testing::fit::<ElasticNet>(settings, &rows::table(family), &TestHost::new());
    let error = error.expect_err("it is refused").remove(0);
    (error.key().into(), error.to_string())
}

fn number(text: &str, key: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(&format!("{key} = "))).expect("the key is there");
    line[key.len() + 3..].parse().expect("a number")
}

#[test]
fn it_is_held_to_what_every_learner_is_held_to() {
    testing::learner::<ElasticNet>(&format!("{QUICK}}}"), &["gaussian", "binomial", "cox"]);
}

#[test]
fn what_was_learnt_is_read_again_and_predicts_the_target() {
    for family in ["gaussian", "binomial", "cox"] {
        let text = learn(family, r#", "harmonise": "combat""#);
        let model = Model::parse(&text, "model.toml").expect("the model is whole");
        assert_eq!(model.inputs()[model.terms.len()..], BATCHES);
        let scores: Vec<f64> = (0..ROWS)
            .map(|i| {
                let (prediction, _) = model.predict(&rows::row(&model.inputs(), i));
                let score = prediction.score.expect("it is defined");
                let sum: f64 = prediction.contributions.iter().fold(model.intercept, |sum, c| sum + c);
                let expected = if family == "binomial" { 1.0 / (1.0 + (-sum).exp()) } else { sum };
                assert_eq!(score, expected);
                score
            })
            .collect();
        let signals: Vec<f64> = (0..ROWS).map(rows::signal).collect();
        let mean = |x: &[f64]| x.iter().sum::<f64>() / ROWS as f64;
        let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(a, b)| (a - mean(x)) * (b - mean(y))).sum::<f64>();
        let correlation = product(&scores, &signals) / (product(&scores, &scores) * product(&signals, &signals)).sqrt();
        assert!(correlation > 0.8, "{family}: {correlation}");
        if family == "gaussian" {
            // Least squares with an intercept leaves no mean residual; one that lost its scale would.
            let target = (0..ROWS).map(|i| rows::target(family, i)).sum::<f64>() / ROWS as f64;
            assert!((mean(&scores) - target).abs() < 1e-9);
        }
    }
}

/// What a model that keeps the effect of an input while it aligns batches makes of the rows, as the file tells it.
#[test]
fn what_harmonisation_keeps_is_part_of_the_model() {
    let table = |kept: &[&str], unaligned: &[&str]| {
        rows::table_with("gaussian", |design| {
            design.kept = kept.iter().map(|name| (*name).to_owned()).collect();
            design.unaligned = unaligned.iter().map(|name| (*name).to_owned()).collect();
            // The kept one is no input of its own.
            design.inputs.retain(|name| name != "e");
        })
    };
    let learn = |table: &testing::TestTable| {
        let settings = format!("{QUICK}, \"harmonise\": \"combat\"}}");
        testing::fit::<ElasticNet>(&settings, table, &TestHost::new().seed(7)).expect("it learns")
    };
    let text = learn(&table(&["e"], &["tumour:b"]));
    assert!(text.contains("kept = [\"e\"]") && text.contains("unaligned = [\"tumour:b\"]"), "{text}");
    let model = Model::parse(&text, "model.toml").expect("the model is whole");
    let inputs = model.inputs();
    assert_eq!(inputs[inputs.len() - 3..], ["scanner=A", "scanner=B", "e"]);
    let score = |model: &Model, change: &dyn Fn(&mut Vec<Input>)| {
        let mut row = rows::row(&model.inputs(), 4);
        change(&mut row);
        model.predict(&row).0.score
    };
    let last = inputs.len() - 1;
    let known = score(&model, &|_| {}).expect("it is defined");
    let other = score(&model, &|row| row[last] = Input::Value(900.0)).expect("it is defined");
    assert_ne!(known, other, "the covariate matters");
    let missing =
        score(&model, &|row| row[last] = Input::Missing("empty".into())).expect_err("nothing stands in for it");
    assert!(missing.contains("harmonisation keeps the effect of `e`"), "{missing}");
    // A model of one batch alone is aligned with nothing; here the same rows, all of them, are other numbers.
    assert_ne!(learn(&table(&[], &[])), text);
    let torn = text.replacen("effect = [", "effect = [1.0, ", 1);
    assert!(Model::parse(&torn, "m").expect_err("it is torn").contains("has 2 effects for 1 covariates that are kept"));
    let lost = text.replacen("unaligned = [\"tumour:b\"]\n", "", 1);
    assert!(
        Model::parse(&lost, "m").expect_err("it is lost").contains("has no `[[harmonisation.input]]` of `tumour:b`")
    );
}

#[test]
fn the_file_says_how_it_was_learnt_and_how_well() {
    let text = learn("binomial", "");
    assert_ne!(text, learn("binomial", r#", "seed": 8"#));
    assert_eq!((number(&text, "seed"), number(&text, "rows")), (7.0, 60.0));
    for part in [
        "[cross_validation]",
        "[performance]",
        "[[performance.figure]]",
        "[[diagnostics.curve]]",
        "[diagnostics.out_of_fold]",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(learn("binomial", r#", "repeats": 2"#).contains("repeats = 2"));
}

const WHOLE: &str = r#"
[model]
plugin = "predict-elastic-net"
name = "Example"
family = "binomial"
link = "logistic"
intercept = 0.25
[[input]]
name = "kvp"
coefficient = 0.5
centre = 4
scale = 2.0
[[input]]
name = "zero"
coefficient = 0
"#;

#[test]
fn the_score_is_that_of_the_formula() {
    let model = Model::parse(WHOLE, "m").expect("the model is whole");
    assert_eq!(model.inputs(), ["kvp"]);
    let (prediction, _) = model.predict(&[Input::Value(7.0)]);
    assert_eq!(prediction.score, Ok(1.0 / (1.0 + (-1.0_f64).exp())));
    assert_eq!(prediction.contributions, [0.75]);
}

#[test]
fn a_file_with_gaps_or_strange_keys_is_refused_with_their_names() {
    let refusal = |from: &str, to: &str| {
        assert!(WHOLE.contains(from));
        Model::parse(&WHOLE.replacen(from, to, 1), "m").expect_err("it is refused")
    };
    for unknown in ["\"?\"", "nan", "inf", "\"unknown\""] {
        let message = refusal("coefficient = 0.5", &format!("coefficient = {unknown}\nimputed = {unknown}"));
        assert!(message.starts_with("m: 2 numbers are missing: the imputed value of `kvp`, the coefficient of `kvp`."));
    }
    assert!(refusal("intercept = 0.25\n", "").contains("a number is missing: the intercept"));
    assert!(refusal("scale = 2.0", "scale = 0.0").contains("the scale of `kvp` is 0, expected a number above 0"));
    assert!(refusal("predict-elastic-net", "predict-linear").contains("a model of the plugin `predict-linear`"));
    assert!(refusal("centre = 4", "center = 4").contains("m, line 11, column 1: unknown field `center`"));
    assert!(refusal("[model]", "[train]\n[model]").contains("line 2, column 2: unknown field `train`"));
    assert!(refusal("scale = 2.0", "scale = \"2.0\"").contains("line 12, column 9: expected a number"));
}

#[test]
fn settings_and_tables_that_do_not_fit_are_refused() {
    assert_eq!(refusal("gaussian", r#"{"measure": "auc"}"#).0, "measure");
    assert_eq!(refusal("gaussian", r#"{"penalty_factors": [1, 2]}"#).0, "penalty_factors");
    assert_eq!(refusal("gaussian", r#"{"alpha": [2]}"#).0, "alpha");
    assert_eq!(refusal("gaussian", r#"{"lambda": 3}"#).0, "lambda");
    assert!(refusal("cox", r#"{"folds": 40}"#).1.contains("30 groups of rows cannot be cut into 40 folds"));
}
