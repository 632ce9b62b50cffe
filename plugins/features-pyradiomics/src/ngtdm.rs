//! Grey tone differences.

use std::sync::LazyLock;

use voxomics_imaging::texture::{Matrix as Drawn, tone::Tone};
use voxomics_sdk::{prelude::*, textures};

use crate::{
    chosen::{self, Levels},
    feature::{counts, matrices, number},
    glszm::AGGREGATIONS,
};

/// In the equations n_i of the N voxels have level i, p_i = n_i / N, s_i is the sum of their absolute differences from
/// the mean of their neighbours (0 for a voxel that has none), and N_g is the number of levels with p_i > 0.
pub(crate) static FEATURES: LazyLock<[Feature<Tone>; 5]> = LazyLock::new(|| {
    [
        number(
            "Busyness",
            "NQ30",
            "neighbours change rapidly",
            "sum_i p_i s_i / sum_ij |i p_i - j p_j|; 0 if the divisor is",
            |f| Ok(f.busyness.unwrap_or(0.0)),
        ),
        number(
            "Coarseness",
            "QCDE",
            "neighbours are alike over wide areas",
            "1 / sum_i p_i s_i, 10^6 if there is no difference",
            |f| Ok(f.coarseness),
        ),
        number(
            "Complexity",
            "HDEZ",
            "many grey levels change rapidly",
            "sum_ij |i - j| (p_i s_i + p_j s_j) / (p_i + p_j) / N",
            |f| Ok(f.complexity),
        ),
        number(
            "Contrast",
            "65HE",
            "grey levels are widely spread and neighbours differ",
            "sum_ij p_i p_j (i - j)^2 / (N_g (N_g - 1)) * sum_i s_i / N; 0 if there is one level",
            |f| Ok(f.contrast),
        ),
        number(
            "Strength",
            "1X9X",
            "areas of like grey levels are large and differ clearly",
            "sum_ij (p_i + p_j) (i - j)^2 / sum_i s_i; 0 if there is no difference",
            |f| Ok(f.strength),
        ),
    ]
});

/// The neighbouring grey tone difference features.
pub struct Ngtdm {
    matrix: Matrix,
    /// Where neighbours lie, if not everywhere within a distance; the program draws no such matrix.
    distances: Option<Vec<usize>>,
}

impl FeatureFamily for Ngtdm {
    fn describe() -> Description {
        let distance = "neighbours lie within this distance: PyRadiomics' distances = [1, …, distance]";
        Description::new("pyradiomics-ngtdm", "PyRadiomics' 5 neighbouring grey tone difference features")
            .aggregations(&AGGREGATIONS)
            .setting(Setting::integer("distance", distance, 1, 1000).unit("voxel").default(1))
            .setting(chosen::distances("without them, all within `distance`"))
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let mut matrix = Matrix::new("ngtdm", settings.text("aggregation")?);
        matrix.distance = settings.integer("distance")? as u32;
        Ok(Self { matrix, distances: chosen::read_distances(settings)? })
    }

    fn needs(&self) -> Needs {
        let matrices = if self.distances.is_none() { vec![self.matrix.clone()] } else { Vec::new() };
        Needs { levels: true, matrices, ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let tone = match &self.distances {
            None => {
                let drawn = matrices(region.matrix_set(0)).next().unwrap_or_default();
                Tone::of(&with_lonely_voxels(&drawn, region.levels()))
            }
            Some(distances) => self.tone(Levels { dims: region.dims(), levels: region.levels() }, distances),
        };
        Ok(Values::mean(FEATURES.iter(), tone.as_slice(), "the region holds no voxel").finite())
    }

    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        let none = Drawn::default();
        let Some(distances) = &self.distances else {
            return textures::maps(block, context, &self.matrix, &*FEATURES, |set, near, found| {
                found.extend(Tone::of(&with_lonely_voxels(set.matrices.first().unwrap_or(&none), &near.levels)));
            });
        };
        chosen::maps(block, context, &*FEATURES, |near, found| {
            found.extend(self.tone(Levels { dims: near.dims, levels: &near.levels }, distances));
        })
    }
}

impl Ngtdm {
    fn tone(&self, levels: Levels, distances: &[usize]) -> Option<Tone> {
        Tone::of(&levels.tones(distances, chosen::is_planar(&self.matrix.aggregation)))
    }
}

/// The matrix with the voxels counted that have no neighbour.
fn with_lonely_voxels(drawn: &Drawn, levels: &[u16]) -> Drawn {
    let cells = counts(levels).into_iter().map(|(level, count)| {
        let level = u32::from(level);
        let cell = drawn.cells.binary_search_by_key(&level, |cell| cell.level);
        (level, count as u32, cell.map_or(0.0, |at| drawn.cells[at].value))
    });
    Drawn::from_cells(drawn.voxels, cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voxels_without_neighbours_count() {
        let drawn = Drawn::from_cells(5.0, [(1, 2, 0.5), (3, 2, 1.5)]);
        let all = with_lonely_voxels(&drawn, &[1, 1, 3, 3, 0, 0, 2]);
        assert_eq!(all, Drawn::from_cells(5.0, [(1, 2, 0.5), (2, 1, 0.0), (3, 2, 1.5)]));
    }
}
