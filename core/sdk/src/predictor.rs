//! Predictors.

use voxomics_interface::{
    OwnedArray,
    calls::{self, FIT, Fit, Fitted, INPUTS, Inputs, PREDICT, Reasons},
    codes,
};

pub use voxomics_interface::design::{Design, Folds, Target};

use crate::{
    Context, Description, Error, Settings,
    door::{Door, Given, Made, no_method},
};

/// Turns inputs into a score, and may learn how.
///
/// The program asks for [`inputs`](Self::inputs) and [`outputs`](Self::outputs) once, after an instance was configured, and for a
/// [prediction](Self::predict) for each row, for several rows at once ([the rules](crate#how-the-program-calls-a-plugin)).
///
/// One that has its model with it needs no `fit`:
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// /// A weight times the mean intensity of the tumour.
/// struct Weighted {
///     weight: f64,
/// }
///
/// impl Predictor for Weighted {
///     fn describe() -> Description {
///         Description::new("weighted", "Weighted mean")
///             .setting(Setting::number("weight", "score of an intensity of 1").default(2.0))
///     }
///     fn configure(settings: &Settings) -> Result<Self, Error> {
///         Ok(Self { weight: settings.number("weight")? })
///     }
///     fn inputs(&self) -> Vec<String> {
///         vec!["tumour:statistics.mean".into()]
///     }
///     fn predict(&self, inputs: &[Input], _: &Context) -> Result<Prediction, Error> {
///         Ok(match inputs[0].value() {
///             Ok(mean) => Prediction::score(self.weight * mean).because(vec![self.weight * mean]),
///             Err(reason) => Prediction::none(reason),
///         })
///     }
/// }
///
/// use voxomics_sdk::testing::{TestHost, settings};
///
/// let weighted = Weighted::configure(&settings(&Weighted::describe(), "{}").unwrap()).unwrap();
/// let host = TestHost::new();
/// assert_eq!(weighted.predict(&[Input::Value(3.0)], &host.context()).unwrap().score, Ok(6.0));
/// let without = weighted.predict(&[Input::Missing("there is no tumour".into())], &host.context()).unwrap();
/// assert_eq!(without.score, Err("there is no tumour".into()));
/// ```
///
/// One that learns says [`trains`](Description::trains). It is configured without a model to [learn](Self::fit), and the text
/// that it returns is written to a file. Another instance finds that file in a setting. The module `model` (with the feature of
/// that name) has what learners share; this one does without:
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// /// Always the mean of what was learnt.
/// struct Mean {
///     model: Option<f64>,
/// }
///
/// impl Predictor for Mean {
///     fn describe() -> Description {
///         Description::new("mean", "Mean of the training rows")
///             .setting(Setting::file("model", "what was learnt"))
///             .trains()
///     }
///     fn configure(settings: &Settings) -> Result<Self, Error> {
///         if !settings.is_set("model") {
///             return Ok(Self { model: None });
///         }
///         let wrong = |cause: String| Error::setting("model", cause);
///         let text = std::fs::read_to_string(settings.file("model")?).map_err(|cause| wrong(cause.to_string()))?;
///         let mean = text.trim().strip_prefix("mean = ").and_then(|mean| mean.parse().ok());
///         Ok(Self { model: Some(mean.ok_or_else(|| wrong("the model has no line `mean = …`".into()))?) })
///     }
///     fn inputs(&self) -> Vec<String> {
///         Vec::new()
///     }
///     fn predict(&self, _: &[Input], _: &Context) -> Result<Prediction, Error> {
///         self.model
///             .map(Prediction::score)
///             .ok_or_else(|| Error::setting("model", "it has learnt nothing: give it a model"))
///     }
///     fn fit(&self, table: &TrainingTable, _: &Context) -> Result<String, Error> {
///         let Target::Gaussian { column } = table.design()?.target else {
///             return Err(Error::unsupported("it learns a number alone"));
///         };
///         let at = table.columns().position(|name| name == column);
///         let target: Vec<f64> = at.into_iter().flat_map(|at| table.column(at)).flatten().collect();
///         match target.len() {
///             0 => Err(Error::input(format!("the column `{column}` has no value"))),
///             n => Ok(format!("mean = {}\n", target.iter().sum::<f64>() / n as f64)),
///         }
///     }
/// }
///
/// use voxomics_sdk::testing::{self, TestFolder, TestHost};
///
/// let model = testing::fit::<Mean>("{}", &testing::rows::table("gaussian"), &TestHost::new()).unwrap();
/// let folder = TestFolder::new();
/// let path = folder.write("model.toml", model.as_bytes());
/// let settings = testing::settings(&Mean::describe(), &format!(r#"{{"model": "{}"}}"#, path.display())).unwrap();
/// let mean = Mean::configure(&settings).unwrap();
/// let score = mean.predict(&[], &TestHost::new().context()).unwrap().score.unwrap();
/// assert!((score - 10.0).abs() < 1.0);
/// assert_eq!(
///     testing::fit::<Mean>("{}", &testing::rows::table("cox"), &TestHost::new()).unwrap_err()[0].to_string(),
///     "it learns a number alone"
/// );
/// ```
pub trait Predictor: Send + Sync + Sized + 'static {
    /// Id and settings.
    fn describe() -> Description;

    /// Makes an instance from checked settings, before any image is read; reads its model, if it has one.
    ///
    /// # Errors
    /// For a model that cannot be used.
    fn configure(settings: &Settings) -> Result<Self, Error>;

    /// The inputs of a prediction, in order: `region:column` for a feature (`tumour:glcm.joint_entropy`), the bare name
    /// of a column for a covariate of the case (`kvp`).
    fn inputs(&self) -> Vec<String>;

    /// What the numbers of a prediction are, in order, the first of which is what a study evaluates: a score, risks at
    /// horizons, probabilities of classes. By default one score. If there are several, each has a name of its own.
    ///
    /// ```
    /// use voxomics_sdk::prelude::*;
    ///
    /// fn outputs() -> Vec<Output> {
    ///     vec![Output::score(""), Output::risk("risk_2y", 2.0, "years"), Output::probability("p_benign", "benign")]
    /// }
    ///
    /// // `predict` gives the first as the score, and the others in their order.
    /// let prediction = Prediction::score(1.5).and(Ok(0.25)).and(Err("the class was never seen".into()));
    /// assert_eq!(outputs().len(), 1 + prediction.others.len());
    /// ```
    fn outputs(&self) -> Vec<Output> {
        vec![Output::score("")]
    }

    /// Scores one row of inputs, in the order of [`inputs`](Self::inputs).
    ///
    /// # Errors
    /// If the predictor itself fails. An input that is missing or undefined gives a prediction without a score.
    fn predict(&self, inputs: &[Input], context: &Context) -> Result<Prediction, Error>;

    /// Learns from a table and returns the model as text.
    ///
    /// # Errors
    /// By default, that the predictor cannot learn.
    fn fit(&self, table: &TrainingTable, context: &Context) -> Result<String, Error> {
        let _ = (table, context);
        Err(Error::unsupported("this predictor cannot learn: give it a model"))
    }
}

