//! 39 features by the names and definitions of LIFEx (Nioche et al., Cancer Research 2018;78:4786–4789), stated in the
//! terms of the IBSI 1 manual (arXiv:1612.07003).
//!
//! They are the features per region of the CD8 study (Sun et al., Lancet Oncology 2018;19:1180–1191) as far as its
//! published figures tell: 84 inputs, of which 78 come from a tumour and its ring, make 39 a region. That these are the
//! 39 is derived, not published. What is doubtful of a definition is a setting.
//!
//! GLCM and GLRLM features are the mean over the 13 directions; GLZLM is IBSI's size zone matrix, and what LIFEx calls
//! NGLDM is IBSI's neighbourhood grey tone difference matrix (NGTDM).

mod features;
mod first_order;
#[cfg(test)]
mod tests;

use voxomics_imaging::texture::{self, cooccurrence, emphasis, tone};
use voxomics_sdk::prelude::*;

use features::{Conventions, Divisor, FEATURES, Kurtosis, Logarithm, Measured};
use first_order::{Histogram, Intensities};

/// The matrices that the features are read from; [`measure`] takes them in this order.
const MATRICES: [(&str, &str); 4] =
    [("glcm", "3D averaged"), ("glrlm", "3D averaged"), ("ngtdm", "3D"), ("glszm", "3D")];

/// The features, by the conventions that the settings choose.
pub struct Lifex {
    conventions: Conventions,
}

impl FeatureFamily for Lifex {
    fn describe() -> Description {
        Description::new("lifex", "39 features by LIFEx's names and definitions, those of the CD8 study's inputs")
            .setting(
                Setting::choice(
                    "standard_deviation",
                    "what the squared deviations are divided by: the number of voxels n, as IBSI has it, or n-1; \
                     unverified: which of them LIFEx takes is unknown",
                    &["n", "n-1"],
                )
                .default("n"),
            )
            .setting(
                Setting::choice(
                    "kurtosis",
                    "the kurtosis of a normal distribution: 3 (\"plus 3\") or 0 (\"excess\", as IBSI has it); \
                     unverified: older versions of LIFEx have 3, and the study's version is unknown",
                    &["plus 3", "excess"],
                )
                .default("plus 3"),
            )
            .setting(
                Setting::choice(
                    "entropy",
                    "the logarithm of both entropies; unverified: LIFEx gives log2, as IBSI has it, and log10, and \
                     which of them the study took is unknown",
                    &["log2", "log10"],
                )
                .default("log2"),
            )
            .features(FEATURES.iter().cloned())
            .invariant(&Invariance::OF_SPACE)
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let is = |key: &str, word: &str| settings.text(key).map(|chosen| chosen == word);
        let conventions = Conventions {
            divisor: if is("standard_deviation", "n-1")? { Divisor::OneLess } else { Divisor::Voxels },
            kurtosis: if is("kurtosis", "excess")? { Kurtosis::Excess } else { Kurtosis::Plus3 },
            logarithm: if is("entropy", "log10")? { Logarithm::Ten } else { Logarithm::Two },
        };
        Ok(Self { conventions })
    }

    fn needs(&self) -> Needs {
        let matrices = MATRICES.iter().map(|(kind, aggregation)| Matrix::new(kind, aggregation)).collect();
        Needs { levels: true, matrices, ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let intensities: Vec<f64> = region.intensities().collect();
        let sets = std::array::from_fn(|index| set(region.matrix_set(index)));
        let measured = measure(self.conventions, &intensities, region.levels(), region.level_count(), &sets)?;
        Ok(Values::of(FEATURES.iter(), Ok(&measured)).finite())
    }
}

/// The host's matrices as those that the mathematics works on.
fn set(host: voxomics_sdk::MatrixSet) -> texture::MatrixSet {
    texture::MatrixSet::from_cells(host.level_count(), host.matrices().map(|one| (one.voxels, one.triples())))
}

/// Everything that the features are read from; the sets in the order of [`MATRICES`].
fn measure(
    conventions: Conventions,
    intensities: &[f64],
    levels: &[u16],
    level_count: u32,
    [glcm, glrlm, ngtdm, glszm]: &[texture::MatrixSet; 4],
) -> Result<Measured, Error> {
    let intensities = Intensities::of(intensities)
        .ok_or_else(|| Error::input("the region holds no voxel, or an intensity that is not a finite number"))?;
    let histogram = Histogram::of(levels, level_count)
        .map_err(|level| Error::input(format!("a voxel has grey level {level}, but there are {level_count} levels")))?
        .ok_or_else(|| Error::input("the region holds no voxel"))?;
    Ok(Measured {
        conventions,
        intensities,
        histogram,
        cooccurrence: cooccurrence::mean(glcm),
        runs: emphasis::mean(glrlm),
        tone: tone::mean(ngtdm),
        zones: emphasis::mean(glszm),
    })
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", families: [Lifex] }
