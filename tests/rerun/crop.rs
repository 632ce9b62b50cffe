//! Only a box around the lesion is ever looked at: what lies beyond it may be anything.

use voxomics_tests::{
    batch::{Batch, Row},
    nifti::{Nifti, Rows, straight},
    scene::noise,
};

const EVERYTHING: &str = r#"
[plugins]
use = [
    "load-nifti", "filter-mean", "filter-laplacian-of-gaussian",
    "features-morphology", "features-local-intensity", "features-statistics", "features-histogram", "features-ivh",
    "features-glcm", "features-glrlm", "features-glszm", "features-gldzm", "features-ngtdm", "features-ngldm",
]

[regions.tumour]
[regions.ring]
ring_of = "tumour"
outward_mm = 2.0
inward_mm = 1.0

[discretisation]
method = "fixed bin number"
bins = 16

[images.original]
[images.mean]
filter = "mean"
support_voxels = 3
[images.log]
filter = "laplacian-of-gaussian"
sigma_mm = 1.0

[features.morphology]
images = "original"
[features.local_intensity]
images = "original"
[features.statistics]
[features.histogram]
[features.ivh]
images = "original"
[features.glcm]
aggregation = ["2D averaged", "3D merged"]
[features.glrlm]
[features.glszm]
[features.gldzm]
[features.ngtdm]
[features.ngldm]
"#;

/// The grid of the small scan; everything on it is a sum of few powers of two, so that moving it rounds nothing.
const DIMS: [usize; 3] = [40, 40, 24];
const SPACING: [f64; 3] = [1.0, 1.0, 2.0];
const ORIGIN: [f64; 3] = [-50.0, 25.5, -700.0];

/// A ragged ball of about 5 mm.
fn in_lesion(index: [usize; 3]) -> bool {
    let mm = |axis: usize| (index[axis] as f64 - (DIMS[axis] as f64 - 1.0) / 2.0) * SPACING[axis];
    let square: f64 = (0..3).map(|axis| mm(axis).powi(2)).sum();
    square <= 16.0 || square <= 30.0 && noise(7, index) < 120
}

/// The scan with `more` voxels of its own on each side, and then `pad` of other intensities.
fn run(more: usize, pad: usize, moved: [f64; 3], interpolation: &str) -> [Row; 2] {
    let pads = more + pad;
    let origin = std::array::from_fn(|axis| ORIGIN[axis] + moved[axis] - pads as f64 * SPACING[axis]);
    let rows: Rows = straight(SPACING, origin);
    let dims = DIMS.map(|n| n + 2 * pads);
    let own = |index: [usize; 3]| {
        let inside = (0..3).all(|axis| (pad..dims[axis] - pad).contains(&index[axis]));
        // Indices of the smallest scan, which wrap around before its first voxel.
        inside.then_some(index.map(|i| i.wrapping_sub(pads)))
    };
    let in_lesion = |index: [usize; 3]| (0..3).all(|axis| index[axis] < DIMS[axis]) && in_lesion(index);
    let batch = Batch::new(&format!("{EVERYTHING}{interpolation}"), "case,image,mask\na,image.nii,mask.nii\n");
    // A lesion brighter than its surroundings: with a mean of nearly 0 of its responses, what is divided by that mean
    // would show their last digits.
    let value = |own| noise(1, own) + noise(2, own) + if in_lesion(own) { 300 } else { 0 };
    let image = |index| own(index).map_or_else(|| 37 * noise(3, index) - 3000, value);
    batch.scan("image.nii", &Nifti::new(dims, rows, image));
    batch.scan("mask.nii", &Nifti::new(dims, rows, |index| u8::from(own(index).is_some_and(in_lesion))));
    let ran = batch.run().well();
    ["tumour", "ring"].map(|region| ran.region("a", region))
}

fn interpolated(method: &str) -> String {
    // 1.25 divides so that the new grids of both sizes have their centres at the same places.
    format!("[interpolation]\nspacing_mm = [1.25, 1.25, 1.25]\nimage = \"{method}\"\n")
}

/// Most cells are numbers, or the comparison would be one of nothing.
#[track_caller]
fn mostly_numbers(rows: &[Row; 2]) {
    for row in rows {
        let numbers = row.values().filter(|cell| cell.parse::<f64>().is_ok()).count();
        assert!(numbers > 400 && numbers * 10 > row.len() * 9, "{numbers} of {} cells are numbers", row.len());
    }
}

#[test]
fn forty_voxels_more_on_each_side_change_no_bit() {
    for interpolation in ["", &interpolated("linear")] {
        let small = run(0, 0, [0.0; 3], interpolation);
        mostly_numbers(&small);
        assert_eq!(small, run(0, 40, [0.0; 3], interpolation), "{interpolation}");
    }
}

#[test]
fn splines_reach_further_but_not_to_the_twelfth_digit() {
    let interpolation = interpolated("cubic");
    // A spline feels the end of the scan, each voxel further away a quarter as much: 24 lie between.
    let (small, large) = (run(24, 0, [0.0; 3], &interpolation), run(24, 40, [0.0; 3], &interpolation));
    mostly_numbers(&small);
    for (small, large) in small.iter().zip(&large) {
        for (column, cell) in small {
            let (Ok(a), Ok(b)) = (cell.parse::<f64>(), large[column].parse::<f64>()) else {
                assert_eq!(cell, &large[column], "{column}");
                continue;
            };
            assert!((a - b).abs() <= 1e-12 * a.abs().max(b.abs()), "{column}: {a} and {b}");
        }
    }
}

#[test]
fn a_scan_that_lies_elsewhere_has_the_same_features() {
    let here = run(0, 0, [0.0; 3], "");
    assert_eq!(here, run(0, 0, [64.0, -128.5, 1024.0], ""));
}
