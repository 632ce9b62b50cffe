//! A whole learner that brings nothing but its mathematics: a straight line over the one input that follows the target
//! best. Another begins with a copy of this.

use serde::{Deserialize, Serialize};
use voxomics_learning::{
    Error as Failure, Executor, Learner, Response, Sample, algebra, measure::Measure, preprocessing,
};
use voxomics_sdk::{
    model::{
        self, Family, Faults, Frame, Named, Number, Outer,
        file::Harmonisation,
        write::{self, Counts, Head, OutOfFold, Performance, Range},
    },
    prelude::*,
    testing,
};

/// The predictor: how it learns, and the model that it scores with.
struct Line {
    options: model::Options,
    model: Option<Straight>,
}

impl Predictor for Line {
    fn describe() -> Description {
        model::Options::describe("line", "A straight line over one input", "line", [])
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { options: model::Options::read(settings)?, model: model::given(settings, Straight::parse)? })
    }

    fn inputs(&self) -> Vec<String> {
        self.model.as_ref().map(|model| model.frame.inputs()).unwrap_or_default()
    }

    fn predict(&self, inputs: &[Input], context: &Context) -> Result<Prediction, Error> {
        let Straight { frame, intercept, slopes } = model::needed(&self.model)?;
        let (prediction, warnings) = frame.predict(inputs, |row| {
            let contributions: Vec<f64> = slopes.iter().zip(row).map(|(slope, x)| slope * x).collect();
            Ok((intercept + contributions.iter().sum::<f64>(), contributions))
        });
        warnings.iter().for_each(|warning| context.warning(warning));
        Ok(prediction)
    }

    fn fit(&self, table: &TrainingTable, context: &Context) -> Result<String, Error> {
        let named = Named::read(table)?;
        self.options.check(&named)?;
        let (seed, best) = (self.options.seed(context), Best(self.options.pipeline.clone()));
        let fitted = best.fit(&named.sample, seed, context).map_err(|why| named.error(why))?;
        let outer = Outer::beside(self.options.outer, &best, &named, seed, context, &[Measure::SquareError])?;
        model::untold(outer.as_ref(), context);
        let place = fitted.pipeline.columns()[fitted.column];
        write::text(&Written {
            model: About {
                head: Head::new("predict-line", &self.options.name, &named),
                counts: Counts::new(seed, &named),
                own: Own { intercept: Some(fitted.intercept.into()) },
            },
            input: [WrittenInput {
                name: &named.inputs[place],
                range: Range::of(&named, &fitted.pipeline, place),
                own: OwnInput { slope: Some(fitted.slope.into()) },
            }],
            harmonisation: Harmonisation::of(&named, &fitted.pipeline, &[place]),
            performance: outer.as_ref().map(Performance::from),
            diagnostics: outer
                .and_then(Result::ok)
                .map(|outer| Diagnostics { out_of_fold: OutOfFold::new(outer.predictions.scores) }),
        })
    }
}

/// The mathematics.
struct Best(preprocessing::Pipeline);

struct Fitted {
    pipeline: preprocessing::FittedPipeline,
    column: usize,
    intercept: f64,
    slope: f64,
}

impl Learner for Best {
    type Model = Fitted;

    fn fit(&self, sample: &Sample, _: u64, executor: &dyn Executor) -> Result<Fitted, Failure> {
        let Response::Gaussian(y) = &sample.response else { return Err(Failure::input("a line tells a number alone")) };
        let (pipeline, x) = self.0.fit(sample)?;
        if executor.cancelled() {
            return Err(Failure::Cancelled);
        }
        let w = &sample.weights;
        let (mean, total) = (algebra::mean(y, w), w.iter().sum::<f64>());
        let line = |j: usize| {
            let (x, centre) = (x.column(j), algebra::mean(x.column(j), w));
            let product = (0..y.len()).map(|i| w[i] * (x[i] - centre) * (y[i] - mean)).sum::<f64>() / total;
            let slope = product / algebra::variance(x, w);
            (slope * product, j, mean - slope * centre, slope)
        };
        let best = (0..x.columns()).map(line).max_by(|a, b| a.0.total_cmp(&b.0));
        let (_, column, intercept, slope) = best.ok_or_else(|| Failure::input("preprocessing leaves no column"))?;
        Ok(Fitted { pipeline, column, intercept, slope })
    }

    fn score(&self, model: &Fitted, table: &voxomics_learning::Table) -> Result<Vec<f64>, Failure> {
        let x = model.pipeline.transform(table)?;
        Ok(x.column(model.column).iter().map(|x| model.intercept + model.slope * x).collect())
    }
}

/// A model, checked and complete.
#[derive(Debug)]
struct Straight {
    frame: Frame,
    intercept: f64,
    slopes: Vec<f64>,
}

impl Straight {
    fn parse(text: &str, path: &str) -> Result<Self, String> {
        let file = model::File::<Own, OwnInput, Tables>::read(text, path)?;
        let mut faults = Faults::default();
        let intercept = faults.number(file.model.intercept, || "the intercept".into());
        let slope = |name: &str, own: OwnInput, faults: &mut Faults| {
            faults.number(own.slope, || format!("the slope of `{name}`"))
        };
        let (frame, slopes, _, _) = file.frame("predict-line", &[Family::Gaussian], &mut faults, slope);
        faults.none(path)?;
        Ok(Self { frame, intercept, slopes })
    }
}

/// What is its own in the file: of `[model]`, …
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    intercept: Option<Number>,
}

/// … of `[[input]]`, …
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnInput {
    slope: Option<Number>,
}

/// … and no tables.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {}

#[derive(Serialize)]
struct Written<'a> {
    model: About,
    input: [WrittenInput<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    harmonisation: Option<Harmonisation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performance: Option<Performance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostics: Option<Diagnostics>,
}

#[derive(Serialize)]
struct About {
    #[serde(flatten)]
    head: Head,
    #[serde(flatten)]
    counts: Counts,
    #[serde(flatten)]
    own: Own,
}

#[derive(Serialize)]
struct WrittenInput<'a> {
    name: &'a str,
    #[serde(flatten)]
    range: Range,
    #[serde(flatten)]
    own: OwnInput,
}

#[derive(Serialize)]
struct Diagnostics {
    out_of_fold: OutOfFold,
}

#[test]
fn it_is_held_to_what_every_learner_is_held_to() {
    testing::learner::<Line>(r#"{"outer_folds": 3}"#, &["gaussian"]);
}

#[test]
fn its_file_says_what_was_learnt_and_how_well() {
    let host = testing::TestHost::new().seed(7);
    let text = testing::fit::<Line>("{}", &testing::rows::table("gaussian"), &host).expect("it learns");
    for part in ["plugin = \"predict-line\"", "seed = 7", "rows = 60", "considered = 5", "measure = \"mse\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let message = Straight::parse(&text.replacen("slope = ", "slop = ", 1), "m").expect_err("no such key");
    assert!(message.contains("unknown field `slop`, expected `slope`, or one of `name`, `imputed`"), "{message}");
    let error = testing::fit::<Line>("{}", &testing::rows::table("cox"), &host).expect_err("it is refused");
    assert_eq!(error[0].to_string(), "a line tells a number alone");
}
