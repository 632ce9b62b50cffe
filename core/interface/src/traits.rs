//! The four kinds of plugin, and the host as a plugin sees it.

use abi_stable::{
    sabi_trait,
    std_types::{RBox, RResult, RSlice, RStr, RString, RVec},
};

use crate::{
    Chunk, Extension, Failure, FamilyInput, Grid, InputValue, LoadRequest, Loaded, Margin, Prediction, Response,
    TrainingTable, Value, Volume,
};

/// Reads images, segmentations and acquisition metadata.
#[sabi_trait]
pub trait Loader: Send + Sync {
    /// Whether the loader can read a path, judged by the first bytes of the file (none for a folder).
    fn recognises(&self, path: RSlice<'_, u8>, head: RSlice<'_, u8>) -> RResult<bool, Failure>;
    /// Reads a path.
    fn load(&self, request: LoadRequest<'_>, host: HostRef<'_>) -> RResult<Loaded, Failure>;
    /// An extension of this instance by its id, or null.
    #[sabi(last_prefix_field)]
    fn query_extension(&self, id: RStr<'_>) -> Extension;
}

/// Turns an image into one or several response maps.
#[sabi_trait]
pub trait Filter: Send + Sync {
    /// The names of the response maps, in order; one empty name if there is but one map.
    fn maps(&self) -> RResult<RVec<RString>, Failure>;
    /// How far around a voxel its response depends on the image, on a given grid.
    fn margin(&self, grid: Grid) -> RResult<Margin, Failure>;
    /// Filters an image.
    fn apply(&self, image: Volume<'_>, host: HostRef<'_>) -> RResult<RVec<Response>, Failure>;
    /// An extension of this instance by its id, or null.
    #[sabi(last_prefix_field)]
    fn query_extension(&self, id: RStr<'_>) -> Extension;
}

/// Computes a family of features of a region.
#[sabi_trait]
pub trait FeatureFamily: Send + Sync {
    /// What the family needs beside image and masks, as JSON; its form is documented with the sdk's `Needs`.
    fn needs(&self) -> RResult<RString, Failure>;
    /// Computes every feature that `describe` lists, once each.
    fn compute(&self, input: FamilyInput<'_>, host: HostRef<'_>) -> RResult<RVec<Value>, Failure>;
    /// An extension of this instance by its id, or null.
    #[sabi(last_prefix_field)]
    fn query_extension(&self, id: RStr<'_>) -> Extension;
}

/// Turns inputs into a score, and may learn how.
#[sabi_trait]
pub trait Predictor: Send + Sync {
    /// The names of the inputs that a prediction needs, in order.
    fn inputs(&self) -> RResult<RVec<RString>, Failure>;
    /// Scores one row of inputs.
    fn predict(&self, inputs: RSlice<'_, InputValue>, host: HostRef<'_>) -> RResult<Prediction, Failure>;
    /// Learns from a table and returns the model as text.
    fn fit(&self, table: TrainingTable<'_>, host: HostRef<'_>) -> RResult<RString, Failure>;
    /// An extension of this instance by its id, or null.
    #[sabi(last_prefix_field)]
    fn query_extension(&self, id: RStr<'_>) -> Extension;
}

/// What the host gives to a plugin during a call. Every method may be called from any thread.
#[sabi_trait]
pub trait Host: Send + Sync {
    /// Writes a line to the run's log; `level` is `codes::LOG_…`.
    fn log(&self, level: u8, message: RStr<'_>);
    /// Says how far a long call has come, 0 … 1.
    fn progress(&self, fraction: f64);
    /// Whether the run is being given up; a long call should return with `FAILURE_CANCELLED`.
    fn cancelled(&self) -> bool;
    /// The seed for anything random; the same for the same experiment and case.
    fn seed(&self) -> u64;
    /// Runs `chunk` for 0 … count − 1 on the host's threads and returns when all have ended.
    fn for_each(&self, count: u64, chunk: Chunk);
    /// An extension of the host by its id, or null.
    #[sabi(last_prefix_field)]
    fn query_extension(&self, id: RStr<'_>) -> Extension;
}

/// A configured loader, owned by the host.
pub type BoxedLoader = Loader_TO<'static, RBox<()>>;
/// A configured filter, owned by the host.
pub type BoxedFilter = Filter_TO<'static, RBox<()>>;
/// A configured feature family, owned by the host.
pub type BoxedFamily = FeatureFamily_TO<'static, RBox<()>>;
/// A configured predictor, owned by the host.
pub type BoxedPredictor = Predictor_TO<'static, RBox<()>>;
/// The host, borrowed for the length of a call.
pub type HostRef<'a> = Host_TO<'a, abi_stable::sabi_types::RRef<'a, ()>>;
