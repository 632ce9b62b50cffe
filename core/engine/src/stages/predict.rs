//! Predict: from the rows of a case to its scores.

use std::{collections::HashMap, sync::Arc};

use crate::{
    Cells,
    cases::Case,
    experiment::study::level_of,
    host::{CaseHost, PluginError},
    plan::{InputRef, Plan, Predictor},
    table::{FeatureValue, Row, Undefined},
    tabular::is_missing,
};

pub use voxomics_results::Score;

use super::{Fault, of_plugin};

/// The values of the plan's inputs for one case.
pub struct Inputs<'a> {
    rows: &'a [Row],
    /// The row of each region and component.
    places: HashMap<(usize, Option<usize>), usize>,
    /// The further columns of the list of cases, by name.
    columns: &'a Cells,
    /// Attributes of the scan, by their name in lower case.
    attributes: HashMap<String, &'a serde_json::Value>,
}

impl<'a> Inputs<'a> {
    /// Those of a case with its rows and the acquisition metadata of its image.
    pub fn new(case: &'a Case, rows: &'a [Row], metadata: &'a serde_json::Map<String, serde_json::Value>) -> Self {
        let mut places = HashMap::with_capacity(rows.len());
        for (place, row) in rows.iter().enumerate() {
            places.entry((row.region, row.component)).or_insert(place);
        }
        let attributes = metadata.iter().rev().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        Self { rows, places, columns: &case.covariates, attributes }
    }

    /// Its rows.
    pub fn rows(&self) -> &'a [Row] {
        self.rows
    }
}

/// The components of a case that have scores of their own; `None` alone where no region is split.
pub fn components(rows: &[Row]) -> Vec<Option<usize>> {
    let mut numbers: Vec<Option<usize>> = rows.iter().map(|row| row.component).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.iter().any(Option::is_some) {
        numbers.retain(Option::is_some);
    } else if numbers.is_empty() {
        numbers.push(None);
    }
    numbers
}

/// Scores a case; not that of a study, which scores all cases once, when all models are there.
pub fn score(plan: &Plan, inputs: &Inputs<'_>, host: &CaseHost) -> (Vec<Score>, Vec<Fault>) {
    let (mut scores, mut faults) = (Vec::new(), Vec::new());
    if plan.document.get("cohorts").is_some() {
        return (scores, faults);
    }
    for component in components(inputs.rows()) {
        for (index, predictor) in plan.predictors.iter().enumerate() {
            let values: Vec<FeatureValue> =
                predictor.inputs.iter().map(|input| inputs.value(plan, input, component)).collect();
            let other = |name: &str| {
                let (_, input) = &plan.inputs[*plan.places.get(name)?];
                inputs.value(plan, input, component).ok()
            };
            match scored(predictor, values, other, host) {
                Ok(score) => scores.push(Score { predictor: index, component, ..score }),
                Err(error) => faults.push(of_plugin("predict", &error)),
            }
        }
    }
    (scores, faults)
}

/// The score of values, in the order of the predictor's inputs; `other` has those that the model was offered and does not use.
///
/// # Errors
/// If the predictor fails.
pub fn scored(
    predictor: &Predictor,
    values: Vec<FeatureValue>,
    other: impl Fn(&str) -> Option<f64>,
    host: &CaseHost,
) -> Result<Score, PluginError> {
    let prediction = predictor.predict(&values, host)?;
    Ok(Score {
        predictor: 0,
        component: None,
        score: prediction.score,
        others: prediction.others,
        contributions: prediction.contributions,
        doubts: predictor.doubts(&values, other),
        inputs: values,
    })
}

impl Inputs<'_> {
    /// The value of an input for a component of the case.
    pub fn value(&self, plan: &Plan, input: &InputRef, component: Option<usize>) -> FeatureValue {
        match input {
            InputRef::Feature { region, column } => {
                let place = |component| self.places.get(&(*region, component)).map(|place| &self.rows[*place]);
                let row = place(component).or_else(|| place(None));
                let name = || format!("{}:{}", plan.regions[*region].name, plan.columns[*column].name);
                match row.map(|row| &row.values[*column]) {
                    None => Err(missing(format!("the case has no region `{}`", plan.regions[*region].name))),
                    Some(None) => Err(missing(format!("`{}` is not computed", name()))),
                    Some(Some(Err(reason))) => Err(missing(format!("`{}` is undefined: {reason}", name()))),
                    Some(Some(Ok(value))) => Ok(*value),
                }
            }
            InputRef::Covariate { column, level } => self.covariate(plan, column, level.as_deref()),
            InputRef::Delta { of, .. } => Err(missing(format!(
                "what changes of `{}` is known of the course of a lesion, and not of one case",
                plan.inputs[*of].0
            ))),
        }
    }

    /// Why a covariate that the experiment relies on has no value, each reason once.
    pub fn missing_covariates(&self, plan: &Plan) -> Vec<Undefined> {
        let inputs = plan.inputs.iter().filter(|(_, input)| matches!(input, InputRef::Covariate { .. }));
        let mut reasons: Vec<Undefined> = inputs.filter_map(|(_, input)| self.value(plan, input, None).err()).collect();
        reasons.dedup();
        reasons
    }

    /// Covariates of which the list of cases and the scan say different things.
    pub fn contradictions(&self, plan: &Plan) -> Vec<String> {
        let of = |column: &str| {
            let listed = self.columns.get(column).filter(|text| !is_missing(text))?;
            let told = self.attribute(column)?;
            let is_same = match (listed.parse::<f64>(), told.parse::<f64>()) {
                (Ok(listed), Ok(told)) => listed == told,
                _ => listed == told,
            };
            let what = format!("`{column}` is {listed} in the list of cases, and {told} by the scan itself");
            (!is_same).then(|| format!("{what}: the list is taken at its word"))
        };
        plan.covariates.iter().filter_map(|covariate| of(&covariate.column)).collect()
    }

    fn covariate(&self, plan: &Plan, column: &str, level: Option<&str>) -> FeatureValue {
        let text = self.covariate_text(column).ok_or_else(|| missing(format!("the case has no `{column}`")))?;
        match level {
            None => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(value),
                _ => Err(missing(format!("`{column}` is `{text}`, expected a number"))),
            },
            Some(level) => {
                let covariate = plan.covariate_of_column(column);
                let levels = covariate.and_then(|covariate| covariate.levels.as_deref()).unwrap_or_default();
                match level_of(levels, &text) {
                    Some(found) => Ok(f64::from(u8::from(found == level))),
                    None => Err(missing(format!("`{column}` is `{text}`, expected one of {}", levels.join(", ")))),
                }
            }
        }
    }

    /// A column of the case list; where it says that there is no value, or is not there, an attribute of the scan.
    fn covariate_text(&self, column: &str) -> Option<String> {
        if let Some(text) = self.columns.get(column).filter(|text| !is_missing(text)) {
            return Some((*text).to_owned());
        }
        self.attribute(column)
    }

    /// An attribute of the scan.
    fn attribute(&self, column: &str) -> Option<String> {
        match self.attributes.get(&column.to_ascii_lowercase())? {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

fn missing(reason: String) -> Undefined {
    Arc::from(reason)
}
