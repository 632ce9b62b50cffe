//! The features of co-occurrence, of runs, and of tone differences.

use voxomics_sdk::Feature;

use super::{Measured, doubtful};

/// In the equations p_ij is the symmetric matrix of a direction divided by its sum, mu = sum_ij i p_ij; a feature is the
/// mean over the 13 directions.
pub(super) fn cooccurrence() -> [Feature<Measured>; 6] {
    [
        Feature::new("glcm_homogeneity", "GLCM Homogeneity: inverse difference")
            .ibsi("IB1Z")
            .meaning("neighbours are alike")
            .equation("sum_ij p_ij / (1 + |i - j|), not the inverse difference moment; 1 if there is one level")
            .value(|m| Ok(m.cooccurrence()?.inverse_difference)),
        Feature::new("glcm_energy", "GLCM Energy: angular second moment")
            .ibsi("8ZQL")
            .meaning("few pairs of levels prevail: even texture")
            .equation("sum_ij p_ij^2; 1 if there is one level")
            .value(|m| Ok(m.cooccurrence()?.angular_second_moment)),
        Feature::new("glcm_contrast", "GLCM Contrast")
            .ibsi("ACUI")
            .meaning("neighbours differ much")
            .equation("sum_ij (i - j)^2 p_ij; 0 if there is one level")
            .value(|m| Ok(m.cooccurrence()?.contrast)),
        Feature::new("glcm_correlation", "GLCM Correlation")
            .ibsi("NI2N")
            .meaning("neighbours are high or low together")
            .equation(&doubtful(
                "sum_ij (i - mu) (j - mu) p_ij / sum_ij (i - mu)^2 p_ij; undefined if all pairs have one level",
                "LIFEx's value for a region of one level is unknown",
            ))
            .value(|m| m.cooccurrence()?.correlation.ok_or("all pairs of neighbours have the same grey level")),
        Feature::new("glcm_entropy", "GLCM Entropy: joint entropy")
            .ibsi("TU9B")
            .meaning("pairs are evenly spread over the levels: unordered texture")
            .equation(&doubtful(
                "-sum_ij p_ij log2 p_ij, or log10 (setting `entropy`), which is 0.30103 times TU9B; 0 if there \
                   is one level",
                "which of LIFEx's two logarithms the study took is unknown",
            ))
            .value(|m| Ok(m.conventions.logarithm.of_bits(m.cooccurrence()?.joint_entropy))),
        Feature::new("glcm_dissimilarity", "GLCM Dissimilarity")
            .ibsi("8S9J")
            .meaning("neighbours differ much")
            .equation("sum_ij |i - j| p_ij; 0 if there is one level")
            .value(|m| Ok(m.cooccurrence()?.dissimilarity)),
    ]
}

