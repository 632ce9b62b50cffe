use voxomics_sdk::testing::{self, Computed, TestHost, TestImage, TestRegion};

use super::*;

/// The features of a region with these parts.
fn computed(dims: [usize; 3], region: Vec<u8>, masks: &[Vec<u8>]) -> Result<Computed, Error> {
    let json = format!(r#"{{"number": {}}}"#, masks.len());
    let settings = testing::settings(&Habitats::describe(), &json).expect("settings");
    let family = Habitats::configure(&settings).expect("a family");
    let mut image = TestImage::new(dims, vec![0.0; dims.iter().product()]);
    for (at, mask) in masks.iter().enumerate() {
        image = image.region(&format!("habitats_{}", at + 1), mask.clone());
    }
    testing::compute(&family, &TestRegion::of(image).mask(region), &TestHost::new())
}

/// Masks of the labels 1, 2, ….
fn masks(labels: &[u8], number: u8) -> Vec<Vec<u8>> {
    (1..=number).map(|part| labels.iter().map(|label| u8::from(*label == part)).collect()).collect()
}

#[test]
fn shares_and_contacts_are_counted_by_hand() {
    // Two rows of four: 1 1 2 3 above 1 2 2 0. Faces along x: 11, 12, 23; 12, 22. Along y: 11, 12, 22.
    let labels = [1, 1, 2, 3, 1, 2, 2, 0];
    let found = computed([4, 2, 1], vec![1; 8], &masks(&labels, 4)).expect("features");
    let expected = [
        ("present", 3.0),
        ("fraction_1", 3.0 / 7.0),
        ("fraction_2", 3.0 / 7.0),
        ("fraction_3", 1.0 / 7.0),
        ("fraction_4", 0.0),
        ("contact_1_2", 3.0 / 8.0),
        ("contact_2_3", 1.0 / 8.0),
        ("contact_1_3", 0.0),
        ("contact_1_4", 0.0),
        ("contact_between", 4.0 / 8.0),
    ];
    for (id, value) in expected {
        assert_eq!(found[id], Ok(value), "{id}");
    }
    let entropy = -(6.0 / 7.0 * (3.0_f64 / 7.0).log2() + 1.0 / 7.0 * (1.0_f64 / 7.0).log2());
    assert!((found["fraction_entropy"].clone().expect("a value") - entropy).abs() < 1e-15);
    assert_eq!(found["fraction_5"], Err("there are 4 parts".into()));
    assert_eq!(found["contact_4_5"], Err("there are 4 parts".into()));
}

#[test]
fn what_lies_outside_the_region_does_not_count() {
    let labels = [1, 2, 1, 2];
    let found = computed([4, 1, 1], vec![0, 1, 1, 0], &masks(&labels, 2)).expect("features");
    assert_eq!((&found["fraction_1"], &found["contact_1_2"]), (&Ok(0.5), &Ok(1.0)));
    // Of one habitat alone, nothing is between.
    let found = computed([4, 1, 1], vec![1; 4], &masks(&[2; 4], 2)).expect("features");
    assert_eq!((&found["fraction_entropy"], &found["contact_between"]), (&Ok(0.0), &Ok(0.0)));
}

#[test]
fn a_row_does_not_touch_the_next_one() {
    // The last voxel of a row and the first of the next stand one behind the other in memory, and are no neighbours.
    let found = computed([2, 2, 1], vec![1; 4], &masks(&[0, 1, 2, 0], 2)).expect("features");
    assert_eq!(found["contact_1_2"], Err("no two voxels of the parts are neighbours".into()));
    let found = computed([2, 2, 1], vec![1; 4], &masks(&[0; 4], 2)).expect("features");
    assert_eq!(found["fraction_1"], Err("no voxel of the region belongs to a part".into()));
    assert_eq!(found["present"], Ok(0.0));
}

#[test]
fn parts_must_not_overlap() {
    let error = computed([2, 1, 1], vec![1; 2], &[vec![1, 1], vec![0, 1]]).expect_err("an overlap").to_string();
    assert!(error.contains("`habitats_1` and `habitats_2` have a voxel in common"), "{error}");
}

#[test]
fn it_has_the_features_of_its_parts() {
    let settings = testing::settings(&Habitats::describe(), r#"{"number": 3, "parts": "sector"}"#).expect("settings");
    let needs = Habitats::configure(&settings).expect("a family").needs();
    assert_eq!(needs.regions, ["sector_1", "sector_2", "sector_3"]);
    assert_eq!(needs.features.len(), 3 + 3 + 3);
    assert!(needs.features.contains(&"contact_2_3".to_owned()) && !needs.features.contains(&"fraction_4".to_owned()));
}
