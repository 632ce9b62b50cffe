//! An instance of a plugin, and the host as a plugin sees it.

use abi_stable::{
    sabi_trait,
    std_types::{RBox, RResult, RSlice, RVec},
};

use crate::{Answer, Block, Chunk, Extension, Failure, OpenFile, OwnedText, Request, Text};

/// A configured plugin, of whatever kind. It may be entered by several threads at once, and again on the same thread while it
/// waits in [`Host::for_each`].
#[sabi_trait]
pub trait Instance: Send + Sync {
    /// Calls a method by its word. The words, and what they are asked and answered with, are in [`calls`](crate::calls).
    fn call(&self, method: Text<'_>, request: Request<'_>, host: HostRef<'_>) -> RResult<Answer, Failure>;
    /// An extension of this instance by its id.
    #[sabi(last_prefix_field)]
    fn extension(&self, id: Text<'_>) -> Extension;
}

/// What the host gives to a plugin during a call. Every method may be called from any thread, until the call returns.
#[sabi_trait]
pub trait Host: Send + Sync {
    /// Writes a line to the run's log; `level` is `codes::LOG_…`.
    fn log(&self, level: u32, text: Text<'_>);
    /// Whether to go on: `codes::STOP_…`. If not, a long call returns with `FAILURE_CANCELLED`.
    fn stop(&self) -> u32;
    /// Runs `chunk` for 0 … count − 1 on the host's threads, and returns when all have ended: 0 if each was run, anything else
    /// if some were left out because the run is being given up.
    fn for_each(&self, count: u64, chunk: Chunk) -> u32;
    /// Opens a file of the case for reading, and notes it. A path is bytes on Unix, UTF-8 elsewhere.
    fn open(&self, path: RSlice<'_, u8>) -> RResult<OpenFile, Failure>;
    /// The names in a folder of the case, sorted, each followed by a zero byte.
    fn list(&self, path: RSlice<'_, u8>) -> RResult<RVec<u8>, Failure>;
    /// Memory of the host for an array of the answer.
    fn allocate(&self, bytes: u64) -> RResult<Block, Failure>;
    /// The seed for anything random; the same for the same experiment and case.
    fn seed(&self) -> u64;
    /// An extension of the host by its id.
    #[sabi(last_prefix_field)]
    fn extension(&self, id: Text<'_>) -> Extension;
}

/// What a library says of itself, as JSON: [`describe::Library`](crate::describe::Library).
pub type Described = RResult<OwnedText, Failure>;
/// A configured plugin, owned by the host.
pub type BoxedInstance = Instance_TO<'static, RBox<()>>;
/// A configured plugin, or everything that is wrong with its settings.
pub type Configured = RResult<BoxedInstance, RVec<Failure>>;
/// The host, borrowed for the length of a call.
pub type HostRef<'a> = Host_TO<'a, abi_stable::sabi_types::RRef<'a, ()>>;
