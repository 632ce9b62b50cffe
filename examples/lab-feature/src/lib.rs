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

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{TestHost, TestRegion, compute, settings};

    use super::*;

    fn family(json: &str) -> Result<Fractal, Error> {
        let checked = settings(&Fractal::describe(), json).map_err(|mut wrong| wrong.remove(0))?;
        Fractal::configure(&checked)
    }

    #[test]
    fn a_cube_has_the_dimension_3() {
        let cube = TestRegion::new([8, 8, 8], vec![0.0; 512]);
        let values = compute(&family("{}").expect("the defaults are right"), &cube, &TestHost::new());
        let value = values.expect("computes")["box_counting_dimension"].clone().expect("defined");
        assert!((value - 3.0).abs() < 1e-12, "{value}");
    }

    #[test]
    fn few_sizes_and_long_voxels_give_a_reason() {
        let strict = family(r#"{"min_sizes": 4}"#).expect("within the range");
        for (region, reason) in [
            (TestRegion::new([8, 8, 8], vec![0.0; 512]), "4 are needed"),
            (TestRegion::new([8, 8, 8], vec![0.0; 512]).spacing([1.0, 1.0, 3.0]), "not cubes"),
        ] {
            let values = compute(&strict, &region, &TestHost::new()).expect("computes");
            let found = values["box_counting_dimension"].clone().expect_err("undefined");
            assert!(found.contains(reason), "{found}");
        }
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let error = family(r#"{"min_sizes": 1}"#).err().expect("out of range");
        assert_eq!(error.key(), "min_sizes");
    }
}
