//! The features, each once: what describes it and where its value is found.

use std::sync::LazyLock;

use voxomics_imaging::texture::tone::Tone;
use voxomics_sdk::Feature;

/// Why busyness may have no value.
const EVEN: &str = "level times frequency is the same for all grey levels";

/// The features of the family in IBSI's order, numbers without unit.
///
/// In the equations n_i voxels of level i have neighbours, s_i is the sum of their absolute differences from the mean
/// of these, N = sum_i n_i, p_i = n_i / N, N_p is the number of levels with p_i > 0; sums run over these levels.
pub(crate) static FEATURES: LazyLock<[Feature<Tone>; 5]> = LazyLock::new(|| {
    [
        Feature::new("coarseness", "Coarseness")
            .ibsi("QCDE")
            .meaning("neighbours are alike over wide areas")
            .equation("1 / sum_i p_i s_i, at most 10^6; 10^6 if there is one level")
            .value(|f| Ok(f.coarseness)),
        Feature::new("contrast", "Contrast")
            .ibsi("65HE")
            .meaning("levels are widely spread, and neighbours differ")
            .equation("[sum_ij p_i p_j (i - j)^2 / (N_p (N_p - 1))] [sum_i s_i / N]; 0 if there is one level")
            .value(|f| Ok(f.contrast)),
        Feature::new("busyness", "Busyness")
            .ibsi("NQ30")
            .meaning("levels change rapidly between neighbours")
            .equation(
                "sum_i p_i s_i / sum_ij |i p_i - j p_j|; 0 if there is one level; undefined if there are more and \
                   i p_i is the same for all",
            )
            .value(|f| f.busyness.ok_or(EVEN)),
        Feature::new("complexity", "Complexity")
            .ibsi("HDEZ")
            .meaning("there are many rapid changes of level")
            .equation("sum_ij |i - j| (p_i s_i + p_j s_j) / (p_i + p_j) / N; 0 if there is one level")
            .value(|f| Ok(f.complexity)),
        Feature::new("strength", "Strength")
            .ibsi("1X9X")
            .meaning("primitives are plain to see: large areas, clear differences")
            .equation("sum_ij (p_i + p_j) (i - j)^2 / sum_i s_i; 0 if all s_i are 0")
            .value(|f| Ok(f.strength)),
    ]
});
