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
    let range = plan.resegmentation.range;
    let rules = Resegmentation {
        lower: range.map(|[lower, _]| lower),
        upper: range.map(|[_, upper]| upper),
        sigma: plan.resegmentation.sigma,
    };
    let kept = rules.intensity_mask(intensities, morphological).map_err(|wrong| Fault::new(STAGE, wrong))?;
    if kept.iter().all(|m| *m == 0) {
        let voxels = mask::count(morphological);
        let message = format!("empty region: re-segmentation ({:?}) leaves no voxel of {voxels}", plan.resegmentation);
        return Err(Fault::new(STAGE, message));
    }
    Ok(kept)
}
