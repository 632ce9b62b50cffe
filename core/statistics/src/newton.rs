//! The maximum of a concave log-likelihood by Newton's method with halved steps.

use crate::{
    error::Error,
    linear::{Cholesky, diagonal},
};

/// Steps after which there is no more hope: a maximum that exists is found in about ten.
const STEPS: usize = 60;
/// The method doubles the digits: after a step as small as this one the next would be lost in rounding.
const SMALL: f64 = 1e-9;
/// Steps in a row that move a coefficient but not the likelihood, before the likelihood is called monotone.
const STALLED: usize = 4;

/// A log-likelihood at a point.
pub(crate) struct Derivatives {
    pub(crate) log_likelihood: f64,
    /// First derivatives.
    pub(crate) score: Vec<f64>,
    /// Second derivatives with the sign turned, row after row.
    pub(crate) information: Vec<f64>,
}

/// The maximum.
pub(crate) struct Maximum {
    pub(crate) coefficients: Vec<f64>,
    /// The inverse of the information, row after row.
    pub(crate) covariance: Vec<f64>,
    pub(crate) log_likelihood: f64,
    /// The log-likelihood at zero.
    pub(crate) null_log_likelihood: f64,
    /// Rao's statistic at zero: uᵀ·I⁻¹·u.
    pub(crate) score_statistic: f64,
    pub(crate) iterations: usize,
}

/// Why there is none. The column is that of the coefficient.
pub(crate) enum Fault {
    Singular(usize),
    Monotone(usize),
    NotConverged(usize),
}

impl Fault {
    /// The error, with the name of the column.
    pub(crate) fn named(self, name: impl Fn(usize) -> String) -> Error {
        match self {
            Self::Singular(column) => Error::Singular { covariate: name(column) },
            Self::Monotone(column) => Error::Monotone { covariate: name(column) },
            Self::NotConverged(iterations) => Error::NotConverged { iterations },
        }
    }
}

/// Position of the largest absolute value.
fn largest(values: &[f64]) -> usize {
    (0..values.len()).max_by(|&a, &b| values[a].abs().total_cmp(&values[b].abs())).unwrap_or(0)
}

/// Climbs from zero. Columns should be standardised: steps are judged against 1.
pub(crate) fn maximise(columns: usize, likelihood: impl Fn(&[f64]) -> Derivatives) -> Result<Maximum, Fault> {
    let mut point = vec![0.0; columns];
    let mut here = likelihood(&point);
    let null_log_likelihood = here.log_likelihood;
    let scale = diagonal(&here.information, columns).iter().map(|&d| d.max(1e-10)).collect::<Vec<_>>();
    let start = Cholesky::new(&here.information, &scale).map_err(Fault::Singular)?.solve(&here.score);
    let score_statistic = crate::linear::dot(&start, &here.score);
    let mut stalled = 0;
    for iterations in 1..=STEPS {
        let factor = Cholesky::new(&here.information, &scale).map_err(|_| Fault::Monotone(largest(&point)))?;
        let step = factor.solve(&here.score);
        let size = step[largest(&step)].abs();
        let noise = 1e-11 * (here.log_likelihood.abs() + 1.0);
        let (to, there) =
            halved(&point, &step, here.log_likelihood - noise, &likelihood).ok_or(Fault::NotConverged(iterations))?;
        let gain = there.log_likelihood - here.log_likelihood;
        (point, here) = (to, there);
        if size < SMALL * (1.0 + point[largest(&point)].abs()) {
            let factor = Cholesky::new(&here.information, &scale).map_err(|_| Fault::Monotone(largest(&point)))?;
            return Ok(Maximum {
                covariance: factor.inverse(),
                coefficients: point,
                log_likelihood: here.log_likelihood,
                null_log_likelihood,
                score_statistic,
                iterations,
            });
        }
        let flat = gain.abs() < 1e-9 * (here.log_likelihood.abs() + 1.0) && size > 1e-3;
        stalled = if flat { stalled + 1 } else { 0 };
        if stalled == STALLED {
            return Err(Fault::Monotone(largest(&step)));
        }
    }
    Err(Fault::NotConverged(STEPS))
}

/// The first of the whole step, its half, its quarter, … that does not fall below `floor`.
fn halved(
    point: &[f64],
    step: &[f64],
    floor: f64,
    likelihood: &impl Fn(&[f64]) -> Derivatives,
) -> Option<(Vec<f64>, Derivatives)> {
    let mut share = 1.0;
    for _ in 0..40 {
        let to: Vec<f64> = point.iter().zip(step).map(|(p, s)| p + share * s).collect();
        let there = likelihood(&to);
        if there.log_likelihood.is_finite() && there.log_likelihood >= floor {
            return Some((to, there));
        }
        share /= 2.0;
    }
    None
}
