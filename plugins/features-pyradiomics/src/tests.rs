use voxomics_imaging::{
    Serial, View,
    texture::{Aggregation, Kind, Norm, Request, Weighting, build},
};
use voxomics_sdk::{
    Matrix,
    prelude::*,
    testing::{self, Computed, TestHost, TestRegion},
};

use crate::{FirstOrder, Glcm, Gldm, Glrlm, Glszm, Ngtdm, Shape};

fn request(matrix: &Matrix) -> Request {
    let kind = match matrix.kind.as_str() {
        "glcm" => Kind::Glcm,
        "glrlm" => Kind::Glrlm,
        "glszm" => Kind::Glszm,
        "ngtdm" => Kind::Ngtdm,
        "ngldm" => Kind::Ngldm,
        other => panic!("{other} is no matrix of this library"),
    };
    let aggregation = match matrix.aggregation.as_str() {
        "3D averaged" => Aggregation::Averaged3D,
        "3D merged" => Aggregation::Merged3D,
        "2.5D direction-merged" => Aggregation::DirectionMerged2_5D,
        "2.5D merged" => Aggregation::Merged2_5D,
        "3D" => Aggregation::Volume3D,
        "2.5D" => Aggregation::PerSlice2_5D,
        other => panic!("{other} is no aggregation of this library"),
    };
    let (norm, weighting) = (Norm::Chebyshev, Weighting::None);
    Request { kind, aggregation, distance: matrix.distance, norm, weighting, coarseness: matrix.coarseness }
}

/// The features of a region whose intensities are ten times its levels; 0 is outside.
fn compute<F: FeatureFamily>(settings: &str, dims: [usize; 3], levels: &[u16]) -> Computed {
    let settings = testing::settings(&F::describe(), settings).expect("the settings are right");
    let family = F::configure(&settings).unwrap_or_else(|error| panic!("{error:?}"));
    let requests: Vec<Request> = family.needs().matrices.iter().map(request).collect();
    let count = u32::from(levels.iter().copied().max().unwrap_or(0));
    let sets = build(&requests, View::new(dims, levels), count, None, &Serial).expect("the requests are right");
    let mask: Vec<u8> = levels.iter().map(|level| u8::from(*level != 0)).collect();
    let voxels = levels.iter().map(|level| 10.0 * f64::from(*level)).collect();
    let mut region = TestRegion::new(dims, voxels).mask(mask).levels(levels.to_vec(), count);
    for set in sets {
        let matrices = set.matrices.into_iter().map(|matrix| {
            (matrix.voxels, matrix.cells.iter().map(|cell| (cell.level, cell.other, cell.value)).collect())
        });
        region = region.matrix_set(set.levels, matrices.collect::<Vec<_>>());
    }
    testing::compute(&family, &region, &TestHost::new()).unwrap_or_else(|error| panic!("{error:?}"))
}

fn all(dims: [usize; 3], levels: &[u16]) -> Vec<(&'static str, Computed)> {
    vec![
        ("firstorder", compute::<FirstOrder>("{}", dims, levels)),
        ("shape", compute::<Shape>("{}", dims, levels)),
        ("glcm", compute::<Glcm>("{}", dims, levels)),
        ("glrlm", compute::<Glrlm>("{}", dims, levels)),
        ("glszm", compute::<Glszm>("{}", dims, levels)),
        ("gldm", compute::<Gldm>("{}", dims, levels)),
        ("ngtdm", compute::<Ngtdm>("{}", dims, levels)),
    ]
}

#[test]
fn there_are_107_features() {
    let levels = [1, 2, 2, 3, 1, 1, 0, 2];
    let counts: Vec<usize> = all([2, 2, 2], &levels).iter().map(|(_, values)| values.len()).collect();
    assert_eq!(counts, [18, 14, 24, 16, 16, 14, 5]);
    for (class, values) in all([2, 2, 2], &levels) {
        assert!(values.values().all(Result::is_ok), "{class}: {values:?}");
    }
}

#[test]
fn one_voxel_is_no_reason_to_stop() {
    for (class, values) in all([1, 1, 1], &[3]) {
        let undefined: Vec<&String> = values.iter().filter(|(_, value)| value.is_err()).map(|(id, _)| id).collect();
        let expected = match class {
            "glcm" | "glrlm" => values.keys().collect(),
            "shape" => vec!["Elongation", "Flatness"]
                .into_iter()
                .map(|id| values.get_key_value(id).expect("it is there").0)
                .collect(),
            _ => Vec::new(),
        };
        assert_eq!(undefined, expected, "{class}");
    }
}

#[test]
fn one_level_has_the_conventional_values() {
    let of = |values: &Computed, id: &str| values[id].clone();
    let glcm = compute::<Glcm>("{}", [2, 2, 2], &[3; 8]);
    let found = ["Correlation", "MCC", "Imc1", "Imc2", "Id"].map(|id| of(&glcm, id));
    assert_eq!(found, [Ok(1.0), Ok(1.0), Ok(0.0), Ok(0.0), Ok(1.0)]);
    let ngtdm = compute::<Ngtdm>("{}", [2, 2, 2], &[3; 8]);
    let found = ["Coarseness", "Contrast", "Busyness", "Complexity", "Strength"].map(|id| of(&ngtdm, id));
    assert_eq!(found, [Ok(1e6), Ok(0.0), Ok(0.0), Ok(0.0), Ok(0.0)]);
    let firstorder = compute::<FirstOrder>("{}", [2, 2, 2], &[3; 8]);
    let found = ["Kurtosis", "Skewness", "Entropy", "Uniformity", "Variance"].map(|id| of(&firstorder, id));
    assert_eq!(found, [Ok(0.0), Ok(0.0), Ok(0.0), Ok(1.0), Ok(0.0)]);
}

#[test]
fn settings_reach_their_features() {
    let levels = [1, 2, 2, 3, 1, 1, 0, 2, 3, 3, 1, 2];
    let dims = [3, 2, 2];
    let shifted = compute::<FirstOrder>("{\"voxel_array_shift\": 5}", dims, &levels);
    let energy: f64 =
        levels.iter().filter(|level| **level > 0).map(|level| (10.0 * f64::from(*level) + 5.0).powi(2)).sum();
    assert_eq!((&shifted["Energy"], &shifted["TotalEnergy"]), (&Ok(energy), &Ok(energy)));
    let alike = compute::<Gldm>("{\"alpha\": 2, \"distance\": 2}", dims, &levels);
    assert_eq!(alike["LargeDependenceEmphasis"], Ok(121.0));
}

#[test]
fn ids_are_unique_and_codes_too() {
    fn check<F: FeatureFamily>() {
        let unique = |list: Vec<String>| {
            let mut sorted = list.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), list.len(), "{:?}", F::describe());
        };
        let (ids, codes): (Vec<String>, Vec<String>) = testing::described::<F>().into_iter().unzip();
        unique(ids);
        unique(codes.into_iter().filter(|code| !code.is_empty()).collect());
    }
    check::<Glcm>();
    check::<Glrlm>();
    check::<Glszm>();
    check::<Gldm>();
    check::<Ngtdm>();
}
