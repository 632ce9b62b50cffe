//! The filters of IBSI 2, one file for each section of its manual (Depeursinge et al., arXiv:2006.05470).
//!
//! Axes are those of the array: the first letter of a kernel's or band's name is *x*, the second *y*, the third *z*.
//! Filtering is convolution. What has a finite kernel and no transform gives the same bits in a box with its margin as
//! in the whole scan; what is transformed as a whole asks for the whole scan.

pub mod bank;
#[cfg(test)]
mod box_tests;
mod fourier;
pub mod gabor;
pub mod laplacian_of_gaussian;
pub mod laws;
pub mod operator;
mod padded;
pub mod pyradiomics;
pub mod riesz;
pub mod rotations;
mod rows;
pub mod simoncelli;
mod steering;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod transform_tests;
pub mod wavelets;

pub use bank::{Bank, Pooling, Term};
pub use operator::{Kernel, Operator, Stages};
pub use rotations::{Rotation, Separable};
pub use steering::Order;
