//! The conventional features, of intensities, and the histogram features, of grey levels.

use super::{Divisor, Entry, Kurtosis};

/// In the equations X_k are the n intensities, mu is their mean; p_i is the share of voxels of level i, m the mean
/// level.
pub(super) const FEATURES: [Entry; 8] = [
    Entry {
        id: "conventional_minimum",
        title: "CONVENTIONAL min: minimum intensity",
        ibsi: Some("1GSF"),
        unit: "intensity",
        meaning: "even the darkest voxel is bright",
        equation: "min_k X_k",
        doubt: "",
        value: |m, _| Ok(m.intensities.least),
    },
    Entry {
        id: "conventional_mean",
        title: "CONVENTIONAL mean: mean intensity",
        ibsi: Some("Q4LE"),
        unit: "intensity",
        meaning: "the average intensity is high",
        equation: "mu = sum_k X_k / n",
        doubt: "",
        value: |m, _| Ok(m.intensities.mean),
    },
    Entry {
        id: "conventional_standard_deviation",
        title: "CONVENTIONAL std: standard deviation of intensities",
        // IBSI has the variance ECT3, but no standard deviation.
        ibsi: None,
        unit: "intensity",
        meaning: "intensities are spread widely about their mean",
        equation: "[sum_k (X_k - mu)^2 / n]^(1/2), with n the root of IBSI's variance ECT3, or n - 1 in its place \
                   (setting `standard_deviation`); 0 in a flat region, with n - 1 undefined for one voxel",
        doubt: "whether LIFEx divides by n or by n - 1 is unknown",
        value: |m, conventions| match conventions.divisor {
            Divisor::Voxels => Ok((m.intensities.squares / m.intensities.count).sqrt()),
            Divisor::OneLess if m.intensities.count < 2.0 => Err("one voxel has no deviation with the divisor n - 1"),
            Divisor::OneLess => Ok((m.intensities.squares / (m.intensities.count - 1.0)).sqrt()),
        },
    },
    Entry {
        id: "conventional_maximum",
        title: "CONVENTIONAL max: maximum intensity",
        ibsi: Some("84IY"),
        unit: "intensity",
        meaning: "the brightest voxel is bright",
        equation: "max_k X_k",
        doubt: "",
        value: |m, _| Ok(m.intensities.greatest),
    },
    Entry {
        id: "histogram_skewness",
        title: "HISTO Skewness",
        ibsi: Some("88K1"),
        unit: "1",
        meaning: "the distribution has a long tail towards high levels",
        equation: "[sum_i (i - m)^3 p_i] / [sum_i (i - m)^2 p_i]^(3/2); 0 if there is one level",
        doubt: "taken of grey levels (88K1); of intensities themselves (KE2A) it differs by what the bins round off",
        value: |m, _| Ok(m.histogram.skewness()),
    },
    Entry {
        id: "histogram_kurtosis",
        title: "HISTO Kurtosis",
        // IBSI's C3I7 is the excess, which is not the default.
        ibsi: None,
        unit: "1",
        meaning: "the distribution has heavy tails; a normal one has 3, or 0 by the setting `kurtosis`",
        equation: "[sum_i (i - m)^4 p_i] / [sum_i (i - m)^2 p_i]^2, from which \"excess\" takes 3 and is IBSI's C3I7; \
                   if there is one level, that of a normal distribution",
        doubt: "older versions of LIFEx give excess + 3, and the study's version is unknown; taken of grey levels",
        value: |m, conventions| {
            let excess = m.histogram.excess_kurtosis();
            Ok(if conventions.kurtosis == Kurtosis::Plus3 { excess + 3.0 } else { excess })
        },
    },
    Entry {
        id: "histogram_entropy",
        title: "HISTO Entropy",
        ibsi: Some("TLU2"),
        unit: "1",
        meaning: "voxels are evenly spread over the levels",
        equation: "-sum_i p_i log2 p_i, or log10 (setting `entropy`), which is 0.30103 times TLU2; 0 if there is \
                   one level",
        doubt: "which of LIFEx's two logarithms the study took is unknown",
        value: |m, conventions| Ok(conventions.logarithm.of_bits(m.histogram.entropy)),
    },
    Entry {
        id: "histogram_energy",
        title: "HISTO Energy: uniformity",
        ibsi: Some("BJ5W"),
        unit: "1",
        meaning: "most voxels share few levels",
        equation: "sum_i p_i^2; 1 if there is one level",
        doubt: "",
        value: |m, _| Ok(m.histogram.energy),
    },
];
