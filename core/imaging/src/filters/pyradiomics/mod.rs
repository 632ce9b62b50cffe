//! PyRadiomics' image types, as its version 3.0.1 computes them of a whole scan.
//!
//! They are here to agree with values that have been computed elsewhere, not because their definitions are to be
//! recommended: most depend on the largest intensity of the scan, wherever it lies.

pub mod intensities;
pub mod neighbours;
mod passes;
pub mod recursive;
pub mod wavelet;

#[cfg(test)]
mod tests;
