//! Writing the results of a run: its folder, and the tables in it.

mod folder;
mod tables;

pub use folder::Folder;
pub use tables::{Done, SCORES, check_columns, tables};
