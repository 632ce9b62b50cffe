//! Predictors: scoring, and learning.

use voxomics_base::{Diagnostics, PluginSettings, table::FeatureValue};
use voxomics_interface::{
    self as wire, BoxedPredictor,
    abi_stable::std_types::{RSlice, RString},
    codes,
    design::Design,
};

use super::{CaseHost, PluginError, Registered, call::configure, instances::reason};

/// A configured predictor.
pub struct PredictorInstance {
    /// Its name.
    pub name: String,
    /// The names of its inputs.
    pub inputs: Vec<String>,
    object: BoxedPredictor,
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
    let Some(object) = configure(of.plugin, of.library.module.configure_predictor(), settings, diagnostics) else {
        return Ok(None);
    };
    let name = of.plugin.name();
    let inputs = Result::from(object.inputs()).map_err(|failure| PluginError::from_wire(&name, &failure))?;
    let inputs = inputs.iter().map(ToString::to_string).collect();
    Ok(Some(PredictorInstance { name, inputs, object }))
}

impl PredictorInstance {
    /// Scores one row of inputs, in the order of [`inputs`](Self::inputs).
    ///
    /// # Errors
    /// If the predictor fails, or calls something a score that is none.
    pub fn predict(&self, inputs: &[FeatureValue], host: &CaseHost) -> Result<Prediction, PluginError> {
        let inputs: Vec<wire::InputValue> = inputs
            .iter()
            .map(|input| match input {
                Ok(value) => wire::InputValue { value: *value, status: codes::STATUS_OK, reason: Default::default() },
                Err(reason) => {
                    wire::InputValue { value: 0.0, status: codes::STATUS_UNDEFINED, reason: (&**reason).into() }
                }
            })
            .collect();
        let answer = Result::from(self.object.predict(RSlice::from(inputs.as_slice()), host.wire()))
            .map_err(|failure| PluginError::from_wire(&self.name, &failure))?;
        let score = match answer.status {
            codes::STATUS_OK if answer.score.is_finite() => Ok(answer.score),
            codes::STATUS_OK => {
                return Err(PluginError::broken(&self.name, format!("it called {} a score", answer.score)));
            }
            codes::STATUS_UNDEFINED => Err(reason(&answer.reason)),
            other => {
                let message = format!("it gave its score the status {other}, which the interface does not know");
                return Err(PluginError::broken(&self.name, message));
            }
        };
        let contributions: Vec<f64> = answer.contributions.to_vec();
        if !contributions.is_empty() && contributions.len() != inputs.len() {
            let message = format!("it gave {} contributions for {} inputs", contributions.len(), inputs.len());
            return Err(PluginError::broken(&self.name, message));
        }
        if let Some(wrong) = contributions.iter().find(|x| !x.is_finite()) {
            return Err(PluginError::broken(&self.name, format!("it called {wrong} the contribution of an input")));
        }
        Ok(Prediction { score, contributions })
    }

    /// Learns from a table, and returns the model as the predictor writes it.
    ///
    /// # Errors
    /// If the predictor cannot learn, or not from this.
    pub fn fit(&self, table: &TrainingTable, host: &CaseHost) -> Result<String, PluginError> {
        let columns: Vec<RString> = table.columns.iter().map(|name| name.as_str().into()).collect();
        let present: Vec<u8> = table.values.iter().map(|value| u8::from(value.is_some())).collect();
        let values: Vec<f64> = table.values.iter().map(|value| value.unwrap_or(0.0)).collect();
        let design = serde_json::to_string(&table.design)
            .map_err(|cause| PluginError::broken(&self.name, format!("its design cannot be written: {cause}")))?;
        let table = wire::TrainingTable {
            rows: table.rows as u64,
            columns: RSlice::from(columns.as_slice()),
            values: RSlice::from(values.as_slice()),
            present: RSlice::from(present.as_slice()),
            design: design.as_str().into(),
        };
        let answer = Result::from(self.object.fit(table, host.wire()));
        answer.map(|text| text.to_string()).map_err(|failure| PluginError::from_wire(&self.name, &failure))
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
