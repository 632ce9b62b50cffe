//! Re-segment: the voxels of a region whose intensities count.

use voxomics_imaging::{
    IndexBox, mask,
    resegmentation::{Resegmentation, ResegmentationError},
};

use super::{Fault, base::Base, limits::Cut};
use crate::{host::CaseHost, plan::Plan};

const STAGE: &str = "re-segmentation";

/// The intensity mask of a region by the intensities of the original image in the box of its mask; it may be empty.
///
/// # Errors
/// If an intensity inside the region is not finite, or if the range depends on a modality that is not known.
pub fn kept(
    plan: &Plan,
    modality: Option<&str>,
    (base, part): (&Base<'_>, IndexBox),
    morphological: &[u8],
) -> Result<Vec<u8>, Fault> {
    let rules = &plan.resegmentation;
    let range = rules.range.as_ref().map(|range| range.of(modality)).transpose();
    let range = range.map_err(|why| Fault::new(STAGE, format!("the range of [resegmentation] {why}")))?.flatten();
    let [lower, upper] = [0, 1].map(|end| range.map(|range| range[end]));
    let of_intensity = Resegmentation { lower, upper, sigma: rules.sigma };
    let wrong = |wrong: ResegmentationError| Fault::new(STAGE, wrong);
    let mut mask = match of_intensity.sigma {
        // Mean and deviation are those of the whole region.
        Some(_) => of_intensity.intensity_mask(&base.crop(part)?, morphological).map_err(wrong)?,
        None => in_range(of_intensity, base, part, morphological)?.map_err(wrong)?,
    };
    if let Some(parts) = rules.of_maximum {
        // Of the region as it was before: every intensity in it is a finite number.
        let mut maximum = f64::NEG_INFINITY;
        base.each(part, &mut |at, intensities| {
            let inside = intensities.iter().zip(&morphological[at..]).filter(|(_, inside)| **inside != 0);
            maximum = inside.map(|(x, _)| *x).fold(maximum, f64::max);
        })?;
        // An open end stays open, whatever the maximum is.
        let [lower, upper] = parts.map(|part| if part.is_infinite() { part } else { part * maximum });
        base.each(part, &mut |at, intensities| {
            let voxels = mask[at..].iter_mut().zip(intensities);
            voxels.for_each(|(m, x)| *m &= u8::from(*x >= lower && *x <= upper));
        })?;
    }
    Ok(mask)
}

/// The mask by a range alone, which looks at each voxel by itself.
fn in_range(
    range: Resegmentation,
    base: &Base<'_>,
    part: IndexBox,
    morphological: &[u8],
) -> Result<Result<Vec<u8>, ResegmentationError>, Fault> {
    let (mut mask, mut not_finite, mut other) = (Vec::with_capacity(morphological.len()), 0, None);
    base.each(part, &mut |at, intensities| {
        match range.intensity_mask(intensities, &morphological[at..at + intensities.len()]) {
            Ok(slab) => mask.extend(slab),
            // All of them are told of.
            Err(ResegmentationError::NotFinite { voxels }) => not_finite += voxels,
            Err(wrong) => other = other.or(Some(wrong)),
        }
    })?;
    Ok(match (other, not_finite) {
        (Some(wrong), _) => Err(wrong),
        (None, 0) => Ok(mask),
        (None, voxels) => Err(ResegmentationError::NotFinite { voxels }),
    })
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
