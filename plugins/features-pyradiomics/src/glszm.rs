//! Zones.

use std::sync::LazyLock;

use voxomics_imaging::texture::emphasis::Emphasis;
use voxomics_sdk::{prelude::*, textures};

use crate::feature::{matrices, number};

/// In the equations z_ij zones have level i and j voxels, N_z = sum_ij z_ij, p_ij = z_ij / N_z, and N_p is the number
/// of voxels.
pub(crate) static FEATURES: LazyLock<[Feature<Emphasis>; 16]> = LazyLock::new(|| {
    [
        number(
            "GrayLevelNonUniformity",
            "JNSA",
            "zones gather in few grey levels; grows with their number",
            "sum_i (sum_j z_ij)^2 / N_z",
            |f| Ok(f.level_non_uniformity),
        ),
        number(
            "GrayLevelNonUniformityNormalized",
            "Y1RO",
            "zones gather in few grey levels",
            "sum_i (sum_j z_ij)^2 / N_z^2",
            |f| Ok(f.level_non_uniformity_normalised),
        ),
        number(
            "GrayLevelVariance",
            "BYLV",
            "zones have widely spread grey levels",
            "sum_ij (i - mu)^2 p_ij with mu = sum_ij i p_ij",
            |f| Ok(f.level_variance),
        ),
        number("HighGrayLevelZoneEmphasis", "5GN9", "zones have high grey levels", "sum_ij z_ij i^2 / N_z", |f| {
            Ok(f.high_level)
        }),
        number("LargeAreaEmphasis", "48P8", "zones are large", "sum_ij z_ij j^2 / N_z", |f| Ok(f.long)),
        number(
            "LargeAreaHighGrayLevelEmphasis",
            "J17V",
            "zones are large and have high grey levels",
            "sum_ij z_ij i^2 j^2 / N_z",
            |f| Ok(f.long_high_level),
        ),
        number(
            "LargeAreaLowGrayLevelEmphasis",
            "YH51",
            "zones are large and have low grey levels",
            "sum_ij z_ij j^2 / i^2 / N_z",
            |f| Ok(f.long_low_level),
        ),
        number("LowGrayLevelZoneEmphasis", "XMSY", "zones have low grey levels", "sum_ij z_ij / i^2 / N_z", |f| {
            Ok(f.low_level)
        }),
        number(
            "SizeZoneNonUniformity",
            "4JP3",
            "zones are alike in size; grows with their number",
            "sum_j (sum_i z_ij)^2 / N_z",
            |f| Ok(f.size_non_uniformity),
        ),
        number(
            "SizeZoneNonUniformityNormalized",
            "VB3A",
            "zones are alike in size",
            "sum_j (sum_i z_ij)^2 / N_z^2",
            |f| Ok(f.size_non_uniformity_normalised),
        ),
        number("SmallAreaEmphasis", "5QRC", "zones are small", "sum_ij z_ij / j^2 / N_z", |f| Ok(f.short)),
        number(
            "SmallAreaHighGrayLevelEmphasis",
            "HW1V",
            "zones are small and have high grey levels",
            "sum_ij z_ij i^2 / j^2 / N_z",
            |f| Ok(f.short_high_level),
        ),
        number(
            "SmallAreaLowGrayLevelEmphasis",
            "5RAI",
            "zones are small and have low grey levels",
            "sum_ij z_ij / (i^2 j^2) / N_z",
            |f| Ok(f.short_low_level),
        ),
        number(
            "ZoneEntropy",
            "GU8N",
            "zones are evenly spread over grey levels and sizes",
            "-sum_ij p_ij log2 p_ij",
            |f| Ok(f.entropy),
        ),
        number("ZonePercentage", "P30P", "many zones in relation to the voxels: zones are small", "N_z / N_p", |f| {
            Ok(f.percentage)
        }),
        number(
            "ZoneVariance",
            "3NSA",
            "zones are widely spread in size",
            "sum_ij (j - mu)^2 p_ij with mu = sum_ij j p_ij",
            |f| Ok(f.size_variance),
        ),
    ]
});

/// The aggregations of the matrices without directions.
pub(crate) const AGGREGATIONS: [&str; 2] = ["3D", "2.5D"];

/// The grey level size zone features.
pub struct Glszm {
    matrix: Matrix,
}

impl FeatureFamily for Glszm {
    fn describe() -> Description {
        Description::new("pyradiomics-glszm", "PyRadiomics' 16 grey level size zone features")
            .aggregations(&AGGREGATIONS)
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { matrix: Matrix::new("glszm", settings.text("aggregation")?) })
    }

    fn needs(&self) -> Needs {
        Needs { matrices: vec![self.matrix.clone()], ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let all: Vec<Emphasis> = matrices(region.matrix_set(0)).filter_map(|m| Emphasis::of(&m)).collect();
        Ok(Values::mean(FEATURES.iter(), &all, "the region holds no zone").finite())
    }

    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        textures::maps(block, context, &self.matrix, &*FEATURES, |set, _, found| {
            found.extend(set.matrices.iter().filter_map(Emphasis::of));
        })
    }
}
