//! What crosses between the host and a plugin, and nothing else.
//!
//! One shape crosses: a method, a JSON object and named arrays, answered with a JSON object and named arrays. A library exports
//! one function ([`ENTRY_SYMBOL`]), which is asked for a generation and a carrier: that of Rust, whose types are here, or
//! that of C, whose types are in [`c`] and in `include/voxomics.h`. Both carry the same [`calls`].
//!
//! The types here are frozen within an interface [`GENERATION`]. What may grow, grows in JSON; new abilities are reached as
//! [`extensions`]. Texts and integers are verified by whoever receives them, arrays by whoever reads them.
//!
//! Plugin authors never see this crate: the sdk turns plain Rust traits into these types.

// `#[sabi_trait]` expands to impls that this lint dislikes; it cannot be silenced closer to them.
#![allow(non_local_definitions)]

pub mod c;
pub mod calls;
pub mod describe;
pub mod design;
pub mod extensions;
pub mod selection;
pub mod survey;

mod array;
mod data;
mod library;
mod message;
mod module;
mod text;
mod traits;

pub use abi_stable;
pub use array::{Array, Bulk, Element, OwnedArray};
pub use data::*;
pub use library::{LoadError, Module, load};
pub use message::*;
pub use module::{PluginModule, PluginModuleRef};
pub use text::{NotUtf8, OwnedText, Text};
pub use traits::*;

/// The generation of the interface that this crate describes.
pub const GENERATION: u32 = 1;

/// The carrier of Rust: the entry answers with the header of abi_stable's root module, a [`PluginModule`].
pub const CARRIER_RUST: u32 = 1;

/// The carrier of C: the entry answers with a [`c::Library`].
pub const CARRIER_C: u32 = 2;

/// Name of the one symbol of a library: `extern "C" fn(generation: u32, carrier: u32) -> *const c_void`, null where the library
/// does not offer that pair.
///
/// It is plain C, so that it can be asked before anything that depends on the generation is touched.
pub const ENTRY_SYMBOL: &str = "voxomics_plugin_entry";
