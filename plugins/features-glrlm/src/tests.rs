use voxomics_imaging::{
    View,
    texture::{Request, build_one},
};
use voxomics_sdk::testing::texture::{Drawn, assert_phantom, compute};

use super::*;

/// The manual's values for the digital phantom, in the order of [`AGGREGATIONS`].
#[expect(clippy::approx_constant, reason = "a feature's value has three digits in common with a constant")]
const REFERENCE: [(&str, [f64; 6]); 16] = [
    ("22OV", [0.729, 0.705, 0.641, 0.661, 0.665, 0.68]),
    ("W4KF", [2.76, 3.06, 3.78, 3.51, 3.46, 3.27]),
    ("V3SW", [0.607, 0.603, 0.604, 0.609, 0.58, 0.585]),
    ("G3QZ", [9.64, 9.7, 9.82, 9.74, 10.3, 10.2]),
    ("HTZT", [0.372, 0.352, 0.294, 0.311, 0.296, 0.312]),
    ("GD3A", [8.67, 8.54, 8.57, 8.67, 9.03, 9.05]),
    ("IVPO", [2.16, 2.39, 3.14, 2.92, 2.79, 2.63]),
    ("3KUM", [15.6, 17.6, 17.4, 16.1, 17.9, 17.0]),
    ("R5YN", [281.0, 21.8, 5.2, 20.5, 19.5, 77.1]),
    ("OVBL", [0.43, 0.43, 0.46, 0.456, 0.413, 0.412]),
    ("W92Y", [328.0, 26.9, 6.12, 21.6, 22.3, 83.2]),
    ("IC23", [0.501, 0.513, 0.492, 0.441, 0.461, 0.445]),
    ("9ZK5", [0.68, 0.68, 0.627, 0.627, 0.632, 0.632]),
    ("8CE5", [3.48, 3.46, 3.35, 3.37, 3.58, 3.59]),
    ("SXLW", [0.598, 0.574, 0.761, 0.778, 0.758, 0.767]),
    ("HJ9O", [2.62, 2.43, 2.17, 2.57, 2.52, 2.76]),
];

/// Draws a matrix as the host does.
fn draw(m: &Matrix, dims: [usize; 3], levels: &[u16]) -> Drawn {
    let (weighting, length) = (&m.weighting, m.weighting_norm());
    let request = Request::from_words(&m.kind, &m.aggregation, m.distance, &m.norm, weighting, length, m.coarseness);
    build_one(&request.expect("the words are right"), View::new(dims, levels)).expect("they fit").to_cells()
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    assert_phantom::<Glrlm, _>(&REFERENCE, draw);
}

#[test]
fn one_voxel_is_defined() {
    let computed = compute::<Glrlm>("{}", [1, 1, 1], &[3], draw);
    assert!(computed.values().all(Result::is_ok), "{computed:?}");
    let found =
        ["short_runs_emphasis", "long_runs_emphasis", "high_grey_level_run_emphasis"].map(|id| computed[id].clone());
    assert_eq!(found, [Ok(1.0), Ok(1.0), Ok(9.0)]);
}

#[test]
fn a_flat_region_has_no_variance() {
    let computed = compute::<Glrlm>("{}", [2, 2, 2], &[3; 8], draw);
    assert_eq!(computed["grey_level_variance"], Ok(0.0));
    assert_eq!(computed["normalised_grey_level_non_uniformity"], Ok(1.0));
    // The 3 axes have 4 runs of 2 each, the 6 diagonals of faces 2 of 2 and 4 of 1, the 4 of space 1 of 2 and 6 of 1.
    let runs = 12.0 + 6.0 * 6.0 + 4.0 * 7.0;
    assert_eq!(computed["run_percentage"], Ok(runs / (13.0 * 8.0)));
}

#[test]
fn nothing_has_no_value() {
    let computed = compute::<Glrlm>("{}", [1, 1, 1], &[3], |_, _, _| (0, Vec::new()));
    assert!(computed.values().all(|value| *value == Err(NONE.into())), "{computed:?}");
}
