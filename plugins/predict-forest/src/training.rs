//! Training.

use voxomics_learning::{
    Error as Failure, Executor, Learner, Response,
    folds::Folds,
    measure::Measure,
    nested::{self, OutOfFold, Performance},
};
use voxomics_sdk::prelude::*;

use crate::{
    learner::{Fitted, RandomForest, probability},
    options::Options,
    table::{self, Named},
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
    /// How well it performs, if that was asked.
    pub outer: Option<Outer>,
}

/// The outer cross-validation.
pub struct Outer {
    /// Its folds.
    pub folds: Folds,
    /// The score of each row by trees that have not seen it, the mean over the repeats.
    pub scores: Vec<f64>,
    /// What they are worth.
    pub performance: Vec<Performance>,
}

/// The host's threads, which it may ask to stop.
struct Host<'a, 'b>(&'a Context<'b>);

impl Executor for Host<'_, '_> {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        self.0.for_each(count, chunk);
    }

    fn cancelled(&self) -> bool {
        self.0.check_cancelled().is_err()
    }
}

/// Learns from a table.
pub fn train(options: &Options, table: &TrainingTable, context: &Context) -> Result<Trained, Error> {
    let seed = options.seed.unwrap_or_else(|| context.seed());
    let trained = learn(options, table::read(table)?, seed, &Host(context))?;
    if trained.fitted.grown.importance.iter().all(|importance| *importance == 0.0) {
        context.warning("no tree has a split: the model scores every row alike");
    }
    context.progress(1.0);
    Ok(trained)
}

/// Learns from rows, on the threads of an executor.
pub fn learn(options: &Options, named: Named, seed: u64, executor: &dyn Executor) -> Result<Trained, Error> {
    let sample = &named.sample;
    if matches!(sample.response, Response::Cox { .. }) {
        let message = "a forest learns a number or a class, not a time: choose another learner, such as elastic-net";
        return Err(Error::input(message));
    }
    options.check(named.batches.len())?;
    let told = |failure: Failure| tell(failure, &named);
    let fitted = options.forest.fit(sample, seed, executor).map_err(told)?;
    let outer = match options.outer {
        None => None,
        Some(folds) => {
            let predictions = nested::out_of_fold(&options.forest, sample, folds, seed, executor).map_err(told)?;
            // A leaf of one class has a probability of 0 or 1: one row of the other class makes the deviance infinite.
            let measures: &[Measure] = match sample.response {
                Response::Binomial(_) => &[Measure::Auc, Measure::SquareError],
                _ => &[Measure::SquareError],
            };
            let performance = measures.iter().filter_map(|m| predictions.performance(sample, *m)).collect();
            let class = matches!(sample.response, Response::Binomial(_));
            Some(Outer { folds, scores: scores(&predictions, class), performance })
        }
    };
    Ok(Trained { name: options.name.clone(), forest: options.forest.clone(), seed, fitted, outer, named })
}

/// The mean over the repeats: of probabilities, as log odds may be infinite.
fn scores(predictions: &OutOfFold, class: bool) -> Vec<f64> {
    let of = |score: f64| if class { probability(score) } else { score };
    let repeats = &predictions.by_repeat;
    let mean = |i: usize| repeats.iter().map(|scores| of(scores[i])).sum::<f64>() / repeats.len() as f64;
    (0..predictions.scores.len()).map(mean).collect()
}

/// The error with the names of columns.
fn tell(failure: Failure, named: &Named) -> Error {
    let of = |names: &[String], at: usize| names.get(at).cloned().unwrap_or_else(|| format!("number {at}"));
    match failure {
        Failure::Cancelled => Error::cancelled(),
        Failure::Column { column, message } => Error::input(format!("`{}`: {message}", of(&named.inputs, column))),
        Failure::Batch { batch, message } => Error::input(format!("`{}`: {message}", of(&named.batches, batch))),
        other => Error::input(other.to_string()),
    }
}
