//! What is learnt from a table, what the file says, and what is made of it again.

use voxomics_sdk::{
    Design, Target,
    prelude::*,
    testing::{self, TestHost, TestTable},
};

use crate::{ElasticNet, Model};

const ROWS: usize = 60;

/// Numbers between −1 and 1 that look random.
fn chance(column: usize, row: usize) -> f64 {
    let mut state =
        (column as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (row as u64).wrapping_mul(0xD1B5_4A32_D192_ED03);
    state = (state ^ (state >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((state ^ (state >> 29)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// Row 7 has no value of `c`; scanner B stretches and shifts everything.
fn value(column: usize, row: usize) -> Option<f64> {
    let x = chance(column, row) * (column + 1) as f64;
    let x = if row.is_multiple_of(3) { 2.0 * x + 5.0 } else { x };
    if (column, row) == (2, 7) { None } else { Some(x) }
}

const NAMES: [&str; 5] = ["tumour:a", "tumour:b", "c", "tumour:flat", "e"];

fn signal(row: usize) -> f64 {
    2.0 * chance(0, row) - chance(1, row)
}

fn table(family: &str) -> TestTable {
    let column = String::from("target");
    let target = match family {
        "gaussian" => Target::Gaussian { column },
        "binomial" => Target::Binomial { column },
        _ => Target::Cox { time: column, event: "event".into() },
    };
    let batches = vec!["scanner=A".into(), "scanner=B".into()];
    let inputs = NAMES.map(String::from).to_vec();
    let design = Design { inputs, target, weights: None, groups: Some("patient".into()), strata: None, batches };
    let mut table = TestTable::new(design, ROWS);
    for (j, name) in NAMES.iter().enumerate() {
        let flat = *name == "tumour:flat";
        table = table.column(name, (0..ROWS).map(|i| if flat { Some(4.0) } else { value(j, i) }));
    }
    let of = |i: usize| match family {
        "gaussian" => 10.0 + signal(i) + 0.3 * chance(9, i),
        "binomial" => f64::from(signal(i) + chance(9, i) > 0.0),
        _ => (20.0 - 5.0 * signal(i) + 3.0 * chance(9, i)).ceil(),
    };
    table
        .column("target", (0..ROWS).map(|i| Some(of(i))))
        .column("event", (0..ROWS).map(|i| Some(f64::from(u8::from(i % 5 != 0)))))
        .column("patient", (0..ROWS).map(|i| Some((i / 2) as f64)))
        .column("scanner=A", (0..ROWS).map(|i| Some(f64::from(u8::from(i % 3 != 0)))))
        .column("scanner=B", (0..ROWS).map(|i| Some(f64::from(u8::from(i % 3 == 0)))))
}

const QUICK: &str = r#"{"alpha": [0.5, 1], "lambdas": 20, "folds": 3, "outer_folds": 3"#;

fn learn(family: &str, more: &str) -> String {
    testing::fit::<ElasticNet>(&format!("{QUICK}{more}}}"), &table(family), &TestHost::new().seed(7))
        .expect("it learns")
}

fn refusal(family: &str, settings: &str) -> (String, String) {
    let error = testing::fit::<ElasticNet>(settings, &table(family), &TestHost::new()).expect_err("it is refused");
    (error[0].key().into(), error[0].to_string())
}

fn row(model: &Model, row: usize) -> Vec<Input> {
    let of = |name: String| match name.as_str() {
        "scanner=A" => Input::Value(f64::from(u8::from(!row.is_multiple_of(3)))),
        "scanner=B" => Input::Value(f64::from(u8::from(row.is_multiple_of(3)))),
        name => {
            let column = NAMES.iter().position(|other| *other == name).expect("it is an input");
            value(column, row).map_or(Input::Missing("empty".into()), Input::Value)
        }
    };
    model.inputs().into_iter().map(of).collect()
}

fn number(text: &str, key: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(&format!("{key} = "))).expect("the key is there");
    line[key.len() + 3..].parse().expect("a number")
}

#[test]
fn what_was_learnt_is_read_again_and_predicts_the_target() {
    for family in ["gaussian", "binomial", "cox"] {
        let text = learn(family, r#", "harmonise": "combat""#);
        let model = Model::parse(&text, "model.toml").expect("the model is whole");
        assert_eq!(model.inputs()[model.terms.len()..], ["scanner=A", "scanner=B"]);
        assert!(model.inputs().iter().all(|name| name != "tumour:flat"), "{family}");
        let scores: Vec<f64> = (0..ROWS)
            .map(|i| {
                let (prediction, _) = model.predict(&row(&model, i));
                let score = prediction.score.expect("it is defined");
                let sum: f64 = prediction.contributions.iter().fold(model.intercept, |sum, c| sum + c);
                let expected = if family == "binomial" { 1.0 / (1.0 + (-sum).exp()) } else { sum };
                assert_eq!(score, expected);
                score
            })
            .collect();
        let signals: Vec<f64> = (0..ROWS).map(signal).collect();
        let mean = |x: &[f64]| x.iter().sum::<f64>() / ROWS as f64;
        let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(a, b)| (a - mean(x)) * (b - mean(y))).sum::<f64>();
        let correlation = product(&scores, &signals) / (product(&scores, &scores) * product(&signals, &signals)).sqrt();
        assert!(correlation > 0.8, "{family}: {correlation}");
        if family == "gaussian" {
            // Least squares with an intercept leaves no mean residual; one that lost its scale would.
            assert!(
                (mean(&scores) - (0..ROWS).map(|i| 10.0 + signal(i) + 0.3 * chance(9, i)).sum::<f64>() / 60.0).abs()
                    < 1e-9
            );
        }
    }
}

#[test]
fn the_same_seed_writes_the_same_file_and_a_table_of_the_host_does_not_disturb() {
    let text = learn("binomial", "");
    assert_eq!(text, learn("binomial", ""));
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
    let host = "\n[training]\nrows = 60\n[provenance]\nx = 1\n[extraction]\n[cutoffs]\n[licence]\n";
    assert_eq!(Model::parse(&(text.clone() + host), "m"), Model::parse(&text, "m"));
    assert!(learn("binomial", r#", "repeats": 2"#).contains("repeats = 2"));
}

#[test]
fn an_input_that_is_missing_is_imputed_with_a_warning_or_refused() {
    let text = learn("gaussian", "");
    let model = Model::parse(&text, "m").expect("the model is whole");
    let mut inputs = row(&model, 1);
    inputs[0] = Input::Undefined("the region has one voxel".into());
    let (prediction, warnings) = model.predict(&inputs);
    assert!(prediction.score.is_ok() && warnings.len() == 1 && warnings[0].contains("the region has one voxel"));
    let imputed = text.lines().find(|line| line.starts_with("imputed")).expect("it has one").to_string();
    let model = Model::parse(&text.replacen(&imputed, "", 1), "m").expect("the model is whole");
    assert!(model.predict(&inputs).0.score.is_err_and(|why| why.contains("one voxel")));
    inputs[0] = Input::Value(f64::NAN);
    assert!(model.predict(&inputs).0.score.is_err_and(|why| why.contains("is NaN")));
    assert!(model.predict(&inputs[1..]).0.score.is_err());
}

#[test]
fn batches_are_known_or_refused() {
    let text = learn("gaussian", r#", "harmonise": "combat""#);
    let model = Model::parse(&text, "m").expect("the model is whole");
    let (terms, mut inputs) = (model.terms.len(), row(&model, 1));
    inputs[terms] = Input::Value(0.0);
    assert!(model.predict(&inputs).0.score.is_err_and(|why| why.contains("does not know")));
    let text = text.replace("unknown_batch = \"refuse\"", "unknown_batch = \"unadjusted\"");
    let model = Model::parse(&text, "m").expect("the model is whole");
    let (prediction, warnings) = model.predict(&inputs);
    assert!(prediction.score.is_ok() && warnings[0].contains("not aligned"));
    for (first, second) in [(1.0, 1.0), (0.5, 0.0)] {
        (inputs[terms], inputs[terms + 1]) = (Input::Value(first), Input::Value(second));
        assert!(model.predict(&inputs).0.score.is_err());
    }
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
    assert!(refusal("\"zero\"", "\"kvp\"").contains("occurs twice"));
    assert!(refusal("\"logistic\"", "\"identity\"").contains("belongs to the family"));
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
    assert_eq!(refusal("gaussian", r#"{"outer_folds": 1}"#).0, "outer_folds");
    assert_eq!(refusal("gaussian", r#"{"lambda": 3}"#).0, "lambda");
    assert!(refusal("gaussian", r#"{"impute": "refuse"}"#).1.contains("`c`: 1 of 60 values are missing"));
    assert!(refusal("cox", r#"{"folds": 40}"#).1.contains("30 groups of rows cannot be cut into 40 folds"));
    let host = TestHost::new().cancelled();
    let error = testing::fit::<ElasticNet>("{}", &table("cox"), &host).expect_err("it gives up");
    assert_eq!(error[0], Error::cancelled());
    let settings = testing::settings(&ElasticNet::describe(), "{}").expect("all have defaults");
    let untrained = ElasticNet::configure(&settings).expect("training takes no model");
    assert!(untrained.inputs().is_empty());
    assert!(untrained.predict(&[], &TestHost::new().context()).is_err_and(|error| error.key() == "model"));
}
