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

fn set(dims: [usize; 3], levels: &[u16], aggregation: Aggregation) -> texture::MatrixSet {
    let kind = Kind::Glszm;
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
    assert_eq!(of("large_zone_emphasis"), Some(Ok(64.0)));
    assert_eq!(of("zone_percentage"), Some(Ok(0.125)));
}

#[test]
fn nothing_has_no_value() {
    assert!(evaluate(&texture::MatrixSet::default()).all(|(_, value)| value == Err(NONE)));
}
