//! Brier's score of mean risks, integrated over the time, for many cases.
//!
//! Where each case has the mean risk of several models, as out-of-fold scores of several repeats have, the squares are sums of products
//! of two models' e^(−H·e^η). As functions of η, these are all sums of a dozen of themselves, to the last digits: those at a few values of
//! η, the skeleton. So each case is a few numbers a model, each pair of models a small matrix of sums over the cases, and a time takes
//! no case but those that end then.

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

/// Widest range of η: beyond it, every case is asked at every time.
const WIDEST: f64 = 12.0;

/// What is left of a column, of the largest one, when it counts as a sum of others.
const SMALL: f64 = 4e-15;

/// What an exponential takes, in products of two numbers.
const EXPONENTIAL: usize = 8;

/// The same as [`integrated_brier`] of the mean of the risks 1 − exp(−H·e^η) over the models of each case: `of_case` has, for each, places
/// in `baselines` and η. O(n log n) in the cases; where that takes longer, every case is asked at every time. Either way agrees with the
/// other to 1e-12.
///
/// # Errors
/// As of [`integrated_brier`]; [`Error::Undefined`] if a baseline ends before the horizon, or a case has no model.
pub fn integrated_brier_of_means(
    data: Survival<'_>,
    baselines: &[Baseline],
    of_case: &[Vec<(usize, f64)>],
    horizon: f64,
) -> Result<PredictionError> {
    same_length(("times", data.len()), ("predictions", of_case.len()))?;
    let all = || of_case.iter().flatten();
    finite("predictions", &all().map(|(_, eta)| *eta).collect::<Vec<_>>())?;
    reached(data, horizon)?;
    if of_case.iter().any(Vec::is_empty) {
        return Err(Error::Undefined { what: "a figure of these cases", reason: "one of them has no prediction" });
    }
    if all().any(|(at, _)| baselines.get(*at).is_none_or(|baseline| baseline.last < horizon)) {
        return Err(Error::Undefined { what: "a figure at this time", reason: "a baseline hazard ends before it" });
    }
    let times = times(data, baselines, horizon);
    let (low, high) =
        all().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, eta)| (low.min(*eta), high.max(*eta)));
    let predictions: usize = of_case.iter().map(Vec::len).sum();
    if high - low <= WIDEST {
        let skeleton = Skeleton::of(low, high, hazards(baselines, &times));
        let pairs = Pairs::of(baselines.len(), of_case);
        let a_time = 2 * pairs.count * skeleton.relative.len().pow(2);
        if a_time < EXPONENTIAL * predictions {
            return Ok(integrate(data, baselines, of_case, (&times, horizon), &skeleton, pairs));
        }
    }
    let jumps: Vec<f64> = baselines.iter().flat_map(|baseline| baseline.times.iter().copied()).collect();
    integrated_brier(data, &jumps, horizon, |case, time| {
        let of = &of_case[case];
        let risks: f64 = of.iter().map(|(at, eta)| baselines[*at].risk(*eta, time).unwrap_or(f64::NAN)).sum();
        (risks / of.len() as f64).clamp(0.0, 1.0)
    })
}

/// The times before the horizon at which something changes, and 0.
fn times(data: Survival<'_>, baselines: &[Baseline], horizon: f64) -> Vec<f64> {
    let jumps = baselines.iter().flat_map(|baseline| &baseline.times);
    let mut times: Vec<f64> =
        data.times().iter().chain(jumps).copied().filter(|time| (0.0..horizon).contains(time)).chain([0.0]).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    times
}

/// The least and the largest hazard above 0 at these times.
fn hazards(baselines: &[Baseline], times: &[f64]) -> (f64, f64) {
    let last = times.last().copied().unwrap_or(0.0);
    let of = |baseline: &Baseline| {
        let end = baseline.at(last).unwrap_or(0.0);
        let first = baseline.hazard.iter().copied().find(|hazard| *hazard > 0.0).unwrap_or(end);
        (first.min(end), end)
    };
    let found = baselines.iter().map(of).filter(|(first, _)| *first > 0.0);
    let (low, high) = found.fold((f64::INFINITY, 0.0_f64), |(low, high), (a, b)| (low.min(a), high.max(b)));
    if low <= high { (low, high) } else { (1.0, 1.0) }
}

