use serde::Deserialize;

use super::*;
use crate::{
    Description, Design, Input, Target, TrainingTable,
    testing::{self, TestTable},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    limit: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The inputs' own keys are the same as the model's.
fn parse(text: &str) -> Result<Frame, String> {
    let file = File::<Own, Own, Nothing>::read(text, "m")?;
    let mut faults = Faults::default();
    faults.number(file.model.limit, || "the limit".into());
    let limit = |name: &str, own: Own, faults: &mut Faults| faults.optional(own.limit, || format!("that of `{name}`"));
    let (frame, _, _, _) = file.frame("predict-x", &[Family::Gaussian, Family::Binomial], &mut faults, limit);
    faults.none("m").map(|()| frame)
}

const WHOLE: &str = r#"
[model]
plugin = "predict-x"
name = "Example"
family = "binomial"
link = "logistic"
limit = 18446744073709551615
rows = 12
[[input]]
name = "kvp"
imputed = 110
minimum = 80
unit = "kV"
limit = 2.0
[[input]]
name = "age"
[training]
anything = 1
[diagnostics]
[harmonisation]
method = "combat"
unknown_batch = "unadjusted"
batches = ["site=A", "site=B"]
[[harmonisation.input]]
name = "kvp"
mean = 100
deviation = 10
location = [1, -1]
scale = [1, 2]
[[harmonisation.input]]
name = "age"
mean = 50
deviation = 1
location = [0, 0]
scale = [1, 1]
"#;

fn refusal(from: &str, to: &str) -> String {
    assert!(WHOLE.contains(from), "{from}");
    parse(&WHOLE.replacen(from, to, 1)).expect_err("it is refused")
}

#[test]
fn a_whole_file_is_read_in_any_order_of_its_keys() {
    let frame = parse(WHOLE).expect("it is whole");
    assert_eq!((frame.name.as_str(), frame.family, frame.link), ("Example", Family::Binomial, Link::Logistic));
    assert_eq!(frame.inputs(), ["kvp", "age", "site=A", "site=B"]);
    assert_eq!((frame.columns[0].imputed, frame.columns[1].imputed), (Some(110.0), None));
    // A host reads and writes the file as plain TOML, which knows no order.
    let rewritten = toml::from_str::<toml::Table>(&WHOLE.replace("18446744073709551615", "1")).expect("it is TOML");
    assert_eq!(parse(&toml::to_string_pretty(&rewritten).expect("it is TOML")), Ok(frame));
}

#[test]
fn mistakes_are_told_with_their_place() {
    for (from, to, told) in [
        ("[model]", "[train]\n[model]", "m, line 2, column 2: unknown field `train`"),
        (
            "rows = 12",
            "row = 12",
            "m, line 8, column 1: unknown field `row`, expected `limit`, or one of `plugin`, `name`",
        ),
        ("imputed", "imputd", "m, line 11, column 1: unknown field `imputd`, expected `limit`, or one of `name`, `imp"),
        ("mean = 100", "mid = 100", "unknown field `mid`"),
        ("imputed = 110", "imputed = \"110\"", "m, line 11, column 11: expected a number, found the text \"110\""),
        ("limit = 2.0", "limit = true", "m, line 14, column 9: invalid type: boolean"),
        ("rows = 12", "rows = -1", "m, line 8, column 8: invalid value"),
        ("\"kvp\"", "\"kvp \"", "m, line 10, column 8: expected a name without blanks at its ends"),
        ("\"binomial\"", "\"normal\"", "m, line 5, column 10: unknown variant `normal`"),
        ("name = \"Example\"\n", "", "missing field `name`"),
        ("plugin = \"predict-x\"\n", "", "missing field `plugin`"),
        ("link = \"logistic\"\n", "", "missing field `link`"),
        ("name = \"age\"\n", "", "missing field `name`"),
        ("name = \"kvp\"", "name = \"kvp\"\nname = \"kvp\"", "m, line 11, column 1: duplicate key"),
    ] {
        let message = refusal(from, to);
        assert!(message.contains(told) && message.starts_with("m, line "), "{message}\nexpected: {told}");
    }
    assert!(parse("").is_err_and(|why| why.contains("missing field `model`")));
}

#[test]
fn everything_else_that_is_wrong_is_told_at_once() {
    for unknown in ["\"?\"", "nan", "-inf", "\" Unknown \"", "\"N/A\""] {
        let text = WHOLE.replacen("limit = 2.0", &format!("limit = {unknown}"), 1);
        let text = text.replacen("imputed = 110", &format!("imputed = {unknown}"), 1);
        let text = text.replacen("mean = 100", "", 1).replacen("scale = [1, 2]", &format!("scale = [0, {unknown}]"), 1);
        let message = parse(&text).expect_err("it is refused");
        let told = "m: 4 numbers are missing: the imputed value of `kvp`, the mean of `kvp`, the scale of `kvp` in \
                    `site=B`, that of `kvp`. Train the model, or supply them from where it was published; a number is \
                    never guessed.; the scale of `kvp` in `site=A` is 0, expected a number above 0";
        assert_eq!(message, told, "{unknown}");
    }
    assert!(refusal("limit = 18446744073709551615\n", "").starts_with("m: a number is missing: the limit."));
    assert!(refusal("\"age\"", "\"kvp\"").contains("the input `kvp` occurs twice"));
    assert!(refusal("\"logistic\"", "\"identity\"").contains("belongs to the family"));
    assert!(
        refusal("\"binomial\"", "\"cox\"").contains("the family is \"cox\", expected \"gaussian\" or \"binomial\"")
    );
    assert!(refusal("predict-x", "predict-y").contains("a model of the plugin `predict-y`, not of `predict-x`"));
    assert!(refusal("location = [1, -1]", "location = [1]").contains("`kvp` has 1 locations for 2 batches"));
    let other = WHOLE.rfind("\"age\"").expect("it is aligned");
    let text = format!("{}\"sex\"{}", &WHOLE[..other], &WHOLE[other + 5..]);
    assert!(parse(&text).is_err_and(|why| why.contains("no `[[harmonisation.input]]` of `age`")));
    let mut faults = Faults::default();
    for k in 0..150 {
        faults.number(None, || format!("number {k}"));
    }
    let message = faults.none("m").expect_err("there are gaps");
    assert!(
        message.starts_with("m: 150 numbers are missing: number 0, ") && message.contains(", number 99 and 50 more.")
    );
}

#[test]
fn a_row_is_aligned_and_its_gaps_are_filled() {
    let frame = parse(WHOLE).expect("it is whole");
    let sum = |row: &[f64]| Ok((row.iter().sum(), row.to_vec()));
    let row = |kvp: Input, b: f64| [kvp, Input::Value(60.0), Input::Value(0.0), Input::Value(b)];
    // (((130 − 100) / 10 + 1) / 2) · 10 + 100
    let (prediction, warnings) = frame.predict(&row(Input::Value(130.0), 1.0), sum);
    assert_eq!((prediction.score, prediction.contributions), (Ok(180.0), vec![120.0, 60.0, 0.0, 0.0]));
    assert!(warnings.is_empty());
    let (prediction, warnings) = frame.predict(&row(Input::Missing("empty".into()), 0.0), sum);
    assert_eq!(prediction.score, Ok(170.0));
    assert!(
        warnings[0].contains("is not aligned") && warnings[1].contains("in place of `kvp` (empty)"),
        "{warnings:?}"
    );
    let (prediction, _) = frame.predict(&row(Input::Value(130.0), 1.0), |_| Err("out of scale".into()));
    assert_eq!(prediction.score, Err("out of scale".into()));
    let (prediction, _) = frame.predict(&row(Input::Value(130.0), 1.0), |_| Ok((f64::INFINITY, Vec::new())));
    assert_eq!(prediction.score, Err("the score of the model `Example` is inf: an input is out of scale".into()));
}

fn options(json: &str) -> Result<Options, crate::Error> {
    let description: Description = Options::describe("x", "x", "a model", []);
    Options::read(&testing::settings(&description, json).expect("they are listed"))
}

#[test]
fn settings_become_options() {
    use voxomics_learning::{
        folds::Folds,
        preprocessing::{Impute, Step, Unknown},
    };
    let all = options(
        r#"{"name": "b", "impute": "mean", "near_constant": 0.9, "harmonise": "combat", "unknown_batch": "unadjusted",
            "correlation_threshold": 0.8, "select_top": 3, "outer_folds": 4, "outer_repeats": 2, "seed": 5}"#,
    );
    let all = all.expect("they fit");
    let steps = [
        Step::Impute(Impute::Mean),
        Step::NearConstant(0.9),
        Step::Combat(Unknown::Unadjusted),
        Step::Correlation(0.8),
        Step::Top(3),
    ];
    assert_eq!((all.name.as_str(), all.seed, all.pipeline.steps.as_slice()), ("b", Some(5), steps.as_slice()));
    assert_eq!(all.outer, Some(Folds { folds: 4, repeats: 2 }));
    let none = options(r#"{"outer_folds": 0}"#).expect("they fit");
    assert_eq!((none.name.as_str(), none.outer, none.seed), ("a model", None, None));
    assert_eq!(none.pipeline.steps, [Step::Impute(Impute::Median), Step::NearConstant(0.95)]);
    assert!(options(r#"{"name": " b"}"#).is_err_and(|error| error.key() == "name"));
    assert!(options(r#"{"outer_folds": 1}"#).is_err_and(|error| error.key() == "outer_folds"));
}

/// Hands a table to a learner that only reads it.
fn read(table: &TestTable) -> Result<Named, String> {
    use std::sync::Mutex;
    static ONE: Mutex<()> = Mutex::new(());
    static READ: Mutex<Option<Result<Named, String>>> = Mutex::new(None);
    struct Reads;
    impl crate::Predictor for Reads {
        fn describe() -> Description {
            Options::describe("reads", "Reads", "reads", [])
        }
        fn configure(_: &Settings) -> Result<Self, Error> {
            Ok(Self)
        }
        fn inputs(&self) -> Vec<String> {
            Vec::new()
        }
        fn predict(&self, _: &[Input], _: &crate::Context) -> Result<crate::Prediction, Error> {
            Err(Error::unsupported("it reads"))
        }
        fn fit(&self, table: &TrainingTable, _: &crate::Context) -> Result<String, Error> {
            let named = Named::read(table).map_err(|error| error.to_string());
            *READ.lock().expect("not poisoned") = Some(named);
            Ok(String::new())
        }
    }
    let _one = ONE.lock().expect("not poisoned");
    testing::fit::<Reads>("{}", table, &testing::TestHost::new()).expect("it reads");
    READ.lock().expect("not poisoned").take().expect("it was read")
}

#[test]
fn a_table_is_read_or_refused_with_the_column() {
    let of = |weight: Option<f64>, b: f64, input: &str| {
        let design = Design {
            kept: Vec::new(),
            unaligned: Vec::new(),
            levels: Vec::new(),
            inputs: vec![input.into()],
            target: Target::Cox { time: "time".into(), event: "event".into() },
            weights: Some("weight".into()),
            groups: Some("patient".into()),
            strata: None,
            batches: vec!["site=A".into(), "site=B".into()],
            folds: None,
        };
        let table = TestTable::new(design, 2).column("age", [None, Some(60.0)]).column("time", [Some(3.0), Some(4.0)]);
        let table = table.column("event", [Some(1.0), Some(0.0)]).column("weight", [weight, Some(2.0)]);
        let table = table.column("patient", [Some(0.0), Some(-0.0)]);
        read(&table.column("site=A", [Some(0.0), Some(1.0)]).column("site=B", [Some(0.0), Some(b)]))
    };
    let named = of(Some(1.0), 0.0, "age").expect("it is sound");
    let sample = &named.sample;
    assert!(sample.table.inputs.column(0)[0].is_nan() && sample.table.inputs.column(0)[1] == 60.0);
    assert_eq!((sample.table.origin.as_slice(), sample.table.batches), ([None, Some(0)].as_slice(), 2));
    assert_eq!((sample.weights.as_slice(), sample.groups.as_slice()), ([1.0, 2.0].as_slice(), [0, 0].as_slice()));
    assert_eq!((named.target.as_str(), sample.response.kind()), ("time, event", "a time"));
    for (refused, told) in [
        (of(None, 0.0, "age"), "`weight` is missing in 1 of 2 rows: leave these rows out"),
        (of(Some(1.0), 0.5, "age"), "`site=B` is 0.5 in a row, expected 0 or 1"),
        (of(Some(1.0), 1.0, "age"), "row 1 is of two batches, `site=A` and `site=B`"),
        (of(Some(1.0), 0.0, "sex"), "the training table has no column `sex`"),
    ] {
        assert_eq!(refused, Err(told.into()));
    }
}
