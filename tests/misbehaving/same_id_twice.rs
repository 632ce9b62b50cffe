//! A library in which two plugins have one id.

use voxomics_sdk::prelude::*;

struct Twin<const N: u8>;

impl<const N: u8> FeatureFamily for Twin<N> {
    fn describe() -> Description {
        Description::new("twin", "One of two").feature(Feature::new("number", "Number").equation("1 or 2"))
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, _: &Region, _: &Context) -> Result<Values, Error> {
        let mut values = Values::new();
        values.ok("number", f64::from(N));
        Ok(values)
    }
}

voxomics_sdk::export_plugin! { vendor: "The tests", families: [Twin<1>, Twin<2>] }
