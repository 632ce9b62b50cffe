//! The plugin host: finding, verifying, loading and calling libraries.
//!
//! It knows plugins, their settings and their answers; why they are called, and in which order, is the engine's.

mod call;
pub mod card;
mod companions;
mod entered;
mod exit;
mod exporter;
mod family;
mod filter;
mod find;
mod fitted;
mod float;
mod instance;
#[cfg(target_os = "linux")]
pub mod isolate;
mod library;
mod limits;
mod loader;
mod memory;
mod of_c;
mod plugins;
mod predictor;
mod reads;
mod region_maker;
mod sealed;
mod seen;
mod services;
pub mod trust;

pub use call::{NamedFile, PluginError, resolve_files};
pub use card::ModelCard;
pub use exporter::{
    ExportCase, ExportColumn, ExportNeeds, ExportRegion, ExportScore, ExportSpace, ExportedFile, ExporterInstance,
    exporter,
};
pub use family::{FamilyInstance, MapInput, RegionInput, family};
pub use filter::{FilterInstance, filter};
pub use find::{SearchPath, home, library_names, program, set_home};
pub use fitted::Fitted;
pub use instance::Elements;
pub use library::{PluginLibrary, Terms};
pub use limits::{CallLimits, RESTS};
pub use loader::{LoadOptions, LoaderInstance, Wanted, loader};
pub use plugins::{LibraryRecord, Plugins, Registered, with_defaults};
pub use predictor::{Prediction, PredictorInstance, TrainingTable, predictor};
pub use reads::{Read, Reads};
pub use region_maker::{RegionMakerInstance, region_maker};
pub use seen::{Seen, SeenImage, SeenRegion};
pub use services::{CaseHost, Pool, STACK_BYTES, Services, Steps};
