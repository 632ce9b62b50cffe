//! Uno's C: concordance whose limit does not depend on the censoring.

use serde::Serialize;

use crate::{
    concordance::{Tally, distinct},
    error::{Error, Result},
    input::{Survival, finite, same_length},
    survival::censoring::Censoring,
};

/// Uno's C.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Uno {
    /// Σ w·(concordant + ½·tied) / Σ w·pairs over the events up to the horizon.
    pub value: f64,
    /// Events that count.
    pub events: usize,
    /// The last time at which an event counts, in the unit of the data.
    pub horizon: f64,
}

/// Uno's C (Stat. Med. 30:1105, 2011) of `risk`, higher for an earlier event: Harrell's, but each event up to and with
/// `horizon` weighs 1/G², where G is the Kaplan–Meier estimate of the censoring just before its time, of the same cases. As
/// `concordance(…, timewt = "n/G2", ymax = horizon)` of R's survival. O(n log n).
///
/// ```
/// use voxomics_statistics::{Survival, uno::uno};
///
/// // Nobody is censored: it is Harrell's C. Of the five pairs with an event up to 2, four are in order.
/// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let found = uno(data, &[9.0, 1.0, 2.0, 0.0], 2.0)?;
/// assert!((found.value - 0.8).abs() < 1e-12 && found.events == 2);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoEvents`], [`Error::NoPairs`], [`Error::OutOfRange`] for a horizon that is no time, and what is wrong with the
/// input.
pub fn uno(data: Survival<'_>, risk: &[f64], horizon: f64) -> Result<Uno> {
    same_length(("times", data.len()), ("risk scores", risk.len()))?;
    finite("risk scores", risk)?;
    let data = data.with_events()?;
    if !(horizon > 0.0 && horizon.is_finite()) {
        return Err(Error::OutOfRange { what: "horizon", value: horizon, expected: "a time above 0" });
    }
    let (times, events, order) = (data.times(), data.events(), data.order());
    let scores = distinct(order.iter().map(|&case| risk[case]));
    let rank = |case: usize| scores.partition_point(|&score| score < risk[case]);
    let censoring = Censoring::new(data);
    let mut later = Tally::new(scores.len());
    let (mut concordant, mut pairs, mut counted) = (0.0, 0.0, 0);
    for tied in order.chunk_by(|&a, &b| times[a] == times[b]).rev() {
        tied.iter().filter(|&&case| !events[case]).for_each(|&case| later.add(rank(case)));
        let time = times[tied[0]];
        if time <= horizon {
            let g = censoring.before(time);
            for &case in tied.iter().filter(|&&case| events[case]) {
                let (below, equal, above) = later.around(rank(case));
                concordant += (below as f64 + 0.5 * equal as f64) / (g * g);
                pairs += (below + equal + above) as f64 / (g * g);
                counted += 1;
            }
        }
        tied.iter().filter(|&&case| events[case]).for_each(|&case| later.add(rank(case)));
    }
    match pairs > 0.0 {
        true => Ok(Uno { value: concordant / pairs, events: counted, horizon }),
        false => Err(Error::NoPairs { observations: data.len() }),
    }
}
