use voxomics_imaging::{
    View,
    texture::{Request, build_one},
};
use voxomics_sdk::testing::texture::{Drawn, assert_phantom, compute};

use super::*;

/// The manual's values for the digital phantom, in the order of [`AGGREGATIONS`].
const REFERENCE: [(&str, [f64; 3]); 16] = [
    ("0GBI", [1.0, 0.946, 0.917]),
    ("MB4I", [1.0, 1.21, 1.33]),
    ("S1RA", [0.253, 0.371, 0.368]),
    ("K26C", [15.6, 16.4, 16.2]),
    ("RUVG", [0.253, 0.367, 0.362]),
    ("DKNJ", [15.6, 15.2, 14.3]),
    ("A7WM", [0.253, 0.386, 0.391]),
    ("KLTH", [15.6, 21.3, 23.7]),
    ("VFT7", [1.4, 1.41, 5.44]),
    ("7HP3", [0.28, 0.323, 0.302]),
    ("V294", [5.0, 3.79, 14.4]),
    ("IATH", [1.0, 0.898, 0.802]),
    ("VIWW", [0.0676, 0.24, 0.243]),
    ("QK93", [2.64, 3.97, 3.92]),
    ("7WT1", [0.0, 0.051, 0.0988]),
    ("GBDU", [1.92, 1.73, 2.0]),
];

/// Draws a matrix as the host does.
fn draw(m: &Matrix, dims: [usize; 3], levels: &[u16]) -> Drawn {
    let (weighting, length) = (&m.weighting, m.weighting_norm());
    let request = Request::from_words(&m.kind, &m.aggregation, m.distance, &m.norm, weighting, length, m.coarseness);
    build_one(&request.expect("the words are right"), View::new(dims, levels)).expect("they fit").to_cells()
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    assert_phantom::<Gldzm, _>(&REFERENCE, draw);
}

#[test]
fn one_voxel_is_defined() {
    let computed = compute::<Gldzm>("{}", [1, 1, 1], &[3], draw);
    assert!(computed.values().all(Result::is_ok), "{computed:?}");
    let found = ["small_distance_emphasis", "large_distance_emphasis", "high_grey_level_zone_emphasis"]
        .map(|id| computed[id].clone());
    assert_eq!(found, [Ok(1.0), Ok(1.0), Ok(9.0)]);
}

#[test]
fn a_flat_region_has_no_variance() {
    let computed = compute::<Gldzm>("{}", [2, 2, 2], &[3; 8], draw);
    assert_eq!(computed["grey_level_variance"], Ok(0.0));
    assert_eq!(computed["normalised_grey_level_non_uniformity"], Ok(1.0));
    assert_eq!(computed["large_distance_emphasis"], Ok(1.0));
    assert_eq!(computed["zone_percentage"], Ok(0.125));
}

#[test]
fn nothing_has_no_value() {
    let computed = compute::<Gldzm>("{}", [1, 1, 1], &[3], |_, _, _| (0, Vec::new()));
    assert!(computed.values().all(|value| *value == Err(NONE.into())), "{computed:?}");
}
