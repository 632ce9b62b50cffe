//! The product-limit estimate (Kaplan and Meier, J. Am. Stat. Assoc. 53:457, 1958).
//!
//! Who is censored at t is at risk at t: events come before censorings at the same time.

use serde::Serialize;

use crate::{
    error::{Error, Result},
    input::{Interval, Level, Survival},
};

/// Scale on which the interval of a survival probability S is symmetric, with σ² = Σ d/(n(n − d)) of Greenwood (1926).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// S^exp(± z·σ/ln S): log(−log S), as Kalbfleisch and Prentice. Never leaves [0, 1].
    #[default]
    LogLog,
    /// S·exp(± z·σ), clipped at 1. The default of R's survival package.
    Log,
    /// S ± z·S·σ, clipped to [0, 1].
    Plain,
}

/// The estimate from one time of the data on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The time, in the unit of the data.
    pub time: f64,
    /// Observations that are under observation just before.
    pub at_risk: usize,
    /// Events at this time.
    pub events: usize,
    /// Censored at this time.
    pub censored: usize,
    /// Probability to survive this time.
    pub survival: f64,
    /// S·σ. `None` when the survival is 0.
    pub standard_error: Option<f64>,
    /// `None` when the survival is 0, and before the first event, where Greenwood's variance is 0 however few are watched.
    pub interval: Option<Interval>,
    /// Greenwood's sum so far.
    #[serde(skip)]
    greenwood: f64,
}

/// A quantile of the time to the event.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SurvivalTime {
    /// The first time at which the survival is at most the wanted one, or the middle of the time in which it is the wanted
    /// one. `None` if that is not reached.
    pub value: Option<f64>,
    /// The first time at which the lower limit of the survival is at most the wanted one.
    pub low: Option<f64>,
    /// The first time at which the upper limit is. `None` if that is not reached.
    pub high: Option<f64>,
}

/// Mean of the time to the event, up to a horizon.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RestrictedMean {
    /// Area below the curve up to the horizon, in units of time.
    pub value: f64,
    /// √(Σ (area beyond tᵢ)²·d/(n(n − d))).
    pub standard_error: f64,
}

/// The estimate.
///
/// ```
/// use voxomics_statistics::{
///     Level, Survival,
///     survival::kaplan_meier::{Scale, estimate},
/// };
///
/// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true, true, false, true])?;
/// let found = estimate(data, Level::P95, Scale::LogLog);
/// let survival: Vec<f64> = found.steps.iter().map(|step| step.survival).collect();
/// // 3/4, then 2/3 of it. The case that is censored at 3 leaves one, who has the event.
/// assert_eq!(survival, [0.75, 0.5, 0.5, 0.0]);
/// assert_eq!((found.survival_at(2.5).unwrap().0, found.at_risk(&[2.0, 3.5])), (0.5, vec![3, 1]));
/// // The curve runs flat at one half from 2 to 4.
/// assert_eq!((found.median()?.value, found.time_of(0.75)?.value), (Some(3.0), Some(1.5)));
/// // 1 + 0.75 + 0.5 + 0.5.
/// assert_eq!(found.restricted_mean(4.0)?.value, 2.75);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KaplanMeier {
    /// One for every distinct time, also those of censorings alone.
    pub steps: Vec<Step>,
    /// Number of observations.
    pub n: usize,
    /// Observations that end with the event.
    pub events: usize,
    /// Level of the intervals.
    pub level: Level,
    /// Scale of the intervals.
    pub scale: Scale,
}

/// The estimate for `data`. Without any event it is 1 throughout.
///
/// [`KaplanMeier`] has an example.
pub fn estimate(data: Survival<'_>, level: Level, scale: Scale) -> KaplanMeier {
    let order = data.order();
    let (times, ends) = (data.times(), data.events());
    let mut at_risk = data.len();
    let (mut survival, mut greenwood) = (1.0, 0.0);
    let mut steps = Vec::new();
    for tied in order.chunk_by(|&a, &b| times[a] == times[b]) {
        let events = tied.iter().filter(|&&case| ends[case]).count();
        let (n, d) = (at_risk as f64, events as f64);
        survival *= (n - d) / n;
        if events < at_risk {
            greenwood += d / (n * (n - d));
        }
        let known = survival > 0.0;
        steps.push(Step {
            time: times[tied[0]],
            at_risk,
            events,
            censored: tied.len() - events,
            survival,
            standard_error: known.then(|| survival * greenwood.sqrt()),
            interval: (known && survival < 1.0).then(|| interval(survival, greenwood.sqrt(), level, scale)),
            greenwood,
        });
        at_risk -= tied.len();
    }
    KaplanMeier { steps, n: data.len(), events: data.event_count(), level, scale }
}

