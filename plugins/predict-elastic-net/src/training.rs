//! Training.

use voxomics_learning::{
    Error as Failure, Executor, Response,
    folds::Folds,
    measure::Measure,
    nested::{self, OutOfFold, Performance},
    tuning::{ElasticNet, Tuned},
};
use voxomics_sdk::prelude::*;

use crate::{
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
    pub net: ElasticNet,
    /// The seed of the folds.
    pub seed: u64,
    /// What was chosen.
    pub tuned: Tuned,
    /// How well it performs, if that was asked.
    pub outer: Option<Outer>,
}

/// The outer cross-validation.
pub struct Outer {
    /// Its folds.
    pub folds: Folds,
    /// Predictions of unseen rows.
    pub predictions: OutOfFold,
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
    let named = table::read(table)?;
    let sample = &named.sample;
    options.check(&sample.response, named.inputs.len(), named.batches.len())?;
    let seed = options.seed.unwrap_or_else(|| context.seed());
    let told = |failure: Failure| tell(failure, &named);
    let tuned = options.net.tune(sample, seed, &Host(context)).map_err(told)?;
    context.progress(if options.outer.is_some() { 0.2 } else { 1.0 });
    if tuned.model().nonzero() == 0 {
        context.warning("no input has a coefficient other than 0: the model scores every row alike");
    }
    let outer = match options.outer {
        None => None,
        Some(folds) => {
            let predictions = nested::out_of_fold(&options.net, sample, folds, seed, &Host(context)).map_err(told)?;
            let measures: &[Measure] = match sample.response {
                Response::Gaussian(_) => &[Measure::SquareError],
                Response::Binomial(_) => &[Measure::Auc, Measure::Deviance, Measure::SquareError],
                Response::Cox { .. } => &[Measure::Concordance],
            };
            let performance = measures.iter().filter_map(|m| predictions.performance(sample, *m)).collect();
            Some(Outer { folds, predictions, performance })
        }
    };
    context.progress(1.0);
    Ok(Trained { name: options.name.clone(), net: options.net.clone(), seed, tuned, outer, named })
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
