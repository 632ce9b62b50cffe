//! Tails and quantiles of the normal, chi-squared, Student and beta distributions.

use std::f64::consts::SQRT_2;

use statrs::function::{
    beta::beta_reg,
    erf::{erfc, erfc_inv},
    gamma::{gamma_ur, ln_gamma},
};

/// P(Z ≤ z) of the standard normal distribution.
pub(crate) fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / SQRT_2)
}

/// P(|Z| ≥ |z|) of the standard normal distribution.
pub(crate) fn normal_two_sided(z: f64) -> f64 {
    erfc(z.abs() / SQRT_2)
}

/// The z below which lies `p` of the standard normal distribution.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    let start = -SQRT_2 * erfc_inv(2.0 * p);
    // A step of Newton's takes the last digits from those of the inverse to those of the function.
    let density = (-0.5 * start * start).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let step = (normal_cdf(start) - p) / density;
    if step.is_finite() { start - step } else { start }
}

/// P(X ≥ x) of the chi-squared distribution.
pub(crate) fn chi_squared_upper(x: f64, degrees: usize) -> f64 {
    if x <= 0.0 {
        1.0
    } else if x.is_infinite() {
        0.0
    } else {
        gamma_ur(degrees as f64 / 2.0, x / 2.0)
    }
}

/// P(|T| ≥ |t|) of Student's distribution.
pub(crate) fn student_two_sided(t: f64, degrees: f64) -> f64 {
    if t.is_infinite() {
        return 0.0;
    }
    beta_reg(degrees / 2.0, 0.5, degrees / (degrees + t * t))
}

/// Quantile of Student's t, for `p` from 0.5 up to below 1: from the beta quantile of its square.
///
/// ```
/// // As tables have it for ten degrees of freedom.
/// assert!((voxomics_statistics::student_quantile(0.975, 10.0) - 2.228139).abs() < 1e-6);
/// ```
pub fn student_quantile(p: f64, degrees: f64) -> f64 {
    let x = beta_quantile(2.0 * (1.0 - p), 0.5 * degrees, 0.5);
    (degrees * (1.0 - x) / x).sqrt()
}

/// The x below which lies `p` of the beta distribution, by halving: exact to the last digits for every shape.
pub(crate) fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    loop {
        let middle: f64 = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if beta_reg(a, b, middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// The f below which lies `p` of the F distribution with these degrees of freedom.
pub(crate) fn f_quantile(p: f64, first: f64, second: f64) -> f64 {
    let x = beta_quantile(p, first / 2.0, second / 2.0);
    second * x / (first * (1.0 - x))
}

/// P(F ≥ f) with these degrees of freedom.
pub(crate) fn f_upper(f: f64, first: f64, second: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    beta_reg(second / 2.0, first / 2.0, second / (second + first * f))
}

/// The logarithm of the number of ways to choose `k` of `n`.
pub(crate) fn ln_choose(n: usize, k: usize) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// The logarithm of n!.
pub(crate) fn ln_factorial(n: usize) -> f64 {
    ln_gamma(n as f64 + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(found: f64, expected: f64) {
        assert!((found / expected - 1.0).abs() < 1e-9, "{found} instead of {expected}");
    }

    /// Figures of SciPy 1.17, far into the tails.
    #[test]
    fn tails_and_quantiles() {
        for (z, expected) in [
            (0.001, 0.9992021155721779),
            (3.3, 0.0009668482847675549),
            (12.0, 3.552964224155306e-33),
            (37.0, 1.1451142445047853e-299),
        ] {
            close(normal_two_sided(z), expected);
        }
        for (p, expected) in [
            (1e-12, -7.034483825301131),
            (0.025, -1.9599639845400545),
            (0.4999, -0.0002506628300880075),
            (0.999999, 4.753424308817087),
        ] {
            close(normal_quantile(p), expected);
        }
        for (x, degrees, expected) in [
            (0.001, 1.0, 0.9747728793699604),
            (3.84, 1.0, 0.05004352124870519),
            (300.0, 1.0, 3.2943623833139784e-67),
            (9.0, 7.0, 0.252656046496564),
            (400.0, 12.0, 3.784523657876538e-78),
            (30.0, 200.0, 1.0),
        ] {
            close(chi_squared_upper(x, degrees as usize), expected);
        }
        for (t, degrees, expected) in [
            (0.01, 3.0, 0.992649111412852),
            (2.2, 7.53, 0.06105859518696959),
            (60.0, 4.2, 2.537410675554751e-07),
            (8.0, 3000.5, 1.7602661169692897e-15),
            (1e-09, 1.0, 1.0),
        ] {
            close(student_two_sided(t, degrees), expected);
        }
        for (p, a, b, expected) in [
            (0.025, 1.0, 10000.0, 2.5317775934746866e-06),
            (0.975, 5000.0, 3.0, 0.999876297967181),
            (0.025, 1.0, 1.0, 0.025),
            (0.001, 40.0, 61.0, 0.2545362045791411),
        ] {
            close(beta_quantile(p, a, b), expected);
        }
    }
}
