//! Intensity-based statistics (IBSI 1 manual, arXiv:1612.07003, family UHIW): how the intensities of a region are
//! distributed, without discretisation and without regard to where they lie.
//!
//! Percentiles are interpolated linearly between the neighbouring ranks of the sorted intensities: the *p*-th
//! percentile of *N* intensities lies at rank *p*/100 · (*N* − 1), counted from 0. The manual leaves the method open;
//! this one meets its reference values.

mod features;
mod order;
mod summary;
#[cfg(test)]
mod tests;

use voxomics_sdk::prelude::*;

use features::FEATURES;
use summary::Summary;

/// The intensity-based statistics.
pub struct Statistics;

impl FeatureFamily for Statistics {
    fn describe() -> Description {
        Description::new("statistics", "Intensity-based statistics (IBSI UHIW)")
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let summary = Summary::of(&inside(region.intensity_mask(), region.image().voxels()))
            .ok_or_else(|| Error::input("the region holds no voxel, or an intensity that is not a finite number"))?;
        Ok(Values::of(FEATURES.iter(), Ok(&summary)).finite())
    }

    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        block.measured(context, &*FEATURES, Vec::new, |intensities: &mut Vec<f64>, near| {
            intensities.clear();
            intensities.extend(near.inside());
            Summary::of(intensities)
        })
    }
}

/// The intensities where the mask is not 0, in their order.
fn inside(mask: &[u8], voxels: &[f64]) -> Vec<f64> {
    let count = mask.iter().filter(|inside| **inside != 0).count();
    // Every voxel is written and only those inside move the end on: no branch to mispredict. The last place takes what
    // follows the last voxel inside.
    let mut intensities = vec![0.0; count + 1];
    let mut end = 0;
    for (inside, x) in mask.iter().zip(voxels) {
        intensities[end] = *x;
        end += usize::from(*inside != 0);
    }
    intensities.truncate(end);
    intensities
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [Statistics] }
