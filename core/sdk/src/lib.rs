//! What the author of a Voxomics plugin depends on.
//!
//! A plugin is a plain Rust type that implements [`Loader`], [`Filter`], [`FeatureFamily`], [`Predictor`],
//! [`RegionMaker`] or [`Exporter`]; one call of [`export_plugin!`] makes a library of it that any Voxomics of the same interface generation loads.
//!
//! ```
//! use voxomics_sdk::prelude::*;
//!
//! /// The mean intensity above a threshold.
//! struct Hot {
//!     threshold: f64,
//! }
//!
//! impl FeatureFamily for Hot {
//!     fn describe() -> Description {
//!         Description::new("hot", "Voxels above a threshold")
//!             .setting(Setting::number("threshold", "lowest intensity that counts").default(100.0))
//!             .feature(Feature::new("hot_mean", "Hot mean").unit("intensity").equation("mean of X where X > threshold"))
//!     }
//!     fn configure(settings: &Settings) -> Result<Self, Error> {
//!         Ok(Self { threshold: settings.number("threshold")? })
//!     }
//!     fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
//!         let hot: Vec<f64> = region.intensities().filter(|x| *x > self.threshold).collect();
//!         let mut values = Values::new();
//!         match hot.len() {
//!             0 => values.undefined("hot_mean", "no voxel is above the threshold"),
//!             n => values.ok("hot_mean", hot.iter().sum::<f64>() / n as f64),
//!         }
//!         Ok(values)
//!     }
//! }
//!
//! voxomics_sdk::export_plugin! { vendor: "A laboratory", families: [Hot] }
//! # fn main() {}
//! ```
//!
//! A predictor whose model is a file, and above all a learner, finds what others of its kind share in the module `model`,
//! with the feature of that name; a filter finds it in `filtering`, and a family of textures that makes maps in `textures`.
//!
//! Rules that the host relies on: an instance is pure (the same input gives the same bits), starts no threads of its
//! own (use [`Context::for_each`]), and returns each feature that it describes exactly once. A panic is caught at the
//! plugin's edge and becomes that case's failure.

#[cfg(panic = "abort")]
compile_error!("a plugin must be built with panic = \"unwind\": a panic would end the host's whole run");

mod block;
mod context;
mod describe;
mod door;
mod error;
mod export;
mod exporter;
mod family;
mod filter;
#[cfg(feature = "filtering")]
pub mod filtering;
mod guard;
mod loader;
#[cfg(feature = "model")]
pub mod model;
mod path;
mod predictor;
mod region;
mod region_maker;
mod settings;
pub mod testing;
#[cfg(feature = "textures")]
pub mod textures;
mod ucum;
mod values;

pub use block::{Block, Neighbourhood};
pub use context::Context;
pub use describe::{Card, Description, Feature, Invariance, Matrix, Needs, Setting};
pub use error::Error;
pub use exporter::{
    ExportColumn, ExportNeeds, ExportRegion, Exported, ExportedCase, ExportedFile, ExportedScore, Exporter,
};
pub use family::FeatureFamily;
pub use filter::{Filter, Image, ResponseMap, WHOLE_SCAN};
pub use loader::{
    LoadRequest, Loaded, Loader, NamedRegion, Role, Scan, Segmentation, Selection, Survey, VoxelType, survey,
};
pub use ndarray;
pub use predictor::{Design, Folds, Input, Output, Prediction, Predictor, Target, TrainingTable};
pub use region::{Matrix as TextureMatrix, MatrixSet, Region};
pub use region_maker::RegionMaker;
pub use settings::Settings;
pub use ucum::ucum;
pub use values::Values;
pub use voxomics_interface::{Cell, Grid, Scaling};
#[cfg(feature = "reading")]
pub use voxomics_reading as reading;

/// Everything that a plugin usually names.
pub mod prelude {
    pub use crate::{
        Block, Card, Context, Description, Error, ExportedCase, ExportedFile, Exporter, Feature, FeatureFamily, Filter,
        Image, Input, Invariance, LoadRequest, Loaded, Loader, Matrix, Needs, Output, Prediction, Predictor, Region,
        RegionMaker, ResponseMap, Role, Scan, Setting, Settings, TrainingTable, Values,
    };
}

#[doc(hidden)]
pub use export::__export;
