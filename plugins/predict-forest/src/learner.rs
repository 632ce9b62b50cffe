//! Preprocessing and the forest as one way of learning.

use std::borrow::Cow;

use voxomics_learning::{
    Error, Executor, Learner, Response, Sample, Table,
    preprocessing::{FittedPipeline, Pipeline},
};

use crate::{
    grow::{Grown, Growth, Rows, per_split},
    times::log_rank_scores,
};

/// How everything is learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct RandomForest {
    /// What happens to inputs before.
    pub pipeline: Pipeline,
    /// How trees are grown.
    pub growth: Growth,
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// What happens to inputs before.
    pub pipeline: FittedPipeline,
    /// The forest over the columns that are left.
    pub grown: Grown,
    /// Inputs that each split chose from.
    pub per_split: usize,
    class: bool,
}

impl Learner for RandomForest {
    type Model = Fitted;

    fn fit(&self, sample: &Sample, seed: u64, executor: &dyn Executor) -> Result<Fitted, Error> {
        sample.check()?;
        sample.response.check(&sample.weights)?;
        let (y, class) = match &sample.response {
            Response::Gaussian(y) => (Cow::Borrowed(y), false),
            Response::Binomial(y) => (Cow::Borrowed(y), true),
            Response::Cox { time, event } => (Cow::Owned(log_rank_scores(time, event, &sample.weights)), false),
        };
        let (pipeline, x) = self.pipeline.fit(sample)?;
        let most = x.columns().max(1);
        let few = !matches!(sample.response, Response::Gaussian(_));
        let per_split = self.growth.per_split.unwrap_or_else(|| per_split(x.columns(), few)).min(most);
        let rows = Rows { x: &x, y: &y, class, weights: &sample.weights };
        let grown = self.growth.grow(rows, per_split, seed, executor)?;
        Ok(Fitted { pipeline, grown, per_split, class })
    }

    /// The log odds of a probability of 0 or 1 are infinite.
    fn score(&self, model: &Fitted, table: &Table) -> Result<Vec<f64>, Error> {
        let x = model.pipeline.transform(table)?;
        let mut row = vec![0.0; x.columns()];
        let of = |i: usize| {
            row.iter_mut().enumerate().for_each(|(j, value)| *value = x.column(j)[i]);
            let score = model.grown.forest.score(&row);
            if model.class { log_odds(score) } else { score }
        };
        Ok((0..x.rows()).map(of).collect())
    }
}

/// The logarithm of the odds of a probability.
fn log_odds(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}

/// The probability of log odds.
pub fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}
