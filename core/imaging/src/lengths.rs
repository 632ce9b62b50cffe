//! Lengths in mm as numbers of voxels.
//!
//! Where a length is a whole number of voxels, the last bit of a spacing would decide for one voxel more or less: a NIfTI file
//! holds 0.8 mm as 0.800000012 mm, and NRRD and DICOM hold 0.8 mm.

/// Lengths that differ by no more than this share are the same. Files hold spacings in single precision (6e-8) or with six
/// digits (5e-7).
pub const SAME: f64 = 1e-6;

/// As many voxels of `spacing` as lie within `mm`. The conversion saturates, and takes NaN to 0.
///
/// ```
/// use voxomics_imaging::lengths::within;
///
/// assert_eq!((within(2.0, 0.4), within(2.0, f64::from(0.4_f32)), within(1.9, 0.4)), (5, 5, 4));
/// ```
pub fn within(mm: f64, spacing: f64) -> usize {
    (mm / spacing * (1.0 + SAME)).floor() as usize
}

/// The fewest voxels of `spacing` that cover `mm`. The conversion saturates, and takes NaN to 0.
///
/// ```
/// use voxomics_imaging::lengths::covering;
///
/// assert_eq!((covering(0.9, 0.3), covering(0.9, f64::from(0.3_f32)), covering(1.0, 0.3)), (3, 3, 4));
/// ```
pub fn covering(mm: f64, spacing: f64) -> usize {
    (mm / spacing * (1.0 - SAME)).ceil() as usize
}

/// The nearest whole number of voxels of `spacing` to `mm`, and of two such numbers the larger one: ⌊mm / spacing + 1/2⌋. The
/// conversion saturates, and takes NaN to 0.
///
/// ```
/// use voxomics_imaging::lengths::nearest;
///
/// // 6.5 voxels, also where the file has single precision.
/// assert_eq!((nearest(5.2, 0.8), nearest(5.2, f64::from(0.8_f32)), nearest(5.1, 0.8)), (7, 7, 6));
/// ```
pub fn nearest(mm: f64, spacing: f64) -> usize {
    (mm / spacing * (1.0 + SAME) + 0.5).floor() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Serial, View,
        filters::{Rotation, gabor::Gabor, laplacian_of_gaussian::radius},
        layers::SurfaceDistances,
        separable::Padding,
    };

    /// A spacing as a file with single precision holds it.
    fn single(spacing: f64) -> f64 {
        f64::from(spacing as f32)
    }

    #[test]
    fn a_whole_number_of_voxels_is_one_in_single_precision_too() {
        for tenths in 1..=60_u32 {
            let spacing = f64::from(tenths) / 10.0;
            for halves in 1..=400_u32 {
                let mm = f64::from(tenths * halves) / 20.0;
                let stored = single(spacing);
                let [floor, ceil, round] = [halves / 2, halves.div_ceil(2), halves.div_ceil(2)].map(|n| n as usize);
                for spacing in [spacing, stored] {
                    let found = [within(mm, spacing), covering(mm, spacing), nearest(mm, spacing)];
                    assert_eq!(found, [floor, ceil, round], "{mm} mm of {spacing} mm");
                }
            }
        }
        assert_eq!((within(f64::NAN, 1.0), covering(-1.0, 1.0), nearest(1.0, 0.0)), (0, 0, usize::MAX));
    }

    #[test]
    fn kernels_end_at_the_same_voxel_in_every_format() {
        let gabor = |spacing| {
            let gabor = Gabor {
                sigma_mm: 1.3,
                lambda_mm: 3.0,
                gamma: 1.0,
                thetas: vec![0.0],
                pooling: Rotation::Average,
                planes: vec![[0, 1]],
                truncate: 4.0,
                padding: Padding::Mirror,
            };
            gabor.radius(spacing)
        };
        // 4 · 1.3 mm are 6.5 voxels of 0.8 mm.
        assert_eq!([radius(1.3, 4.0, 0.8), radius(1.3, 4.0, single(0.8)), gabor(0.8), gabor(single(0.8))], [7; 4]);
        assert_eq!(radius(1.2, 4.0, 0.8), 6);
    }

    #[test]
    fn distances_are_the_same_in_every_format() {
        // The middle of thirteen voxels in a row; 2 mm are five of 0.4 mm, which single precision holds as 0.400000006.
        let row: Vec<u8> = (0..13).map(|x| u8::from(x == 6)).collect();
        let ring = |spacing| {
            SurfaceDistances::new(View::new([13, 1, 1], &row), [spacing; 3], true, true, &Serial)
                .layer(0.0, 2.0)
                .expect("a layer")
        };
        assert_eq!(ring(0.4).iter().filter(|x| **x != 0).count(), 10);
        assert_eq!(ring(0.4), ring(single(0.4)));
    }
}
