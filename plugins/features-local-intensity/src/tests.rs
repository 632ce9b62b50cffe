use voxomics_imaging::Serial;

use super::*;

/// The intensities of the digital phantom (IBSI 1 manual), *x* fastest; voxels of 2 mm.
#[rustfmt::skip]
const INTENSITIES: [f64; 80] = [
    1., 4., 4., 1., 1.,  1., 4., 6., 1., 1.,  4., 1., 6., 4., 1.,  4., 4., 6., 4., 1.,
    1., 4., 4., 1., 1.,  1., 1., 6., 1., 1.,  1., 1., 3., 1., 1.,  4., 4., 6., 1., 1.,
    1., 4., 4., 1., 1.,  1., 1., 1., 1., 1.,  1., 1., 9., 1., 1.,  1., 1., 6., 1., 1.,
    1., 4., 4., 1., 1.,  1., 1., 1., 1., 1.,  1., 1., 1., 1., 1.,  1., 1., 6., 1., 1.,
];

/// The voxels of the digital phantom outside its region.
const OUTSIDE: [usize; 6] = [30, 43, 44, 52, 63, 64];

fn evaluated(dims: [usize; 3], mask: &[u8], image: &[f64]) -> Result<[(&'static str, f64); 2], Error> {
    evaluate(View::new(dims, image), View::new(dims, mask), [2.0; 3], &Serial)
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    let mask: Vec<u8> = (0..80).map(|voxel| u8::from(!OUTSIDE.contains(&voxel))).collect();
    let computed = evaluated([5, 4, 4], &mask, &INTENSITIES).expect("the mask is not empty");
    // The manual gives two digits.
    let computed = computed.map(|(id, value)| (id, (value * 10.0).round() / 10.0));
    assert_eq!(computed, [("local_intensity_peak", 2.6), ("global_intensity_peak", 3.1)]);
    assert_eq!(FEATURES.map(|entry| entry.ibsi), ["VJGA", "0F91"]);
}

#[test]
fn one_voxel_is_its_own_peak_where_the_image_ends() {
    let computed = evaluated([1, 1, 1], &[1], &[5.0]);
    assert_eq!(computed.ok(), Some([("local_intensity_peak", 5.0), ("global_intensity_peak", 5.0)]));
}

#[test]
fn an_empty_mask_and_nonsense_are_errors() {
    assert!(evaluated([2, 1, 1], &[0, 0], &[1.0, 2.0]).is_err());
    assert!(evaluated([2, 1, 1], &[1, 0], &[1.0, f64::NAN]).is_err());
}
