//! Writing the results of a run: its folder, and the tables in it.

mod arrow_text;
mod columnar;
mod folder;
mod formulas;
mod owned;
mod perturbed;
mod scores;
mod seen;
mod set;
mod sheet;
mod tables;
mod writing;
mod written;

pub use arrow_text::arrow_as_csv;
pub use folder::{Folder, write_alone};
pub use formulas::{defuse_in, undone};
pub use perturbed::{CONTROL_SCORES, CONTROLS, PERTURBED, controls, perturbed};
pub use scores::{SCORES, Scored, TakeScores, remove_scores, write_scores};
pub use seen::Beside;
pub use set::{Set, finish};
pub use sheet::Also;
pub use tables::{CARDS, add_failures, check_columns, tables, unit_of};
pub use writing::Writing;
