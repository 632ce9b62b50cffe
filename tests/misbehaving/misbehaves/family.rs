//! A feature family that answers with the intensity of the image, or with a fault.

use voxomics_sdk::prelude::*;

use crate::{Fuse, faults, panic_if, panic_setting};

/// The family `faulty`.
pub struct Faulty {
    fuse: Fuse,
}

impl FeatureFamily for Faulty {
    fn describe() -> Description {
        Description::new("faulty", "The intensity of an image that has but one, or a fault")
            .setting(panic_setting())
            .setting(Setting::number("sigma_mm", "nothing").range(0.5, 50.0).unit("mm").default(1.0))
            .setting(Setting::integer("count", "nothing", 1, 9).default(1))
            .feature(Feature::new("intensity", "Intensity").equation("X of the first voxel"))
            .feature(Feature::new("doubled", "Doubled intensity").equation("2 X of the first voxel"))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { fuse: Fuse::new(settings)? })
    }

    fn needs(&self) -> Needs {
        panic_if(&self.fuse.0, "needs");
        Needs::default()
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        let intensity = region.intensities().next().ok_or_else(|| Error::input("the region is empty"))?;
        let mut values = Values::new();
        match faults::of(intensity) {
            "features.panic" => panic!("{} voxels are unlucky", region.intensities().count()),
            "features.panic_in_chunk" => context.for_each(16, |chunk| assert!(chunk < 5, "chunk {chunk} is too many")),
            "features.panic_of_many_lines" => panic!("first\nsecond\t\u{1b}[31mthird"),
            "features.too_few" => {
                values.ok("intensity", intensity);
                return Ok(values);
            }
            "features.unknown" => values.ok("entropy", 1.0),
            "features.twice" => values.ok("intensity", 1.0),
            "features.nan" => return Ok(both(f64::NAN, 1.0)),
            "features.infinite" => return Ok(both(1.0, f64::NEG_INFINITY)),
            "features.undefined" => return Ok(undefined("the region is too plain")),
            "features.undefined_without_reason" => return Ok(undefined("")),
            _ => {}
        }
        values.ok("intensity", intensity);
        values.ok("doubled", 2.0 * intensity);
        Ok(values)
    }
}

fn both(intensity: f64, doubled: f64) -> Values {
    let mut values = Values::new();
    values.ok("intensity", intensity);
    values.ok("doubled", doubled);
    values
}

fn undefined(reason: &str) -> Values {
    let mut values = Values::new();
    values.undefined("intensity", reason);
    values.ok("doubled", 0.0);
    values
}
