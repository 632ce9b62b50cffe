//! Separable wavelets, undecimated: Daubechies, coiflets, symlets, Haar (IBSI 2, 25BO, 7UJT).

use voxomics_imaging::filters::{
    Separable,
    wavelets::{self, Band, Wavelet},
};
use voxomics_sdk::{Grid, filtering, prelude::*};

/// The filter bank, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct SeparableWavelet {
    names: Vec<String>,
    filters: Separable,
}

impl Filter for SeparableWavelet {
    fn describe() -> Description {
        let bands = "L (low-pass) or H (high-pass) for each axis, x first: \"LLH\", or \"LH\" within slices; several with \
                     blanks between them; \"all\" for every band. Each gives a response map of its name";
        Description::new("wavelet", "Undecimated separable wavelets (IBSI 2: 25BO)")
            .setting(Setting::text("wavelet", "db1 to db38, sym2 to sym20, coif1 to coif17, or haar").required())
            .setting(Setting::text("bands", bands).default("all"))
            .setting(filtering::levels())
            .setting(filtering::dimension())
            .setting(filtering::rotation_invariance())
            .setting(filtering::padding())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let name = settings.text("wavelet")?;
        let wavelet = Wavelet::named(name).ok_or_else(|| {
            let message =
                format!("`wavelet` is \"{name}\", expected db1 to db38, sym2 to sym20, coif1 to coif17, or haar");
            Error::setting("wavelet", message)
        })?;
        let axes = filtering::axes(settings)?;
        let levels = filtering::read_levels(settings)?;
        let letters: Vec<String> = match settings.text("bands")? {
            "all" => wavelets::bands(axes),
            _ => filtering::names(settings, "bands")?.into_iter().map(Into::into).collect(),
        };
        let band = |level: u32| letters.iter().map(move |letters| Band { letters: letters.clone(), level });
        let bands: Vec<Band> = levels.iter().flat_map(|level| band(*level)).collect();
        let (rotation, padding) = (filtering::read_rotation(settings)?, filtering::read_padding(settings)?);
        let filters = wavelets::separable(&wavelet, &bands, axes, rotation, padding).map_err(|wrong| {
            let known = wavelets::bands(axes).join(", ");
            Error::setting("bands", format!("`bands` holds \"{wrong}\", expected \"all\", or some of {known}"))
        })?;
        let name = |band: &Band| match levels.len() {
            1 => band.letters.clone(),
            _ => format!("{}_{}", band.letters, band.level),
        };
        Ok(Self { names: bands.iter().map(name).collect(), filters })
    }

    fn maps(&self) -> Vec<String> {
        filtering::map_names(&self.names)
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        self.filters.margin(grid.dims.map(|n| n as usize))
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let bank = self.filters.bank(image.dims());
        context.check_cancelled()?;
        Ok(filtering::responses(
            self.maps(),
            bank.apply_in(filtering::view(image), filtering::wanted(image), &context.threads()),
        ))
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [SeparableWavelet] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing;

    use super::*;

    fn configured(json: &str) -> Result<SeparableWavelet, Error> {
        let settings = testing::settings(&SeparableWavelet::describe(), json).expect("the settings fit");
        SeparableWavelet::configure(&settings)
    }

    #[test]
    fn a_section_is_a_bank() {
        let maps = |json: &str| configured(json).expect("a wavelet").maps();
        assert_eq!(maps(r#"{"wavelet": "coif1"}"#), ["LLL", "LLH", "LHL", "LHH", "HLL", "HLH", "HHL", "HHH"]);
        assert_eq!(maps(r#"{"wavelet": "db3", "dimension": "2D"}"#), ["LL", "LH", "HL", "HH"]);
        assert_eq!(
            maps(r#"{"wavelet": "db3", "bands": "HHH LLH", "levels": [1, 2]}"#),
            ["HHH_1", "LLH_1", "HHH_2", "LLH_2"]
        );
        assert_eq!(maps(r#"{"wavelet": "haar", "bands": "LLH", "levels": [3]}"#), [""]);
    }

    #[test]
    fn what_is_no_wavelet_band_or_level_is_named() {
        for (json, key, said) in [
            (r#"{"wavelet": "coif"}"#, "wavelet", "\"coif\""),
            (r#"{"wavelet": "db2", "bands": "LH"}"#, "bands", "some of LLL"),
            (r#"{"wavelet": "db2", "bands": "LLX"}"#, "bands", "\"LLX\""),
            (r#"{"wavelet": "db2", "levels": [0]}"#, "levels", "holds 0"),
            (r#"{"wavelet": "db2", "levels": [1.5]}"#, "levels", "holds 1.5"),
            (r#"{"wavelet": "db2", "levels": [2, 2]}"#, "levels", "holds 2"),
            (r#"{"wavelet": "db2", "levels": []}"#, "levels", "is empty"),
            (r#"{"wavelet": "db2", "levels": [40]}"#, "levels", "holds 40"),
        ] {
            let error = configured(json).expect_err("refused");
            assert!(error.to_string().contains(said) && error.key() == key, "{error}");
        }
    }

    #[test]
    fn the_reach_is_that_of_all_levels_before() {
        let grid = testing::TestImage::new([64; 3], vec![0.0; 64 * 64 * 64]);
        let margin = |json: &str| configured(json).expect("a wavelet").margin(grid.image().grid());
        // db3 has six weights, and a zero behind them: radius 3, twice that at level 2.
        assert_eq!(margin(r#"{"wavelet": "db3"}"#), [3; 3]);
        assert_eq!(margin(r#"{"wavelet": "db3", "levels": [2]}"#), [9; 3]);
        assert_eq!(margin(r#"{"wavelet": "db3", "dimension": "2D"}"#), [3, 3, 0]);
        assert_eq!(margin(r#"{"wavelet": "db3", "padding": "periodic"}"#), [64; 3]);
    }
}
