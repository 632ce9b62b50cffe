//! Training.

use voxomics_learning::{Executor, Learner, Response, measure::Measure, nested::OutOfFold};
use voxomics_sdk::{
    model::{Named, Outer, untold},
    prelude::*,
};

use crate::{
    learner::{Fitted, RandomForest, probability},
    options::Options,
};

/// All that a model file tells.
pub struct Trained {
    /// Name of the model.
    pub name: String,
    /// The rows.
    pub named: Named,
    /// How it was learnt.
    pub forest: RandomForest,
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
    if trained.fitted.grown.importance.iter().all(|importance| *importance == 0.0) {
        context.warning("no tree has a split: the model scores every row alike");
    }
    untold(trained.outer.as_ref(), context);
    context.progress(1.0);
    Ok(trained)
}

/// Learns from rows, on the threads of an executor.
pub fn learn(options: &Options, named: Named, seed: u64, executor: &dyn Executor) -> Result<Trained, Error> {
    let (shared, forest, sample) = (&options.shared, &options.forest, &named.sample);
    // A leaf of one class has a probability of 0 or 1: one row of the other class makes the deviance infinite.
    let measures: &[Measure] = match sample.response {
        Response::Gaussian(_) => &[Measure::SquareError],
        Response::Binomial(_) => &[Measure::Auc, Measure::SquareError],
        Response::Cox { .. } => &[Measure::Concordance],
    };
    shared.check(&named)?;
    if let Response::Gaussian(y) = &sample.response
        && constant(y, &sample.weights)
    {
        return Err(Error::input(format!("`{}` is the same in every row: there is nothing to learn", named.target)));
    }
    let fitted = forest.fit(sample, seed, executor).map_err(|why| named.error(why))?;
    let outer = Outer::beside(named.outer(shared.outer), forest, &named, seed, executor, measures)?;
    Ok(Trained { name: shared.name.clone(), forest: forest.clone(), seed, fitted, outer, named })
}

/// Whether all values that weigh anything are one; no row is not.
fn constant(values: &[f64], weights: &[f64]) -> bool {
    let mut weighing = values.iter().zip(weights).filter(|(_, weight)| **weight > 0.0).map(|(value, _)| value);
    weighing.next().is_some_and(|first| weighing.all(|value| value == first))
}

impl Trained {
    /// The score of each row by trees that have not seen it, the mean over the repeats.
    pub fn unseen(&self) -> Option<Vec<f64>> {
        let class = matches!(self.named.sample.response, Response::Binomial(_));
        self.outer.iter().flatten().next().map(|outer| scores(&outer.predictions, class))
    }
}

/// The mean over the repeats: of probabilities, as log odds may be infinite.
fn scores(predictions: &OutOfFold, class: bool) -> Vec<f64> {
    let of = |score: f64| if class { probability(score) } else { score };
    let repeats = &predictions.by_repeat;
    let mean = |i: usize| repeats.iter().map(|scores| of(scores[i])).sum::<f64>() / repeats.len() as f64;
    (0..predictions.scores.len()).map(mean).collect()
}
