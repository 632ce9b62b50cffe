//! Brier's score integrated over the time, for many cases.
//!
//! At each time, every case adds a function of its linear predictor η: (1 − e^(−H·e^η))² if it is at risk, e^(−2·H·e^η) after its event,
//! where H is the baseline hazard then. Asking every case at every time takes the square of the cases. Both functions are smooth in η, so
//! that polynomials of η through a few nodes are them, to the last digits; then only the sums of the cases' weights at the nodes are
//! taken along in time.

use std::f64::consts::PI;

use super::{
    censoring::Censoring,
    kaplan_meier::{Scale, estimate},
    prediction_error::{PredictionError, integrated_brier, reached},
};
use crate::{
    cox::baseline::Baseline,
    error::{Error, Result},
    input::{Level, Survival, finite, same_length},
};

/// Nodes in each panel of η. Where |Im η| < π/2, both functions are at most 1: on a panel of the width 1, the polynomial is off by
/// about 6.4⁻²⁰, which is less than the rounding.
const NODES: usize = 20;

/// Widest panel.
const WIDTH: f64 = 1.0;

/// The same as [`integrated_brier`] of risks 1 − exp(−H·e^η): `of_case` has the place of each case's baseline hazard in `baselines` and its
/// η. O(n log n) in the cases; below a few hundred of them, every case is asked at every time. Either way agrees with the other to
/// 1e-12.
///
/// ```
/// use voxomics_statistics::{
///     Survival,
///     cox::{Ties, baseline::baseline},
///     survival::{integrated::integrated_brier_of_hazards, prediction_error::integrated_brier},
/// };
///
/// let data = Survival::new(&[1.0, 2.0, 3.0], &[true; 3])?;
/// let hazard = baseline(data, &[0.0; 3], None, Ties::Efron)?;
/// let risk = |_, time| hazard.risk(0.0, time).unwrap_or(1.0);
/// let slow = integrated_brier(data, &hazard.times, 2.5, risk)?;
/// let quick = integrated_brier_of_hazards(data, &[hazard.clone()], &[(0, 0.0); 3], 2.5)?;
/// assert!((quick.brier - slow.brier).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// As of [`integrated_brier`]; [`Error::Undefined`] if a baseline ends before the horizon.
pub fn integrated_brier_of_hazards(
    data: Survival<'_>,
    baselines: &[Baseline],
    of_case: &[(usize, f64)],
    horizon: f64,
) -> Result<PredictionError> {
    same_length(("times", data.len()), ("predictions", of_case.len()))?;
    finite("predictions", &of_case.iter().map(|(_, eta)| *eta).collect::<Vec<_>>())?;
    reached(data, horizon)?;
    if of_case.iter().any(|(at, _)| baselines.get(*at).is_none_or(|baseline| baseline.last < horizon)) {
        return Err(Error::Undefined { what: "a figure at this time", reason: "a baseline hazard ends before it" });
    }
    let panels = Panels::of(baselines.len(), of_case);
    // A time takes two exponentials a node, or one a case.
    if 2 * panels.nodes.len() >= data.len() {
        let jumps: Vec<f64> = baselines.iter().flat_map(|baseline| baseline.times.iter().copied()).collect();
        return integrated_brier(data, &jumps, horizon, |case, time| {
            let (at, eta) = of_case[case];
            baselines[at].risk(eta, time).unwrap_or(f64::NAN)
        });
    }
    Ok(integrate(data, baselines, of_case, horizon, &panels))
}

fn integrate(
    data: Survival<'_>,
    baselines: &[Baseline],
    of_case: &[(usize, f64)],
    horizon: f64,
    panels: &Panels,
) -> PredictionError {
    let jumps = baselines.iter().flat_map(|baseline| &baseline.times);
    let mut times: Vec<f64> =
        data.times().iter().chain(jumps).copied().filter(|time| (0.0..horizon).contains(time)).chain([0.0]).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let censoring = Censoring::new(data);
    let curve = estimate(data, Level::P95, Scale::default());
    let (mut at_risk, mut ended) = (vec![0.0; panels.nodes.len()], vec![0.0; panels.nodes.len()]);
    of_case.iter().for_each(|case| panels.add(&mut at_risk, *case, 1.0));
    let (mut many, mut weight_of_ended) = (data.len() as f64, 0.0);
    let order = data.order();
    let (mut next, mut brier, mut reference) = (0, 0.0, 0.0);
    for (at, &time) in times.iter().enumerate() {
        while let Some(case) = order.get(next).copied().filter(|case| data.times()[*case] <= time) {
            panels.add(&mut at_risk, of_case[case], -1.0);
            many -= 1.0;
            if data.events()[case] {
                let weight = 1.0 / censoring.before(data.times()[case]);
                panels.add(&mut ended, of_case[case], weight);
                weight_of_ended += weight;
            }
            next += 1;
        }
        let width = times.get(at + 1).copied().unwrap_or(horizon) - time;
        let weight = if many > 0.0 { 1.0 / censoring.at(time) } else { 0.0 };
        let everybody = 1.0 - curve.survival_at(time).map_or(1.0, |(survival, _)| survival);
        let hazards: Vec<f64> = baselines.iter().map(|baseline| baseline.at(time).unwrap_or(f64::NAN)).collect();
        let squares = panels.nodes.iter().zip(at_risk.iter().zip(&ended)).map(|(node, (at_risk, ended))| {
            let hazard = -hazards[node.baseline] * node.relative;
            weight * at_risk * hazard.exp_m1().powi(2) + ended * (2.0 * hazard).exp()
        });
        brier += width * squares.sum::<f64>() / data.len() as f64;
        let of_all = weight * many * everybody.powi(2) + weight_of_ended * (1.0 - everybody).powi(2);
        reference += width * of_all / data.len() as f64;
    }
    PredictionError::new(horizon, brier / horizon, reference / horizon)
}

