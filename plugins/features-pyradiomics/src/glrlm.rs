//! Run lengths.

use std::sync::LazyLock;

use voxomics_imaging::texture::{Matrix as Drawn, emphasis::Emphasis};
use voxomics_sdk::{prelude::*, textures};

use crate::{
    chosen::{self, Levels, Norm, is_lonely},
    feature::{matrices, number},
};

/// Why there is no value where there is no matrix.
const NONE: &str = "no line in any direction holds two voxels of the region";

/// In the equations r_ij runs have level i and length j, N_r = sum_ij r_ij, p_ij = r_ij / N_r, and N_p is the number of
/// voxels, each counted once for every merged direction.
pub(crate) static FEATURES: LazyLock<[Feature<Emphasis>; 16]> = LazyLock::new(|| {
    [
        number(
            "GrayLevelNonUniformity",
            "R5YN",
            "runs gather in few grey levels; grows with their number",
            "sum_i (sum_j r_ij)^2 / N_r",
            |f| Ok(f.level_non_uniformity),
        ),
        number(
            "GrayLevelNonUniformityNormalized",
            "OVBL",
            "runs gather in few grey levels",
            "sum_i (sum_j r_ij)^2 / N_r^2",
            |f| Ok(f.level_non_uniformity_normalised),
        ),
        number(
            "GrayLevelVariance",
            "8CE5",
            "runs have widely spread grey levels",
            "sum_ij (i - mu)^2 p_ij with mu = sum_ij i p_ij",
            |f| Ok(f.level_variance),
        ),
        number("HighGrayLevelRunEmphasis", "G3QZ", "runs have high grey levels", "sum_ij r_ij i^2 / N_r", |f| {
            Ok(f.high_level)
        }),
        number("LongRunEmphasis", "W4KF", "runs are long", "sum_ij r_ij j^2 / N_r", |f| Ok(f.long)),
        number(
            "LongRunHighGrayLevelEmphasis",
            "3KUM",
            "runs are long and have high grey levels",
            "sum_ij r_ij i^2 j^2 / N_r",
            |f| Ok(f.long_high_level),
        ),
        number(
            "LongRunLowGrayLevelEmphasis",
            "IVPO",
            "runs are long and have low grey levels",
            "sum_ij r_ij j^2 / i^2 / N_r",
            |f| Ok(f.long_low_level),
        ),
        number("LowGrayLevelRunEmphasis", "V3SW", "runs have low grey levels", "sum_ij r_ij / i^2 / N_r", |f| {
            Ok(f.low_level)
        }),
        number(
            "RunEntropy",
            "HJ9O",
            "runs are evenly spread over grey levels and lengths",
            "-sum_ij p_ij log2 p_ij",
            |f| Ok(f.entropy),
        ),
        number(
            "RunLengthNonUniformity",
            "W92Y",
            "runs are alike in length; grows with their number",
            "sum_j (sum_i r_ij)^2 / N_r",
            |f| Ok(f.size_non_uniformity),
        ),
        number(
            "RunLengthNonUniformityNormalized",
            "IC23",
            "runs are alike in length",
            "sum_j (sum_i r_ij)^2 / N_r^2",
            |f| Ok(f.size_non_uniformity_normalised),
        ),
        number("RunPercentage", "9ZK5", "many runs in relation to the voxels: runs are short", "N_r / N_p", |f| {
            Ok(f.percentage)
        }),
        number(
            "RunVariance",
            "SXLW",
            "runs are widely spread in length",
            "sum_ij (j - mu)^2 p_ij with mu = sum_ij j p_ij",
            |f| Ok(f.size_variance),
        ),
        number("ShortRunEmphasis", "22OV", "runs are short", "sum_ij r_ij / j^2 / N_r", |f| Ok(f.short)),
        number(
            "ShortRunHighGrayLevelEmphasis",
            "GD3A",
            "runs are short and have high grey levels",
            "sum_ij r_ij i^2 / j^2 / N_r",
            |f| Ok(f.short_high_level),
        ),
        number(
            "ShortRunLowGrayLevelEmphasis",
            "HTZT",
            "runs are short and have low grey levels",
            "sum_ij r_ij / (i^2 j^2) / N_r",
            |f| Ok(f.short_low_level),
        ),
    ]
});

/// The 13 directions of space; the first four lie within a slice.
#[rustfmt::skip]
const DIRECTIONS: [[i64; 3]; 13] = [
    [1, 0, 0], [0, 1, 0], [1, 1, 0], [1, -1, 0],
    [0, 0, 1], [1, 0, 1], [1, 0, -1], [0, 1, 1], [0, 1, -1], [1, 1, 1], [1, 1, -1], [1, -1, 1], [1, -1, -1],
];

/// The grey level run length features of the directions on average, or of all directions merged.
pub struct Glrlm {
    matrix: Matrix,
    /// Of the directions; the program has none of its kind, and draws no matrix then.
    weighting: Option<Norm>,
}

impl FeatureFamily for Glrlm {
    fn describe() -> Description {
        Description::new("pyradiomics-glrlm", "PyRadiomics' 16 grey level run length features")
            .aggregations(&crate::glcm::AGGREGATIONS)
            .setting(chosen::weighting("d"))
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let matrix = Matrix::new("glrlm", settings.text("aggregation")?);
        let weighting = chosen::read_weighting(settings, &matrix.aggregation)?;
        Ok(Self { matrix, weighting })
    }

