//! What the file says, and what is made of it again.

use voxomics_learning::{Learner, Serial};

use super::*;

#[test]
fn what_was_learnt_is_read_again_bit_for_bit() {
    for (family, more) in [("gaussian", ""), ("binomial", ""), ("gaussian", r#", "harmonise": "combat""#)] {
        let text = learn(family, more);
        let model = Model::parse(&text, "model.toml").expect("the model is whole");
        assert!(model.inputs().iter().all(|name| name != "tumour:flat"), "{family}");
        assert_eq!(model.inputs().len() - model.columns.len(), if more.is_empty() { 0 } else { 2 });
        // The same again, without the file.
        let sample = sample(family);
        let fitted = options(more).forest.fit(&sample, 7, &Serial).expect("it learns");
        assert_eq!(model.forest.trees().len(), TREES);
        let x = fitted.pipeline.transform(&sample.table).expect("it was fitted to them");
        let roots = model.forest.trees().iter().map(|tree| tree.nodes()[0].value).sum::<f64>() / TREES as f64;
        for i in 0..ROWS {
            let (prediction, warnings) = model.predict(&row(&model, i));
            let score = prediction.score.expect("it is defined");
            let whole: Vec<f64> = (0..x.columns()).map(|j| x.column(j)[i]).collect();
            assert_eq!(score.to_bits(), fitted.grown.forest.score(&whole).to_bits(), "{family}, row {i}");
            let sum = prediction.contributions.iter().fold(roots, |sum, c| sum + c);
            assert!((sum - score).abs() < 1e-12 * (1.0 + score.abs()), "{family}, row {i}: {sum}, {score}");
            assert_eq!(prediction.contributions.len(), model.inputs().len());
            assert_eq!(warnings.len(), usize::from(i == 7), "{warnings:?}");
        }
    }
}

#[test]
fn the_same_seed_writes_the_same_file_and_a_table_of_the_host_does_not_disturb() {
    let text = learn("binomial", "");
    assert_eq!(text, learn("binomial", ""));
    assert_ne!(text, learn("binomial", r#", "seed": 8"#));
    for part in [
        "plugin = \"predict-forest\"",
        "link = \"logistic\"",
        "seed = 7",
        "rows = 60",
        "considered = 5",
        "importance = \"impurity\"",
        "measure = \"auc\"",
        "[performance]",
        "[diagnostics.out_of_fold]",
    ] {
        assert!(text.contains(part), "{part}");
    }
    let host = "\n[training]\nrows = 60\n[provenance]\nx = 1\n[extraction]\n[cutoffs]\n[licence]\n";
    let named =
        text.replacen("imputed", "region = \"tumour\"\nfeature = \"a\"\nibsi = \"X\"\nunit = \"1\"\nimputed", 1);
    let whole = named + host;
    assert_eq!(Model::parse(&whole, "m"), Model::parse(&text, "m"));
    // A host reads and writes the file as plain TOML, in another order.
    let rewritten = toml::to_string_pretty(&toml::from_str::<toml::Table>(&whole).expect("it is TOML"));
    assert_eq!(Model::parse(&rewritten.expect("it is TOML"), "m"), Model::parse(&text, "m"));
    assert!(learn("binomial", r#", "outer_repeats": 2"#).contains("repeats = 2"));
    assert!(!learn("binomial", r#", "outer_folds": 0"#).contains("[performance]"));
}

#[test]
fn an_input_that_is_missing_is_imputed_with_a_warning_or_refused() {
    let text = learn("gaussian", "");
    let model = Model::parse(&text, "m").expect("the model is whole");
    let mut inputs = row(&model, 1);
    inputs[0] = Input::Value(model.columns[0].imputed.expect("it has one"));
    let imputed = model.predict(&inputs).0;
    inputs[0] = Input::Undefined("the region has one voxel".into());
    let (prediction, warnings) = model.predict(&inputs);
    assert_eq!(prediction, imputed);
    assert!(warnings.len() == 1 && warnings[0].contains("the region has one voxel"));
    let line = text.lines().find(|line| line.starts_with("imputed")).expect("it has one").to_string();
    let model = Model::parse(&text.replacen(&line, "", 1), "m").expect("the model is whole");
    assert!(model.predict(&inputs).0.score.is_err_and(|why| why.contains("one voxel")));
    inputs[0] = Input::Value(f64::NAN);
    assert!(model.predict(&inputs).0.score.is_err_and(|why| why.contains("is NaN")));
    assert!(model.predict(&inputs[1..]).0.score.is_err());
}

#[test]
fn batches_are_known_or_refused() {
    let text = learn("gaussian", r#", "harmonise": "combat""#);
    let model = Model::parse(&text, "m").expect("the model is whole");
    let (columns, mut inputs) = (model.columns.len(), row(&model, 1));
    inputs[columns] = Input::Value(0.0);
    assert!(model.predict(&inputs).0.score.is_err_and(|why| why.contains("does not know")));
    let text = text.replace("unknown_batch = \"refuse\"", "unknown_batch = \"unadjusted\"");
    let model = Model::parse(&text, "m").expect("the model is whole");
    let (prediction, warnings) = model.predict(&inputs);
    assert!(prediction.score.is_ok() && warnings[0].contains("not aligned"));
    for (first, second) in [(1.0, 1.0), (0.5, 0.0)] {
        (inputs[columns], inputs[columns + 1]) = (Input::Value(first), Input::Value(second));
        assert!(model.predict(&inputs).0.score.is_err());
    }
}

const WHOLE: &str = r#"
[model]
plugin = "predict-forest"
name = "Example"
family = "binomial"
link = "logistic"
[[input]]
name = "kvp"
imputed = 110
[[input]]
name = "age"
[[tree]]
feature = [1, -1, -1]
threshold = [60.5, 0, 0.0]
left = [1, -1, -1]
right = [2, -1, -1]
value = [0.5, 0.25, 1]
[[tree]]
feature = [-1]
threshold = [0.0]
left = [-1]
right = [-1]
value = [0.25]
"#;

#[test]
fn the_score_is_the_mean_of_the_trees() {
    let model = Model::parse(WHOLE, "m").expect("the model is whole");
    assert_eq!(model.inputs(), ["kvp", "age"]);
    for (age, score, contribution) in [(60.5, 0.25, -0.125), (61.0, 0.625, 0.25)] {
        let (prediction, _) = model.predict(&[Input::Value(120.0), Input::Value(age)]);
        assert_eq!(prediction, Prediction { score: Ok(score), contributions: vec![0.0, contribution] });
    }
}

#[test]
fn a_file_with_gaps_or_strange_keys_is_refused_with_their_names() {
    let refusal = |from: &str, to: &str| {
        assert!(WHOLE.contains(from), "{from}");
        Model::parse(&WHOLE.replacen(from, to, 1), "m").expect_err("it is refused")
    };
    for unknown in ["\"?\"", "nan", "inf", "\"unknown\""] {
        let message = refusal("imputed = 110", &format!("imputed = {unknown}"));
        assert!(message.starts_with("m: a number is missing: the imputed value of `kvp`."), "{message}");
        let message = refusal("threshold = [60.5, 0, 0.0]", &format!("threshold = [{unknown}, 0, {unknown}]"));
        assert!(message.starts_with("m: 2 numbers are missing: threshold 0 of tree 0, threshold 2 of tree 0."));
    }
    assert!(refusal("value = [0.5, 0.25, 1]", "value = [0.5, \"na\", 1]").contains("missing: value 1 of tree 0"));
    assert!(refusal("value = [0.5, 0.25, 1]", "value = [0.5, 0.25]").contains("tree 0 are not of the same length"));
    assert!(refusal("value = [0.5, 0.25, 1]", "value = [0.5, 0.25, 1.1]").contains("is 1.1, and no probability"));
    assert!(refusal("feature = [1,", "feature = [2,").contains("tree 0: node 0 looks at input 2"));
    assert!(refusal("feature = [1,", "feature = [-1,").contains("node 0 has some negative numbers"));
    assert!(refusal("right = [2,", "right = [3,").contains("tree 0: node 0 leads to node 3 of 3"));
    assert!(refusal("right = [2,", "right = [1,").contains("tree 0: 2 nodes lead to node 1"));
    assert!(refusal("right = [2,", "right = [0,").contains("node 0 leads to node 0"));
    assert!(refusal("\"age\"", "\"kvp\"").contains("occurs twice"));
    assert!(refusal("\"logistic\"", "\"identity\"").contains("belongs to the family"));
    assert!(refusal("\"binomial\"", "\"cox\"").contains("unknown variant `cox`"));
    assert!(refusal("predict-forest", "predict-linear").contains("a model of the plugin `predict-linear`"));
    assert!(refusal("name = \"Example\"", "name = \"Example\"\ntrees = 3").contains("has 3 trees, and has 2"));
    assert!(refusal("imputed = 110", "input = 110").contains("m, line 9, column 1: unknown field `input`"));
    assert!(refusal("[model]", "[train]\n[model]").contains("line 2, column 2: unknown field `train`"));
    assert!(refusal("left = [1,", "left = [1.5,").contains("line 15, column 9: invalid type"));
    let start = WHOLE.find("[[tree]]").expect("it has one");
    assert!(Model::parse(&WHOLE[..start], "m").is_err_and(|why| why.contains("it has no `[[tree]]`")));
}

#[test]
fn settings_and_tables_that_do_not_fit_are_refused() {
    assert!(refusal("cox", "{}").1.contains("a forest learns a number or a class, not a time"));
    assert_eq!(refusal("gaussian", r#"{"outer_folds": 1}"#).0, "outer_folds");
    assert_eq!(refusal("gaussian", r#"{"trees": 0}"#).0, "trees");
    assert_eq!(refusal("gaussian", r#"{"alpha": 1}"#).0, "alpha");
    assert!(refusal("gaussian", r#"{"impute": "refuse"}"#).1.contains("`c`: 1 of 60 values are missing"));
    assert!(refusal("binomial", r#"{"trees": 2, "outer_folds": 40}"#).1.contains("cannot be cut into 40 folds"));
    let host = TestHost::new().cancelled();
    let error = testing::fit::<RandomForest>("{}", &table("binomial"), &host).expect_err("it gives up");
    assert_eq!(error[0], Error::cancelled());
    let settings = testing::settings(&RandomForest::describe(), "{}").expect("all have defaults");
    let untrained = RandomForest::configure(&settings).expect("training takes no model");
    assert!(untrained.inputs().is_empty());
    assert!(untrained.predict(&[], &TestHost::new().context()).is_err_and(|error| error.key() == "model"));
}
