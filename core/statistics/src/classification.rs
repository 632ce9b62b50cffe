//! What a cut-off makes of a score: sensitivity, specificity, predictive values, with intervals of proportions.

use serde::Serialize;

use crate::{
    distribution::beta_quantile,
    error::{Error, Result},
    input::{Interval, Level, finite, two_classes},
    rank::quantiles,
};

/// A proportion with its intervals.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Proportion {
    /// How many of the trials count, the numerator.
    pub successes: usize,
    /// Denominator, at least 1.
    pub trials: usize,
    /// successes / trials, from 0 to 1.
    pub value: f64,
    /// Wilson's score interval.
    pub wilson: Interval,
    /// The exact interval of Clopper and Pearson.
    pub clopper_pearson: Interval,
}

/// A proportion with the intervals of Wilson (J. Am. Stat. Assoc. 22:209, 1927),
/// (p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n), and of Clopper and Pearson (Biometrika 26:404, 1934), the
/// quantiles of Beta(x, n − x + 1) and Beta(x + 1, n − x).
///
/// ```
/// use voxomics_statistics::{Level, classification::proportion};
///
/// let half = proportion(5, 10, Level::P95)?;
/// assert_eq!(half.value, 0.5);
/// // Wilson's limits, and those of Clopper and Pearson around them.
/// assert!((half.wilson.low - 0.2366).abs() < 1e-4 && (half.clopper_pearson.low - 0.1871).abs() < 1e-4);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] without trials, [`Error::OutOfRange`] for more successes than trials.
pub fn proportion(successes: usize, trials: usize, level: Level) -> Result<Proportion> {
    if trials == 0 {
        return Err(Error::Empty { what: "trials" });
    }
    if successes > trials {
        let expected = "at most as many as there are trials";
        return Err(Error::OutOfRange { what: "successes", value: successes as f64, expected });
    }
    let (x, n, z) = (successes as f64, trials as f64, level.z());
    let value = x / n;
    let z2 = z * z;
    let half = z * (value * (1.0 - value) / n + z2 / (4.0 * n * n)).sqrt();
    let wilson = Interval::around(value + z2 / (2.0 * n), half).map(|limit| limit / (1.0 + z2 / n)).within(0.0, 1.0);
    let clopper_pearson = Interval {
        low: if successes == 0 { 0.0 } else { beta_quantile(level.tail(), x, n - x + 1.0) },
        high: if successes == trials { 1.0 } else { beta_quantile(1.0 - level.tail(), x + 1.0, n - x) },
    };
    // At the ends the limit is the end itself, not a rounding of it.
    let wilson = Interval {
        low: if successes == 0 { 0.0 } else { wilson.low },
        high: if successes == trials { 1.0 } else { wilson.high },
    };
    Ok(Proportion { successes, trials, value, wilson, clopper_pearson })
}

/// Cases by call and outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// Called positive, with the outcome.
    pub true_positives: usize,
    /// Called positive, without the outcome.
    pub false_positives: usize,
    /// Called negative, without the outcome.
    pub true_negatives: usize,
    /// Called negative, with the outcome.
    pub false_negatives: usize,
}

impl Confusion {
    /// Counts, with a case called positive when its score is at or above `cut_off`.
    pub(crate) fn at(scores: &[f64], outcome: &[bool], cut_off: f64) -> Self {
        let mut counts = Self::default();
        for (&score, &with) in scores.iter().zip(outcome) {
            *match (score >= cut_off, with) {
                (true, true) => &mut counts.true_positives,
                (true, false) => &mut counts.false_positives,
                (false, false) => &mut counts.true_negatives,
                (false, true) => &mut counts.false_negatives,
            } += 1;
        }
        counts
    }
}

/// A score at a cut-off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Classification {
    /// Cases with at least this score are called positive.
    pub cut_off: f64,
    /// Cases by call and outcome.
    pub counts: Confusion,
    /// Called positive among those with the outcome.
    pub sensitivity: Proportion,
    /// Called negative among those without.
    pub specificity: Proportion,
    /// With the outcome among those called positive. `None` when no case is.
    pub positive_predictive_value: Option<Proportion>,
    /// Without the outcome among those called negative. `None` when no case is.
    pub negative_predictive_value: Option<Proportion>,
    /// Called what they are, among all.
    pub accuracy: Proportion,
}

/// Calls cases positive at or above `cut_off`, and holds the calls against the outcome.
///
/// ```
/// use voxomics_statistics::{Level, classification::classify};
///
/// // A score of 0.9 is called positive, one of 0.5 as well.
/// let found = classify(&[0.9, 0.5, 0.3, 0.1], &[true, false, true, false], 0.5, Level::P95)?;
/// assert_eq!((found.counts.true_positives, found.counts.false_negatives), (1, 1));
/// assert_eq!((found.sensitivity.value, found.specificity.value, found.accuracy.value), (0.5, 0.5, 0.5));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OneClass`], [`Error::NotFinite`] also for the cut-off, and what is wrong with the input.
pub fn classify(scores: &[f64], outcome: &[bool], cut_off: f64, level: Level) -> Result<Classification> {
    two_classes("scores", scores, outcome)?;
    finite("cut-off", &[cut_off])?;
    let counts = Confusion::at(scores, outcome, cut_off);
    let Confusion { true_positives: tp, false_positives: fp, true_negatives: tn, false_negatives: fn_ } = counts;
    let among = |right: usize, wrong: usize| proportion(right, right + wrong, level);
    let if_any = |right: usize, wrong: usize| if right + wrong == 0 { None } else { among(right, wrong).ok() };
    Ok(Classification {
        cut_off,
        counts,
        sensitivity: among(tp, fn_)?,
        specificity: among(tn, fp)?,
        positive_predictive_value: if_any(tp, fp),
        negative_predictive_value: if_any(tn, fn_),
        accuracy: among(tp + tn, fp + fn_)?,
    })
}

/// Group of each score: the number of cut-offs that it reaches, from 0.
///
/// ```
/// use voxomics_statistics::classification::groups;
///
/// assert_eq!(groups(&[1.0, 4.0, 9.0], &[3.0, 5.0]), Ok(vec![0, 1, 2]));
/// ```
///
/// # Errors
/// [`Error::NotFinite`] for a score or a cut-off, and [`Error::Empty`] without scores.
pub fn groups(scores: &[f64], cut_offs: &[f64]) -> Result<Vec<usize>> {
    finite("scores", scores)?;
    crate::input::finite_column("cut-offs", cut_offs)?;
    Ok(scores.iter().map(|score| cut_offs.iter().filter(|&cut_off| score >= cut_off).count()).collect())
}

/// Cut-offs between `count` groups of equal size: quantiles (see [`quantiles`]) at 1/count, 2/count, … of the scores. Of
/// equal quantiles one is kept, so that there may be less groups than asked for.
///
/// ```
/// use voxomics_statistics::classification::quantile_cut_offs;
///
/// assert_eq!(quantile_cut_offs(&[1.0, 2.0, 3.0, 4.0, 5.0], 2), Ok(vec![3.0]));
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for less than two groups, and what is wrong with the scores.
pub fn quantile_cut_offs(scores: &[f64], count: usize) -> Result<Vec<f64>> {
    if count < 2 {
        return Err(Error::OutOfRange { what: "groups", value: count as f64, expected: "two or more" });
    }
    let probabilities: Vec<f64> = (1..count).map(|i| i as f64 / count as f64).collect();
    let mut cut_offs = quantiles(scores, &probabilities)?;
    cut_offs.dedup();
    Ok(cut_offs)
}
