//! The conventional features, of intensities, and the histogram features, of grey levels.

use voxomics_sdk::Feature;

use super::{Divisor, Kurtosis, Measured, doubtful};

/// In the equations X_k are the n intensities, mu is their mean; p_i is the share of voxels of level i, m the mean
/// level.
pub(super) fn features() -> [Feature<Measured>; 8] {
    [
        Feature::new("conventional_minimum", "CONVENTIONAL min: minimum intensity")
            .ibsi("1GSF")
            .unit("intensity")
            .meaning("even the darkest voxel is bright")
            .equation("min_k X_k")
            .value(|m| Ok(m.intensities.least)),
        Feature::new("conventional_mean", "CONVENTIONAL mean: mean intensity")
            .ibsi("Q4LE")
            .unit("intensity")
            .meaning("the average intensity is high")
            .equation("mu = sum_k X_k / n")
            .value(|m| Ok(m.intensities.mean)),
        Feature::new("conventional_standard_deviation", "CONVENTIONAL std: standard deviation of intensities")
            // IBSI has the variance ECT3, but no standard deviation.
            .unit("intensity")
            .meaning("intensities are spread widely about their mean")
            .equation(&doubtful(
                "[sum_k (X_k - mu)^2 / n]^(1/2), with n the root of IBSI's variance ECT3, or n - 1 in its place \
                   (setting `standard_deviation`); 0 in a flat region, with n - 1 undefined for one voxel",
                "whether LIFEx divides by n or by n - 1 is unknown",
            ))
            .value(|m| match m.conventions.divisor {
                Divisor::Voxels => Ok((m.intensities.squares / m.intensities.count).sqrt()),
                Divisor::OneLess if m.intensities.count < 2.0 => {
                    Err("one voxel has no deviation with the divisor n - 1")
                }
                Divisor::OneLess => Ok((m.intensities.squares / (m.intensities.count - 1.0)).sqrt()),
            }),
        Feature::new("conventional_maximum", "CONVENTIONAL max: maximum intensity")
            .ibsi("84IY")
            .unit("intensity")
            .meaning("the brightest voxel is bright")
            .equation("max_k X_k")
            .value(|m| Ok(m.intensities.greatest)),
        Feature::new("histogram_skewness", "HISTO Skewness")
            .ibsi("88K1")
            .meaning("the distribution has a long tail towards high levels")
            .equation(&doubtful(
                "[sum_i (i - m)^3 p_i] / [sum_i (i - m)^2 p_i]^(3/2); 0 if there is one level",
                "taken of grey levels (88K1); of intensities themselves (KE2A) it differs by what the bins round off",
            ))
            .value(|m| Ok(m.histogram.skewness())),
        Feature::new("histogram_kurtosis", "HISTO Kurtosis")
            // IBSI's C3I7 is the excess, which is not the default.
            .meaning("the distribution has heavy tails; a normal one has 3, or 0 by the setting `kurtosis`")
            .equation(&doubtful(
                "[sum_i (i - m)^4 p_i] / [sum_i (i - m)^2 p_i]^2, from which \"excess\" takes 3 and is IBSI's C3I7; \
                   if there is one level, that of a normal distribution",
                "older versions of LIFEx give excess + 3, and the study's version is unknown; taken of grey levels",
            ))
            .value(|m| {
                let excess = m.histogram.excess_kurtosis();
                Ok(if m.conventions.kurtosis == Kurtosis::Plus3 { excess + 3.0 } else { excess })
            }),
        Feature::new("histogram_entropy", "HISTO Entropy")
            .ibsi("TLU2")
            .meaning("voxels are evenly spread over the levels")
            .equation(&doubtful(
                "-sum_i p_i log2 p_i, or log10 (setting `entropy`), which is 0.30103 times TLU2; 0 if there is \
                   one level",
                "which of LIFEx's two logarithms the study took is unknown",
            ))
            .value(|m| Ok(m.conventions.logarithm.of_bits(m.histogram.entropy))),
        Feature::new("histogram_energy", "HISTO Energy: uniformity")
            .ibsi("BJ5W")
            .meaning("most voxels share few levels")
            .equation("sum_i p_i^2; 1 if there is one level")
            .value(|m| Ok(m.histogram.energy)),
    ]
}
