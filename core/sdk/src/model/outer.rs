//! The cross-validation around everything, on the host's threads.

use voxomics_learning::{
    Executor, Learner,
    folds::Folds,
    measure::Measure,
    nested::{self, OutOfFold, Performance},
};

use super::Named;
use crate::{Context, Error};

/// The host's threads, which it may ask to stop.
impl Executor for Context<'_> {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        Context::for_each(self, count, chunk);
    }

    fn cancelled(&self) -> bool {
        self.check_cancelled().is_err()
    }
}

/// The outer cross-validation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outer {
    /// How many folds, and how often the rows were cut.
    pub folds: Folds,
    /// Predictions of rows by models that have not seen them.
    pub predictions: OutOfFold,
    /// What they are worth, by each measure that is defined.
    pub performance: Vec<Performance>,
}

impl Outer {
    /// Predicts each row by what the learner makes of the other folds' rows: the host's folds if it has dealt some,
    /// otherwise `folds`.
    ///
    /// # Errors
    /// If rows cannot be cut, or if the learner fails on one of the folds.
    pub fn of<L: Learner>(
        folds: Folds,
        learner: &L,
        named: &Named,
        seed: u64,
        executor: &dyn Executor,
        measures: &[Measure],
    ) -> Result<Self, Error> {
        let sample = &named.sample;
        let predictions =
            nested::out_of_fold(learner, sample, folds, seed, executor).map_err(|why| named.error(why))?;
        let performance = measures.iter().filter_map(|measure| predictions.performance(sample, *measure)).collect();
        let repeats = predictions.by_repeat.len();
        let first = predictions.folds.iter().filter(|(repeat, _)| *repeat == 0).count();
        Ok(Self { folds: Folds { folds: first, repeats }, predictions, performance })
    }
}
