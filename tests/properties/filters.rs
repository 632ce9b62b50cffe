//! Filtered images through the whole program: what is around a region is seen as far as it must be, and no further.

use voxomics_tests::{
    batch::{Batch, Row},
    nifti::{Nifti, straight},
    run,
    scene::noise,
};

const HEAD: &str = r#"
[plugins]
use = [
    "load-nifti", "features-statistics", "filter-mean", "filter-laplacian-of-gaussian", "filter-laws", "filter-wavelet",
    "filter-gabor", "filter-simoncelli", "filter-riesz",
]
[regions.tumour]
label = 1
"#;

/// Filters with finite kernels, those that need the whole scan, and chains of both.
const IMAGES: &str = r#"
[features.statistics]
[images.original]
[images.edges_of_log]
of = "log"
filter = "laws"
kernels = "E5L5S5 L5L5E5"
rotation_invariance = "max"
energy_distance_voxels = 2
[images.log]
filter = "laplacian-of-gaussian"
sigma_mm = 1
[images.mean]
filter = "mean"
support_voxels = 3
padding = "periodic"
[images.wavelet]
of = "edges_of_log.L5L5E5"
filter = "wavelet"
wavelet = "db2"
levels = [1, 2]
bands = "LLH HHH"
rotation_invariance = "average"
[images.simoncelli]
of = "wavelet.HHH_2"
filter = "simoncelli"
[images.riesz]
filter = "riesz"
orders = "110"
base = "laplacian-of-gaussian"
sigma_mm = 1
[images.log_of_riesz]
of = "riesz"
filter = "laplacian-of-gaussian"
sigma_mm = 1
"#;

/// A Gabor filter is computed by transforms, whose length depends on the box.
const GABOR: &str = "[features.statistics]\n[images.gabor]\nfilter = \"gabor\"\nsigma_mm = 1\nlambda_mm = 2\n\
                     orthogonal_planes = true\nrotation_step_deg = 45\n";

/// The row of the region, where another region is all of the scan or is not there.
fn tumour(images: &str, whole: bool) -> Row {
    let batch = Batch::default();
    let (dims, rows) = ([34, 31, 29], straight([1.0; 3], [0.0; 3]));
    let label = |[x, y, z]: [usize; 3]| u8::from((2..6).contains(&x) && (12..15).contains(&y) && (20..22).contains(&z));
    let rest = if whole { "[regions.scan]\nlabels = [1, 2]\n" } else { "" };
    batch.scan("image.nii", &Nifti::new(dims, rows, |at| noise(3, at)));
    batch.scan("mask.nii", &Nifti::new(dims, rows, |at| if label(at) == 1 { 1_u8 } else { 2 }));
    batch.write("experiment.toml", format!("{HEAD}{rest}{images}"));
    batch.write("cases.csv", "case,image,mask\na,image.nii,mask.nii\n");
    let ran = batch.run_well();
    ran.region("a", "tumour")
}

#[test]
fn a_response_in_a_region_is_that_of_filtering_the_whole_scan() {
    let alone = tumour(IMAGES, false);
    assert!(alone.len() > 150, "{}", alone.len());
    assert_eq!(alone, tumour(IMAGES, true));
    let (alone, beside) = (tumour(GABOR, false), tumour(GABOR, true));
    for (column, cell) in &alone {
        match (cell.parse::<f64>(), beside[column].parse::<f64>()) {
            (Ok(a), Ok(b)) => assert!((a - b).abs() <= 1e-9 * a.abs().max(b.abs()), "{column}: {a} {b}"),
            _ => assert_eq!(*cell, beside[column], "{column}"),
        }
    }
}

#[test]
fn what_images_are_made_of_must_be_there() {
    let said = |images: &str| {
        let batch = Batch::default();
        let path = batch.write("experiment.toml", format!("{HEAD}[features.statistics]\n{images}"));
        let said = run(["check", &path.display().to_string()]);
        assert_eq!(said.code, Some(2), "{said:?}");
        said.err
    };
    let log = "filter = \"laplacian-of-gaussian\"\nsigma_mm = 2\n";
    let of = |name: &str, of: &str| format!("[images.{name}]\nof = \"{of}\"\n{log}");
    let err = said(&(of("a", "log") + "[images.logs]\n" + log));
    assert!(err.contains("[images.a] is made of `log`, which is no image") && err.contains("logs"), "{err}");
    let err = said(&(of("a", "b") + &of("b", "c") + &of("c", "a")));
    assert!(err.contains("made of each other in a circle: a, b, c"), "{err}");
    let err = said("[images.original]\n[images.a]\nof = \"original\"\n");
    assert!(err.contains("names no filter"), "{err}");
    let err = said(&(of("a", "laws") + "[images.laws]\nfilter = \"laws\"\nkernels = \"E5E5E5 S5S5S5\"\n"));
    assert!(err.contains("several maps; name one of laws.E5E5E5, laws.S5S5S5"), "{err}");
}
