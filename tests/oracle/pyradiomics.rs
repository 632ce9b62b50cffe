//! PyRadiomics 3.0.1 as an oracle: the preset `configs/presets/pyradiomics.toml` against what PyRadiomics computes,
//! every feature within 1e-6 relative.
//!
//! `pyradiomics.csv` holds the values of small images that are made by formulas here and in `pyradiomics.py`, which
//! wrote it, and `pyradiomics-bins.csv` some values in bins of many widths and numbers. With VOXOMICS_REFERENCE, a CT, an MR of the head and one of the breast are compared too.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use voxomics_tests::{
    nifti::{Nifti, straight},
    reference, run, table, workspace,
};

/// The largest relative difference that passes.
const TOLERANCE: f64 = 1e-6;
/// Values this near to 0 are compared absolutely: PyRadiomics adds 2.2e-16 to probabilities.
const ZERO: f64 = 1e-9;

const PRESET: &str = "configs/presets/pyradiomics.toml";
const DIMS: [usize; 3] = [10, 9, 8];
const SPACING: [f64; 3] = [0.75, 1.25, 2.5];

/// Runs an experiment on one case, and gives its row.
fn features(experiment: &Path, image: &Path, mask: &Path, folder: &Path, more: &[&str]) -> BTreeMap<String, String> {
    let list = folder.join("cases.csv");
    let text = format!("case,image,mask\na,{},{}\n", image.display(), mask.display());
    std::fs::write(&list, text).expect("the list is written");
    let out = folder.join("out");
    let mut arguments: Vec<String> = ["run", "--quiet", "--cases"].map(str::to_owned).into();
    arguments.extend([list.display().to_string(), "--out".into(), out.display().to_string()]);
    arguments.extend(more.iter().flat_map(|set| ["--set".to_owned(), (*set).to_owned()]));
    arguments.push(experiment.display().to_string());
    let said = run(arguments);
    assert_eq!(said.code, Some(0), "{said:?}");
    table(&out.join("features.csv")).remove(0)
}

/// The relative difference of each value; one that is not there is infinitely far off.
fn differences(row: &BTreeMap<String, String>, expected: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let difference = |(column, expected): (&String, &f64)| {
        let found = row.get(column).and_then(|cell| cell.parse::<f64>().ok());
        let difference = found.map_or(f64::INFINITY, |found| match (found - expected).abs() {
            small if small <= ZERO && expected.abs() <= ZERO => 0.0,
            difference => difference / expected.abs(),
        });
        (column.clone(), difference)
    };
    expected.iter().map(difference).collect()
}

/// Prints the worst difference of each class, and fails if one is too large.
fn judge(case: &str, differences: &BTreeMap<String, f64>) {
    let mut worst: BTreeMap<&str, (f64, &str)> = BTreeMap::new();
    for (column, difference) in differences {
        let class = column.split('_').nth(1).unwrap_or_default();
        let sofar = worst.entry(class).or_insert((0.0, column));
        if *difference >= sofar.0 {
            *sofar = (*difference, column);
        }
    }
    let mut report = String::new();
    for (class, (difference, column)) in worst {
        let _ = writeln!(report, "{case}: {class:<10} {difference:.1e} ({column})");
    }
    println!("{report}");
    let far = differences.values().any(|difference| difference.is_nan() || *difference > TOLERANCE);
    assert!(!far, "beyond {TOLERANCE:e} of PyRadiomics:\n{report}");
}

