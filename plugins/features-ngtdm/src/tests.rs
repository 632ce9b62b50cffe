use voxomics_imaging::{
    View,
    texture::{Request, build_one},
};
use voxomics_sdk::testing::texture::{Drawn, assert_phantom, compute};

use super::*;

/// The manual's values for the digital phantom, in the order of [`AGGREGATIONS`].
const REFERENCE: [(&str, [f64; 3]); 5] = [
    ("QCDE", [0.0296, 0.121, 0.0285]),
    ("65HE", [0.584, 0.925, 0.601]),
    ("NQ30", [6.54, 2.99, 6.8]),
    ("HDEZ", [13.5, 10.4, 14.1]),
    ("1X9X", [0.763, 2.88, 0.741]),
];

/// Draws a matrix as the host does.
fn draw(m: &Matrix, dims: [usize; 3], levels: &[u16]) -> Drawn {
    let (weighting, length) = (&m.weighting, m.weighting_norm());
    let request = Request::from_words(&m.kind, &m.aggregation, m.distance, &m.norm, weighting, length, m.coarseness);
    build_one(&request.expect("the words are right"), View::new(dims, levels)).expect("they fit").to_cells()
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    assert_phantom::<Ngtdm, _>(&REFERENCE, draw);
}

#[test]
fn one_voxel_has_no_neighbours() {
    let computed = compute::<Ngtdm>("{}", [1, 1, 1], &[3], draw);
    assert!(computed.values().all(|value| *value == Err(NONE.into())), "{computed:?}");
}

#[test]
fn a_flat_region_is_as_coarse_as_can_be() {
    let computed = compute::<Ngtdm>("{}", [2, 2, 2], &[3; 8], draw);
    let found = ["coarseness", "contrast", "busyness", "complexity", "strength"].map(|id| computed[id].clone());
    assert_eq!(found, [Ok(1e6), Ok(0.0), Ok(0.0), Ok(0.0), Ok(0.0)]);
}

#[test]
fn busyness_may_be_undefined() {
    // Two voxels of level 1 beside one of level 2: level times frequency is the same.
    let computed = compute::<Ngtdm>("{}", [3, 1, 1], &[1, 2, 1], draw);
    assert_eq!(computed["busyness"], Err("level times frequency is the same for all grey levels".into()));
}
