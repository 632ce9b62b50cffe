//! Whether predicted numbers are those that are observed.

use serde::Serialize;

use crate::{
    distribution::{student_quantile, student_two_sided},
    error::{Error, Result},
    input::{Interval, Level, finite, same_length},
};

/// A figure of a line with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Coefficient {
    /// The estimate, in the unit of what it is of.
    pub value: f64,
    /// Of the estimate; 0 where no residual is left.
    pub standard_error: f64,
    /// Value ± t·SE by Student's distribution. `None` where no residual is left: the line says nothing of its own precision then.
    pub interval: Option<Interval>,
    /// Two-sided, of the hypothesis that tells of perfect predictions: difference 0, intercept 0, slope 1. `None` where `interval` is.
    pub p: Option<f64>,
}

/// Observed against predicted numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Numbers {
    /// Pairs.
    pub n: usize,
    /// Mean of observed − predicted, with n − 1 degrees of freedom. Above 0, the predictions are too low.
    pub difference: Coefficient,
    /// α of observed = α + β·predicted, with n − 2 degrees of freedom.
    pub intercept: Coefficient,
    /// β. Below 1, the predictions are too far from their mean.
    pub slope: Coefficient,
    /// 1 − Σ(observed − predicted)² / Σ(observed − mean)²: the share of the variance that the predictions tell as they are. Below 0,
    /// the mean of the observed numbers would have told more.
    pub explained: f64,
    /// The same of the line, which is the square of Pearson's correlation.
    pub of_line: f64,
    /// √ of the mean of (observed − predicted)².
    pub root_mean_square: f64,
    /// Mean of |observed − predicted|.
    pub mean_absolute: f64,
    line: Line,
}

/// A line by least squares, about the middle of its points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Line {
    x: f64,
    y: f64,
    slope: f64,
    /// Σ(x − mean)².
    squares: f64,
    /// Of the residuals, with n − 2.
    variance: f64,
    degrees: f64,
}

impl Numbers {
    /// The line at a prediction: the mean observed number there, and its pointwise interval, `None` where no residual is left.
    pub fn at(&self, predicted: f64, level: Level) -> (f64, Option<Interval>) {
        let Line { x, y, slope, squares, variance, degrees } = self.line;
        let value = y + slope * (predicted - x);
        let error = (variance * (1.0 / (degrees + 2.0) + (predicted - x).powi(2) / squares)).sqrt();
        let half = student_quantile(1.0 - level.tail(), degrees) * error;
        (value, (variance > 0.0).then(|| Interval::around(value, half)))
    }
}

/// Calibration of predicted numbers: the line of observed on predicted ones by least squares, and how far they lie apart (Steyerberg,
/// Clinical Prediction Models, 2019, ch. 15; Mincer and Zarnowitz 1969). Intervals are those of independent residuals of equal spread.
///
/// ```
/// use voxomics_statistics::{Level, calibration::number::numbers};
///
/// // Observed = 2·predicted − 1, but for a residual of ±1 about the middle.
/// let found = numbers(&[1.0, 2.0, 2.0, 3.0], &[1.0, 4.0, 2.0, 5.0], Level::P95)?;
/// assert!((found.slope.value - 2.0).abs() < 1e-12 && (found.intercept.value + 1.0).abs() < 1e-12);
/// // 0, 2, 0 and 2 apart; the observed numbers have a spread of 10 about their mean of 3.
/// assert!((found.difference.value - 1.0).abs() < 1e-12 && (found.explained - 0.2).abs() < 1e-12);
/// assert!((found.of_line - 0.8).abs() < 1e-12 && (found.at(3.0, Level::P95).0 - 5.0).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for fewer than three pairs, [`Error::Constant`] when all predictions, or all observed numbers, are the same, and
/// what is wrong with the input.
pub fn numbers(predicted: &[f64], observed: &[f64], level: Level) -> Result<Numbers> {
    same_length(("predictions", predicted.len()), ("observed numbers", observed.len()))?;
    finite("predictions", predicted)?;
    finite("observed numbers", observed)?;
    let n = predicted.len();
    if n < 3 {
        return Err(Error::TooFew { what: "pairs of a predicted and an observed number", found: n, needed: 3 });
    }
    for (what, values) in [("predictions", predicted), ("observed numbers", observed)] {
        if values.iter().all(|value| *value == values[0]) {
            return Err(Error::Constant { what: what.to_owned() });
        }
    }
    let count = n as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (x, y) = (mean(predicted), mean(observed));
    let pairs = || predicted.iter().zip(observed);
    let squares: f64 = predicted.iter().map(|value| (value - x).powi(2)).sum();
    let total: f64 = observed.iter().map(|value| (value - y).powi(2)).sum();
    let slope = pairs().map(|(p, o)| (p - x) * (o - y)).sum::<f64>() / squares;
    let undefined = || {
        let reason = "the numbers are too large, or too near to each other";
        Err(Error::Undefined { what: "the line of observed on predicted numbers", reason })
    };
    let in_range = |value: f64| value.is_finite() && value > 0.0;
    if !(slope.is_finite() && in_range(squares) && in_range(total)) {
        return undefined();
    }
    let residuals: f64 = pairs().map(|(p, o)| (o - y - slope * (p - x)).powi(2)).sum();
    // What is left of points on a line is the rounding of their digits.
    let residuals = if residuals <= ROUNDING * total { 0.0 } else { residuals };
    let degrees = count - 2.0;
    let variance = residuals / degrees;

    let apart: Vec<f64> = pairs().map(|(p, o)| o - p).collect();
    let difference = mean(&apart);
    let spread: f64 = apart.iter().map(|value| (value - difference).powi(2)).sum();
    let spread = if spread <= ROUNDING * total { 0.0 } else { spread };
    let of_pairs: f64 = apart.iter().map(|value| value * value).sum();
    let coefficient = |value: f64, variance: f64, ideal: f64, degrees: f64| {
        let standard_error = variance.sqrt();
        let known = standard_error > 0.0;
        let half = || student_quantile(1.0 - level.tail(), degrees) * standard_error;
        Coefficient {
            value,
            standard_error,
            interval: known.then(|| Interval::around(value, half())),
            p: known.then(|| student_two_sided((value - ideal) / standard_error, degrees)),
        }
    };
    let found = Numbers {
        n,
        difference: coefficient(difference, spread / (count - 1.0) / count, 0.0, count - 1.0),
        intercept: coefficient(y - slope * x, variance * (1.0 / count + x * x / squares), 0.0, degrees),
        slope: coefficient(slope, variance / squares, 1.0, degrees),
        explained: 1.0 - of_pairs / total,
        of_line: 1.0 - residuals / total,
        root_mean_square: (of_pairs / count).sqrt(),
        mean_absolute: apart.iter().map(|value| value.abs()).sum::<f64>() / count,
        line: Line { x, y, slope, squares, variance, degrees },
    };
    let Numbers { difference, intercept, slope, explained, of_line, root_mean_square, mean_absolute, .. } = found;
    let coefficients = [difference, intercept, slope];
    let ends = coefficients.iter().filter_map(|of| of.interval).flat_map(|interval| [interval.low, interval.high]);
    let values = coefficients.iter().flat_map(|of| [of.value, of.standard_error]).chain(ends);
    let all = values.chain([explained, of_line, root_mean_square, mean_absolute]);
    if all.into_iter().all(f64::is_finite) { Ok(found) } else { undefined() }
}

/// Of the spread of what is observed, residuals below this share are rounding.
const ROUNDING: f64 = 1e-26;
