//! Why a region has no voxel.

use super::{super::layers, Regions};
use crate::experiment::RegionFrom;

/// How many voxels of a region are left after each of its conditions.
pub struct Left {
    /// As it is drawn.
    pub drawn: usize,
    /// Within its limits of intensity.
    pub limited: usize,
    /// Without what it excludes.
    pub allowed: usize,
}

impl Regions<'_> {
    /// Why no voxel of a region is left.
    pub(super) fn why_empty(&self, index: usize, left: &Left) -> String {
        let region = &self.plan.regions[index];
        let spacing = self.space.grid.spacing;
        let voxels = spacing.map(|mm| format!("{}", (mm * 1e6).round() / 1e6)).join(" × ");
        match (&region.from, &region.intensities) {
            _ if left.allowed > 0 => {
                format!("empty region: none of its {} voxels lies within {}", left.allowed, region.within.join(", "))
            }
            _ if left.limited > 0 => format!(
                "empty region: {} hold all its {} voxels, which it excludes",
                region.exclude.join(", "),
                left.limited
            ),
            (_, Some(limits)) if left.drawn > 0 => format!(
                "empty region: none of its {} voxels lies within its limit ({limits}); does it suit this scan{}?",
                left.drawn,
                self.space.modality.as_ref().map(|modality| format!(" of modality {modality}")).unwrap_or_default()
            ),
            (RegionFrom::Sector { of, about, number, count }, _) => {
                format!("empty region: no voxel of `{of}` lies in sector {number} of {count} about the centre of `{about}`")
            }
            (RegionFrom::Made { of, maker, take, .. }, _) => {
                format!("empty region: regions-{maker} gives no voxel of `{of}` to `{take}`")
            }
            (from, _) => layers::why_empty(from, self.spacing_of(from)).unwrap_or_else(|| format!(
                "empty region: no voxel is left after interpolation to voxels of {voxels} mm; is the region smaller than they are?"
            )),
        }
    }
}
