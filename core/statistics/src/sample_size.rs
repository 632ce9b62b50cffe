//! Whether there are enough patients to learn from: the criteria of Riley et al. (Stat. Med. 38:1276, 2019; BMJ 368:m441, 2020).
//!
//! All are for a model that is fitted to every input. A penalty does not lift them: with fewer patients, how much is to be shrunk
//! cannot be learnt either.

use serde::Serialize;

use crate::error::{Error, Result};

/// How many patients each criterion asks for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Needed {
    /// For a shrinkage of 0.9.
    pub shrinkage: u64,
    /// For an optimism of 0.05 in R² (Nagelkerke's, or that of a number).
    pub optimism: u64,
    /// For what everybody is given: ± 0.05 of the risk, or the residual deviation to 10 %.
    pub precision: u64,
    /// The largest of them.
    pub patients: u64,
    /// The R² of Cox and Snell that was assumed; of a number, its R².
    pub r_squared: f64,
}

/// What is to be learnt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Learnt {
    /// A class, with the share of the positive one.
    Class {
        /// Between 0 and 1.
        prevalence: f64,
    },
    /// A time: events per unit of time, mean time of follow-up and the time at which the risk is wanted, in that unit.
    Time {
        /// Above 0.
        rate: f64,
        /// Above 0.
        mean_follow_up: f64,
        /// Above 0.
        horizon: f64,
    },
    /// A number.
    Number,
}

/// Shrinkage that is aimed at, and the optimism that is put up with.
const SHRINKAGE: f64 = 0.9;
const OPTIMISM: f64 = 0.05;
/// Half the width of the interval of what everybody is given.
const MARGIN: f64 = 0.05;

/// The largest R² of Cox and Snell that a model of it can have.
///
/// ```
/// use voxomics_statistics::sample_size::{Learnt, largest_r_squared};
///
/// // 1 − (½^½ · ½^½)².
/// assert!((largest_r_squared(Learnt::Class { prevalence: 0.5 })? - 0.75).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for a prevalence, rate or time that cannot be.
pub fn largest_r_squared(learnt: Learnt) -> Result<f64> {
    let above = |what: &'static str, value: f64| match value > 0.0 && value.is_finite() {
        true => Ok(()),
        false => Err(Error::OutOfRange { what, value, expected: "a number above 0" }),
    };
    match learnt {
        Learnt::Class { prevalence } => {
            between("the share of the positive class", prevalence)?;
            Ok(1.0 - (prevalence.powf(prevalence) * (1.0 - prevalence).powf(1.0 - prevalence)).powi(2))
        }
        Learnt::Time { rate, mean_follow_up, horizon } => {
            above("the rate of events", rate)?;
            above("the mean follow-up", mean_follow_up)?;
            above("the horizon", horizon)?;
            // The log likelihood of a model without inputs, per patient.
            let events = rate * mean_follow_up;
            Ok(1.0 - (2.0 * (events * events.ln() - events)).exp())
        }
        Learnt::Number => Ok(1.0),
    }
}

fn between(what: &'static str, value: f64) -> Result<()> {
    match value > 0.0 && value < 1.0 {
        true => Ok(()),
        false => Err(Error::OutOfRange { what, value, expected: "a number between 0 and 1" }),
    }
}

