//! What boosting makes small, its gradient and its curvature.

use std::borrow::Cow;

use voxomics_learning::{Error, Response, algebra, trees::Scaled};

/// A leaf whose curvature is below this adds nothing, as in scikit-learn.
const FLAT: f64 = 1e-150;

/// The loss of some rows.
#[derive(Debug)]
pub enum Loss<'a> {
    /// Half the squares of a number.
    Squares(Scaled),
    /// Half the deviance of a class.
    Deviance(&'a [f64]),
    /// Less the logarithm of Cox's partial likelihood, with Breslow's ties.
    Cox {
        /// Whether the event was seen.
        event: &'a [bool],
        /// The rows, from the last time to the first.
        order: Vec<usize>,
        /// The times.
        time: &'a [f64],
    },
}

impl<'a> Loss<'a> {
    /// That of a response.
    ///
    /// # Errors
    /// If numbers are too large.
    pub fn new(response: &'a Response, weights: &[f64]) -> Result<Self, Error> {
        Ok(match response {
            Response::Gaussian(y) => Self::Squares(Scaled::of(y, weights)?),
            Response::Binomial(y) => Self::Deviance(y),
            Response::Cox { time, event } => {
                let mut order: Vec<usize> = (0..time.len()).collect();
                order.sort_by(|i, j| time[*j].total_cmp(&time[*i]).then(i.cmp(j)));
                Self::Cox { event, order, time }
            }
        })
    }

    /// The number that is best for everybody.
    pub fn base(&self, weights: &[f64]) -> f64 {
        match self {
            Self::Squares(_) | Self::Cox { .. } => 0.0,
            Self::Deviance(y) => {
                let share = algebra::mean(y, weights);
                (share / (1.0 - share)).ln()
            }
        }
    }

    /// From the loss's own scale to that of the score: what is added, and what it is multiplied by.
    pub fn unscaled(&self) -> (f64, f64) {
        match self {
            Self::Squares(scaled) => (scaled.centre, scaled.scale),
            _ => (0.0, 1.0),
        }
    }

    /// What each row's sum is to be moved by: less the gradient.
    pub fn residuals(&self, sums: &[f64], weights: &[f64]) -> Cow<'_, [f64]> {
        match self {
            Self::Squares(scaled) => scaled.y.iter().zip(sums).map(|(y, sum)| y - sum).collect(),
            Self::Deviance(y) => y.iter().zip(sums).map(|(y, sum)| y - probability(*sum)).collect(),
            Self::Cox { event, order, time } => martingales(sums, weights, event, order, time).into(),
        }
    }

    /// What a leaf adds for these rows: a step of Newton's for a class, the mean of the residuals otherwise.
    pub fn leaf(&self, rows: &[usize], residuals: &[f64], sums: &[f64], weights: &[f64]) -> f64 {
        let excess: f64 = rows.iter().map(|row| weights[*row] * residuals[*row]).sum();
        let curvature = |row: &usize| match self {
            Self::Deviance(_) => {
                let share = probability(sums[*row]);
                weights[*row] * share * (1.0 - share)
            }
            _ => weights[*row],
        };
        let curvature: f64 = rows.iter().map(curvature).sum();
        if curvature < FLAT { 0.0 } else { excess / curvature }
    }
}

/// The probability of log odds.
fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Events less those that were to be expected by the sums: the gradient of the partial likelihood, per weight.
fn martingales(sums: &[f64], weights: &[f64], event: &[bool], order: &[usize], time: &[f64]) -> Vec<f64> {
    // A constant in all sums changes nothing, and keeps the exponentials in range.
    let most = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let hazard: Vec<f64> = sums.iter().map(|sum| (sum - most).exp()).collect();
    let tied = || order.chunk_by(|i, j| time[*i] == time[*j]);
    let mut at_risk = 0.0;
    let steps: Vec<f64> = tied()
        .map(|rows| {
            at_risk += rows.iter().map(|row| weights[*row] * hazard[*row]).sum::<f64>();
            let events: f64 = rows.iter().filter(|row| event[**row]).map(|row| weights[*row]).sum();
            if events > 0.0 { events / at_risk } else { 0.0 }
        })
        .collect();
    let mut residuals = vec![0.0; sums.len()];
    let mut passed = 0.0;
    for (rows, step) in tied().zip(&steps).collect::<Vec<_>>().into_iter().rev() {
        passed += step;
        rows.iter().for_each(|row| residuals[*row] = f64::from(u8::from(event[*row])) - hazard[*row] * passed);
    }
    residuals
}
