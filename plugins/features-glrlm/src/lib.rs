//! Grey level run length features (IBSI 1 manual, arXiv:1612.07003, family TP0I): how long the runs of voxels
//! of one grey level are.
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
const AGGREGATIONS: [&str; 6] =
    ["3D merged", "3D averaged", "2D averaged", "2D slice-merged", "2.5D direction-merged", "2.5D merged"];

/// Why there is no value where there is no matrix.
const NONE: &str = "the region holds no run";

/// The grey level run length features of one matrix, or of several on average.
pub struct Glrlm {
    matrix: Matrix,
}

impl FeatureFamily for Glrlm {
    fn describe() -> Description {
        Description::new("glrlm", "Grey level run length features (IBSI TP0I)")
            .aggregations(&AGGREGATIONS)
            .settings(Setting::weighting())
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { matrix: settings.matrix("glrlm")? })
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

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [Glrlm] }
