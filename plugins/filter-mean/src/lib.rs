//! The mean filter: each voxel becomes the mean of the voxels around it (IBSI 2, S60F).

mod mean;
#[cfg(test)]
mod tests;

pub use mean::mean;
pub use voxomics_imaging::separable::Padding;

use voxomics_imaging::View;
use voxomics_sdk::{Grid, prelude::*};

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
            .setting(
                Setting::choice("dimension", "in the volume, or within each slice along x and y", &["3D", "2D"])
                    .default("3D"),
            )
            .setting(
                Setting::choice(
                    "padding",
                    "what lies beyond the edges of the scan (not \"wrap\": only the box around the regions is \
                     filtered, which does not hold the scan's far side)",
                    &Padding::WORDS,
                )
                .default("mirror"),
            )
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let support = settings.integer("support_voxels")?;
        let support = usize::try_from(support)
            .ok()
            .filter(|support| support % 2 == 1)
            .ok_or_else(|| Error::setting("support_voxels", odd_expected(support)))?;
        let word = settings.text("padding")?;
        let padding = Padding::from_word(word)
            .ok_or_else(|| Error::setting("padding", format!("`padding` is \"{word}\", which is not known")))?;
        let radius = support / 2;
        let along_z = if settings.text("dimension")? == "2D" { 0 } else { radius };
        Ok(Self { radius: [radius, radius, along_z], padding })
    }

    fn margin(&self, _: &Grid) -> [usize; 3] {
        self.radius
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let image = View::new(image.dims(), image.voxels());
        let voxels = mean(image, self.radius, self.padding, &context.threads());
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
