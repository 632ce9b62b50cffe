//! From the scores of a patient's lesions to the one of the patient.

use voxomics_engine::experiment::study::{Aggregation, Summary};
use voxomics_statistics::lesions::{Bins, Lesion, Settings, summarise};

use super::words;

/// Bins that do not matter: no entropy is asked for.
const ONE_BIN: Bins = Bins { low: 0.0, high: 1.0, count: 1 };

/// Beyond this many bins from 0 the number of a bin is no longer sure to be exact.
const FARTHEST_BIN: f64 = 1e9;

/// One score of a patient of the scores and volumes (mL) of the lesions. A volume may be unknown if it does not matter.
///
/// Bins of the entropy begin at multiples of their width: they are the same for every patient.
///
/// # Errors
/// In words: there is no lesion of the minimum volume, a volume that matters is unknown, a single lesion has no standard
/// deviation, a score lies too many bins away from 0.
pub fn aggregate(lesions: &[(f64, Option<f64>)], aggregation: &Aggregation) -> Result<f64, String> {
    let volume_matters = needs_volume(aggregation);
    let lesion = |&(value, volume): &(f64, Option<f64>)| match volume {
        Some(volume) if volume_matters => Ok(Lesion { value, volume }),
        None if volume_matters => Err("the volume of a lesion is unknown".to_owned()),
        _ => Ok(Lesion { value, volume: 1.0 }),
    };
    let mut lesions: Vec<Lesion> = lesions.iter().map(lesion).collect::<Result<_, String>>()?;
    let bins = match aggregation.score {
        Summary::Entropy { bin_width, .. } => into_bins(&mut lesions, bin_width)?,
        _ => ONE_BIN,
    };
    let settings = Settings { minimum_volume: aggregation.minimum_volume_ml, bins };
    let found = summarise(&lesions, settings).map_err(|cause| cause.to_string())?;
    match aggregation.score {
        Summary::Mean => Ok(found.mean),
        Summary::Minimum => Ok(found.minimum),
        Summary::Maximum => Ok(found.maximum),
        Summary::Range => Ok(found.range),
        Summary::VolumeWeightedMean => Ok(found.volume_weighted_mean),
        Summary::StandardDeviation => {
            found.standard_deviation.ok_or_else(|| "a single lesion has no standard deviation".into())
        }
        Summary::Entropy { base, .. } => Ok(found.entropy / base.log2()),
    }
}

/// Whether the volumes of lesions have a say.
pub(super) fn needs_volume(aggregation: &Aggregation) -> bool {
    aggregation.minimum_volume_ml > 0.0 || aggregation.score == Summary::VolumeWeightedMean
}

/// Replaces each score by the middle of its bin, counted in bins from 0, so that no rounding at an edge can depend on the
/// patient's other lesions.
fn into_bins(lesions: &mut [Lesion], width: f64) -> Result<Bins, String> {
    let number = |lesion: &Lesion| (lesion.value / width).floor();
    if !lesions.iter().all(|lesion| number(lesion).abs() < FARTHEST_BIN) {
        return Err(format!("bins of width {} are too narrow for the scores", words::figure(width)));
    }
    let low = lesions.iter().map(number).fold(f64::INFINITY, f64::min);
    let high = lesions.iter().map(number).fold(f64::NEG_INFINITY, f64::max) + 1.0;
    lesions.iter_mut().for_each(|lesion| lesion.value = number(lesion) + 0.5);
    if lesions.is_empty() { Ok(ONE_BIN) } else { Ok(Bins { low, high, count: (high - low) as usize }) }
}

/// "mean of lesions of at least 1 mL of `tumour`".
pub(super) fn describe(aggregation: &Aggregation, region: &str) -> String {
    let mut said = aggregation.score.word().to_owned();
    if let Summary::Entropy { bin_width, base } = aggregation.score {
        said += &format!(" (bins of {}, logarithm to base {})", words::figure(bin_width), words::figure(base));
    }
    said += " of lesions";
    if aggregation.minimum_volume_ml > 0.0 {
        said += &format!(" of at least {} mL", words::figure(aggregation.minimum_volume_ml));
    }
    if needs_volume(aggregation) {
        said += &format!(" of `{region}`");
    }
    said
}
