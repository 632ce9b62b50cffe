//! The log-rank test of k groups, with weights and strata.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    distribution::{chi_squared_upper, ln_choose},
    error::{Error, Result},
    input::{Survival, same_length},
    linear::{Cholesky, dot},
};

/// Weight of an event time with n at risk. All but the first look more at early times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// 1: the log-rank test (Mantel, Cancer Chemother. Rep. 50:163, 1966).
    #[default]
    One,
    /// n: Gehan and Breslow, the generalised Wilcoxon test.
    AtRisk,
    /// √n: Tarone and Ware.
    RootAtRisk,
    /// Π (1 − d/(n + 1)) up to and with this time: Peto and Peto.
    Survival,
}

/// Events of one group.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Group {
    /// Its label.
    pub label: usize,
    /// Observations in the group.
    pub n: usize,
    /// Observations that end with the event.
    pub observed: usize,
    /// Events expected if all groups had the same hazard, without weights.
    pub expected: f64,
}

/// The test.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogRank {
    /// Zᵀ·V⁻¹·Z with Z = Σ w·(O − E).
    pub chi_squared: f64,
    /// Groups in which events are expected − 1.
    pub degrees: usize,
    /// From the chi-squared distribution.
    pub p: f64,
    /// In order of their labels.
    pub groups: Vec<Group>,
}

/// With more ways than this to deal the observations to the groups, [`permuted`] has no answer.
pub const MOST_DEALT: u64 = 20_000;

/// The share of all ways to deal the observations to two groups of the same sizes whose statistic is at least as large: the
/// p value where events are so few that the chi-squared distribution is no guide. It supposes that both groups are
/// censored alike. `None` unless there are two groups, and at most [`MOST_DEALT`] ways.
///
/// ```
/// use voxomics_statistics::{
///     Survival,
///     survival::log_rank::{Weight, permuted},
/// };
///
/// // Of the six ways to deal four cases, that and its opposite are the most extreme.
/// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let p = permuted(data, &[0, 0, 1, 1], Weight::One)?.unwrap();
/// assert!((p - 2.0 / 6.0).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// As [`test()`].
pub fn permuted(data: Survival<'_>, group: &[usize], weight: Weight) -> Result<Option<f64>> {
    let found = test(data, group, None, weight)?;
    let [first, _] = found.groups[..] else { return Ok(None) };
    let (n, m) = (group.len(), first.n);
    if ln_choose(n, m) > (MOST_DEALT as f64).ln() {
        return Ok(None);
    }
    let (mut ways, mut as_large) = (0_u32, 0_u32);
    let mut taken: Vec<usize> = (0..m).collect();
    loop {
        let mut dealt = vec![1; n];
        taken.iter().for_each(|&case| dealt[case] = 0);
        // A deal that leaves nothing to chance is no evidence.
        let statistic = test(data, &dealt, None, weight).map_or(0.0, |found| found.chi_squared);
        ways += 1;
        as_large += u32::from(statistic >= found.chi_squared * (1.0 - 1e-9));
        // The next choice of m among n, in lexicographic order.
        let Some(at) = (0..m).rev().find(|&at| taken[at] < n - m + at) else { break };
        taken[at] += 1;
        for next in at + 1..m {
            taken[next] = taken[next - 1] + 1;
        }
    }
    Ok(Some(f64::from(as_large) / f64::from(ways)))
}

/// Sums over event times.
struct Sums {
    expected: Vec<f64>,
    /// Σ w·(O − E).
    excess: Vec<f64>,
    /// Of the excess, row after row.
    variance: Vec<f64>,
}

