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

fn set(dims: [usize; 3], levels: &[u16], aggregation: Aggregation) -> texture::MatrixSet {
    let kind = Kind::Gldzm;
    let request =
        Request { kind, aggregation, distance: 1, norm: Norm::Chebyshev, weighting: Weighting::None, coarseness: 0 };
    let count = u32::from(levels.iter().copied().max().unwrap_or(0));
    let mask: Vec<u8> = levels.iter().map(|level| u8::from(*level != 0)).collect();
    let mask = Some(View::new(dims, &mask));
    let built = build(&[request], View::new(dims, levels), count, mask, &Serial);
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
fn one_voxel_is_defined() {
    let values: Vec<_> = evaluate(&set([1, 1, 1], &[3], Aggregation::Volume3D)).collect();
    assert!(values.iter().all(|(_, value)| value.is_ok_and(f64::is_finite)));
    assert_eq!((values[0].1, values[1].1, values[3].1), (Ok(1.0), Ok(1.0), Ok(9.0)));
}

#[test]
fn a_flat_region_has_no_variance() {
    let values: Vec<_> = evaluate(&set([2, 2, 2], &[3; 8], Aggregation::Volume3D)).collect();
    let of = |id| values.iter().find(|(found, _)| *found == id).map(|(_, value)| *value);
    assert_eq!(of("grey_level_variance"), Some(Ok(0.0)));
    assert_eq!(of("normalised_grey_level_non_uniformity"), Some(Ok(1.0)));
    assert_eq!(of("large_distance_emphasis"), Some(Ok(1.0)));
    assert_eq!(of("zone_percentage"), Some(Ok(0.125)));
}

#[test]
fn nothing_has_no_value() {
    assert!(evaluate(&texture::MatrixSet::default()).all(|(_, value)| value == Err(NONE)));
}
