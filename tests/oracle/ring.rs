//! Ring, shells, cores and sectors of the whole program against SciPy's figures: `ring.py` and `layers.py` make the same masks
//! and write `ring.csv` and `layers.csv`.

use std::fmt::Write as _;

use voxomics_tests::{
    batch::Batch,
    nifti::{Nifti, Rows},
};

const FIGURES: &str = include_str!("ring.csv");
const LAYERS: &str = include_str!("layers.csv");

/// Centre, weights of the squared steps, and their limit.
type Ellipsoid = ([i64; 3], [i64; 3], i64);

struct Scan {
    name: &'static str,
    dims: [usize; 3],
    ellipsoids: [Ellipsoid; 2],
    rows: Rows,
}

const SCANS: [Scan; 2] = [
    Scan {
        name: "anisotropic",
        dims: [40, 36, 20],
        ellipsoids: [([16, 15, 9], [2, 3, 20], 200), ([24, 20, 11], [4, 2, 25], 150)],
        rows: [[0.7, 0.0, 0.0, -31.5], [0.0, 0.9, 0.0, 12.25], [0.0, 0.0, 2.5, -400.0]],
    },
    Scan {
        name: "oblique",
        dims: [34, 36, 28],
        ellipsoids: [([15, 17, 13], [3, 2, 5], 190), ([20, 13, 15], [2, 4, 6], 120)],
        rows: [
            [0.9526279441628827, -0.4, 0.0, 45.5],
            [0.5168309414322496, 0.6510381450794991, -0.5814342436536368, -10.75],
            [0.1881110788291178, 0.2369585061808191, 1.5974774553360442, 120.0],
        ],
    },
];

fn in_tumour(scan: &Scan, index: [usize; 3]) -> bool {
    let [x, y, z] = index.map(|i| i as i64);
    let reach = |(centre, weights, limit): &Ellipsoid| {
        let step = |axis: usize| [x, y, z][axis] - centre[axis];
        (0..3).map(|axis| weights[axis] * step(axis) * step(axis)).sum::<i64>() - limit
    };
    let nearest = scan.ellipsoids.iter().map(reach).min().unwrap_or(i64::MAX);
    let turned = ((x * 73_856_093) ^ (y * 19_349_663) ^ (z * 83_492_791)) % 13 == 0;
    (nearest <= 0) != (nearest <= 60 && turned)
}

/// Outward, inward, voxels; the tumour itself without limits.
fn figures(scan: &Scan) -> Vec<(Option<[f64; 2]>, f64)> {
    let mut reader = csv::Reader::from_reader(FIGURES.as_bytes());
    let records = reader.records().map(|record| record.expect("a row"));
    let of_scan = records.filter(|record| &record[0] == scan.name).map(|record| {
        let number = |column: usize| record[column].parse::<f64>().ok();
        let limits = number(1).zip(number(2)).map(|(outward, inward)| [outward, inward]);
        (limits, number(3).expect("a number of voxels"))
    });
    of_scan.collect()
}

const EXPERIMENT: &str = "[plugins]\nuse = [\"load-nifti\", \"features-morphology\"]\n[regions.tumour]\n\
                          [features.morphology]\nonly = \"volume_voxel_counting\"\n";

/// Runs an experiment on one scan: how many voxels a region has.
fn voxels(scan: &Scan, experiment: &str) -> impl Fn(&str) -> f64 + use<> {
    let batch = Batch::new(experiment, "case,image,mask\nscan,image.nii,mask.nii\n");
    let mask = Nifti::new(scan.dims, scan.rows, |index| u8::from(in_tumour(scan, index)));
    batch.scan("mask.nii", &mask);
    batch.scan("image.nii", &mask.map(|[x, y, z]| (x + y + z) as i16));
    let ran = batch.run_well();
    // The file holds the affine in single precision.
    let stored = scan.rows.map(|row| row.map(|x| f64::from(x as f32)));
    let voxel: f64 = (0..3).map(|axis| stored.iter().map(|row| row[axis] * row[axis]).sum::<f64>().sqrt()).product();
    move |region| {
        let volume: f64 = ran.region("scan", region)["morphology.volume_voxel_counting"].parse().expect("a volume");
        volume / voxel
    }
}

