//! From an experiment in TOML to a checked plan, and from the plan through plugins to tables and scores.
//!
//! [`experiment`] says what the file states, [`plan`] what will be done, [`pipeline`] does it for one case, and
//! [`run`] for all of them.

pub mod cases;
pub mod course;
pub mod experiment;
pub mod feature_table;
pub mod files;
pub mod filtered;
pub mod ibsi;
pub mod import;
pub mod inspect;
pub mod leave;
pub mod made;
pub mod pipeline;
pub mod plan;
pub mod preview;
pub mod privacy;
pub mod pseudonymise;
pub mod robustness;
pub mod run;
pub mod stages;
pub mod store;
pub mod survey;
pub mod tabular;
pub mod trace;
pub mod volume;

pub use voxomics_base::{Cells, Columns, LogLine, Texts, digest, scan, table};
pub use voxomics_host as host;
pub use voxomics_interface::{GENERATION, describe, design};
pub use voxomics_results::{self as results, output};
