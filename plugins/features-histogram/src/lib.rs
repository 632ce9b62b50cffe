//! Intensity histogram features (IBSI 1 manual, arXiv:1612.07003, family ZVCW): how the discretised intensities of a
//! region are distributed.
//!
//! The histogram has a bin for each level from 1 to the greatest that occurs, empty ones included. Percentiles are
//! interpolated linearly between the neighbouring ranks of the sorted levels: the *p*-th percentile of *N* voxels lies
//! at rank *p*/100 · (*N* − 1), counted from 0. The manual leaves the method open; this one meets its reference values.

mod features;
mod histogram;
mod summary;
#[cfg(test)]
mod tests;

use voxomics_sdk::prelude::*;

use features::FEATURES;
use histogram::Histogram;
use summary::Summary;

/// The intensity histogram features.
pub struct IntensityHistogram;

impl FeatureFamily for IntensityHistogram {
    fn describe() -> Description {
        Description::new("histogram", "Intensity histogram features (IBSI ZVCW)")
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn needs(&self) -> Needs {
        Needs { levels: true, ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        Ok(Values::of(FEATURES.iter(), Ok(&summary(region.levels(), region.level_count())?)))
    }

    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        block.measured(context, &*FEATURES, || (), |(), near| summary(&near.levels, block.level_count()).ok())
    }
}

/// What the features are read from.
fn summary(levels: &[u16], count: u32) -> Result<Summary, Error> {
    let histogram = Histogram::of(levels, count)
        .map_err(|level| Error::input(format!("a voxel has grey level {level}, but there are {count} levels")))?
        .ok_or_else(|| Error::input("the region holds no voxel"))?;
    Ok(Summary::of(&histogram))
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [IntensityHistogram] }
