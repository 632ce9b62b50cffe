//! The features of PyRadiomics 3.0.1 (van Griethuysen et al., Cancer Research 77, 2017), by its definitions and under
//! its names: a laboratory can change over, compare number by number, and only then move on to IBSI's definitions.
//!
//! One library, seven families: `pyradiomics-firstorder`, `-shape`, `-glcm`, `-glrlm`, `-glszm`, `-gldm` and `-ngtdm`; and two
//! with the features that PyRadiomics computes only if they are named: `-shape-deprecated` and `-firstorder-deprecated`.
//! The matrices and the mesh are the host's and imaging's, the same as those of the IBSI families; what differs is said
//! where it differs:
//!
//! | what | here, as in PyRadiomics | IBSI |
//! |---|---|---|
//! | kurtosis | a normal distribution has 3 | excess: it has 0 |
//! | principal axes | covariance divided by the number of voxels | reference values divide by one less |
//! | surface mesh | a half table of cases, mirrored | closed |
//! | run lengths | a direction in which no line holds two voxels is left out | it counts |
//! | grey tone differences | a voxel without neighbours counts as one without difference | it does not count |
//! | a region of one grey level | conventional values (correlation 1, …) | undefined |
//!
//! A feature carries IBSI's code if it is the same number for every region but those of the last three rows.

mod chosen;
mod deprecated;
mod feature;
mod first_order;
mod glcm;
mod gldm;
mod glrlm;
mod glszm;
mod maximal_correlation;
mod ngtdm;
mod ordered;
mod planes;
mod shape;
#[cfg(test)]
mod tests;

pub use deprecated::{NamedFirstOrder, NamedShape};
pub use first_order::FirstOrder;
pub use glcm::Glcm;
pub use gldm::Gldm;
pub use glrlm::Glrlm;
pub use glszm::Glszm;
pub use ngtdm::Ngtdm;
pub use shape::Shape;

voxomics_sdk::export_plugin! {
    vendor: "The Voxomics developers",
    families: [FirstOrder, Shape, Glcm, Glrlm, Glszm, Gldm, Ngtdm, NamedShape, NamedFirstOrder],
}
