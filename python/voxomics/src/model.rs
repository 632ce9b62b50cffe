//! Models that are applied to inputs which were made elsewhere.

use std::{collections::HashMap, sync::atomic::Ordering};

use pyo3::{prelude::*, types::PyList};
use voxomics_engine::{
    host::{CaseHost, Services},
    plan::Predictor,
    stages::predict,
    table::{FeatureValue, Undefined},
};

use crate::{outcome, refused, work::without_lock};

/// A model with the plugin that applies it.
#[pyclass(frozen, module = "voxomics._engine")]
pub struct Model {
    predictor: Predictor,
    seed: u64,
}

/// A cell: its value, or why there is none.
#[derive(FromPyObject)]
enum Cell {
    Value(f64),
    Reason(String),
}

/// A score a row, and what was logged: level, text.
type Scored<'py> = (Bound<'py, PyList>, Vec<(u32, String)>);

impl Model {
    /// A model that will be asked for scores.
    pub fn new(predictor: Predictor, seed: u64) -> Self {
        Self { predictor, seed }
    }
}

#[pymethods]
impl Model {
    /// Name of the model: that of its file.
    #[getter]
    fn name(&self) -> &str {
        &self.predictor.name
    }

    /// The plugin that applies it.
    #[getter]
    fn plugin(&self) -> &str {
        &self.predictor.instance.name
    }

    /// Names of its inputs.
    #[getter]
    fn inputs(&self) -> Vec<&str> {
        self.predictor.instance.inputs.iter().map(String::as_str).collect()
    }

    /// Inputs that the training was offered, which the model does not use, and whose values are held against it.
    #[getter]
    fn unused(&self) -> Vec<&str> {
        self.predictor.model.iter().flat_map(|model| model.unused.keys()).map(String::as_str).collect()
    }

    /// Its outputs: name, unit.
    #[getter]
    fn outputs(&self) -> Vec<(String, String)> {
        self.predictor.outputs().into_iter().map(|output| (output.name, output.unit)).collect()
    }

    /// What the model file says, as JSON; none if it is not TOML.
    #[getter]
    fn document(&self) -> Option<String> {
        self.predictor.model.as_ref().map(|model| model.document.to_string())
    }

    /// The scores of rows, and what was logged. Of each input there is a column with a cell a row.
    fn score<'py>(&self, py: Python<'py>, columns: HashMap<String, Vec<Cell>>, rows: usize) -> PyResult<Scored<'py>> {
        let services = Services { seed: self.seed, ..Services::default() };
        let host = CaseHost::new(&services, "");
        let value = |name: &str, row: usize| -> FeatureValue {
            match columns.get(name).and_then(|column| column.get(row)) {
                Some(Cell::Value(value)) => Ok(*value),
                Some(Cell::Reason(reason)) => Err(Undefined::from(reason.as_str())),
                None => Err(Undefined::from(format!("the table has no `{name}`"))),
            }
        };
        let predictor = &self.predictor;
        let work = || {
            let score = |row: usize| {
                if services.cancelled.load(Ordering::Relaxed) {
                    return Err("given up".to_owned());
                }
                let values = predictor.instance.inputs.iter().map(|name| value(name, row)).collect();
                let scored = predict::scored(predictor, values, |name| value(name, row).ok(), &host);
                scored.map_err(|error| format!("row {row}: {error}"))
            };
            (0..rows).map(score).collect::<Result<Vec<_>, String>>()
        };
        let scores = without_lock(py, 1, &services.cancelled, work)?.map_err(refused)?;
        let outputs = predictor.outputs();
        let scores = scores.iter().map(|score| outcome::score(py, score, &predictor.instance.inputs, &outputs));
        let log = host.lines().into_iter().map(|line| (line.level, line.text));
        Ok((PyList::new(py, scores.collect::<PyResult<Vec<_>>>()?)?, log.collect()))
    }
}
