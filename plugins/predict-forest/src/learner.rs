//! Preprocessing and the forest as one way of learning.

use voxomics_learning::{
    Error, Executor, Learner, Response, Sample, Table,
    preprocessing::{FittedPipeline, Pipeline},
};

use crate::{
    grow::{Grown, Growth, Rows, per_split},
    survival::{Events, Times},
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
    /// The events in the leaves, of times.
    pub events: Option<Events>,
    /// Inputs that each split chose from.
    pub per_split: usize,
    class: bool,
}

impl Learner for RandomForest {
    type Model = Fitted;

    fn fit(&self, sample: &Sample, seed: u64, executor: &dyn Executor) -> Result<Fitted, Error> {
        sample.check()?;
        sample.response.check(&sample.weights)?;
        let (pipeline, x) = self.pipeline.fit(sample)?;
        let most = x.columns().max(1);
        let few = !matches!(sample.response, Response::Gaussian(_));
        let per_split = self.growth.per_split.unwrap_or_else(|| per_split(x.columns(), few)).min(most);
        let weights = &sample.weights;
        let numbers = |y: &[f64], class| {
            self.growth.grow(Rows { x: &x, y, class, weights }, per_split, seed, executor).map(|grown| (grown, None))
        };
        let (grown, events) = match &sample.response {
            Response::Gaussian(y) => numbers(y, false)?,
            Response::Binomial(y) => numbers(y, true)?,
            Response::Cox { time, event } => {
                let times = Times { time, event, weights };
                let (grown, events) = self.growth.grow_times(&x, times, per_split, seed, executor)?;
                (grown, Some(events))
            }
        };
        let class = matches!(sample.response, Response::Binomial(_));
        Ok(Fitted { pipeline, grown, events, per_split, class })
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
