//! PyRadiomics' image types and its normalisation, as its version 3.0.1 computes them.

mod intensities;
mod laplacian;
mod neighbours;
#[cfg(test)]
mod tests;
mod wavelet;

use intensities::{Intensity, Normalise};
use laplacian::Laplacian;
use neighbours::{BinaryPatterns, Gradient};
use wavelet::Wavelet;

voxomics_sdk::export_plugin! {
    vendor: "The Voxomics developers",
    filters: [Wavelet, Laplacian, Intensity, Gradient, BinaryPatterns, Normalise]
}
