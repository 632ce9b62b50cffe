//! Harrell's C: how often, of two cases, the one with the higher risk score has the event first.
//!
//! A pair is comparable when one case has the event while the other is known to be free of it: at a later time, or censored
//! at the same time. Two events at the same time are not comparable. Equal scores count ½. These are the conventions of
//! scikit-survival and lifelines, except that scores are equal only if they are exactly so.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    error::{Error, Result},
    input::{Interval, Level, Survival, finite, same_length},
};

/// Harrell's C.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Concordance {
    /// (concordant + ½·tied) / pairs.
    pub value: f64,
    /// Comparable pairs in which the higher score has the event first.
    pub concordant: u64,
    /// Comparable pairs in which the lower score has the event first.
    pub discordant: u64,
    /// Comparable pairs with equal scores.
    pub tied: u64,
    /// √(Σ (∂C/∂wᵢ)²) over the weights of the cases: the infinitesimal jackknife (Efron, 1982).
    /// `None` when it is zero, as for a perfect order.
    pub standard_error: Option<f64>,
    /// Value ± z·SE, clipped to [0, 1].
    pub interval: Option<Interval>,
    /// logit C ± z·SE / (C·(1 − C)), transformed back: it does not leave 0 to 1. `None` also for a value of 0 or 1.
    pub logit_interval: Option<Interval>,
}

/// Harrell's C (J. Am. Med. Assoc. 247:2543, 1982; Stat. Med. 15:361, 1996) of `risk`, higher for an earlier event. With
/// `strata`, only cases of the same stratum are paired. O(n log n).
///
/// ```
/// use voxomics_statistics::{Level, Survival, concordance::concordance};
///
/// // The case that is censored at 3 has no event: it is paired with those before it.
/// let data = Survival::new(&[1.0, 2.0, 3.0, 4.0], &[true, true, false, true])?;
/// let found = concordance(data, &[9.0, 1.0, 2.0, 0.0], None, Level::P95)?;
/// assert_eq!((found.concordant, found.discordant, found.value), (4, 1, 0.8));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoEvents`], [`Error::NoPairs`], and what is wrong with the input.
pub fn concordance(data: Survival<'_>, risk: &[f64], strata: Option<&[usize]>, level: Level) -> Result<Concordance> {
    same_length(("times", data.len()), ("risk scores", risk.len()))?;
    finite("risk scores", risk)?;
    let data = data.with_events()?;
    if let Some(strata) = strata {
        same_length(("times", data.len()), ("strata", strata.len()))?;
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for case in data.order() {
        members.entry(strata.map_or(0, |strata| strata[case])).or_default().push(case);
    }
    let mut counts = vec![Pairs::default(); data.len()];
    for order in members.values() {
        count_pairs(data, risk, order, &mut counts);
    }
    // Every pair has two members.
    let total = counts.iter().fold(Pairs::default(), |sum, pairs| sum.plus(*pairs));
    let (concordant, discordant, tied) = (total.concordant / 2, total.discordant / 2, total.tied / 2);
    let pairs = (concordant + discordant + tied) as f64;
    if pairs == 0.0 {
        return Err(Error::NoPairs { observations: data.len() });
    }
    let value = (concordant as f64 + 0.5 * tied as f64) / pairs;
    let influence = |own: &Pairs| {
        let all = (own.concordant + own.discordant + own.tied) as f64;
        (own.concordant as f64 + 0.5 * own.tied as f64 - value * all) / pairs
    };
    let variance: f64 = counts.iter().map(influence).map(|d| d * d).sum();
    let standard_error = (variance > 0.0).then(|| variance.sqrt());
    let interval = standard_error.map(|se| Interval::around(value, level.z() * se).within(0.0, 1.0));
    let logit_interval = standard_error.and_then(|se| Interval::on_logits(value, level.z() * se));
    Ok(Concordance { value, concordant, discordant, tied, standard_error, interval, logit_interval })
}

/// Comparable pairs that a case belongs to.
#[derive(Clone, Copy, Default)]
struct Pairs {
    concordant: u64,
    discordant: u64,
    tied: u64,
}

impl Pairs {
    fn plus(self, other: Self) -> Self {
        Self {
            concordant: self.concordant + other.concordant,
            discordant: self.discordant + other.discordant,
            tied: self.tied + other.tied,
        }
    }
}

/// Adds the pairs among the cases in `order` of time to the counts of both their members.
fn count_pairs(data: Survival<'_>, risk: &[f64], order: &[usize], counts: &mut [Pairs]) {
    let (times, events) = (data.times(), data.events());
    let distinct = distinct(order.iter().map(|&case| risk[case]));
    let rank = |case: usize| distinct.partition_point(|&score| score < risk[case]);
    let same_time = |a: &usize, b: &usize| times[*a] == times[*b];
    let (ended, censored) = (|case: &&usize| events[**case], |case: &&usize| !events[**case]);

    // Each event against those that outlast it …
    let mut later = Tally::new(distinct.len());
    for tied in order.chunk_by(same_time).rev() {
        tied.iter().filter(censored).for_each(|&case| later.add(rank(case)));
        for &case in tied.iter().filter(ended) {
            let (below, equal, above) = later.around(rank(case));
            counts[case] = counts[case].plus(Pairs { concordant: below, discordant: above, tied: equal });
        }
        tied.iter().filter(ended).for_each(|&case| later.add(rank(case)));
    }
    // … and each case against the events that it outlasts.
    let mut earlier = Tally::new(distinct.len());
    for tied in order.chunk_by(same_time) {
        let mut compare = |case: usize, earlier: &Tally| {
            let (below, equal, above) = earlier.around(rank(case));
            counts[case] = counts[case].plus(Pairs { concordant: above, discordant: below, tied: equal });
        };
        tied.iter().filter(ended).for_each(|&case| compare(case, &earlier));
        tied.iter().filter(ended).for_each(|&case| earlier.add(rank(case)));
        tied.iter().filter(censored).for_each(|&case| compare(case, &earlier));
    }
}

/// The different values, in rising order.
pub(crate) fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut distinct: Vec<f64> = values.collect();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    distinct
}

/// Counts by rank, with sums in logarithmic time (Fenwick, Softw. Pract. Exp. 24:327, 1994).
pub(crate) struct Tally {
    tree: Vec<u64>,
    total: u64,
}

impl Tally {
    pub(crate) fn new(ranks: usize) -> Self {
        Self { tree: vec![0; ranks + 1], total: 0 }
    }

    pub(crate) fn add(&mut self, rank: usize) {
        let mut at = rank + 1;
        while at < self.tree.len() {
            self.tree[at] += 1;
            at += at & at.wrapping_neg();
        }
        self.total += 1;
    }

    /// How many have a rank below `rank`.
    fn below(&self, rank: usize) -> u64 {
        let (mut at, mut sum) = (rank, 0);
        while at > 0 {
            sum += self.tree[at];
            at &= at - 1;
        }
        sum
    }

    /// How many are below, at and above `rank`.
    pub(crate) fn around(&self, rank: usize) -> (u64, u64, u64) {
        let (below, up_to) = (self.below(rank), self.below(rank + 1));
        (below, up_to - below, self.total - up_to)
    }
}
