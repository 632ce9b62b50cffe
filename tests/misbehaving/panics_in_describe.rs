//! A plugin that cannot even say what it is.

use voxomics_sdk::prelude::*;

struct Speechless;

impl FeatureFamily for Speechless {
    fn describe() -> Description {
        panic!("lost for words")
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, _: &Region, _: &Context) -> Result<Values, Error> {
        Ok(Values::new())
    }
}

voxomics_sdk::export_plugin! { vendor: "The tests", families: [Speechless] }
