//! An experiment that is ready to be applied to cases.

use std::{path::PathBuf, sync::atomic::AtomicBool};

use pyo3::{prelude::*, types::PyDict};
use voxomics_engine::{experiment::Experiment, host::Services, pipeline, plan, results::Layout};

use crate::{case::Asked, outcome, refused, work::without_lock};

/// An experiment with its plugins loaded and configured.
#[pyclass(frozen, module = "voxomics._engine")]
pub struct Plan {
    plan: plan::Plan,
    layout: Layout,
    /// The folder that its results go to, unless a run says another one.
    output: PathBuf,
}

/// A column: name, image, family, aggregation, feature, IBSI code, unit.
type Column<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, &'a str, &'a str);

#[pymethods]
impl Plan {
    /// Reads the text of an experiment; `path` names it in messages, and its relative paths start from `folder`.
    #[new]
    fn new(py: Python<'_>, path: PathBuf, folder: PathBuf, text: &str, overrides: Vec<String>) -> PyResult<Self> {
        let read = || {
            let experiment = Experiment::from_text(&path, &folder, text, &overrides)?;
            let output = experiment.output.clone();
            plan::Plan::new(&experiment).map(|plan| (plan, output))
        };
        let (plan, output) = without_lock(py, 0, &AtomicBool::new(false), read)?.map_err(refused)?;
        let output = output.unwrap_or_else(|| ["voxomics-out", &plan.name].iter().collect());
        let layout = plan.layout();
        Ok(Self { plan, layout, output })
    }

    /// Name of the experiment.
    #[getter]
    fn name(&self) -> &str {
        &self.plan.name
    }

    /// The folder that its results go to.
    #[getter]
    fn output(&self) -> PathBuf {
        self.output.clone()
    }

    /// Names of its regions.
    #[getter]
    fn regions(&self) -> Vec<&str> {
        self.layout.regions.iter().map(String::as_str).collect()
    }

    /// Columns of its table.
    #[getter]
    fn columns(&self) -> Vec<Column<'_>> {
        let columns = self.layout.columns.iter();
        columns
            .map(|c| {
                let [name, image, family, aggregation] =
                    [&c.name, &c.image, &c.family, &c.aggregation].map(String::as_str);
                (name, image, family, aggregation, c.feature.as_str(), c.ibsi.as_str(), c.unit.as_str())
            })
            .collect()
    }

    /// The file with its overrides, as JSON.
    #[getter]
    fn document(&self) -> String {
        self.plan.document.to_string()
    }

    /// Computes the features and scores of one case.
    fn extract<'py>(&self, py: Python<'py>, asked: Asked<'py>, threads: usize) -> PyResult<Bound<'py, PyDict>> {
        let (case, given) = asked.case()?;
        let services = Services { seed: self.plan.seed, ..Services::default() };
        let work = || pipeline::run_given(&self.plan, &case, given, &services);
        let outcome = without_lock(py, threads, &services.cancelled, work)?;
        outcome::to_python(py, &self.layout, &outcome)
    }
}
