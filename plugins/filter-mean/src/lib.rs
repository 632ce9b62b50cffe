//! The mean filter: each voxel becomes the mean of the voxels around it (IBSI 2, S60F).

mod mean;
#[cfg(test)]
mod tests;

pub use mean::{mean, mean_in};
pub use voxomics_imaging::separable::Padding;

use voxomics_sdk::{Grid, filtering, prelude::*};

/// Largest support, voxels.
const MAX_SUPPORT: i64 = 255;

/// The mean filter, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Mean {
    radius: [usize; 3],
    padding: Padding,
}

impl Filter for Mean {
    fn describe() -> Description {
        Description::new("mean", "Mean of the voxels around each voxel (IBSI 2: S60F)")
            .setting(
                Setting::integer("support_voxels", "edge of the box of voxels that is averaged, odd", 1, MAX_SUPPORT)
                    .unit("voxels")
                    .default(5),
            )
            .setting(filtering::dimension())
            .setting(filtering::padding())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let support = settings.integer("support_voxels")?;
        let support = usize::try_from(support)
            .ok()
            .filter(|support| support % 2 == 1)
            .ok_or_else(|| Error::setting("support_voxels", odd_expected(support)))?;
        let padding = filtering::read_padding(settings)?;
        let radius = support / 2;
        let along_z = if filtering::axes(settings)? == 2 { 0 } else { radius };
        Ok(Self { radius: [radius, radius, along_z], padding })
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        std::array::from_fn(|axis| self.padding.margin(self.radius[axis], grid.dims[axis] as usize))
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let (view, wanted) = (filtering::view(image), filtering::wanted(image));
        let voxels = mean_in(view, wanted, self.radius, self.padding, &context.threads());
        Ok(vec![ResponseMap { name: String::new(), voxels }])
    }
}

fn odd_expected(support: i64) -> String {
    format!(
        "`support_voxels` is {support}, expected an odd number: a box with a voxel in its centre, such as {} or {}",
        support - 1,
        support + 1
    )
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [Mean] }
