//! Shape.

use std::{f64::consts::PI, sync::LazyLock};

use voxomics_imaging::{
    View,
    mask::bounding_box,
    morphology::{Divisor, Surface, hull::Hull, mesh, moments::Moments},
};
use voxomics_sdk::prelude::*;

use crate::{
    feature::{Reason, feature},
    planes,
};

/// What is measured of a morphological mask.
pub(crate) struct Measured {
    pub(crate) mesh_volume: f64,
    pub(crate) area: f64,
    voxel_volume: f64,
    diameter: f64,
    /// The largest diameters within planes of constant *x*, *y*, *z*.
    planar: [f64; 3],
    /// Variances along the principal axes, largest first.
    variances: [f64; 3],
}

/// In the equations V and A are volume and area of the surface mesh, lambda_1 to lambda_3 the variances of the voxel
/// centres along their principal axes, largest first, divided by the number of voxels.
pub(crate) static FEATURES: LazyLock<[Feature<Measured>; 14]> = LazyLock::new(|| {
    [
        feature(
            "Elongation",
            "Q3CK",
            "1",
            "the region is as broad as it is long",
            "(lambda_2 / lambda_1)^(1/2)",
            |m| m.relative(1),
        ),
        feature("Flatness", "N17B", "1", "the region is as thick as it is long", "(lambda_3 / lambda_1)^(1/2)", |m| {
            m.relative(2)
        }),
        feature("LeastAxisLength", "", "mm", "the region is thick", "4 lambda_3^(1/2)", |m| {
            Ok(4.0 * m.variances[2].sqrt())
        }),
        feature("MajorAxisLength", "", "mm", "the region is long", "4 lambda_1^(1/2)", |m| {
            Ok(4.0 * m.variances[0].sqrt())
        }),
        feature(
            "Maximum2DDiameterColumn",
            "",
            "mm",
            "the region is wide in a plane of constant y",
            "largest distance between vertices of the mesh with the same y",
            |m| Ok(m.planar[1]),
        ),
        feature(
            "Maximum2DDiameterRow",
            "",
            "mm",
            "the region is wide in a plane of constant x",
            "largest distance between vertices of the mesh with the same x",
            |m| Ok(m.planar[0]),
        ),
        feature(
            "Maximum2DDiameterSlice",
            "",
            "mm",
            "the region is wide in a slice",
            "largest distance between vertices of the mesh with the same z",
            |m| Ok(m.planar[2]),
        ),
        feature(
            "Maximum3DDiameter",
            "L0JK",
            "mm",
            "the region is wide",
            "largest distance between vertices of the mesh",
            |m| Ok(m.diameter),
        ),
        feature(
            "MeshVolume",
            "",
            "mm^3",
            "the region is large",
            "V, of a mesh that may have holes where voxels touch at an edge only",
            |m| Ok(m.mesh_volume),
        ),
        feature("MinorAxisLength", "", "mm", "the region is broad", "4 lambda_2^(1/2)", |m| {
            Ok(4.0 * m.variances[1].sqrt())
        }),
        feature("Sphericity", "", "1", "the region is like a ball, which has 1", "(36 pi V^2)^(1/3) / A", |m| {
            Ok((36.0 * PI * m.mesh_volume * m.mesh_volume).cbrt() / m.area)
        }),
        feature("SurfaceArea", "", "mm^2", "the surface is large", "A", |m| Ok(m.area)),
        feature("SurfaceVolumeRatio", "", "1/mm", "the region is small, or unlike a ball", "A / V", |m| {
            if m.mesh_volume > 0.0 { Ok(m.area / m.mesh_volume) } else { Err("the mesh holds no volume") }
        }),
        feature(
            "VoxelVolume",
            "YEKZ",
            "mm^3",
            "the region is large",
            "number of voxels times the volume of a voxel",
            |m| Ok(m.voxel_volume),
        ),
    ]
});

/// The shape of the morphological mask.
pub struct Shape;

impl FeatureFamily for Shape {
    fn describe() -> Description {
        Description::new("pyradiomics-shape", "PyRadiomics' 14 shape features (in space)")
            .features(FEATURES.iter().cloned())
            // The mirrored table leaves holes that depend on directions, and three diameters are of planes along the axes.
            .invariant(&[Invariance::Translation])
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        let measured = Self::measure(region, context)?;
        Ok(Values::of(FEATURES.iter(), Ok(&measured)).finite())
    }
}

impl Shape {
    /// Measures the morphological mask.
    ///
    /// # Errors
    /// If it has no voxel.
    pub(crate) fn measure(region: &Region, context: &Context) -> Result<Measured, Error> {
        let mask = View::new(region.dims(), region.morphological_mask());
        let spacing = region.spacing();
        let threads = context.threads();
        let empty = || Error::input("the mask has no voxel");
        let bounds = bounding_box(mask).ok_or_else(empty)?;
        let surface = mesh::measure(mask, spacing, Surface::Mirrored, &threads).ok_or_else(empty)?;
        let hull = Hull::of_mask(mask, &threads).ok_or_else(empty)?;
        let moments = Moments::of_mask(mask, bounds, &threads);
        Ok(Measured {
            mesh_volume: surface.volume,
            area: surface.area,
            voxel_volume: moments.count as f64 * spacing.iter().product::<f64>(),
            diameter: hull.diameter(spacing, &threads),
            planar: planes::diameters(mask, bounds, spacing, &threads),
            variances: moments.principal_variances(spacing, Divisor::Count),
        })
    }
}

impl Measured {
    fn relative(&self, axis: usize) -> Result<f64, Reason> {
        if self.variances[0] > 0.0 {
            Ok((self.variances[axis] / self.variances[0]).sqrt())
        } else {
            Err("the mask has one voxel, and so no axes")
        }
    }
}
