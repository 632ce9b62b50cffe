//! p values of several tests at once, adjusted: each may be held against the level that the whole family is to keep.

use crate::error::{Error, Result};

/// Bonferroni: p·m. Keeps the probability of any false positive, whatever the dependence.
///
/// ```
/// assert_eq!(voxomics_statistics::multiplicity::bonferroni(&[0.01, 0.04, 0.5]), Ok(vec![0.03, 0.12, 1.0]));
/// ```
///
/// # Errors
/// [`Error::Empty`], [`Error::OutOfRange`] for a p value that is not in [0, 1].
pub fn bonferroni(p: &[f64]) -> Result<Vec<f64>> {
    checked(p)?;
    let tests = p.len() as f64;
    Ok(p.iter().map(|p| (p * tests).min(1.0)).collect())
}

/// Holm (Scand. J. Stat. 6:65, 1979): max over j ≤ i of p₍ⱼ₎·(m − j + 1). Keeps what Bonferroni keeps, and finds more.
///
/// ```
/// // 2 · 0.01, then 1 · 0.04.
/// assert_eq!(voxomics_statistics::multiplicity::holm(&[0.04, 0.01]), Ok(vec![0.04, 0.02]));
/// ```
///
/// # Errors
/// [`Error::Empty`], [`Error::OutOfRange`] for a p value that is not in [0, 1].
pub fn holm(p: &[f64]) -> Result<Vec<f64>> {
    let order = ascending(p)?;
    let mut adjusted = vec![0.0; p.len()];
    let mut largest = 0.0_f64;
    for (rank, &at) in order.iter().enumerate() {
        largest = largest.max(p[at] * (p.len() - rank) as f64).min(1.0);
        adjusted[at] = largest;
    }
    Ok(adjusted)
}

/// Benjamini and Hochberg (J. R. Stat. Soc. B 57:289, 1995): min over j ≥ i of p₍ⱼ₎·m/j. Keeps the expected share of false
/// ones among the positives, for tests that are independent or positively dependent.
///
/// ```
/// // 2/2 · 0.03 is below 2/1 · 0.02.
/// assert_eq!(voxomics_statistics::multiplicity::benjamini_hochberg(&[0.02, 0.03]), Ok(vec![0.03, 0.03]));
/// ```
///
/// # Errors
/// [`Error::Empty`], [`Error::OutOfRange`] for a p value that is not in [0, 1].
pub fn benjamini_hochberg(p: &[f64]) -> Result<Vec<f64>> {
    let order = ascending(p)?;
    let mut adjusted = vec![0.0; p.len()];
    let mut smallest = 1.0_f64;
    for (rank, &at) in order.iter().enumerate().rev() {
        smallest = smallest.min(p[at] * p.len() as f64 / (rank + 1) as f64);
        adjusted[at] = smallest;
    }
    Ok(adjusted)
}

fn checked(p: &[f64]) -> Result<()> {
    if p.is_empty() {
        return Err(Error::Empty { what: "p values" });
    }
    match p.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        Some(&value) => Err(Error::OutOfRange { what: "p values", value, expected: "probabilities from 0 to 1" }),
        None => Ok(()),
    }
}

/// Positions in order of p.
fn ascending(p: &[f64]) -> Result<Vec<usize>> {
    checked(p)?;
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    Ok(order)
}
