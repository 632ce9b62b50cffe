//! The family of `examples/c-family/hot.c` in Rust.

use voxomics_sdk::prelude::*;

struct Hot {
    threshold: f64,
}

impl FeatureFamily for Hot {
    fn describe() -> Description {
        Description::new("hot-in-rust", "Voxels above a threshold")
            .setting(Setting::number("threshold", "intensity above which a voxel counts").default(100.0))
            .feature(Feature::new("mean", "Mean of the hot voxels").unit("intensity"))
            .feature(Feature::new("fraction", "Fraction of hot voxels"))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { threshold: settings.number("threshold")? })
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let (mut sum, mut hot, mut count) = (0.0, 0.0, 0.0);
        for x in region.intensities() {
            count += 1.0;
            if x > self.threshold {
                hot += 1.0;
                sum += x;
            }
        }
        let mut values = Values::new();
        match hot > 0.0 {
            true => values.ok("mean", sum / hot),
            false => values.undefined("mean", "no voxel is above the threshold"),
        }
        values.ok("fraction", hot / count);
        Ok(values)
    }
}

voxomics_sdk::export_plugin! { vendor: "The tests", families: [Hot] }
