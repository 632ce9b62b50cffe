//! Re-segmentation: which voxels of a region count when intensities are looked at (IBSI 1 manual, section
//! "Re-segmentation", arXiv:1612.07003).
//!
//! The result is the *intensity* mask. The *morphological* mask that it comes from stays as it is.

use std::fmt;

/// The rules for intensities; the default keeps every voxel.
///
/// ```
/// use voxomics_imaging::resegmentation::Resegmentation;
///
/// let kept = Resegmentation { lower: Some(0.0), upper: Some(100.0), sigma: None };
/// assert_eq!(kept.intensity_mask(&[-5.0, 0.0, 100.0, 50.0], &[1, 1, 1, 0]), Ok(vec![0, 1, 1, 0]));
/// assert!(Resegmentation { sigma: Some(-1.0), ..Resegmentation::default() }.intensity_mask(&[1.0], &[1]).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Resegmentation {
    /// Lowest intensity that is kept, inclusive; `None` leaves the range open (IBSI USB3).
    pub lower: Option<f64>,
    /// Highest intensity that is kept, inclusive; `None` leaves the range open (IBSI USB3).
    pub upper: Option<f64>,
    /// Keeps the intensities within the mean ± this many population standard deviations (IBSI 7ACA, which has 3).
    pub sigma: Option<f64>,
}

/// Why a re-segmentation is refused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ResegmentationError {
    /// A bound is not a number, or the lower one is above the upper one.
    Range {
        /// Lower bound.
        lower: Option<f64>,
        /// Upper bound.
        upper: Option<f64>,
    },
    /// The number of standard deviations is not finite or not positive.
    Sigma(f64),
    /// Intensities of the region are not finite.
    NotFinite {
        /// How many.
        voxels: usize,
    },
}

impl fmt::Display for ResegmentationError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let bound = |bound: &Option<f64>| bound.map_or("open".to_owned(), |b| b.to_string());
        match self {
            Self::Range { lower, upper } => {
                write!(f, "no intensity lies in the re-segmentation range [{}, {}]", bound(lower), bound(upper))
            }
            Self::Sigma(sigma) => write!(f, "outliers are those beyond a positive number of sigma, not {sigma}"),
            Self::NotFinite { voxels } => write!(f, "{voxels} voxels of the region have no finite intensity"),
        }
    }
}

impl std::error::Error for ResegmentationError {}

impl Resegmentation {
    /// The intensity mask (0 and 1) of a region: its voxels that every rule keeps.
    ///
    /// Mean μ = Σx/n and deviation σ = √(Σ(x − μ)²/n) are those of the *whole* region, before the range is applied:
    /// the rules are intersected, so that their order does not matter. An empty region stays empty.
    ///
    /// # Errors
    /// If a rule makes no sense, or if an intensity of the region is not finite.
    ///
    /// # Panics
    /// If the mask and the intensities differ in length.
    pub fn intensity_mask(&self, intensities: &[f64], region: &[u8]) -> Result<Vec<u8>, ResegmentationError> {
        assert_eq!(intensities.len(), region.len(), "the mask and the image have the same voxels");
        self.check()?;
        let inside = || intensities.iter().zip(region).filter(|(_, m)| **m != 0).map(|(x, _)| *x);
        let voxels = inside().filter(|x| !x.is_finite()).count();
        if voxels > 0 {
            return Err(ResegmentationError::NotFinite { voxels });
        }
        let lower = self.lower.unwrap_or(f64::NEG_INFINITY);
        let upper = self.upper.unwrap_or(f64::INFINITY);
        let (mean, reach) = match (self.sigma, inside().next()) {
            (Some(sigma), Some(first)) => {
                let (mean, deviation) = mean_and_deviation(inside, first);
                // Half the voxels at each of two values lie at exactly one σ: rounding must not remove them.
                (mean, sigma * deviation * (1.0 + 1e-12))
            }
            _ => (0.0, f64::INFINITY),
        };
        let kept = |x: f64| x >= lower && x <= upper && (x - mean).abs() <= reach;
        Ok(intensities.iter().zip(region).map(|(&x, &m)| u8::from(m != 0 && kept(x))).collect())
    }

