//! What host, results and engine have in common: diagnostics with their places, scans, cells and values of tables, digests, stamps of files.
//!
//! Nothing here knows an experiment, a plan or a plugin.

mod cells;
pub mod diagnostics;
pub mod digest;
mod labels;
pub mod log;
pub mod scan;
pub mod settings;
pub mod stamp;
pub mod table;

pub use cells::{Cells, Columns, Texts};
pub use diagnostics::{Diagnostic, Diagnostics, Origin, suggestion};
pub use log::LogLine;
pub use settings::PluginSettings;
pub use stamp::Stamp;
