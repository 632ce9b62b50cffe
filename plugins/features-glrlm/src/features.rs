//! The features, each once: what describes it and where its value is found.

use std::sync::LazyLock;

use voxomics_imaging::texture::emphasis::Emphasis;
use voxomics_sdk::Feature;

/// The features of the family in IBSI's order, numbers without unit.
///
/// In the equations r_ij runs have level i and length j, N_s = sum_ij r_ij, p_ij = r_ij / N_s, and N_v is the number
/// of voxels, each counted once for every merged direction.
pub(crate) static FEATURES: LazyLock<[Feature<Emphasis>; 16]> = LazyLock::new(|| {
    [
        Feature::new("short_runs_emphasis", "Short runs emphasis")
            .ibsi("22OV")
            .meaning("runs are short")
            .equation("sum_ij r_ij / j^2 / N_s")
            .value(|f| Ok(f.short)),
        Feature::new("long_runs_emphasis", "Long runs emphasis")
            .ibsi("W4KF")
            .meaning("runs are long")
            .equation("sum_ij r_ij j^2 / N_s")
            .value(|f| Ok(f.long)),
        Feature::new("low_grey_level_run_emphasis", "Low grey level run emphasis")
            .ibsi("V3SW")
            .meaning("runs have low grey levels")
            .equation("sum_ij r_ij / i^2 / N_s")
            .value(|f| Ok(f.low_level)),
        Feature::new("high_grey_level_run_emphasis", "High grey level run emphasis")
            .ibsi("G3QZ")
            .meaning("runs have high grey levels")
            .equation("sum_ij r_ij i^2 / N_s")
            .value(|f| Ok(f.high_level)),
        Feature::new("short_run_low_grey_level_emphasis", "Short run low grey level emphasis")
            .ibsi("HTZT")
            .meaning("runs are short and have low grey levels")
            .equation("sum_ij r_ij / (i^2 j^2) / N_s")
            .value(|f| Ok(f.short_low_level)),
        Feature::new("short_run_high_grey_level_emphasis", "Short run high grey level emphasis")
            .ibsi("GD3A")
            .meaning("runs are short and have high grey levels")
            .equation("sum_ij r_ij i^2 / j^2 / N_s")
            .value(|f| Ok(f.short_high_level)),
        Feature::new("long_run_low_grey_level_emphasis", "Long run low grey level emphasis")
            .ibsi("IVPO")
            .meaning("runs are long and have low grey levels")
            .equation("sum_ij r_ij j^2 / i^2 / N_s")
            .value(|f| Ok(f.long_low_level)),
        Feature::new("long_run_high_grey_level_emphasis", "Long run high grey level emphasis")
            .ibsi("3KUM")
            .meaning("runs are long and have high grey levels")
            .equation("sum_ij r_ij i^2 j^2 / N_s")
            .value(|f| Ok(f.long_high_level)),
        Feature::new("grey_level_non_uniformity", "Grey level non-uniformity")
            .ibsi("R5YN")
            .meaning("runs gather in few grey levels; grows with their number")
            .equation("sum_i (sum_j r_ij)^2 / N_s")
            .value(|f| Ok(f.level_non_uniformity)),
        Feature::new("normalised_grey_level_non_uniformity", "Normalised grey level non-uniformity")
            .ibsi("OVBL")
            .meaning("runs gather in few grey levels")
            .equation("sum_i (sum_j r_ij)^2 / N_s^2; 1 if all runs have one level")
            .value(|f| Ok(f.level_non_uniformity_normalised)),
        Feature::new("run_length_non_uniformity", "Run length non-uniformity")
            .ibsi("W92Y")
            .meaning("runs are alike in length; grows with their number")
            .equation("sum_j (sum_i r_ij)^2 / N_s")
            .value(|f| Ok(f.size_non_uniformity)),
        Feature::new("normalised_run_length_non_uniformity", "Normalised run length non-uniformity")
            .ibsi("IC23")
            .meaning("runs are alike in length")
            .equation("sum_j (sum_i r_ij)^2 / N_s^2; 1 if all runs have one length")
            .value(|f| Ok(f.size_non_uniformity_normalised)),
        Feature::new("run_percentage", "Run percentage")
            .ibsi("9ZK5")
            .meaning("many runs in relation to the voxels: runs are short")
            .equation("N_s / N_v")
            .value(|f| Ok(f.percentage)),
        Feature::new("grey_level_variance", "Grey level variance")
            .ibsi("8CE5")
            .meaning("runs have widely spread grey levels")
            .equation("sum_ij (i - mu)^2 p_ij with mu = sum_ij i p_ij; 0 if there is one level")
            .value(|f| Ok(f.level_variance)),
        Feature::new("run_length_variance", "Run length variance")
            .ibsi("SXLW")
            .meaning("runs are widely spread in length")
            .equation("sum_ij (j - mu)^2 p_ij with mu = sum_ij j p_ij; 0 if there is one length")
            .value(|f| Ok(f.size_variance)),
        Feature::new("run_entropy", "Run entropy")
            .ibsi("HJ9O")
            .meaning("runs are evenly spread over grey levels and lengths")
            .equation("-sum_ij p_ij log2 p_ij; 0 if a single element is not 0")
            .value(|f| Ok(f.entropy)),
    ]
});
