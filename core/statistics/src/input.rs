//! Checks that every statistic makes of its input, and types that carry a check with them.

use serde::Serialize;

use crate::{
    distribution::normal_quantile,
    error::{Error, Result},
};

/// Probability with which an interval covers, in (0, 1).
///
/// ```
/// use voxomics_statistics::Level;
///
/// assert_eq!((Level::P95.probability(), Level::new(0.9)?.probability()), (0.95, 0.9));
/// assert!(Level::new(95.0).is_err());
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Level(f64);

impl Level {
    /// The level of 95 %, as in most tables.
    pub const P95: Self = Self(0.95);

    /// A level of `probability`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 0 < `probability` < 1.
    pub fn new(probability: f64) -> Result<Self> {
        if probability > 0.0 && probability < 1.0 {
            Ok(Self(probability))
        } else {
            Err(Error::OutOfRange { what: "level", value: probability, expected: "a probability between 0 and 1" })
        }
    }

    /// The probability, between 0 and 1.
    pub fn probability(self) -> f64 {
        self.0
    }

    /// The normal deviate of a two-sided interval, 1.96 for 95 %.
    pub(crate) fn z(self) -> f64 {
        normal_quantile(0.5 + self.0 / 2.0)
    }

    /// The probability left out on either side, 0.025 for 95 %.
    pub(crate) fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }
}

impl Default for Level {
    fn default() -> Self {
        Self::P95
    }
}

/// A confidence interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Lower limit, in the unit of the figure.
    pub low: f64,
    /// Upper limit, in the unit of the figure.
    pub high: f64,
}

impl Interval {
    /// `centre` ± `half`.
    pub(crate) fn around(centre: f64, half: f64) -> Self {
        Self { low: centre - half, high: centre + half }
    }

    /// The interval of a share whose logit ± `half`·(1 / (share·(1 − share))) it is, by the delta method; within 0 and 1 wherever it lies.
    /// `None` of a share of 0 or 1.
    pub(crate) fn on_logits(share: f64, half: f64) -> Option<Self> {
        let inside = share > 0.0 && share < 1.0;
        inside.then(|| {
            let logit = Self::around((share / (1.0 - share)).ln(), half / (share * (1.0 - share)));
            logit.map(|x| 1.0 / (1.0 + (-x).exp()))
        })
    }

    /// The part of it within `low` and `high`.
    pub(crate) fn within(self, low: f64, high: f64) -> Self {
        Self { low: self.low.clamp(low, high), high: self.high.clamp(low, high) }
    }

    /// Whether it reaches 0 or 1: of a share it was perhaps cut off there, and says nothing of its own end.
    ///
    /// ```
    /// use voxomics_statistics::Interval;
    ///
    /// assert!(Interval { low: 0.7, high: 1.0 }.leaves_shares() && !Interval { low: 0.7, high: 0.9 }.leaves_shares());
    /// ```
    pub fn leaves_shares(self) -> bool {
        self.low <= 0.0 || self.high >= 1.0
    }

    /// Both limits through an increasing function.
    pub(crate) fn map(self, f: impl Fn(f64) -> f64) -> Self {
        Self { low: f(self.low), high: f(self.high) }
    }
}

/// Right-censored times to an event, checked: as many times as indicators, at least one, each finite and not negative.
///
/// ```
/// use voxomics_statistics::Survival;
///
/// let data = Survival::new(&[12.0, 30.5], &[true, false])?;
/// assert_eq!((data.len(), data.event_count(), data.times()[1], data.events()[1]), (2, 1, 30.5, false));
/// assert!(Survival::new(&[-1.0], &[true]).is_err());
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Survival<'a> {
    times: &'a [f64],
    events: &'a [bool],
}

impl<'a> Survival<'a> {
    /// `times` from entry to the event, or to censoring where `events` is false. Any unit.
    ///
    /// # Errors
    /// [`Error::Empty`], [`Error::LengthsDiffer`], [`Error::NotFinite`], or [`Error::OutOfRange`] for a negative time.
    pub fn new(times: &'a [f64], events: &'a [bool]) -> Result<Self> {
        same_length(("times", times.len()), ("events", events.len()))?;
        finite("times", times)?;
        if let Some(&value) = times.iter().find(|&&time| time < 0.0) {
            return Err(Error::OutOfRange { what: "times", value, expected: "no negative time" });
        }
        Ok(Self { times, events })
    }

    /// Time of each observation.
    pub fn times(&self) -> &'a [f64] {
        self.times
    }

    /// Whether each observation ends with the event.
    pub fn events(&self) -> &'a [bool] {
        self.events
    }

    /// Number of observations.
    #[expect(clippy::len_without_is_empty, reason = "there is at least one observation")]
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Number of observations that end with the event.
    pub fn event_count(&self) -> usize {
        count(self.events)
    }

    /// The same, if there is an event.
    pub(crate) fn with_events(self) -> Result<Self> {
        if self.event_count() == 0 { Err(Error::NoEvents { observations: self.len() }) } else { Ok(self) }
    }

    /// Positions in order of time.
    pub(crate) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by(|&a, &b| self.times[a].total_cmp(&self.times[b]));
        order
    }
}

/// How many are true.
pub(crate) fn count(flags: &[bool]) -> usize {
    flags.iter().filter(|&&flag| flag).count()
}

/// At least one value, and all of them finite.
pub(crate) fn finite(what: &'static str, values: &[f64]) -> Result<()> {
    if values.is_empty() {
        return Err(Error::Empty { what });
    }
    finite_column(what, values)
}

/// Larger values could have infinite squares.
const LARGEST: f64 = 1e150;

/// All values are finite, and so are their squares.
pub(crate) fn finite_column(what: &str, values: &[f64]) -> Result<()> {
    match values.iter().position(|value| value.is_nan() || value.abs() > LARGEST) {
        Some(index) => Err(Error::NotFinite { what: what.to_owned(), index, value: values[index] }),
        None => Ok(()),
    }
}

/// As many of the one as of the other.
pub(crate) fn same_length(left: (&'static str, usize), right: (&'static str, usize)) -> Result<()> {
    if left.1 == right.1 { Ok(()) } else { Err(Error::LengthsDiffer { left, right }) }
}

/// Finite scores of cases of both classes. Returns the numbers of positives and of negatives.
pub(crate) fn two_classes(what: &'static str, scores: &[f64], outcome: &[bool]) -> Result<(usize, usize)> {
    same_length((what, scores.len()), ("outcomes", outcome.len()))?;
    finite(what, scores)?;
    let positives = count(outcome);
    let negatives = outcome.len() - positives;
    if positives == 0 || negatives == 0 {
        return Err(Error::OneClass { positives, negatives });
    }
    Ok((positives, negatives))
}

/// Predicted probabilities of known outcomes, each in [0, 1].
pub(crate) fn probabilities(predicted: &[f64], outcome: &[bool]) -> Result<()> {
    same_length(("predictions", predicted.len()), ("outcomes", outcome.len()))?;
    finite("predictions", predicted)?;
    match predicted.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        Some(&value) => Err(Error::OutOfRange { what: "predictions", value, expected: "probabilities from 0 to 1" }),
        None => Ok(()),
    }
}
