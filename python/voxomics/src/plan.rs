//! An experiment that is ready to be applied to cases.

use std::{path::PathBuf, sync::atomic::AtomicBool};

use pyo3::{prelude::*, types::PyDict};
use voxomics_engine::{
    experiment::Experiment,
    host::Services,
    output::Folder,
    pipeline, plan,
    preview::{self, Pictures},
    results::Layout,
    stages::voxels,
};

use crate::{case::Asked, model::Model, outcome, refused, work::without_lock};

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

impl Plan {
    fn services(&self) -> Services {
        Services { seed: self.plan.seed, ..Services::default() }
    }
}

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

    /// Names of the inputs that it offers to predictors.
    #[getter]
    fn inputs(&self) -> Vec<&str> {
        self.layout.inputs.iter().map(String::as_str).collect()
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

    /// Computes the features and scores of one case; with pictures of it in the folder `pictures`, if there is one.
    fn extract<'py>(
        &self,
        py: Python<'py>,
        asked: Asked<'py>,
        threads: usize,
        pictures: Option<PathBuf>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (case, given) = asked.case()?;
        let services = self.services();
        let folder = pictures.map(|folder| Folder::create(&folder, false)).transpose().map_err(refused)?;
        // The picture has the name in its title.
        let stems = preview::file_stems([case.name.as_str()]);
        let pictures = folder.as_ref().zip(stems.first()).map(|(folder, stem)| Pictures { folder, stem });
        let work = || pipeline::run_given(&self.plan, &case, given, &services, pictures);
        let outcome = without_lock(py, threads, &services.cancelled, work)?;
        outcome::to_python(py, &self.layout, &outcome)
    }

    /// The regions of one case and, with `images`, what features are computed of; of a case without a mask, its whole images.
    fn voxels<'py>(
        &self,
        py: Python<'py>,
        asked: Asked<'py>,
        images: bool,
        threads: usize,
    ) -> PyResult<Bound<'py, PyDict>> {
        let is_outlined = asked.is_outlined();
        let (case, given) = asked.case()?;
        let services = self.services();
        let work = || match is_outlined {
            true => voxels::of_case(&self.plan, &case, given, images, &services),
            false => voxels::of_images(&self.plan, &case, given, &services),
        };
        let of_case = without_lock(py, threads, &services.cancelled, work)?;
        outcome::voxels_to_python(py, of_case)
    }

    /// A model that is applied to inputs that were made elsewhere, by the predictor with this id; held against the experiment that
    /// made them, if that is known.
    fn model(
        &self,
        py: Python<'_>,
        plugin: Option<&str>,
        path: PathBuf,
        of: Option<PyRef<'_, Self>>,
    ) -> PyResult<Model> {
        let of = of.as_ref().map(|of| &of.plan);
        let read = || {
            let predictor = self.plan.model(plugin, &path)?;
            match of {
                Some(plan) => plan.adopt(predictor),
                None => Ok(predictor),
            }
        };
        let predictor = without_lock(py, 1, &AtomicBool::new(false), read)?.map_err(refused)?;
        Ok(Model::new(predictor, self.plan.seed))
    }
}
