//! Maps against PyRadiomics 3.0.1 voxel by voxel: every class, within 1e-6 relative.
//!
//! `pyradiomics_maps.csv` holds what PyRadiomics computes of a small image that is made by formulas here and in
//! `pyradiomics_maps.py`, which wrote it.

use std::{collections::BTreeMap, path::Path};

use voxomics_tests::{
    nifti::{Nifti, straight},
    run,
    volumes::read_nrrd,
    workspace,
};

const TOLERANCE: f64 = 1e-6;
/// Values this near to 0 are compared absolutely: PyRadiomics adds 2.2e-16 to probabilities.
const ZERO: f64 = 1e-9;
const DIMS: [usize; 3] = [10, 9, 8];
const SPACING: [f64; 3] = [0.75, 1.25, 2.5];
/// Each voxel of the region whose number this divides stands in the table.
const STRIDE: usize = 11;
const CLASSES: [&str; 6] = ["firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"];

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

fn blocks([x, y, z]: [i32; 3]) -> f64 {
    f64::from((x / 2 + 2 * (y / 2) + 3 * (z / 2)) % 5 * 25 + 3)
}

/// The experiment of a case: maps of every class, with further lines for each, and for one class alone.
fn experiment(bins: &str, all: &str, of_class: &dyn Fn(&str) -> String) -> String {
    let maps =
        CLASSES.map(|class| format!("[maps.{class}]\nof = \"original\"\nfill = -1\n{all}\n{}\n", of_class(class)));
    format!(
        "compat = \"pyradiomics\"\n[plugins]\nuse = [\"load-nifti\", \"features-pyradiomics\"]\n[regions.tumour]\n\
         [discretisation]\n{bins}\n{}",
        maps.join("")
    )
}

struct Stored {
    defined: usize,
    mean: f64,
    values: Vec<f64>,
}

fn stored(case: &str) -> BTreeMap<String, Stored> {
    let text =
        std::fs::read_to_string(workspace().join("tests/oracle/pyradiomics_maps.csv")).expect("the table is there");
    let rows = text.lines().map(|line| line.split(',').collect::<Vec<_>>()).filter(|row| row[0] == case);
    let number = |cell: &str| cell.parse::<f64>().expect("a number");
    let read = |row: Vec<&str>| {
        let values = row[4..].iter().map(|cell| number(cell)).collect();
        (row[1].to_owned(), Stored { defined: row[2].parse().expect("a count"), mean: number(row[3]), values })
    };
    let all: BTreeMap<String, Stored> = rows.map(read).collect();
    assert_eq!(all.len(), 93, "{case}");
    all
}

fn differ(found: f64, expected: f64) -> bool {
    if found.is_nan() || expected.is_nan() {
        return found.is_nan() != expected.is_nan();
    }
    let difference = (found - expected).abs();
    difference > TOLERANCE * expected.abs() && !(difference <= ZERO && expected.abs() <= ZERO)
}

/// The voxels of the region in a map's file, in their order; what lies outside must have the value that was asked for.
fn of_region(file: &Path, region: &dyn Fn([i32; 3]) -> bool) -> Vec<f64> {
    let map = read_nrrd(file);
    let start: [usize; 3] = std::array::from_fn(|axis| (map.origin[axis] / SPACING[axis]).abs().round() as usize);
    let mut values = Vec::new();
    for (at, value) in map.voxels.iter().enumerate() {
        let [nx, ny, _] = map.dims;
        let index = [at % nx, at / nx % ny, at / (nx * ny)];
        match region(std::array::from_fn(|axis| (index[axis] + start[axis]) as i32)) {
            true => values.push(*value),
            false => assert_eq!(*value, -1.0, "{} at {index:?}", file.display()),
        }
    }
    values
}

