//! Predictors: scoring, and learning.

use voxomics_base::{Diagnostics, PluginSettings, table::FeatureValue};
use voxomics_interface::{
    Array,
    calls::{FIT, Fit, Fitted, INPUTS, Inputs, Nothing, Outputs, PREDICT, Reasons},
    codes,
    design::Design,
};

use super::{CaseHost, PluginError, Registered, family::reason, instance::Instance};

/// A configured predictor.
pub struct PredictorInstance {
    /// Its name.
    pub name: String,
    /// The names of its inputs.
    pub inputs: Vec<String>,
    instance: Instance,
}

/// A score, and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The score, or why there is none.
    pub score: FeatureValue,
    /// What each input contributed; empty if the predictor cannot tell.
    pub contributions: Vec<f64>,
}

/// Configures a predictor.
///
/// # Errors
/// If it cannot tell its inputs.
pub fn predictor(
    of: Registered<'_>,
    settings: &PluginSettings,
    diagnostics: &Diagnostics,
) -> Result<Option<PredictorInstance>, PluginError> {
    let Some(instance) = Instance::configure(of, settings, diagnostics) else { return Ok(None) };
    let Inputs { inputs } = instance.ask(INPUTS, &Nothing {}, &[])?.read("the names of its inputs")?;
    Ok(Some(PredictorInstance { name: instance.name.clone(), inputs, instance }))
}

impl PredictorInstance {
    /// Scores one row of inputs, in the order of [`inputs`](Self::inputs).
    ///
    /// # Errors
    /// If the predictor fails, or calls something a score that is none.
    pub fn predict(&self, inputs: &[FeatureValue], host: &CaseHost) -> Result<Prediction, PluginError> {
        let broken = |message: String| Err(PluginError::broken(&self.name, message));
        let values: Vec<f64> = inputs.iter().map(|input| *input.as_ref().unwrap_or(&0.0)).collect();
        let missing = |input: &FeatureValue| if input.is_ok() { codes::STATUS_OK } else { codes::STATUS_UNDEFINED };
        let status: Vec<u8> = inputs.iter().map(missing).collect();
        let reasons = inputs.iter().enumerate().filter_map(|(at, input)| {
            let reason = input.as_ref().err()?;
            Some((at.to_string(), serde_json::Value::from(&**reason)))
        });
        let request = Reasons { reasons: reasons.collect() };
        let dims = [inputs.len() as u64];
        let arrays = [Array::new("values", &dims, &values), Array::new("status", &dims, &status)];
        let mut answer = self.instance.call(PREDICT, &request, &arrays, host)?;
        let Outputs { outputs, reasons } = answer.read("the outputs of its prediction")?;
        let (scores, status) = (answer.elements::<f64>("outputs")?, answer.elements::<u8>("status")?);
        let ([_], [score], [status]) = (&outputs[..], &scores[..], &status[..]) else {
            let found = [outputs.len(), scores.len(), status.len()];
            return broken(format!("its prediction has {found:?} outputs, values and statuses, expected one score"));
        };
        let score = match *status {
            codes::STATUS_OK if score.is_finite() => Ok(*score),
            codes::STATUS_OK => return broken(format!("it called {score} a score")),
            codes::STATUS_UNDEFINED => Err(reason(reasons.get("0"))),
            other => return broken(format!("it gave its score the status {other}, which the interface does not know")),
        };
        let contributions = match answer.take("contributions") {
            None => Vec::new(),
            Some(array) => match array.read::<f64>() {
                Ok(terms) => terms.to_vec(),
                Err(wrong) => return broken(format!("its array `contributions`: {wrong}")),
            },
        };
        if !contributions.is_empty() && contributions.len() != inputs.len() {
            return broken(format!("it gave {} contributions for {} inputs", contributions.len(), inputs.len()));
        }
        if let Some(wrong) = contributions.iter().find(|x| !x.is_finite()) {
            return broken(format!("it called {wrong} the contribution of an input"));
        }
        Ok(Prediction { score, contributions })
    }

    /// Learns from a table, and returns the model as the predictor writes it.
    ///
    /// # Errors
    /// If the predictor cannot learn, or not from this.
    pub fn fit(&self, table: &TrainingTable, host: &CaseHost) -> Result<String, PluginError> {
        let present: Vec<u8> = table.values.iter().map(|value| u8::from(value.is_some())).collect();
        let values: Vec<f64> = table.values.iter().map(|value| value.unwrap_or(0.0)).collect();
        let request = Fit { columns: table.columns.clone(), design: table.design.clone() };
        let dims = [table.rows as u64, table.columns.len() as u64];
        let arrays = [Array::new("values", &dims, &values), Array::new("present", &dims, &present)];
        let Fitted { model } = self.instance.call(FIT, &request, &arrays, host)?.read("what it has learnt")?;
        Ok(model)
    }
}

/// What a predictor learns from.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainingTable {
    /// Number of rows.
    pub rows: usize,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The values, column after column; none where missing.
    pub values: Vec<Option<f64>>,
    /// Which columns are what.
    pub design: Design,
}