fn integrate(
    data: Survival<'_>,
    baselines: &[Baseline],
    of_case: &[Vec<(usize, f64)>],
    (times, horizon): (&[f64], f64),
    skeleton: &Skeleton,
    pairs: Pairs,
) -> PredictionError {
    let width = skeleton.relative.len();
    let parts: Vec<Vec<f64>> =
        of_case.iter().map(|of| of.iter().flat_map(|(_, eta)| skeleton.parts(*eta)).collect()).collect();
    let (mut at_risk, mut ended) = (vec![0.0; pairs.count * width * width], vec![0.0; pairs.count * width * width]);
    for (of, parts) in of_case.iter().zip(&parts) {
        pairs.add(&mut at_risk, of, parts, 1.0);
    }
    let censoring = Censoring::new(data);
    let curve = estimate(data, Level::P95, Scale::default());
    let (mut many, mut weight_of_ended) = (data.len() as f64, 0.0);
    let order = data.order();
    let (mut next, mut brier, mut reference) = (0, 0.0, 0.0);
    let (mut risk, mut free) = (vec![0.0; baselines.len() * width], vec![0.0; baselines.len() * width]);
    for (at, &time) in times.iter().enumerate() {
        while let Some(case) = order.get(next).copied().filter(|case| data.times()[*case] <= time) {
            pairs.add(&mut at_risk, &of_case[case], &parts[case], -1.0);
            many -= 1.0;
            if data.events()[case] {
                let weight = 1.0 / censoring.before(data.times()[case]);
                pairs.add(&mut ended, &of_case[case], &parts[case], weight);
                weight_of_ended += weight;
            }
            next += 1;
        }
        let until = times.get(at + 1).copied().unwrap_or(horizon);
        let weight = if many > 0.0 { 1.0 / censoring.at(time) } else { 0.0 };
        let everybody = 1.0 - curve.survival_at(time).map_or(1.0, |(survival, _)| survival);
        for (model, baseline) in baselines.iter().enumerate() {
            let hazard = baseline.at(time).unwrap_or(f64::NAN);
            let of_model = model * width..(model + 1) * width;
            for ((risk, free), relative) in
                risk[of_model.clone()].iter_mut().zip(&mut free[of_model]).zip(&skeleton.relative)
            {
                (*risk, *free) = (-(-hazard * relative).exp_m1(), (-hazard * relative).exp());
            }
        }
        let squares = weight * pairs.sum(&at_risk, &risk, width) + pairs.sum(&ended, &free, width);
        brier += (until - time) * squares / data.len() as f64;
        let of_all = weight * many * everybody.powi(2) + weight_of_ended * (1.0 - everybody).powi(2);
        reference += (until - time) * of_all / data.len() as f64;
    }
    PredictionError::new(horizon, brier / horizon, reference / horizon)
}

/// The pairs of models that some case has together.
struct Pairs {
    /// The place of each pair, the first model not after the second one; row after row of all models.
    places: Vec<Option<usize>>,
    models: usize,
    count: usize,
}

impl Pairs {
    fn of(models: usize, of_case: &[Vec<(usize, f64)>]) -> Self {
        let mut pairs = Self { places: vec![None; models * models], models, count: 0 };
        for of in of_case {
            for (at, (a, _)) in of.iter().enumerate() {
                for (b, _) in &of[at..] {
                    let place = &mut pairs.places[a.min(b) * models + a.max(b)];
                    if place.is_none() {
                        *place = Some(pairs.count);
                        pairs.count += 1;
                    }
                }
            }
        }
        pairs
    }

    /// Adds the products of a case's parts, so many times, to the sums of its pairs of models.
    fn add(&self, sums: &mut [f64], of: &[(usize, f64)], parts: &[f64], times: f64) {
        let width = parts.len() / of.len();
        let share = times / (of.len() * of.len()) as f64;
        let part = |at: usize| &parts[at * width..(at + 1) * width];
        for (at, (a, _)) in of.iter().enumerate() {
            for (beside, (b, _)) in of.iter().enumerate().skip(at) {
                let Some(place) = self.places[a.min(b) * self.models + a.max(b)] else { continue };
                // Both orders of two predictions count.
                let share = if beside == at { share } else { 2.0 * share };
                let (first, second) = if a <= b { (part(at), part(beside)) } else { (part(beside), part(at)) };
                let sums = &mut sums[place * width * width..(place + 1) * width * width];
                for (row, x) in sums.chunks_exact_mut(width).zip(first) {
                    row.iter_mut().zip(second).for_each(|(sum, y)| *sum += share * x * y);
                }
            }
        }
    }

    /// The sum over the cases of the squares of their means of a function that has these values at the skeleton.
    fn sum(&self, sums: &[f64], values: &[f64], width: usize) -> f64 {
        let of = |model: usize| &values[model * width..(model + 1) * width];
        let mut all = 0.0;
        for (at, place) in self.places.iter().enumerate() {
            let Some(place) = place else { continue };
            let (first, second) = (of(at / self.models), of(at % self.models));
            let sums = &sums[place * width * width..(place + 1) * width * width];
            let rows = sums.chunks_exact(width).zip(first);
            all += rows.map(|(row, x)| x * row.iter().zip(second).map(|(sum, y)| sum * y).sum::<f64>()).sum::<f64>();
        }
        all
    }
}