    fn check(&self) -> Result<(), ResegmentationError> {
        let (lower, upper) = (self.lower.unwrap_or(f64::NEG_INFINITY), self.upper.unwrap_or(f64::INFINITY));
        if lower.is_nan() || upper.is_nan() || lower > upper {
            return Err(ResegmentationError::Range { lower: self.lower, upper: self.upper });
        }
        match self.sigma {
            Some(sigma) if !(sigma.is_finite() && sigma > 0.0) => Err(ResegmentationError::Sigma(sigma)),
            _ => Ok(()),
        }
    }
}

/// Mean and population standard deviation. Sums run over differences from `first`, one of the values: a flat region
/// then has its own value as the mean, to the bit, and is not all outliers.
fn mean_and_deviation<I: Iterator<Item = f64>>(values: impl Fn() -> I, first: f64) -> (f64, f64) {
    let (count, sum) = values().fold((0.0, 0.0), |(count, sum), x| (count + 1.0, sum + (x - first)));
    let mean = first + sum / count;
    let squares: f64 = values().map(|x| (x - mean) * (x - mean)).sum();
    (mean, (squares / count).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_inclusive_and_may_be_open() {
        let (image, region) = ([-3.0, -1.0, 0.0, 2.0, 5.0], [1, 1, 0, 1, 1]);
        let mask = |lower, upper| Resegmentation { lower, upper, sigma: None }.intensity_mask(&image, &region).unwrap();
        assert_eq!(mask(Some(-1.0), Some(2.0)), [0, 1, 0, 1, 0]);
        assert_eq!(mask(None, Some(2.0)), [1, 1, 0, 1, 0]);
        assert_eq!(mask(Some(-1.0), None), [0, 1, 0, 1, 1]);
        assert_eq!(mask(None, None), region);
        assert_eq!(mask(Some(9.0), None), [0; 5]);
    }

    #[test]
    fn outliers_are_judged_by_the_whole_region() {
        // import numpy as np
        // x = np.array([1, 2, 3, 4, 50.]); print(np.abs(x - x.mean()) <= 1.5 * x.std())    [T T T T F]
        // y = x[x <= 4];                   print(np.abs(y - y.mean()) <= 1.0 * y.std())    [F T T F]
        let (image, region) = ([1.0, 2.0, 3.0, 4.0, 50.0], [1; 5]);
        let rules = Resegmentation { sigma: Some(1.5), ..Default::default() };
        assert_eq!(rules.intensity_mask(&image, &region).unwrap(), [1, 1, 1, 1, 0]);
        // With the statistics of the range alone, 1 and 4 would be outliers.
        let rules = Resegmentation { upper: Some(4.0), sigma: Some(1.0), lower: None };
        assert_eq!(rules.intensity_mask(&image, &region).unwrap(), [1, 1, 1, 1, 0]);
    }

    #[test]
    fn flat_and_two_valued_regions_are_not_all_outliers() {
        let rules = Resegmentation { sigma: Some(1.0), ..Default::default() };
        for value in [0.1, -1000.3, 1e9 + 0.7] {
            assert_eq!(rules.intensity_mask(&[value; 7], &[1; 7]).unwrap(), [1; 7]);
        }
        assert_eq!(rules.intensity_mask(&[0.1, 0.3, 0.3, 0.1], &[1; 4]).unwrap(), [1; 4]);
        assert_eq!(rules.intensity_mask(&[5.0, 1.0], &[0, 0]).unwrap(), [0, 0]);
        assert_eq!(rules.intensity_mask(&[], &[]).unwrap(), []);
    }

    #[test]
    fn senseless_rules_and_intensities_are_refused() {
        let mask = |rules: Resegmentation, x: f64| rules.intensity_mask(&[x, f64::NAN], &[1, 0]);
        let all = Resegmentation::default();
        assert_eq!(mask(all, 1.0).unwrap(), [1, 0]);
        assert_eq!(mask(all, f64::INFINITY), Err(ResegmentationError::NotFinite { voxels: 1 }));
        let turned = Resegmentation { lower: Some(2.0), upper: Some(1.0), ..all };
        assert!(matches!(mask(turned, 1.0), Err(ResegmentationError::Range { .. })));
        assert!(mask(Resegmentation { lower: Some(f64::NAN), ..all }, 1.0).is_err());
        for sigma in [0.0, -1.0, f64::NAN] {
            assert!(mask(Resegmentation { sigma: Some(sigma), ..all }, 1.0).is_err());
        }
    }
}
