use serde::Serialize;

use super::mid_ranks;
use crate::{
    distribution::student_two_sided,
    error::{Error, Result},
    input::{Interval, Level, finite, same_length},
};

/// A coefficient of correlation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Correlation {
    /// From −1 to 1.
    pub coefficient: f64,
    /// Number of pairs.
    pub n: usize,
    /// tanh(artanh r ± z·SE). `None` for less than four pairs, or a coefficient of ±1.
    pub interval: Option<Interval>,
    /// Two-sided, of the hypothesis of no correlation, by Student's distribution of r·√((n − 2)/(1 − r²)). `None` for two
    /// pairs, which always lie on a line.
    pub p: Option<f64>,
}

/// Pearson's correlation. The interval is Fisher's (Metron 1:3, 1921): SE = 1/√(n − 3).
///
/// # Errors
/// [`Error::TooFew`] for less than two pairs, [`Error::Constant`], and what is wrong with the input.
pub fn pearson(x: &[f64], y: &[f64], level: Level) -> Result<Correlation> {
    correlation(x, y, level, false)
}

/// Spearman's rank correlation (Am. J. Psychol. 15:72, 1904): Pearson's of the mid-ranks. The standard error behind the
/// interval is that of Bonett and Wright (Psychometrika 65:23, 2000), √((1 + r²/2)/(n − 3)), for Fisher's is too short.
///
/// # Errors
/// [`Error::TooFew`] for less than two pairs, [`Error::Constant`], and what is wrong with the input.
pub fn spearman(x: &[f64], y: &[f64], level: Level) -> Result<Correlation> {
    correlation(x, y, level, true)
}

fn correlation(x: &[f64], y: &[f64], level: Level, ranked: bool) -> Result<Correlation> {
    same_length(("x", x.len()), ("y", y.len()))?;
    finite("x", x)?;
    finite("y", y)?;
    let n = x.len();
    if n < 2 {
        return Err(Error::TooFew { what: "pairs", found: n, needed: 2 });
    }
    let r = if ranked { product_moment(&mid_ranks(x), &mid_ranks(y))? } else { product_moment(x, y)? };
    let degrees = n as f64 - 2.0;
    let p = (n > 2).then(|| student_two_sided(r * (degrees / ((1.0 - r) * (1.0 + r))).sqrt(), degrees));
    let interval = (n > 3 && r.abs() < 1.0).then(|| {
        let spread = if ranked { 1.0 + r * r / 2.0 } else { 1.0 };
        Interval::around(r.atanh(), level.z() * (spread / (n as f64 - 3.0)).sqrt()).map(f64::tanh)
    });
    Ok(Correlation { coefficient: r, n, interval, p })
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
