//! What became of a case, as plain Python objects.

use pyo3::{
    prelude::*,
    types::{PyDict, PyList, PyTuple},
};
use voxomics_engine::{
    LogLine,
    output::unit_of,
    pipeline::Outcome,
    results::{Layout, Output, Score},
    stages::{
        Fault,
        voxels::{OfCase, Voxels},
    },
    table::FeatureValue,
};

use crate::array::Array;

/// A value as a number, as the reason why there is none, or as nothing where a column does not apply.
fn value<'py>(py: Python<'py>, value: Option<&FeatureValue>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Some(Ok(number)) => number.into_pyobject(py)?.into_any(),
        Some(Err(reason)) => reason.as_ref().into_pyobject(py)?.into_any(),
        None => py.None().into_bound(py),
    })
}

/// What went wrong: stage, region, message.
fn faults(faults: &[Fault]) -> Vec<(&str, Option<&str>, &str)> {
    faults.iter().map(|fault| (fault.stage, fault.region.as_deref(), fault.message.as_str())).collect()
}

/// What was logged: level, text.
fn log(lines: &[LogLine]) -> Vec<(u32, &str)> {
    lines.iter().map(|line| (line.level, line.text.as_str())).collect()
}

/// A score: its value, contributions by input, doubts, and further outputs by name.
pub fn score<'py>(
    py: Python<'py>,
    score: &Score,
    inputs: &[String],
    outputs: &[Output],
) -> PyResult<Bound<'py, PyTuple>> {
    let contributions: Vec<(&str, f64)> =
        inputs.iter().map(String::as_str).zip(score.contributions.iter().copied()).collect();
    let others = outputs.iter().skip(1).zip(&score.others);
    let others = others
        .map(|(output, other)| Ok((output.name.as_str(), value(py, Some(other))?)))
        .collect::<PyResult<Vec<_>>>()?;
    (value(py, Some(&score.score))?, contributions, &score.doubts, others).into_pyobject(py)
}

/// The voxels of a case as a dict.
pub fn voxels_to_python(py: Python<'_>, of_case: OfCase) -> PyResult<Bound<'_, PyDict>> {
    let scans = PyList::empty(py);
    for Voxels { scan, grid, part, regions, images } in of_case.scans {
        let dims = part.dims();
        let masks = regions.into_iter().map(|region| {
            let of_region = region.part.dims();
            let [morphological, intensity] =
                [region.morphological, region.intensity].map(|mask| Array::of_marks(mask, of_region));
            (region.name, region.part.start, of_region, morphological, intensity)
        });
        let values = images
            .into_iter()
            .map(|image| (image.name, image.unit, image.region, Array::of_values(image.values, dims)));
        let dict = PyDict::new(py);
        dict.set_item("scan", scan)?;
        dict.set_item("dims", grid.dims)?;
        dict.set_item("spacing", grid.spacing)?;
        dict.set_item("origin", grid.origin)?;
        dict.set_item("corner", grid.crop(part).origin)?;
        dict.set_item("axes", grid.direction)?;
        dict.set_item("start", part.start)?;
        dict.set_item("lengths", dims)?;
        dict.set_item("regions", masks.collect::<Vec<_>>())?;
        dict.set_item("images", values.collect::<Vec<_>>())?;
        scans.append(dict)?;
    }
    let dict = PyDict::new(py);
    dict.set_item("scans", scans)?;
    dict.set_item("faults", faults(&of_case.faults))?;
    dict.set_item("log", log(&of_case.log))?;
    Ok(dict)
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
    for of in &outcome.scores {
        let predictor = &layout.predictors[of.predictor];
        scores.append((&predictor.name, of.component, score(py, of, &predictor.inputs, &predictor.outputs)?))?;
    }
    let inputs = PyList::empty(py);
    for (component, values) in &outcome.inputs {
        let values = values.iter().map(|input| value(py, Some(input))).collect::<PyResult<Vec<_>>>()?;
        inputs.append((*component, values))?;
    }
    let units: Vec<_> = layout.columns.iter().map(|column| unit_of(layout, column, outcome)).collect();
    let volumes: Vec<(String, f64)> =
        outcome.volumes.iter().map(|(region, component, ml)| (label(*region, *component), *ml)).collect();
    let timings: Vec<(&str, f64)> = outcome.timings.iter().map(|(stage, took)| (*stage, took.as_secs_f64())).collect();
    let dict = PyDict::new(py);
    dict.set_item("rows", rows)?;
    dict.set_item("units", units)?;
    dict.set_item("scores", scores)?;
    dict.set_item("inputs", inputs)?;
    dict.set_item("volumes", volumes)?;
    dict.set_item("faults", faults(&outcome.faults))?;
    dict.set_item("log", log(&outcome.log))?;
    dict.set_item("attributes", serde_json::Value::Object(outcome.metadata.clone()).to_string())?;
    dict.set_item("seconds", timings)?;
    Ok(dict)
}
