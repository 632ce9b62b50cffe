//! How well a learner performs on rows that it has never seen.
//!
//! Each outer fold is predicted by what the learner makes of the other rows alone, including every choice that it makes
//! by cross-validation of its own.

use std::collections::BTreeSet;

use crate::{
    Error, Executor, Learner, Sample,
    executor::{self, Inside},
    folds::{Dealt, Folds, splits},
    measure::Measure,
    random,
    tuning::summary,
};

/// The first stream of seeds for what is learnt in the outer folds; those below are the cuts'.
const INNER_SEEDS: u64 = 1 << 32;

/// Predictions of rows by models that have not seen them.
///
/// [`Learner`] has an example.
#[derive(Debug, Clone, PartialEq)]
pub struct OutOfFold {
    /// The linear predictor of each row: the mean over the repeats. For Cox's model its zero differs between folds.
    pub scores: Vec<f64>,
    /// The same for each repeat.
    pub by_repeat: Vec<Vec<f64>>,
    /// The outer folds: repeat and tested rows.
    pub folds: Vec<(usize, Vec<usize>)>,
}

/// A measure of out-of-fold predictions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Performance {
    /// What was measured.
    pub measure: Measure,
    /// Its mean over the folds, weighted by their rows, and over the repeats. It compares rows of the same fold only.
    pub value: f64,
    /// Its standard error, from the spread between folds.
    pub error: f64,
    /// The folds, of all repeats, in which it is defined: a fold with a single class has no AUC.
    pub folds: usize,
    /// The rows of these folds.
    pub rows: usize,
}

/// The mean of a figure over outer folds, and its standard error as if folds were independent: in each repeat with the weights of
/// the folds (pairs of value and weight), and over the repeats. `None` if a repeat has no fold.
///
/// ```
/// use voxomics_learning::nested::over_folds;
///
/// // A fold of thirty rows counts three times as much as one of ten.
/// let (mean, error) = over_folds(&[vec![(0.9, 30.0), (0.5, 10.0)]]).unwrap();
/// assert!((mean - 0.8).abs() < 1e-12 && error > 0.0);
/// ```
pub fn over_folds(repeats: &[Vec<(f64, f64)>]) -> Option<(f64, f64)> {
    summary(repeats)
}

/// Predicts each row by a learner that has seen the rows of other folds alone. Outer folds run in parallel. Folds that were
/// dealt with the sample count instead of `folds`.
///
/// [`Learner`] has an example.
///
/// # Errors
/// If rows cannot be cut, or if the learner fails on one of the folds.
pub fn out_of_fold<L: Learner>(
    learner: &L,
    sample: &Sample,
    folds: Folds,
    seed: u64,
    executor: &dyn Executor,
) -> Result<OutOfFold, Error> {
    sample.check()?;
    let dealt = sample.dealt.as_ref().filter(|dealt| !dealt.outer.is_empty());
    let splits = dealt.map_or_else(|| folds.cut(sample, seed), |dealt| Ok(splits(&dealt.outer)))?;
    let repeats = splits.iter().map(|split| split.repeat + 1).max().unwrap_or(0);
    let predicted = executor::map(executor, splits.len(), &|k| {
        let mut train = sample.select(&splits[k].train);
        let within = dealt.and_then(|dealt| dealt.within.get(k));
        train.dealt = within.filter(|within| !within.is_empty()).map(|within| {
            let of = |fold_of: &Vec<usize>| splits[k].train.iter().map(|i| fold_of[*i]).collect();
            Dealt { inner: within.iter().map(of).collect(), ..Dealt::default() }
        });
        let seed = random::derive(seed, INNER_SEEDS + k as u64);
        let scored = learner.fit(&train, seed, &Inside(executor));
        let scored = scored.and_then(|model| learner.score(&model, &sample.table.select(&splits[k].test)));
        scored.map_err(|why| why.within(&format!("outer fold {}", splits[k].place(&splits, k))))
    })?;
    let mut by_repeat = vec![vec![0.0; sample.rows()]; repeats];
    for (split, scores) in splits.iter().zip(&predicted) {
        split.test.iter().zip(scores).for_each(|(i, score)| by_repeat[split.repeat][*i] = *score);
    }
    let mean = |i: usize| by_repeat.iter().map(|scores| scores[i]).sum::<f64>() / repeats as f64;
    let scores = (0..sample.rows()).map(mean).collect();
    let folds = splits.into_iter().map(|split| (split.repeat, split.test)).collect();
    Ok(OutOfFold { scores, by_repeat, folds })
}

impl OutOfFold {
    /// Measures the predictions fold by fold; `None` if the measure is undefined in all folds of a repeat. The deviance
    /// of Cox's model cannot be told from a fold's rows alone and is never defined.
    pub fn performance(&self, sample: &Sample, measure: Measure) -> Option<Performance> {
        let mut repeats = vec![Vec::new(); self.by_repeat.len()];
        let mut counted = BTreeSet::new();
        for (repeat, rows) in &self.folds {
            let part = sample.select(rows);
            let scores: Vec<f64> = rows.iter().map(|i| self.by_repeat[*repeat][*i]).collect();
            if let Some(figure) = measure.of(&part.response, &scores, &part.weights) {
                repeats[*repeat].push(figure);
                counted.extend(rows.iter().copied());
            }
        }
        let folds = repeats.iter().map(Vec::len).sum();
        over_folds(&repeats).map(|(value, error)| Performance { measure, value, error, folds, rows: counted.len() })
    }
}
