//! The features, each once: what describes it and where its value is found.

use std::sync::LazyLock;

use voxomics_imaging::texture::emphasis::Emphasis;
use voxomics_sdk::Feature;

/// The features of the family in IBSI's order, numbers without unit.
///
/// In the equations s_ij voxels have level i and dependence j (their dependent neighbours and themselves), N_s =
/// sum_ij s_ij, p_ij = s_ij / N_s, and N_v is the number of voxels.
pub(crate) static FEATURES: LazyLock<[Feature<Emphasis>; 17]> = LazyLock::new(|| {
    [
        Feature::new("low_dependence_emphasis", "Low dependence emphasis")
            .ibsi("SODN")
            .meaning("voxels are independent of their neighbours")
            .equation("sum_ij s_ij / j^2 / N_s")
            .value(|f| Ok(f.short)),
        Feature::new("high_dependence_emphasis", "High dependence emphasis")
            .ibsi("IMOQ")
            .meaning("voxels are like many of their neighbours")
            .equation("sum_ij s_ij j^2 / N_s")
            .value(|f| Ok(f.long)),
        Feature::new("low_grey_level_count_emphasis", "Low grey level count emphasis")
            .ibsi("TL9H")
            .meaning("voxels have low grey levels")
            .equation("sum_ij s_ij / i^2 / N_s")
            .value(|f| Ok(f.low_level)),
        Feature::new("high_grey_level_count_emphasis", "High grey level count emphasis")
            .ibsi("OAE7")
            .meaning("voxels have high grey levels")
            .equation("sum_ij s_ij i^2 / N_s")
            .value(|f| Ok(f.high_level)),
        Feature::new("low_dependence_low_grey_level_emphasis", "Low dependence low grey level emphasis")
            .ibsi("EQ3F")
            .meaning("voxels are independent of their neighbours and have low grey levels")
            .equation("sum_ij s_ij / (i^2 j^2) / N_s")
            .value(|f| Ok(f.short_low_level)),
        Feature::new("low_dependence_high_grey_level_emphasis", "Low dependence high grey level emphasis")
            .ibsi("JA6D")
            .meaning("voxels are independent of their neighbours and have high grey levels")
            .equation("sum_ij s_ij i^2 / j^2 / N_s")
            .value(|f| Ok(f.short_high_level)),
        Feature::new("high_dependence_low_grey_level_emphasis", "High dependence low grey level emphasis")
            .ibsi("NBZI")
            .meaning("voxels are like many of their neighbours and have low grey levels")
            .equation("sum_ij s_ij j^2 / i^2 / N_s")
            .value(|f| Ok(f.long_low_level)),
        Feature::new("high_dependence_high_grey_level_emphasis", "High dependence high grey level emphasis")
            .ibsi("9QMG")
            .meaning("voxels are like many of their neighbours and have high grey levels")
            .equation("sum_ij s_ij i^2 j^2 / N_s")
            .value(|f| Ok(f.long_high_level)),
        Feature::new("grey_level_non_uniformity", "Grey level non-uniformity")
            .ibsi("FP8K")
            .meaning("voxels gather in few grey levels; grows with their number")
            .equation("sum_i (sum_j s_ij)^2 / N_s")
            .value(|f| Ok(f.level_non_uniformity)),
        Feature::new("normalised_grey_level_non_uniformity", "Normalised grey level non-uniformity")
            .ibsi("5SPA")
            .meaning("voxels gather in few grey levels")
            .equation("sum_i (sum_j s_ij)^2 / N_s^2; 1 if all voxels have one level")
            .value(|f| Ok(f.level_non_uniformity_normalised)),
        Feature::new("dependence_count_non_uniformity", "Dependence count non-uniformity")
            .ibsi("Z87G")
            .meaning("voxels are alike in dependence; grows with their number")
            .equation("sum_j (sum_i s_ij)^2 / N_s")
            .value(|f| Ok(f.size_non_uniformity)),
        Feature::new("normalised_dependence_count_non_uniformity", "Normalised dependence count non-uniformity")
            .ibsi("OKJI")
            .meaning("voxels are alike in dependence")
            .equation("sum_j (sum_i s_ij)^2 / N_s^2; 1 if all voxels have one dependence")
            .value(|f| Ok(f.size_non_uniformity_normalised)),
        Feature::new("dependence_count_percentage", "Dependence count percentage")
            .ibsi("6XV8")
            .meaning("always 1: every voxel has a neighbourhood")
            .equation("N_s / N_v")
            .value(|f| Ok(f.percentage)),
        Feature::new("grey_level_variance", "Grey level variance")
            .ibsi("1PFV")
            .meaning("voxels have widely spread grey levels")
            .equation("sum_ij (i - mu)^2 p_ij with mu = sum_ij i p_ij; 0 if there is one level")
            .value(|f| Ok(f.level_variance)),
        Feature::new("dependence_count_variance", "Dependence count variance")
            .ibsi("DNX2")
            .meaning("voxels are widely spread in dependence")
            .equation("sum_ij (j - mu)^2 p_ij with mu = sum_ij j p_ij; 0 if there is one dependence")
            .value(|f| Ok(f.size_variance)),
        Feature::new("dependence_count_entropy", "Dependence count entropy")
            .ibsi("FCBV")
            .meaning("voxels are evenly spread over grey levels and dependences")
            .equation("-sum_ij p_ij log2 p_ij; 0 if a single element is not 0")
            .value(|f| Ok(f.entropy)),
        Feature::new("dependence_count_energy", "Dependence count energy")
            .ibsi("CAS9")
            .meaning("voxels gather in few elements of the matrix")
            .equation("sum_ij p_ij^2; 1 if a single element is not 0")
            .value(|f| Ok(f.energy)),
    ]
});
