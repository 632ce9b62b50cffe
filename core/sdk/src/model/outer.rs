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
    /// The outer cross-validation beside a model that was learnt, which is not lost if one of the folds cannot be: the
    /// reason stands in place of the performance, and [`untold`] warns of it. `folds` is `None` if none was asked for.
    ///
    /// The crate's `tests/learner.rs` has an example of a whole learner.
    ///
    /// # Errors
    /// If the rows cannot be cut into so many folds, or if the host asked to give up.
    pub fn beside<L: Learner>(
        folds: Option<Folds>,
        learner: &L,
        named: &Named,
        seed: u64,
        executor: &dyn Executor,
        measures: &[Measure],
    ) -> Result<Option<Result<Self, String>>, Error> {
        let Some(folds) = folds else { return Ok(None) };
        // More folds than rows is a mistake of who asked, and not a fold that cannot be learnt.
        if named.sample.dealt.as_ref().is_none_or(|dealt| dealt.outer.is_empty()) {
            folds.cut(&named.sample, seed).map_err(|why| named.error(why))?;
        }
        match Self::of(folds, learner, named, seed, executor, measures) {
            Err(why) if why.is_cancelled() => Err(why),
            told => Ok(Some(told.map_err(|why| why.to_string()))),
        }
    }

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

/// Warns the host if the performance of a model is not told, because the outer cross-validation failed.
pub fn untold(outer: Option<&Result<Outer, String>>, context: &Context) {
    if let Some(Err(why)) = outer {
        let stands = "the model stands, but how well it performs on rows that it has not seen is not told";
        context.warning(&format!("the outer cross-validation failed: {why}; {stands}"));
    }
}
