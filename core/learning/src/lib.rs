//! Learning: elastic net, trees, clustering, cross-validation, preprocessing that is part of the model. Pure mathematics: no files, no
//! threads of its own.
//!
//! A [`Sample`] is a [`Table`] of numbers (NaN where missing) with a [`Response`]. A [`Pipeline`](preprocessing::Pipeline)
//! of preprocessing steps is fitted to the training rows of each fold alone and belongs to the model, just as the
//! coefficients do; a [`Learner`] is a pipeline with whatever follows it, so that [nested cross-validation](nested) tells
//! how well all of it performs on rows that it has never seen.
//!
//! Work that pays off in parallel is cut by the data (a fold, a mixing parameter) and handed to an [`Executor`]; its
//! results are joined in order: the same input gives the same bits at any thread count.

#![warn(unreachable_pub)]

pub mod algebra;
pub mod clustering;
pub mod data;
pub mod elastic_net;
mod error;
pub mod executor;
pub mod folds;
pub mod learner;
pub mod matrix;
pub mod measure;
pub mod nested;
pub mod preprocessing;
pub mod random;
#[cfg(test)]
mod testing;
pub mod trees;
pub mod tuning;

pub use data::{Response, Sample, Table, Ties};
pub use error::Error;
pub use executor::{Executor, Serial};
pub use learner::Learner;
pub use matrix::Matrix;
