//! Keys without a value. YAML makes null of them, and PyRadiomics hands that on to whoever reads the setting: some take it for
//! "no" or for the default, and some stop with an error.

use super::{Entry, Value};

/// The value of a key; none if the key is not there or is empty.
pub fn stated<'a>(entries: &[&'a Entry], key: &str) -> Option<&'a Entry> {
    entries.iter().find(|entry| entry.key == key && entry.node.value != Value::Null).copied()
}

/// Whether a key is true.
pub fn is_true(entries: &[&Entry], key: &str) -> bool {
    stated(entries, key).and_then(|entry| entry.node.flag()) == Some(true)
}

/// Whether PyRadiomics resamples: it needs a spacing, and an `interpolator` that is not empty.
pub fn resamples(entries: &[&Entry]) -> bool {
    let is_off = entries.iter().any(|entry| entry.key == "interpolator" && entry.node.value == Value::Null);
    stated(entries, "resampledPixelSpacing").is_some() && !is_off
}

/// What is said of a setting whose emptiness ends PyRadiomics.
pub const STOPS: &str = "PyRadiomics 3.0.1 stops with an error where this is empty; here it counts as left out";

/// What PyRadiomics does with an empty key that differs from leaving it out, where there is no equivalent.
pub fn differs(key: &str, entries: &[&Entry]) -> Option<&'static str> {
    let stops = match key {
        "minimumROIDimensions" | "label" | "distances" | "force2D" | "force2Ddimension" | "gldm_a" => true,
        "binWidth" => stated(entries, "binCount").is_none(),
        "normalizeScale" => is_true(entries, "normalize"),
        "padDistance" => resamples(entries) || is_true(entries, "preCrop"),
        "resegmentMode" => stated(entries, "resegmentRange").is_some(),
        "kernelRadius" | "voxelBatch" => true,
        "voxelArrayShift" => {
            return Some(
                "PyRadiomics 3.0.1 gives no Energy, TotalEnergy and RootMeanSquared where this is empty; here it counts as left out",
            );
        }
        _ => false,
    };
    stops.then_some(STOPS)
}
