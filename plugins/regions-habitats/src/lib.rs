//! Habitats: the voxels of a region, clustered by what they are like in one or several images.
//!
//! It is fitted: voxels of the cohort's regions, or means of their supervoxels, are clustered together by k-means or by a mixture
//! of normal distributions. A voxel of a new scan belongs to the cluster that is nearest, or most likely. So a habitat is the
//! same tissue in each patient, and the patient who is looked at has no part in what it is.
//!
//! Habitats are numbered by their mean in the first image, from the lowest on.

mod fit;
mod observed;
mod options;
mod state;

use voxomics_sdk::prelude::*;

use observed::{Seen, Voxels};
use options::Options;
use state::State;

/// The division into habitats, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Habitats {
    options: Options,
    fitted: Option<State>,
}

impl RegionMaker for Habitats {
    fn describe() -> Description {
        Description::new(
            "habitats",
            "Habitats of a region: clusters of voxels that are alike in one or several images, fitted on a cohort: `1`, `2`, …",
        )
        .settings(Options::settings())
        .fits()
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let options = Options::read(settings)?;
        let fitted = settings.state().map(|state| State::read(state, &options)).transpose()?;
        Ok(Self { options, fitted })
    }

    fn labels(&self) -> Vec<(u16, String)> {
        (1..=self.options.numbers[1] as u16).map(|number| (number, number.to_string())).collect()
    }

    fn sees_images(&self) -> bool {
        true
    }

    fn may_lack(&self) -> bool {
        true
    }

    fn make(&self, image: &Image, context: &Context) -> Result<Vec<u16>, Error> {
        context.check_cancelled()?;
        let state = self
            .fitted
            .as_ref()
            .ok_or_else(|| Error::input("the habitats are not fitted: there are no clusters yet"))?;
        let voxels = Voxels::of(image, &self.options)?;
        state.is_of(&voxels.names)?;
        state.labels(&voxels, self.options.method)
    }

    fn observe(&self, image: &Image, context: &Context) -> Result<String, Error> {
        context.check_cancelled()?;
        Seen::of(&Voxels::of(image, &self.options)?, &self.options).written()
    }

    fn fit(&self, observations: &[String], context: &Context) -> Result<String, Error> {
        fit::fit(&self.options, observations, context)?.written()
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", region_makers: [Habitats] }

#[cfg(test)]
mod tests;
