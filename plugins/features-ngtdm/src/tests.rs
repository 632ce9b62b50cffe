use voxomics_imaging::texture::{Aggregation, Kind, Norm, Request, Weighting, build};
use voxomics_imaging::{Serial, View};

use super::*;

/// The levels of the digital phantom (IBSI 1 manual), *x* fastest; 0 outside the intensity mask.
#[rustfmt::skip]
const PHANTOM: [u16; 80] = [
    1, 4, 4, 1, 1,  1, 4, 6, 1, 1,  4, 1, 6, 4, 1,  4, 4, 6, 4, 1,
    1, 4, 4, 1, 1,  1, 1, 6, 1, 1,  0, 1, 3, 1, 1,  4, 4, 6, 1, 1,
    1, 4, 4, 0, 0,  1, 1, 1, 1, 1,  1, 1, 0, 1, 1,  1, 1, 6, 1, 1,
    1, 4, 4, 0, 0,  1, 1, 1, 1, 1,  1, 1, 1, 1, 1,  1, 1, 6, 1, 1,
];

/// In the order of [`AGGREGATIONS`].
const BUILT: [Aggregation; 3] = [Aggregation::Volume3D, Aggregation::PerSlice2D, Aggregation::PerSlice2_5D];

/// The manual's values for the digital phantom, in the order of [`AGGREGATIONS`].
const REFERENCE: [(&str, [f64; 3]); 5] = [
    ("QCDE", [0.0296, 0.121, 0.0285]),
    ("65HE", [0.584, 0.925, 0.601]),
    ("NQ30", [6.54, 2.99, 6.8]),
    ("HDEZ", [13.5, 10.4, 14.1]),
    ("1X9X", [0.763, 2.88, 0.741]),
];

fn set(dims: [usize; 3], levels: &[u16], aggregation: Aggregation) -> texture::MatrixSet {
    let kind = Kind::Ngtdm;
    let request =
        Request { kind, aggregation, distance: 1, norm: Norm::Chebyshev, weighting: Weighting::None, coarseness: 0 };
    let count = u32::from(levels.iter().copied().max().unwrap_or(0));
    let built = build(&[request], View::new(dims, levels), count, None, &Serial);
    built.expect("the request is right").remove(0)
}

fn three_digits(value: f64) -> f64 {
    format!("{value:.2e}").parse().expect("a formatted number")
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    for (column, (aggregation, word)) in BUILT.into_iter().zip(AGGREGATIONS).enumerate() {
        let computed = evaluate(&set([5, 4, 4], &PHANTOM, aggregation));
        for ((entry, (id, value)), (code, references)) in FEATURES.iter().zip(computed).zip(REFERENCE) {
            assert_eq!((entry.id, entry.ibsi), (id, code));
            assert_eq!(value.map(three_digits), Ok(references[column]), "{id}, {word}");
        }
    }
}

#[test]
fn ids_are_unique() {
    let mut ids: Vec<&str> = FEATURES.iter().map(|entry| entry.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), FEATURES.len());
}

#[test]
fn one_voxel_has_no_neighbours() {
    for (id, value) in evaluate(&set([1, 1, 1], &[3], Aggregation::Volume3D)) {
        assert_eq!(value, Err(NONE), "{id}");
    }
}

#[test]
fn a_flat_region_is_as_coarse_as_can_be() {
    let values: Vec<_> = evaluate(&set([2, 2, 2], &[3; 8], Aggregation::Volume3D)).collect();
    let rest = ["contrast", "busyness", "complexity", "strength"].map(|id| (id, Ok(0.0)));
    assert_eq!((values[0], &values[1..]), (("coarseness", Ok(1e6)), &rest[..]));
}

#[test]
fn busyness_may_be_undefined() {
    // Two voxels of level 1 beside one of level 2: level times frequency is the same.
    let values: Vec<_> = evaluate(&set([3, 1, 1], &[1, 2, 1], Aggregation::Volume3D)).collect();
    assert_eq!(values[2], ("busyness", Err("level times frequency is the same for all grey levels")));
}
