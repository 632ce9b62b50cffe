//! A sound plugin of somebody else that has the id of one in `misbehaves`.

use voxomics_sdk::prelude::*;

struct Faulty;

impl FeatureFamily for Faulty {
    fn describe() -> Description {
        Description::new("faulty", "Another family of that name").feature(Feature::new("one", "One").equation("1"))
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, _: &Region, _: &Context) -> Result<Values, Error> {
        let mut values = Values::new();
        values.ok("one", 1.0);
        Ok(values)
    }
}

voxomics_sdk::export_plugin! { vendor: "Somebody else", families: [Faulty] }