/// One input of a prediction.
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// assert_eq!(Input::Value(2.5).value(), Ok(2.5));
/// assert_eq!(Input::Undefined("the region has one voxel".into()).value(), Err("the region has one voxel"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A value, in the unit of its column.
    Value(f64),
    /// The feature is not defined for this region, and why.
    Undefined(String),
    /// The case has no such value, and why.
    Missing(String),
}

impl Input {
    /// The value, or the reason why there is none.
    ///
    /// # Errors
    /// The reason.
    pub fn value(&self) -> Result<f64, &str> {
        match self {
            Self::Value(value) => Ok(*value),
            Self::Undefined(reason) | Self::Missing(reason) => Err(reason),
        }
    }
}

/// What a number of a prediction is.
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// let outputs = [
///     Output::score("points").unit("points"),
///     Output::risk("risk_2y", 2.0, "years"),
///     Output::probability("p_benign", "benign"),
/// ];
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    pub(crate) wire: calls::Output,
}

impl Output {
    fn new(name: &str, meaning: &str) -> Self {
        Self { wire: calls::Output { name: name.into(), meaning: meaning.into(), ..calls::Output::default() } }
    }

    /// A number on a scale of its own. The name may be empty if it is the only output.
    pub fn score(name: &str) -> Self {
        Self::new(name, calls::MEANING_SCORE)
    }

    /// The probability, 0 to 1, that the event has happened at a time since the start of the observation: `risk("risk_2y", 2.0,
    /// "years")`.
    pub fn risk(name: &str, at: f64, unit: &str) -> Self {
        let mut risk = Self::new(name, calls::MEANING_RISK);
        risk.wire.horizon = Some(calls::Horizon { at, unit: unit.into() });
        risk
    }

    /// The probability, 0 to 1, of a class.
    pub fn probability(name: &str, class: &str) -> Self {
        let mut probability = Self::new(name, calls::MEANING_PROBABILITY);
        probability.wire.class = Some(class.into());
        probability
    }

    /// Its unit, as `points`; a score has none unless this says otherwise.
    pub fn unit(mut self, unit: &str) -> Self {
        self.wire.unit = Some(unit.into());
        self
    }
}

/// A score and how it came about, or the reason why there is none.
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// let prediction = Prediction::score(3.0).because(vec![1.0, 2.0]);
/// assert_eq!(prediction.contributions.iter().sum::<f64>(), 3.0);
/// assert!(Prediction::none("the tumour is too small").score.is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The score: the first of the [`outputs`](Predictor::outputs).
    pub score: Result<f64, String>,
    /// The other outputs, in their order. If there is no score, they may be left out, and are undefined for its reason.
    pub others: Vec<Result<f64, String>>,
    /// What each input contributed to the score, in the order of the inputs; empty if the predictor cannot tell.
    pub contributions: Vec<f64>,
}

