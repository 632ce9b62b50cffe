//! Training.

use voxomics_learning::{
    Response,
    measure::Measure,
    tuning::{ElasticNet, Tuned},
};
use voxomics_sdk::{
    model::{Named, Outer},
    prelude::*,
};

use crate::options::Options;

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

/// Learns from a table.
pub fn train(options: &Options, table: &TrainingTable, context: &Context) -> Result<Trained, Error> {
    let named = Named::read(table)?;
    options.check(&named)?;
    let (shared, net, sample) = (&options.shared, &options.net, &named.sample);
    let seed = shared.seed(context);
    let tuned = net.tune(sample, seed, context).map_err(|why| named.error(why))?;
    context.progress(if shared.outer.is_some() { 0.2 } else { 1.0 });
    if tuned.model().nonzero() == 0 {
        context.warning("no input has a coefficient other than 0: the model scores every row alike");
    }
    let measures: &[Measure] = match sample.response {
        Response::Gaussian(_) => &[Measure::SquareError],
        Response::Binomial(_) => &[Measure::Auc, Measure::Deviance, Measure::SquareError],
        Response::Cox { .. } => &[Measure::Concordance],
    };
    let outer = |folds| Outer::of(folds, net, &named, seed, context, measures);
    let outer = shared.outer.map(outer).transpose()?;
    context.progress(1.0);
    Ok(Trained { name: shared.name.clone(), net: net.clone(), seed, tuned, outer, named })
}
