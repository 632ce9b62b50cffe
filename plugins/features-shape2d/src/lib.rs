//! Shape of a region in one slice: of a picture, or of a lesion that was outlined in a single slice.
//!
//! The features are those of PyRadiomics' `shape2D` (van Griethuysen et al., Cancer Research 77, 2017, and its documentation,
//! "Shape Features (2D)"): area and perimeter of the outline by marching squares, and the principal axes of pixel centres,
//! with covariances divided by the number of pixels. IBSI 1 has no shape in a plane. A region with pixels in several slices
//! has none of these features.

mod outline;

use std::{f64::consts::PI, sync::LazyLock};

use voxomics_sdk::prelude::*;

use outline::{Outline, Plane};

/// What is measured of a region in a plane.
struct Measured {
    outline: Outline,
    pixels: f64,
    pixel_area: f64,
    /// Variances along the principal axes, largest first, mm².
    variances: [f64; 2],
}

/// In the equations A and P are area and perimeter of the outline, lambda_1 and lambda_2 the variances of pixel centres
/// along their principal axes, the larger first.
static FEATURES: LazyLock<[Feature<Measured>; 10]> = LazyLock::new(|| features(str::to_owned));

/// The same by PyRadiomics' names: `perimeter_to_surface_ratio` is its `PerimeterSurfaceRatio`.
static PYRADIOMICS: LazyLock<[Feature<Measured>; 10]> = LazyLock::new(|| {
    features(|id| {
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        id.split('_').filter(|word| *word != "to").map(capital).collect()
    })
});

/// The features, whose ids become names.
fn features(named: impl Fn(&str) -> String) -> [Feature<Measured>; 10] {
    let feature = |id: &str, title: &str, unit: &str, meaning: &str, equation: &str| {
        Feature::new(&named(id), title).unit(unit).meaning(meaning).equation(equation)
    };
    [
        feature("mesh_surface", "Mesh surface", "mm^2", "the region is large", "A").value(|m| Ok(m.outline.area)),
        feature(
            "pixel_surface",
            "Pixel surface",
            "mm^2",
            "the region is large",
            "number of pixels times the area of a pixel",
        )
        .value(|m| Ok(m.pixels * m.pixel_area)),
        feature("perimeter", "Perimeter", "mm", "the outline is long", "P").value(|m| Ok(m.outline.perimeter)),
        feature(
            "perimeter_to_surface_ratio",
            "Perimeter to surface ratio",
            "1/mm",
            "the region is small, or unlike a disc",
            "P / A",
        )
        .value(|m| Ok(m.outline.perimeter / m.outline.area)),
        feature("sphericity", "Sphericity", "1", "the region is like a disc, which has 1", "2 (pi A)^(1/2) / P")
            .value(|m| Ok(2.0 * (PI * m.outline.area).sqrt() / m.outline.perimeter)),
        feature(
            "spherical_disproportion",
            "Spherical disproportion",
            "1",
            "the region is unlike a disc, which has 1",
            "P / (2 (pi A)^(1/2))",
        )
        .value(|m| Ok(m.outline.perimeter / (2.0 * (PI * m.outline.area).sqrt()))),
        feature(
            "maximum_diameter",
            "Maximum diameter",
            "mm",
            "the region is wide",
            "largest distance between vertices of the outline",
        )
        .value(|m| Ok(m.outline.diameter)),
        feature("major_axis_length", "Major axis length", "mm", "the region is long", "4 lambda_1^(1/2)")
            .value(|m| Ok(4.0 * m.variances[0].sqrt())),
        feature("minor_axis_length", "Minor axis length", "mm", "the region is broad", "4 lambda_2^(1/2)")
            .value(|m| Ok(4.0 * m.variances[1].sqrt())),
        feature("elongation", "Elongation", "1", "the region is as broad as it is long", "(lambda_2 / lambda_1)^(1/2)")
            .value(|m| match m.variances {
                [largest, smallest] if largest > 0.0 => Ok((smallest / largest).sqrt()),
                _ => Err("the mask has one pixel, and so no axes"),
            }),
    ]
}

/// The shape of the morphological mask in its slice.
pub struct Shape2d;

impl FeatureFamily for Shape2d {
    fn describe() -> Description {
        Description::new("shape2d", "Shape of a region in one slice").features(FEATURES.iter().cloned()).invariant(&[
            Invariance::RotationInPlane,
            Invariance::Mirroring,
            Invariance::Translation,
        ])
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn needs(&self) -> Needs {
        Needs { takes_empty_intensity_mask: true, ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        Ok(measured(region, FEATURES.as_slice()))
    }
}

/// The same by PyRadiomics' names.
pub struct PyRadiomics;

impl FeatureFamily for PyRadiomics {
    fn describe() -> Description {
        Description::new("pyradiomics-shape2d", "PyRadiomics' shape2D: shape of a region in one slice")
            .features(PYRADIOMICS.iter().cloned())
            .invariant(&[Invariance::RotationInPlane, Invariance::Mirroring, Invariance::Translation])
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn needs(&self) -> Needs {
        Needs { takes_empty_intensity_mask: true, ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        Ok(measured(region, PYRADIOMICS.as_slice()))
    }
}

/// The values of features of a region.
fn measured(region: &Region, features: &[Feature<Measured>]) -> Values {
    let [nx, ny, _] = region.dims();
    let slices = region.morphological_mask().chunks_exact(nx * ny);
    let mut filled = slices.filter(|slice| slice.iter().any(|voxel| *voxel != 0));
    let (Some(mask), None) = (filled.next(), filled.next()) else {
        return Values::of(features.iter(), Err("the region has pixels in several slices, and shape2d is that of one"));
    };
    let [sx, sy, _] = region.spacing();
    let plane = Plane { dims: [nx, ny], spacing: [sx, sy], mask };
    let (pixels, variances) = axes(&plane);
    let measured = Measured { outline: plane.outline(), pixels, pixel_area: sx * sy, variances };
    Values::of(features.iter(), Ok(&measured)).finite()
}

/// Number of pixels, and the variances of their centres along the principal axes.
fn axes(plane: &Plane<'_>) -> (f64, [f64; 2]) {
    let [nx, _] = plane.dims;
    let inside = || {
        let at = |index: usize| [(index % nx) as f64 * plane.spacing[0], (index / nx) as f64 * plane.spacing[1]];
        plane.mask.iter().enumerate().filter(|(_, voxel)| **voxel != 0).map(move |(index, _)| at(index))
    };
    let count = inside().count() as f64;
    let sum = inside().fold([0.0; 2], |[x, y], at| [x + at[0], y + at[1]]);
    let mean = sum.map(|sum| sum / count);
    let [mut xx, mut yy, mut xy] = [0.0; 3];
    for [x, y] in inside() {
        let (x, y) = (x - mean[0], y - mean[1]);
        (xx, yy, xy) = (xx + x * x / count, yy + y * y / count, xy + x * y / count);
    }
    // Eigenvalues of a symmetric matrix of two rows; the smaller by the product, which keeps its digits.
    let largest = 0.5 * (xx + yy + ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt());
    let smallest = if largest > 0.0 { ((xx * yy - xy * xy) / largest).max(0.0) } else { 0.0 };
    (count, [largest, smallest])
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [Shape2d, PyRadiomics] }

#[cfg(test)]
mod tests;
