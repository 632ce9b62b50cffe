//! The plugin host: finding, verifying, loading and calling libraries.
//!
//! It knows plugins, their settings and their answers; why they are called, and in which order, is the engine's.

mod call;
mod find;
mod instances;
mod library;
mod loader;
mod predictor;
mod services;

pub use call::{PluginError, resolve_files};
pub use find::{SearchPath, library_names};
pub use instances::{FamilyInstance, FilterInstance, RegionInput, family, filter, with_defaults};
pub use library::{LibraryRecord, PluginLibrary, Plugins, Registered};
pub use loader::{LoadOptions, LoaderInstance, Wanted, loader};
pub use predictor::{Prediction, PredictorInstance, TrainingTable, predictor};
pub use services::{CaseHost, Pool, Services};
