use serde::Serialize;

use super::{mid_ranks, ties};
use crate::{
    distribution::chi_squared_upper,
    error::{Error, Result},
    input::finite,
};

/// The test of Kruskal and Wallis.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct KruskalWallis {
    /// The statistic H, corrected for ties.
    pub h: f64,
    /// Number of samples − 1.
    pub degrees: usize,
    /// From the chi-squared distribution.
    pub p: f64,
}

/// The test that samples come from one distribution (Kruskal and Wallis, J. Am. Stat. Assoc. 47:583, 1952):
/// H = (12/(n(n + 1))·Σ Rⱼ²/nⱼ − 3(n + 1)) / (1 − Σ(t³ − t)/(n³ − n)).
///
/// ```
/// use voxomics_statistics::rank::kruskal_wallis;
///
/// // Sums of ranks 3 and 7: 12/20 · (9/2 + 49/2) − 15.
/// let found = kruskal_wallis(&[&[1.0, 2.0], &[3.0, 4.0]])?;
/// assert!((found.h - 2.4).abs() < 1e-12 && found.degrees == 1);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for less than two samples, [`Error::Constant`] when all values are equal, and what is wrong with the
/// input.
pub fn kruskal_wallis(samples: &[&[f64]]) -> Result<KruskalWallis> {
    if samples.len() < 2 {
        return Err(Error::TooFew { what: "samples", found: samples.len(), needed: 2 });
    }
    for sample in samples {
        finite("sample", sample)?;
    }
    let pooled = samples.concat();
    let n = pooled.len() as f64;
    let correction = 1.0 - ties(&pooled) / (n * n * n - n);
    if correction <= 0.0 {
        return Err(Error::Constant { what: "samples".to_owned() });
    }
    let ranks = mid_ranks(&pooled);
    let mut rest = ranks.as_slice();
    let mut squares = 0.0;
    for sample in samples {
        let (own, others) = rest.split_at(sample.len());
        // Around the mean rank: the textbook's difference of large sums would cost digits.
        let excess = own.iter().map(|rank| rank - (n + 1.0) / 2.0).sum::<f64>();
        squares += excess * excess / sample.len() as f64;
        rest = others;
    }
    let h = 12.0 / (n * (n + 1.0)) * squares / correction;
    let degrees = samples.len() - 1;
    Ok(KruskalWallis { h, degrees, p: chi_squared_upper(h, degrees) })
}