    fn needs(&self) -> Needs {
        let matrices = if self.weighting.is_none() { vec![self.matrix.clone()] } else { Vec::new() };
        Needs { levels: true, matrices, ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let mut all = Vec::new();
        match self.weighting {
            None => {
                let drawn: Vec<Drawn> = matrices(region.matrix_set(0)).collect();
                self.measure(&drawn, region.levels(), region.dims(), &mut all);
            }
            Some(norm) => {
                let levels = Levels { dims: region.dims(), levels: region.levels() };
                all.extend(self.weighted(levels, norm, region.spacing()));
            }
        }
        Ok(Values::mean(FEATURES.iter(), &all, NONE).finite())
    }

    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        let Some(norm) = self.weighting else {
            return textures::maps(block, context, &self.matrix, &*FEATURES, |set, near, found| {
                self.measure(&set.matrices, &near.levels, near.dims, found);
            });
        };
        let spacing = block.image().grid().spacing;
        chosen::maps(block, context, &*FEATURES, |near, found| {
            found.extend(self.weighted(Levels { dims: near.dims, levels: &near.levels }, norm, spacing));
        })
    }
}

impl Glrlm {
    /// What the features are read from, where each direction's runs count as much as its length in mm.
    fn weighted(&self, levels: Levels, norm: Norm, spacing: [f64; 3]) -> Option<Emphasis> {
        let directions = chosen::directions(&[1], chosen::is_planar(&self.matrix.aggregation), levels.dims);
        let runs = |direction| (norm.length(direction, spacing), levels.runs(direction));
        Emphasis::of(&chosen::merged(directions.into_iter().map(runs)))
    }

    /// What the features are read from: one for each direction, or one for all.
    fn measure(&self, drawn: &[Drawn], levels: &[u16], dims: [usize; 3], found: &mut Vec<Emphasis>) {
        let directions = if self.matrix.aggregation.starts_with("3D") { &DIRECTIONS[..] } else { &DIRECTIONS[..4] };
        let lonely = directions.iter().filter(|d| is_lonely(levels, dims, **d)).count();
        if self.matrix.aggregation.ends_with("averaged") || self.matrix.aggregation.contains("direction") {
            found.extend(without(drawn, lonely).filter_map(Emphasis::of));
        } else if lonely == 0 {
            found.extend(drawn.iter().filter_map(Emphasis::of));
        } else {
            let mut merged = drawn.to_vec();
            merged.iter_mut().for_each(|merged| take_away(merged, levels, lonely));
            found.extend(merged.iter().filter_map(Emphasis::of));
        }
    }
}

/// The matrices without those of directions in which no line holds two voxels. All of these are the one matrix of runs of one
/// voxel: which of such matrices go does not matter.
fn without(drawn: &[Drawn], mut lonely: usize) -> impl Iterator<Item = &Drawn> {
    drawn.iter().filter(move |matrix| {
        let goes = lonely > 0 && matrix.cells.iter().all(|cell| cell.other == 1);
        lonely -= usize::from(goes);
        !goes
    })
}

/// Takes the runs of such directions out of the matrix of all directions.
fn take_away(merged: &mut Drawn, levels: &[u16], lonely: usize) {
    if lonely == 0 {
        return;
    }
    let mut counts = vec![0.0; usize::from(levels.iter().copied().max().unwrap_or(0)) + 1];
    levels.iter().for_each(|level| counts[usize::from(*level)] += lonely as f64);
    for cell in merged.cells.iter_mut().filter(|cell| cell.other == 1) {
        let gone = counts.get(cell.level as usize).copied().unwrap_or(0.0);
        cell.value -= gone;
        merged.voxels -= gone;
    }
    merged.cells.retain(|cell| cell.value > 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_across_a_slice_are_lonely() {
        let across = |levels: &[u16], dims| DIRECTIONS.iter().filter(|d| is_lonely(levels, dims, **d)).count();
        assert_eq!(across(&[1; 9], [3, 3, 1]), 9);
        assert_eq!(across(&[1; 3], [3, 1, 1]), 12);
        assert_eq!(across(&[1; 27], [3, 3, 3]), 0);
        // Two voxels with a gap between them lie on one line all the same.
        assert_eq!(across(&[2, 0, 1], [1, 1, 3]), 12);
        assert_eq!(across(&[2], [1, 1, 1]), 13);
    }

    #[test]
    fn a_merged_matrix_loses_the_runs_of_lonely_directions() {
        // Four voxels in a row: three runs along it, and four runs of one in each of the 12 other directions.
        let levels = [1, 1, 2, 1];
        let cells = [(1, 1, 3.0 * 12.0 + 1.0), (1, 2, 1.0), (2, 1, 12.0 + 1.0)];
        let mut merged = Drawn::from_cells(13.0 * 4.0, cells);
        take_away(&mut merged, &levels, 12);
        assert_eq!(merged, Drawn::from_cells(4.0, [(1, 1, 1.0), (1, 2, 1.0), (2, 1, 1.0)]));
    }
}
