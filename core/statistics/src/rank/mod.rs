//! Ranks, quantiles, and the tests and correlations that are made of them.

mod correlation;
mod kruskal_wallis;
mod mann_whitney;

pub use correlation::{Correlation, MOST_PERMUTED, Reference, pearson, spearman, spearman_coefficient};
pub use kruskal_wallis::{KruskalWallis, kruskal_wallis};
pub use mann_whitney::{MannWhitney, Method, Used, mann_whitney};

use crate::{
    error::{Error, Result},
    input::finite,
};

/// Ranks from 1; equal values share the mean of theirs.
pub(crate) fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + (tied.len() as f64 + 1.0) / 2.0;
        tied.iter().for_each(|&at| ranks[at] = rank);
        before += tied.len();
    }
    ranks
}

/// Σ (t³ − t) over the groups of t equal values.
fn ties(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    sorted.chunk_by(|a, b| a == b).map(|tied| tied.len() as f64).map(|t| t * t * t - t).sum()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Quantiles at `probabilities`, by linear interpolation between order statistics at (n − 1)·p: type 7 of Hyndman and Fan
/// (Am. Stat. 50:361, 1996), the default of R and NumPy.
///
/// ```
/// assert_eq!(voxomics_statistics::rank::quantiles(&[10.0, 0.0], &[0.0, 0.25, 1.0]), Ok(vec![0.0, 2.5, 10.0]));
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for a probability outside of [0, 1], and what is wrong with the values.
pub fn quantiles(values: &[f64], probabilities: &[f64]) -> Result<Vec<f64>> {
    finite("values", values)?;
    let sorted = sorted(values);
    let one = |&p: &f64| {
        if !(0.0..=1.0).contains(&p) {
            return Err(Error::OutOfRange { what: "quantile", value: p, expected: "a probability from 0 to 1" });
        }
        let at = (sorted.len() - 1) as f64 * p;
        let below = at.floor() as usize;
        let above = (below + 1).min(sorted.len() - 1);
        Ok(sorted[below] + (sorted[above] - sorted[below]) * at.fract())
    };
    probabilities.iter().map(one).collect()
}
