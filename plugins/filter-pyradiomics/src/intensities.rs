//! Image types that change each intensity on its own, and normalisation.

use voxomics_imaging::filters::pyradiomics::intensities::{Change, changed_in, normalised};
use voxomics_sdk::{Grid, filtering, prelude::*};

/// The words of `change`.
const CHANGES: [(&str, Change); 4] = [
    ("square", Change::Square),
    ("square root", Change::SquareRoot),
    ("logarithm", Change::Logarithm),
    ("exponential", Change::Exponential),
];

/// The image types `Square`, `SquareRoot`, `Logarithm`, `Exponential`.
#[derive(Debug, Clone, PartialEq)]
pub struct Intensity(Change);

impl Filter for Intensity {
    fn describe() -> Description {
        let words = CHANGES.map(|(word, _)| word);
        Description::new(
            "pyradiomics-intensity",
            "PyRadiomics' Square, SquareRoot, Logarithm, Exponential: by the scan's largest intensity",
        )
        .setting(Setting::choice("change", "what becomes of each intensity", &words).required())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let of = |word: &str| CHANGES.iter().find(|(known, _)| *known == word).map(|(_, change)| *change);
        filtering::word(settings, "change", of).map(Self)
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        filtering::whole(grid, 3)
    }

    fn apply(&self, image: &Image, _: &Context) -> Result<Vec<ResponseMap>, Error> {
        let (view, wanted) = (filtering::view(image), filtering::wanted(image));
        let voxels = changed_in(view, wanted, self.0).map_err(Error::input)?;
        Ok(vec![ResponseMap { name: String::new(), voxels }])
    }
}

/// `normalize`, `normalizeScale`, `removeOutliers`.
#[derive(Debug, Clone, PartialEq)]
pub struct Normalise {
    scale: f64,
    outliers: Option<f64>,
}

impl Filter for Normalise {
    fn describe() -> Description {
        Description::new("pyradiomics-normalise", "PyRadiomics' normalize: mean 0, one standard deviation of the scan")
            .setting(Setting::number("scale", "what the result is multiplied by (normalizeScale)").default(1.0))
            .setting(
                Setting::number(
                    "remove_outliers",
                    "standard deviations from the mean at which intensities are cut off (removeOutliers)",
                )
                .range(0.0, None),
            )
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let key = "remove_outliers";
        let outliers = if settings.is_set(key) { Some(settings.number(key)?) } else { None };
        Ok(Self { scale: settings.number("scale")?, outliers })
    }

    fn units(&self) -> Vec<String> {
        vec!["1".into()]
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        filtering::whole(grid, 3)
    }

    fn apply(&self, image: &Image, _: &Context) -> Result<Vec<ResponseMap>, Error> {
        let voxels = normalised(image.voxels(), self.scale, self.outliers).map_err(Error::input)?;
        Ok(vec![ResponseMap { name: String::new(), voxels }])
    }
}
