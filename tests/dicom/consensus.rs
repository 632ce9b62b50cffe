//! A sarcoma patient (STS_005 of the IBSI validation set; Vallières et al. 2015, 10.7937/K9/TCIA.2015.7GO2GSKS), as DICOM
//! with RTSTRUCT, against the figures that at least four research teams agree on.

use std::path::Path;

use voxomics_tests::{
    batch::{Batch, Row},
    reference, table,
};

/// The largest relative difference that passes: that within which teams count as agreeing.
const TOLERANCE: f64 = 0.005;

/// Every family and aggregation of the consensus, but Moran's I and Geary's C, of which it has none.
const FEATURES: &str = r#"
[plugins]
use = [
    "load-dicom", "features-morphology", "features-statistics", "features-histogram", "features-ivh", "features-glcm",
    "features-glrlm", "features-glszm", "features-gldzm", "features-ngtdm", "features-ngldm",
]

[regions.tumour]
name = "GTV_Mass*"

[features.statistics]
[features.morphology]
autocorrelation = false
[features.histogram]
[features.glcm]
aggregation = "3D merged"
[features.glrlm]
aggregation = "3D merged"
[features.glszm]
aggregation = "3D"
[features.gldzm]
aggregation = "3D"
[features.ngtdm]
aggregation = "3D"
[features.ngldm]
aggregation = "3D"
"#;

/// What tells features of one IBSI code apart: the tag in the table, and the feature.
const PARAMETERS: [(&str, &str); 5] = [
    ("ivh_i10", "intensity_at_volume_fraction_10"),
    ("ivh_i90", "intensity_at_volume_fraction_90"),
    ("ivh_v10", "volume_at_intensity_fraction_10"),
    ("ivh_v90", "volume_at_intensity_fraction_90"),
    ("ivh_auc", "area_under_the_ivh_curve"),
];

struct Modality {
    folder: &'static str,
    settings: &'static str,
    /// Rows of the table that are features, and rows that are voxels and intensities on the way to them.
    rows: [usize; 2],
}

#[test]
fn ct_meets_the_consensus() {
    let settings = r#"
[interpolation]
spacing_mm = [1, 1, 1]
image = "cubic"
round_intensities = true
[resegmentation]
range = [-200, 200]
[discretisation]
method = "fixed bin size"
width = 10
[features.ivh]
minimum = -200
maximum = 200
"#;
    meets(&Modality { folder: "CT", settings, rows: [161, 12] });
}

#[test]
fn mr_meets_the_consensus() {
    let settings = r#"
[interpolation]
spacing_mm = [1, 1, 1]
image = "cubic"
[resegmentation]
range = [0, inf]
[discretisation]
method = "fixed bin size"
width = 10
[features.ivh]
axis = "bin_centres"
bin_width = 1
minimum = 0
"#;
    meets(&Modality { folder: "MR_T1", settings, rows: [162, 12] });
}

#[test]
fn pet_meets_the_consensus() {
    let settings = r#"
[interpolation]
spacing_mm = [3, 3, 3]
image = "cubic"
[resegmentation]
range = [0, inf]
[discretisation]
method = "fixed bin size"
width = 0.25
[features.ivh]
axis = "bin_centres"
bin_width = 0.1
minimum = 0
"#;
    meets(&Modality { folder: "PET", settings, rows: [143, 12] });
}

/// Compares every row of a modality, and prints the worst.
fn meets(modality: &Modality) {
    let Some(patient) = reference().map(|folder| folder.join("dicom/sts_005")) else { return };
    let folder = patient.join(modality.folder);
    let last = computed(&folder, &format!("{FEATURES}{}", modality.settings));
    // What the interpolated and the original region have before re-segmentation.
    let [families, rest] =
        [&modality.settings[..modality.settings.find("[resegmentation]").expect("a section")], FEATURES];
    let few = &rest[..rest.find("autocorrelation").expect("a setting")];
    let stages = [
        ("_reseg_roi", statistics(&last)),
        ("_interp_roi", computed(&folder, &format!("{few}autocorrelation = false\n{families}"))),
        ("_init_roi", computed(&folder, &format!("{few}autocorrelation = false\n"))),
    ];
    let mut counts = [0, 0];
    let mut worst = (0.0, String::new());
    for row in table(&patient.join("ibsi1_consensus.csv")) {
        if row["modality"] != modality.folder {
            continue;
        }
        let tag = row["tag"].as_str();
        let found = match row["family"].as_str() {
            "diagnostics" => match diagnostic(tag, &stages) {
                Some(found) => found,
                None => continue,
            },
            _ => value(&last, |one| is_of(one, &row)),
        };
        counts[usize::from(row["family"] == "diagnostics")] += 1;
        let expected: f64 = row["consensus"].parse().expect("a figure");
        let difference = (found - expected).abs() / if expected == 0.0 { 1.0 } else { expected.abs() };
        // What is no number is worst, and stays so.
        if difference.is_nan() || difference > worst.0 {
            worst = (difference, format!("{tag}: {found}, expected {expected}"));
        }
    }
    println!(
        "{}: {} features and {} diagnostics; worst {:.2e}, {}",
        modality.folder, counts[0], counts[1], worst.0, worst.1
    );
    assert_eq!(counts, modality.rows);
    assert!(worst.0 <= TOLERANCE, "{worst:?}");
}

/// The rows of `features_long.csv`.
fn computed(folder: &Path, experiment: &str) -> Vec<Row> {
    let [image, mask] = ["image", "mask"].map(|part| folder.join(part).display().to_string());
    Batch::new(experiment, &format!("case,image,mask\np,{image},{mask}\n")).run_well().table("features_long.csv")
}

fn statistics(rows: &[Row]) -> Vec<Row> {
    rows.iter().filter(|row| ["statistics", "morphology"].contains(&row["family"].as_str())).cloned().collect()
}

fn is_of(found: &Row, wanted: &Row) -> bool {
    match PARAMETERS.iter().find(|(tag, _)| *tag == wanted["tag"]) {
        Some((_, feature)) => found["feature"] == *feature,
        None => {
            found["ibsi_code"] == wanted["ibsi_code"] && [&found["aggregation"], ""].contains(&&*wanted["aggregation"])
        }
    }
}

/// The value of the only row that fits.
fn value(rows: &[Row], fits: impl Fn(&Row) -> bool) -> f64 {
    let fitting: Vec<&Row> = rows.iter().filter(|row| fits(row)).collect();
    let [one] = fitting.as_slice() else { panic!("{} rows, expected one: {fitting:?}", fitting.len()) };
    one["value"].parse().unwrap_or(f64::NAN)
}

/// Voxels and intensities of a region at a stage; the table's boxes and whole images are no output of the program.
fn diagnostic(tag: &str, stages: &[(&str, Vec<Row>)]) -> Option<f64> {
    let (suffix, rows) = stages.iter().find(|(suffix, _)| tag.ends_with(suffix))?;
    let of = |feature: &str| value(rows, |row| row["feature"] == feature);
    match tag.strip_suffix(suffix)? {
        "int_mask_mean_int" => Some(of("mean")),
        "int_mask_min_int" => Some(of("minimum")),
        "int_mask_max_int" => Some(of("maximum")),
        // The energy is the sum of squares, the root mean square that of their mean.
        "int_mask_vox_count" => Some(of("energy") / of("root_mean_square").powi(2)),
        _ => None,
    }
}
