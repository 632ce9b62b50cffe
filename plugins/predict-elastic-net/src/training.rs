//! Training.

use voxomics_learning::{
    Response,
    measure::Measure,
    tuning::{ElasticNet, End, Tuned},
};
use voxomics_sdk::{
    model::{Named, Outer, untold},
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
    /// How well it performs, or why that is not known, if it was asked.
    pub outer: Option<Result<Outer, String>>,
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
    tuned.ends().into_iter().for_each(|end| context.warning(&said_of(end, &tuned)));
    let measures: &[Measure] = match sample.response {
        Response::Gaussian(_) => &[Measure::SquareError],
        Response::Binomial(_) => &[Measure::Auc, Measure::Deviance, Measure::SquareError],
        Response::Cox { .. } => &[Measure::Concordance],
    };
    let outer = Outer::beside(named.outer(shared.outer), net, &named, seed, context, measures)?;
    untold(outer.as_ref(), context);
    context.progress(1.0);
    Ok(Trained { name: shared.name.clone(), net: net.clone(), seed, tuned, outer, named })
}

/// What a best model at an end of what was searched means, and what to do.
fn said_of(end: End, tuned: &Tuned) -> String {
    let curve = &tuned.curves[tuned.curve];
    let alpha = curve.alpha;
    match end {
        End::Lambda => format!(
            "the best penalty is the last one of its path (lambda {:e} at alpha {alpha}): a smaller one may be better; a smaller \
             `lambda_ratio` makes the path longer, unless it ends where the model is no longer determined",
            curve.path[tuned.best].lambda
        ),
        End::LeastAlpha => {
            format!("the best mixing parameter is the least one of `alpha`, {alpha}: offer smaller ones, down to 0")
        }
        End::LargestAlpha => {
            format!("the best mixing parameter is the largest one of `alpha`, {alpha}: offer larger ones, up to 1")
        }
    }
}
