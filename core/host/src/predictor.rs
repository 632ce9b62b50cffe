//! Predictors: scoring, and learning.

use voxomics_base::{Diagnostics, PluginSettings, table::FeatureValue};
use voxomics_interface::{
    Array,
    calls::{self, FIT, Fit, Fitted, INPUTS, Inputs, Nothing, Output, PREDICT, Reasons},
    codes,
    design::Design,
};

use super::{CaseHost, ModelCard, PluginError, Registered, call::one_line, card, family::reason, instance::Instance};

/// A configured predictor.
pub struct PredictorInstance {
    /// Its name.
    pub name: String,
    /// The names of its inputs.
    pub inputs: Vec<String>,
    /// What its outputs are, at least one; the first is its score, and is called so if it has no name.
    pub outputs: Vec<Output>,
    /// Its model card, if it has one.
    pub card: Option<Box<ModelCard>>,
    /// Version of its library, and who made it, as the library says.
    pub made_by: [String; 2],
    instance: Instance,
}

/// A score, and how it came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The score, which is the first output, or why there is none.
    pub score: FeatureValue,
    /// The other outputs, in their order.
    pub others: Vec<FeatureValue>,
    /// What each input contributed; empty if the predictor cannot tell.
    pub contributions: Vec<f64>,
}

/// Configures a predictor. One that has expired, or that has no licence and needs one, is refused before it sees its settings.
///
/// # Errors
/// If it cannot tell its inputs.
pub fn predictor(
    of: Registered<'_>,
    settings: &PluginSettings,
    diagnostics: &Diagnostics,
) -> Result<Option<PredictorInstance>, PluginError> {
    if !card::may_be_used(of.plugin, settings, diagnostics) {
        return Ok(None);
    }
    let Some(instance) = Instance::configure(of, settings, diagnostics) else { return Ok(None) };
    let Inputs { inputs, outputs } = instance.ask(INPUTS, &Nothing {}, &[])?.read("its inputs and outputs")?;
    let outputs = sound(outputs).map_err(|wrong| PluginError::broken(&instance.name, wrong))?;
    Ok(Some(PredictorInstance {
        name: instance.name.clone(),
        inputs,
        outputs,
        card: ModelCard::of(of).map(Box::new),
        made_by: [&of.library.description.version, &of.library.description.vendor].map(Clone::clone),
        instance,
    }))
}

/// The outputs, each with a name, if they can stand in a table: a name each, and what it means.
fn sound(mut outputs: Vec<Output>) -> Result<Vec<Output>, String> {
    if outputs.is_empty() {
        outputs.push(Output { meaning: calls::MEANING_SCORE.into(), ..Output::default() });
    }
    if let [only] = &mut outputs[..]
        && only.name.is_empty()
    {
        only.name = calls::MEANING_SCORE.into();
    }
    for (at, output) in outputs.iter().enumerate() {
        let Output { name, meaning, horizon, class, unit } = output;
        let is_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
        if !is_word {
            return Err(format!(
                "its output {at} is named `{}`, expected letters, digits, `_`, `-` and `.`",
                one_line(name)
            ));
        }
        if outputs[..at].iter().any(|other| other.name == *name) {
            return Err(format!("it has two outputs of the name `{name}`"));
        }
        let meanings = [calls::MEANING_SCORE, calls::MEANING_RISK, calls::MEANING_PROBABILITY];
        if !meanings.contains(&meaning.as_str()) {
            let known = meanings.join(", ");
            return Err(format!("its output `{name}` means `{}`, expected one of {known}", one_line(meaning)));
        }
        if horizon.as_ref().is_some_and(|horizon| !(horizon.at.is_finite() && horizon.at > 0.0)) {
            return Err(format!("the horizon of its output `{name}` is no time after the start"));
        }
        let words = [class.as_deref(), unit.as_deref(), horizon.as_ref().map(|horizon| horizon.unit.as_str())];
        if let Some(word) = words.into_iter().flatten().find(|word| one_line(word) != *word) {
            return Err(format!(
                "its output `{name}` has a class or a unit that is not one line: `{}`",
                one_line(word)
            ));
        }
    }
    Ok(outputs)
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
        let Reasons { reasons } = answer.read("the reasons of its outputs")?;
        let (made, status) = (answer.elements::<f64>("outputs")?, answer.elements::<u8>("status")?);
        let expected = self.outputs.len();
        if (made.len(), status.len()) != (expected, expected) {
            let (found, told) = (made.len(), status.len());
            return broken(format!("its prediction has {found} values and {told} statuses for {expected} outputs"));
        }
        let read = self.outputs.iter().zip(made.iter().zip(status.iter())).enumerate();
        let read = read
            .map(|(at, (output, (value, status)))| self.output(output, *value, *status, reasons.get(&at.to_string())));
        let mut read = read.collect::<Result<Vec<FeatureValue>, PluginError>>()?.into_iter();
        let Some(score) = read.next() else { return broken("its prediction has no output".into()) };
        let others = read.collect();
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
        Ok(Prediction { score, others, contributions })
    }

    /// The value of an output, or why there is none; no NaN that calls itself a value, and no probability of 1.3.
    fn output(
        &self,
        output: &Output,
        value: f64,
        status: u8,
        why: Option<&serde_json::Value>,
    ) -> Result<FeatureValue, PluginError> {
        let Output { name, meaning, .. } = output;
        let broken = |message: String| Err(PluginError::broken(&self.name, message));
        let bounded = meaning != calls::MEANING_SCORE;
        match status {
            codes::STATUS_OK if bounded && !(0.0..=1.0).contains(&value) => {
                broken(format!("it called {value} the {meaning} `{name}`, expected 0 to 1"))
            }
            codes::STATUS_OK if value.is_finite() => Ok(Ok(value)),
            codes::STATUS_OK => broken(format!("it called {value} a score")),
            codes::STATUS_UNDEFINED => Ok(Err(reason(why))),
            other => broken(format!("it gave `{name}` the status {other}, which the interface does not know")),
        }
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
