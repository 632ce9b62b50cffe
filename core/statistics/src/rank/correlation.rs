use serde::Serialize;

use super::{mid_ranks, sorted};
use crate::{
    distribution::{ln_factorial, student_two_sided},
    error::{Error, Result},
    input::{Interval, Level, finite, same_length},
};

/// With more pairs than this, the distribution of Spearman's coefficient is taken from Student's.
pub const MOST_PERMUTED: usize = 9;

/// Where the p value of a correlation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// All orders of the one list against the other.
    Permutations,
    /// Student's distribution of r·√((n − 2)/(1 − r²)).
    Student,
}

/// A coefficient of correlation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Correlation {
    /// From −1 to 1.
    pub coefficient: f64,
    /// Number of pairs.
    pub n: usize,
    /// tanh(artanh r ± z·SE). `None` for less than four pairs, or a coefficient of ±1.
    pub interval: Option<Interval>,
    /// Two-sided, of the hypothesis of no correlation. `None` for two pairs, which always lie on a line, and for a Pearson's
    /// coefficient of ±1: points on a line leave no residual to test against.
    pub p: Option<f64>,
    /// Where `p` comes from.
    pub reference: Option<Reference>,
}

/// Pearson's correlation. The interval is Fisher's (Metron 1:3, 1921): SE = 1/√(n − 3). The p value is by Student's
/// distribution, exact for pairs from a normal distribution.
///
/// ```
/// use voxomics_statistics::{Level, rank::pearson};
///
/// let found = pearson(&[1.0, 2.0, 3.0], &[1.0, 3.0, 2.0], Level::P95)?;
/// assert!((found.coefficient - 0.5).abs() < 1e-12 && found.n == 3);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for less than two pairs, [`Error::Constant`], and what is wrong with the input.
pub fn pearson(x: &[f64], y: &[f64], level: Level) -> Result<Correlation> {
    correlation(x, y, level, false)
}

/// Spearman's rank correlation (Am. J. Psychol. 15:72, 1904): Pearson's of the mid-ranks. The standard error behind the
/// interval is that of Bonett and Wright (Psychometrika 65:23, 2000), √((1 + r²/2)/(n − 3)), for Fisher's is too short.
///
/// The p value of up to [`MOST_PERMUTED`] pairs, and of a coefficient of ±1, is exact: twice the share of the n! orders of
/// the ranks, equal ones included, whose coefficient is at least as large, or at most as large, whichever are fewer. That
/// of more pairs is by Student's distribution.
///
/// ```
/// use voxomics_statistics::{Level, rank::spearman};
///
/// // One bend does not matter to ranks. Of 24 orders, one is as large and one as small.
/// let found = spearman(&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 400.0], Level::P95)?;
/// assert!((found.coefficient - 1.0).abs() < 1e-12 && (found.p.unwrap() - 2.0 / 24.0).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for less than two pairs, [`Error::Constant`], and what is wrong with the input.
pub fn spearman(x: &[f64], y: &[f64], level: Level) -> Result<Correlation> {
    correlation(x, y, level, true)
}

/// Spearman's coefficient alone, for those who ask often.
///
/// ```
/// use voxomics_statistics::rank::spearman_coefficient;
///
/// assert!((spearman_coefficient(&[1.0, 2.0, 3.0], &[10.0, 30.0, 20.0])? - 0.5).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// As [`spearman`].
pub fn spearman_coefficient(x: &[f64], y: &[f64]) -> Result<f64> {
    check(x, y)?;
    product_moment(&mid_ranks(x), &mid_ranks(y))
}

fn check(x: &[f64], y: &[f64]) -> Result<()> {
    same_length(("x", x.len()), ("y", y.len()))?;
    finite("x", x)?;
    finite("y", y)?;
    if x.len() < 2 { Err(Error::TooFew { what: "pairs", found: x.len(), needed: 2 }) } else { Ok(()) }
}

