//! The results of a run: what became of each case, the tables, the record, and what is kept for the next run.
//!
//! Whoever computes fills these types; nothing here knows how a value came about.

pub mod diff;
pub mod identity;
pub mod layout;
pub mod lock;
pub mod outcome;
pub mod output;
pub mod perturbation;
pub mod pseudonyms;
pub mod record;
pub mod store;
pub mod waiting;

pub use identity::{Basis, FileRead, Identity, Program};
pub use layout::{Card, Entry, INTENSITY_UNIT, Layout, Output, Predictor};
pub use lock::Lock;
pub use outcome::{Fault, Outcome, Score};
pub use output::Folder;
pub use pseudonyms::Key;
pub use record::Record;
pub use store::Store;
pub use voxomics_base::Stamp;
pub use waiting::{Done, Waiting};
