//! Processes of their own for plugins that did not come with the program.
//!
//! A worker hosts one library or one script. The program starts it through a [`launch`]er that restricts itself first, and talks to
//! it over a [`Channel`]: frames of JSON and arrays, the large ones in memory files that are mapped and not copied. What the frames
//! mean is `docs/protocol.md`; this crate knows neither plugins nor cases.
//!
//! Workers exist on Linux only; elsewhere [`AVAILABLE`] is false.

mod array;
#[cfg(target_os = "linux")]
mod channel;
#[cfg(target_os = "linux")]
mod child;
#[cfg(target_os = "linux")]
mod confine;
#[cfg(target_os = "linux")]
pub mod launch;
#[cfg(target_os = "linux")]
mod segment;
#[cfg(target_os = "linux")]
mod strict;

pub use array::{Array, Element};
#[cfg(target_os = "linux")]
pub use channel::{Broken, Channel, Frame, Received, ReceivedArray, Shared};
#[cfg(target_os = "linux")]
pub use child::{Child, End};
#[cfg(target_os = "linux")]
pub use confine::Confinement;

/// The version of the protocol.
pub const PROTOCOL: u32 = 1;

/// Whether this system can run workers.
pub const AVAILABLE: bool = cfg!(target_os = "linux");
