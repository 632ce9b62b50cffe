//! A small scan with a lesion, to damage or to vary.

use crate::nifti::{Nifti, Rows, straight};

/// Number of voxels.
pub const DIMS: [usize; 3] = [16, 15, 12];

/// Distance between neighbouring centres, mm.
pub const SPACING: [f64; 3] = [1.0, 1.25, 2.0];

/// Number of voxels of the lesion.
pub const LESION_VOXELS: usize = 279;

/// Where the scan lies.
pub fn rows() -> Rows {
    straight(SPACING, [-20.0, 12.5, -300.0])
}

/// Noise that depends on the voxel and the seed alone, 0 to 199.
pub fn noise(seed: u64, [x, y, z]: [usize; 3]) -> i16 {
    // SplitMix64's finaliser (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
    let mut h = seed
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(x.wrapping_add(y.wrapping_mul(1000)).wrapping_add(z.wrapping_mul(1_000_000)) as u64);
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((h ^ (h >> 31)) % 200) as i16
}

/// An image of noise, −100 to 99.
pub fn image(seed: u64) -> Nifti {
    Nifti::new(DIMS, rows(), |index| noise(seed, index) - 100)
}

/// Whether a voxel belongs to the lesion: a ball of 5.5 mm around the voxel in the middle.
pub fn in_lesion(index: [usize; 3]) -> bool {
    let square = |axis: usize| ((index[axis] as f64 - (DIMS[axis] / 2) as f64) * SPACING[axis]).powi(2);
    (0..3).map(square).sum::<f64>() <= 5.5 * 5.5
}

/// The lesion, with the label 1.
pub fn mask() -> Nifti {
    Nifti::new(DIMS, rows(), |index| u8::from(in_lesion(index)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lesion_has_the_voxels_that_messages_count() {
        assert_eq!(mask().voxels.iter().filter(|voxel| **voxel == 1).count(), LESION_VOXELS);
    }
}
