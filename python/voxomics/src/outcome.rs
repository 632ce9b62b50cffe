//! What became of a case, as plain Python objects.

use pyo3::{
    prelude::*,
    types::{PyDict, PyList},
};
use voxomics_engine::{output::unit_of, pipeline::Outcome, results::Layout, table::FeatureValue};

/// A value as a number, as the reason why there is none, or as nothing where a column does not apply.
fn value<'py>(py: Python<'py>, value: Option<&FeatureValue>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Some(Ok(number)) => number.into_pyobject(py)?.into_any(),
        Some(Err(reason)) => reason.as_ref().into_pyobject(py)?.into_any(),
        None => py.None().into_bound(py),
    })
}

/// The outcome as a dict.
pub fn to_python<'py>(py: Python<'py>, layout: &Layout, outcome: &Outcome) -> PyResult<Bound<'py, PyDict>> {
    let label = |region, component| layout.region_label(region, component);
    let rows = PyList::empty(py);
    for row in &outcome.rows {
        let values = row.values.iter().map(|cell| value(py, cell.as_ref())).collect::<PyResult<Vec<_>>>()?;
        rows.append((label(row.region, row.component), values))?;
    }
    let scores = PyList::empty(py);
    for score in &outcome.scores {
        let predictor = &layout.predictors[score.predictor];
        let contributions: Vec<(&str, f64)> =
            predictor.inputs.iter().map(String::as_str).zip(score.contributions.iter().copied()).collect();
        let others = predictor.outputs.iter().skip(1).zip(&score.others);
        let others = others
            .map(|(output, other)| Ok((output.name.as_str(), value(py, Some(other))?)))
            .collect::<PyResult<Vec<_>>>()?;
        scores.append((
            &predictor.name,
            score.component,
            value(py, Some(&score.score))?,
            contributions,
            &score.doubts,
            others,
        ))?;
    }
    let units: Vec<_> = layout.columns.iter().map(|column| unit_of(layout, column, outcome)).collect();
    let volumes: Vec<(String, f64)> =
        outcome.volumes.iter().map(|(region, component, ml)| (label(*region, *component), *ml)).collect();
    let faults: Vec<(&str, Option<&str>, &str)> =
        outcome.faults.iter().map(|fault| (fault.stage, fault.region.as_deref(), fault.message.as_str())).collect();
    let log: Vec<(u32, &str)> = outcome.log.iter().map(|line| (line.level, line.text.as_str())).collect();
    let timings: Vec<(&str, f64)> = outcome.timings.iter().map(|(stage, took)| (*stage, took.as_secs_f64())).collect();
    let dict = PyDict::new(py);
    dict.set_item("rows", rows)?;
    dict.set_item("units", units)?;
    dict.set_item("scores", scores)?;
    dict.set_item("volumes", volumes)?;
    dict.set_item("faults", faults)?;
    dict.set_item("log", log)?;
    dict.set_item("attributes", serde_json::Value::Object(outcome.metadata.clone()).to_string())?;
    dict.set_item("seconds", timings)?;
    Ok(dict)
}
