//! Grey level distance zone features (IBSI 1 manual, arXiv:1612.07003, family VMDZ): how far from the edge of the
//! region the zones of connected voxels of one grey level lie.
//!
//! The host draws the matrix, and each feature is read from it. Where the aggregation leaves several matrices, a
//! feature is the mean over them.

mod features;
#[cfg(test)]
mod tests;

use voxomics_imaging::texture::{self, emphasis};
use voxomics_sdk::{prelude::*, textures};

use features::FEATURES;

/// The aggregations that IBSI defines for this matrix.
const AGGREGATIONS: [&str; 3] = ["3D", "2D", "2.5D"];

/// Why there is no value where there is no matrix.
const NONE: &str = "the region holds no zone";

/// The grey level distance zone features of one matrix, or of several on average.
pub struct Gldzm {
    matrix: Matrix,
}

impl FeatureFamily for Gldzm {
    fn describe() -> Description {
        Description::new("gldzm", "Grey level distance zone features (IBSI VMDZ)")
            .aggregations(&AGGREGATIONS)
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { matrix: settings.matrix("gldzm")? })
    }

    fn needs(&self) -> Needs {
        Needs { matrices: vec![self.matrix.clone()], ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let set = region.matrix_set(0);
        let matrices = set.matrices().map(|one| (one.voxels, one.triples()));
        let mean = emphasis::mean(&texture::MatrixSet::from_cells(set.level_count(), matrices));
        Ok(Values::of(FEATURES.iter(), mean.as_ref().ok_or(NONE)))
    }

    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        textures::maps(block, context, &self.matrix, &*FEATURES, |set, _, found| found.extend(emphasis::mean(set)))
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [Gldzm] }
