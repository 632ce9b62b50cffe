//! Regions that are hardly any: an answer for every feature, a value or a reason, and never a panic.

use voxomics_tests::{
    batch::Batch,
    nifti::{Nifti, Rows, straight},
    scene::noise,
    table,
};

use super::EXPERIMENT;

const DIMS: [usize; 3] = [12, 11, 10];

type Region = fn([usize; 3]) -> bool;

/// Every degenerate region, by name.
const REGIONS: [(&str, Region); 11] = [
    ("one voxel", |i| i == [5, 5, 5]),
    ("one voxel in a corner", |i| i == [0, 0, 0]),
    ("two voxels", |i| i[0] >= 5 && i[0] < 7 && i[1] == 5 && i[2] == 5),
    ("three voxels", |i| i[0] >= 5 && i[0] < 8 && i[1] == 5 && i[2] == 5),
    ("diagonal", |i| i[0] == i[1] && i[1] == i[2]),
    ("line", |i| i[1] == 5 && i[2] == 5),
    ("plane", |i| i[2] == 5),
    ("two far voxels", |i| i == [0, 0, 0] || i == [11, 10, 9]),
    ("chessboard", |i| (i[0] + i[1] + i[2]).is_multiple_of(2)),
    ("hollow", |i| i.iter().zip(DIMS).any(|(at, n)| *at == 0 || *at == n - 1)),
    ("full image", |_| true),
];

/// Geometries that are unusual but sound.
fn geometries() -> [(&'static str, Rows); 3] {
    let (c, s) = (0.8, 0.6);
    [
        ("straight", straight([1.0, 1.5, 2.0], [0.0; 3])),
        ("negative", [[-1.0, 0.0, 0.0, 9.0], [0.0, -1.5, 0.0, 3.0], [0.0, 0.0, -2.0, 1.0]]),
        ("oblique", [[c, -1.5 * s, 0.0, 5.0], [s, 1.5 * c, 0.0, -7.0], [0.0, 0.0, 2.0, 0.0]]),
    ]
}

/// Runs a batch of regions and asks for a value or a reason for every feature.
fn every_feature_is_answered(experiment: &str, image: impl Fn([usize; 3]) -> i16 + Copy) {
    let batch = Batch::default();
    let mut list = String::from("case,image,mask\n");
    for (geometry, rows) in geometries() {
        batch.scan(&format!("{geometry}.nii"), &Nifti::new(DIMS, rows, image));
        for (number, (name, region)) in REGIONS.iter().enumerate() {
            let mask = format!("{geometry}-{number}.nii");
            batch.scan(&mask, &Nifti::new(DIMS, rows, |index| u8::from(region(index))));
            list += &format!("{name} {geometry},{geometry}.nii,{mask}\n");
        }
    }
    batch.write("experiment.toml", experiment);
    batch.write("cases.csv", list);
    let ran = batch.run();
    assert_eq!(ran.said.code, Some(0), "{:?}", ran.said);
    let values = table(&ran.out.join("features_long.csv"));
    let cases = REGIONS.len() * geometries().len();
    assert_eq!(values.len() % cases, 0, "{} values of {cases} cases", values.len());
    assert!(values.len() / cases > 200, "{} values a case", values.len() / cases);
    for row in values {
        let sound = match row["status"].as_str() {
            "ok" => row["value"].parse::<f64>().is_ok_and(f64::is_finite) && row["reason"].is_empty(),
            "undefined" => row["value"].is_empty() && !row["reason"].is_empty(),
            _ => false,
        };
        assert!(sound, "{row:?}");
    }
}

#[test]
fn hardly_any_voxels() {
    every_feature_is_answered(EXPERIMENT, |index| noise(3, index) - 100);
}

#[test]
fn one_intensity() {
    every_feature_is_answered(EXPERIMENT, |_| 40);
}

#[test]
fn ten_thousand_grey_levels() {
    let fine = EXPERIMENT.replace("width = 12.5", "width = 0.02");
    every_feature_is_answered(&fine, |index| noise(3, index) - 100);
}
