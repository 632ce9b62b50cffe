//! Morphological features (IBSI 1 manual, arXiv:1612.07003, family HCUG): size and shape of a region, and how its
//! intensities lie in it.
//!
//! Shape is that of the morphological mask, which re-segmentation leaves alone; intensities are those of the intensity
//! mask, and without one of its voxels only what needs them is undefined. Moran's I and Geary's C compare every voxel with every other and take most of the time; the setting
//! `autocorrelation` leaves them out.

mod features;
#[cfg(test)]
mod tests;

use voxomics_imaging::morphology::{
    Autocorrelation, Divisor, IntensityFeatures, Options, Shape, Surface, Undefined, autocorrelation, measure,
};
use voxomics_imaging::{Executor, View};
use voxomics_sdk::prelude::*;

use features::FEATURES;

/// Why there is no autocorrelation if the setting says so.
const LEFT_OUT: &str = "left out by the setting `autocorrelation`";

/// The morphological features.
pub struct Morphology {
    options: Options,
    autocorrelation: bool,
}

impl FeatureFamily for Morphology {
    fn describe() -> Description {
        let surface = "triangles where voxels touch at an edge only: the \"closed\" surface that IBSI asks for, or \
                       that of a table of mirrored cases, as in PyRadiomics";
        let divisor = "divisor of the variances along the principal axes, for N voxels: \"N - 1\" gives IBSI's \
                       reference values, \"N\" is that of PyRadiomics";
        let pairs = "whether to compute Moran's I and Geary's C, which take most of the time";
        Description::new("morphology", "Morphological features (IBSI HCUG)")
            .setting(Setting::choice("surface", surface, &["closed", "mirrored"]).default("closed"))
            .setting(Setting::choice("divisor", divisor, &["N - 1", "N"]).default("N - 1"))
            .setting(Setting::flag("autocorrelation", pairs).default(true))
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let surface = if settings.text("surface")? == "mirrored" { Surface::Mirrored } else { Surface::Closed };
        let divisor = if settings.text("divisor")? == "N" { Divisor::Count } else { Divisor::CountLessOne };
        Ok(Self { options: Options { surface, divisor }, autocorrelation: settings.flag("autocorrelation")? })
    }

    fn needs(&self) -> Needs {
        Needs { takes_empty_intensity_mask: true, ..Needs::default() }
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        let dims = region.dims();
        let mask = View::new(dims, region.morphological_mask());
        let intensity_mask = View::new(dims, region.intensity_mask());
        let image = View::new(dims, region.image().voxels());
        let measured = self.measure(mask, intensity_mask, image, region.spacing(), &context.threads())?;
        Ok(Values::of(FEATURES.iter(), Ok(&measured)))
    }
}

/// Everything that is measured of a region.
struct Measured {
    shape: Shape,
    intensity: IntensityFeatures,
    /// `None` if the setting leaves it out.
    autocorrelation: Option<Result<Autocorrelation, Undefined>>,
}

impl Morphology {
    fn measure(
        &self,
        mask: View<u8>,
        intensity_mask: View<u8>,
        image: View<f64>,
        spacing: [f64; 3],
        executor: &dyn Executor,
    ) -> Result<Measured, Error> {
        let (shape, intensity) = measure(image, intensity_mask, mask, spacing, self.options, executor).map_err(
            |undefined| match undefined {
                Undefined::EmptyMask => Error::input("the morphological mask has no voxel"),
                other => Error::input(reason(other)),
            },
        )?;
        let autocorrelation = self.autocorrelation.then(|| autocorrelation(image, intensity_mask, spacing, executor));
        Ok(Measured { shape, intensity, autocorrelation })
    }
}

fn reason(undefined: Undefined) -> &'static str {
    match undefined {
        Undefined::EmptyMask => "the intensity mask has no voxel: re-segmentation leaves none",
        Undefined::TooFewVoxels => "the mask has too few voxels: the feature needs two",
        Undefined::FlatRegion => "the region lies in a plane or on a line",
        Undefined::FlatIntensities => "all intensities are the same",
        Undefined::ZeroIntensity => "the intensities sum to zero, so they have no centre of mass",
        Undefined::NotFinite => "an intensity, or the value, is not a finite number",
        Undefined::NotConverged => "the search for the body around the region did not converge",
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [Morphology] }
