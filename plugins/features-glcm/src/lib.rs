//! Grey level co-occurrence features (IBSI 1 manual, arXiv:1612.07003, family LFYI): how often grey levels occur in
//! neighbouring voxels.
//!
//! The host draws the matrix, and each feature is read from it. Where the aggregation leaves several matrices, a
//! feature is the mean over them.

mod features;
#[cfg(test)]
mod tests;

use voxomics_imaging::texture::{self, cooccurrence};
use voxomics_sdk::{prelude::*, textures};

use features::FEATURES;

/// The aggregations that IBSI defines for this matrix.
const AGGREGATIONS: [&str; 6] =
    ["3D merged", "3D averaged", "2D averaged", "2D slice-merged", "2.5D direction-merged", "2.5D merged"];

/// What the setting `norm` is for.
const NEIGHBOURS: &str = "what neighbours are: with \"Chebyshev\", IBSI's default, the voxels around (13 directions, 4 in \
                          a slice), moved out by the factor `distance`; with the other norms every voxel that is \
                          farther than `distance` - 1 and not farther than `distance`";

/// Why there is no value where there is no matrix.
const NONE: &str = "no two voxels of the region are neighbours at this distance";

/// The grey level co-occurrence features of one matrix, or of several on average.
pub struct Glcm {
    matrix: Matrix,
}

impl FeatureFamily for Glcm {
    fn describe() -> Description {
        Description::new("glcm", "Grey level co-occurrence features (IBSI LFYI)")
            .aggregations(&AGGREGATIONS)
            .setting(Setting::distance())
            .setting(Setting::norm(NEIGHBOURS))
            .settings(Setting::weighting())
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { matrix: settings.matrix("glcm")? })
    }

    fn needs(&self) -> Needs {
        Needs { matrices: vec![self.matrix.clone()], ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let set = region.matrix_set(0);
        let matrices = set.matrices().map(|one| (one.voxels, one.triples()));
        let mean = cooccurrence::mean(&texture::MatrixSet::from_cells(set.level_count(), matrices));
        Ok(Values::of(FEATURES.iter(), mean.as_ref().ok_or(NONE)))
    }

    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        textures::maps(block, context, &self.matrix, &*FEATURES, |set, _, found| found.extend(cooccurrence::mean(set)))
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [Glcm] }
