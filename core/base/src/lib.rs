//! What host, results and engine have in common: diagnostics with their places, scans, values of tables, digests, stamps of files.
//!
//! Nothing here knows an experiment, a plan or a plugin.

pub mod diagnostics;
pub mod digest;
mod labels;
pub mod log;
pub mod scan;
pub mod settings;
mod shared;
pub mod stamp;
pub mod table;

pub use diagnostics::{Diagnostic, Diagnostics, Origin, suggestion};
pub use log::LogLine;
pub use settings::PluginSettings;
pub use shared::Shared;
pub use stamp::Stamp;
