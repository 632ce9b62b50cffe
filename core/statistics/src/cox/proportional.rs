use serde::Serialize;

use super::Fit;
use crate::{
    distribution::chi_squared_upper,
    error::{Error, Result},
    rank::mid_ranks,
};

/// Scale of time against which a coefficient might drift.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeScale {
    /// Rank of the event's time among those of all events; events at the same time share the mean of their ranks. (lifelines
    /// numbers them in order of the rows, so that its figure depends on the order of the table.)
    #[default]
    Rank,
    /// 1 − the Kaplan–Meier estimate just after the time.
    KaplanMeier,
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
    /// Kaplan–Meier estimate just after.
    pub(super) survival: f64,
    /// Sum of the Schoenfeld residuals of the events.
    pub(super) residual: Vec<f64>,
}

impl Fit {
    /// Whether the hazard ratios are constant over time: the test of Grambsch and Therneau (Biometrika 81:515, 1994), as
    /// `proportional_hazard_test` of lifelines. With g the events' times on `scale`, s = d·r·V the scaled Schoenfeld
    /// residuals of the d events: (Σ (g − ḡ)·sⱼ)² / (d·Vⱼⱼ·Σ (g − ḡ)²).
    ///
    /// # Errors
    /// [`Error::Undefined`] when all events are at the same time, or for the logarithm of a time of 0.
    pub fn proportional_hazards(&self, scale: TimeScale) -> Result<Vec<ProportionalHazards>> {
        let what = "the check of proportional hazards";
        let all = |of: &dyn Fn(&EventTime) -> f64| -> Vec<f64> {
            self.drift.event_times.iter().flat_map(|at| std::iter::repeat_n(of(at), at.events)).collect()
        };
        let g = match scale {
            TimeScale::Rank => mid_ranks(&all(&|at| at.time)),
            TimeScale::KaplanMeier => all(&|at| 1.0 - at.survival),
            TimeScale::Identity => all(&|at| at.time),
            TimeScale::Log => all(&|at| at.time.ln()),
        };
        if g.iter().any(|g| !g.is_finite()) {
            return Err(Error::Undefined { what, reason: "an event is at time 0, whose logarithm is infinite" });
        }
        let d = g.len() as f64;
        // Nor on the unit of time: squares of very long or short times shall not leave the range of the numbers.
        let largest = g.iter().fold(0.0_f64, |largest, g| largest.max(g.abs())).max(f64::MIN_POSITIVE);
        let g: Vec<f64> = g.iter().map(|g| g / largest).collect();
        let mean = g.iter().sum::<f64>() / d;
        let spread: f64 = g.iter().map(|g| (g - mean) * (g - mean)).sum();
        if g.iter().all(|value| *value == g[0]) || spread <= 0.0 {
            return Err(Error::Undefined { what, reason: "all events are at the same time" });
        }
        let (p, covariance) = (self.coefficients.len(), &self.drift.covariance);
        let mut drift = vec![0.0; p];
        let mut first = 0;
        for at in &self.drift.event_times {
            // Events at the same time have the same g.
            drift.iter_mut().zip(&at.residual).for_each(|(sum, residual)| *sum += (g[first] - mean) * residual);
            first += at.events;
        }
        let checks = self.coefficients.iter().enumerate().map(|(j, coefficient)| {
            let scaled: f64 = (0..p).map(|k| d * covariance[j * p + k] * drift[k]).sum();
            let chi_squared = scaled * scaled / (d * covariance[j * p + j] * spread);
            ProportionalHazards { name: coefficient.name.clone(), chi_squared, p: chi_squared_upper(chi_squared, 1) }
        });
        Ok(checks.collect())
    }
}
