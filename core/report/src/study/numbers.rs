//! A score against a number.

use serde::{Deserialize, Serialize};

use super::Estimate;

/// Agreement with a number.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NumberResult {
    /// Name of the number, for the axis.
    pub label: String,
    /// Observed value and score.
    pub points: Vec<(f64, f64)>,
    /// Pearson's r.
    pub pearson: Option<Estimate>,
    /// Spearman's ρ.
    pub spearman: Option<Estimate>,
    /// Whether the predicted numbers are those that are observed, if the score is a prediction of this number.
    #[serde(default)]
    pub calibration: Option<NumberCalibration>,
}

/// Calibration of predicted numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NumberCalibration {
    /// Mean of observed − predicted.
    pub difference: Estimate,
    /// Intercept of the line of observed on predicted numbers.
    pub intercept: Estimate,
    /// Its slope.
    pub slope: Estimate,
    /// The share of the variance of the observed numbers that the predictions tell as they are; it may be below 0.
    pub explained: Estimate,
    /// Root of the mean squared difference.
    pub root_mean_square: Estimate,
    /// Mean absolute difference.
    pub mean_absolute: Estimate,
    /// The line, from the smallest prediction to the largest: predicted number, observed one with its interval, if it has one.
    pub line: Vec<(f64, Estimate)>,
}
