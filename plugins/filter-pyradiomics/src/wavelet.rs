//! The image type `Wavelet`.

use voxomics_imaging::filters::{pyradiomics::wavelet::Decomposition, wavelets};
use voxomics_sdk::{Grid, filtering, prelude::*};

/// The stationary wavelet transform of PyWavelets, level by level.
#[derive(Debug, Clone, PartialEq)]
pub struct Wavelet {
    of: Decomposition,
}

impl Filter for Wavelet {
    fn describe() -> Description {
        Description::new("pyradiomics-wavelet", "PyRadiomics' Wavelet: a stationary transform with its own edges")
            .setting(Setting::text("wavelet", "db1 to db38, sym2 to sym20, coif1 to coif17, or haar").default("coif1"))
            .setting(Setting::integer("level", "levels that are kept", 1, 8).default(1))
            .setting(Setting::integer("start_level", "levels that are passed over before", 0, 8).default(0))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let name = settings.text("wavelet")?;
        let wavelet = wavelets::Wavelet::named(name).ok_or_else(|| {
            let message =
                format!("`wavelet` is \"{name}\", expected db1 to db38, sym2 to sym20, coif1 to coif17, or haar");
            Error::setting("wavelet", message)
        })?;
        let count = |key: &str| settings.count(key).map(|count| count as u32);
        Ok(Self { of: Decomposition { wavelet, levels: count("level")?, start_level: count("start_level")? } })
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
