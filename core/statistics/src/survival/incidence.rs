//! Cumulative incidence of an event beside others that prevent it.

use serde::Serialize;

use crate::{
    error::{Error, Result},
    input::{Interval, Level, finite, same_length},
};

/// A time at which something happens.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moment {
    /// The time, in the unit of the data.
    pub time: f64,
    /// Observations that are under observation just before.
    pub at_risk: usize,
    /// Probability that nothing has happened up to and with this time.
    pub free: f64,
    /// For each cause, the probability that it has happened first, up to and with this time.
    pub incidence: Vec<f64>,
    /// Its standard error by the infinitesimal jackknife: the root of the sum of the squared influences of the observations.
    pub standard_error: Vec<f64>,
}

/// The estimate of Aalen and Johansen (Scand. J. Stat. 5:141, 1978) for causes of which the first counts: `cause` is 0 for an
/// observation that was censored, otherwise the number of what happened, from 1. 1 − Kaplan–Meier of one cause, with the others
/// taken for censoring, is too high: it lives on in a world without them. As `survfit` of R's survival with a factor.
///
/// ```
/// use voxomics_statistics::survival::incidence::cumulative_incidence;
///
/// // One of two has the first cause, then the other one the second.
/// let moments = cumulative_incidence(&[1.0, 2.0], &[1, 2])?;
/// assert_eq!((moments[0].free, moments[0].incidence.as_slice()), (0.5, &[0.5, 0.0][..]));
/// assert_eq!((moments[1].free, moments[1].incidence.as_slice()), (0.0, &[0.5, 0.5][..]));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// What is wrong with the input; [`Error::NoEvents`].
pub fn cumulative_incidence(times: &[f64], cause: &[usize]) -> Result<Vec<Moment>> {
    same_length(("times", times.len()), ("causes", cause.len()))?;
    finite("times", times)?;
    if let Some(&value) = times.iter().find(|&&time| time < 0.0) {
        return Err(Error::OutOfRange { what: "times", value, expected: "no negative time" });
    }
    let causes = cause.iter().copied().max().unwrap_or(0);
    if causes == 0 {
        return Err(Error::NoEvents { observations: times.len() });
    }
    // More causes than observations is a mistake of who numbers them.
    if causes > times.len() {
        let expected = "causes from 1 to the number of observations";
        return Err(Error::OutOfRange { what: "causes", value: causes as f64, expected });
    }
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|&a, &b| times[a].total_cmp(&times[b]));
    let (mut at_risk, mut free, mut incidence) = (times.len(), 1.0, vec![0.0; causes]);
    let mut moments = Vec::new();
    let mut influence = Influence::new(times.len(), causes);
    for tied in order.chunk_by(|&a, &b| times[a] == times[b]) {
        influence.pass(&order, times.len() - at_risk, tied, cause, free);
        let mut ended = 0;
        for &case in tied.iter().filter(|&&case| cause[case] > 0) {
            incidence[cause[case] - 1] += free / at_risk as f64;
            ended += 1;
        }
        free *= (at_risk - ended) as f64 / at_risk as f64;
        let standard_error = influence.errors();
        moments.push(Moment { time: times[tied[0]], at_risk, free, incidence: incidence.clone(), standard_error });
        at_risk -= tied.len();
    }
    Ok(moments)
}

/// The interval of an incidence F by its standard error: 1 − (1 − F)^exp(± z·SE / ((1 − F)·ln(1 − F))), by log(−log) of 1 − F, which never
/// leaves 0 and 1. `None` of 0 and 1, and without an error.
///
/// ```
/// use voxomics_statistics::{Level, survival::incidence::interval};
///
/// let found = interval(0.5, 0.1, Level::P95).unwrap();
/// assert!(found.low < 0.5 && 0.5 < found.high);
/// assert_eq!(interval(0.0, 0.1, Level::P95), None);
/// ```
pub fn interval(incidence: f64, standard_error: f64, level: Level) -> Option<Interval> {
    let free = 1.0 - incidence;
    if !(incidence > 0.0 && free > 0.0 && standard_error > 0.0) {
        return None;
    }
    let power = (level.z() * standard_error / (free * free.ln()).abs()).exp();
    Some(Interval { low: 1.0 - free.powf(1.0 / power), high: 1.0 - free.powf(power) })
}

/// How much each observation moves the estimates.
struct Influence {
    free: Vec<f64>,
    /// Cause after cause.
    incidence: Vec<Vec<f64>>,
    /// Sums of the squares, cause by cause.
    sums: Vec<f64>,
}

impl Influence {
    fn new(rows: usize, causes: usize) -> Self {
        Self { free: vec![0.0; rows], incidence: vec![vec![0.0; rows]; causes], sums: vec![0.0; causes] }
    }

    /// Goes over a time: `order[from..]` are at risk just before, `tied` end then, `free` is the probability of nothing so far.
    fn pass(&mut self, order: &[usize], from: usize, tied: &[usize], cause: &[usize], free: f64) {
        let n = (order.len() - from) as f64;
        let ended = |k: usize| tied.iter().filter(|&&case| cause[case] == k).count() as f64;
        let events = tied.iter().filter(|&&case| cause[case] > 0).count() as f64;
        if events == 0.0 {
            return;
        }
        for (at, incidence) in self.incidence.iter_mut().enumerate() {
            let hazard = ended(at + 1) / n;
            for (case, value) in incidence.iter_mut().enumerate() {
                *value += hazard * self.free[case];
            }
            for (place, &case) in order[from..].iter().enumerate() {
                let happened = if place < tied.len() && cause[case] == at + 1 { 1.0 } else { 0.0 };
                incidence[case] += free * (happened - hazard) / n;
            }
        }
        let hazard = events / n;
        self.free.iter_mut().for_each(|value| *value *= 1.0 - hazard);
        for (place, &case) in order[from..].iter().enumerate() {
            let happened = if place < tied.len() && cause[case] > 0 { 1.0 } else { 0.0 };
            self.free[case] -= free * (happened - hazard) / n;
        }
        for (sum, incidence) in self.sums.iter_mut().zip(&self.incidence) {
            *sum = incidence.iter().map(|value| value * value).sum();
        }
    }

    fn errors(&self) -> Vec<f64> {
        self.sums.iter().map(|sum| sum.sqrt()).collect()
    }
}
