//! What a model file may say, and what is made of it.

use voxomics_sdk::Input;

use crate::{Link, Model, Term};

const WHOLE: &str = r#"
[model]
name = "Example"
link = "identity"
intercept = 0.25
description = "free text"
source = "invented"
licence = "CC0-1.0"
demonstration = true

[[input]]
name = "tumour:glcm.joint_entropy"
coefficient = 0.5
centre = 4
scale = 2.0

[[input]]
name = "kvp"
coefficient = -3
"#;

fn refusal(text: &str) -> String {
    Model::parse(text, "model.toml").expect_err("this model is refused")
}

/// The whole model with one line written otherwise.
fn with(line: &str, other: &str) -> String {
    assert!(WHOLE.contains(line));
    WHOLE.replacen(line, other, 1)
}

fn values(values: &[f64]) -> Vec<Input> {
    values.iter().copied().map(Input::Value).collect()
}

#[test]
fn a_whole_model_is_read_with_its_defaults() {
    let model = Model::parse(WHOLE, "model.toml");
    let entropy = Term { name: "tumour:glcm.joint_entropy".into(), coefficient: 0.5, centre: 4.0, scale: 2.0 };
    let kvp = Term { name: "kvp".into(), coefficient: -3.0, centre: 0.0, scale: 1.0 };
    let expected = Model {
        name: "Example".into(),
        link: Link::Identity,
        intercept: 0.25,
        terms: vec![entropy, kvp],
        demonstration: true,
        description: "free text".into(),
        source: "invented".into(),
        licence: "CC0-1.0".into(),
    };
    assert_eq!(model, Ok(expected));
}

#[test]
fn score_and_contributions_are_those_of_the_formula() {
    let model = Model::parse(WHOLE, "model.toml").expect("the model is whole");
    let prediction = model.predict(&values(&[7.0, 0.5]));
    assert_eq!(prediction.score, Ok(0.25 + 0.5 * (7.0 - 4.0) / 2.0 - 3.0 * 0.5));
    assert_eq!(prediction.contributions, [0.75, -1.5]);
}

#[test]
fn the_logistic_link_goes_from_0_to_1() {
    let text = with("link = \"identity\"", "link = \"logistic\"");
    let model = Model::parse(&text, "model.toml").expect("the model is whole");
    let score = |kvp: f64| model.predict(&values(&[4.0, kvp])).score;
    // sum = 0.25 − 3·kvp
    assert_eq!(score(0.25 / 3.0), Ok(0.5));
    let at_one = score(-0.25).expect("defined"); // 1 / (1 + e⁻¹)
    assert!((at_one - 0.731_058_578_630_004_9).abs() < 1e-15, "{at_one}");
    assert_eq!((score(-1e6), score(1e6)), (Ok(1.0), Ok(0.0)));
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    for unknown in ["nan", "inf", "-inf", "\"?\"", "\"\"", "\"null\"", "\"unknown\"", "\" Unknown \"", "\"N/A\""] {
        let text = with("intercept = 0.25", &format!("intercept = {unknown}"));
        let text = text.replace("coefficient = -3", &format!("coefficient = {unknown}"));
        let text = text.replace("scale = 2.0", &format!("scale = {unknown}"));
        assert_eq!(
            refusal(&text),
            "model.toml: 3 numbers are missing: the intercept, the scale of `tumour:glcm.joint_entropy`, the \
             coefficient of `kvp`. Train the model, or supply them from where it was published; a number is never guessed.",
            "{unknown}"
        );
    }
    let absent = with("coefficient = 0.5\n", "").replace("intercept = 0.25\n", "");
    let message = refusal(&absent);
    assert!(message.contains("the intercept, the coefficient of `tumour:glcm.joint_entropy`"), "{message}");
    assert!(refusal(&with("coefficient = -3", "")).contains("a number is missing: the coefficient of `kvp`."));
}

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    let cases = [
        (with("coefficient = -3", "coeficient = -3"), "model.toml, line 19, column 1: unknown field `coeficient`"),
        (with("intercept = 0.25", "intercept = 0.25\nseed = 1"), "model.toml, line 6, column 1: unknown field `seed`"),
        (with("[model]", "[train]\n[model]"), "model.toml, line 2, column 2: unknown field `train`"),
        (with("\"identity\"", "\"probit\""), "model.toml, line 4, column 8: unknown variant `probit`"),
        (with("scale = 2.0", "scale = \"2.0\""), "model.toml, line 15, column 9: expected a number, found the text"),
        (with("coefficient = -3", "coefficient = true"), "model.toml, line 19, column 15: invalid type: boolean"),
        (with("name = \"kvp\"", "name = \" \""), "model.toml, line 18, column 8: expected a name"),
        (with("name = \"kvp\"", "name = \"kvp"), "model.toml, line 18, column "),
        (with("name = \"kvp\"\n", ""), "missing field `name`"),
        (with("name = \"Example\"\n", ""), "missing field `name`"),
        (with("link = \"identity\"\n", ""), "missing field `link`"),
        (String::new(), "missing field `model`"),
    ];
    for (text, expected) in cases {
        let message = refusal(&text);
        assert!(message.contains(expected) && message.starts_with("model.toml"), "{message}\nexpected: {expected}");
    }
}

