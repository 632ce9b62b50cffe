//! Local intensity features (IBSI 1 manual, arXiv:1612.07003, family 9ST6): mean intensities in balls of 1 cm³ whose
//! centres lie in the region. The balls reach beyond it: voxels outside count as well, as far as the image goes.

mod features;
#[cfg(test)]
mod tests;

use std::f64::consts::PI;

use voxomics_imaging::{
    View,
    local_intensity::{NoPeaks, peaks},
};
use voxomics_sdk::prelude::*;

use features::FEATURES;

/// The local intensity peaks.
pub struct LocalIntensity;

impl FeatureFamily for LocalIntensity {
    fn describe() -> Description {
        Description::new("local_intensity", "Local intensity peaks (IBSI 9ST6)")
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn needs(&self) -> Needs {
        // The radius of a ball of 1 cm³.
        Needs { margin_mm: 10.0 * (3.0 / (4.0 * PI)).cbrt(), ..Needs::default() }
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        let dims = region.dims();
        let image = View::new(dims, region.image().voxels());
        let mask = View::new(dims, region.intensity_mask());
        let peaks = peaks(image, mask, region.spacing(), &context.threads()).map_err(|none| {
            Error::input(match none {
                NoPeaks::EmptyMask => "the region holds no voxel",
                NoPeaks::NotFinite => "an intensity in or around the region is not a finite number",
            })
        })?;
        Ok(Values::of(FEATURES.iter(), Ok(&peaks)))
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [LocalIntensity] }
