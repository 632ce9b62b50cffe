//! The baseline hazard: from a relative hazard to a risk at a time.

use serde::Serialize;

use super::Ties;
use crate::{
    error::{Error, Result},
    input::{Survival, finite, same_length},
};

/// The cumulative baseline hazard H₀ of a known relative hazard e^η.
///
/// [`baseline`] has an example.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Baseline {
    /// Times of events, rising.
    pub times: Vec<f64>,
    /// H₀ from each of them on.
    pub hazard: Vec<f64>,
    /// The last time of the data: beyond it nothing is known.
    pub last: f64,
}

impl Baseline {
    /// H₀ at a time; `None` beyond the last time of the data.
    pub fn at(&self, time: f64) -> Option<f64> {
        if time.is_nan() || time > self.last {
            return None;
        }
        let passed = self.times.partition_point(|at| *at <= time);
        Some(passed.checked_sub(1).map_or(0.0, |last| self.hazard[last]))
    }

    /// The probability of an event up to and with a time: 1 − exp(−H₀·e^η). `None` beyond the last time of the data.
    pub fn risk(&self, eta: f64, time: f64) -> Option<f64> {
        // Of a risk near 0, 1 − exp would leave few digits.
        let of = |hazard: f64| if hazard == 0.0 { 0.0 } else { -(-hazard * eta.exp()).exp_m1() };
        self.at(time).map(of)
    }
}

/// H₀ of `eta`, the logarithm of each case's relative hazard, which is taken as known: Breslow's estimate, Σ d / Σ w·e^η over those at
/// risk; with Efron's ties, the events of a time leave the sum one by one. `weights` count cases; 1 each if there are none. As
/// `survfit` of R's survival for a Cox model with `offset(eta)`.
///
/// ```
/// use voxomics_statistics::{
///     Survival,
///     cox::{Ties, baseline::baseline},
/// };
///
/// // One of two, and then the other: 1/2, and 1 more.
/// let data = Survival::new(&[1.0, 2.0], &[true, true])?;
/// let found = baseline(data, &[0.0, 0.0], None, Ties::Efron)?;
/// assert_eq!((found.at(0.5), found.at(1.0), found.at(2.0), found.at(3.0)), (Some(0.0), Some(0.5), Some(1.5), None));
/// assert!((found.risk(0.0, 1.0).unwrap() - (1.0 - (-0.5_f64).exp())).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoEvents`]; [`Error::OutOfRange`] for a weight that is not above 0; [`Error::Undefined`] for hazards too far apart for a
/// number; and what is wrong with the input.
pub fn baseline(data: Survival<'_>, eta: &[f64], weights: Option<&[f64]>, ties: Ties) -> Result<Baseline> {
    same_length(("times", data.len()), ("predictions", eta.len()))?;
    finite("predictions", eta)?;
    let data = data.with_events()?;
    if let Some(weights) = weights {
        same_length(("times", data.len()), ("weights", weights.len()))?;
        finite("weights", weights)?;
        if let Some(&value) = weights.iter().find(|weight| **weight <= 0.0) {
            return Err(Error::OutOfRange { what: "weights", value, expected: "numbers above 0" });
        }
    }
    let weight = |case: usize| weights.map_or(1.0, |weights| weights[case]);
    // Relative to the largest, no hazard overflows.
    let top = eta.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (times, events, order) = (data.times(), data.events(), data.order());
    let mut at_risk = 0.0;
    let mut steps = Vec::new();
    for tied in order.chunk_by(|&a, &b| times[a] == times[b]).rev() {
        let ended: Vec<usize> = tied.iter().copied().filter(|&case| events[case]).collect();
        at_risk += tied.iter().map(|&case| weight(case) * (eta[case] - top).exp()).sum::<f64>();
        if ended.is_empty() {
            continue;
        }
        let leaving: f64 = ended.iter().map(|&case| weight(case) * (eta[case] - top).exp()).sum();
        let each = ended.iter().map(|&case| weight(case)).sum::<f64>() / ended.len() as f64;
        let share = |gone: usize| if ties == Ties::Efron { gone as f64 / ended.len() as f64 } else { 0.0 };
        let step: f64 = (0..ended.len()).map(|gone| each / (at_risk - share(gone) * leaving)).sum();
        steps.push((times[tied[0]], step));
    }
    let (mut sum, scale) = (0.0, (-top).exp());
    let mut found = Baseline { last: times[order[order.len() - 1]], ..Baseline::default() };
    for (time, step) in steps.into_iter().rev() {
        sum += step * scale;
        if !(sum > 0.0 && sum.is_finite()) {
            let reason = "the predicted hazards are too large, too small or too far apart for a number";
            return Err(Error::Undefined { what: "the baseline hazard", reason });
        }
        found.times.push(time);
        found.hazard.push(sum);
    }
    Ok(found)
}
