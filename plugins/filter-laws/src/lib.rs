//! Laws' kernels: levels, edges, spots, waves and ripples, and their energy (IBSI 2, JTXT).

use voxomics_imaging::filters::laws::{self, Laws};
use voxomics_sdk::{Grid, filtering, prelude::*};

/// Largest reach of an energy map, voxels.
const MAX_ENERGY: i64 = 127;

/// The filters, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct LawsFilter {
    names: Vec<String>,
    laws: Laws,
}

impl Filter for LawsFilter {
    fn describe() -> Description {
        let kernels = "kernels, one letter and length for each axis, x first: \"E5L5S5\", or \"L5E5\" within slices; each \
                       of several, with blanks between them, gives a response map of its name";
        Description::new("laws", "Levels, edges, spots, waves and ripples (IBSI 2: JTXT)")
            .setting(Setting::text("kernels", kernels).required())
            .setting(filtering::dimension())
            .setting(filtering::rotation_invariance())
            .setting(
                Setting::integer(
                    "energy_distance_voxels",
                    "makes an energy map: the mean of the absolute responses at most so many voxels away along each axis",
                    1,
                    MAX_ENERGY,
                )
                .unit("voxels"),
            )
            .setting(filtering::padding())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let axes = filtering::axes(settings)?;
        let names = filtering::names(settings, "kernels")?;
        let key = "energy_distance_voxels";
        let energy = if settings.is_set(key) { Some(settings.count(key)?) } else { None };
        let (rotation, padding) = (filtering::read_rotation(settings)?, filtering::read_padding(settings)?);
        let laws = Laws::new(&names, axes, rotation, padding, energy).map_err(|wrong| {
            let known: Vec<&str> = laws::names().collect();
            let message = format!(
                "`kernels` holds \"{wrong}\", expected {axes} of {} without a blank between them, as in \"{}\"",
                known.join(", "),
                &"E5L5S5"[..2 * axes]
            );
            Error::setting("kernels", message)
        })?;
        Ok(Self { names: names.into_iter().map(Into::into).collect(), laws })
    }

    fn maps(&self) -> Vec<String> {
        filtering::map_names(&self.names)
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        self.laws.margin(grid.dims.map(|n| n as usize))
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        Ok(filtering::responses(
            self.maps(),
            self.laws.apply_in(filtering::view(image), filtering::wanted(image), &context.threads()),
        ))
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [LawsFilter] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{self, TestHost, TestImage};

    use super::*;

    fn configured(json: &str) -> Result<LawsFilter, Error> {
        let settings = testing::settings(&LawsFilter::describe(), json).expect("the settings fit");
        LawsFilter::configure(&settings)
    }

    #[test]
    fn each_kernel_is_a_map() {
        let image = TestImage::new([8, 7, 6], (0..336).map(|i| f64::from(i % 13)).collect());
        let filter = configured(r#"{"kernels": "L5E5S5, S5S5S5"}"#).expect("kernels");
        assert_eq!(filter.maps(), ["L5E5S5", "S5S5S5"]);
        let maps = filter.apply(&image.image(), &TestHost::new().context()).expect("a response");
        assert_eq!(maps.iter().map(|map| map.name.as_str()).collect::<Vec<_>>(), ["L5E5S5", "S5S5S5"]);
        assert_eq!(configured(r#"{"kernels": "L5E5", "dimension": "2D"}"#).expect("kernels").maps(), [""]);
    }

    #[test]
    fn what_is_no_kernel_is_named() {
        for (json, said) in [
            (r#"{"kernels": "L5E5"}"#, "\"L5E5\", expected 3 of L5"),
            (r#"{"kernels": "L5E5S5", "dimension": "2D"}"#, "expected 2 of L5"),
            (r#"{"kernels": "L5E5Q5"}"#, "\"L5E5Q5\""),
            (r#"{"kernels": " , "}"#, "is empty"),
            (r#"{"kernels": "L5E5S5 L5E5S5"}"#, "twice"),
        ] {
            let error = configured(json).expect_err("refused");
            assert!(error.to_string().contains(said) && error.key() == "kernels", "{error}");
        }
    }
}
