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
const BUILT: [Aggregation; 6] = [
    Aggregation::Merged3D,
    Aggregation::Averaged3D,
    Aggregation::Averaged2D,
    Aggregation::SliceMerged2D,
    Aggregation::DirectionMerged2_5D,
    Aggregation::Merged2_5D,
];

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

fn set(dims: [usize; 3], levels: &[u16], aggregation: Aggregation) -> texture::MatrixSet {
    let kind = Kind::Glrlm;
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
    let values: Vec<_> = evaluate(&set([1, 1, 1], &[3], Aggregation::Merged3D)).collect();
    assert!(values.iter().all(|(_, value)| value.is_ok_and(f64::is_finite)));
    assert_eq!((values[0].1, values[1].1, values[3].1), (Ok(1.0), Ok(1.0), Ok(9.0)));
}

#[test]
fn a_flat_region_has_no_variance() {
    let values: Vec<_> = evaluate(&set([2, 2, 2], &[3; 8], Aggregation::Merged3D)).collect();
    let of = |id| values.iter().find(|(found, _)| *found == id).map(|(_, value)| *value);
    assert_eq!(of("grey_level_variance"), Some(Ok(0.0)));
    assert_eq!(of("normalised_grey_level_non_uniformity"), Some(Ok(1.0)));
    // The 3 axes have 4 runs of 2 each, the 6 diagonals of faces 2 of 2 and 4 of 1, the 4 of space 1 of 2 and 6 of 1.
    let runs = 12.0 + 6.0 * 6.0 + 4.0 * 7.0;
    assert_eq!(of("run_percentage"), Some(Ok(runs / (13.0 * 8.0))));
}

#[test]
fn nothing_has_no_value() {
    assert!(evaluate(&texture::MatrixSet::default()).all(|(_, value)| value == Err(NONE)));
}
