//! The features, each once: what describes it and where its value is found.

mod first_order;
mod texture;
mod zones;

use std::sync::LazyLock;

use voxomics_imaging::texture::{cooccurrence::Cooccurrence, emphasis::Emphasis, tone::Tone};
use voxomics_sdk::Feature;

use crate::first_order::{Histogram, Intensities};

/// Every feature, in LIFEx's order: by its name there and the words that it abbreviates, and with IBSI's code where the
/// feature, with the default settings, is the one that bears it.
pub(crate) static FEATURES: LazyLock<Vec<Feature<Measured>>> = LazyLock::new(|| {
    let texture = texture::cooccurrence().into_iter().chain(texture::runs()).chain(texture::tone());
    first_order::features().into_iter().chain(texture).chain(zones::features()).collect()
});

/// An equation, and what of the definition is not known for certain.
fn doubtful(equation: &str, doubt: &str) -> String {
    format!("{equation}. Unverified: {doubt}")
}

/// What the features of a region are read from; none where it has no pair, run, neighbour or zone.
pub(crate) struct Measured {
    pub(crate) conventions: Conventions,
    pub(crate) intensities: Intensities,
    pub(crate) histogram: Histogram,
    pub(crate) cooccurrence: Option<Cooccurrence>,
    pub(crate) runs: Option<Emphasis>,
    pub(crate) tone: Option<Tone>,
    pub(crate) zones: Option<Emphasis>,
}

impl Measured {
    fn cooccurrence(&self) -> Result<&Cooccurrence, &'static str> {
        self.cooccurrence.as_ref().ok_or("no two voxels of the region are neighbours")
    }

    fn runs(&self) -> Result<&Emphasis, &'static str> {
        self.runs.as_ref().ok_or("the region holds no run")
    }

    fn tone(&self) -> Result<&Tone, &'static str> {
        self.tone.as_ref().ok_or("no voxel of the region has a neighbour in it")
    }

    fn zones(&self) -> Result<&Emphasis, &'static str> {
        self.zones.as_ref().ok_or("the region holds no zone")
    }
}

/// What is left to the settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Conventions {
    pub(crate) divisor: Divisor,
    pub(crate) kurtosis: Kurtosis,
    pub(crate) logarithm: Logarithm,
}

/// What the squared deviations are divided by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Divisor {
    Voxels,
    OneLess,
}

/// The kurtosis of a normal distribution: 3 or 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kurtosis {
    Plus3,
    Excess,
}

/// The logarithm of entropies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Logarithm {
    Two,
    Ten,
}

impl Logarithm {
    /// An entropy in bits by this logarithm.
    fn of_bits(self, entropy: f64) -> f64 {
        match self {
            Self::Two => entropy,
            Self::Ten => entropy * std::f64::consts::LOG10_2,
        }
    }
}
