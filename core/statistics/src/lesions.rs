//! From lesions to patients: one figure for a patient of the values of all lesions.

use serde::Serialize;

use crate::{
    error::{Error, Result},
    input::finite,
};

/// A lesion of a patient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lesion {
    /// Its value: a feature, a score.
    pub value: f64,
    /// Its volume, in any unit that is the same for all.
    pub volume: f64,
}

/// Bins for the entropy, the same for every patient: only then can entropies be compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bins {
    /// Lower edge of the first bin. Values below count as in it.
    pub low: f64,
    /// Upper edge of the last bin. Values above count as in it.
    pub high: f64,
    /// Number of bins of equal width, each with its lower edge.
    pub count: usize,
}

/// What to take in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// Lesions with less volume are left out.
    pub minimum_volume: f64,
    /// Bins for the entropy.
    pub bins: Bins,
}

/// A patient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Lesions taken in, at least 1.
    pub lesions: usize,
    /// Lesions left out for their volume.
    pub left_out: usize,
    /// Mean over lesions.
    pub mean: f64,
    /// Smallest value.
    pub minimum: f64,
    /// Largest value.
    pub maximum: f64,
    /// Largest − smallest.
    pub range: f64,
    /// Σ volume·value / Σ volume.
    pub volume_weighted_mean: f64,
    /// With n − 1. `None` for one lesion: nothing is known of its like.
    pub standard_deviation: Option<f64>,
    /// Shannon's −Σ p·log₂ p over the shares of lesions in each bin, in bits.
    pub entropy: f64,
    /// Volume of the lesions taken in.
    pub volume: f64,
}

/// Summary of one patient's lesions.
///
/// ```
/// use voxomics_statistics::lesions::{Bins, Lesion, Settings, summarise};
///
/// let lesions = [(1.0, 1.0), (3.0, 3.0)].map(|(value, volume)| Lesion { value, volume });
/// let settings = Settings { minimum_volume: 0.5, bins: Bins { low: 0.0, high: 4.0, count: 2 } };
/// let found = summarise(&lesions, settings)?;
/// // (1·1 + 3·3) / 4; two bins with one lesion each are one bit.
/// assert_eq!((found.mean, found.volume_weighted_mean, found.range, found.entropy), (2.0, 2.5, 2.0, 1.0));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::Empty`] when there are no lesions, [`Error::TooFew`] when all are too small, [`Error::OutOfRange`] for a volume
/// that is not above 0 and for bins without width, [`Error::NotFinite`].
pub fn summarise(lesions: &[Lesion], settings: Settings) -> Result<Summary> {
    let Settings { minimum_volume, bins } = settings;
    let volumes: Vec<f64> = lesions.iter().map(|lesion| lesion.volume).collect();
    let values: Vec<f64> = lesions.iter().map(|lesion| lesion.value).collect();
    finite("volumes of lesions", &volumes)?;
    finite("values of lesions", &values)?;
    finite("minimum volume", &[minimum_volume])?;
    if let Some(&value) = volumes.iter().find(|&&volume| volume <= 0.0) {
        return Err(Error::OutOfRange { what: "volumes of lesions", value, expected: "volumes above 0" });
    }
    let width = bins.high - bins.low;
    if bins.count == 0 || !(width > 0.0 && width.is_finite()) {
        return Err(Error::OutOfRange {
            what: "width of the bins",
            value: width,
            expected: "at least one bin of some width",
        });
    }
    let taken: Vec<Lesion> = lesions.iter().copied().filter(|lesion| lesion.volume >= minimum_volume).collect();
    if taken.is_empty() {
        return Err(Error::TooFew { what: "lesions of the minimum volume", found: 0, needed: 1 });
    }
    let n = taken.len() as f64;
    let mean = taken.iter().map(|lesion| lesion.value).sum::<f64>() / n;
    let squares: f64 = taken.iter().map(|lesion| (lesion.value - mean).powi(2)).sum();
    let minimum = taken.iter().map(|lesion| lesion.value).fold(f64::INFINITY, f64::min);
    let maximum = taken.iter().map(|lesion| lesion.value).fold(f64::NEG_INFINITY, f64::max);
    let volume: f64 = taken.iter().map(|lesion| lesion.volume).sum();
    Ok(Summary {
        lesions: taken.len(),
        left_out: lesions.len() - taken.len(),
        mean,
        minimum,
        maximum,
        range: maximum - minimum,
        volume_weighted_mean: taken.iter().map(|lesion| lesion.value * (lesion.volume / volume)).sum(),
        standard_deviation: (taken.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
        entropy: entropy(&taken, bins),
        volume,
    })
}

fn entropy(lesions: &[Lesion], bins: Bins) -> f64 {
    let bin = |value: f64| {
        let at = ((value - bins.low) / (bins.high - bins.low) * bins.count as f64).floor();
        (at.max(0.0) as usize).min(bins.count - 1)
    };
    let mut found: Vec<usize> = lesions.iter().map(|lesion| bin(lesion.value)).collect();
    found.sort_unstable();
    let n = lesions.len() as f64;
    let part = |share: f64| share * -share.log2();
    found.chunk_by(|a, b| a == b).map(|same| part(same.len() as f64 / n)).sum()
}
