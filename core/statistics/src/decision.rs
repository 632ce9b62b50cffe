//! Decision curves: what it is worth to act on a prediction.

use serde::Serialize;

use crate::{
    classification::Confusion,
    error::{Error, Result},
    input::{count, probabilities},
};

/// Net benefit at one threshold probability, in true positives per case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NetBenefit {
    /// Probability of the outcome from which one would treat.
    pub threshold: f64,
    /// Treating those whose prediction is at or above the threshold.
    pub model: f64,
    /// Net benefit of treating everyone.
    pub all: f64,
    /// Treating no one: 0.
    pub none: f64,
}

/// Net benefit TP/n − FP/n · t/(1 − t) at each threshold t (Vickers and Elkin, Med. Decis. Making 26:565, 2006).
///
/// ```
/// use voxomics_statistics::decision::curve;
///
/// // At one half, a wrong call costs as much as a right one is worth.
/// let found = curve(&[0.9, 0.1], &[true, false], &[0.5])?;
/// assert_eq!((found[0].model, found[0].all, found[0].none), (0.5, 0.0, 0.0));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for a threshold that is not between 0 and 1, and what is wrong with the input.
pub fn curve(predicted: &[f64], outcome: &[bool], thresholds: &[f64]) -> Result<Vec<NetBenefit>> {
    probabilities(predicted, outcome)?;
    let n = outcome.len() as f64;
    let prevalence = count(outcome) as f64 / n;
    let at = |&threshold: &f64| {
        if !(threshold > 0.0 && threshold < 1.0) {
            let expected = "a probability between 0 and 1";
            return Err(Error::OutOfRange { what: "threshold", value: threshold, expected });
        }
        let odds = threshold / (1.0 - threshold);
        let counts = Confusion::at(predicted, outcome, threshold);
        Ok(NetBenefit {
            threshold,
            model: counts.true_positives as f64 / n - counts.false_positives as f64 / n * odds,
            all: prevalence - (1.0 - prevalence) * odds,
            none: 0.0,
        })
    };
    thresholds.iter().map(at).collect()
}
