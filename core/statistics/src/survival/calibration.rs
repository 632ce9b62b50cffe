//! Whether predicted risks are right under censoring: in the large, by their slope, along their curve; and what it is worth to act
//! on them.

use serde::Serialize;

use super::{
    kaplan_meier::{KaplanMeier, Scale, estimate},
    prediction_error::reached,
};
use crate::{
    cox::{Covariate, Options, fit},
    error::{Error, Result},
    input::{Interval, Level, Survival, finite, same_length},
    rank::quantiles,
};

/// Calibration in the large at a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct InTheLarge {
    /// 1 − the Kaplan–Meier estimate.
    pub observed: f64,
    /// Its interval, by log(−log).
    pub interval: Option<Interval>,
    /// Mean of the predicted risks.
    pub predicted: f64,
    /// `observed` / `predicted`: above 1, risks are too low.
    pub ratio: f64,
    /// Of the ratio: e^(ln ratio ± z·SE/observed), SE being that of the Kaplan–Meier estimate; that of the predictions is none, as
    /// they are given.
    pub ratio_interval: Option<Interval>,
}

/// Observed against predicted risk at `time`.
///
/// ```
/// use voxomics_statistics::{Level, Survival, survival::calibration::in_the_large};
///
/// // Two of four have the event by the time 2, and so many were predicted.
/// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let found = in_the_large(data, &[0.5; 4], 2.0, Level::P95)?;
/// assert_eq!((found.observed, found.predicted, found.ratio), (0.5, 0.5, 1.0));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoEvents`] up to the time, [`Error::Undefined`] for one that nobody was followed up to or if every risk is 0, and what
/// is wrong with the input.
pub fn in_the_large(data: Survival<'_>, risk: &[f64], time: f64, level: Level) -> Result<InTheLarge> {
    risks(data, risk, time)?;
    let (observed, interval, error) = observed(data, time, level)?;
    let predicted = risk.iter().sum::<f64>() / risk.len() as f64;
    if observed <= 0.0 {
        return Err(Error::NoEvents { observations: data.len() });
    }
    if predicted <= 0.0 {
        return Err(Error::Undefined { what: "observed by predicted risk", reason: "every predicted risk is 0" });
    }
    let ratio = observed / predicted;
    let around = |error: f64| Interval::around(ratio.ln(), level.z() * error / observed).map(f64::exp);
    Ok(InTheLarge { observed, interval, predicted, ratio, ratio_interval: error.map(around) })
}

/// Risk by Kaplan and Meier at a time, its interval and standard error.
fn observed(data: Survival<'_>, time: f64, level: Level) -> Result<(f64, Option<Interval>, Option<f64>)> {
    let curve = estimate(data, level, Scale::LogLog);
    let step = last_step(&curve, time);
    let (survival, interval) = curve
        .survival_at(time)
        .ok_or(Error::Undefined { what: "the observed risk", reason: "nobody was followed up to this time" })?;
    let turned = interval.map(|found| Interval { low: 1.0 - found.high, high: 1.0 - found.low });
    Ok((1.0 - survival, turned, step.and_then(|at| curve.steps[at].standard_error)))
}

fn last_step(curve: &KaplanMeier, time: f64) -> Option<usize> {
    curve.steps.partition_point(|step| step.time <= time).checked_sub(1)
}

fn risks(data: Survival<'_>, risk: &[f64], time: f64) -> Result<()> {
    same_length(("times", data.len()), ("risks", risk.len()))?;
    finite("risks", risk)?;
    if let Some(&value) = risk.iter().find(|risk| !(0.0..=1.0).contains(*risk)) {
        return Err(Error::OutOfRange { what: "risks", value, expected: "probabilities from 0 to 1" });
    }
    reached(data, time)
}

/// The calibration slope: the coefficient of `eta`, the logarithm of the predicted relative hazard, in Cox's model. 1 if it is
/// right; below 1 the predictions are too extreme, as of a model that is fitted too closely.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Slope {
    /// The coefficient of the linear predictor; 1 if predictions are as extreme as what happens.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Value ± z·SE.
    pub interval: Interval,
}

/// The calibration slope (van Houwelingen, Stat. Med. 19:3401, 2000).
///
/// ```
/// use voxomics_statistics::{Level, Survival, survival::calibration::slope};
///
/// // The hazard ratio of the example of `cox::fit` is predicted.
/// let (data, ratio) = (Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?, (1.0 + 17_f64.sqrt()) / 2.0);
/// let found = slope(data, &[ratio.ln(), 0.0, ratio.ln(), 0.0], Level::P95)?;
/// assert!((found.value - 1.0).abs() < 1e-6);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// As of [`fit`].
pub fn slope(data: Survival<'_>, eta: &[f64], level: Level) -> Result<Slope> {
    let found =
        fit(data, &[Covariate { name: "the prediction", values: eta }], Options { level, ..Options::default() })?;
    let of = &found.coefficients[0];
    Ok(Slope {
        value: of.coefficient,
        standard_error: of.standard_error,
        interval: Interval::around(of.coefficient, level.z() * of.standard_error),
    })
}

