//! A number that trees are grown on, whatever its unit.

use crate::{Error, algebra};

/// Numbers with mean 0 and variance 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaled {
    /// Their mean, in their unit.
    pub centre: f64,
    /// Their standard deviation, in their unit; 1 if they are all the same.
    pub scale: f64,
    /// The scaled numbers.
    pub y: Vec<f64>,
}

impl Scaled {
    /// Scales numbers with weights. Squares of sums far from 0 would lose the digits that tell splits apart. The scaled numbers are
    /// rounded to multiples of a `step`, so that they have the same bits whatever the unit was, and so that sums
    /// of them are exact: splits that part the rows alike are then equally good, and not better or worse by what rounding leaves.
    ///
    /// ```
    /// use voxomics_learning::trees::Scaled;
    ///
    /// let scaled = Scaled::of(&[1.0, 3.0], &[1.0, 1.0]).unwrap();
    /// assert_eq!((scaled.centre, scaled.scale, scaled.y), (2.0, 1.0, vec![-1.0, 1.0]));
    /// ```
    ///
    /// # Errors
    /// If the numbers are too large.
    pub fn of(y: &[f64], weights: &[f64]) -> Result<Self, Error> {
        let (mean, deviation) = (algebra::mean(y, weights), algebra::variance(y, weights).sqrt());
        if !(mean.is_finite() && deviation.is_finite()) {
            return Err(Error::input("the numbers of the target are too large"));
        }
        let scale = if deviation > 0.0 { deviation } else { 1.0 };
        let step = step(algebra::largest(y) / scale);
        let y = y.iter().map(|y| ((y - mean) / scale / step).round() * step).collect();
        Ok(Self { centre: mean, scale, y })
    }
}

/// What scaled numbers are multiples of: 2⁻²⁸ standard deviations, or more where the numbers are very `far` from 0, in standard
/// deviations. Rounding a number to another unit does so much less to it that hardly ever one comes to lie at another multiple.
/// What a leaf says is off by no more than 2e-9 standard deviations.
fn step(far: f64) -> f64 {
    const FAR: f64 = 1000.0;
    let more = (far / FAR).log2().ceil().max(0.0);
    (more - 28.0).exp2()
}
