//! Receiver operating characteristic: its points, the area below it, and DeLong's inference on that area.
//!
//! A higher score speaks for the outcome; a case is called positive when its score is at or above the cut-off. A score
//! that speaks against the outcome is to be negated by the caller: nothing is turned round here, for a signature whose
//! direction is chosen on the data it is validated on is not validated.

use serde::Serialize;

use crate::{
    distribution::normal_two_sided,
    error::{Error, Result},
    input::{Interval, Level, finite, same_length, two_classes},
    rank::mid_ranks,
};

/// One point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Cases with at least this score are called positive. `None` for the point where none is.
    pub cut_off: Option<f64>,
    /// Called positive among those with the outcome.
    pub sensitivity: f64,
    /// Called positive among those without the outcome: 1 − specificity.
    pub false_positive_rate: f64,
}

/// The points of the curve from (0, 0) to (1, 1): one for every distinct score, highest first.
///
/// ```
/// use voxomics_statistics::roc::curve;
///
/// let points: Vec<[f64; 2]> = curve(&[0.9, 0.1], &[true, false])?
///     .iter()
///     .map(|point| [point.false_positive_rate, point.sensitivity])
///     .collect();
/// assert_eq!(points, [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OneClass`], and what is wrong with the input.
pub fn curve(scores: &[f64], outcome: &[bool]) -> Result<Vec<Point>> {
    let (positives, negatives) = two_classes("scores", scores, outcome)?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut points = vec![Point { cut_off: None, sensitivity: 0.0, false_positive_rate: 0.0 }];
    let (mut hits, mut alarms) = (0, 0);
    for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let with = tied.iter().filter(|&&case| outcome[case]).count();
        hits += with;
        alarms += tied.len() - with;
        points.push(Point {
            cut_off: Some(scores[tied[0]]),
            sensitivity: hits as f64 / positives as f64,
            false_positive_rate: alarms as f64 / negatives as f64,
        });
    }
    Ok(points)
}

/// The area below the curve. The fields that DeLong's variance is needed for are `None` when it is not defined (fewer
/// than two cases in a class) or zero (the classes do not overlap): the method knows nothing of the precision then.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Auc {
    /// P(score with the outcome > score without) + ½·P(equal).
    pub value: f64,
    /// Cases with the outcome.
    pub positives: usize,
    /// Cases without the outcome.
    pub negatives: usize,
    /// Square root of DeLong's variance.
    pub standard_error: Option<f64>,
    /// AUC ± z·SE, clipped to [0, 1].
    pub interval: Option<Interval>,
    /// logit AUC ± z·SE / (AUC·(1 − AUC)), transformed back. Keeps its level better near 0 and 1 (Pepe, The Statistical
    /// Evaluation of Medical Tests, 2003, § 5.2). `None` also for an area of 0 or 1.
    pub logit_interval: Option<Interval>,
    /// Two-sided, of the hypothesis that the area is ½.
    pub p: Option<f64>,
}

/// The area with its variance by DeLong, DeLong and Clarke-Pearson (Biometrics 44:837, 1988): S₁₀/m + S₀₁/n, from the
/// structural components V₁₀(i) = mean over j of ψ(xᵢ, yⱼ) and V₀₁(j) = mean over i, with ψ = 1, ½ or 0. The components
/// come from mid-ranks (Sun and Xu, IEEE Signal Process. Lett. 21:1389, 2014) in O(n log n).
///
/// ```
/// use voxomics_statistics::{Level, roc::auc};
///
/// // Of four pairs, three are in order.
/// let found = auc(&[0.9, 0.4, 0.5, 0.1], &[true, true, false, false], Level::P95)?;
/// assert_eq!((found.value, found.positives, found.negatives), (0.75, 2, 2));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OneClass`], and what is wrong with the input.
pub fn auc(scores: &[f64], outcome: &[bool], level: Level) -> Result<Auc> {
    let (positives, negatives) = two_classes("scores", scores, outcome)?;
    let components = Components::new(scores, outcome);
    let value = components.auc;
    let variance = components.covariance(&components).filter(|&variance| variance > 0.0);
    let standard_error = variance.map(f64::sqrt);
    Ok(Auc {
        value,
        positives,
        negatives,
        standard_error,
        interval: standard_error.map(|se| Interval::around(value, level.z() * se).within(0.0, 1.0)),
        logit_interval: standard_error.and_then(|se| Interval::on_logits(value, level.z() * se)),
        p: standard_error.map(|se| normal_two_sided((value - 0.5) / se)),
    })
}

/// Two areas on the same cases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Area of the first score.
    pub first: f64,
    /// Area of the second score.
    pub second: f64,
    /// First − second.
    pub difference: f64,
    /// Of the difference. `None` when its variance is undefined or zero, as for scores that order the cases alike.
    pub standard_error: Option<f64>,
    /// Of the difference.
    pub interval: Option<Interval>,
    /// Difference / standard error.
    pub z: Option<f64>,
    /// Two-sided, of the hypothesis that the areas are equal.
    pub p: Option<f64>,
}

