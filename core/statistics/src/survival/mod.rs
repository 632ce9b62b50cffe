//! Right-censored survival without a model: the estimate of Kaplan and Meier, the log-rank test, competing events; and whether
//! predicted risks are right.

pub mod calibration;
pub mod censoring;
mod competing;
pub mod fine_gray;
pub mod gray;
pub mod incidence;
pub mod integrated;
pub mod integrated_mean;
pub mod kaplan_meier;
pub mod log_rank;
pub mod prediction_error;

pub use crate::input::Survival;