fn correlation(x: &[f64], y: &[f64], level: Level, ranked: bool) -> Result<Correlation> {
    check(x, y)?;
    let n = x.len();
    let ranks = ranked.then(|| (mid_ranks(x), mid_ranks(y)));
    let r = match &ranks {
        Some((x, y)) => product_moment(x, y)?,
        None => product_moment(x, y)?,
    };
    let degrees = n as f64 - 2.0;
    let student = || student_two_sided(r * (degrees / ((1.0 - r) * (1.0 + r))).sqrt(), degrees);
    let tested = match &ranks {
        _ if n < 3 => None,
        Some((x, y)) if n <= MOST_PERMUTED => Some((permuted(x, y), Reference::Permutations)),
        Some((x, _)) if r.abs() == 1.0 => Some((one_order(x), Reference::Permutations)),
        None if r.abs() == 1.0 => None,
        _ => Some((student(), Reference::Student)),
    };
    let interval = (n > 3 && r.abs() < 1.0).then(|| {
        let spread = if ranked { 1.0 + r * r / 2.0 } else { 1.0 };
        Interval::around(r.atanh(), level.z() * (spread / (n as f64 - 3.0)).sqrt()).map(f64::tanh)
    });
    Ok(Correlation {
        coefficient: r,
        n,
        interval,
        p: tested.map(|found| found.0),
        reference: tested.map(|found| found.1),
    })
}

/// Twice the share of orders that give a coefficient of ±1: those that differ among equal ranks alone.
fn one_order(ranks: &[f64]) -> f64 {
    let ties = sorted(ranks);
    let alike: f64 = ties.chunk_by(|a, b| a == b).map(|tied| ln_factorial(tied.len())).sum();
    // The logarithm of 2/n! leaves the range of the numbers from n = 171 on.
    (std::f64::consts::LN_2 + alike - ln_factorial(ranks.len())).exp().clamp(f64::MIN_POSITIVE, 1.0)
}

/// The exact two-sided p value of Spearman's coefficient. Twice a mid-rank is whole: no sum is rounded.
fn permuted(x: &[f64], y: &[f64]) -> f64 {
    let whole = |ranks: &[f64]| -> Vec<i64> { ranks.iter().map(|rank| (2.0 * rank) as i64).collect() };
    let (x, mut y) = (whole(x), whole(y));
    let observed: i64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
    let (mut sum, mut orders, mut above, mut below) = (observed, 0_u32, 0_u32, 0_u32);
    let mut count = |sum: i64| {
        orders += 1;
        above += u32::from(sum >= observed);
        below += u32::from(sum <= observed);
    };
    count(sum);
    // Heap's algorithm (Comput. J. 6:293, 1963): each order differs from the one before by one exchange.
    let n = x.len();
    let mut turns = vec![0; n];
    let mut at = 1;
    while at < n {
        if turns[at] < at {
            let other = if at % 2 == 0 { 0 } else { turns[at] };
            sum += (x[at] - x[other]) * (y[other] - y[at]);
            y.swap(at, other);
            count(sum);
            turns[at] += 1;
            at = 1;
        } else {
            turns[at] = 0;
            at += 1;
        }
    }
    (2.0 * f64::from(above.min(below)) / f64::from(orders)).min(1.0)
}

fn product_moment(x: &[f64], y: &[f64]) -> Result<f64> {
    let (x, y) = (unit("x", x)?, unit("y", y)?);
    let r: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
    // Points on a line may miss 1 by their last digits.
    Ok(if 1.0 - r.abs() < 4.0 * f64::EPSILON { r.signum() } else { r })
}

/// Deviations from the mean, scaled to a length of 1.
fn unit(what: &str, values: &[f64]) -> Result<Vec<f64>> {
    let constant = || Error::Constant { what: what.to_owned() };
    if values.iter().all(|&value| value == values[0]) {
        return Err(constant());
    }
    // The largest value first, so that no square leaves the range of the numbers.
    let scale = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let mean = values.iter().map(|value| value / scale).sum::<f64>() / values.len() as f64;
    let centred: Vec<f64> = values.iter().map(|value| value / scale - mean).collect();
    let length = centred.iter().map(|value| value * value).sum::<f64>().sqrt();
    if length > 0.0 { Ok(centred.iter().map(|value| value / length).collect()) } else { Err(constant()) }
}
