//! Preprocessing and boosting as one way of learning.

use voxomics_learning::{
    Error, Executor, Learner, Sample, Table,
    preprocessing::{FittedPipeline, Pipeline},
};

use crate::boost::{Boosted, Boosting, by_row};

/// How everything is learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct BoostedTrees {
    /// What happens to inputs before.
    pub pipeline: Pipeline,
    /// How trees are grown and added.
    pub boosting: Boosting,
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// What happens to inputs before.
    pub pipeline: FittedPipeline,
    /// The trees over the columns that are left.
    pub boosted: Boosted,
}

impl Learner for BoostedTrees {
    type Model = Fitted;

    fn fit(&self, sample: &Sample, seed: u64, executor: &dyn Executor) -> Result<Fitted, Error> {
        sample.check()?;
        sample.response.check(&sample.weights)?;
        let (pipeline, x) = self.pipeline.fit(sample)?;
        let boosted = self.boosting.grow(&x, &sample.response, &sample.weights, seed, executor)?;
        Ok(Fitted { pipeline, boosted })
    }

    fn score(&self, model: &Fitted, table: &Table) -> Result<Vec<f64>, Error> {
        let x = model.pipeline.transform(table)?;
        Ok(by_row(&x).iter().map(|row| model.boosted.sum(row)).collect())
    }
}
