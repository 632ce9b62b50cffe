//! Training.

use voxomics_learning::{Executor, Learner, Response, measure::Measure};
use voxomics_sdk::{
    model::{Named, Outer, untold},
    prelude::*,
};

use crate::{
    learner::{BoostedTrees, Fitted},
    options::Options,
};

/// All that a model file tells.
pub struct Trained {
    /// Name of the model.
    pub name: String,
    /// The rows.
    pub named: Named,
    /// How it was learnt.
    pub learner: BoostedTrees,
    /// The seed of trees and folds.
    pub seed: u64,
    /// What was learnt.
    pub fitted: Fitted,
    /// How well it performs, or why that is not known, if it was asked.
    pub outer: Option<Result<Outer, String>>,
}

/// Learns from a table.
pub fn train(options: &Options, table: &TrainingTable, context: &Context) -> Result<Trained, Error> {
    let trained = learn(options, Named::read(table)?, options.shared.seed(context), context)?;
    if trained.fitted.boosted.importance.iter().all(|importance| *importance == 0.0) {
        context.warning("no tree has a split: the model scores every row alike");
    }
    untold(trained.outer.as_ref(), context);
    context.progress(1.0);
    Ok(trained)
}

/// Learns from rows, on the threads of an executor.
pub fn learn(options: &Options, named: Named, seed: u64, executor: &dyn Executor) -> Result<Trained, Error> {
    let (shared, learner, sample) = (&options.shared, &options.learner, &named.sample);
    let measures: &[Measure] = match sample.response {
        Response::Gaussian(_) => &[Measure::SquareError],
        Response::Binomial(_) => &[Measure::Auc, Measure::Deviance, Measure::SquareError],
        Response::Cox { .. } => &[Measure::Concordance],
    };
    shared.check(&named)?;
    if let Response::Gaussian(y) = &sample.response
        && constant(y, &sample.weights)
    {
        return Err(Error::input(format!("`{}` is the same in every row: there is nothing to learn", named.target)));
    }
    let fitted = learner.fit(sample, seed, executor).map_err(|why| named.error(why))?;
    let outer = Outer::beside(named.outer(shared.outer), learner, &named, seed, executor, measures)?;
    Ok(Trained { name: shared.name.clone(), learner: learner.clone(), seed, fitted, outer, named })
}

/// Whether all values that weigh anything are one; no row is not.
fn constant(values: &[f64], weights: &[f64]) -> bool {
    let mut weighing = values.iter().zip(weights).filter(|(_, weight)| **weight > 0.0).map(|(value, _)| value);
    weighing.next().is_some_and(|first| weighing.all(|value| value == first))
}
