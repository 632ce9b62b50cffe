//! The digital phantom of IBSI 1 (manual, arXiv:1612.07003, chapter "Reference data sets"; CC BY 4.0) and some of its
//! reference values.

use super::reference::{agrees, features};
use super::*;
use crate::Serial;

/// Grey levels, *x* fastest, 5 × 4 × 4; the mask is 0 where the level is not part of the region.
const LEVELS: [u16; 80] = [
    1, 4, 4, 1, 1, 1, 4, 6, 1, 1, 4, 1, 6, 4, 1, 4, 4, 6, 4, 1, // z = 0
    1, 4, 4, 1, 1, 1, 1, 6, 1, 1, 0, 1, 3, 1, 1, 4, 4, 6, 1, 1, // z = 1
    1, 4, 4, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 6, 1, 1, // z = 2
    1, 4, 4, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 6, 1, 1, // z = 3
];

pub(super) fn phantom() -> Case {
    let mask = LEVELS.iter().map(|level| u8::from(*level != 0)).collect();
    Case { dims: [5, 4, 4], levels: LEVELS.to_vec(), n_levels: 6, mask }
}

/// Reference value and tolerance by IBSI code, for the aggregations in the order of `DIRECTIONAL` or `OTHERS`.
type Reference = (&'static str, &'static [(f64, f64)]);

#[track_caller]
fn check(kind: Kind, aggregations: &[Aggregation], references: &[Reference]) {
    let requests: Vec<_> = aggregations.iter().map(|aggregation| request(kind, *aggregation)).collect();
    let sets = phantom().build(&requests, &Serial).expect("the requests fit");
    for (set, at) in sets.iter().zip(0..) {
        let values = features(kind, set);
        for (code, expected) in references {
            let (_, value) = values.iter().find(|(known, _)| known == code).expect("the code is a feature");
            let (expected, tolerance) = expected[at];
            let value = value.expect("the feature is defined");
            assert!(agrees(value, expected, tolerance), "{code} {:?}: {value}, not {expected}", aggregations[at]);
        }
    }
}

#[test]
fn glcm_values_of_the_phantom() {
    check(
        Kind::Glcm,
        &DIRECTIONAL,
        &[
            ("TU9B", &[(2.05, 0.0), (2.24, 0.0), (2.48, 0.0), (2.61, 0.0), (2.4, 0.0), (2.57, 0.0)]),
            ("ACUI", &[(5.28, 0.0), (5.19, 0.0), (5.39, 0.0), (5.29, 0.0), (5.32, 0.0), (5.12, 0.0)]),
            ("NI2N", &[(-0.0121, 0.0), (0.0173, 0.0), (0.178, 0.0), (0.182, 0.0), (0.157, 0.0), (0.183, 0.0)]),
            ("AE86", &[(79.1, 0.0), (80.4, 0.0), (147.0, 0.0), (142.0, 0.0), (145.0, 0.0), (147.0, 0.0)]),
            ("R8DG", &[(-0.155, 0.0), (-0.0341, 0.0), (-0.124, 0.0), (-0.0334, 0.0), (-0.157, 0.0), (-0.0288, 0.0)]),
        ],
    );
}

#[test]
fn glrlm_values_of_the_phantom() {
    check(
        Kind::Glrlm,
        &DIRECTIONAL,
        &[
            ("22OV", &[(0.641, 0.0), (0.661, 0.0), (0.665, 0.0), (0.68, 0.0), (0.705, 0.0), (0.729, 0.0)]),
            ("3KUM", &[(17.4, 0.0), (16.1, 0.0), (17.9, 0.0), (17.0, 0.0), (17.6, 0.0), (15.6, 0.0)]),
            ("9ZK5", &[(0.627, 0.0), (0.627, 0.0), (0.632, 0.0), (0.632, 0.0), (0.68, 0.0), (0.68, 0.0)]),
            ("HJ9O", &[(2.17, 0.0), (2.57, 0.0), (2.52, 0.0), (2.76, 0.0), (2.43, 0.0), (2.62, 0.0)]),
        ],
    );
}

#[test]
fn glszm_values_of_the_phantom() {
    check(
        Kind::Glszm,
        &OTHERS,
        &[
            ("5QRC", &[(0.363, 0.0), (0.368, 0.0), (0.255, 0.0)]),
            ("J17V", &[(113.0, 0.0), (107.0, 0.0), (1490.0, 0.0)]),
            ("P30P", &[(0.24, 0.0), (0.243, 0.0), (0.0676, 0.0)]),
            ("3NSA", &[(21.0, 0.0), (17.3, 0.0), (331.0, 0.0)]),
        ],
    );
}

#[test]
fn gldzm_values_of_the_phantom() {
    check(
        Kind::Gldzm,
        &OTHERS,
        &[
            ("0GBI", &[(0.946, 0.0), (0.917, 0.0), (1.0, 0.0)]),
            ("KLTH", &[(21.3, 0.0), (23.7, 0.0), (15.6, 0.0)]),
            ("VIWW", &[(0.24, 0.0), (0.243, 0.0), (0.0676, 0.0)]),
            ("GBDU", &[(1.73, 0.0), (2.0, 0.0), (1.92, 0.0)]),
        ],
    );
}

#[test]
fn ngtdm_values_of_the_phantom() {
    check(
        Kind::Ngtdm,
        &OTHERS,
        &[
            ("QCDE", &[(0.121, 0.0), (0.0285, 0.0), (0.0296, 0.0)]),
            ("65HE", &[(0.925, 0.0), (0.601, 0.0), (0.584, 0.0)]),
            ("NQ30", &[(2.99, 0.0), (6.8, 0.0), (6.54, 0.0)]),
            ("HDEZ", &[(10.4, 0.0), (14.1, 0.0), (13.5, 0.0)]),
            ("1X9X", &[(2.88, 0.0), (0.741, 0.0), (0.763, 0.0)]),
        ],
    );
}

#[test]
fn ngldm_values_of_the_phantom() {
    check(
        Kind::Ngldm,
        &OTHERS,
        &[
            ("SODN", &[(0.158, 0.0), (0.159, 0.0), (0.045, 0.0)]),
            ("9QMG", &[(49.5, 0.0), (50.8, 0.0), (235.0, 0.0)]),
            ("FP8K", &[(10.2, 0.0), (37.9, 0.0), (37.9, 0.0)]),
            ("CAS9", &[(0.17, 0.0), (0.122, 0.0), (0.0533, 0.0)]),
        ],
    );
}
