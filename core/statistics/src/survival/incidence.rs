//! Cumulative incidence of an event beside others that prevent it.

use serde::Serialize;

use crate::{
    error::{Error, Result},
    input::{finite, same_length},
};

/// A time at which something happens.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moment {
    /// The time.
    pub time: f64,
    /// Observations that are under observation just before.
    pub at_risk: usize,
    /// Probability that nothing has happened up to and with this time.
    pub free: f64,
    /// For each cause, the probability that it has happened first, up to and with this time.
    pub incidence: Vec<f64>,
}

/// The estimate of Aalen and Johansen (Scand. J. Stat. 5:141, 1978) for causes of which the first counts: `cause` is 0 for an
/// observation that was censored, otherwise the number of what happened, from 1. 1 − Kaplan–Meier of one cause, with the others
/// taken for censoring, is too high: it lives on in a world without them. As `survfit` of R's survival with a factor.
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
    for tied in order.chunk_by(|&a, &b| times[a] == times[b]) {
        let mut ended = 0;
        for &case in tied.iter().filter(|&&case| cause[case] > 0) {
            incidence[cause[case] - 1] += free / at_risk as f64;
            ended += 1;
        }
        free *= (at_risk - ended) as f64 / at_risk as f64;
        moments.push(Moment { time: times[tied[0]], at_risk, free, incidence: incidence.clone() });
        at_risk -= tied.len();
    }
    Ok(moments)
}
