//! What the file says, and what is made of it again.

use super::*;

#[test]
fn it_is_held_to_what_every_learner_is_held_to() {
    let settings = format!(r#"{{"trees": {TREES}, "outer_folds": 3}}"#);
    testing::learner::<PredictBoosting>(&settings, &["gaussian", "binomial", "cox"]);
}

#[test]
fn what_was_learnt_is_read_again_and_its_parts_sum_to_the_score() {
    for (family, more) in [("gaussian", ""), ("binomial", ""), ("cox", ""), ("gaussian", r#", "harmonise": "combat""#)]
    {
        let model = Model::parse(&learn(family, more), "model.toml").expect("the model is whole");
        assert_eq!(model.boosted.trees.len(), TREES);
        let roots: f64 = model.boosted.trees.iter().map(|tree| tree.nodes()[0].value).sum();
        for i in 0..ROWS {
            let (prediction, _) = model.predict(&rows::row(&model.inputs(), i));
            let score = prediction.score.expect("it is defined");
            let sum = prediction.contributions.iter().fold(model.boosted.base + roots, |sum, c| sum + c);
            let expected = if family == "binomial" { 1.0 / (1.0 + (-sum).exp()) } else { sum };
            assert!((expected - score).abs() < 1e-12 * (1.0 + score.abs()), "{family}, row {i}: {expected}, {score}");
            assert_eq!(prediction.contributions.len(), model.inputs().len());
        }
    }
}

#[test]
fn the_file_says_how_it_was_learnt_and_how_well() {
    let text = learn("binomial", "");
    // Without chance, the seed deals the folds alone.
    assert_ne!(text, learn("binomial", r#", "seed": 8"#));
    for part in [
        "plugin = \"predict-boosting\"",
        "link = \"logistic\"",
        "seed = 7",
        "rows = 60",
        "considered = 5",
        "learning_rate = 0.1",
        "importance = \"gain\"",
        "measure = \"auc\"",
        "measure = \"deviance\"",
        "[performance]",
        "[diagnostics.out_of_fold]",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("intercept"), "a host takes what has one for a sum of terms");
    assert!(!learn("binomial", r#", "outer_folds": 0"#).contains("[performance]"));
    let text = learn("cox", "");
    assert!(text.contains("family = \"cox\"") && text.contains("measure = \"concordance\""), "{}", &text[..600]);
}

const WHOLE: &str = r#"
[model]
plugin = "predict-boosting"
name = "Example"
family = "binomial"
link = "logistic"
base = 0.5
trees = 2
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
value = [0.0, 0.25, -1]
[[tree]]
feature = [-1]
threshold = [0]
left = [-1]
right = [-1]
value = [0.25]
"#;

#[test]
fn the_score_is_that_of_the_formula() {
    let model = Model::parse(WHOLE, "m").expect("the model is whole");
    let (prediction, _) = model.predict(&[Input::Missing("empty".into()), Input::Value(60.5)]);
    assert_eq!(prediction.score, Ok(1.0 / (1.0 + (-1.0_f64).exp())));
    assert_eq!(prediction.contributions, [0.0, 0.25]);
}

#[test]
fn a_file_with_gaps_or_strange_keys_is_refused_with_their_names() {
    let refusal = |from: &str, to: &str| {
        assert!(WHOLE.contains(from));
        Model::parse(&WHOLE.replacen(from, to, 1), "m").expect_err("it is refused")
    };
    assert!(refusal("base = 0.5\n", "").contains("a number is missing: the base"));
    assert!(refusal("0.25, -1]", "0.25, \"?\"]").contains("a number is missing: value 2 of tree 0"));
    assert!(refusal("trees = 2", "trees = 3").contains("says that it has 3 trees, and has 2"));
    assert!(refusal("right = [2, -1, -1]", "right = [3, -1, -1]").contains("tree 0: node 0 leads to node 3 of 3"));
    assert!(refusal("feature = [1, -1, -1]", "feature = [2, -1, -1]").contains("looks at input 2"));
    assert!(refusal("predict-boosting", "predict-forest").contains("a model of the plugin `predict-forest`"));
    assert!(refusal("base", "bias").contains("unknown field `bias`"));
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    assert_eq!(refusal("gaussian", r#"{"learning_rate": 0}"#).0, "learning_rate");
    assert_eq!(refusal("gaussian", r#"{"subsample": 1.5}"#).0, "subsample");
    assert_eq!(refusal("gaussian", r#"{"max_depth": 0}"#).0, "max_depth");
    assert!(refusal("cox", r#"{"outer_folds": 40}"#).1.contains("cannot be cut into 40 folds"));
}
