//! Re-segment: the voxels of a region whose intensities count.

use voxomics_imaging::{mask, resegmentation::Resegmentation};

use super::Fault;
use crate::plan::Plan;

const STAGE: &str = "re-segmentation";

/// The intensity mask of a region by the intensities of the original image.
///
/// # Errors
/// If an intensity inside the region is not finite, or if no voxel is left.
pub fn intensity_mask(plan: &Plan, intensities: &[f64], morphological: &[u8]) -> Result<Vec<u8>, Fault> {
    let kept = kept(plan, intensities, morphological)?;
    empty(plan, &kept, morphological).map_or(Ok(kept), Err)
}

/// The same, which may be empty.
///
/// # Errors
/// If an intensity inside the region is not finite.
pub fn kept(plan: &Plan, intensities: &[f64], morphological: &[u8]) -> Result<Vec<u8>, Fault> {
    let range = plan.resegmentation.range;
    let rules = Resegmentation {
        lower: range.map(|[lower, _]| lower),
        upper: range.map(|[_, upper]| upper),
        sigma: plan.resegmentation.sigma,
    };
    rules.intensity_mask(intensities, morphological).map_err(|wrong| Fault::new(STAGE, wrong))
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
