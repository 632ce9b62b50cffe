//! The parts of a region: how many voxels each has, and how many faces they share.

use std::collections::BTreeMap;

/// Counts of the parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// For each part its voxels in the region.
    pub voxels: Vec<u64>,
    /// For each two parts, the smaller number first, the pairs of voxels with a common face, one in each; those within a part as well.
    pub faces: BTreeMap<[usize; 2], u64>,
}

impl Parts {
    /// Counts the parts of a region.
    ///
    /// # Errors
    /// Two parts, by their place, that have a voxel in common.
    pub fn of(dims: [usize; 3], region: &[u8], masks: &[&[u8]]) -> Result<Self, [usize; 2]> {
        let mut labels = vec![0_usize; region.len()];
        for (part, mask) in masks.iter().enumerate() {
            let inside = mask.iter().zip(region).map(|(part, region)| *part != 0 && *region != 0);
            for (label, _) in labels.iter_mut().zip(inside).filter(|(_, inside)| *inside) {
                if *label != 0 {
                    return Err([*label - 1, part]);
                }
                *label = part + 1;
            }
        }
        let mut voxels = vec![0; masks.len()];
        labels.iter().filter(|label| **label != 0).for_each(|label| voxels[label - 1] += 1);
        let mut faces = BTreeMap::new();
        let [nx, ny, _] = dims;
        for (axis, step) in [1, nx, nx * ny].into_iter().enumerate() {
            for at in 0..labels.len().saturating_sub(step) {
                let index = [at % nx, at / nx % ny, at / nx / ny];
                let (one, other) = (labels[at], labels[at + step]);
                if index[axis] + 1 < dims[axis] && one != 0 && other != 0 {
                    *faces.entry([one.min(other) - 1, one.max(other) - 1]).or_insert(0) += 1;
                }
            }
        }
        Ok(Self { voxels, faces })
    }
}
