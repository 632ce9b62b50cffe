//! Ellipsoids: what one of given semi-axes measures.

/// Terms of the series beyond the first (IBSI 1, area density of the approximate enclosing ellipsoid: stop after
/// ν = 20).
const LAST_TERM: u32 = 20;

/// The volume of an ellipsoid with these semi-axes.
///
/// ```
/// use std::f64::consts::PI;
///
/// assert!((voxomics_imaging::morphology::ellipsoid::volume([3.0, 2.0, 1.0]) - 8.0 * PI).abs() < 1e-12);
/// ```
pub fn volume([a, b, c]: [f64; 3]) -> f64 {
    4.0 / 3.0 * std::f64::consts::PI * a * b * c
}

/// What IBSI 1 takes for the surface of an ellipsoid with semi-axes `a ≥ b ≥ c` (RDD2, BRI8), a Legendre series up to
/// ν = 20: `4π·a·b·Σ (αβ)^ν / (1 − 4ν²)·P_ν((α² + β²) / 2αβ)` with `α² = 1 − b²/a²` and `β² = 1 − c²/a²`.
///
/// This is the manual's formula and the one that its reference values are made with, but it is the surface of a ball
/// only: Legendre's series has `β² = 1 − c²/b²` and `α² = 1 − c²/a²` there. For the digital phantom's ellipsoid the
/// manual's value is 286.4 mm², the surface 297.5 mm². Zero if `a` is.
///
/// ```
/// use std::f64::consts::PI;
///
/// assert!((voxomics_imaging::morphology::ellipsoid::legendre_area([2.0; 3]) - 16.0 * PI).abs() < 1e-9);
/// ```
pub fn legendre_area([a, b, c]: [f64; 3]) -> f64 {
    if a == 0.0 {
        return 0.0;
    }
    let (alpha2, beta2) = (1.0 - (b / a).powi(2), 1.0 - (c / a).powi(2));
    // q_ν = (αβ)^ν·P_ν(…) by Bonnet's recursion, multiplied through so that a sphere does not divide by zero.
    let (mean, product) = ((alpha2 + beta2) / 2.0, alpha2 * beta2);
    let (mut previous, mut q) = (0.0, 1.0);
    let mut series = 0.0;
    for nu in 0..=LAST_TERM {
        let n = f64::from(nu);
        series += q / (1.0 - 4.0 * n * n);
        let next = ((2.0 * n + 1.0) * mean * q - n * product * previous) / (n + 1.0);
        (previous, q) = (q, next);
    }
    4.0 * std::f64::consts::PI * a * b * series
}