impl Prediction {
    /// A score without contributions.
    pub fn score(score: f64) -> Self {
        Self { score: Ok(score), others: Vec::new(), contributions: Vec::new() }
    }

    /// No score, and why.
    pub fn none(reason: impl Into<String>) -> Self {
        Self { score: Err(reason.into()), others: Vec::new(), contributions: Vec::new() }
    }

    /// Adds what each input contributed to the score.
    pub fn because(mut self, contributions: Vec<f64>) -> Self {
        self.contributions = contributions;
        self
    }

    /// Adds the next output, or why it has no value.
    pub fn and(mut self, output: Result<f64, String>) -> Self {
        self.others.push(output);
        self
    }
}

/// What a predictor learns from.
///
/// [`Predictor`] has an example; [`testing::rows::table`](crate::testing::rows::table) makes one for tests.
pub struct TrainingTable<'a> {
    rows: usize,
    columns: Vec<String>,
    values: &'a [f64],
    present: &'a [u8],
    design: Design,
}

impl<'a> TrainingTable<'a> {
    fn new(given: &Given<'a>) -> Result<Self, Error> {
        let Fit { columns, design } = given.read()?;
        let (values, dims) = given.array("values")?;
        let rows = match dims {
            [rows, width] if *width == columns.len() as u64 => *rows as usize,
            _ => return Err(Error::input(format!("the host's table is {dims:?} for {} columns", columns.len()))),
        };
        Ok(Self { rows, columns, values, present: given.exactly("present", values.len())?, design })
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(String::as_str)
    }

    /// The values of a column, `None` where missing.
    pub fn column(&self, index: usize) -> impl Iterator<Item = Option<f64>> {
        let rows = index * self.rows..(index + 1) * self.rows;
        let values = self.values[rows.clone()].iter().zip(&self.present[rows]);
        values.map(|(value, present)| (*present != 0).then_some(*value))
    }

    /// Which columns are what.
    ///
    /// # Errors
    /// None any more: a table whose account is not understood is never handed over.
    pub fn design(&self) -> Result<Design, Error> {
        Ok(self.design.clone())
    }
}

/// A predictor behind the door.
pub(crate) struct Behind<P>(pub P);

impl<P: Predictor> Behind<P> {
    fn predict(&self, given: &Given, context: &Context) -> Result<Made, Error> {
        let Reasons { reasons } = given.read()?;
        let (values, _) = given.array::<f64>("values")?;
        let status = given.exactly::<u8>("status", values.len())?;
        let input = |(at, (value, status)): (usize, (&f64, &u8))| {
            let reason = || reasons.get(&at.to_string()).and_then(|reason| reason.as_str()).unwrap_or_default().into();
            match *status {
                codes::STATUS_OK => Input::Value(*value),
                codes::STATUS_UNDEFINED => Input::Undefined(reason()),
                _ => Input::Missing(reason()),
            }
        };
        let inputs: Vec<Input> = values.iter().zip(status).enumerate().map(input).collect();
        let Prediction { score, mut others, contributions } = self.0.predict(&inputs, context)?;
        if let (Err(reason), true) = (&score, others.is_empty()) {
            others = vec![Err(reason.clone()); self.0.outputs().len().saturating_sub(1)];
        }
        let made: Vec<Result<f64, String>> = [score].into_iter().chain(others).collect();
        let values: Vec<f64> = made.iter().map(|output| *output.as_ref().unwrap_or(&0.0)).collect();
        let status = |output: &Result<f64, String>| match output {
            Ok(_) => codes::STATUS_OK,
            Err(_) => codes::STATUS_UNDEFINED,
        };
        let status: Vec<u8> = made.iter().map(status).collect();
        let reasons =
            made.into_iter().enumerate().filter_map(|(at, output)| Some((at.to_string(), output.err()?.into())));
        let (count, terms) = ([values.len() as u64], [contributions.len() as u64]);
        let arrays = vec![
            OwnedArray::new("outputs", &count, values),
            OwnedArray::new("status", &count, status),
            OwnedArray::new("contributions", &terms, contributions),
        ];
        Made::new(&Reasons { reasons: reasons.collect() }, arrays)
    }
}

impl<P: Predictor> Door for Behind<P> {
    fn call(&self, method: &str, given: &Given, context: &Context) -> Result<Made, Error> {
        match method {
            INPUTS => {
                let outputs = self.0.outputs().into_iter().map(|output| output.wire).collect();
                Made::new(&Inputs { inputs: self.0.inputs(), outputs }, Vec::new())
            }
            PREDICT => self.predict(given, context),
            FIT => Made::new(&Fitted { model: self.0.fit(&TrainingTable::new(given)?, context)? }, Vec::new()),
            other => Err(no_method("predict", other)),
        }
    }
}
