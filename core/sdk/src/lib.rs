//! What the author of a Voxomics plugin depends on.
//!
//! A plugin is a plain Rust type that implements [`Loader`], [`Filter`], [`FeatureFamily`], [`Predictor`],
//! [`RegionMaker`] or [`Exporter`]; one call of [`export_plugin!`] makes a library of it that any Voxomics of the same interface generation loads.
//!
//! ```standalone_crate
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
//!             .feature(
//!                 Feature::new("hot_mean", "Hot mean").unit("intensity").equation("mean of X where X > threshold"),
//!             )
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
//! A predictor whose model is a file, and above all a learner, finds what others of its kind share in the module `model`, with
//! the feature of that name; a filter finds it in `filtering`, and a family of textures that makes maps in `textures`. The
//! feature `reading` adds what loaders share.
//!
//! # How the program calls a plugin
//!
//! **Descriptions.** `describe` may be called at any time, more than once, and from any thread. It always gives the same answer.
//!
//! **Instances.** `configure` makes an instance for each section of an experiment (of a family with
//! [aggregations](Description::aggregations), for each of them), before an image is read. The instance lives until the run ends,
//! and serves all of its cases. It must be pure: the same input gives the same bits, whatever it was asked before. What it learns
//! during a call goes into the answer, not into the instance. `voxomics check` and the kit make instances as well, and drop them
//! again.
//!
//! **Calls at once.** Every method of an instance takes `&self`, and the program calls it for several cases, regions and images at the same
//! time, from several threads. A thread that waits in [`Context::for_each`] may even enter the same instance again, with another
//! region. So hold no lock over `for_each`, and keep nothing of a call in a thread-local variable.
//!
//! **Threads.** A plugin starts none. Whoever has a [`Context`] may call [`for_each`](Context::for_each) while the call lasts,
//! also from within a chunk: the program's threads do the work. Methods without a context (`describe`, `configure`, `needs`,
//! `maps`, `margin`, `inputs`, `outputs`, `labels`, `recognises`) are asked quick questions, and have no threads.
//!
//! **Panics** are caught at the plugin's edge, in chunks and destructors as well. That of a call becomes its error, with message
//! and place. [`compute`](FeatureFamily::compute) then costs the columns of that family and that region, and nothing else.
//!
//! **Giving up.** If the run is given up, `for_each` leaves out the chunks that have not begun and ends the call. A long call
//! without `for_each` asks [`Context::check_cancelled`] now and then.
//!
//! # What changes in a worker
//!
//! A library that did not come with the program runs in a process of its own on Linux, unless the experiment says otherwise. The
//! numbers are the same bits. The differences are these:
//!
//! - A worker does one call after the other. For calls at once the program has several workers, and each makes an instance of its
//!   own, from the same settings. After a crash there is a new one. So `configure` is called more often, and instances share
//!   nothing.
//! - `for_each` runs on threads of the worker.
//! - There is no network and no other process, as far as the kernel can enforce it. Files are those that settings name
//!   ([`Setting::file`]). Those of the case are reached through [`Context::open`] and [`Context::list`] only, and only those that
//!   lie with the path that was asked for.
//! - What it prints goes to the log. Log lines arrive when the call ends.
//! - Each question to the program ([`check_cancelled`](Context::check_cancelled), `open`, `list`, a chunk of `for_each`) goes
//!   from one process to the other: ask for each slice, not for each voxel.
//! - A crash, an endless loop or too much memory costs the values of that call.

#![warn(unreachable_pub)]

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

/// Everything that a plugin of any kind names.
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// /// What the methods of each kind take and return.
/// fn of_each_kind(
///     _loader: fn(&LoadRequest, &Context) -> Result<Loaded, Error>,
///     _filter: fn(&Grid, &Image) -> Vec<ResponseMap>,
///     _family: fn(&Region, &Block) -> Values,
///     _predictor: fn(&[Input], &TrainingTable) -> Prediction,
///     _region_maker: fn(&Image) -> Vec<u16>,
///     _exporter: fn(&ExportedCase) -> Vec<ExportedFile>,
/// ) {
/// }
/// ```
pub mod prelude {
    pub use crate::{
        Block, Card, Context, Description, Design, Error, ExportNeeds, ExportedCase, ExportedFile, Exporter, Feature,
        FeatureFamily, Filter, Grid, Image, Input, Invariance, LoadRequest, Loaded, Loader, Matrix, NamedRegion, Needs,
        Neighbourhood, Output, Prediction, Predictor, Region, RegionMaker, ResponseMap, Role, Scaling, Scan,
        Segmentation, Selection, Setting, Settings, Survey, Target, TextureMatrix, TrainingTable, Values, VoxelType,
        WHOLE_SCAN,
    };
}

#[doc(hidden)]
pub use export::__export;

/// The examples of the README, which are tried as those of this documentation are.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
