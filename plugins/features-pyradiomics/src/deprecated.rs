//! Features that PyRadiomics advises against, and computes if they are named. They are families of their own, so that whoever names
//! no feature has PyRadiomics' own choice.

use std::{f64::consts::PI, sync::LazyLock};

use voxomics_sdk::prelude::*;

use crate::{
    feature::feature,
    shape::{Measured, Shape},
};

/// In the equations V and A are volume and area of the surface mesh.
static OF_SHAPE: LazyLock<[Feature<Measured>; 3]> = LazyLock::new(|| {
    [
        feature(
            "Compactness1",
            "",
            "1",
            "the region is like a ball, which has 1 / (6 pi)",
            "V / (pi^(1/2) A^(3/2))",
            |m| Ok(m.mesh_volume / (m.area.powf(1.5) * PI.sqrt())),
        ),
        feature("Compactness2", "", "1", "the region is like a ball, which has 1", "36 pi V^2 / A^3", |m| {
            Ok(36.0 * PI * m.mesh_volume * m.mesh_volume / m.area.powi(3))
        }),
        feature(
            "SphericalDisproportion",
            "",
            "1",
            "the region is unlike a ball, which has 1",
            "A / (36 pi V^2)^(1/3)",
            |m| {
                if m.mesh_volume > 0.0 {
                    Ok(m.area / (36.0 * PI * m.mesh_volume * m.mesh_volume).cbrt())
                } else {
                    Err("the mesh holds no volume")
                }
            },
        ),
    ]
});

/// In the equation mu_2 is the mean of (X - mu)^2, of the intensities X and their mean mu.
static OF_INTENSITIES: LazyLock<[Feature<f64>; 1]> = LazyLock::new(|| {
    [feature("StandardDeviation", "", "intensity", "intensities vary", "mu_2^(1/2)", |variance: &f64| {
        Ok(variance.sqrt())
    })]
});

/// What PyRadiomics advises against in `shape`.
pub struct NamedShape;

impl FeatureFamily for NamedShape {
    fn describe() -> Description {
        Description::new("pyradiomics-shape-deprecated", "PyRadiomics' shape features that must be named")
            .features(OF_SHAPE.iter().cloned())
            .invariant(&[Invariance::Translation])
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        let measured = Shape::measure(region, context)?;
        Ok(Values::of(OF_SHAPE.iter(), Ok(&measured)).finite())
    }
}

/// What PyRadiomics advises against in `firstorder`.
pub struct NamedFirstOrder;

impl FeatureFamily for NamedFirstOrder {
    fn describe() -> Description {
        Description::new("pyradiomics-firstorder-deprecated", "PyRadiomics' first-order feature that must be named")
            .features(OF_INTENSITIES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let intensities: Vec<f64> = region.intensities().collect();
        if intensities.is_empty() || intensities.iter().any(|x| !x.is_finite()) {
            return Err(Error::input("the region holds no voxel, or an intensity that is not a finite number"));
        }
        let count = intensities.len() as f64;
        let mean = intensities.iter().sum::<f64>() / count;
        let variance = intensities.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
        Ok(Values::of(OF_INTENSITIES.iter(), Ok(&variance)).finite())
    }
}
