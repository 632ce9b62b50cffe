//! Predictors.

use voxomics_interface::{
    OwnedArray,
    calls::{self, FIT, Fit, Fitted, INPUTS, Inputs, Outputs, PREDICT, Reasons},
    codes,
};

pub use voxomics_interface::design::{Design, Folds, Target};

use crate::{
    Context, Description, Error, Settings,
    door::{Door, Given, Made, no_method},
};

/// Turns inputs into a score, and may learn how.
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
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A value.
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

/// A score and how it came about, or the reason why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The score.
    pub score: Result<f64, String>,
    /// What each input contributed, in the order of the inputs; empty if the predictor cannot tell.
    pub contributions: Vec<f64>,
}

impl Prediction {
    /// A score without contributions.
    pub fn score(score: f64) -> Self {
        Self { score: Ok(score), contributions: Vec::new() }
    }

    /// No score, and why.
    pub fn none(reason: impl Into<String>) -> Self {
        Self { score: Err(reason.into()), contributions: Vec::new() }
    }
}

/// What a predictor learns from.
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
        let Prediction { score, contributions } = self.0.predict(&inputs, context)?;
        let (score, status, reasons) = match score {
            Ok(score) => (score, codes::STATUS_OK, Default::default()),
            Err(reason) => (0.0, codes::STATUS_UNDEFINED, serde_json::Map::from_iter([("0".into(), reason.into())])),
        };
        let outputs = vec![calls::Output { name: String::new(), meaning: "score".into() }];
        let terms = [contributions.len() as u64];
        let arrays = vec![
            OwnedArray::new("outputs", &[1], vec![score]),
            OwnedArray::new("status", &[1], vec![status]),
            OwnedArray::new("contributions", &terms, contributions),
        ];
        Made::new(&Outputs { outputs, reasons }, arrays)
    }
}

impl<P: Predictor> Door for Behind<P> {
    fn call(&self, method: &str, given: &Given, context: &Context) -> Result<Made, Error> {
        match method {
            INPUTS => Made::new(&Inputs { inputs: self.0.inputs() }, Vec::new()),
            PREDICT => self.predict(given, context),
            FIT => Made::new(&Fitted { model: self.0.fit(&TrainingTable::new(given)?, context)? }, Vec::new()),
            other => Err(no_method("predict", other)),
        }
    }
}