/// The test that all groups have the same hazard. `group` labels each observation; with `strata`, groups are compared
/// within each stratum, and sums are taken over the strata. The variance is hypergeometric:
/// V_ab = Σ w²·d·(n − d)/(n − 1)·(n_a/n)·(δ_ab − n_b/n).
///
/// ```
/// use voxomics_statistics::{
///     Survival,
///     survival::log_rank::{Weight, test},
/// };
///
/// // The two of the first group have their events first. Expected of it: 2/4 + 1/3.
/// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true; 4])?;
/// let found = test(data, &[0, 0, 1, 1], None, Weight::One)?;
/// assert!(found.groups[0].observed == 2 && (found.groups[0].expected - 5.0 / 6.0).abs() < 1e-12);
/// // (2 − 5/6)² / (1/4 + 2/9).
/// assert!((found.chi_squared - 49.0 / 17.0).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoEvents`]; [`Error::OneGroup`] unless events are expected in two groups; [`Error::Undefined`] when nothing was
/// left to chance, as everyone at risk had the event at once; and what is wrong with the input.
pub fn test(data: Survival<'_>, group: &[usize], strata: Option<&[usize]>, weight: Weight) -> Result<LogRank> {
    let data = data.with_events()?;
    same_length(("times", data.len()), ("groups", group.len()))?;
    let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
    for (&label, &event) in group.iter().zip(data.events()) {
        let counted = groups.entry(label).or_insert(Group { label, n: 0, observed: 0, expected: 0.0 });
        counted.n += 1;
        counted.observed += usize::from(event);
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    let k = groups.len();
    let of: Vec<usize> = group.iter().map(|label| groups.partition_point(|group| group.label < *label)).collect();

    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    if let Some(strata) = strata {
        same_length(("times", data.len()), ("strata", strata.len()))?;
    }
    for case in data.order() {
        members.entry(strata.map_or(0, |strata| strata[case])).or_default().push(case);
    }
    let mut sums = Sums { expected: vec![0.0; k], excess: vec![0.0; k], variance: vec![0.0; k * k] };
    for order in members.values() {
        add_stratum(data, order, &of, weight, &mut sums);
    }
    for (group, expected) in groups.iter_mut().zip(&sums.expected) {
        group.expected = *expected;
    }
    let (chi_squared, degrees) = chi_squared(&sums)?;
    Ok(LogRank { chi_squared, degrees, p: chi_squared_upper(chi_squared, degrees), groups })
}

/// Adds the event times of the cases in `order` of time.
fn add_stratum(data: Survival<'_>, order: &[usize], of: &[usize], weight: Weight, sums: &mut Sums) {
    let (times, events) = (data.times(), data.events());
    let k = sums.expected.len();
    let mut at_risk = vec![0.0; k];
    order.iter().for_each(|&case| at_risk[of[case]] += 1.0);
    let mut n = order.len() as f64;
    let mut survival = 1.0;
    for tied in order.chunk_by(|&a, &b| times[a] == times[b]) {
        let mut observed = vec![0.0; k];
        tied.iter().filter(|&&case| events[case]).for_each(|&case| observed[of[case]] += 1.0);
        let d: f64 = observed.iter().sum();
        survival *= 1.0 - d / (n + 1.0);
        let w = match weight {
            Weight::One => 1.0,
            Weight::AtRisk => n,
            Weight::RootAtRisk => n.sqrt(),
            Weight::Survival => survival,
        };
        let spread = if n > 1.0 { w * w * d * (n - d) / (n - 1.0) } else { 0.0 };
        for a in 0..k {
            let share = at_risk[a] / n;
            sums.expected[a] += d * share;
            sums.excess[a] += w * (observed[a] - d * share);
            for b in 0..k {
                sums.variance[a * k + b] += spread * share * (f64::from(u8::from(a == b)) - at_risk[b] / n);
            }
        }
        for &case in tied {
            at_risk[of[case]] -= 1.0;
        }
        n -= tied.len() as f64;
    }
}

/// The statistic over the groups in which events are expected, the last of which follows from the others.
fn chi_squared(sums: &Sums) -> Result<(f64, usize)> {
    let k = sums.expected.len();
    let with: Vec<usize> = (0..k).filter(|&a| sums.expected[a] > 0.0).collect();
    let Some((_, free)) = with.split_last().filter(|(_, free)| !free.is_empty()) else {
        return Err(Error::OneGroup);
    };
    let excess: Vec<f64> = free.iter().map(|&a| sums.excess[a]).collect();
    let variance: Vec<f64> =
        free.iter().flat_map(|&a| free.iter().map(move |&b| (a, b))).map(|(a, b)| sums.variance[a * k + b]).collect();
    let scale: Vec<f64> = free.iter().map(|&a| sums.variance[a * k + a].max(f64::MIN_POSITIVE)).collect();
    let factor = Cholesky::new(&variance, &scale).map_err(|_| Error::Undefined {
        what: "the log-rank statistic",
        reason: "at every time of an event either all at risk had it, or all were of the same groups",
    })?;
    Ok((dot(&factor.solve(&excess), &excess), free.len()))
}
