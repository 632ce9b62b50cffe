//! The engine as a Python module, `voxomics._engine`: plans, models, and cases whose image is in memory. What a user sees is made of it in
//! Python, beside this folder's `src`; nothing is computed here.

mod array;
mod case;
mod model;
mod outcome;
mod plan;
mod work;

use std::path::PathBuf;

use pyo3::{create_exception, exceptions::PyException, prelude::*};
use voxomics_engine::{
    host,
    import::{Weight, pyradiomics},
};

create_exception!(_engine, Refused, PyException, "What was asked for is wrong; nothing was computed.");

/// An error for the Python side to dress up.
fn refused(message: impl std::fmt::Display) -> PyErr {
    Refused::new_err(message.to_string())
}

/// States where the program and its plugins are.
#[pyfunction]
fn set_home(folder: PathBuf) -> PyResult<()> {
    host::set_home(&folder).map_err(refused)
}

/// What there is to say of a key: line, key, how much it matters, and why.
type Note = (usize, String, &'static str, String);

/// Turns a parameter file of PyRadiomics into an experiment: its TOML, and the notes.
#[pyfunction]
fn import_pyradiomics(source: &str, name: &str, text: &str) -> PyResult<(String, Vec<Note>)> {
    let made = pyradiomics::import(source, name, text)
        .map_err(|(line, wrong)| refused(if line == 0 { wrong } else { format!("line {line}: {wrong}") }))?;
    let word = |weight| match weight {
        Weight::Remark => "remark",
        Weight::Differs => "differs",
        Weight::Lost => "lost",
    };
    let notes = made.notes.into_iter().map(|note| (note.line, note.key, word(note.weight), note.message));
    Ok((made.toml, notes.collect()))
}

/// A parameter file of PyRadiomics as JSON.
#[pyfunction]
fn parameters(text: &str) -> PyResult<String> {
    let read = pyradiomics::parameters(text).map_err(|(line, wrong)| refused(format!("line {line}: {wrong}")))?;
    Ok(read.to_string())
}

#[pymodule]
fn _engine(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("VERSION", voxomics_program::VERSION)?;
    module.add("PROGRAM", voxomics_program::DIGEST)?;
    module.add("Refused", module.py().get_type::<Refused>())?;
    module.add_class::<plan::Plan>()?;
    module.add_class::<model::Model>()?;
    module.add_class::<array::Array>()?;
    module.add_function(wrap_pyfunction!(set_home, module)?)?;
    module.add_function(wrap_pyfunction!(parameters, module)?)?;
    module.add_function(wrap_pyfunction!(import_pyradiomics, module)?)
}
