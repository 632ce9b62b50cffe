//! The area below the ROC curve as a function of time, under censoring.

use serde::Serialize;

use crate::{
    error::{Error, Result},
    input::{Level, Survival, finite, same_length},
    survival::kaplan_meier::{KaplanMeier, Scale, estimate},
};

/// The area at one time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtTime {
    /// The time, in the unit of the data.
    pub time: f64,
    /// Cases with the event up to and with this time.
    pub cases: usize,
    /// Cases known to be free of it at this time.
    pub controls: usize,
    /// P(score of a case > score of a control) + ½·P(equal).
    pub auc: f64,
}

/// The areas.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DynamicAuc {
    /// In order of the times.
    pub at: Vec<AtTime>,
    /// Their mean, weighted by the share of events between one time and the next: Σ AUC(t)·(S(t⁻) − S(t)) / (1 − S(last)).
    pub mean: f64,
}

/// Cumulative cases against dynamic controls, each case weighted by 1/G, where G is the Kaplan–Meier estimate of the
/// censoring of `training` at the case's time (Uno et al., J. Am. Stat. Assoc. 102:527, 2007; Hung and Chiang, Can. J. Stat.
/// 38:8, 2010; mean: Lambert and Chevret, Stat. Methods Med. Res. 25:2088, 2016), as `cumulative_dynamic_auc` of
/// scikit-survival, with its convention that G counts censorings up to and with the case's time.
///
/// `risk` is higher for an earlier event, one value for each case of `test`. `times` ascend.
///
/// ```
/// use voxomics_statistics::{Survival, dynamic_auc::dynamic_auc};
///
/// // Two cases by the time 2.5, two controls, and every case above every control.
/// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let found = dynamic_auc(data, data, &[4.0, 3.0, 2.0, 1.0], &[2.5])?;
/// assert_eq!((found.at[0].cases, found.at[0].controls, found.at[0].auc, found.mean), (2, 2, 1.0, 1.0));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for times that do not ascend, [`Error::OneClass`] for one without cases or without controls,
/// [`Error::Undefined`] for a case of `test` whose time `training` does not reach, and what is wrong with the input.
pub fn dynamic_auc(training: Survival<'_>, test: Survival<'_>, risk: &[f64], times: &[f64]) -> Result<DynamicAuc> {
    same_length(("times", test.len()), ("risk scores", risk.len()))?;
    finite("risk scores", risk)?;
    finite("evaluation times", times)?;
    if let Some(pair) = times.windows(2).find(|pair| pair[0] >= pair[1]) {
        let expected = "times that ascend";
        return Err(Error::OutOfRange { what: "evaluation times", value: pair[1], expected });
    }
    let weights = censoring_weights(training, test)?;
    let mut order: Vec<usize> = (0..test.len()).collect();
    order.sort_by(|&a, &b| risk[a].total_cmp(&risk[b]));
    let at = times.iter().map(|&time| at_time(test, risk, &weights, &order, time)).collect::<Result<Vec<_>>>()?;

    let curve = estimate(test, Level::P95, Scale::default());
    let (mut before, mut integral) = (1.0, 0.0);
    for point in &at {
        let now = survival(&curve, point.time)?;
        integral += point.auc * (before - now);
        before = now;
    }
    // A single time is its own mean; of several, the first has cases, so that the survival is below 1.
    let mean = if let [only] = at.as_slice() { only.auc } else { integral / (1.0 - before) };
    Ok(DynamicAuc { at, mean })
}

fn survival(curve: &KaplanMeier, time: f64) -> Result<f64> {
    let reason = "a time lies beyond the last of the cases";
    curve.survival_at(time).map(|(s, _)| s).ok_or(Error::Undefined { what: "the dynamic AUC", reason })
}

/// 1/G for each case of `test` with the event, 0 for the others.
fn censoring_weights(training: Survival<'_>, test: Survival<'_>) -> Result<Vec<f64>> {
    // Events come before censorings at the same time also here: they have left the risk set of censoring.
    let mut survival = 1.0;
    let mut censoring = Vec::new();
    for step in estimate(training, Level::P95, Scale::default()).steps {
        let at_risk = step.at_risk - step.events;
        if step.censored > 0 {
            survival *= (at_risk - step.censored) as f64 / at_risk as f64;
        }
        censoring.push((step.time, survival));
    }
    let last = censoring.last().map_or(0.0, |&(time, _)| time);
    let weight = |(&time, &event): (&f64, &bool)| {
        if !event {
            return Ok(0.0);
        }
        let passed = censoring.partition_point(|&(other, _)| other <= time);
        let g = if passed == 0 { 1.0 } else { censoring[passed - 1].1 };
        if g > 0.0 && (time <= last || training.event_count() == training.len()) {
            Ok(1.0 / g)
        } else {
            let reason = "an event of the test cases lies beyond the follow-up of the training cases";
            Err(Error::Undefined { what: "the dynamic AUC", reason })
        }
    };
    test.times().iter().zip(test.events()).map(weight).collect()
}

/// One time; `order` is that of the risk, lowest first.
fn at_time(test: Survival<'_>, risk: &[f64], weights: &[f64], order: &[usize], time: f64) -> Result<AtTime> {
    let (times, events) = (test.times(), test.events());
    let is_case = |case: usize| times[case] <= time && events[case];
    let is_control = |case: usize| times[case] > time;
    let cases = order.iter().filter(|&&case| is_case(case)).count();
    let controls = order.iter().filter(|&&case| is_control(case)).count();
    if cases == 0 || controls == 0 {
        return Err(Error::OneClass { positives: cases, negatives: controls });
    }
    let (mut below, mut concordant, mut total) = (0.0, 0.0, 0.0);
    for tied in order.chunk_by(|&a, &b| risk[a] == risk[b]) {
        let equal = tied.iter().filter(|&&case| is_control(case)).count() as f64;
        let weight: f64 = tied.iter().filter(|&&case| is_case(case)).map(|&case| weights[case]).sum();
        concordant += weight * (below + 0.5 * equal);
        total += weight;
        below += equal;
    }
    Ok(AtTime { time, cases, controls, auc: concordant / (total * controls as f64) })
}
