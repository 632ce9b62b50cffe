//! Writing the results of a run: its folder, and the tables in it.

mod folder;
mod owned;
mod set;
mod tables;
mod writing;

pub use folder::{Folder, write_alone};
pub use set::{Set, finish};
pub use tables::{CARDS, SCORES, Scored, add_failures, check_columns, tables, unit_of};
pub use writing::Writing;
