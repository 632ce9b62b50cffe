//! What crosses between the host and a plugin, and nothing else.
//!
//! One plugin library exports one [`PluginModule`]. The types here are frozen within an interface [`GENERATION`]: no
//! field or method is ever added, because an older plugin would then be refused; what comes later is reached through
//! `query_extension`. Bulk data crosses as borrowed slices, without a copy; everything else is numbers and UTF-8 text,
//! structured text as JSON, so that the same calls can be carried to another process.
//!
//! Plugin authors never see this crate: the sdk turns plain Rust traits into these types.

// `#[sabi_trait]` expands to impls that this lint dislikes; it cannot be silenced closer to them.
#![allow(non_local_definitions)]

pub mod describe;
pub mod design;
pub mod selection;
pub mod survey;

mod data;
mod library;
mod module;
mod traits;

pub use abi_stable;
pub use data::*;
pub use library::{LoadError, load};
pub use module::{PluginModule, PluginModuleRef};
pub use traits::*;

/// The generation of the interface that this crate describes.
pub const GENERATION: u32 = 1;

/// Name of the symbol by which a library says which generation it speaks: `extern "C" fn() -> u32`.
///
/// It is plain C, so that it can be asked before anything that depends on the generation is touched.
pub const GENERATION_SYMBOL: &str = "voxomics_plugin_generation";