fn interval(survival: f64, sigma: f64, level: Level, scale: Scale) -> Interval {
    let half = level.z() * sigma;
    match scale {
        Scale::LogLog => {
            let power = (half / survival.ln()).exp();
            Interval { low: survival.powf(1.0 / power), high: survival.powf(power) }
        }
        Scale::Log => Interval { low: survival * (-half).exp(), high: (survival * half.exp()).min(1.0) },
        Scale::Plain => Interval::around(survival, survival * half).within(0.0, 1.0),
    }
}

impl KaplanMeier {
    /// The step that holds at `time`, if it is not before the first.
    fn step_at(&self, time: f64) -> Option<&Step> {
        self.steps[..self.steps.partition_point(|step| step.time <= time)].last()
    }

    /// Probability to survive `time`, with its interval. `None` after the last time, unless no one survived it: nothing is
    /// known there.
    pub fn survival_at(&self, time: f64) -> Option<(f64, Option<Interval>)> {
        let last = self.steps.last()?;
        if time.is_nan() || (time > last.time && last.survival > 0.0) {
            return None;
        }
        Some(self.step_at(time).map_or((1.0, None), |s| (s.survival, s.interval)))
    }

    /// Probability to survive up to just before `time`.
    pub(crate) fn survival_before(&self, time: f64) -> f64 {
        self.steps[..self.steps.partition_point(|step| step.time < time)].last().map_or(1.0, |step| step.survival)
    }

    /// How many are under observation just before each of `times`: those with this time or a later one.
    pub fn at_risk(&self, times: &[f64]) -> Vec<usize> {
        let next = |time: f64| self.steps.get(self.steps.partition_point(|step| step.time < time));
        times.iter().map(|&time| next(time).map_or(0, |step| step.at_risk)).collect()
    }

    /// The time that a share of `1 − survival` does not survive, with the interval of Brookmeyer and Crowley (Biometrics
    /// 38:29, 1982): the times whose own interval holds `survival`. Where a curve or limit runs flat at `survival` itself, the
    /// time is the middle of the flat part, as in R; where it never falls below it, the beginning.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless 0 < `survival` < 1.
    pub fn time_of(&self, survival: f64) -> Result<SurvivalTime> {
        if !(survival > 0.0 && survival < 1.0) {
            let expected = "a probability between 0 and 1";
            return Err(Error::OutOfRange { what: "survival", value: survival, expected });
        }
        // A product that should be exactly the wanted share may miss it by its last digits.
        let reached = |value: f64| value <= survival * (1.0 + 1e-12);
        let below = |value: f64| value < survival * (1.0 - 1e-12);
        let first = |of: &dyn Fn(&Step) -> Option<f64>| {
            let mut from = self.steps.iter().skip_while(|step| !of(step).is_some_and(reached));
            let start = from.next()?;
            let flat = !of(start).is_some_and(below);
            let end = from.find(|step| of(step).is_some_and(below)).filter(|_| flat);
            Some(end.map_or(start.time, |end| start.time + 0.5 * (end.time - start.time)))
        };
        Ok(SurvivalTime {
            value: first(&|step| Some(step.survival)),
            low: first(&|step| step.interval.map(|interval| interval.low)),
            high: first(&|step| step.interval.map(|interval| interval.high)),
        })
    }

    /// The time that half does not survive.
    ///
    /// # Errors
    /// None in practice; see [`KaplanMeier::time_of`].
    pub fn median(&self) -> Result<SurvivalTime> {
        self.time_of(0.5)
    }

    /// Mean time to the event, each time counted up to `horizon` at most (Klein and Moeschberger, Survival Analysis, 2003,
    /// § 4.5).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a horizon that is not above 0, or beyond the last time when some survived it.
    pub fn restricted_mean(&self, horizon: f64) -> Result<RestrictedMean> {
        let known = self.steps.last().is_some_and(|last| horizon <= last.time || last.survival == 0.0);
        if !(horizon > 0.0 && horizon.is_finite() && known) {
            let expected = "a time above 0 up to which the survival is known";
            return Err(Error::OutOfRange { what: "horizon", value: horizon, expected });
        }
        let steps = &self.steps[..self.steps.partition_point(|step| step.time < horizon)];
        let (mut value, mut variance) = (0.0, 0.0);
        let mut end = horizon;
        for (at, step) in steps.iter().enumerate().rev() {
            value += step.survival * (end - step.time);
            let before = if at == 0 { 0.0 } else { steps[at - 1].greenwood };
            variance += value * value * (step.greenwood - before);
            end = step.time;
        }
        Ok(RestrictedMean { value: value + end, standard_error: variance.sqrt() })
    }
}
