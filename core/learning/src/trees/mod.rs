//! Trees that are grown here: every split is tried, at every place between two values.
//!
//! What makes a split good is a [`Rule`]: [`squares`] for gradients, [the log-rank test](log_rank) for times. A tree depends on
//! its inputs by their order alone, apart from the thresholds, which lie in the middle between two values. So the unit of an input
//! changes no leaf.

mod grow;
pub mod log_rank;
mod scaled;
pub mod squares;
#[cfg(test)]
mod tests;
mod tree;

pub use grow::{Bounds, Cut, Grown, Rule, Sorted, grow};
pub use scaled::Scaled;
pub use tree::{Node, Split, Tree, looks_at};