#[test]
fn scipy_counts_the_same_voxels_on_anisotropic_and_oblique_grids() {
    for scan in &SCANS {
        let figures = figures(scan);
        assert!(figures.len() > 6, "{} has no figures", scan.name);
        let mut experiment = EXPERIMENT.to_owned();
        let rings = figures.iter().filter_map(|(limits, _)| *limits);
        for (i, [outward, inward]) in rings.enumerate() {
            for grid in ["interpolated", "original"] {
                let ring = format!("ring_of = \"tumour\"\noutward_mm = {outward:?}\ninward_mm = {inward:?}");
                writeln!(experiment, "[regions.{grid}_{i}]\n{ring}\ngrid = \"{grid}\"").expect("a text");
            }
        }
        let voxels = voxels(scan, &experiment);
        let (tumour, rings) = figures.split_first().expect("the tumour comes first");
        assert!((voxels("tumour") - tumour.1).abs() < 1e-6, "{}: {} voxels", scan.name, voxels("tumour"));
        for (i, (limits, expected)) in rings.iter().enumerate() {
            for grid in ["interpolated", "original"] {
                let found = voxels(&format!("{grid}_{i}"));
                let gap = (found - expected).abs();
                assert!(gap < 1e-6, "{}, {grid} grid, {limits:?} mm: {found}, SciPy {expected}", scan.name);
            }
        }
    }
}

#[test]
fn scipy_counts_the_same_voxels_in_shells_cores_and_sectors() {
    for scan in &SCANS {
        let mut reader = csv::Reader::from_reader(LAYERS.as_bytes());
        let records = reader.records().map(|record| record.expect("a row"));
        let figures: Vec<csv::StringRecord> = records.filter(|record| &record[0] == scan.name).collect();
        let of = |kind: &str| figures.iter().filter(|row| &row[1] == kind).collect::<Vec<_>>();
        let mut distances: Vec<&str> = of("shell").iter().map(|row| &row[2]).collect();
        distances.extend(of("shell").last().map(|row| &row[3]));
        let mut experiment = format!(
            "{EXPERIMENT}[regions.near]\nring_of = \"tumour\"\noutward_mm = 3.05\n\
             [regions.shell]\nring_of = \"tumour\"\ndistances_mm = [{}]\n",
            distances.join(", ")
        );
        for (kind, key) in [("deeper", "deeper_than_mm"), ("share", "volume_share")] {
            for (i, row) in of(kind).iter().enumerate() {
                writeln!(experiment, "[regions.{kind}_{i}]\ncore_of = \"tumour\"\n{key} = {}", &row[2])
                    .expect("a text");
            }
        }
        for (kind, region) in [("tumour", "tumour"), ("ring", "near")] {
            for row in of(kind).iter().filter(|row| &row[2] == "1") {
                let count = &row[3];
                writeln!(experiment, "[regions.{kind}_of_{count}]\nsectors_of = \"{region}\"\nsectors = {count}")
                    .expect("a text");
            }
        }
        let voxels = voxels(scan, &experiment);
        let mut seen = (0, 0);
        for row in &figures {
            let at = |kind: &str| of(kind).iter().position(|other| other == &row).expect("a row");
            let name = match &row[1] {
                "shell" => format!("shell_{}_{}", &row[2], &row[3]).replace('.', "p"),
                kind @ ("deeper" | "share") => format!("{kind}_{}", at(kind)),
                kind => format!("{kind}_of_{}_{}", &row[3], &row[2]),
            };
            let expected: f64 = row[4].parse().expect("a number");
            let gap = (voxels(&name) - expected).abs();
            assert!(gap < 1e-6, "{}, {name}: {}, SciPy {expected}", scan.name, voxels(&name));
            seen = (seen.0 + 1, seen.1 + usize::from(expected > 0.0));
        }
        assert!(seen.0 == 40 && seen.1 > 35, "{}: {seen:?}", scan.name);
    }
}
