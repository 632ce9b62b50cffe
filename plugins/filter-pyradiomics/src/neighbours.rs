//! The image types `Gradient` and `LBP2D`.

use voxomics_imaging::filters::pyradiomics::neighbours::{
    METHODS, Patterns, RADIUS, SAMPLES, binary_patterns, gradient,
};
use voxomics_sdk::{Grid, filtering, prelude::*};

/// The length of the gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    use_spacing: bool,
}

impl Filter for Gradient {
    fn describe() -> Description {
        Description::new("pyradiomics-gradient", "PyRadiomics' Gradient: length of the gradient by central differences")
            .setting(Setting::flag("use_spacing", "per mm, not per voxel (gradientUseSpacing)").default(true))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { use_spacing: settings.flag("use_spacing")? })
    }

    fn margin(&self, _: &Grid) -> [usize; 3] {
        [1; 3]
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let spacing = if self.use_spacing { image.spacing() } else { [1.0; 3] };
        let voxels = gradient(filtering::view(image), spacing, &context.threads());
        Ok(vec![ResponseMap { name: String::new(), voxels }])
    }
}

/// Local binary patterns within slices.
#[derive(Debug, Clone, PartialEq)]
pub struct BinaryPatterns {
    radius: f64,
    samples: u32,
    patterns: Patterns,
}

impl Filter for BinaryPatterns {
    fn describe() -> Description {
        let [least, most] = SAMPLES.map(i64::from);
        Description::new("pyradiomics-lbp-2d", "PyRadiomics' LBP2D: local binary patterns within slices")
            .setting(
                Setting::number("radius_voxels", "radius of the circle of neighbours (lbp2DRadius)")
                    .range(RADIUS[0], RADIUS[1])
                    .unit("voxels")
                    .default(1.0),
            )
            .setting(Setting::integer("samples", "neighbours on the circle (lbp2DSamples)", least, most).default(8))
            .setting(
                Setting::choice("method", "how patterns become numbers (lbp2DMethod)", &METHODS).default(METHODS[0]),
            )
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self {
            radius: settings.number("radius_voxels")?,
            samples: u32::try_from(settings.count("samples")?).unwrap_or(u32::MAX),
            patterns: filtering::word(settings, "method", Patterns::named)?,
        })
    }

    fn margin(&self, _: &Grid) -> [usize; 3] {
        let reach = self.radius.ceil() as usize + 1;
        [reach, reach, 0]
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let view = filtering::view(image);
        let voxels = binary_patterns(view, self.radius, self.samples, self.patterns, &context.threads());
        Ok(vec![ResponseMap { name: String::new(), voxels }])
    }
}
