//! What predictors share whose model is a file, and learners beyond that (with the feature `model`).
//!
//! **A model is a TOML file** that a person can read, check and supply. [`File`] reads the tables that every model has
//! (`[model]`, `[[input]]`, `[harmonisation]`), knows which ones the host adds, and leaves a model's own keys to the
//! model; [`Faults`] collects everything that is wrong with it. [`Frame`] is what surrounds the mathematics: it turns a
//! row of inputs into numbers without gaps, aligned, and refuses what it cannot.
//!
//! **A learner** describes its settings by [`Options::describe`], reads the host's table by [`Named::read`], learns as a
//! `voxomics_learning::Learner` on the host's threads (a [`Context`](crate::Context) is an `Executor`), tells by
//! [`Outer::of`] how well that does on rows that it has not seen, and writes its file from the parts in [`mod@write`].
//!
//! `tests/learner.rs` of this crate is a whole learner that brings nothing but its mathematics.

mod faults;
pub mod file;
mod frame;
mod harmonise;
mod number;
mod options;
mod outer;
mod parts;
mod table;
#[cfg(test)]
mod tests;
pub mod trees;
mod words;
pub mod write;

pub use faults::Faults;
pub use file::{File, read};
pub use frame::{Column, Frame};
pub use harmonise::{Aligned, Harmonisation, NotAligned};
pub use number::Number;
pub use options::Options;
pub use outer::{Outer, untold};
pub use parts::{Common, Parts};
pub use table::Named;
pub use words::{Family, Link, Method, Name, UnknownBatch};

use crate::{Error, Settings};

/// The model that the setting `model` names the file of, if it is set; `parse` is given the text and the path.
///
/// ```
/// use voxomics_sdk::{
///     model,
///     prelude::*,
///     testing::{TestFolder, settings},
/// };
///
/// let described = model::Options::describe("line", "A straight line", "line", []);
/// let parse = |text: &str, path: &str| text.trim().parse::<f64>().map_err(|why| format!("{path}: {why}"));
/// assert_eq!(model::given(&settings(&described, "{}").unwrap(), parse), Ok(None));
///
/// let folder = TestFolder::new();
/// let json = format!(r#"{{"model": "{}"}}"#, folder.write("model", b"2.5").display());
/// assert_eq!(model::given(&settings(&described, &json).unwrap(), parse), Ok(Some(2.5)));
/// ```
///
/// # Errors
/// If the file cannot be read, or what `parse` says of it.
pub fn given<M>(settings: &Settings, parse: impl Fn(&str, &str) -> Result<M, String>) -> Result<Option<M>, Error> {
    if !settings.is_set("model") {
        return Ok(None);
    }
    let path = settings.file("model")?;
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|cause| Error::setting("model", format!("{shown} cannot be read: {cause}")))?;
    parse(&text, &shown).map(Some).map_err(|why| Error::setting("model", why))
}

/// The model that a prediction takes.
///
/// ```
/// use voxomics_sdk::model::needed;
///
/// assert_eq!(needed(&Some(2)), Ok(&2));
/// assert_eq!(needed::<u8>(&None).unwrap_err().key(), "model");
/// ```
///
/// # Errors
/// If there is none.
pub fn needed<M>(model: &Option<M>) -> Result<&M, Error> {
    let without = || Error::setting("model", "a prediction takes a model: train one, or name the file of one");
    model.as_ref().ok_or_else(without)
}
