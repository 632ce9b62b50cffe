//! The settings.

use voxomics_learning::clustering::mixture::Covariance;
use voxomics_sdk::prelude::*;

/// More habitats than anybody has use for.
pub const MOST: i64 = 20;

/// How voxels are clustered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Around the nearest centre.
    KMeans,
    /// In the most likely of some normal distributions.
    Mixture(Covariance),
}

impl Method {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::KMeans => "k-means",
            Self::Mixture(_) => "gaussian mixture",
        }
    }
}

/// What the number of habitats is chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criterion {
    /// The largest index of Calinski and Harabasz.
    CalinskiHarabasz,
    /// The smallest BIC.
    Bic,
}

impl Criterion {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::CalinskiHarabasz => "calinski-harabasz",
            Self::Bic => "bic",
        }
    }
}

/// The settings, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How voxels are clustered.
    pub method: Method,
    /// The least and the largest number of habitats.
    pub numbers: [usize; 2],
    /// What the number is chosen by, if there is a choice.
    pub criterion: Criterion,
    /// Whether intensities are brought to mean 0 and standard deviation 1 of the cohort.
    pub standardise: bool,
    /// The most voxels, or supervoxels, of a case that are fitted to.
    pub sample: usize,
    /// Starts of k-means.
    pub starts: usize,
    /// Seed of the sample and of the starts.
    pub seed: u64,
    /// Side of a supervoxel, mm; none where voxels are clustered.
    pub supervoxel_mm: Option<f64>,
    /// Weight of place in supervoxels.
    pub compactness: f64,
}

impl Options {
    /// What the settings are.
    pub fn settings() -> Vec<Setting> {
        vec![
            Setting::choice("method", "how voxels are clustered", &["k-means", "gaussian mixture"]).default("k-means"),
            Setting::choice("covariance", "covariances of a Gaussian mixture", &["full", "diagonal"]).default("full"),
            Setting::integer("number", "number of habitats; without it `numbers` is looked at", 2, MOST),
            Setting::numbers(
                "numbers",
                "the least and the largest number of habitats, between which `criterion` chooses on the cohort",
                Some(2),
            )
            .default(vec![2, 6]),
            Setting::choice(
                "criterion",
                "what the number is chosen by: by default `bic` for a Gaussian mixture, and `calinski-harabasz` for k-means",
                &["bic", "calinski-harabasz"],
            ),
            Setting::flag(
                "standardise",
                "whether each image is brought to mean 0 and standard deviation 1 of the cohort",
            )
            .default(true),
            Setting::integer("sample", "the most voxels, or supervoxels, of a case that are fitted to", 10, 100_000)
                .default(1000),
            Setting::integer("starts", "starts of k-means, of which the best is taken", 1, 1000).default(10),
            Setting::integer("seed", "seed of the sample and of the starts", 0, i64::MAX).default(0),
            Setting::number(
                "supervoxel_mm",
                "side of a supervoxel, whose mean is clustered instead of its voxels; 0 for none",
            )
            .unit("mm")
            .range(0.0, 1000.0)
            .default(0),
            Setting::number(
                "compactness",
                "of supervoxels: how many standard deviations of the region's intensities one side counts for",
            )
            .range(0.0, 1000.0)
            .default(1),
        ]
    }

    /// Reads them.
    ///
    /// # Errors
    /// If they contradict each other.
    pub fn read(settings: &Settings) -> Result<Self, Error> {
        let covariance = if settings.text("covariance")? == "full" { Covariance::Full } else { Covariance::Diagonal };
        let is_mixture = settings.text("method")? == "gaussian mixture";
        let method = if is_mixture { Method::Mixture(covariance) } else { Method::KMeans };
        let criterion = match (settings.is_set("criterion"), is_mixture) {
            (false, true) => Criterion::Bic,
            (false, false) => Criterion::CalinskiHarabasz,
            (true, _) if settings.text("criterion")? == "calinski-harabasz" => Criterion::CalinskiHarabasz,
            (true, true) => Criterion::Bic,
            (true, false) => {
                let message = "`criterion` is \"bic\", which needs the likelihood of a Gaussian mixture: take \
                               \"calinski-harabasz\", or method = \"gaussian mixture\"";
                return Err(Error::setting("criterion", message));
            }
        };
        let side = settings.number("supervoxel_mm")?;
        Ok(Self {
            method,
            numbers: numbers(settings)?,
            criterion,
            standardise: settings.flag("standardise")?,
            sample: settings.count("sample")?,
            starts: settings.count("starts")?,
            seed: settings.count("seed")? as u64,
            supervoxel_mm: (side > 0.0).then_some(side),
            compactness: settings.number("compactness")?,
        })
    }
}

/// The least and the largest number of habitats.
fn numbers(settings: &Settings) -> Result<[usize; 2], Error> {
    if settings.is_set("number") {
        return Ok([settings.count("number")?; 2]);
    }
    let stated = settings.numbers("numbers")?;
    let whole = |x: &f64| x.fract() == 0.0 && (2.0..=MOST as f64).contains(x);
    match stated[..] {
        [least, largest] if stated.iter().all(whole) && least <= largest => Ok([least as usize, largest as usize]),
        _ => {
            let message =
                format!("`numbers` is {stated:?}, expected two whole numbers from 2 to {MOST}, the least first");
            Err(Error::setting("numbers", message))
        }
    }
}
