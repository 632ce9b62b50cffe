//! One plugin of each kind that breaks the contract in every way that the tests ask for.

mod family;
#[path = "../faults.rs"]
mod faults;
mod filter;
mod loader;
mod predictor;

use voxomics_sdk::prelude::*;

/// The setting by which a plugin panics outside of the work on a case.
fn panic_setting() -> Setting {
    Setting::choice("panic_in", "where to panic", &["nowhere", "configure", "needs", "names", "drop"])
        .default("nowhere")
}

/// Panics if the setting says that this is the place.
fn panic_if(settings_say: &str, here: &str) {
    assert!(settings_say != here, "this plugin always panics in {here}");
}

/// Panics on being dropped, if it was asked to.
struct Fuse(String);

impl Fuse {
    fn new(settings: &Settings) -> Result<Self, Error> {
        let place = settings.text("panic_in")?;
        panic_if(place, "configure");
        Ok(Self(place.to_owned()))
    }
}

impl Drop for Fuse {
    fn drop(&mut self) {
        panic_if(&self.0, "drop");
    }
}

voxomics_sdk::export_plugin! {
    vendor: "The tests",
    loaders: [loader::Made],
    filters: [filter::Faulty],
    families: [family::Faulty],
    predictors: [predictor::Faulty],
}
