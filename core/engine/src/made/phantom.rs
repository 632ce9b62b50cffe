//! The digital phantom of IBSI 1 (Zwanenburg et al., reference manual, arXiv:1612.07003; CC BY 4.0).

use super::Made;

/// Number of voxels along *x*, *y*, *z*.
pub const DIMS: [usize; 3] = [5, 4, 4];

/// Distance between neighbouring centres, mm.
pub const SPACING_MM: [f64; 3] = [2.0; 3];

/// Intensities, which are grey levels at the same time; a row of the manual is a row here.
#[rustfmt::skip]
pub const IMAGE: [i16; 80] = [
    1, 4, 4, 1, 1,
    1, 4, 6, 1, 1,
    4, 1, 6, 4, 1,
    4, 4, 6, 4, 1, // slice 1
    1, 4, 4, 1, 1,
    1, 1, 6, 1, 1,
    1, 1, 3, 1, 1,
    4, 4, 6, 1, 1, // slice 2
    1, 4, 4, 1, 1,
    1, 1, 1, 1, 1,
    1, 1, 9, 1, 1,
    1, 1, 6, 1, 1, // slice 3
    1, 4, 4, 1, 1,
    1, 1, 1, 1, 1,
    1, 1, 1, 1, 1,
    1, 1, 6, 1, 1, // slice 4
];

/// The region: 74 of the 80 voxels.
#[rustfmt::skip]
pub const MASK: [u8; 80] = [
    1, 1, 1, 1, 1,
    1, 1, 1, 1, 1,
    1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, // slice 1
    1, 1, 1, 1, 1,
    1, 1, 1, 1, 1,
    0, 1, 1, 1, 1,
    1, 1, 1, 1, 1, // slice 2
    1, 1, 1, 0, 0,
    1, 1, 1, 1, 1,
    1, 1, 0, 1, 1,
    1, 1, 1, 1, 1, // slice 3
    1, 1, 1, 0, 0,
    1, 1, 1, 1, 1,
    1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, // slice 4
];

pub(super) fn make() -> Made {
    Made {
        name: "digital-phantom".into(),
        dims: DIMS,
        spacing_mm: SPACING_MM,
        image: IMAGE.to_vec(),
        mask: MASK.to_vec(),
        modality: "OT",
    }
}
