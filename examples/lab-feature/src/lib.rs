//! A feature family of a laboratory's own: the fractal dimension of a region.

mod boxes;

use voxomics_sdk::prelude::*;

/// The family `fractal`.
struct Fractal {
    min_sizes: usize,
}

impl FeatureFamily for Fractal {
    fn describe() -> Description {
        Description::new("fractal", "Fractal dimension of the region's shape")
            .setting(
                Setting::integer("min_sizes", "sizes of box that a line is fitted through at the least", 2, 16).default(2),
            )
            .feature(
                Feature::new("box_counting_dimension", "Box-counting dimension")
                    .meaning("large: the region fills space; 2 for a sheet, 1 for a thread")
                    .equation(
                        "slope of log N(s) against log(1/s), by least squares; N(s) is the number of boxes of s³ voxels, \
                         s = 1, 2, 4, … up to half of the region's longest extent, that hold a voxel of the morphological \
                         mask; the first box begins at the lower corner of the region's bounding box. Undefined for \
                         fewer than `min_sizes` sizes, and where voxels are not cubes",
                    ),
            )
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let min_sizes = settings.integer("min_sizes")?;
        let min_sizes =
            usize::try_from(min_sizes).map_err(|_| Error::setting("min_sizes", "`min_sizes` is below 0"))?;
        Ok(Self { min_sizes })
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let mut values = Values::new();
        let dimension = boxes::dimension(region.dims(), region.morphological_mask(), region.spacing(), self.min_sizes);
        values.set("box_counting_dimension", dimension);
        Ok(values)
    }
}

voxomics_sdk::export_plugin! { vendor: "A laboratory", families: [Fractal] }
