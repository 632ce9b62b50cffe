//! Dependences.

use std::sync::LazyLock;

use voxomics_imaging::texture::{Matrix as Drawn, emphasis::Emphasis};
use voxomics_sdk::{prelude::*, textures};

use crate::{
    chosen::{self, Levels},
    feature::{matrices, number},
    glszm::AGGREGATIONS,
};

/// In the equations d_ij voxels have level i and dependence j: themselves, and their neighbours whose level differs by
/// no more than alpha. N_z = sum_ij d_ij, p_ij = d_ij / N_z.
pub(crate) static FEATURES: LazyLock<[Feature<Emphasis>; 14]> = LazyLock::new(|| {
    [
        number(
            "DependenceEntropy",
            "FCBV",
            "voxels are evenly spread over grey levels and dependences",
            "-sum_ij p_ij log2 p_ij",
            |f| Ok(f.entropy),
        ),
        number(
            "DependenceNonUniformity",
            "Z87G",
            "dependences are alike; grows with the number of voxels",
            "sum_j (sum_i d_ij)^2 / N_z",
            |f| Ok(f.size_non_uniformity),
        ),
        number(
            "DependenceNonUniformityNormalized",
            "OKJI",
            "dependences are alike",
            "sum_j (sum_i d_ij)^2 / N_z^2",
            |f| Ok(f.size_non_uniformity_normalised),
        ),
        number(
            "DependenceVariance",
            "DNX2",
            "dependences are widely spread",
            "sum_ij (j - mu)^2 p_ij with mu = sum_ij j p_ij",
            |f| Ok(f.size_variance),
        ),
        number(
            "GrayLevelNonUniformity",
            "FP8K",
            "voxels gather in few grey levels; grows with their number",
            "sum_i (sum_j d_ij)^2 / N_z",
            |f| Ok(f.level_non_uniformity),
        ),
        number(
            "GrayLevelVariance",
            "1PFV",
            "grey levels are widely spread",
            "sum_ij (i - mu)^2 p_ij with mu = sum_ij i p_ij",
            |f| Ok(f.level_variance),
        ),
        number("HighGrayLevelEmphasis", "OAE7", "grey levels are high", "sum_ij d_ij i^2 / N_z", |f| Ok(f.high_level)),
        number("LargeDependenceEmphasis", "IMOQ", "neighbours are alike: even texture", "sum_ij d_ij j^2 / N_z", |f| {
            Ok(f.long)
        }),
        number(
            "LargeDependenceHighGrayLevelEmphasis",
            "9QMG",
            "neighbours are alike at high grey levels",
            "sum_ij d_ij i^2 j^2 / N_z",
            |f| Ok(f.long_high_level),
        ),
        number(
            "LargeDependenceLowGrayLevelEmphasis",
            "NBZI",
            "neighbours are alike at low grey levels",
            "sum_ij d_ij j^2 / i^2 / N_z",
            |f| Ok(f.long_low_level),
        ),
        number("LowGrayLevelEmphasis", "TL9H", "grey levels are low", "sum_ij d_ij / i^2 / N_z", |f| Ok(f.low_level)),
        number(
            "SmallDependenceEmphasis",
            "SODN",
            "neighbours differ: uneven texture",
            "sum_ij d_ij / j^2 / N_z",
            |f| Ok(f.short),
        ),
        number(
            "SmallDependenceHighGrayLevelEmphasis",
            "JA6D",
            "neighbours differ at high grey levels",
            "sum_ij d_ij i^2 / j^2 / N_z",
            |f| Ok(f.short_high_level),
        ),
        number(
            "SmallDependenceLowGrayLevelEmphasis",
            "EQ3F",
            "neighbours differ at low grey levels",
            "sum_ij d_ij / (i^2 j^2) / N_z",
            |f| Ok(f.short_low_level),
        ),
    ]
});

/// The grey level dependence features.
pub struct Gldm {
    matrix: Matrix,
    /// Where neighbours lie, if not everywhere within a distance; the program draws no such matrix.
    distances: Option<Vec<usize>>,
}

impl FeatureFamily for Gldm {
    fn describe() -> Description {
        let alpha = "largest difference of grey levels that counts as alike: gldm_a of PyRadiomics";
        let distance = "neighbours lie within this distance: PyRadiomics' distances = [1, …, distance]";
        Description::new("pyradiomics-gldm", "PyRadiomics' 14 grey level dependence features")
            .aggregations(&AGGREGATIONS)
            .setting(Setting::integer("alpha", alpha, 0, 65_535).default(0))
            .setting(Setting::integer("distance", distance, 1, 1000).unit("voxel").default(1))
            .setting(chosen::distances("without them, all within `distance`"))
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let mut matrix = Matrix::new("ngldm", settings.text("aggregation")?);
        matrix.coarseness = settings.integer("alpha")? as u32;
        matrix.distance = settings.integer("distance")? as u32;
        Ok(Self { matrix, distances: chosen::read_distances(settings)? })
    }

    fn needs(&self) -> Needs {
        match self.distances {
            None => Needs { matrices: vec![self.matrix.clone()], ..Needs::default() },
            Some(_) => Needs { levels: true, ..Needs::default() },
        }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let all: Vec<Emphasis> = match &self.distances {
            None => matrices(region.matrix_set(0)).filter_map(|m| Emphasis::of(&m)).collect(),
            Some(distances) => {
                let levels = Levels { dims: region.dims(), levels: region.levels() };
                Emphasis::of(&self.draw(levels, distances)).into_iter().collect()
            }
        };
        Ok(Values::mean(FEATURES.iter(), &all, "the region holds no voxel").finite())
    }

    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        let Some(distances) = &self.distances else {
            return textures::maps(block, context, &self.matrix, &*FEATURES, |set, _, found| {
                found.extend(set.matrices.iter().filter_map(Emphasis::of));
            });
        };
        chosen::maps(block, context, &*FEATURES, |near, found| {
            found.extend(Emphasis::of(&self.draw(Levels { dims: near.dims, levels: &near.levels }, distances)));
        })
    }
}

impl Gldm {
    fn draw(&self, levels: Levels, distances: &[usize]) -> Drawn {
        levels.dependences(distances, chosen::is_planar(&self.matrix.aggregation), self.matrix.coarseness)
    }
}
