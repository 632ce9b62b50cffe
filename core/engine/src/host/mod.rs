//! The plugin host: finding, verifying, loading and calling libraries.

mod call;
mod find;
mod instances;
mod library;
mod services;

pub use call::PluginError;
pub(crate) use call::resolve_files;
pub use find::{SearchPath, library_names};
pub use instances::{
    FamilyInstance, FilterInstance, LoadOptions, LoaderInstance, Prediction, PredictorInstance, RegionInput, family,
    filter, loader, predictor, with_defaults,
};
pub use library::{LibraryRecord, PluginLibrary, Plugins, Registered};
pub use services::{CaseHost, LogLine, Pool, Services};
