//! The features, each once: what describes it and where its value is found.

use std::sync::LazyLock;

use voxomics_imaging::texture::emphasis::Emphasis;
use voxomics_sdk::Feature;

/// The features of the family in IBSI's order, numbers without unit.
///
/// In the equations s_ij zones have level i and j voxels, N_s = sum_ij s_ij, p_ij = s_ij / N_s, and N_v is the number
/// of voxels.
pub(crate) static FEATURES: LazyLock<[Feature<Emphasis>; 16]> = LazyLock::new(|| {
    [
        Feature::new("small_zone_emphasis", "Small zone emphasis")
            .ibsi("5QRC")
            .meaning("zones are small")
            .equation("sum_ij s_ij / j^2 / N_s")
            .value(|f| Ok(f.short)),
        Feature::new("large_zone_emphasis", "Large zone emphasis")
            .ibsi("48P8")
            .meaning("zones are large")
            .equation("sum_ij s_ij j^2 / N_s")
            .value(|f| Ok(f.long)),
        Feature::new("low_grey_level_zone_emphasis", "Low grey level zone emphasis")
            .ibsi("XMSY")
            .meaning("zones have low grey levels")
            .equation("sum_ij s_ij / i^2 / N_s")
            .value(|f| Ok(f.low_level)),
        Feature::new("high_grey_level_zone_emphasis", "High grey level zone emphasis")
            .ibsi("5GN9")
            .meaning("zones have high grey levels")
            .equation("sum_ij s_ij i^2 / N_s")
            .value(|f| Ok(f.high_level)),
        Feature::new("small_zone_low_grey_level_emphasis", "Small zone low grey level emphasis")
            .ibsi("5RAI")
            .meaning("zones are small and have low grey levels")
            .equation("sum_ij s_ij / (i^2 j^2) / N_s")
            .value(|f| Ok(f.short_low_level)),
        Feature::new("small_zone_high_grey_level_emphasis", "Small zone high grey level emphasis")
            .ibsi("HW1V")
            .meaning("zones are small and have high grey levels")
            .equation("sum_ij s_ij i^2 / j^2 / N_s")
            .value(|f| Ok(f.short_high_level)),
        Feature::new("large_zone_low_grey_level_emphasis", "Large zone low grey level emphasis")
            .ibsi("YH51")
            .meaning("zones are large and have low grey levels")
            .equation("sum_ij s_ij j^2 / i^2 / N_s")
            .value(|f| Ok(f.long_low_level)),
        Feature::new("large_zone_high_grey_level_emphasis", "Large zone high grey level emphasis")
            .ibsi("J17V")
            .meaning("zones are large and have high grey levels")
            .equation("sum_ij s_ij i^2 j^2 / N_s")
            .value(|f| Ok(f.long_high_level)),
        Feature::new("grey_level_non_uniformity", "Grey level non-uniformity")
            .ibsi("JNSA")
            .meaning("zones gather in few grey levels; grows with their number")
            .equation("sum_i (sum_j s_ij)^2 / N_s")
            .value(|f| Ok(f.level_non_uniformity)),
        Feature::new("normalised_grey_level_non_uniformity", "Normalised grey level non-uniformity")
            .ibsi("Y1RO")
            .meaning("zones gather in few grey levels")
            .equation("sum_i (sum_j s_ij)^2 / N_s^2; 1 if all zones have one level")
            .value(|f| Ok(f.level_non_uniformity_normalised)),
        Feature::new("zone_size_non_uniformity", "Zone size non-uniformity")
            .ibsi("4JP3")
            .meaning("zones are alike in size; grows with their number")
            .equation("sum_j (sum_i s_ij)^2 / N_s")
            .value(|f| Ok(f.size_non_uniformity)),
        Feature::new("normalised_zone_size_non_uniformity", "Normalised zone size non-uniformity")
            .ibsi("VB3A")
            .meaning("zones are alike in size")
            .equation("sum_j (sum_i s_ij)^2 / N_s^2; 1 if all zones have one size")
            .value(|f| Ok(f.size_non_uniformity_normalised)),
        Feature::new("zone_percentage", "Zone percentage")
            .ibsi("P30P")
            .meaning("many zones in relation to the voxels: zones are small")
            .equation("N_s / N_v")
            .value(|f| Ok(f.percentage)),
        Feature::new("grey_level_variance", "Grey level variance")
            .ibsi("BYLV")
            .meaning("zones have widely spread grey levels")
            .equation("sum_ij (i - mu)^2 p_ij with mu = sum_ij i p_ij; 0 if there is one level")
            .value(|f| Ok(f.level_variance)),
        Feature::new("zone_size_variance", "Zone size variance")
            .ibsi("3NSA")
            .meaning("zones are widely spread in size")
            .equation("sum_ij (j - mu)^2 p_ij with mu = sum_ij j p_ij; 0 if there is one size")
            .value(|f| Ok(f.size_variance)),
        Feature::new("zone_size_entropy", "Zone size entropy")
            .ibsi("GU8N")
            .meaning("zones are evenly spread over grey levels and sizes")
            .equation("-sum_ij p_ij log2 p_ij; 0 if a single element is not 0")
            .value(|f| Ok(f.entropy)),
    ]
});
