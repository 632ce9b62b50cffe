//! A sound plugin that leaves a file behind when it is loaded, and when it is asked what it is.

use std::io::Write as _;

use voxomics_sdk::prelude::*;

/// Adds a line to the file that the environment names.
fn leave(word: &str) {
    if let Some(path) = std::env::var_os("VOXOMICS_TEST_TRACE")
        && let Ok(mut file) = std::fs::File::options().create(true).append(true).open(path)
    {
        // Whoever finds no trace fails the test that expects one.
        let _ = writeln!(file, "{word}");
    }
}

#[cfg(target_os = "linux")]
extern "C" fn initialise() {
    leave("initialised");
}

// SAFETY: the section holds pointers to functions without arguments, which the loader calls in turn.
#[cfg(target_os = "linux")]
#[used]
#[unsafe(link_section = ".init_array")]
static INITIALISE: extern "C" fn() = initialise;

struct Trace;

impl FeatureFamily for Trace {
    fn describe() -> Description {
        leave("described");
        Description::new("trace", "Leaves a trace").feature(Feature::new("one", "One").equation("1"))
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

voxomics_sdk::export_plugin! { vendor: "The tests", families: [Trace] }
