//! Whether predicted probabilities are those that come true; of predicted numbers, see [`number`].

pub mod number;

use serde::Serialize;

use crate::{
    classification::{Proportion, proportion},
    distribution::{chi_squared_upper, normal_two_sided},
    error::{Error, Result},
    input::{Interval, Level, count, probabilities},
    linear::dot,
    newton::{Derivatives, Maximum, maximise},
    rank::quantiles,
};

/// A coefficient of a regression.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate, on the scale of the logit.
    pub value: f64,
    /// From the inverse of the information.
    pub standard_error: f64,
    /// Value ± z·SE.
    pub interval: Interval,
    /// Wald's, two-sided, of the hypothesis that tells of perfect calibration: intercept 0, slope 1.
    pub p: f64,
}

/// Intercept and slope.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Recalibration {
    /// Calibration in the large: α of logit P = α + logit p, the slope held at 1. Above 0, the predictions are too low.
    pub intercept: Estimate,
    /// β of logit P = α′ + β·logit p. Below 1, the predictions are too extreme.
    pub slope: Estimate,
    /// α′, of the same fit as the slope.
    pub intercept_beside_slope: f64,
}

/// Logistic recalibration (Cox, Biometrika 45:562, 1958; Steyerberg, Clinical Prediction Models, 2019, ch. 15).
///
/// ```
/// use voxomics_statistics::{Level, calibration::recalibration};
///
/// // Of four cases with a prediction of 0.25 one has the outcome, of four with 0.75 three.
/// let predicted = [0.25, 0.25, 0.25, 0.25, 0.75, 0.75, 0.75, 0.75];
/// let outcome = [true, false, false, false, true, true, true, false];
/// let found = recalibration(&predicted, &outcome, Level::P95)?;
/// assert!(found.intercept.value.abs() < 1e-9 && (found.slope.value - 1.0).abs() < 1e-9);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OneClass`]; [`Error::OutOfRange`] for a prediction of 0 or 1, whose logit is infinite; [`Error::Singular`] when
/// all predictions are equal; [`Error::Monotone`] when they separate the outcomes; and what is wrong with the input.
pub fn recalibration(predicted: &[f64], outcome: &[bool], level: Level) -> Result<Recalibration> {
    probabilities(predicted, outcome)?;
    let positives = count(outcome);
    if positives == 0 || positives == outcome.len() {
        return Err(Error::OneClass { positives, negatives: outcome.len() - positives });
    }
    if let Some(&value) = predicted.iter().find(|&&p| p == 0.0 || p == 1.0) {
        let expected = "probabilities between 0 and 1, without the ends";
        return Err(Error::OutOfRange { what: "predictions", value, expected });
    }
    let logits: Vec<f64> = predicted.iter().map(|p| (p / (1.0 - p)).ln()).collect();
    let named = |column: usize| if column == 0 { "intercept" } else { "logit of the prediction" }.to_owned();
    let large = logistic(&[], &logits, outcome).map_err(|fault| fault.named(named))?;
    let estimate = |value: f64, standard_error: f64, ideal: f64| Estimate {
        value,
        standard_error,
        interval: Interval::around(value, level.z() * standard_error),
        p: normal_two_sided((value - ideal) / standard_error),
    };
    let intercept = estimate(large.coefficients[0], large.covariance[0].sqrt(), 0.0);

    // Standardised, for the sake of the solver.
    let n = logits.len() as f64;
    let mean = logits.iter().sum::<f64>() / n;
    let deviation = (logits.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
    if deviation <= 1e-10 * mean.abs() {
        return Err(Error::Singular { covariate: named(1) });
    }
    let standard: Vec<f64> = logits.iter().map(|x| (x - mean) / deviation).collect();
    let zero = vec![0.0; logits.len()];
    let both = logistic(&[&standard], &zero, outcome).map_err(|fault| fault.named(named))?;
    let slope = both.coefficients[1] / deviation;
    Ok(Recalibration {
        intercept,
        slope: estimate(slope, both.covariance[3].sqrt() / deviation, 1.0),
        intercept_beside_slope: both.coefficients[0] - slope * mean,
    })
}

/// Logistic regression on a constant and `columns`, with an offset.
fn logistic(
    columns: &[&[f64]],
    offset: &[f64],
    outcome: &[bool],
) -> std::result::Result<Maximum, crate::newton::Fault> {
    let size = columns.len() + 1;
    maximise(size, |beta| {
        let mut log_likelihood = 0.0;
        let mut score = vec![0.0; size];
        let mut information = vec![0.0; size * size];
        for (case, &with) in outcome.iter().enumerate() {
            let row: Vec<f64> = std::iter::once(1.0).chain(columns.iter().map(|column| column[case])).collect();
            let eta = offset[case] + dot(&row, beta);
            let p = 1.0 / (1.0 + (-eta).exp());
            // ln(1 + e^η) without overflow.
            let log_partition = eta.max(0.0) + (-eta.abs()).exp().ln_1p();
            log_likelihood += if with { eta } else { 0.0 } - log_partition;
            for i in 0..size {
                score[i] += row[i] * (f64::from(u8::from(with)) - p);
                for j in 0..size {
                    information[i * size + j] += row[i] * row[j] * p * (1.0 - p);
                }
            }
        }
        Derivatives { log_likelihood, score, information }
    })
}

/// The Brier score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Brier {
    /// Mean of (p − y)²: 0 is perfect.
    pub score: f64,
    /// 1 − score / (ȳ(1 − ȳ)): 1 is perfect, 0 is no better than the prevalence. `None` when all outcomes are the same.
    pub scaled: Option<f64>,
}

