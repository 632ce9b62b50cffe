//! The features, each once: what describes it and how it is read from the summary.

use std::sync::LazyLock;

use voxomics_sdk::Feature;

use crate::summary::Summary;

/// Why a histogram of one bin has no gradient.
const ONE_BIN: &str = "the histogram has one bin only";

/// The intensity histogram features in IBSI's order, numbers without unit.
///
/// In the equations n_i of N_v voxels have level i, p_i = n_i / N_v, mu is the mean level, P_p the p-th percentile of
/// the levels.
pub(crate) static FEATURES: LazyLock<[Feature<Summary>; 23]> = LazyLock::new(|| {
    [
        Feature::new("mean", "Mean discretised intensity")
            .ibsi("X6K6")
            .meaning("the average level is high")
            .equation("mu = sum_i i p_i")
            .value(|s| Ok(s.mean)),
        Feature::new("variance", "Discretised intensity variance")
            .ibsi("CH89")
            .meaning("levels are spread widely about their mean")
            .equation("sum_i (i - mu)^2 p_i, without bias correction; 0 if there is one level")
            .value(|s| Ok(s.central[0])),
        Feature::new("skewness", "Discretised intensity skewness")
            .ibsi("88K1")
            .meaning("the distribution has a long tail towards high levels")
            .equation("[sum_i (i - mu)^3 p_i] / variance^(3/2); 0 if there is one level")
            .value(|s| Ok(if s.is_flat() { 0.0 } else { s.central[1] / s.central[0].powf(1.5) })),
        Feature::new("kurtosis", "(Excess) discretised intensity kurtosis")
            .ibsi("C3I7")
            .meaning("the distribution has heavier tails than a normal one, which has 0")
            .equation("[sum_i (i - mu)^4 p_i] / variance^2 - 3; 0 if there is one level")
            .value(|s| Ok(if s.is_flat() { 0.0 } else { s.central[2] / s.central[0].powi(2) - 3.0 })),
        Feature::new("median", "Median discretised intensity")
            .ibsi("WIFQ")
            .meaning("half of the voxels have at least this level")
            .equation("P_50")
            .value(|s| Ok(s.median)),
        Feature::new("minimum", "Minimum discretised intensity")
            .ibsi("1PR8")
            .meaning("even the darkest voxel has a high level")
            .equation("least i with n_i > 0")
            .value(|s| Ok(s.least)),
        Feature::new("percentile_10", "10th discretised intensity percentile")
            .ibsi("GPMT")
            .meaning("nine tenths of the voxels have at least this level")
            .equation("P_10, interpolated linearly between ranks")
            .value(|s| Ok(s.p10)),
        Feature::new("percentile_90", "90th discretised intensity percentile")
            .ibsi("OZ0C")
            .meaning("a tenth of the voxels has at least this level")
            .equation("P_90, interpolated linearly between ranks")
            .value(|s| Ok(s.p90)),
        Feature::new("maximum", "Maximum discretised intensity")
            .ibsi("3NCY")
            .meaning("the brightest voxel has a high level")
            .equation("N_g = greatest i with n_i > 0")
            .value(|s| Ok(s.greatest)),
        Feature::new("mode", "Intensity histogram mode")
            .ibsi("AMMC")
            .meaning("the most frequent level is high")
            .equation("i of the largest n_i; of several the nearest to mu, of two equally near the lower")
            .value(|s| Ok(s.mode)),
        Feature::new("interquartile_range", "Discretised intensity interquartile range")
            .ibsi("WR0O")
            .meaning("the middle half of the levels is spread widely")
            .equation("P_75 - P_25")
            .value(|s| Ok(s.p75 - s.p25)),
        Feature::new("range", "Discretised intensity range")
            .ibsi("5Z3W")
            .meaning("darkest and brightest level lie far apart")
            .equation("maximum - minimum")
            .value(|s| Ok(s.greatest - s.least)),
        Feature::new("mean_absolute_deviation", "Intensity histogram mean absolute deviation")
            .ibsi("D2ZX")
            .meaning("levels lie far from their mean")
            .equation("sum_i |i - mu| p_i")
            .value(|s| Ok(s.from_mean)),
        Feature::new("robust_mean_absolute_deviation", "Intensity histogram robust mean absolute deviation")
            .ibsi("WRZB")
            .meaning("levels lie far from their mean, the outer tenths left out")
            .equation("mean of |i - mean(i)| over the voxels with P_10 <= i <= P_90; undefined if there are none")
            .value(|s| s.robust.ok_or("no level lies between the 10th and the 90th percentile")),
        Feature::new("median_absolute_deviation", "Intensity histogram median absolute deviation")
            .ibsi("4RNL")
            .meaning("levels lie far from their median")
            .equation("sum_i |i - P_50| p_i: the mean deviation from the median")
            .value(|s| Ok(s.from_median)),
        Feature::new("coefficient_of_variation", "Intensity histogram coefficient of variation")
            .ibsi("CWYJ")
            .meaning("the spread is large in relation to the mean")
            .equation("variance^(1/2) / mu")
            .value(|s| Ok(s.central[0].sqrt() / s.mean)),
        Feature::new("quartile_coefficient_of_dispersion", "Intensity histogram quartile coefficient of dispersion")
            .ibsi("SLWD")
            .meaning("the middle half is spread widely in relation to its size")
            .equation("(P_75 - P_25) / (P_75 + P_25)")
            .value(|s| Ok((s.p75 - s.p25) / (s.p75 + s.p25))),
        Feature::new("entropy", "Discretised intensity entropy")
            .ibsi("TLU2")
            .meaning("voxels are evenly spread over the levels")
            .equation("-sum_i p_i log2 p_i over p_i > 0; 0 if there is one level")
            .value(|s| Ok(s.entropy)),
        Feature::new("uniformity", "Discretised intensity uniformity")
            .ibsi("BJ5W")
            .meaning("most voxels share few levels")
            .equation("sum_i p_i^2; 1 if there is one level")
            .value(|s| Ok(s.uniformity)),
        Feature::new("maximum_histogram_gradient", "Maximum histogram gradient")
            .ibsi("12CE")
            .meaning("the histogram rises steeply somewhere")
            .equation(
                "max_i H_i with H_i = (n_(i+1) - n_(i-1)) / 2, at the ends H_1 = n_2 - n_1 and H_Ng = n_Ng - \
                   n_(Ng-1); undefined if N_g = 1",
            )
            .value(|s| Ok(s.gradients.ok_or(ONE_BIN)?[0].0)),
        Feature::new("maximum_histogram_gradient_intensity", "Maximum histogram gradient intensity")
            .ibsi("8E6O")
            .meaning("the steepest rise is at a high level")
            .equation("least i with H_i = maximum histogram gradient; undefined if N_g = 1")
            .value(|s| Ok(s.gradients.ok_or(ONE_BIN)?[0].1)),
        Feature::new("minimum_histogram_gradient", "Minimum histogram gradient")
            .ibsi("VQB3")
            .meaning("the histogram falls steeply nowhere")
            .equation("min_i H_i, H as for the maximum; undefined if N_g = 1")
            .value(|s| Ok(s.gradients.ok_or(ONE_BIN)?[1].0)),
        Feature::new("minimum_histogram_gradient_intensity", "Minimum histogram gradient intensity")
            .ibsi("RHQZ")
            .meaning("the steepest fall is at a high level")
            .equation("least i with H_i = minimum histogram gradient; undefined if N_g = 1")
            .value(|s| Ok(s.gradients.ok_or(ONE_BIN)?[1].1)),
    ]
});