/// How many patients `parameters` (inputs) ask for, if the model will have an R² of Cox and Snell, or of a number an R², of
/// `r_squared`. As `pmsampsize`; that asks of a time for no more patients if the risk at the horizon is known too badly, this does.
///
/// ```
/// use voxomics_statistics::sample_size::{Learnt, needed};
///
/// // 10 / ((0.9 − 1) · ln(1 − 0.2/0.9)) = 397.9.
/// let found = needed(Learnt::Class { prevalence: 0.5 }, 10, 0.2)?;
/// assert!(found.shrinkage == 398 && found.patients >= 398);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for an R², prevalence, rate or time that cannot be; [`Error::Empty`] without parameters.
pub fn needed(learnt: Learnt, parameters: u64, r_squared: f64) -> Result<Needed> {
    let most = largest_r_squared(learnt)?;
    between("R²", r_squared / most)?;
    if parameters == 0 {
        return Err(Error::Empty { what: "parameters" });
    }
    let p = parameters as f64;
    if let Learnt::Number = learnt {
        return Ok(of_number(p, r_squared));
    }
    let shrunk = |shrinkage: f64| (p / ((shrinkage - 1.0) * (1.0 - r_squared / shrinkage).ln())).ceil();
    if r_squared >= SHRINKAGE {
        return Err(Error::OutOfRange { what: "R²", value: r_squared, expected: "less than the shrinkage of 0.9" });
    }
    let shrinkage = shrunk(SHRINKAGE);
    let optimism = shrunk(r_squared / (r_squared + OPTIMISM * most));
    let precision = match learnt {
        Learnt::Class { prevalence } => ((1.96 / MARGIN).powi(2) * prevalence * (1.0 - prevalence)).ceil(),
        Learnt::Time { rate, mean_follow_up, horizon } => {
            // Whether the interval of the exponential risk at the horizon is within the margin.
            let fits = |n: f64| {
                let error = 1.96 * (rate / (n * mean_follow_up)).sqrt();
                let risk = |rate: f64| 1.0 - (-rate * horizon).exp();
                (risk(rate) - risk(rate - error)).max(risk(rate + error) - risk(rate)) <= MARGIN
            };
            least(fits)
        }
        Learnt::Number => 0.0,
    };
    Ok(all([shrinkage, optimism, precision], r_squared))
}

/// The least whole number, up to a billion, from which on something holds.
fn least(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (1.0, 1e9);
    while low < high {
        let middle = ((low + high) / 2.0_f64).floor();
        if holds(middle) { high = middle } else { low = middle + 1.0 }
    }
    low
}

fn all([shrinkage, optimism, precision]: [f64; 3], r_squared: f64) -> Needed {
    Needed {
        shrinkage: shrinkage as u64,
        optimism: optimism as u64,
        precision: precision as u64,
        patients: shrinkage.max(optimism).max(precision) as u64,
        r_squared,
    }
}

/// The criteria of a number (Riley et al., Stat. Med. 38:1262, 2019); with 234 patients more than inputs, the residual deviation is
/// known to 10 %.
fn of_number(p: f64, r_squared: f64) -> Needed {
    let shrinks = |n: f64| {
        let apparent = (r_squared * (n - p - 1.0) + p) / (n - 1.0);
        n > p + 2.0 && 1.0 + (p - 2.0) / (n * (1.0 - apparent).ln()) >= SHRINKAGE
    };
    let optimism = (1.0 + p * (1.0 - r_squared) / OPTIMISM).ceil();
    all([least(shrinks), optimism, 234.0 + p], r_squared)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples in the documentation of R's pmsampsize.
    #[test]
    fn as_many_patients_as_pmsampsize_asks_for() {
        let of = |learnt, p, r_squared| {
            let found = needed(learnt, p, r_squared).expect("it can be");
            (found.shrinkage, found.optimism, found.precision, found.patients)
        };
        assert_eq!(of(Learnt::Class { prevalence: 0.174 }, 24, 0.288), (623, 662, 221, 662));
        let time = Learnt::Time { rate: 0.065, mean_follow_up: 2.07, horizon: 2.0 };
        let (shrinkage, optimism, _, patients) = of(time, 30, 0.051);
        assert_eq!((shrinkage, optimism, patients), (5143, 1039, 5143));
        assert_eq!(of(Learnt::Number, 25, 0.2), (918, 401, 259, 918));
        assert!((largest_r_squared(time).expect("it can be") - 0.5546).abs() < 5e-4);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert!(needed(Learnt::Class { prevalence: 0.0 }, 3, 0.1).is_err());
        assert!(needed(Learnt::Class { prevalence: 0.5 }, 0, 0.1).is_err());
        assert!(needed(Learnt::Class { prevalence: 0.5 }, 3, 0.99).is_err());
        assert!(needed(Learnt::Number, 3, 1.0).is_err());
        assert!(needed(Learnt::Time { rate: 0.1, mean_follow_up: 2.0, horizon: f64::NAN }, 3, 0.1).is_err());
    }
}