fn texture([x, y, z]: [i32; 3]) -> f64 {
    f64::from((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200)
}

fn ball([x, y, z]: [i32; 3]) -> bool {
    10 * (x - 4).pow(2) + 13 * (y - 4).pow(2) + 20 * (z - 3).pow(2) < 140
}

fn region([x, y, z]: [i32; 3]) -> bool {
    let hole = (3 * x + 5 * y + 7 * z) % 11 == 0;
    ball([x, y, z]) && !hole || [x, y, z] == [9, 8, 7]
}

/// The stored values of a case.
fn stored(case: &str, count: usize) -> BTreeMap<String, f64> {
    let rows = table(&workspace().join("tests/oracle/pyradiomics.csv"));
    let of_case = rows.into_iter().filter(|row| row["case"] == case);
    let values: BTreeMap<String, f64> =
        of_case.map(|row| (row["column"].clone(), row["value"].parse().expect("a number"))).collect();
    assert_eq!(values.len(), count, "{case}");
    values
}

/// Compares a made image, with what is changed of the preset.
fn made(case: &str, image: &dyn Fn([i32; 3]) -> f64, mask: &dyn Fn([i32; 3]) -> bool, more: &[&str]) {
    made_of(case, 107, image, mask, more);
}

/// The same, where only so many values have an equivalent.
fn made_of(case: &str, count: usize, image: &dyn Fn([i32; 3]) -> f64, mask: &dyn Fn([i32; 3]) -> bool, more: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let [image_file, mask_file] = ["image.nii", "mask.nii"].map(|name| folder.path().join(name));
    let rows = straight(SPACING, [0.0; 3]);
    let image = Nifti::new(DIMS, rows, |index| image(index.map(|i| i as i32)) as f32);
    let mask = Nifti::new(DIMS, rows, |index| u8::from(mask(index.map(|i| i as i32))));
    for (file, scan) in [(&image_file, image), (&mask_file, mask)] {
        std::fs::write(file, scan.bytes()).expect("the scan is written");
    }
    let row = features(&workspace().join(PRESET), &image_file, &mask_file, folder.path(), more);
    judge(case, &differences(&row, &stored(case, count)));
}

#[test]
fn a_ball_with_holes() {
    made("ball", &texture, &region, &[]);
}

#[test]
fn a_single_slice() {
    made("slice", &texture, &|at| region(at) && at[2] == 3, &[]);
}

#[test]
fn a_flat_ball() {
    made("flat", &|_| 57.0, &ball, &[]);
}

#[test]
fn settings_off_their_defaults() {
    let more = ["discretisation.width=3.5", "features.gldm.alpha=1", "features.firstorder.voxel_array_shift=100"];
    made("settings", &|at| texture(at) / 4.0 + 0.125, &region, &more);
}

#[test]
fn neighbours_within_two_voxels() {
    made_of("distances", 19, &texture, &region, &["features.gldm.distance=2", "features.ngtdm.distance=2"]);
}

#[test]
fn a_fixed_number_of_bins() {
    made("bins", &texture, &region, &["discretisation={ method = \"fixed bin number\", bins = 16 }"]);
}

fn halves(at: [i32; 3]) -> f64 {
    (texture(at) / 2.0).floor()
}

#[test]
fn intensities_on_the_edges_of_bins() {
    let tenths = |at| halves(at) / 10.0;
    made("tenths", &tenths, &region, &["discretisation.width=0.1"]);
    made("tenths counted", &tenths, &region, &["discretisation={ method = \"fixed bin number\", bins = 30 }"]);
    made("flat counted", &|_| 57.0, &ball, &["discretisation={ method = \"fixed bin number\", bins = 32 }"]);
}

/// The image of that name as `pyradiomics.py` makes it, in the same type.
fn named(name: &str) -> Nifti {
    let rows = straight(SPACING, [0.0; 3]);
    let at = |index: [usize; 3]| index.map(|i| i as i32);
    match name {
        "whole" => Nifti::new(DIMS, rows, |index| texture(at(index)) as i16),
        "tenths" => Nifti::new(DIMS, rows, |index| halves(at(index)) / 10.0),
        "single" => Nifti::new(DIMS, rows, |index| (halves(at(index)) / 10.0) as f32),
        "hundredths" => Nifti::new(DIMS, rows, |index| texture(at(index)) / 100.0),
        "flat" => Nifti::new(DIMS, rows, |_| 57_i16),
        "flat tenth" => Nifti::new(DIMS, rows, |_| 0.1_f64),
        "flat single" => Nifti::new(DIMS, rows, |_| 0.1_f32),
        other => panic!("{other}"),
    }
}

/// An experiment with a family for each class in each of the bins of the rows, and the values of its columns.
fn in_bins(rows: &[&BTreeMap<String, String>]) -> (String, BTreeMap<String, f64>) {
    let mut text = String::from(
        "compat = \"pyradiomics\"\n[plugins]\nuse = [\"load-nifti\", \"features-pyradiomics\"]\n[regions.tumour]\n",
    );
    let mut expected = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        let setting = &row["setting"];
        let bins = match row["rule"].as_str() {
            "width" => format!("method = \"fixed bin size\"\nwidth = {setting}"),
            _ => format!("method = \"fixed bin number\"\nbins = {setting}"),
        };
        let mut last = "";
        // Classes in turn: the columns are sorted.
        for (column, value) in row.iter() {
            let Some((class, feature)) = column.split_once('_') else { continue };
            let family = format!("{class}-{index}");
            if class != last {
                let _ = writeln!(text, "[features.{family}]\nfamily = \"pyradiomics-{class}\"");
                let _ = writeln!(text, "[features.{family}.discretisation]\n{bins}");
                last = class;
            }
            expected.insert(format!("original_{family}_{feature}"), value.parse().expect("a number"));
        }
    }
    (text, expected)
}

