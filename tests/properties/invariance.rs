//! Turned by 90°, mirrored, moved, padded: a region has the same features.

use voxomics_tests::{
    batch::{Batch, Row},
    nifti::{Nifti, straight},
    scene::noise,
};

use super::EXPERIMENT;

const DIMS: [usize; 3] = [13, 12, 11];
const SPACING: [f64; 3] = [1.0, 1.5, 2.25];

/// An irregular region: a ball with a bite and a tail.
fn in_region([x, y, z]: [usize; 3]) -> bool {
    let square = |a: usize, centre: f64| (a as f64 - centre).powi(2);
    let ball = square(x, 6.0) + square(y, 5.0) + square(z, 5.0) <= 18.0;
    let bite = square(x, 9.0) + square(y, 7.0) + square(z, 6.0) <= 5.0;
    let tail = y == 9 && z == 4 && (3..11).contains(&x);
    ball && !bite || tail
}

/// How the scan is turned: the new axis `i` is the old axis `axes[i]`, backwards if `flips[i]`.
#[derive(Clone, Copy)]
struct Turn {
    axes: [usize; 3],
    flips: [bool; 3],
    /// Background put before the first voxel of each axis.
    pad: usize,
    /// Where the first voxel is, mm.
    origin: [f64; 3],
}

const STAY: Turn = Turn { axes: [0, 1, 2], flips: [false; 3], pad: 0, origin: [0.0; 3] };

impl Turn {
    /// The image and the mask.
    fn scans(self) -> (Nifti, Nifti) {
        let dims = self.axes.map(|axis| DIMS[axis] + 2 * self.pad);
        let rows = straight(self.axes.map(|axis| SPACING[axis]), self.origin);
        let old = move |index: [usize; 3]| -> Option<[usize; 3]> {
            let mut old = [0; 3];
            for i in 0..3 {
                let axis = self.axes[i];
                let at = index[i].checked_sub(self.pad).filter(|at| *at < DIMS[axis])?;
                old[axis] = if self.flips[i] { DIMS[axis] - 1 - at } else { at };
            }
            Some(old)
        };
        let image = Nifti::new(dims, rows, |index| old(index).map_or(-1000, |old| noise(7, old) - 100));
        let mask = Nifti::new(dims, rows, |index| u8::from(old(index).is_some_and(in_region)));
        (image, mask)
    }
}

/// The features of the region in several turns of the scan.
fn features(experiment: &str, turns: &[Turn]) -> Vec<Row> {
    let mut list = String::from("case,image,mask\n");
    let batch = Batch::default();
    for (number, turn) in turns.iter().enumerate() {
        let (image, mask) = turn.scans();
        batch.scan(&format!("i{number}.nii"), &image);
        batch.scan(&format!("m{number}.nii"), &mask);
        list += &format!("c{number},i{number}.nii,m{number}.nii\n");
    }
    batch.write("experiment.toml", experiment);
    batch.write("cases.csv", list);
    let ran = batch.run();
    assert_eq!(ran.said.code, Some(0), "{:?}", ran.said);
    voxomics_tests::table(&ran.out.join("features.csv"))
}

/// How far a feature may drift: nothing but the order of floating-point sums differs.
fn allowance(column: &str) -> f64 {
    match column {
        // A small difference of large sums.
        c if c.contains("information_correlation") || c.contains("skewness") || c.contains("shade") => 1e-9,
        _ => 1e-12,
    }
}

fn assert_alike(rows: &[Row], columns: usize) {
    assert!(rows[0].len() > columns, "{} columns", rows[0].len());
    for row in &rows[1..] {
        for (column, cell) in row.iter().filter(|(column, _)| !["case", "region"].contains(&column.as_str())) {
            let (a, b): (f64, f64) = match (rows[0][column].parse(), cell.parse()) {
                (Ok(a), Ok(b)) => (a, b),
                // An undefined value is an empty cell, in both or in none.
                _ => {
                    assert_eq!(&rows[0][column], cell, "{column}");
                    continue;
                }
            };
            let scale = a.abs().max(b.abs()).max(1e-3);
            assert!((a - b).abs() <= allowance(column) * scale, "{column}: {a} and {b} in case {}", row["case"]);
        }
    }
}

#[test]
fn a_region_turned_by_90_degrees_or_mirrored_has_the_same_features() {
    assert_alike(&features(EXPERIMENT, &turns()), 200);
}

/// Right angles about each axis, mirrors, and both at once.
fn turns() -> [Turn; 7] {
    let turn = |axes, flips| Turn { axes, flips, ..STAY };
    [
        STAY,
        turn([1, 0, 2], [true, false, false]),
        turn([0, 2, 1], [false, true, false]),
        turn([2, 1, 0], [false, false, true]),
        turn([0, 1, 2], [true, false, false]),
        turn([0, 1, 2], [false, false, true]),
        turn([2, 0, 1], [true, true, true]),
    ]
}

/// Families by the definitions of other programs, which claim the same.
const OTHERS: &str = r#"
[plugins]
use = ["load-nifti", "features-lifex", "features-pyradiomics"]
[regions.roi]
any = true
[discretisation]
method = "fixed bin size"
width = 12.5
minimum = -100
[features.lifex]
[features.pyradiomics-firstorder]
[features.pyradiomics-glcm]
[features.pyradiomics-glrlm]
[features.pyradiomics-glszm]
[features.pyradiomics-gldm]
[features.pyradiomics-ngtdm]
"#;

#[test]
fn families_of_other_programs_are_the_same_of_turned_and_mirrored_regions() {
    assert_alike(&features(OTHERS, &turns()), 130);
}

#[test]
fn a_region_moved_in_space_or_within_more_background_has_the_same_bits() {
    let rows = features(
        EXPERIMENT,
        &[
            STAY,
            Turn { origin: [-731.5, 12.25, 1500.0], ..STAY },
            Turn { pad: 9, ..STAY },
            Turn { pad: 1, origin: [3.0, 2.0, 1.0], ..STAY },
        ],
    );
    for (number, row) in rows.iter().enumerate().skip(1) {
        for (column, cell) in row.iter().filter(|(column, _)| *column != "case") {
            // The sphere of 1 cm³ sees what is beyond the region; only there, padding adds voxels.
            if number < 2 || !column.starts_with("local_intensity") {
                assert_eq!(&rows[0][column], cell, "{column} of case {}", row["case"]);
            }
        }
    }
}

#[test]
fn the_order_of_regions_changes_nothing_but_the_order_of_rows() {
    let (image, mask) = STAY.scans();
    let two = mask.map(|[x, y, z]| if in_region([x, y, z]) { 1 + u8::from(x > 6) } else { 0_u8 });
    let run = |regions: &str| {
        let batch =
            Batch::new(&EXPERIMENT.replace("[regions.roi]\nany = true\n", regions), "case,image,mask\nc,i.nii,m.nii\n");
        batch.scan("i.nii", &image);
        batch.scan("m.nii", &two);
        let ran = batch.run();
        assert_eq!(ran.said.code, Some(0), "{:?}", ran.said);
        let mut rows = voxomics_tests::table(&ran.out.join("features.csv"));
        rows.sort_by(|a, b| a["region"].cmp(&b["region"]));
        rows
    };
    let (a, b) = ("[regions.a]\nlabel = 1\n", "[regions.b]\nlabel = 2\n");
    let ring = "[regions.ring]\nring_of = \"a\"\noutward_mm = 2.5\n";
    assert_eq!(run(&format!("{a}{b}{ring}")), run(&format!("{ring}{b}{a}")));
}
