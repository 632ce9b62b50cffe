//! Morphological features of a region (IBSI 1, family HCUG; manual: arXiv:1612.07003).
//!
//! Shape comes from the morphological mask alone: its surface mesh ([`mesh`]), that mesh's convex hull ([`hull`]), the
//! voxel centres' principal axes ([`moments`]), and the bodies around them ([`boxes`], [`ellipsoid`], [`enclosing`]).
//! Two features also ask for the intensities of the intensity mask, and two compare all pairs of its voxels
//! ([`mod@autocorrelation`]). Masks may touch the edge of the array: everything beyond it is background.
//!
//! Values are independent of the region's position in the array, to the last bit.

pub mod autocorrelation;
pub mod boxes;
mod cases;
mod contact;
mod diameter;
pub mod ellipsoid;
pub mod enclosing;
mod features;
pub mod hull;
pub mod mesh;
pub mod moments;
mod outline;
mod pairs;
mod shadow;
mod spectrum;
#[cfg(test)]
mod tests;
mod triangular;

pub use autocorrelation::{Autocorrelation, autocorrelation};
pub use features::{
    AxisFeatures, Densities, IntensityFeatures, Options, Shape, SurfaceFeatures, intensities, measure, shape,
};
pub use mesh::Surface;
pub use moments::Divisor;

/// Why a feature has no value for a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Undefined {
    /// The mask has no voxel.
    EmptyMask,
    /// The mask has too few voxels: the feature needs two.
    TooFewVoxels,
    /// The region lies in a plane or on a line, where it is compared to a body that then has no volume or area.
    FlatRegion,
    /// All intensities are the same.
    FlatIntensities,
    /// The intensities sum to zero, so they have no centre of mass.
    ZeroIntensity,
    /// An intensity is infinite or not a number.
    NotFinite,
    /// An iteration did not come to an end.
    NotConverged,
}

/// A feature's value, or why there is none.
pub type Value = Result<f64, Undefined>;
