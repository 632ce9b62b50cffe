use serde::Serialize;

use super::{mid_ranks, ties};
use crate::{
    distribution::{ln_choose, normal_two_sided},
    error::{Error, Result},
    input::finite,
};

/// With equal values, sums of ranks are counted one by one: beyond so many values that takes too long.
const MOST_TIED: usize = 200;

/// How the p value is to be found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Exact when one sample has at most eight values, and, if values are equal, both together at most 200; else by the
    /// normal distribution.
    #[default]
    Auto,
    /// Exact, from all orders of the two samples, however many there are.
    Exact,
    /// By the normal distribution, corrected for ties and continuity.
    Asymptotic,
}

/// How the p value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Used {
    /// From all orders of the two samples.
    Exact,
    /// From the normal distribution.
    Asymptotic,
}

/// The test of Mann and Whitney.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MannWhitney {
    /// Pairs in which the first sample's value is larger; equal ones count ½.
    pub u: f64,
    /// u / (n₁·n₂): the area below the ROC curve.
    pub share: f64,
    /// Two-sided, of the hypothesis that both samples come from one distribution.
    pub p: f64,
    /// How `p` was found.
    pub method: Used,
}

/// The test that two samples come from one distribution (Mann and Whitney, Ann. Math. Stat. 18:50, 1947). With the normal
/// distribution z = (max(U, n₁n₂ − U) − n₁n₂/2 − ½) / σ, σ² = n₁n₂/12·(n + 1 − Σ(t³ − t)/(n(n − 1))). When all values
/// are equal every order is alike, and p is 1. The exact p value is twice the share of all ways to deal the values, equal
/// ones included, to the two samples that give at most the lesser U, or at least the larger, whichever are fewer.
///
/// ```
/// use voxomics_statistics::rank::{Method, mann_whitney};
///
/// // All four pairs; of the six ways to deal four values, one is as large and one as small.
/// let found = mann_whitney(&[3.0, 4.0], &[1.0, 2.0], Method::Exact)?;
/// assert_eq!((found.u, found.share), (4.0, 1.0));
/// assert!((found.p - 1.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::Undefined`] for [`Method::Exact`] with more orders than can be counted, and what is wrong with the input.
pub fn mann_whitney(first: &[f64], second: &[f64], method: Method) -> Result<MannWhitney> {
    finite("first sample", first)?;
    finite("second sample", second)?;
    let pooled: Vec<f64> = first.iter().chain(second).copied().collect();
    let (m, n) = (first.len(), second.len());
    let pairs = m as f64 * n as f64;
    let rank_sum: f64 = mid_ranks(&pooled)[..m].iter().sum();
    let u = rank_sum - m as f64 * (m as f64 + 1.0) / 2.0;
    let larger = u.max(pairs - u);
    let ties = ties(&pooled);
    let countable = ln_choose(m + n, m) < 127.0 * std::f64::consts::LN_2 && (ties == 0.0 || m + n <= MOST_TIED);
    let exact = match method {
        Method::Auto => m.min(n) <= 8 && countable,
        Method::Exact if !countable => {
            let reason = "the samples have too many orders; the normal distribution can be used instead";
            return Err(Error::Undefined { what: "the exact Mann–Whitney test", reason });
        }
        Method::Exact => true,
        Method::Asymptotic => false,
    };
    let p = if exact && ties > 0.0 {
        tied_two_sided(&pooled, m)
    } else if exact {
        // U is whole without ties.
        exact_two_sided(m, n, (pairs - larger) as usize)
    } else {
        let total = (m + n) as f64;
        let deviation = (pairs / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)))).sqrt();
        let excess = larger - pairs / 2.0 - 0.5;
        if deviation > 0.0 && excess > 0.0 { normal_two_sided(excess / deviation) } else { 1.0 }
    };
    Ok(MannWhitney { u, share: u / pairs, p, method: if exact { Used::Exact } else { Used::Asymptotic } })
}

/// Twice the probability of at most `smaller`, the lesser of both U, when all orders are alike.
///
/// The number of orders with each U are the coefficients of the Gaussian binomial Π (1 − q^(n+i)) / (1 − q^i), i = 1 … m.
/// Intermediate products may leave the range of the integers, but arithmetic modulo 2¹²⁸ is exact for the final ones.
fn exact_two_sided(m: usize, n: usize, smaller: usize) -> f64 {
    let (m, n) = (m.min(n), m.max(n));
    let mut orders = vec![0_u128; smaller + 1];
    orders[0] = 1;
    for i in 1..=m {
        for u in (n + i..=smaller).rev() {
            orders[u] = orders[u].wrapping_sub(orders[u - n - i]);
        }
        for u in i..=smaller {
            orders[u] = orders[u].wrapping_add(orders[u - i]);
        }
    }
    let total = (1..=m).fold(1.0, |total, i| total * (n + i) as f64 / i as f64);
    let tail: f64 = orders.iter().map(|&count| count as f64).sum();
    (2.0 * tail / total).min(1.0)
}

/// The same with equal values, for the first `m` of the pooled ones: the number of ways to take so many of them with each
/// sum of ranks, one value after the other (Streitberg and Röhmel, Stat. Softw. Newsl. 12:10, 1986). Twice a mid-rank is
/// whole.
fn tied_two_sided(pooled: &[f64], m: usize) -> f64 {
    let ranks: Vec<usize> = mid_ranks(pooled).iter().map(|rank| (2.0 * rank) as usize).collect();
    // The lesser sample has the fewer sums; which of the two is looked at does not matter.
    let (few, taken) = if 2 * m <= ranks.len() { (m, &ranks[..m]) } else { (ranks.len() - m, &ranks[m..]) };
    let observed: usize = taken.iter().sum();
    let mut highest = ranks.clone();
    highest.sort_unstable_by(|a, b| b.cmp(a));
    let size = highest[..few].iter().sum::<usize>() + 1;
    // ways[k·size + s]: ways to take k values whose ranks add up to s.
    let mut ways = vec![0_u128; (few + 1) * size];
    ways[0] = 1;
    for &rank in &ranks {
        for k in (1..=few).rev() {
            for sum in (rank..size).rev() {
                ways[k * size + sum] += ways[(k - 1) * size + sum - rank];
            }
        }
    }
    let of = |ways: &[u128]| ways.iter().map(|&ways| ways as f64).sum::<f64>();
    let last = &ways[few * size..];
    (2.0 * of(&last[..=observed]).min(of(&last[observed..])) / of(last)).min(1.0)
}
