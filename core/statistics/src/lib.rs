//! Validation statistics: discrimination, calibration, survival.
//!
//! Pure mathematics for the validation of a radiomic signature: slices in, typed figures out. Nothing is read or written, no
//! thread is started, and the same input gives the same bits. A figure that the data do not determine is `None` or an
//! [`Error`] that says why, never a number that is not one. Formulas and their sources stand with the functions;
//! `tests/oracle/statistics.py` holds the figures against lifelines, scikit-survival, scikit-learn, SciPy and statsmodels,
//! `tests/oracle/survival.R` and `tests/oracle/risk.R` against R's survival,
//! riskRegression, cmprsk and psych.
//!
//! ```
//! use voxomics_statistics::{Level, roc};
//!
//! let scores = [0.9, 0.8, 0.7, 0.4, 0.3];
//! let outcome = [true, true, false, true, false];
//! let auc = roc::auc(&scores, &outcome, Level::P95)?;
//! assert!((auc.value - 5.0 / 6.0).abs() < 1e-15);
//! # Ok::<(), voxomics_statistics::Error>(())
//! ```

#![warn(unreachable_pub)]

pub mod balance;
pub mod bootstrap;
pub mod calibration;
pub mod classification;
pub mod concordance;
pub mod cox;
pub mod decision;
mod distribution;
pub mod dynamic_auc;
mod error;
mod input;
pub mod lesions;
mod linear;
pub mod multiplicity;
mod newton;
pub mod rank;
pub mod reliability;
pub mod roc;
pub mod sample_size;
pub mod subgroup;
pub mod survival;
pub mod table_one;
pub mod uno;

pub use distribution::student_quantile;
pub use error::{Error, Result};
pub use input::{Interval, Level, Survival};
