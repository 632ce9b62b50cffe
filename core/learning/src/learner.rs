//! Anything that learns.

use crate::{Error, Executor, Sample, Table};

/// A whole way of learning: preprocessing, the choice of its own parameters, the model.
///
/// What it learns must come from the sample that it is given and from the seed alone; then [`nested`](crate::nested)
/// tells honestly how it performs.
pub trait Learner: Sync {
    /// What it learns.
    type Model: Send;

    /// Learns from a sample. `seed` is for everything random.
    ///
    /// # Errors
    /// If nothing can be learnt.
    fn fit(&self, sample: &Sample, seed: u64, executor: &dyn Executor) -> Result<Self::Model, Error>;

    /// Scores rows on the scale of the linear predictor: a number for a Gaussian response, log odds for a class, the
    /// logarithm of the relative hazard for a time.
    ///
    /// # Errors
    /// If a row cannot be scored: an input is missing that is not imputed, or its batch is unknown.
    fn score(&self, model: &Self::Model, table: &Table) -> Result<Vec<f64>, Error>;
}