/// A point of the calibration curve at a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RiskPoint {
    /// Mean predicted risk of the group.
    pub predicted: f64,
    /// 1 − the Kaplan–Meier estimate of the group; `None` if none of it was followed up to the time.
    pub observed: Option<f64>,
    /// Its interval, by log(−log).
    pub interval: Option<Interval>,
    /// Cases in the group.
    pub cases: usize,
}

/// The calibration curve at `time`, in `groups` of equal size by the quantiles of the risks; one equal to a quantile belongs to the
/// lower group, and groups that equal risks leave empty are left out.
///
/// ```
/// use voxomics_statistics::{Level, Survival, survival::calibration::curve};
///
/// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let points = curve(data, &[0.75, 0.75, 0.25, 0.25], 2.0, 2, Level::P95)?;
/// let shown: Vec<_> = points.iter().map(|point| (point.predicted, point.observed, point.cases)).collect();
/// assert_eq!(shown, [(0.25, Some(0.0), 2), (0.75, Some(1.0), 2)]);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for no groups, and what is wrong with the input.
pub fn curve(data: Survival<'_>, risk: &[f64], time: f64, groups: usize, level: Level) -> Result<Vec<RiskPoint>> {
    risks(data, risk, time)?;
    if groups == 0 {
        return Err(Error::OutOfRange { what: "groups", value: 0.0, expected: "one or more" });
    }
    let inner: Vec<f64> = (1..groups).map(|i| i as f64 / groups as f64).collect();
    let limits = quantiles(risk, &inner)?;
    let group_of = |p: f64| limits.partition_point(|&limit| limit < p);
    let mut members = vec![Vec::new(); groups];
    risk.iter().enumerate().for_each(|(case, &p)| members[group_of(p)].push(case));
    let point = |members: Vec<usize>| {
        let (times, events) = picked(data, &members);
        let found = Survival::new(&times, &events).and_then(|group| observed(group, time, level));
        RiskPoint {
            predicted: members.iter().map(|&case| risk[case]).sum::<f64>() / members.len() as f64,
            observed: found.as_ref().ok().map(|found| found.0),
            interval: found.ok().and_then(|found| found.1),
            cases: members.len(),
        }
    };
    Ok(members.into_iter().filter(|members| !members.is_empty()).map(point).collect())
}

fn picked(data: Survival<'_>, members: &[usize]) -> (Vec<f64>, Vec<bool>) {
    members.iter().map(|&case| (data.times()[case], data.events()[case])).unzip()
}

/// Net benefit at a threshold of the risk at a time, in true positives per case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NetBenefit {
    /// The risk from which one would treat.
    pub threshold: f64,
    /// Treating those whose risk is at or above the threshold; `None` if none of them was followed up to the time.
    pub model: Option<f64>,
    /// Net benefit of treating everyone.
    pub all: f64,
}

/// The decision curve at `time` (Vickers et al., BMC Med. Inform. Decis. Mak. 8:53, 2008): among those at or above a threshold t,
/// p·(1 − S) − p·S·t/(1 − t), with p their share of everybody and S their survival by Kaplan and Meier.
///
/// ```
/// use voxomics_statistics::{Survival, survival::calibration::decision};
///
/// // Everybody is at or above the threshold: 1/2 − 1/2 · 0.2/0.8.
/// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let found = decision(data, &[0.5; 4], 2.0, &[0.2])?;
/// assert!((found[0].all - 0.375).abs() < 1e-12 && (found[0].model.unwrap() - 0.375).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for a threshold that is not between 0 and 1, and what is wrong with the input.
pub fn decision(data: Survival<'_>, risk: &[f64], time: f64, thresholds: &[f64]) -> Result<Vec<NetBenefit>> {
    risks(data, risk, time)?;
    let everybody = observed(data, time, Level::P95)?.0;
    let at = |&threshold: &f64| {
        if !(threshold > 0.0 && threshold < 1.0) {
            let expected = "a probability between 0 and 1";
            return Err(Error::OutOfRange { what: "threshold", value: threshold, expected });
        }
        let odds = threshold / (1.0 - threshold);
        let benefit = |share: f64, risk: f64| share * (risk - (1.0 - risk) * odds);
        let members: Vec<usize> = (0..data.len()).filter(|&case| risk[case] >= threshold).collect();
        let share = members.len() as f64 / data.len() as f64;
        let (times, events) = picked(data, &members);
        let model = match members.is_empty() {
            true => Some(0.0),
            false => Survival::new(&times, &events)
                .and_then(|flagged| observed(flagged, time, Level::P95))
                .ok()
                .map(|(risk, ..)| benefit(share, risk)),
        };
        Ok(NetBenefit { threshold, model, all: benefit(1.0, everybody) })
    };
    thresholds.iter().map(at).collect()
}
