use voxomics_imaging::{
    View,
    texture::{Request, build_one},
};
use voxomics_sdk::testing::texture::{Drawn, PHANTOM, PHANTOM_DIMS, assert_phantom, compute};

use super::*;

/// The manual's values for the digital phantom, in the order of [`AGGREGATIONS`].
const REFERENCE: [(&str, [f64; 6]); 25] = [
    ("GYBY", [0.509, 0.503, 0.519, 0.512, 0.489, 0.492]),
    ("60VM", [2.15, 2.14, 2.14, 2.14, 2.2, 2.2]),
    ("UR99", [3.13, 3.1, 2.69, 2.71, 3.22, 3.24]),
    ("TU9B", [2.57, 2.4, 2.05, 2.24, 2.48, 2.61]),
    ("TF7R", [1.38, 1.43, 1.42, 1.4, 1.46, 1.44]),
    ("D3YU", [3.21, 3.06, 2.9, 3.06, 3.11, 3.23]),
    ("NTRS", [1.64, 1.56, 1.4, 1.49, 1.61, 1.67]),
    ("ZGXS", [4.3, 4.29, 4.28, 4.29, 4.41, 4.41]),
    ("OEEB", [7.41, 7.07, 5.47, 5.66, 7.48, 7.65]),
    ("P6QZ", [2.11, 1.92, 1.6, 1.79, 2.01, 2.14]),
    ("8ZQL", [0.291, 0.303, 0.368, 0.352, 0.286, 0.277]),
    ("ACUI", [5.12, 5.32, 5.28, 5.19, 5.39, 5.29]),
    ("8S9J", [1.38, 1.43, 1.42, 1.4, 1.46, 1.44]),
    ("IB1Z", [0.688, 0.677, 0.678, 0.683, 0.668, 0.673]),
    ("NDRX", [0.856, 0.851, 0.851, 0.854, 0.847, 0.85]),
    ("WF0Z", [0.631, 0.618, 0.619, 0.625, 0.606, 0.613]),
    ("1QCO", [0.902, 0.898, 0.899, 0.901, 0.897, 0.899]),
    ("E8JP", [0.0574, 0.0604, 0.0567, 0.0553, 0.0597, 0.0582]),
    ("NI2N", [0.183, 0.157, -0.0121, 0.0173, 0.178, 0.182]),
    ("QWB0", [5.19, 5.06, 5.09, 5.14, 5.4, 5.45]),
    ("DG8W", [7.41, 7.07, 5.47, 5.66, 7.48, 7.65]),
    ("7NFM", [17.4, 16.6, 7.0, 6.98, 16.6, 16.4]),
    ("AE86", [147.0, 145.0, 79.1, 80.4, 147.0, 142.0]),
    ("R8DG", [-0.0288, -0.157, -0.155, -0.0341, -0.124, -0.0334]),
    ("JN9H", [0.269, 0.52, 0.487, 0.263, 0.487, 0.291]),
];

/// Draws a matrix as the host does.
fn draw(m: &Matrix, dims: [usize; 3], levels: &[u16]) -> Drawn {
    let (weighting, length) = (&m.weighting, m.weighting_norm());
    let request = Request::from_words(&m.kind, &m.aggregation, m.distance, &m.norm, weighting, length, m.coarseness);
    build_one(&request.expect("the words are right"), View::new(dims, levels)).expect("they fit").to_cells()
}

#[test]
fn the_digital_phantom_has_the_manuals_values() {
    assert_phantom::<Glcm, _>(&REFERENCE, draw);
}

#[test]
fn weighted_directions_have_the_values_of_pyradiomics() {
    // PyRadiomics 3.0.1 on the digital phantom in voxels of 1 mm: weightingNorm manhattan, euclidean; binWidth 1.
    for (norm, contrast, entropy) in [
        ("Manhattan", 3.627_435_365_819_731, 2.376_798_993_046_560_5),
        ("Euclidean", 4.322_728_291_865_566, 2.488_338_695_413_762_3),
    ] {
        let json = format!(r#"{{"weighting": "gaussian", "weighting_norm": "{norm}"}}"#);
        let computed = compute::<Glcm>(&json, PHANTOM_DIMS, &PHANTOM, draw);
        for (id, expected) in [("contrast", contrast), ("joint_entropy", entropy)] {
            assert!(computed[id].as_ref().is_ok_and(|found| (found - expected).abs() < 1e-12), "{norm}: {computed:?}");
        }
    }
}

#[test]
fn one_voxel_has_no_pairs() {
    let computed = compute::<Glcm>("{}", [1, 1, 1], &[3], draw);
    assert!(computed.values().all(|value| *value == Err(NONE.into())), "{computed:?}");
}

#[test]
fn a_flat_region_has_no_correlation() {
    let computed = compute::<Glcm>("{}", [2, 2, 2], &[3; 8], draw);
    assert_eq!(computed["joint_average"], Ok(3.0));
    assert_eq!(computed["contrast"], Ok(0.0));
    assert_eq!(computed["angular_second_moment"], Ok(1.0));
    for id in ["correlation", "information_correlation_1"] {
        assert_eq!(computed[id], Err("all pairs of neighbours have the same grey level".into()), "{id}");
    }
}
