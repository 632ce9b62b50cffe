//! The non-separable wavelet of Simoncelli: structures of one size, whatever their direction (IBSI 2, PRT7).

use voxomics_imaging::filters::simoncelli::Simoncelli;
use voxomics_sdk::{Grid, filtering, prelude::*};

/// The filter, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct SimoncelliFilter {
    filter: Simoncelli,
}

impl Filter for SimoncelliFilter {
    fn describe() -> Description {
        Description::new("simoncelli", "Band of frequencies of the Simoncelli wavelet (IBSI 2: PRT7)")
            .setting(filtering::levels())
            .setting(filtering::dimension())
            // What a transform does by itself, and the reference maps of IBSI 2 have.
            .setting(filtering::padding().default("periodic"))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let (axes, padding) = (filtering::axes(settings)?, filtering::read_padding(settings)?);
        Ok(Self { filter: Simoncelli { levels: filtering::read_levels(settings)?, axes, padding } })
    }

    fn maps(&self) -> Vec<String> {
        let names: Vec<String> = self.filter.levels.iter().map(|level| format!("B_{level}")).collect();
        filtering::map_names(&names)
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        filtering::whole(grid, self.filter.axes)
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        Ok(filtering::responses(
            self.maps(),
            self.filter.apply_in(filtering::view(image), filtering::wanted(image), &context.threads()),
        ))
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [SimoncelliFilter] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{self, TestImage};

    use super::*;

    #[test]
    fn it_asks_for_the_whole_scan_along_what_it_filters() {
        let configured = |json: &str| {
            let settings = testing::settings(&SimoncelliFilter::describe(), json).expect("the settings fit");
            SimoncelliFilter::configure(&settings).expect("a filter")
        };
        let image = TestImage::new([20, 30, 40], vec![0.0; 24_000]);
        let grid = *image.image().grid();
        assert_eq!(configured("{}").margin(&grid), [20, 30, 40]);
        assert_eq!(configured(r#"{"dimension": "2D", "padding": "mirror"}"#).margin(&grid), [20, 30, 0]);
        assert_eq!(configured(r#"{"levels": [1, 3]}"#).maps(), ["B_1", "B_3"]);
    }
}