/// The Brier score (Mon. Weather Rev. 78:1, 1950), also scaled by that of predicting the prevalence for everyone.
///
/// ```
/// use voxomics_statistics::calibration::brier;
///
/// // (0.2² + 0.4²) / 2, and 0.25 for the prevalence of one half.
/// let found = brier(&[0.8, 0.4], &[true, false])?;
/// assert!((found.score - 0.1).abs() < 1e-12 && (found.scaled.unwrap() - 0.6).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// What is wrong with the input.
pub fn brier(predicted: &[f64], outcome: &[bool]) -> Result<Brier> {
    probabilities(predicted, outcome)?;
    let n = outcome.len() as f64;
    let square = |(p, &with): (&f64, &bool)| (p - f64::from(u8::from(with))).powi(2);
    let score = predicted.iter().zip(outcome).map(square).sum::<f64>() / n;
    let prevalence = count(outcome) as f64 / n;
    let reference = prevalence * (1.0 - prevalence);
    Ok(Brier { score, scaled: (reference > 0.0).then(|| 1.0 - score / reference) })
}

/// A point of the calibration curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CurvePoint {
    /// Mean prediction of the group.
    pub predicted: f64,
    /// Share of the group with the outcome.
    pub observed: Proportion,
}

/// The calibration curve in `groups` of equal size by the quantiles of the predictions. A prediction equal to a quantile
/// belongs to the lower group, as with scikit-learn's; groups that equal predictions leave empty are left out.
///
/// ```
/// use voxomics_statistics::{Level, calibration::curve};
///
/// let points = curve(&[0.1, 0.3, 0.7, 0.9], &[false, false, true, false], 2, Level::P95)?;
/// let shown: Vec<(f64, f64)> = points.iter().map(|point| (point.predicted, point.observed.value)).collect();
/// assert_eq!(shown, [(0.2, 0.0), (0.8, 0.5)]);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for no groups, and what is wrong with the input.
pub fn curve(predicted: &[f64], outcome: &[bool], groups: usize, level: Level) -> Result<Vec<CurvePoint>> {
    probabilities(predicted, outcome)?;
    if groups == 0 {
        return Err(Error::OutOfRange { what: "groups", value: 0.0, expected: "one or more" });
    }
    let inner: Vec<f64> = (1..groups).map(|i| i as f64 / groups as f64).collect();
    let limits = quantiles(predicted, &inner)?;
    let group_of = |p: f64| limits.partition_point(|&limit| limit < p);
    let mut sums = vec![(0.0, 0, 0); groups];
    for (&p, &with) in predicted.iter().zip(outcome) {
        let (sum, events, cases) = &mut sums[group_of(p)];
        *sum += p;
        *events += usize::from(with);
        *cases += 1;
    }
    sums.into_iter()
        .filter(|&(_, _, cases)| cases > 0)
        .map(|(sum, events, cases)| {
            Ok(CurvePoint { predicted: sum / cases as f64, observed: proportion(events, cases, level)? })
        })
        .collect()
}

/// The test of Hosmer and Lemeshow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HosmerLemeshow {
    /// Σ (O − n·p̄)² / (n·p̄·(1 − p̄)) over the groups.
    pub chi_squared: f64,
    /// Degrees of freedom: the groups with cases, less 2 where the model was fitted on them.
    pub degrees: usize,
    /// From the chi-squared distribution.
    pub p: f64,
}

/// Where a model was fitted, seen from the cases that it is tested on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fitted {
    /// On the same cases: two degrees of freedom less than groups.
    Here,
    /// On others: as many degrees of freedom as groups.
    Elsewhere,
}

/// The test of Hosmer and Lemeshow (Commun. Stat. A9:1043, 1980): Σ (O − n·p̄)² / (n·p̄·(1 − p̄)) over the groups of
/// [`curve`].
///
/// ```
/// use voxomics_statistics::calibration::{Fitted, hosmer_lemeshow};
///
/// // As many have the outcome as is predicted, in each of three groups of four.
/// let predicted = [0.25, 0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5, 0.75, 0.75, 0.75, 0.75];
/// let outcome = [true, false, false, false, true, true, false, false, true, true, true, false];
/// let found = hosmer_lemeshow(&predicted, &outcome, 3, Fitted::Elsewhere)?;
/// assert!(found.chi_squared.abs() < 1e-12 && found.degrees == 3);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for less than three groups with cases, [`Error::Undefined`] for a group whose predictions are all 0 or
/// all 1, and what is wrong with the input.
pub fn hosmer_lemeshow(predicted: &[f64], outcome: &[bool], groups: usize, fitted: Fitted) -> Result<HosmerLemeshow> {
    let points = curve(predicted, outcome, groups, Level::P95)?;
    if points.len() < 3 {
        return Err(Error::TooFew { what: "groups with different predictions", found: points.len(), needed: 3 });
    }
    let mut chi_squared = 0.0;
    for CurvePoint { predicted, observed } in &points {
        let variance = observed.trials as f64 * predicted * (1.0 - predicted);
        if variance <= 0.0 {
            let reason = "the predictions of a group are all 0 or all 1";
            return Err(Error::Undefined { what: "the Hosmer–Lemeshow statistic", reason });
        }
        chi_squared += (observed.successes as f64 - observed.trials as f64 * predicted).powi(2) / variance;
    }
    let degrees = points.len() - if fitted == Fitted::Here { 2 } else { 0 };
    Ok(HosmerLemeshow { chi_squared, degrees, p: chi_squared_upper(chi_squared, degrees) })
}
