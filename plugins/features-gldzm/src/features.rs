//! The features, each once: what describes it and where its value is found.

use std::sync::LazyLock;

use voxomics_imaging::texture::emphasis::Emphasis;
use voxomics_sdk::Feature;

/// The features of the family in IBSI's order, numbers without unit.
///
/// In the equations d_ij zones have level i and lie j steps from the edge, N_s = sum_ij d_ij, p_ij = d_ij / N_s, and
/// N_v is the number of voxels.
pub(crate) static FEATURES: LazyLock<[Feature<Emphasis>; 16]> = LazyLock::new(|| {
    [
        Feature::new("small_distance_emphasis", "Small distance emphasis")
            .ibsi("0GBI")
            .meaning("zones are near the edge")
            .equation("sum_ij d_ij / j^2 / N_s")
            .value(|f| Ok(f.short)),
        Feature::new("large_distance_emphasis", "Large distance emphasis")
            .ibsi("MB4I")
            .meaning("zones are far from the edge")
            .equation("sum_ij d_ij j^2 / N_s")
            .value(|f| Ok(f.long)),
        Feature::new("low_grey_level_zone_emphasis", "Low grey level zone emphasis")
            .ibsi("S1RA")
            .meaning("zones have low grey levels")
            .equation("sum_ij d_ij / i^2 / N_s")
            .value(|f| Ok(f.low_level)),
        Feature::new("high_grey_level_zone_emphasis", "High grey level zone emphasis")
            .ibsi("K26C")
            .meaning("zones have high grey levels")
            .equation("sum_ij d_ij i^2 / N_s")
            .value(|f| Ok(f.high_level)),
        Feature::new("small_distance_low_grey_level_emphasis", "Small distance low grey level emphasis")
            .ibsi("RUVG")
            .meaning("zones are near the edge and have low grey levels")
            .equation("sum_ij d_ij / (i^2 j^2) / N_s")
            .value(|f| Ok(f.short_low_level)),
        Feature::new("small_distance_high_grey_level_emphasis", "Small distance high grey level emphasis")
            .ibsi("DKNJ")
            .meaning("zones are near the edge and have high grey levels")
            .equation("sum_ij d_ij i^2 / j^2 / N_s")
            .value(|f| Ok(f.short_high_level)),
        Feature::new("large_distance_low_grey_level_emphasis", "Large distance low grey level emphasis")
            .ibsi("A7WM")
            .meaning("zones are far from the edge and have low grey levels")
            .equation("sum_ij d_ij j^2 / i^2 / N_s")
            .value(|f| Ok(f.long_low_level)),
        Feature::new("large_distance_high_grey_level_emphasis", "Large distance high grey level emphasis")
            .ibsi("KLTH")
            .meaning("zones are far from the edge and have high grey levels")
            .equation("sum_ij d_ij i^2 j^2 / N_s")
            .value(|f| Ok(f.long_high_level)),
        Feature::new("grey_level_non_uniformity", "Grey level non-uniformity")
            .ibsi("VFT7")
            .meaning("zones gather in few grey levels; grows with their number")
            .equation("sum_i (sum_j d_ij)^2 / N_s")
            .value(|f| Ok(f.level_non_uniformity)),
        Feature::new("normalised_grey_level_non_uniformity", "Normalised grey level non-uniformity")
            .ibsi("7HP3")
            .meaning("zones gather in few grey levels")
            .equation("sum_i (sum_j d_ij)^2 / N_s^2; 1 if all zones have one level")
            .value(|f| Ok(f.level_non_uniformity_normalised)),
        Feature::new("zone_distance_non_uniformity", "Zone distance non-uniformity")
            .ibsi("V294")
            .meaning("zones are alike in distance; grows with their number")
            .equation("sum_j (sum_i d_ij)^2 / N_s")
            .value(|f| Ok(f.size_non_uniformity)),
        Feature::new("normalised_zone_distance_non_uniformity", "Normalised zone distance non-uniformity")
            .ibsi("IATH")
            .meaning("zones are alike in distance")
            .equation("sum_j (sum_i d_ij)^2 / N_s^2; 1 if all zones have one distance")
            .value(|f| Ok(f.size_non_uniformity_normalised)),
        Feature::new("zone_percentage", "Zone percentage")
            .ibsi("VIWW")
            .meaning("many zones in relation to the voxels: zones are small")
            .equation("N_s / N_v")
            .value(|f| Ok(f.percentage)),
        Feature::new("grey_level_variance", "Grey level variance")
            .ibsi("QK93")
            .meaning("zones have widely spread grey levels")
            .equation("sum_ij (i - mu)^2 p_ij with mu = sum_ij i p_ij; 0 if there is one level")
            .value(|f| Ok(f.level_variance)),
        Feature::new("zone_distance_variance", "Zone distance variance")
            .ibsi("7WT1")
            .meaning("zones are widely spread in distance")
            .equation("sum_ij (j - mu)^2 p_ij with mu = sum_ij j p_ij; 0 if there is one distance")
            .value(|f| Ok(f.size_variance)),
        Feature::new("zone_distance_entropy", "Zone distance entropy")
            .ibsi("GBDU")
            .meaning("zones are evenly spread over grey levels and distances")
            .equation("-sum_ij p_ij log2 p_ij; 0 if a single element is not 0")
            .value(|f| Ok(f.entropy)),
    ]
});
