//! Habitats of a region: the share of each in the volume, and how much they touch each other.
//!
//! The parts are regions of the experiment, such as those that `regions-habitats` makes, but also sectors or shells. A part that
//! is absent in a patient has the share 0.

mod features;
mod parts;
#[cfg(test)]
mod tests;

use voxomics_sdk::prelude::*;

use parts::Parts;

/// The family, configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habitats {
    parts: Vec<String>,
}

impl FeatureFamily for Habitats {
    fn describe() -> Description {
        Description::new("habitats", "Habitats of a region: the share of each, and how much they touch")
            .setting(
                Setting::text(
                    "parts",
                    "what the names of the parts begin with: `habitats` for `habitats_1`, `habitats_2`, …",
                )
                .default("habitats"),
            )
            .setting(Setting::integer("number", "number of parts", 2, features::MOST as i64).required())
            .features(features::all())
            .invariant(&Invariance::OF_SPACE)
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let (prefix, number) = (settings.text("parts")?, settings.count("number")?);
        Ok(Self { parts: (1..=number).map(|part| format!("{prefix}_{part}")).collect() })
    }

    fn needs(&self) -> Needs {
        Needs {
            regions: self.parts.clone(),
            features: features::of(self.parts.len()),
            takes_empty_intensity_mask: true,
            ..Needs::default()
        }
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        context.check_cancelled()?;
        let image = region.image();
        let mask = |name: &String| {
            image.region(name).ok_or_else(|| Error::input(format!("the region `{name}` was not handed over")))
        };
        let masks = self.parts.iter().map(mask).collect::<Result<Vec<_>, Error>>()?;
        let parts = Parts::of(region.dims(), region.morphological_mask(), &masks).map_err(|[one, other]| {
            let (one, other) = (&self.parts[one], &self.parts[other]);
            Error::input(format!("`{one}` and `{other}` have a voxel in common: parts of a region must not overlap"))
        })?;
        Ok(features::values(&parts))
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [Habitats] }
