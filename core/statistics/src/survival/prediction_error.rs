//! How far predicted risks are from what happened, under censoring.

use serde::Serialize;

use super::{
    censoring::Censoring,
    kaplan_meier::{Scale, estimate},
};
use crate::{
    error::{Error, Result},
    input::{Level, Survival, finite, same_length},
};

/// Brier's score at a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PredictionError {
    /// The time, or the horizon of an integral, in the unit of the data.
    pub time: f64,
    /// Mean of the weighted squares: 0 is perfect, 0.25 that of a risk of one half for everybody.
    pub brier: f64,
    /// The same if everybody is given the risk of the Kaplan–Meier estimate of these cases.
    pub reference: f64,
    /// 1 − `brier` / `reference`: the index of prediction accuracy. Below 0, the risks are worse than that of everybody. `None`
    /// where the reference is 0.
    pub scaled: Option<f64>,
}

impl PredictionError {
    pub(super) fn new(time: f64, brier: f64, reference: f64) -> Self {
        Self { time, brier, reference, scaled: (reference > 0.0).then(|| 1.0 - brier / reference) }
    }
}

/// Brier's score at `time` of `risk`, the predicted probability of an event up to and with it, one for each case (Graf et al.,
/// Stat. Med. 18:2529, 1999): a case with the event by then counts (1 − risk)² / G(T⁻), one that is beyond it risk² / G(time), one
/// that was censored before nothing, where G is the Kaplan–Meier estimate of the censoring of the same cases. As `Score` of R's
/// riskRegression with `cens.model = "km"`. O(n log n).
///
/// ```
/// use voxomics_statistics::{Survival, survival::prediction_error::brier};
///
/// // One half for everybody, of whom one half has the event.
/// let data = Survival::new(&[1.0, 3.0], &[true, true])?;
/// let found = brier(data, &[0.5, 0.5], 2.0)?;
/// assert_eq!((found.brier, found.reference, found.scaled), (0.25, 0.25, Some(0.0)));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for a risk outside of 0 and 1 or a time that is none, [`Error::Undefined`] for a time that nobody was
/// followed up to, and what is wrong with the input.
pub fn brier(data: Survival<'_>, risk: &[f64], time: f64) -> Result<PredictionError> {
    check(data, risk, time)?;
    let censoring = Censoring::new(data);
    let curve = estimate(data, Level::P95, Scale::default());
    let everybody = 1.0 - curve.survival_at(time).map_or(0.0, |(survival, _)| survival);
    let weights = weights(data, &censoring, time);
    Ok(PredictionError::new(
        time,
        mean(data, &weights, time, |case| risk[case]),
        mean(data, &weights, time, |_| everybody),
    ))
}

fn check(data: Survival<'_>, risk: &[f64], time: f64) -> Result<()> {
    same_length(("times", data.len()), ("risks", risk.len()))?;
    finite("risks", risk)?;
    if let Some(&value) = risk.iter().find(|risk| !(0.0..=1.0).contains(*risk)) {
        return Err(Error::OutOfRange { what: "risks", value, expected: "probabilities from 0 to 1" });
    }
    reached(data, time)
}

/// Whether somebody was followed up to a time: beyond it, every figure would silently be that of the last time.
pub(super) fn reached(data: Survival<'_>, time: f64) -> Result<()> {
    if !(time > 0.0 && time.is_finite()) {
        return Err(Error::OutOfRange { what: "horizon", value: time, expected: "a time above 0" });
    }
    let last = data.times().iter().copied().fold(0.0, f64::max);
    match time <= last {
        true => Ok(()),
        false => {
            Err(Error::Undefined { what: "a figure at this time", reason: "it lies beyond the follow-up of everybody" })
        }
    }
}

/// The weight of each case at a time.
fn weights(data: Survival<'_>, censoring: &Censoring, time: f64) -> Vec<f64> {
    let beyond = censoring.at(time);
    let weight = |(&end, &event): (&f64, &bool)| match (end > time, event) {
        (true, _) => 1.0 / beyond,
        (false, true) => 1.0 / censoring.before(end),
        (false, false) => 0.0,
    };
    data.times().iter().zip(data.events()).map(weight).collect()
}

fn mean(data: Survival<'_>, weights: &[f64], time: f64, mut risk: impl FnMut(usize) -> f64) -> f64 {
    let square = |case: usize| {
        let happened = if data.times()[case] <= time { 1.0 } else { 0.0 };
        match weights[case] {
            0.0 => 0.0,
            weight => weight * (happened - risk(case)).powi(2),
        }
    };
    (0..data.len()).map(square).sum::<f64>() / data.len() as f64
}

/// The mean of Brier's score over the time from 0 to `horizon`: ∫ BS(t) dt / horizon. `risk` gives the risk of a case at a time, and
/// jumps at `jumps` alone, as risks from a baseline hazard do; the score is then constant between jumps and times of the data, and
/// the integral exact.
///
/// ```
/// use voxomics_statistics::{Survival, survival::prediction_error::integrated_brier};
///
/// let data = Survival::new(&[1.0, 3.0], &[true, true])?;
/// assert!((integrated_brier(data, &[], 2.0, |_, _| 0.5)?.brier - 0.25).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// As of [`brier`].
pub fn integrated_brier(
    data: Survival<'_>,
    jumps: &[f64],
    horizon: f64,
    risk: impl Fn(usize, f64) -> f64,
) -> Result<PredictionError> {
    reached(data, horizon)?;
    let mut times: Vec<f64> =
        data.times().iter().chain(jumps).copied().filter(|time| (0.0..horizon).contains(time)).chain([0.0]).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let censoring = Censoring::new(data);
    let curve = estimate(data, Level::P95, Scale::default());
    let (mut brier, mut reference) = (0.0, 0.0);
    for (at, &time) in times.iter().enumerate() {
        let width = times.get(at + 1).copied().unwrap_or(horizon) - time;
        let weights = weights(data, &censoring, time);
        let everybody = 1.0 - curve.survival_at(time).map_or(1.0, |(survival, _)| survival);
        // A risk may take an exponential: each is asked for once, and not where it has no weight.
        let mut wrong = None;
        let risk = |case: usize| {
            let risk = risk(case, time);
            if !(0.0..=1.0).contains(&risk) {
                wrong = Some(risk);
            }
            risk
        };
        brier += width * mean(data, &weights, time, risk);
        if let Some(value) = wrong {
            return Err(Error::OutOfRange { what: "risks", value, expected: "probabilities from 0 to 1" });
        }
        reference += width * mean(data, &weights, time, |_| everybody);
    }
    Ok(PredictionError::new(horizon, brier / horizon, reference / horizon))
}