/// Values of η at which all the functions e^(−H·e^η) of a range of H are known, if they are known there.
struct Skeleton {
    low: f64,
    width: f64,
    /// Chebyshev's points of the first kind from −1 to 1, their barycentric weights, and what the function there is of those at the
    /// skeleton.
    points: Vec<(f64, f64, Vec<f64>)>,
    /// e^η of the skeleton.
    relative: Vec<f64>,
}

impl Skeleton {
    fn of(low: f64, high: f64, (least, most): (f64, f64)) -> Self {
        let width = if high > low { high - low } else { 1.0 };
        let nodes = nodes(width);
        let eta = |j: usize| low + width * (angle(j, nodes).cos() + 1.0) / 2.0;
        // The functions are as smooth in ln H. Equal steps of it would leave its ends unknown.
        let range = (most / least).ln().max(1.0);
        let steps = self::nodes(range);
        let hazards: Vec<f64> =
            (0..steps).map(|k| least * (range * (angle(k, steps).cos() + 1.0) / 2.0).exp()).collect();
        let column = |j: usize| -> Vec<f64> {
            hazards.iter().map(|hazard| (-hazard * eta(j).exp()).exp()).chain([1.0]).collect()
        };
        let (chosen, parts) = interpolative((0..nodes).map(column).collect());
        let points = (0..nodes).zip(parts).map(|(j, parts)| {
            let (sin, cos) = angle(j, nodes).sin_cos();
            (cos, if j % 2 == 0 { sin } else { -sin }, parts)
        });
        let points = points.collect();
        Self { low, width, points, relative: chosen.into_iter().map(|j| eta(j).exp()).collect() }
    }

    /// What a function at η is of those at the skeleton.
    fn parts(&self, eta: f64) -> Vec<f64> {
        let at = 2.0 * (eta - self.low) / self.width - 1.0;
        if let Some((.., parts)) = self.points.iter().find(|(point, ..)| *point == at) {
            return parts.clone();
        }
        let shares: Vec<f64> = self.points.iter().map(|(point, weight, _)| weight / (at - point)).collect();
        let total: f64 = shares.iter().sum();
        let mut all = vec![0.0; self.relative.len()];
        for ((.., parts), share) in self.points.iter().zip(shares) {
            all.iter_mut().zip(parts).for_each(|(all, part)| *all += share / total * part);
        }
        all
    }
}

/// Chebyshev's points by which a polynomial is e^(−e^x) on a range of x of this width, to the last digits: where |Im x| < π/2, the function
/// is at most 1, so that m points are off by about ρ⁻ᵐ.
fn nodes(width: f64) -> usize {
    let rho = PI / width + (1.0 + (PI / width).powi(2)).sqrt();
    (36.8 / rho.ln()).ceil() as usize + 2
}

/// Angle of Chebyshev's point of the first kind.
fn angle(j: usize, points: usize) -> f64 {
    (2 * j + 1) as f64 * PI / (2 * points) as f64
}