/// A node: a linear predictor that cases of one baseline hazard are told by.
struct Node {
    baseline: usize,
    /// e^η.
    relative: f64,
}

/// The nodes of each baseline hazard, panel after panel.
struct Panels {
    nodes: Vec<Node>,
    /// Of each baseline: its first node, the least η, the width and the number of its panels.
    of_baseline: Vec<(usize, f64, f64, usize)>,
    /// Chebyshev's points of the first kind in a panel from −1 to 1, and their barycentric weights.
    points: [(f64, f64); NODES],
}

impl Panels {
    fn of(baselines: usize, of_case: &[(usize, f64)]) -> Self {
        let angle = |j: usize| (2 * j + 1) as f64 * PI / (2 * NODES) as f64;
        let points =
            std::array::from_fn(|j| (angle(j).cos(), if j % 2 == 0 { angle(j).sin() } else { -angle(j).sin() }));
        let mut panels = Self { nodes: Vec::new(), of_baseline: Vec::with_capacity(baselines), points };
        for baseline in 0..baselines {
            let own = || of_case.iter().filter(|(at, _)| *at == baseline).map(|(_, eta)| *eta);
            let (low, high) = (own().fold(f64::INFINITY, f64::min), own().fold(f64::NEG_INFINITY, f64::max));
            let count = if low <= high { (((high - low) / WIDTH).ceil() as usize).max(1) } else { 0 };
            // Of cases that are all alike, any width does.
            let width = if high > low { (high - low) / count as f64 } else { WIDTH };
            panels.of_baseline.push((panels.nodes.len(), low, width, count));
            // So many panels are more than the cases: nobody asks for them.
            for panel in 0..count.min(of_case.len()) {
                let node = |(point, _): &(f64, f64)| Node {
                    baseline,
                    relative: (low + width * (panel as f64 + (point + 1.0) / 2.0)).exp(),
                };
                panels.nodes.extend(points.iter().map(node));
            }
        }
        panels
    }

    /// Adds a case, so many times, to the sums at the nodes: the Lagrange polynomials at its place.
    fn add(&self, sums: &mut [f64], (baseline, eta): (usize, f64), times: f64) {
        let (first, low, width, count) = self.of_baseline[baseline];
        let place = (eta - low) / width;
        let panel = (place as usize).min(count - 1);
        let sums = &mut sums[first + panel * NODES..][..NODES];
        let at = 2.0 * (place - panel as f64) - 1.0;
        if let Some(j) = self.points.iter().position(|(point, _)| *point == at) {
            sums[j] += times;
            return;
        }
        let parts = self.points.map(|(point, weight)| weight / (at - point));
        let total: f64 = parts.iter().sum();
        sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += times * part / total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from 0 to 1 that look random.
    fn chance(stream: u64, row: usize) -> f64 {
        let state = (stream + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (row as u64).wrapping_mul(0xD1B5_4A32_D192_ED03);
        let state = (state ^ (state >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((state ^ (state >> 29)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    #[test]
    fn sums_at_nodes_are_those_of_all_cases() {
        for (cases, spread, models) in [(3000, 1.5, 1), (4000, 8.0, 3), (3000, 0.0, 2)] {
            let of_case: Vec<(usize, f64)> = (0..cases).map(|i| (i % models, spread * (chance(0, i) - 0.4))).collect();
            let time = |i: usize| (1000.0 * -chance(1, i).ln() * (-of_case[i].1).exp()).ceil().min(5000.0);
            let times: Vec<f64> = (0..cases).map(time).collect();
            let events: Vec<bool> = (0..cases).map(|i| chance(2, i) < 0.6).collect();
            let baseline = |model: usize| {
                let steps = 400 + model;
                let times: Vec<f64> = (1..=steps).map(|k| 12.0 * k as f64).collect();
                let hazard = times.iter().map(|time| time / (900.0 + 100.0 * model as f64)).collect();
                Baseline { times, hazard, last: 6000.0 }
            };
            let baselines: Vec<Baseline> = (0..models).map(baseline).collect();
            let data = Survival::new(&times, &events).expect("it is sound");
            let panels = Panels::of(models, &of_case);
            assert!(2 * panels.nodes.len() < cases, "{}", panels.nodes.len());
            let jumps: Vec<f64> = baselines.iter().flat_map(|baseline| baseline.times.clone()).collect();
            let horizon = 3000.0;
            let whole = integrated_brier(data, &jumps, horizon, |case, time| {
                baselines[of_case[case].0].risk(of_case[case].1, time).expect("it is known")
            })
            .expect("a score");
            let found = integrated_brier_of_hazards(data, &baselines, &of_case, horizon).expect("a score");
            for (found, whole) in [(found.brier, whole.brier), (found.reference, whole.reference)] {
                assert!((found - whole).abs() < 1e-12, "{spread}, {models}: {found} {whole}");
            }
            assert!(integrated_brier_of_hazards(data, &baselines, &of_case, 6001.0).is_err());
        }
    }
}
