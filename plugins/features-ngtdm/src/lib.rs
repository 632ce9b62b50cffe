//! Neighbourhood grey tone difference features (IBSI 1 manual, arXiv:1612.07003, family IPET): how much
//! voxels differ from the mean of their neighbours.
//!
//! The host draws the matrix, and each feature is read from it. Where the aggregation leaves several matrices, a
//! feature is the mean over them.

mod features;
#[cfg(test)]
mod tests;

use voxomics_imaging::texture::{self, tone};
use voxomics_sdk::{prelude::*, textures};

use features::FEATURES;

/// The aggregations that IBSI defines for this matrix.
const AGGREGATIONS: [&str; 3] = ["3D", "2D", "2.5D"];

/// Why there is no value where there is no matrix.
const NONE: &str = "no voxel of the region has a neighbour in it";

/// The neighbourhood grey tone difference features of one matrix, or of several on average.
pub struct Ngtdm {
    matrix: Matrix,
}

impl FeatureFamily for Ngtdm {
    fn describe() -> Description {
        Description::new("ngtdm", "Neighbourhood grey tone difference features (IBSI IPET)")
            .aggregations(&AGGREGATIONS)
            .setting(Setting::distance())
            .setting(Setting::norm("how distances are measured; neighbours are all voxels within `distance`"))
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { matrix: settings.matrix("ngtdm")? })
    }

    fn needs(&self) -> Needs {
        Needs { matrices: vec![self.matrix.clone()], ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let set = region.matrix_set(0);
        let matrices = set.matrices().map(|one| (one.voxels, one.triples()));
        let mean = tone::mean(&texture::MatrixSet::from_cells(set.level_count(), matrices));
        Ok(Values::of(FEATURES.iter(), mean.as_ref().ok_or(NONE)))
    }

    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        textures::maps(block, context, &self.matrix, &*FEATURES, |set, _, found| found.extend(tone::mean(set)))
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [Ngtdm] }
