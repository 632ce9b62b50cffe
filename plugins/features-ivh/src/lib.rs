//! Intensity-volume histogram features (IBSI 1 manual, arXiv:1612.07003, family P88C): how much of a region has at
//! least a given intensity.
//!
//! The manual lays the intensity axis out in three ways; the setting `axis` chooses among them:
//!
//! - `"intensities"`, the default, for calibrated and discrete ones (CT): `minimum`, `minimum` + `step`, … `maximum`;
//! - `"bin_centres"` for calibrated and continuous ones (PET): the centres of bins of `bin_width` that begin at
//!   `minimum`, from `minimum` + `bin_width`/2 to `maximum` − `bin_width`/2;
//! - `"levels"` for arbitrary ones (MRI): the grey levels of the discretisation that the experiment gives this family,
//!   1 … *N*g.
//!
//! `minimum` and `maximum` are those of the re-segmentation range, or where there is none, those of the region.

mod axis;
mod curve;
mod features;
#[cfg(test)]
mod tests;

use voxomics_sdk::prelude::*;

use axis::Axis;
use curve::Curve;
use features::FEATURES;

/// The intensity-volume histogram features.
pub struct IntensityVolumeHistogram {
    axis: Axis,
}

impl FeatureFamily for IntensityVolumeHistogram {
    fn describe() -> Description {
        Description::new("ivh", "Intensity-volume histogram features (IBSI P88C)")
            .settings(Axis::settings())
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
            .maps()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Axis::configure(settings).map(|axis| Self { axis })
    }

    fn needs(&self) -> Needs {
        Needs { levels: self.axis == Axis::Levels, ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let curve = match self.axis {
            Axis::Levels => {
                let levels = region.levels();
                curve(self.axis, || levels.iter().filter(|level| **level != 0).map(|level| f64::from(*level)))
            }
            _ => curve(self.axis, || region.intensities()),
        };
        Ok(Values::of(FEATURES.iter(), Ok(&curve?)))
    }

    fn map(&self, block: &Block, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        block.measured(
            context,
            &*FEATURES,
            || (),
            |(), near| match self.axis {
                Axis::Levels => curve(self.axis, || near.levels().map(f64::from)).ok(),
                _ => curve(self.axis, || near.inside()).ok(),
            },
        )
    }
}

/// The curve of the intensities (or levels) that `voxels` goes through.
fn curve<I: Iterator<Item = f64>>(axis: Axis, voxels: impl Fn() -> I) -> Result<Curve, Error> {
    let (mut lowest, mut highest, mut finite) = (f64::INFINITY, f64::NEG_INFINITY, true);
    for x in voxels() {
        (lowest, highest, finite) = (lowest.min(x), highest.max(x), finite && x.is_finite());
    }
    if !finite || lowest > highest {
        return Err(Error::input("the region holds no voxel, or an intensity that is not a finite number"));
    }
    Ok(Curve::new(axis.range(lowest, highest), voxels(), axis.is_flat(lowest, highest)))
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [IntensityVolumeHistogram] }