/// DeLong's test of two scores on the same cases (paper as for [`auc`]): the variance of the difference counts the
/// covariance of both scores' components.
///
/// ```
/// use voxomics_statistics::{Level, roc::compare};
///
/// let outcome = [true, true, false, false];
/// let found = compare(&[0.9, 0.8, 0.2, 0.1], &[0.9, 0.4, 0.5, 0.1], &outcome, Level::P95)?;
/// assert_eq!((found.first, found.second, found.difference), (1.0, 0.75, 0.25));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OneClass`], and what is wrong with the input.
pub fn compare(first: &[f64], second: &[f64], outcome: &[bool], level: Level) -> Result<Comparison> {
    same_length(("first scores", first.len()), ("second scores", second.len()))?;
    two_classes("first scores", first, outcome)?;
    finite("second scores", second)?;
    let (a, b) = (Components::new(first, outcome), Components::new(second, outcome));
    let difference = a.auc - b.auc;
    // Of the differences of components, not as a sum of three variances: equal scores must give zero, not rounding.
    let between = a.minus(&b);
    let variance = between.covariance(&between).filter(|&variance| variance > 1e-24);
    let standard_error = variance.map(f64::sqrt);
    let z = standard_error.map(|se| difference / se);
    Ok(Comparison {
        first: a.auc,
        second: b.auc,
        difference,
        standard_error,
        interval: standard_error.map(|se| Interval::around(difference, level.z() * se)),
        z,
        p: z.map(normal_two_sided),
    })
}

/// Structural components of a score.
struct Components {
    auc: f64,
    /// For each positive, the share of negatives below it.
    positive: Vec<f64>,
    /// For each negative, the share of positives above it.
    negative: Vec<f64>,
}

impl Components {
    fn new(scores: &[f64], outcome: &[bool]) -> Self {
        let class = |wanted: bool| -> Vec<f64> {
            scores.iter().zip(outcome).filter(|&(_, &is)| is == wanted).map(|(&score, _)| score).collect()
        };
        let (with, without) = (class(true), class(false));
        let (m, n) = (with.len() as f64, without.len() as f64);
        let all = mid_ranks(scores);
        let of_class = |wanted: bool| all.iter().zip(outcome).filter(move |&(_, &is)| is == wanted).map(|(&r, _)| r);
        // Ranks are multiples of ½: these differences are exact.
        let below: Vec<f64> = of_class(true).zip(mid_ranks(&with)).map(|(all, own)| all - own).collect();
        let negative = of_class(false).zip(mid_ranks(&without)).map(|(all, own)| (m - (all - own)) / m).collect();
        let auc = below.iter().sum::<f64>() / (m * n);
        Self { auc, positive: below.iter().map(|count| count / n).collect(), negative }
    }

    fn minus(&self, other: &Self) -> Self {
        let each = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
        Self {
            auc: self.auc - other.auc,
            positive: each(&self.positive, &other.positive),
            negative: each(&self.negative, &other.negative),
        }
    }

    /// S₁₀/m + S₀₁/n, if there are two of either class.
    fn covariance(&self, other: &Self) -> Option<f64> {
        let part = |a: &[f64], b: &[f64]| {
            let count = a.len() as f64;
            let products = a.iter().zip(b).map(|(a, b)| (a - self.auc) * (b - other.auc));
            (a.len() > 1).then(|| products.sum::<f64>() / (count - 1.0) / count)
        };
        Some(part(&self.positive, &other.positive)? + part(&self.negative, &other.negative)?)
    }
}

/// A cut-off with the index it was chosen by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Youden {
    /// Cases with at least this score are called positive.
    pub cut_off: f64,
    /// Sensitivity + specificity − 1.
    pub index: f64,
}

/// The score at which Youden's index is largest (Cancer 3:32, 1950); of several the highest. Chosen on the same cases that
/// it is then judged on, its sensitivity and specificity are too good.
///
/// ```
/// use voxomics_statistics::roc::youden;
///
/// let found = youden(&[0.9, 0.8, 0.3, 0.1], &[true, true, false, false])?;
/// assert_eq!((found.cut_off, found.index), (0.8, 1.0));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OneClass`], and what is wrong with the input.
pub fn youden(scores: &[f64], outcome: &[bool]) -> Result<Youden> {
    let points = curve(scores, outcome)?;
    let found = points.iter().filter_map(|point| Some((point.cut_off?, point.sensitivity - point.false_positive_rate)));
    // Equal indices may differ in their last digit.
    let best = found.reduce(|best, next| if next.1 > best.1 + 1e-12 { next } else { best });
    best.map(|(cut_off, index)| Youden { cut_off, index }).ok_or(Error::Empty { what: "scores" })
}