fn compare(case: &str, text: &str, image: &dyn Fn([i32; 3]) -> f64, mask: &dyn Fn([i32; 3]) -> bool, except: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let rows = straight(SPACING, [0.0; 3]);
    let scan = Nifti::new(DIMS, rows, |index| image(index.map(|i| i as i32)) as f32);
    let outline = Nifti::new(DIMS, rows, |index| u8::from(mask(index.map(|i| i as i32))));
    std::fs::write(at("image.nii"), scan.bytes()).expect("the scan is written");
    std::fs::write(at("mask.nii"), outline.bytes()).expect("the mask is written");
    std::fs::write(at("cases.csv"), "case,image,mask\na,image.nii,mask.nii\n").expect("the list is written");
    std::fs::write(at("maps.toml"), text).expect("the experiment is written");
    let arguments = ["run", "--quiet", "--cases"].map(str::to_owned).into_iter();
    let paths = [at("cases.csv"), "--out".into(), at("out"), at("maps.toml")].map(|path| path.display().to_string());
    let said = run(arguments.chain(paths));
    assert_eq!(said.code, Some(0), "{said:?}");
    let mut wrong = Vec::new();
    for (name, expected) in stored(case).into_iter().filter(|(name, _)| !except.contains(&name.as_str())) {
        let values = of_region(&at("out/written/a").join(format!("original_{name}.nrrd")), mask);
        let defined: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        let mean = defined.iter().sum::<f64>() / defined.len() as f64;
        if defined.len() != expected.defined || differ(mean, expected.mean) {
            wrong.push(format!(
                "{name}: {} of mean {mean}, expected {} of {}",
                defined.len(),
                expected.defined,
                expected.mean
            ));
        }
        let some: Vec<f64> = values.into_iter().step_by(STRIDE).collect();
        assert_eq!(some.len(), expected.values.len(), "{name}");
        let pairs = some.iter().zip(&expected.values).enumerate();
        wrong.extend(
            pairs.filter(|(_, (a, b))| differ(**a, **b)).map(|(at, (a, b))| format!("{name}[{at}]: {a}, expected {b}")),
        );
    }
    assert!(wrong.is_empty(), "{case}, {} of them:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

const WIDTH_25: &str = "method = \"fixed bin size\"\nwidth = 25";

fn nothing(_: &str) -> String {
    String::new()
}

#[test]
fn a_ball_with_holes() {
    compare("ball", &experiment(WIDTH_25, "", &nothing), &texture, &region, &[]);
}

#[test]
fn blocks_of_few_levels() {
    compare("blocks", &experiment(WIDTH_25, "", &nothing), &blocks, &region, &[]);
}

#[test]
fn two_voxels_around() {
    let bins = "method = \"fixed bin size\"\nwidth = 50";
    compare("radius 2", &experiment(bins, "radius = 2", &nothing), &texture, &region, &[]);
}

#[test]
fn beyond_the_region() {
    compare("beyond", &experiment(WIDTH_25, "beyond_region = true", &nothing), &texture, &region, &[]);
}

#[test]
fn within_slices() {
    let aggregation = |class: &str| match class {
        "firstorder" => String::new(),
        "glcm" | "glrlm" => "aggregation = \"2.5D direction-merged\"".to_owned(),
        _ => "aggregation = \"2.5D\"".to_owned(),
    };
    compare("force2D", &experiment(WIDTH_25, "radius = [1, 1, 0]", &aggregation), &texture, &region, &[]);
}

#[test]
fn settings_off_their_defaults() {
    let own = |class: &str| match class {
        "gldm" => "alpha = 1".to_owned(),
        "firstorder" => "voxel_array_shift = 100".to_owned(),
        _ => String::new(),
    };
    let text = experiment("method = \"fixed bin size\"\nwidth = 3.5", "", &own);
    compare("settings", &text, &|at| texture(at) / 4.0 + 0.125, &region, &[]);
}

#[test]
fn a_number_of_bins() {
    compare("bins", &experiment("method = \"fixed bin number\"\nbins = 8", "", &nothing), &texture, &region, &[]);
}

#[test]
fn a_flat_region() {
    compare("flat", &experiment(WIDTH_25, "", &nothing), &|_| 57.0, &ball, &[]);
}

#[test]
fn directions_merged() {
    let merged = |class: &str| match class {
        "glcm" | "glrlm" => "aggregation = \"3D merged\"".to_owned(),
        _ => String::new(),
    };
    // PyRadiomics gives these a value for a voxel that has no neighbour, and no other feature of their classes.
    let except = ["glcm_MCC", "glrlm_RunEntropy", "glrlm_RunVariance"];
    compare("merged", &experiment(WIDTH_25, "", &merged), &texture, &region, &except);
}