#[test]
fn bins_of_any_width_and_number() {
    let stored = table(&workspace().join("tests/oracle/pyradiomics-bins.csv"));
    let mut images: BTreeMap<&str, Vec<&BTreeMap<String, String>>> = BTreeMap::new();
    stored.iter().for_each(|row| images.entry(&row["image"]).or_default().push(row));
    assert_eq!((images.len(), stored.len()), (7, 83));
    for (name, rows) in images {
        let (text, expected) = in_bins(&rows);
        let folder = tempfile::tempdir().expect("a folder");
        let [image, mask, experiment] = ["image.nii", "mask.nii", "bins.toml"].map(|name| folder.path().join(name));
        let voxels = Nifti::new(DIMS, straight(SPACING, [0.0; 3]), |index| u8::from(region(index.map(|i| i as i32))));
        std::fs::write(&image, named(name).bytes()).expect("the scan is written");
        std::fs::write(&mask, voxels.bytes()).expect("the scan is written");
        std::fs::write(&experiment, text).expect("the experiment is written");
        let row = features(&experiment, &image, &mask, folder.path(), &[]);
        judge(name, &differences(&row, &expected));
    }
}

#[test]
fn slices_on_their_own() {
    let planar = ["glcm", "glrlm"].map(|class| format!("features.{class}.aggregation=2.5D direction-merged"));
    let volume = ["glszm", "gldm", "ngtdm"].map(|class| format!("features.{class}.aggregation=2.5D"));
    let more: Vec<&str> = planar.iter().chain(&volume).map(String::as_str).collect();
    made("force2D", &texture, &region, &more);
}

#[test]
fn directions_merged() {
    let more = ["features.glcm.aggregation=3D merged", "features.glrlm.aggregation=3D merged"];
    made("merged", &texture, &region, &more);
    made("merged slice", &texture, &|at| region(at) && at[2] == 3, &more);
}

/// The values of a file of `key,value`.
fn of_file(path: &Path) -> BTreeMap<String, f64> {
    let rows = table(path);
    let values: BTreeMap<String, f64> =
        rows.into_iter().map(|row| (row["key"].clone(), row["value"].parse().expect("a number"))).collect();
    assert_eq!(values.len(), 107, "{}", path.display());
    values
}

#[test]
fn scans_of_patients() {
    let Some(folder) = reference() else { return };
    let ct = folder.join("ibsi/ibsi1/ct_phantom");
    let own = folder.join("pyradiomics");
    let pair = |case: &str| [format!("{case}_image.nrrd"), format!("{case}_label.nrrd")].map(|name| own.join(name));
    let cases: [(&str, [PathBuf; 2]); 3] = [
        ("ct", ["image.nii.gz", "mask.nii.gz"].map(|name| ct.join(name))),
        ("brain1", pair("brain1")),
        ("breast1", pair("breast1")),
    ];
    for (case, [image, mask]) in cases {
        let work = tempfile::tempdir().expect("a folder");
        let row = features(&workspace().join(PRESET), &image, &mask, work.path(), &[]);
        judge(case, &differences(&row, &of_file(&own.join(format!("{case}_original_bw25.csv")))));
    }
}
