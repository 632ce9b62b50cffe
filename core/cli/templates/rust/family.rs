//! A feature family: edit `describe` and `compute`.

use voxomics_sdk::prelude::*;

/// The family `NAME`.
struct TYPE {
    threshold: f64,
}

impl FeatureFamily for TYPE {
    fn describe() -> Description {
        Description::new("NAME", "Voxels above a threshold")
            .setting(Setting::number("threshold", "lowest intensity that counts").default(100.0))
            .feature(
                Feature::new("fraction", "Fraction above the threshold")
                    .meaning("much of the region is above it")
                    .equation("voxels above the threshold / voxels of the intensity mask"),
            )
            .invariant(&Invariance::OF_SPACE)
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { threshold: settings.number("threshold")? })
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let (above, all) =
            region.intensities().fold((0, 0), |(above, all), x| (above + u32::from(x > self.threshold), all + 1));
        let mut values = Values::new();
        // A NaN is neither above nor below: a fraction of such voxels would be a number that looks right.
        if all == 0 || region.intensities().any(f64::is_nan) {
            values.undefined("fraction", "the region has no voxel, or an intensity that is no number");
            return Ok(values);
        }
        values.ok("fraction", f64::from(above) / f64::from(all));
        Ok(values)
    }
}

voxomics_sdk::export_plugin! { vendor: "Your laboratory", families: [TYPE] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{TestHost, TestRegion, compute, settings};

    use super::*;

    #[test]
    fn half_of_the_voxels_are_above() {
        let settings = settings(&TYPE::describe(), r#"{"threshold": 10}"#).expect("sound settings");
        let family = TYPE::configure(&settings).expect("a family");
        let region = TestRegion::new([2, 2, 1], vec![5.0, 20.0, 40.0, 1.0]);
        let values = compute(&family, &region, &TestHost::new()).expect("values");
        assert_eq!(values["fraction"], Ok(0.5));
        let none = TestRegion::new([2, 1, 1], vec![f64::NAN, 20.0]);
        assert!(compute(&family, &none, &TestHost::new()).expect("values")["fraction"].is_err());
    }
}
