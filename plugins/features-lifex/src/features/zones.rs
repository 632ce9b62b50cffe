//! The features of zones: neighbours, also diagonal ones, of one level.

use voxomics_sdk::Feature;

use super::Measured;

/// In the equations s_ij zones have level i and size j in voxels, N_s = sum_ij s_ij, n is the number of voxels.
pub(super) fn features() -> [Feature<Measured>; 11] {
    [
        Feature::new("glzlm_sze", "GLZLM SZE: small-zone emphasis")
            .ibsi("5QRC")
            .meaning("zones are small")
            .equation("sum_ij s_ij / j^2 / N_s")
            .value(|m| Ok(m.zones()?.short)),
        Feature::new("glzlm_lze", "GLZLM LZE: large-zone emphasis")
            .ibsi("48P8")
            .meaning("zones are large")
            .equation("sum_ij s_ij j^2 / N_s")
            .value(|m| Ok(m.zones()?.long)),
        Feature::new("glzlm_lgze", "GLZLM LGZE: low grey-level zone emphasis")
            .ibsi("XMSY")
            .meaning("zones have low grey levels")
            .equation("sum_ij s_ij / i^2 / N_s")
            .value(|m| Ok(m.zones()?.low_level)),
        Feature::new("glzlm_hgze", "GLZLM HGZE: high grey-level zone emphasis")
            .ibsi("5GN9")
            .meaning("zones have high grey levels")
            .equation("sum_ij s_ij i^2 / N_s")
            .value(|m| Ok(m.zones()?.high_level)),
        Feature::new("glzlm_szlge", "GLZLM SZLGE: small-zone low grey-level emphasis")
            .ibsi("5RAI")
            .meaning("zones are small and have low grey levels")
            .equation("sum_ij s_ij / (i^2 j^2) / N_s")
            .value(|m| Ok(m.zones()?.short_low_level)),
        Feature::new("glzlm_szhge", "GLZLM SZHGE: small-zone high grey-level emphasis")
            .ibsi("HW1V")
            .meaning("zones are small and have high grey levels")
            .equation("sum_ij s_ij i^2 / j^2 / N_s")
            .value(|m| Ok(m.zones()?.short_high_level)),
        Feature::new("glzlm_lzlge", "GLZLM LZLGE: large-zone low grey-level emphasis")
            .ibsi("YH51")
            .meaning("zones are large and have low grey levels")
            .equation("sum_ij s_ij j^2 / i^2 / N_s")
            .value(|m| Ok(m.zones()?.long_low_level)),
        Feature::new("glzlm_lzhge", "GLZLM LZHGE: large-zone high grey-level emphasis")
            .ibsi("J17V")
            .meaning("zones are large and have high grey levels")
            .equation("sum_ij s_ij i^2 j^2 / N_s")
            .value(|m| Ok(m.zones()?.long_high_level)),
        Feature::new("glzlm_glnu", "GLZLM GLNU: grey-level non-uniformity for zones")
            .ibsi("JNSA")
            .meaning("zones are many, and few grey levels have most of them")
            .equation("sum_i (sum_j s_ij)^2 / N_s")
            .value(|m| Ok(m.zones()?.level_non_uniformity)),
        Feature::new("glzlm_zlnu", "GLZLM ZLNU: zone-size non-uniformity (LIFEx: zone length)")
            .ibsi("4JP3")
            .meaning("zones are many, and most have one of few sizes")
            .equation("sum_j (sum_i s_ij)^2 / N_s")
            .value(|m| Ok(m.zones()?.size_non_uniformity)),
        Feature::new("glzlm_zp", "GLZLM ZP: zone percentage")
            .ibsi("P30P")
            .meaning("zones are small: as many as voxels")
            .equation("N_s / n")
            .value(|m| Ok(m.zones()?.percentage)),
    ]
}
