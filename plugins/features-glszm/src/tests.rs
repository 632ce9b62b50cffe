use voxomics_imaging::{
    View,
    texture::{Request, build_one},
};
use voxomics_sdk::testing::texture::{Drawn, assert_phantom, compute};

use super::*;

/// The manual's values for the digital phantom, in the order of [`AGGREGATIONS`].
const REFERENCE: [(&str, [f64; 3]); 16] = [
    ("5QRC", [0.255, 0.363, 0.368]),
    ("48P8", [550.0, 43.9, 34.2]),
    ("XMSY", [0.253, 0.371, 0.368]),
    ("5GN9", [15.6, 16.4, 16.2]),
    ("5RAI", [0.0256, 0.0259, 0.0295]),
    ("HW1V", [2.76, 10.3, 9.87]),
    ("YH51", [503.0, 40.4, 30.6]),
    ("J17V", [1490.0, 113.0, 107.0]),
    ("JNSA", [1.4, 1.41, 5.44]),
    ("Y1RO", [0.28, 0.323, 0.302]),
    ("4JP3", [1.0, 1.49, 3.44]),
    ("VB3A", [0.2, 0.333, 0.191]),
    ("P30P", [0.0676, 0.24, 0.243]),
    ("BYLV", [2.64, 3.97, 3.92]),
    ("3NSA", [331.0, 21.0, 17.3]),
    ("GU8N", [2.32, 1.93, 3.08]),
];

/// Draws a matrix as the host does.
fn draw(m: &Matrix, dims: [usize; 3], levels: &[u16]) -> Drawn {
    let (weighting, length) = (&m.weighting, m.weighting_norm());
    let request = Request::from_words(&m.kind, &m.aggregation, m.distance, &m.norm, weighting, length, m.coarseness);
    build_one(&request.expect("the words are right"), View::new(dims, levels)).expect("they fit").to_cells()
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    assert_phantom::<Glszm, _>(&REFERENCE, draw);
}

#[test]
fn one_voxel_is_defined() {
    let computed = compute::<Glszm>("{}", [1, 1, 1], &[3], draw);
    assert!(computed.values().all(Result::is_ok), "{computed:?}");
    let found =
        ["small_zone_emphasis", "large_zone_emphasis", "high_grey_level_zone_emphasis"].map(|id| computed[id].clone());
    assert_eq!(found, [Ok(1.0), Ok(1.0), Ok(9.0)]);
}

#[test]
fn a_flat_region_has_no_variance() {
    let computed = compute::<Glszm>("{}", [2, 2, 2], &[3; 8], draw);
    assert_eq!(computed["grey_level_variance"], Ok(0.0));
    assert_eq!(computed["normalised_grey_level_non_uniformity"], Ok(1.0));
    assert_eq!(computed["large_zone_emphasis"], Ok(64.0));
    assert_eq!(computed["zone_percentage"], Ok(0.125));
}

#[test]
fn nothing_has_no_value() {
    let computed = compute::<Glszm>("{}", [1, 1, 1], &[3], |_, _, _| (0, Vec::new()));
    assert!(computed.values().all(|value| *value == Err(NONE.into())), "{computed:?}");
}
