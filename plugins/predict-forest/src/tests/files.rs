//! What the file says, and what is made of it again.

use voxomics_learning::{Learner, Serial};

use super::*;

#[test]
fn it_is_held_to_what_every_learner_is_held_to() {
    let settings = format!(r#"{{"trees": {TREES}, "outer_folds": 3}}"#);
    testing::learner::<RandomForest>(&settings, &["gaussian", "binomial", "cox"]);
}

#[test]
fn what_was_learnt_is_read_again_bit_for_bit() {
    for (family, more) in [("gaussian", ""), ("binomial", ""), ("gaussian", r#", "harmonise": "combat""#)] {
        let text = learn(family, more);
        let model = Model::parse(&text, "model.toml").expect("the model is whole");
        // The same again, without the file.
        let sample = sample(family);
        let fitted = options(more).forest.fit(&sample, 7, &Serial).expect("it learns");
        assert_eq!(model.forest.trees().len(), TREES);
        let x = fitted.pipeline.transform(&sample.table).expect("it was fitted to them");
        let roots = model.forest.trees().iter().map(|tree| tree.nodes()[0].value).sum::<f64>() / TREES as f64;
        for i in 0..ROWS {
            let (prediction, _) = model.predict(&rows::row(&model.inputs(), i));
            let score = prediction.score.expect("it is defined");
            let whole: Vec<f64> = (0..x.columns()).map(|j| x.column(j)[i]).collect();
            assert_eq!(score.to_bits(), fitted.grown.forest.score(&whole).to_bits(), "{family}, row {i}");
            let sum = prediction.contributions.iter().fold(roots, |sum, c| sum + c);
            assert!((sum - score).abs() < 1e-12 * (1.0 + score.abs()), "{family}, row {i}: {sum}, {score}");
            assert_eq!(prediction.contributions.len(), model.inputs().len());
        }
    }
}

#[test]
fn the_file_says_how_it_was_learnt_and_how_well() {
    let text = learn("binomial", "");
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
    assert!(learn("binomial", r#", "outer_repeats": 2"#).contains("repeats = 2"));
    assert!(!learn("binomial", r#", "outer_folds": 0"#).contains("[performance]"));
    // What tells of the order of times is no hazard.
    let text = learn("cox", "");
    for part in
        ["family = \"survival\"", "link = \"identity\"", "measure = \"concordance\"", "target = \"target, event\""]
    {
        assert!(text.contains(part), "{part}: {}", &text[..600]);
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
        assert_eq!(prediction, Prediction::score(score).because(vec![0.0, contribution]));
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
    let message = refusal("\"binomial\"", "\"cox\"");
    assert!(
        message.contains("the family is \"cox\", expected \"gaussian\" or \"binomial\" or \"survival\""),
        "{message}"
    );
    assert!(refusal("predict-forest", "predict-linear").contains("a model of the plugin `predict-linear`"));
    assert!(refusal("name = \"Example\"", "name = \"Example\"\ntrees = 3").contains("has 3 trees, and has 2"));
    assert!(refusal("imputed = 110", "input = 110").contains("m, line 9, column 1: unknown field `input`"));
    assert!(
        refusal("name = \"Example\"", "name = \"Example\"\ntree = 2")
            .contains("line 5, column 1: unknown field `tree`")
    );
    assert!(refusal("[[tree]]", "[[trees]]").contains("line 12, column 3: unknown field `trees`"));
    assert!(refusal("left = [1,", "left = [1.5,").contains("line 15, column 9: invalid type"));
    let start = WHOLE.find("[[tree]]").expect("it has one");
    assert!(Model::parse(&WHOLE[..start], "m").is_err_and(|why| why.contains("it has no `[[tree]]`")));
}

#[test]
fn settings_and_tables_that_do_not_fit_are_refused() {
    assert_eq!(refusal("gaussian", r#"{"trees": 0}"#).0, "trees");
    assert_eq!(refusal("gaussian", r#"{"alpha": 1}"#).0, "alpha");
    assert!(refusal("binomial", r#"{"trees": 2, "outer_folds": 40}"#).1.contains("cannot be cut into 40 folds"));
}
