//! The features, each once: what describes it and how it is read from the summary.

use std::sync::LazyLock;

use voxomics_sdk::Feature;

use crate::summary::Summary;

impl Summary {
    fn is_flat(&self) -> bool {
        self.least == self.greatest
    }
}

fn ratio(numerator: f64, denominator: f64, reason: &'static str) -> Result<f64, &'static str> {
    if denominator == 0.0 { Err(reason) } else { Ok(numerator / denominator) }
}

/// The intensity-based statistics in IBSI's order.
///
/// In the equations X_k are the N_v intensities of the region, mu is their mean, P_p the p-th percentile.
pub(crate) static FEATURES: LazyLock<[Feature<Summary>; 18]> = LazyLock::new(|| {
    [
        Feature::new("mean", "Mean intensity")
            .ibsi("Q4LE")
            .unit("intensity")
            .meaning("the average intensity is high")
            .equation("mu = sum_k X_k / N_v")
            .value(|s| Ok(s.mean)),
        Feature::new("variance", "Intensity variance")
            .ibsi("ECT3")
            .unit("intensity^2")
            .meaning("intensities are spread widely about their mean")
            .equation("sum_k (X_k - mu)^2 / N_v, without bias correction; 0 in a flat region")
            .value(|s| Ok(s.central[0])),
        Feature::new("skewness", "Intensity skewness")
            .ibsi("KE2A")
            .meaning("the distribution has a long tail towards high intensities")
            .equation("[sum_k (X_k - mu)^3 / N_v] / variance^(3/2); 0 in a flat region")
            .value(|s| Ok(if s.is_flat() { 0.0 } else { s.central[1] / s.central[0].powf(1.5) })),
        Feature::new("kurtosis", "(Excess) intensity kurtosis")
            .ibsi("IPH6")
            .meaning("the distribution has heavier tails than a normal one, which has 0")
            .equation("[sum_k (X_k - mu)^4 / N_v] / variance^2 - 3; 0 in a flat region")
            .value(|s| Ok(if s.is_flat() { 0.0 } else { s.central[2] / s.central[0].powi(2) - 3.0 })),
        Feature::new("median", "Median intensity")
            .ibsi("Y12H")
            .unit("intensity")
            .meaning("half of the voxels are at least this bright")
            .equation("P_50")
            .value(|s| Ok(s.median)),
        Feature::new("minimum", "Minimum intensity")
            .ibsi("1GSF")
            .unit("intensity")
            .meaning("even the darkest voxel is bright")
            .equation("min_k X_k")
            .value(|s| Ok(s.least)),
        Feature::new("percentile_10", "10th intensity percentile")
            .ibsi("QG58")
            .unit("intensity")
            .meaning("nine tenths of the voxels are at least this bright")
            .equation("P_10, interpolated linearly between ranks")
            .value(|s| Ok(s.p10)),
        Feature::new("percentile_90", "90th intensity percentile")
            .ibsi("8DWT")
            .unit("intensity")
            .meaning("a tenth of the voxels is at least this bright")
            .equation("P_90, interpolated linearly between ranks")
            .value(|s| Ok(s.p90)),
        Feature::new("maximum", "Maximum intensity")
            .ibsi("84IY")
            .unit("intensity")
            .meaning("the brightest voxel is bright")
            .equation("max_k X_k")
            .value(|s| Ok(s.greatest)),
        Feature::new("interquartile_range", "Intensity interquartile range")
            .ibsi("SALO")
            .unit("intensity")
            .meaning("the middle half of the intensities is spread widely")
            .equation("P_75 - P_25")
            .value(|s| Ok(s.p75 - s.p25)),
        Feature::new("range", "Intensity range")
            .ibsi("2OJQ")
            .unit("intensity")
            .meaning("darkest and brightest voxel lie far apart")
            .equation("max_k X_k - min_k X_k")
            .value(|s| Ok(s.greatest - s.least)),
        Feature::new("mean_absolute_deviation", "Intensity-based mean absolute deviation")
            .ibsi("4FUA")
            .unit("intensity")
            .meaning("intensities lie far from their mean")
            .equation("sum_k |X_k - mu| / N_v")
            .value(|s| Ok(s.from_mean)),
        Feature::new("robust_mean_absolute_deviation", "Intensity-based robust mean absolute deviation")
            .ibsi("1128")
            .unit("intensity")
            .meaning("intensities lie far from their mean, the outer tenths left out")
            .equation("mean of |X - mean(X)| over the intensities with P_10 <= X <= P_90; undefined if there are none")
            .value(|s| s.robust.ok_or("no intensity lies between the 10th and the 90th percentile")),
        Feature::new("median_absolute_deviation", "Intensity-based median absolute deviation")
            .ibsi("N72L")
            .unit("intensity")
            .meaning("intensities lie far from their median")
            .equation("sum_k |X_k - P_50| / N_v: the mean deviation from the median")
            .value(|s| Ok(s.from_median)),
        Feature::new("coefficient_of_variation", "Intensity-based coefficient of variation")
            .ibsi("7TET")
            .meaning("the spread is large in relation to the mean")
            .equation("variance^(1/2) / mu; undefined if mu = 0")
            .value(|s| ratio(s.central[0].sqrt(), s.mean, "the mean intensity is 0")),
        Feature::new("quartile_coefficient_of_dispersion", "Intensity-based quartile coefficient of dispersion")
            .ibsi("9S40")
            .meaning("the middle half is spread widely in relation to its size")
            .equation("(P_75 - P_25) / (P_75 + P_25); undefined if P_75 + P_25 = 0")
            .value(|s| ratio(s.p75 - s.p25, s.p75 + s.p25, "the quartiles add up to 0")),
        Feature::new("energy", "Intensity-based energy")
            .ibsi("N8CA")
            .unit("intensity^2")
            .meaning("there are many voxels, or intensities far from 0")
            .equation("sum_k X_k^2")
            .value(|s| Ok(s.squares)),
        Feature::new("root_mean_square", "Root mean square intensity")
            .ibsi("5ZWQ")
            .unit("intensity")
            .meaning("intensities lie far from 0")
            .equation("(sum_k X_k^2 / N_v)^(1/2)")
            .value(|s| Ok((s.squares / s.count).sqrt())),
    ]
});
