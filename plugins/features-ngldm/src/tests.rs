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

fn set(dims: [usize; 3], levels: &[u16], aggregation: Aggregation) -> texture::MatrixSet {
    let kind = Kind::Ngldm;
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
    assert_eq!(of("high_dependence_emphasis"), Some(Ok(64.0)));
    assert_eq!(of("dependence_count_percentage"), Some(Ok(1.0)));
}

#[test]
fn nothing_has_no_value() {
    assert!(evaluate(&texture::MatrixSet::default()).all(|(_, value)| value == Err(NONE)));
}
