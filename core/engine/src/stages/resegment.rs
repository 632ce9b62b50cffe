//! Re-segment: the voxels of a region whose intensities count.

use voxomics_imaging::{mask, resegmentation::Resegmentation};

use super::{Fault, limits::Cut};
use crate::{host::CaseHost, plan::Plan};

const STAGE: &str = "re-segmentation";

/// The intensity mask of a region by the intensities of the original image; it may be empty.
///
/// # Errors
/// If an intensity inside the region is not finite, or if the range depends on a modality that is not known.
pub fn kept(plan: &Plan, modality: Option<&str>, intensities: &[f64], morphological: &[u8]) -> Result<Vec<u8>, Fault> {
    let rules = &plan.resegmentation;
    let range = rules.range.as_ref().map(|range| range.of(modality)).transpose();
    let range = range.map_err(|why| Fault::new(STAGE, format!("the range of [resegmentation] {why}")))?.flatten();
    let [lower, upper] = [0, 1].map(|end| range.map(|range| range[end]));
    let of_intensity = Resegmentation { lower, upper, sigma: rules.sigma };
    let mut mask = of_intensity.intensity_mask(intensities, morphological).map_err(|wrong| Fault::new(STAGE, wrong))?;
    if let Some(parts) = rules.of_maximum {
        // Of the region as it was before: every intensity in it is a finite number.
        let inside = intensities.iter().zip(morphological).filter(|(_, inside)| **inside != 0);
        let maximum = inside.map(|(x, _)| *x).fold(f64::NEG_INFINITY, f64::max);
        // An open end stays open, whatever the maximum is.
        let [lower, upper] = parts.map(|part| if part.is_infinite() { part } else { part * maximum });
        mask.iter_mut().zip(intensities).for_each(|(m, x)| *m &= u8::from(*x >= lower && *x <= upper));
    }
    Ok(mask)
}

/// Warns if re-segmentation takes more than a quarter of a region.
pub fn warn(
    plan: &Plan,
    region: &str,
    modality: Option<&str>,
    intensity: &[u8],
    morphological: &[u8],
    host: &CaseHost,
) {
    let cut = Cut { before: mask::count(morphological), after: mask::count(intensity) };
    cut.warn(region, &format!("re-segmentation ({})", plan.resegmentation), modality, host);
}

/// The fault of an intensity mask without a voxel, if it is one.
pub fn empty(plan: &Plan, intensity: &[u8], morphological: &[u8]) -> Option<Fault> {
    let rules = &plan.resegmentation;
    let message = || {
        let voxels = mask::count(morphological);
        format!("empty region: re-segmentation ({rules}) leaves no voxel of {voxels}")
    };
    intensity.iter().all(|m| *m == 0).then(|| Fault::new(STAGE, message()))
}
