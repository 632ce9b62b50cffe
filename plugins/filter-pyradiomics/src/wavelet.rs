//! The image type `Wavelet`.

use voxomics_imaging::filters::{
    pyradiomics::wavelet::{Decomposition, LEVELS, START_LEVELS},
    wavelets,
};
use voxomics_sdk::{Grid, filtering, prelude::*};

/// The stationary wavelet transform of PyWavelets, level by level.
#[derive(Debug, Clone, PartialEq)]
pub struct Wavelet {
    of: Decomposition,
}

/// The words of `axes`, and which axes they stand for.
const AXES: [(&str, [bool; 3]); 4] =
    [("xyz", [true; 3]), ("xy", [true, true, false]), ("xz", [true, false, true]), ("yz", [false, true, true])];

impl Filter for Wavelet {
    fn describe() -> Description {
        let [[fewest, most], [first, last]] = [LEVELS, START_LEVELS].map(|range| range.map(i64::from));
        Description::new("pyradiomics-wavelet", "PyRadiomics' Wavelet: a stationary transform with its own edges")
            .setting(Setting::text("wavelet", "db1 to db38, sym2 to sym20, coif1 to coif17, or haar").default("coif1"))
            .setting(Setting::integer("level", "levels that are kept", fewest, most).default(1))
            .setting(Setting::integer("start_level", "levels that are passed over before", first, last).default(0))
            .setting(
                Setting::choice(
                    "axes",
                    "axes that are filtered (force2D: those of a plane)",
                    &AXES.map(|(word, _)| word),
                )
                .default("xyz"),
            )
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let name = settings.text("wavelet")?;
        let wavelet = wavelets::Wavelet::named(name).ok_or_else(|| {
            let message =
                format!("`wavelet` is \"{name}\", expected db1 to db38, sym2 to sym20, coif1 to coif17, or haar");
            Error::setting("wavelet", message)
        })?;
        let count = |key: &str| settings.count(key).map(|count| count as u32);
        let axes = settings.text("axes")?;
        let axes = AXES.iter().find(|(word, _)| *word == axes).map_or([true; 3], |(_, axes)| *axes);
        Ok(Self { of: Decomposition { wavelet, levels: count("level")?, start_level: count("start_level")?, axes } })
    }

    fn maps(&self) -> Vec<String> {
        self.of.names()
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        // Periodic at the scan's edges, with a voxel more where it is of odd length.
        filtering::whole(grid, 3)
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let (view, wanted) = (filtering::view(image), filtering::wanted(image));
        Ok(filtering::responses(self.maps(), self.of.apply_in(view, wanted, &context.threads())))
    }
}
