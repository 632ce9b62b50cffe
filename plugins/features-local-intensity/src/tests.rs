use voxomics_sdk::testing::{Computed, TestHost, TestRegion, compute, described};

use super::*;

fn evaluated(dims: [usize; 3], mask: &[u8], image: &[f64]) -> Result<Computed, Error> {
    let region = TestRegion::new(dims, image.to_vec()).mask(mask.to_vec()).spacing([2.0; 3]);
    compute(&LocalIntensity, &region, &TestHost::new())
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    let computed = compute(&LocalIntensity, &TestRegion::phantom(), &TestHost::new()).expect("the mask is not empty");
    // The manual gives two digits.
    let peak = |id: &str| computed[id].clone().map(|value| (value * 10.0).round() / 10.0);
    assert_eq!([peak("local_intensity_peak"), peak("global_intensity_peak")], [Ok(2.6), Ok(3.1)]);
    let codes: Vec<String> = described::<LocalIntensity>().into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["VJGA", "0F91"]);
}

#[test]
fn one_voxel_is_its_own_peak_where_the_image_ends() {
    let computed = evaluated([1, 1, 1], &[1], &[5.0]).expect("the mask is not empty");
    assert_eq!((&computed["local_intensity_peak"], &computed["global_intensity_peak"]), (&Ok(5.0), &Ok(5.0)));
}

#[test]
fn an_empty_mask_and_nonsense_are_errors() {
    assert!(evaluated([2, 1, 1], &[0, 0], &[1.0, 2.0]).is_err());
    assert!(evaluated([2, 1, 1], &[1, 0], &[1.0, f64::NAN]).is_err());
}
