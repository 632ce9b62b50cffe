//! The features, each once: what describes it and where its value is found.

use voxomics_imaging::texture::emphasis::Emphasis;
use voxomics_sdk::Feature;

/// A feature, a number without unit.
///
/// In the equations d_ij zones have level i and lie j steps from the edge, N_s = sum_ij d_ij, p_ij = d_ij / N_s, and
/// N_v is the number of voxels.
pub(crate) struct Entry {
    pub(crate) id: &'static str,
    title: &'static str,
    pub(crate) ibsi: &'static str,
    meaning: &'static str,
    equation: &'static str,
    pub(crate) value: fn(&Emphasis) -> f64,
}

impl Entry {
    pub(crate) fn describe(&self) -> Feature {
        Feature::new(self.id, self.title).ibsi(self.ibsi).meaning(self.meaning).equation(self.equation)
    }
}

/// The features of the family in IBSI's order.
pub(crate) const FEATURES: [Entry; 16] = [
    Entry {
        id: "small_distance_emphasis",
        title: "Small distance emphasis",
        ibsi: "0GBI",
        meaning: "zones are near the edge",
        equation: "sum_ij d_ij / j^2 / N_s",
        value: |f| f.short,
    },
    Entry {
        id: "large_distance_emphasis",
        title: "Large distance emphasis",
        ibsi: "MB4I",
        meaning: "zones are far from the edge",
        equation: "sum_ij d_ij j^2 / N_s",
        value: |f| f.long,
    },
    Entry {
        id: "low_grey_level_zone_emphasis",
        title: "Low grey level zone emphasis",
        ibsi: "S1RA",
        meaning: "zones have low grey levels",
        equation: "sum_ij d_ij / i^2 / N_s",
        value: |f| f.low_level,
    },
    Entry {
        id: "high_grey_level_zone_emphasis",
        title: "High grey level zone emphasis",
        ibsi: "K26C",
        meaning: "zones have high grey levels",
        equation: "sum_ij d_ij i^2 / N_s",
        value: |f| f.high_level,
    },
    Entry {
        id: "small_distance_low_grey_level_emphasis",
        title: "Small distance low grey level emphasis",
        ibsi: "RUVG",
        meaning: "zones are near the edge and have low grey levels",
        equation: "sum_ij d_ij / (i^2 j^2) / N_s",
        value: |f| f.short_low_level,
    },
    Entry {
        id: "small_distance_high_grey_level_emphasis",
        title: "Small distance high grey level emphasis",
        ibsi: "DKNJ",
        meaning: "zones are near the edge and have high grey levels",
        equation: "sum_ij d_ij i^2 / j^2 / N_s",
        value: |f| f.short_high_level,
    },
    Entry {
        id: "large_distance_low_grey_level_emphasis",
        title: "Large distance low grey level emphasis",
        ibsi: "A7WM",
        meaning: "zones are far from the edge and have low grey levels",
        equation: "sum_ij d_ij j^2 / i^2 / N_s",
        value: |f| f.long_low_level,
    },
    Entry {
        id: "large_distance_high_grey_level_emphasis",
        title: "Large distance high grey level emphasis",
        ibsi: "KLTH",
        meaning: "zones are far from the edge and have high grey levels",
        equation: "sum_ij d_ij i^2 j^2 / N_s",
        value: |f| f.long_high_level,
    },
    Entry {
        id: "grey_level_non_uniformity",
        title: "Grey level non-uniformity",
        ibsi: "VFT7",
        meaning: "zones gather in few grey levels; grows with their number",
        equation: "sum_i (sum_j d_ij)^2 / N_s",
        value: |f| f.level_non_uniformity,
    },
    Entry {
        id: "normalised_grey_level_non_uniformity",
        title: "Normalised grey level non-uniformity",
        ibsi: "7HP3",
        meaning: "zones gather in few grey levels",
        equation: "sum_i (sum_j d_ij)^2 / N_s^2; 1 if all zones have one level",
        value: |f| f.level_non_uniformity_normalised,
    },
    Entry {
        id: "zone_distance_non_uniformity",
        title: "Zone distance non-uniformity",
        ibsi: "V294",
        meaning: "zones are alike in distance; grows with their number",
        equation: "sum_j (sum_i d_ij)^2 / N_s",
        value: |f| f.size_non_uniformity,
    },
    Entry {
        id: "normalised_zone_distance_non_uniformity",
        title: "Normalised zone distance non-uniformity",
        ibsi: "IATH",
        meaning: "zones are alike in distance",
        equation: "sum_j (sum_i d_ij)^2 / N_s^2; 1 if all zones have one distance",
        value: |f| f.size_non_uniformity_normalised,
    },
    Entry {
        id: "zone_percentage",
        title: "Zone percentage",
        ibsi: "VIWW",
        meaning: "many zones in relation to the voxels: zones are small",
        equation: "N_s / N_v",
        value: |f| f.percentage,
    },
    Entry {
        id: "grey_level_variance",
        title: "Grey level variance",
        ibsi: "QK93",
        meaning: "zones have widely spread grey levels",
        equation: "sum_ij (i - mu)^2 p_ij with mu = sum_ij i p_ij; 0 if there is one level",
        value: |f| f.level_variance,
    },
    Entry {
        id: "zone_distance_variance",
        title: "Zone distance variance",
        ibsi: "7WT1",
        meaning: "zones are widely spread in distance",
        equation: "sum_ij (j - mu)^2 p_ij with mu = sum_ij j p_ij; 0 if there is one distance",
        value: |f| f.size_variance,
    },
    Entry {
        id: "zone_distance_entropy",
        title: "Zone distance entropy",
        ibsi: "GBDU",
        meaning: "zones are evenly spread over grey levels and distances",
        equation: "-sum_ij p_ij log2 p_ij; 0 if a single element is not 0",
        value: |f| f.entropy,
    },
];
