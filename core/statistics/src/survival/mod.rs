//! Right-censored survival without a model: the estimate of Kaplan and Meier, and the log-rank test.

pub mod incidence;
pub mod kaplan_meier;
pub mod log_rank;

pub use crate::input::Survival;
