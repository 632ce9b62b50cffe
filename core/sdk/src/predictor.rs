//! Predictors.

use voxomics_interface::{
    self as wire, Failure, HostRef, InputValue,
    abi_stable::std_types::{RResult, RSlice, RStr, RString, RVec},
    codes,
};

pub use voxomics_interface::design::{Design, Folds, Target};

use crate::{Context, Description, Error, Settings, export::Guarded, guard::guard};

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

impl From<&InputValue> for Input {
    fn from(input: &InputValue) -> Self {
        match input.status {
            codes::STATUS_OK => Self::Value(input.value),
            codes::STATUS_UNDEFINED => Self::Undefined(input.reason.to_string()),
            _ => Self::Missing(input.reason.to_string()),
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
    table: wire::TrainingTable<'a>,
}

impl TrainingTable<'_> {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.table.rows as usize
    }

    /// Names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.table.columns.as_slice().iter().map(|name| name.as_str())
    }

    /// The values of a column, `None` where missing.
    pub fn column(&self, index: usize) -> impl Iterator<Item = Option<f64>> {
        let rows = index * self.rows()..(index + 1) * self.rows();
        let values = &self.table.values.as_slice()[rows.clone()];
        let present = &self.table.present.as_slice()[rows];
        values.iter().zip(present).map(|(value, present)| (*present != 0).then_some(*value))
    }

    /// Which columns are what.
    ///
    /// # Errors
    /// If the host's account of it cannot be understood.
    pub fn design(&self) -> Result<Design, Error> {
        serde_json::from_str(self.table.design.as_str())
            .map_err(|cause| Error::input(format!("the host's design is not understood: {cause}")))
    }
}

impl<P: Predictor> wire::Predictor for Guarded<P> {
    fn inputs(&self) -> RResult<RVec<RString>, Failure> {
        guard(|| Ok(self.plugin().inputs().into_iter().map(RString::from).collect())).map_err(Failure::from).into()
    }

    fn predict(&self, inputs: RSlice<'_, InputValue>, host: HostRef<'_>) -> RResult<wire::Prediction, Failure> {
        guard(|| {
            let inputs: Vec<Input> = inputs.as_slice().iter().map(Input::from).collect();
            let prediction = self.plugin().predict(&inputs, &Context::new(host))?;
            let (score, status, reason) = match prediction.score {
                Ok(score) => (score, codes::STATUS_OK, String::new()),
                Err(reason) => (0.0, codes::STATUS_UNDEFINED, reason),
            };
            Ok(wire::Prediction {
                score,
                status,
                reason: reason.into(),
                contributions: prediction.contributions.into(),
            })
        })
        .map_err(Failure::from)
        .into()
    }

    fn fit(&self, table: wire::TrainingTable<'_>, host: HostRef<'_>) -> RResult<RString, Failure> {
        guard(|| self.plugin().fit(&TrainingTable { table }, &Context::new(host)).map(RString::from))
            .map_err(Failure::from)
            .into()
    }

    fn query_extension(&self, _id: RStr<'_>) -> wire::Extension {
        wire::Extension::NONE
    }
}
