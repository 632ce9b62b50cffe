use voxomics_imaging::{
    View,
    texture::{Request, build_one},
};
use voxomics_sdk::testing::texture::{Drawn, assert_phantom, compute};

use super::*;

/// The manual's values for the digital phantom, in the order of [`AGGREGATIONS`].
const REFERENCE: [(&str, [f64; 3]); 17] = [
    ("SODN", [0.045, 0.158, 0.159]),
    ("IMOQ", [109.0, 19.2, 18.8]),
    ("TL9H", [0.693, 0.702, 0.693]),
    ("OAE7", [7.66, 7.49, 7.66]),
    ("EQ3F", [0.00963, 0.0473, 0.0477]),
    ("JA6D", [0.736, 3.06, 3.07]),
    ("NBZI", [102.0, 17.6, 17.2]),
    ("9QMG", [235.0, 49.5, 50.8]),
    ("FP8K", [37.9, 10.2, 37.9]),
    ("5SPA", [0.512, 0.562, 0.512]),
    ("Z87G", [4.86, 3.96, 12.4]),
    ("OKJI", [0.0657, 0.212, 0.167]),
    ("6XV8", [1.0, 1.0, 1.0]),
    ("1PFV", [3.05, 2.7, 3.05]),
    ("DNX2", [22.1, 2.73, 3.27]),
    ("FCBV", [4.4, 2.71, 3.36]),
    ("CAS9", [0.0533, 0.17, 0.122]),
];

/// Draws a matrix as the host does.
fn draw(m: &Matrix, dims: [usize; 3], levels: &[u16]) -> Drawn {
    let (weighting, length) = (&m.weighting, m.weighting_norm());
    let request = Request::from_words(&m.kind, &m.aggregation, m.distance, &m.norm, weighting, length, m.coarseness);
    build_one(&request.expect("the words are right"), View::new(dims, levels)).expect("they fit").to_cells()
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    assert_phantom::<Ngldm, _>(&REFERENCE, draw);
}

#[test]
fn one_voxel_is_defined() {
    let computed = compute::<Ngldm>("{}", [1, 1, 1], &[3], draw);
    assert!(computed.values().all(Result::is_ok), "{computed:?}");
    let found = ["low_dependence_emphasis", "high_dependence_emphasis", "high_grey_level_count_emphasis"]
        .map(|id| computed[id].clone());
    assert_eq!(found, [Ok(1.0), Ok(1.0), Ok(9.0)]);
}

#[test]
fn a_flat_region_has_no_variance() {
    let computed = compute::<Ngldm>("{}", [2, 2, 2], &[3; 8], draw);
    assert_eq!(computed["grey_level_variance"], Ok(0.0));
    assert_eq!(computed["normalised_grey_level_non_uniformity"], Ok(1.0));
    assert_eq!(computed["high_dependence_emphasis"], Ok(64.0));
    assert_eq!(computed["dependence_count_percentage"], Ok(1.0));
}

#[test]
fn nothing_has_no_value() {
    let computed = compute::<Ngldm>("{}", [1, 1, 1], &[3], |_, _, _| (0, Vec::new()));
    assert!(computed.values().all(|value| *value == Err(NONE.into())), "{computed:?}");
}