/// Columns that all columns are sums of, to the last digits, and these sums: the interpolative decomposition by Gram and Schmidt's method
/// with pivots (Cheng et al., SIAM J. Sci. Comput. 26:1389, 2005).
fn interpolative(columns: Vec<Vec<f64>>) -> (Vec<usize>, Vec<Vec<f64>>) {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut rest = columns;
    let most = rest.iter().map(|column| dot(column, column)).fold(0.0, f64::max).sqrt();
    let (mut chosen, mut base): (Vec<usize>, Vec<Vec<f64>>) = (Vec::new(), Vec::new());
    // Of each column, what it has of each vector of the base.
    let mut along: Vec<Vec<f64>> = vec![Vec::new(); rest.len()];
    while chosen.len() < rest.len() {
        let size = |j: &usize| dot(&rest[*j], &rest[*j]);
        let Some(pivot) = (0..rest.len()).max_by(|a, b| size(a).total_cmp(&size(b))) else { break };
        if size(&pivot).sqrt() <= SMALL * most {
            break;
        }
        let mut unit = rest[pivot].clone();
        // Once more, for what rounding has left of the others.
        for other in &base {
            let share = dot(&unit, other);
            unit.iter_mut().zip(other).for_each(|(x, other)| *x -= share * other);
        }
        let length = dot(&unit, &unit).sqrt();
        if length <= SMALL * most {
            break;
        }
        unit.iter_mut().for_each(|x| *x /= length);
        for (column, along) in rest.iter_mut().zip(&mut along) {
            let share = dot(column, &unit);
            column.iter_mut().zip(&unit).for_each(|(x, unit)| *x -= share * unit);
            along.push(share);
        }
        chosen.push(pivot);
        base.push(unit);
    }
    // Each column is that sum of the chosen ones which has the same along each vector: from the last one up.
    let sums = |column: &Vec<f64>| {
        let mut sum = column.clone();
        for k in (0..chosen.len()).rev() {
            for later in k + 1..chosen.len() {
                sum[k] -= along[chosen[later]][k] * sum[later];
            }
            sum[k] /= along[chosen[k]][k];
        }
        sum
    };
    let sums = along.iter().map(sums).collect();
    (chosen, sums)
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
    fn sums_of_products_are_those_of_all_cases() {
        for (cases, spread, repeats, folds) in
            [(2000, 2.0, 2, 3), (3000, 5.0, 3, 2), (1500, 0.0, 2, 2), (1000, 9.0, 1, 1)]
        {
            // Some cases lack a repeat.
            let of_case = |i: usize| -> Vec<(usize, f64)> {
                let eta = spread * (chance(0, i) - 0.4);
                let known = (0..repeats).filter(|repeat| *repeat == 0 || !i.is_multiple_of(50));
                known
                    .map(|r| (r * folds + (i / (r + 1)) % folds, eta + 0.1 * spread * chance(3 + r as u64, i)))
                    .collect()
            };
            let of_case: Vec<Vec<(usize, f64)>> = (0..cases).map(of_case).collect();
            let time = |i: usize| (1000.0 * -chance(1, i).ln() * (-of_case[i][0].1).exp()).ceil().min(5000.0);
            let times: Vec<f64> = (0..cases).map(time).collect();
            let events: Vec<bool> = (0..cases).map(|i| chance(2, i) < 0.6).collect();
            let baseline = |model: usize| {
                let times: Vec<f64> = (1..=300 + model).map(|k| 12.0 * k as f64).collect();
                let hazard = times.iter().map(|time| time / (900.0 + 100.0 * model as f64)).collect();
                Baseline { times, hazard, last: 6000.0 }
            };
            let baselines: Vec<Baseline> = (0..repeats * folds).map(baseline).collect();
            let data = Survival::new(&times, &events).expect("it is sound");
            let horizon = 3000.0;
            let (low, high) = (-0.4 * spread, 0.7 * spread);
            let all = self::times(data, &baselines, horizon);
            let skeleton = Skeleton::of(low, high.max(low + 1e-9), hazards(&baselines, &all));
            assert!(skeleton.relative.len() < 50, "{}", skeleton.relative.len());
            let pairs = Pairs::of(baselines.len(), &of_case);
            assert!(2 * pairs.count * skeleton.relative.len().pow(2) < EXPONENTIAL * repeats * cases * 9 / 10);
            let jumps: Vec<f64> = baselines.iter().flat_map(|baseline| baseline.times.clone()).collect();
            let whole = integrated_brier(data, &jumps, horizon, |case, time| {
                let of = &of_case[case];
                let risk = |(at, eta): &(usize, f64)| baselines[*at].risk(*eta, time).expect("it is known");
                of.iter().map(risk).sum::<f64>() / of.len() as f64
            })
            .expect("a score");
            let found = integrated_brier_of_means(data, &baselines, &of_case, horizon).expect("a score");
            assert_ne!(found.brier.to_bits(), whole.brier.to_bits(), "it was computed otherwise");
            for (found, whole) in [(found.brier, whole.brier), (found.reference, whole.reference)] {
                assert!((found - whole).abs() < 1e-12, "{spread}, {repeats}: {found} {whole}");
            }
            assert!(integrated_brier_of_means(data, &baselines, &of_case, 6001.0).is_err());
        }
    }

    #[test]
    fn few_cases_are_asked_at_every_time() {
        let data = ([1.0, 2.0, 3.0, 4.0], [true, true, false, true]);
        let data = Survival::new(&data.0, &data.1).expect("times");
        let baseline = Baseline { times: vec![1.0, 2.0, 4.0], hazard: vec![0.2, 0.5, 1.0], last: 4.0 };
        let of_case: Vec<Vec<(usize, f64)>> = (0..4).map(|i| vec![(0, f64::from(i) - 2.0), (0, 0.0)]).collect();
        let found = integrated_brier_of_means(data, std::slice::from_ref(&baseline), &of_case, 4.0).expect("a score");
        let whole = integrated_brier(data, &baseline.times, 4.0, |case, time| {
            of_case[case].iter().map(|(_, eta)| baseline.risk(*eta, time).expect("known")).sum::<f64>() / 2.0
        });
        assert_eq!(Ok(found), whole);
        assert!(integrated_brier_of_means(data, &[baseline], &[vec![], vec![], vec![], vec![]], 4.0).is_err());
    }
}
