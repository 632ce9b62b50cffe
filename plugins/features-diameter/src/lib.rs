//! Diameters of a lesion in the plane of the slices, as a reader measures them: the longest one of all slices, and the short axis,
//! which is the longest diameter at a right angle to it in the same slice (RECIST 1.1: E. A. Eisenhauer et al., European Journal of
//! Cancer 45, 2009; the product of both: A. B. Miller et al., Cancer 47, 1981). IBSI 1 has no such features.
//!
//! Distances are those of the outline by marching squares, which runs half-way between a voxel inside and one outside.

mod plane;

use std::sync::LazyLock;

use voxomics_sdk::prelude::*;

use plane::{Diameters, Plane};

/// In the equations D is the longest diameter and S the short axis.
static FEATURES: LazyLock<[Feature<Diameters>; 3]> = LazyLock::new(|| {
    [
        Feature::new("longest", "Longest diameter in a slice")
            .unit("mm")
            .meaning("the lesion is wide in one slice")
            .equation("largest distance of two vertices of the outline of a slice, of all slices")
            .value(|m| Ok(m.longest)),
        Feature::new("short_axis", "Short axis")
            .unit("mm")
            .meaning("the lesion is broad at a right angle to its longest diameter")
            .equation(
                "largest distance of two points of the outline on a line at a right angle to D, in the slice of D",
            )
            .value(|m| Ok(m.short_axis)),
        Feature::new("product", "Product of diameters")
            .unit("mm^2")
            .meaning("the lesion is large in one slice")
            .equation("D S")
            .value(|m| Ok(m.longest * m.short_axis)),
    ]
});

/// The diameters of the morphological mask.
pub struct Diameter;

impl FeatureFamily for Diameter {
    fn describe() -> Description {
        Description::new("diameter", "Diameters in the plane of the slices")
            .features(FEATURES.iter().cloned())
            .invariant(&[Invariance::RotationInPlane, Invariance::Mirroring, Invariance::Translation])
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn needs(&self) -> Needs {
        Needs { takes_empty_intensity_mask: true, ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let [nx, ny, _] = region.dims();
        let [sx, sy, _] = region.spacing();
        let slices = region.morphological_mask().chunks_exact(nx * ny);
        let planes: Vec<Plane<'_>> = slices.map(|mask| Plane { dims: [nx, ny], spacing: [sx, sy], mask }).collect();
        match plane::largest(&planes) {
            Some(largest) => Ok(Values::of(FEATURES.iter(), Ok(&largest)).finite()),
            None => Err(Error::input("the morphological mask has no voxel")),
        }
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [Diameter] }

#[cfg(test)]
mod tests;
