//! What the features are read from.

use crate::histogram::Histogram;

/// Moments, order statistics and extremes of a histogram.
#[derive(Debug, Clone)]
pub(crate) struct Summary {
    pub(crate) mean: f64,
    /// Means of the second, third and fourth power of i − mean.
    pub(crate) central: [f64; 3],
    pub(crate) least: f64,
    pub(crate) greatest: f64,
    pub(crate) p10: f64,
    pub(crate) p25: f64,
    pub(crate) median: f64,
    pub(crate) p75: f64,
    pub(crate) p90: f64,
    pub(crate) mode: f64,
    /// Mean of |i − mean|.
    pub(crate) from_mean: f64,
    /// Mean of |i − median|.
    pub(crate) from_median: f64,
    /// Mean of |i − their mean| over the voxels from p10 to p90, if there are any.
    pub(crate) robust: Option<f64>,
    pub(crate) entropy: f64,
    pub(crate) uniformity: f64,
    /// Steepest rise and steepest fall, each with its level; undefined if there is one bin.
    pub(crate) gradients: Option<[(f64, f64); 2]>,
}

impl Summary {
    pub(crate) fn of(histogram: &Histogram) -> Self {
        let mean = histogram.mean_of(|i| i);
        let [p10, p25, median, p75, p90] = [10, 25, 50, 75, 90].map(|percent| histogram.percentile(percent));
        Self {
            mean,
            central: [2, 3, 4].map(|power| histogram.mean_of(|i| (i - mean).powi(power))),
            least: histogram.least(),
            greatest: histogram.greatest(),
            p10,
            p25,
            median,
            p75,
            p90,
            mode: histogram.mode(mean),
            from_mean: histogram.mean_of(|i| (i - mean).abs()),
            from_median: histogram.mean_of(|i| (i - median).abs()),
            robust: histogram.robust_deviation(p10, p90),
            // Subtracting from 0 gives 0 for a single level, not −0.
            entropy: 0.0 - histogram.sum_of_probabilities(|p| p * p.log2()),
            uniformity: histogram.sum_of_probabilities(|p| p * p),
            gradients: histogram.gradients(),
        }
    }

    pub(crate) fn is_flat(&self) -> bool {
        self.least == self.greatest
    }
}
