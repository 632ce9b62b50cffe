use serde::Serialize;

use super::Fit;
use crate::{
    distribution::chi_squared_upper,
    error::{Error, Result},
};

/// Scale of time against which a coefficient might drift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeScale {
    /// 1 − the Kaplan–Meier estimate just before the time, of all cases together. The default of R.
    #[default]
    KaplanMeier,
    /// Rank of the time among those of all cases; equal times share the mean of their ranks.
    Rank,
    /// Time itself.
    Identity,
    /// Its logarithm.
    Log,
}

/// The check of one covariate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProportionalHazards {
    /// Name of the covariate.
    pub name: String,
    /// The statistic, with one degree of freedom.
    pub chi_squared: f64,
    /// From the chi-squared distribution. Small: the hazard ratio changes with time.
    pub p: f64,
}

/// What the check needs of a fit, with the covariates standardised: it does not depend on their units.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Drift {
    pub(super) event_times: Vec<EventTime>,
    /// Of the coefficients, row after row.
    pub(super) covariance: Vec<f64>,
}

/// An event time of one stratum.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EventTime {
    pub(super) time: f64,
    pub(super) events: usize,
    /// Kaplan–Meier estimate just before, over all strata.
    pub(super) survival: f64,
    /// Mean rank of the time among those of all cases.
    pub(super) rank: f64,
    /// Sum of the Schoenfeld residuals of the events.
    pub(super) residual: Vec<f64>,
    /// What the events add to the information, row after row.
    pub(super) information: Vec<f64>,
}

impl Fit {
    /// Whether the hazard ratios are constant over time: the score test of γ = 0 in the coefficient β + γ·g(t) of one
    /// covariate beside all others, after Grambsch and Therneau (Biometrika 81:515, 1994), as `cox.zph` of R's survival from
    /// version 3 on computes it. With r and V the Schoenfeld residuals and the information of the events, g centred over
    /// them, and u = Σ g·rⱼ: u² / (Σ g²·Vⱼⱼ − bᵀ·(Σ V)⁻¹·b), b = Σ g·V·ⱼ. (The approximation of 1994, which older programs
    /// have, takes the same V for all events and may be far off.)
    ///
    /// ```
    /// use voxomics_statistics::{
    ///     Survival,
    ///     cox::{Covariate, Options, TimeScale, fit},
    /// };
    ///
    /// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
    /// let exposed = Covariate { name: "exposed", values: &[1.0, 0.0, 1.0, 0.0] };
    /// let checked = fit(data, &[exposed], Options::default())?.proportional_hazards(TimeScale::Identity)?;
    /// assert!(checked[0].name == "exposed" && checked[0].p > 0.05);
    /// # Ok::<(), voxomics_statistics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] when all events are at the same time, for the logarithm of a time of 0, or when a drift cannot be
    /// told from the covariates themselves.
    pub fn proportional_hazards(&self, scale: TimeScale) -> Result<Vec<ProportionalHazards>> {
        let what = "the check of proportional hazards";
        let times = &self.drift.event_times;
        let of = |at: &EventTime| match scale {
            TimeScale::Rank => at.rank,
            TimeScale::KaplanMeier => 1.0 - at.survival,
            TimeScale::Identity => at.time,
            TimeScale::Log => at.time.ln(),
        };
        let g: Vec<f64> = times.iter().map(of).collect();
        if g.iter().any(|g| !g.is_finite()) {
            return Err(Error::Undefined { what, reason: "an event is at time 0, whose logarithm is infinite" });
        }
        if g.iter().all(|value| *value == g[0]) {
            return Err(Error::Undefined { what, reason: "all events are at the same time" });
        }
        // Nor on the unit of time: squares of very long or short times shall not leave the range of the numbers.
        let largest = g.iter().fold(0.0_f64, |largest, g| largest.max(g.abs())).max(f64::MIN_POSITIVE);
        let events: usize = times.iter().map(|at| at.events).sum();
        let mean = g.iter().zip(times).map(|(g, at)| g / largest * at.events as f64).sum::<f64>() / events as f64;
        let g: Vec<f64> = g.iter().map(|g| g / largest - mean).collect();
        let p = self.coefficients.len();
        let sum =
            |term: &dyn Fn(f64, &EventTime) -> f64| -> f64 { g.iter().zip(times).map(|(g, at)| term(*g, at)).sum() };
        let check = |j: usize| {
            let drift = sum(&|g, at| g * at.residual[j]);
            let own = sum(&|g, at| g * g * at.information[j * p + j]);
            let b: Vec<f64> = (0..p).map(|k| sum(&|g, at| g * at.information[j * p + k])).collect();
            let row = |k: usize| (0..p).map(|l| self.drift.covariance[k * p + l] * b[l]).sum::<f64>();
            let variance = own - (0..p).map(|k| b[k] * row(k)).sum::<f64>();
            if variance <= 1e-12 * own {
                return Err(Error::Undefined { what, reason: "a drift cannot be told from the covariates themselves" });
            }
            let chi_squared = drift * drift / variance;
            let name = self.coefficients[j].name.clone();
            Ok(ProportionalHazards { name, chi_squared, p: chi_squared_upper(chi_squared, 1) })
        };
        (0..p).map(check).collect()
    }
}