/// In the equations r_ij runs of a direction have level i and length j, N_s = sum_ij r_ij, n is the number of voxels; a
/// feature is the mean over the 13 directions.
pub(super) fn runs() -> [Feature<Measured>; 11] {
    [
        Feature::new("glrlm_sre", "GLRLM SRE: short-run emphasis")
            .ibsi("22OV")
            .meaning("runs are short")
            .equation("sum_ij r_ij / j^2 / N_s")
            .value(|m| Ok(m.runs()?.short)),
        Feature::new("glrlm_lre", "GLRLM LRE: long-run emphasis")
            .ibsi("W4KF")
            .meaning("runs are long")
            .equation("sum_ij r_ij j^2 / N_s")
            .value(|m| Ok(m.runs()?.long)),
        Feature::new("glrlm_lgre", "GLRLM LGRE: low grey-level run emphasis")
            .ibsi("V3SW")
            .meaning("runs have low grey levels")
            .equation("sum_ij r_ij / i^2 / N_s")
            .value(|m| Ok(m.runs()?.low_level)),
        Feature::new("glrlm_hgre", "GLRLM HGRE: high grey-level run emphasis")
            .ibsi("G3QZ")
            .meaning("runs have high grey levels")
            .equation("sum_ij r_ij i^2 / N_s")
            .value(|m| Ok(m.runs()?.high_level)),
        Feature::new("glrlm_srlge", "GLRLM SRLGE: short-run low grey-level emphasis")
            .ibsi("HTZT")
            .meaning("runs are short and have low grey levels")
            .equation("sum_ij r_ij / (i^2 j^2) / N_s")
            .value(|m| Ok(m.runs()?.short_low_level)),
        Feature::new("glrlm_srhge", "GLRLM SRHGE: short-run high grey-level emphasis")
            .ibsi("GD3A")
            .meaning("runs are short and have high grey levels")
            .equation("sum_ij r_ij i^2 / j^2 / N_s")
            .value(|m| Ok(m.runs()?.short_high_level)),
        Feature::new("glrlm_lrlge", "GLRLM LRLGE: long-run low grey-level emphasis")
            .ibsi("IVPO")
            .meaning("runs are long and have low grey levels")
            .equation("sum_ij r_ij j^2 / i^2 / N_s")
            .value(|m| Ok(m.runs()?.long_low_level)),
        Feature::new("glrlm_lrhge", "GLRLM LRHGE: long-run high grey-level emphasis")
            .ibsi("3KUM")
            .meaning("runs are long and have high grey levels")
            .equation("sum_ij r_ij i^2 j^2 / N_s")
            .value(|m| Ok(m.runs()?.long_high_level)),
        Feature::new("glrlm_glnu", "GLRLM GLNU: grey-level non-uniformity for runs")
            .ibsi("R5YN")
            .meaning("runs are many, and few grey levels have most of them")
            .equation("sum_i (sum_j r_ij)^2 / N_s")
            .value(|m| Ok(m.runs()?.level_non_uniformity)),
        Feature::new("glrlm_rlnu", "GLRLM RLNU: run-length non-uniformity")
            .ibsi("W92Y")
            .meaning("runs are many, and most have one of few lengths")
            .equation("sum_j (sum_i r_ij)^2 / N_s")
            .value(|m| Ok(m.runs()?.size_non_uniformity)),
        Feature::new("glrlm_rp", "GLRLM RP: run percentage")
            .ibsi("9ZK5")
            .meaning("runs are short: as many as voxels")
            .equation("N_s / n")
            .value(|m| Ok(m.runs()?.percentage)),
    ]
}

/// In the equations n_i voxels of level i have neighbours, s_i is the sum of their absolute differences from the mean of
/// these, N = sum_i n_i, p_i = n_i / N, N_p is the number of levels with p_i > 0.
pub(super) fn tone() -> [Feature<Measured>; 3] {
    [
        Feature::new("ngldm_coarseness", "NGLDM Coarseness (of IBSI's NGTDM)")
            .ibsi("QCDE")
            .meaning("neighbours are alike over wide areas")
            .equation(&doubtful(
                "1 / sum_i p_i s_i, at most 10^6; 10^6 if there is one level",
                "LIFEx's value for a region of one level is unknown",
            ))
            .value(|m| Ok(m.tone()?.coarseness)),
        Feature::new("ngldm_contrast", "NGLDM Contrast (of IBSI's NGTDM)")
            .ibsi("65HE")
            .meaning("levels are widely spread, and neighbours differ")
            .equation("[sum_ij p_i p_j (i - j)^2 / (N_p (N_p - 1))] [sum_i s_i / N]; 0 if there is one level")
            .value(|m| Ok(m.tone()?.contrast)),
        Feature::new("ngldm_busyness", "NGLDM Busyness (of IBSI's NGTDM)")
            .ibsi("NQ30")
            .meaning("levels change rapidly between neighbours")
            .equation(
                "sum_i p_i s_i / sum_ij |i p_i - j p_j|; 0 if there is one level; undefined if there are more and \
                   i p_i is the same for all",
            )
            .value(|m| m.tone()?.busyness.ok_or("level times frequency is the same for all grey levels")),
    ]
}