#[test]
fn impossible_inputs_are_refused_together() {
    let text = with("scale = 2.0", "scale = 0").replace("\"kvp\"", "\"tumour:glcm.joint_entropy\"");
    assert_eq!(
        refusal(&text),
        "model.toml: the scale of `tumour:glcm.joint_entropy` is 0, expected a number above 0; the input \
         `tumour:glcm.joint_entropy` occurs twice"
    );
    assert!(refusal(&with("scale = 2.0", "scale = -2.0")).contains("is -2, expected a number above 0"));
    let none = &WHOLE[..WHOLE.find("[[input]]").expect("the model has inputs")];
    assert_eq!(refusal(none), "model.toml: it has no `[[input]]`");
}

#[test]
fn a_missing_input_leaves_the_score_undefined_and_says_why() {
    let model = Model::parse(WHOLE, "model.toml").expect("the model is whole");
    let inputs = [Input::Undefined("the region has one grey level".into()), Input::Missing("the cell is empty".into())];
    let prediction = model.predict(&inputs);
    assert_eq!(
        prediction.score,
        Err("the model `Example` has no value of `tumour:glcm.joint_entropy`: the region has one grey level; `kvp`: \
             the cell is empty"
            .into())
    );
    assert!(prediction.contributions.is_empty());
    for x in [f64::NAN, f64::INFINITY] {
        assert!(model.predict(&values(&[1.0, x])).score.is_err_and(|reason| reason.contains("`kvp` is ")));
    }
    assert!(model.predict(&values(&[1.0])).score.is_err());
}

#[test]
fn a_sum_beyond_all_numbers_is_no_score() {
    let text = with("coefficient = -3", "coefficient = 1e200").replace("\"identity\"", "\"logistic\"");
    let model = Model::parse(&text, "model.toml").expect("the model is whole");
    assert!(model.predict(&values(&[1.0, 1e200])).score.is_err_and(|reason| reason.contains("out of scale")));
}

#[test]
fn a_file_may_say_what_a_high_score_speaks_for() {
    for word in ["worse", "better"] {
        let text = with("intercept = 0.25", &format!("intercept = 0.25\nhigher = \"{word}\""));
        assert_eq!(Model::parse(&text, "model.toml"), Model::parse(WHOLE, "model.toml"), "the score is the same");
    }
    let why = refusal(&with("intercept = 0.25", "intercept = 0.25\nhigher = \"bad\""));
    assert!(why.contains("line 6") && why.contains("worse"), "{why}");
}
