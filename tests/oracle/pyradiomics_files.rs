//! PyRadiomics 3.0.1 as an oracle for parameter files: each file in `pyradiomics_files/` is imported and run, and every value
//! that PyRadiomics computes by it must be there, within 1e-6 relative.
//!
//! `pyradiomics_files.csv` has the values, of small images that are made by the same formulas here and in
//! `pyradiomics_files.py`, which wrote it. Eight of the files ask for what the examples ask for that come with PyRadiomics; the
//! others are for one setting each.

use std::collections::BTreeMap;

use voxomics_tests::{
    batch::Batch,
    nifti::{Nifti, straight},
    run, table, workspace,
};

/// The largest relative difference that passes.
const TOLERANCE: f64 = 1e-6;
/// Values this near to 0 are compared absolutely.
const ZERO: f64 = 1e-9;
const DIMS: [usize; 3] = [26, 24, 14];

fn texture([x, y, z]: [i64; 3]) -> i64 {
    (7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401
}

fn smooth([x, y, z]: [i64; 3]) -> i64 {
    3 * x * x - 2 * y * x + 11 * z * y + texture([x, y, z]) / 3
}

fn ball([x, y, z]: [i64; 3]) -> bool {
    10 * (x - 12).pow(2) + 13 * (y - 11).pow(2) + 40 * (z - 6).pow(2) < 400
}

/// Image and mask of a name, as `pyradiomics_files.py` makes them.
fn made(name: &str) -> [Nifti; 2] {
    let at = |index: [usize; 3]| index.map(|i| i as i64);
    let (spacing, origin) = match name {
        "mr" => ([0.75, 1.25, 2.5], [-31.5, 12.25, 7.0]),
        "thirds" => ([1.0, 1.0, 1.5], [0.0; 3]),
        "pet" => ([0.875, 0.875, 3.125], [4.0, -100.125, 0.375]),
        "slice" => ([0.75, 1.25, 2.5], [0.0; 3]),
        other => panic!("{other}"),
    };
    let rows = straight(spacing, origin);
    let image = match name {
        "thirds" => Nifti::new(DIMS, rows, |index| texture(at(index)) as i16),
        "pet" => Nifti::new(DIMS, rows, |index| (texture(at(index)) as f64 / 8.0) as f32),
        _ => Nifti::new(DIMS, rows, |index| smooth(at(index)) as i16),
    };
    let inside = |index| ball(index) && (name != "slice" || index[2] == 6);
    [image, Nifti::new(DIMS, rows, |index| u8::from(inside(at(index))))]
}

/// Imports a file and runs it: what the import said, its exit code, and the row.
fn imported(name: &str) -> (String, Option<i32>, BTreeMap<String, String>) {
    let file = workspace().join("tests/oracle/pyradiomics_files").join(format!("{name}.yaml"));
    let text = std::fs::read_to_string(&file).expect("the file is there");
    let image = text.lines().next().and_then(|line| line.strip_prefix("# image: ")).unwrap_or("mr");
    let batch = Batch::default();
    let toml = batch.path("made.toml").display().to_string();
    let said = run(["import", "pyradiomics", &file.display().to_string(), "-o", &toml]);
    let [image_file, mask_file] = ["image.nii", "mask.nii"].map(|name| batch.path(name));
    for (file, scan) in [&image_file, &mask_file].into_iter().zip(made(image)) {
        std::fs::write(file, scan.bytes()).expect("the scan is written");
    }
    let list =
        batch.write("cases.csv", format!("case,image,mask\na,{},{}\n", image_file.display(), mask_file.display()));
    let out = batch.path("out");
    let ran =
        run(["run", "--quiet", &toml, "--cases", &list.display().to_string(), "--out", &out.display().to_string()]);
    assert_eq!(ran.code, Some(0), "{name}: {ran:?}");
    (said.err, said.code, table(&out.join("features.csv")).remove(0))
}

/// What is stored of a file.
fn stored(name: &str) -> BTreeMap<String, f64> {
    let rows = table(&workspace().join("tests/oracle/pyradiomics_files.csv"));
    let of_file = rows.into_iter().filter(|row| row["file"] == name);
    of_file.map(|row| (row["column"].clone(), row["value"].parse().expect("a number"))).collect()
}

/// A file without a loss: so many values, and no column beside them that has one.
fn whole(name: &str, count: usize) {
    let expected = stored(name);
    assert_eq!(expected.len(), count, "{name}");
    let (said, code, row) = imported(name);
    assert_eq!(code, Some(0), "{name}: {said}");
    let mut far = Vec::new();
    let mut worst = 0.0_f64;
    for (column, expected) in &expected {
        let found = row.get(column).and_then(|cell| cell.parse::<f64>().ok()).unwrap_or(f64::NAN);
        let difference = (found - expected).abs();
        if difference <= ZERO && expected.abs() <= ZERO {
            continue;
        }
        worst = worst.max(difference / expected.abs());
        if difference.is_nan() || difference > TOLERANCE * expected.abs() {
            far.push(format!("{column}: {found:?}, there {expected:?}"));
        }
    }
    let beside = row.iter().filter(|(column, cell)| {
        column.matches('_').count() == 2 && !expected.contains_key(*column) && cell.parse::<f64>().is_ok()
    });
    let beside: Vec<&String> = beside.map(|(column, _)| column).collect();
    println!("{name}: {count} values, {worst:.1e}");
    assert!(far.is_empty(), "{name}: {} of {count} differ:\n{}", far.len(), far[..far.len().min(20)].join("\n"));
    assert!(beside.is_empty(), "{name}: PyRadiomics has no {beside:?}");
}

macro_rules! whole {
    ($($test:ident: $file:literal, $count:literal;)*) => {
        $(#[test] fn $test() { whole($file, $count); })*
    };
}

whole! {
    params: "Params", 100;
    ct: "exampleCT", 1218;
    mr_3mm: "exampleMR_3mm", 1132;
    mr_5mm: "exampleMR_5mm", 960;
    mr_without_resampling: "exampleMR_NoResampling", 702;
    mr_of_one_slice: "MR_2D_extraction", 828;
    voxels: "exampleVoxel", 1;
    all_of_shape: "example_allShape", 17;
    cut_before_filters: "cut", 115;
    wavelets_within_slices: "slices", 43;
    resampled_onto_old_centres: "thirds", 68;
    resampled_linearly: "linear", 13;
    resampled_in_single_precision: "single", 13;
    resampled_by_the_nearest: "nearest", 7;
    resampled_to_the_same_spacing: "same", 13;
    limits_after_normalisation: "normalised_range", 26;
    shape_of_the_box_that_limits_leave: "range", 20;
    shape_within_limits: "range_shape", 20;
    limits_of_the_maximum: "relative", 26;
    neighbours_at_distances_with_a_gap: "distances", 43;
    pairs_that_have_an_order: "ordered", 43;
    directions_weighted_by_the_manhattan_norm: "manhattan", 40;
    directions_weighted_by_the_euclidean_norm: "euclidean", 40;
    directions_weighted_by_the_longest_side: "infinity", 40;
    all_of_these_within_slices: "ordered_planes", 295;
    a_number_of_bins_goes_before_a_width: "count_before_width", 16;
    keys_without_a_value: "empty", 9;
    patterns_of_near_and_many_neighbours: "patterns", 3;
    shape_in_a_slice_without_a_class: "one_slice", 116;
}
