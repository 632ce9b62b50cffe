//! Perturbed cases: what changes nothing, what changes as it should, and what MIRP gives.

use std::collections::BTreeMap;

use voxomics_tests::{
    batch::{Batch, Ran, Row},
    nifti::{Nifti, straight},
    scene, table,
};

use super::EXPERIMENT;

/// The scan's own grid, on which an image can be moved all the same.
const KEPT: &str = "[interpolation]\nspacing_mm = [0, 0, 0]\nimage = \"linear\"\nmask = \"linear\"\n";

/// Columns that are no features.
const GIVEN: [&str; 11] = [
    "case",
    "region",
    "perturbation",
    "rotation_deg",
    "translation_x",
    "translation_y",
    "translation_z",
    "volume_change",
    "noise",
    "noise_sd",
    "reason",
];

/// A scan that ends where the mask of the lesion has plenty of room, and so is a perturbed one.
fn batch(experiment: &str, cases: &[u64]) -> Batch {
    let batch = Batch::default();
    let mut list = String::from("case,image,mask\n");
    for case in cases {
        batch.scan(&format!("i{case}.nii"), &scene::image(*case));
        list += &format!("c{case},i{case}.nii,m.nii\n");
    }
    batch.scan("m.nii", &scene::mask());
    batch.write("experiment.toml", experiment);
    batch.write("cases.csv", list);
    batch
}

fn experiment(perturb: &str) -> String {
    format!("{EXPERIMENT}{KEPT}[perturb]\n{perturb}\n")
}

/// The features of a row, by column.
fn features(row: &Row) -> BTreeMap<&str, &str> {
    let all = row.iter().map(|(column, cell)| (column.as_str(), cell.as_str()));
    all.filter(|(column, _)| !GIVEN.contains(column)).collect()
}

fn assert_alike(of: &Row, with: &Row, allowed: f64) {
    let (of, with) = (features(of), features(with));
    assert!(of.len() > 200 && of.keys().eq(with.keys()));
    for (column, a) in of {
        let b = with[column];
        let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) else {
            assert_eq!(a, b, "{column}");
            continue;
        };
        // Small differences of large sums.
        let loose = ["information_correlation", "skewness", "shade"].iter().any(|word| column.contains(word));
        let allowed = if loose { 1000.0 * allowed } else { allowed };
        assert!((a - b).abs() <= allowed * a.abs().max(b.abs()).max(1e-3), "{column}: {a} and {b}");
    }
}

#[test]
fn what_moves_nothing_has_the_bits_of_the_case_and_the_case_has_its_own() {
    let moved = batch(&experiment("rotation_deg = [0, 30]\nvolume_change = [0, 0.2]"), &[3]).run_well();
    let plain = batch(&format!("{EXPERIMENT}{KEPT}"), &[3]).run_well();
    for name in ["features.csv", "features_long.csv", "inputs.csv", "failures.csv"] {
        assert_eq!(moved.lines(name), plain.lines(name), "{name}");
    }
    assert!(!plain.out.join("perturbed.csv").exists() && !plain.out.join("robustness.csv").exists());
    let (case, perturbed) = (moved.table("features.csv"), moved.table("perturbed.csv"));
    assert_eq!(perturbed.len(), 4);
    assert_eq!(features(&case[0]), features(&perturbed[0]));
    let differ = |row: &Row| features(row).iter().filter(|(column, cell)| case[0][**column] != **cell).count();
    assert!(
        perturbed[1..].iter().all(|row| differ(row) > 200),
        "{:?}",
        perturbed.iter().map(differ).collect::<Vec<_>>()
    );
    let told: Vec<&str> = ["perturbation", "rotation_deg", "volume_change", "noise", "noise_sd", "reason"]
        .iter()
        .map(|column| perturbed[3][*column].as_str())
        .collect();
    assert_eq!(told, ["4", "30", "0.2", "0", "", ""]);
}

#[test]
fn a_move_by_whole_voxels_or_a_quarter_turn_leaves_the_features() {
    // Cubes of voxels, so that a turned grid has the voxels of the scan; 6.2 mm around the region, which the local intensity looks at,
    // lie within the scan.
    let batch = batch(&experiment("rotation_deg = 0"), &[5]);
    let grid = straight([1.5; 3], [4.0, -9.0, 30.0]);
    let inside = |[x, y, z]: [usize; 3]| {
        let square = |a: usize, centre: f64| (a as f64 - centre).powi(2);
        let ball = square(x, 9.0) + square(y, 10.5) + square(z, 9.0) <= 16.0;
        u8::from(ball && !(x > 10 && y > 11))
    };
    batch.scan("i5.nii", &Nifti::new([21, 19, 19], grid, |index| scene::noise(5, index) - 100));
    batch.scan("m.nii", &Nifti::new([21, 19, 19], grid, inside));
    for perturb in ["translation = [[0, 0, 0], [1, 0, 0], [0, -1, 1]]", "rotation_deg = [0, 90, 180, -90]"] {
        batch.write("experiment.toml", experiment(perturb));
        let rows = batch.run_into("out", &["--replace"]).well().table("perturbed.csv");
        assert!(rows.len() > 2);
        rows[1..].iter().for_each(|row| assert_alike(&rows[0], row, 1e-12));
    }
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} is `{}`: {row:?}", row[column]))
}

#[test]
fn a_region_has_the_volume_that_is_asked_for_or_is_absent_by_name() {
    let changes = [-0.997, -0.8, -0.15, 0.1, 0.333, 1.0, 5.0, 9.5];
    let ran = batch(&experiment(&format!("volume_change = {changes:?}")), &[3]).run_well();
    let whole = number(&ran.table("features.csv")[0], "morphology.volume_voxel_counting");
    let voxel: f64 = scene::SPACING.iter().product();
    for (row, change) in ran.table("perturbed.csv").iter().zip(changes) {
        // Of 279 voxels 2,929.5 are more than the scan has, and 0.8 are less than one.
        let reason = match change {
            -0.997 => "of its 279 voxels none is left when it shrinks",
            9.5 => "the scan has no room for more",
            _ => "",
        };
        assert!(row["reason"].contains(reason) && row["reason"].is_empty() == reason.is_empty(), "{}", row["reason"]);
        match reason {
            "" => {
                let found = number(row, "morphology.volume_voxel_counting");
                assert!((found - (1.0 + change) * whole).abs() < voxel, "{change}: {found} of {whole}");
            }
            _ => assert!(features(row).values().all(|cell| cell.is_empty())),
        }
    }
    assert!(
        ran.said.err.contains("regions grow and shrink by whole voxels, which are 1 to 2 mm wide"),
        "{:?}",
        ran.said
    );
    assert_eq!(ran.lines("failures.csv").len(), 1);
}

/// Everything that a number may not depend on: threads, other cases, other perturbations, an earlier run.
#[test]
fn a_perturbation_depends_on_seed_and_case_alone() {
    let text = experiment(
        "rotation_deg = [-10, 25]\ntranslation = [0.25, 0.75]\nnoise = 2\nvolume_change = [-0.1, 0.1]\ndraw = 6",
    );
    let text = text.replace("[interpolation]", "[experiment]\nseed = 4\n[interpolation]");
    let both = batch(&text, &[3, 8]);
    let one = both.run_into("one", &["--threads", "1"]).well();
    let again = both.run_into("one", &["--threads", "3"]).well();
    assert!(again.said.out.contains("2 cases finished before"), "{:?}", again.said);
    let lines = one.lines("perturbed.csv");
    assert_eq!(lines, again.lines("perturbed.csv"));
    assert_eq!(lines, both.run_into("other", &["--threads", "3"]).well().lines("perturbed.csv"));
    let rows = one.table("perturbed.csv");
    assert_eq!(rows.len(), 12);
    let alone = batch(&text, &[8]).run_well().table("perturbed.csv");
    assert_eq!(rows[6..], alone[..]);
    // Asked for alone, a perturbation has the values that it has among others.
    let [angle, x, y, z, change] =
        ["rotation_deg", "translation_x", "translation_y", "translation_z", "volume_change"].map(|name| &rows[0][name]);
    let alone = format!("rotation_deg = {angle}\ntranslation = [[{x}, {y}, {z}]]\nnoise = 2\nvolume_change = {change}");
    let found = batch(&experiment(&alone).replace("[interpolation]", "[experiment]\nseed = 4\n[interpolation]"), &[3]);
    let found = found.run_well().table("perturbed.csv");
    let at = usize::from(rows[0]["noise"] == "2");
    assert_eq!(features(&found[at]), features(&rows[0]));
    assert_ne!(features(&found[1 - at]), features(&rows[0]));
    let other = batch(&text.replace("seed = 4", "seed = 5"), &[3]).run_well().table("perturbed.csv");
    assert!(other.iter().all(|row| rows.iter().all(|known| features(known) != features(row))));
}

#[test]
fn noise_has_the_size_that_was_estimated() {
    let ran = batch(&experiment("noise = 3"), &[3]).run_well();
    let variance = |row: &Row| number(row, "statistics.variance");
    let whole = variance(&ran.table("features.csv")[0]);
    let mut added = Vec::new();
    for row in ran.table("perturbed.csv") {
        let sd = number(&row, "noise_sd");
        // Uniform from -100 to 99.
        assert!((sd / 57.7 - 1.0).abs() < 0.15, "{sd}");
        added.push((variance(&row) - whole) / (sd * sd));
    }
    let mean = added.iter().sum::<f64>() / 3.0;
    // Of 279 voxels, three times: a standard error of about a tenth.
    assert!((mean - 1.0).abs() < 0.4 && added[0] != added[1], "{added:?}");
    let stated = batch(&experiment("noise = 1\nnoise_sd = 0.001"), &[3]).run_well();
    let row = &stated.table("perturbed.csv")[0];
    assert_eq!(row["noise_sd"], "0.001");
    assert!(
        (number(row, "statistics.mean") - number(&stated.table("features.csv")[0], "statistics.mean")).abs() < 0.001
    );
    // A scan most of whose voxels are equal.
    let flat = batch(&experiment("noise = 1"), &[3]);
    flat.scan("i3.nii", &Nifti::new(scene::DIMS, scene::rows(), |[x, y, z]| i16::from(x == 8 && y == 7 && z == 6)));
    let ran = flat.run().well();
    assert!(ran.said.err.contains("no noise was added: it is estimated as 0"), "{:?}", ran.said);
    assert_eq!(ran.table("perturbed.csv")[0]["noise_sd"], "");
}

/// ICC(1,1) by its definition, of the rows of `perturbed.csv`.
fn one_way(rows: &[Row], column: &str) -> f64 {
    let mut by_case: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    rows.iter().for_each(|row| by_case.entry(&row["case"]).or_default().push(number(row, column)));
    let (n, k) = (by_case.len() as f64, by_case.values().next().expect("a case").len() as f64);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let all = mean(&by_case.values().flatten().copied().collect::<Vec<_>>());
    let between = k * by_case.values().map(|values| (mean(values) - all).powi(2)).sum::<f64>() / (n - 1.0);
    let within: f64 = by_case.values().flat_map(|values| values.iter().map(|x| (x - mean(values)).powi(2))).sum();
    let within = within / (n * (k - 1.0));
    (between - within) / (between + (k - 1.0) * within)
}

#[test]
fn robustness_is_told_of_each_feature() {
    let cases = [1, 2, 3, 4, 5];
    let ran = batch(&experiment("rotation_deg = [-12, 12]\nvolume_change = [-0.9, 0.1]"), &cases).run_well();
    let (rows, table) = (ran.table("perturbed.csv"), ran.table("robustness.csv"));
    let of = |column: &str, form: &str| -> &Row {
        let found = table.iter().find(|row| row["feature"] == column && row["form"] == form);
        found.unwrap_or_else(|| panic!("no {form} of {column}"))
    };
    for column in ["statistics.mean", "statistics.variance", "histogram.entropy"] {
        let found = of(column, "ICC(1,1)");
        assert!((number(found, "icc") - one_way(&rows, column)).abs() < 1e-10, "{column}: {found:?}");
        let [low, icc, high] = ["lower", "icc", "upper"].map(|name| number(found, name));
        assert!(low < icc && icc < high);
        let told = ["between", "region", "definition", "raters", "lesions", "left_out", "df1", "df2", "reason"];
        let told: Vec<&str> = told.iter().map(|name| found[*name].as_str()).collect();
        assert_eq!(told, ["perturbations", "roi", "one-way", "4", "5", "0", "4", "15", ""]);
    }
    // The same in every case: there is nothing that lesions could differ in.
    let voxels = of("morphology.volume_voxel_counting", "ICC(3,1)");
    assert!(voxels["icc"].is_empty() && voxels["reason"].contains("the subjects do not differ"), "{voxels:?}");
    let columns = table.iter().filter(|row| row["form"] == "ICC(2,k)").count();
    assert_eq!(table.len(), 6 * columns);
}

/// `tests/oracle/mirp_perturbed.py`, which makes the same scan.
#[test]
fn perturbed_values_are_those_of_mirp() {
    const CHANGES: &str = "volume_change = [-0.6, -0.25, 0.1, 0.3, 1.5]";
    const MOVES: &str = "rotation_deg = [0, -20, 35, 90]\ntranslation = [0.25, 0.75]";
    let text = |perturb: &str| {
        format!(
            "[plugins]\nuse = [\"load-nifti\", \"features-morphology\", \"features-statistics\"]\n[regions.roi]\nany = true\n\
             [features.morphology]\n[features.statistics]\n[interpolation]\nspacing_mm = [1, 1, 1]\nimage = \"linear\"\n\
             mask = \"linear\"\n[perturb]\n{perturb}\n"
        )
    };
    let dims = [24, 22, 14];
    let value =
        |[x, y, z]: [usize; 3]| ((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401) as f32 - 200.0;
    let inside = |[x, y, z]: [usize; 3]| {
        let square = |a: usize, centre: f64, mm: f64, over: f64| ((a as f64 - centre) * mm).powi(2) / over;
        u8::from(square(x, 12.0, 1.0, 49.0) + square(y, 10.0, 1.25, 36.0) + square(z, 6.0, 2.0, 64.0) <= 1.0)
    };
    let rows = straight([1.0, 1.25, 2.0], [0.0; 3]);
    let run = |perturb: &str| -> Ran {
        let batch = batch(&text(perturb), &[1]);
        batch.scan("i1.nii", &Nifti::new(dims, rows, value));
        batch.scan("m.nii", &Nifti::new(dims, rows, inside));
        batch.run_well()
    };
    let stored = table(&voxomics_tests::workspace().join("tests/oracle/mirp_perturbed.csv"));
    let ran: Vec<Row> =
        [MOVES, CHANGES, "noise = 1"].iter().flat_map(|perturb| run(perturb).table("perturbed.csv")).collect();
    let given = ["rotation_deg", "translation_x", "translation_y", "translation_z", "volume_change"];
    let mut worst: BTreeMap<&str, f64> = BTreeMap::new();
    for known in &stored {
        let feature = known["feature"].as_str();
        let same = |row: &&Row| {
            let noise = (feature == "noise_sd") == (row["noise"] == "1");
            noise && given.iter().all(|name| number(row, name) == number(known, name))
        };
        let row = ran.iter().find(same).unwrap_or_else(|| panic!("no row for {known:?}"));
        let (found, expected) = (number(row, feature), number(known, "value"));
        let off = (found - expected).abs() / expected.abs();
        let seen = worst.entry(feature).or_default();
        *seen = seen.max(off);
    }
    println!("{worst:?}");
    assert_eq!(worst.len(), 12);
    // Single precision there, of intensities and of the vertices of meshes.
    assert!(worst.values().all(|off| *off < 2e-6), "{worst:?}");
    assert_eq!(worst["morphology.volume_voxel_counting"], 0.0);
}

#[test]
fn what_cannot_be_meant_is_refused_at_its_place() {
    let more = "[regions.far]\nring_of = \"roi\"\noutward_mm = 3\ninward_mm = 0\n";
    for (perturb, why) in [
        ("rotation_deg = 0", "it perturbs nothing"),
        ("rotation_deg = [5, 400]", "`rotation_deg` has 400, expected -360 to 360 degrees"),
        ("rotation_deg = [5, 5]", "`rotation_deg` has [5.0] twice"),
        ("translation = [0.25, 2]", "`translation` has 2, expected -1 to 1 voxels"),
        ("translation = [[0.25, 0.5]]", "expected fractions of a voxel"),
        ("volume_change = -1", "`volume_change` has -1, expected a share of the volume above -1"),
        ("noise_sd = 3", "`noise_sd` is the size of a noise: say how many with `noise`"),
        ("noise = 2000", "there are 2000 combinations, at most 1000 are done: say how many with `draw`"),
        ("noise = 3\ndraw = 4", "`draw` is 4, expected 1 to 3: there are 3 combinations"),
        ("noise = 3\nsigma = 4", "unknown key `sigma` in [perturb]"),
        ("volume_change = 0.1\nregions = \"tumour\"", "names the region `tumour`, which is not there"),
        ("volume_change = 0.1\nregions = \"far\"", "names `far`, which is made of another region"),
    ] {
        let ran = batch(&(experiment(perturb) + more), &[1]).run();
        assert_eq!(ran.said.code, Some(2), "{perturb}: {:?}", ran.said);
        assert!(ran.said.err.contains(why) && ran.said.err.contains("experiment.toml:"), "{perturb}: {:?}", ran.said);
    }
    let without = experiment("rotation_deg = 5").replace(KEPT, "");
    let ran = batch(&without, &[1]).run();
    assert!(ran.said.err.contains("a grid that moves needs [interpolation]"), "{:?}", ran.said);
    let original =
        experiment("volume_change = 0.1") + &more.replace("inward_mm = 0", "inward_mm = 0\ngrid = \"original\"");
    let ran = batch(&original, &[1]).run();
    assert!(ran.said.err.contains("[regions.far] has grid = \"original\""), "{:?}", ran.said);
}

/// A grid that is turned by a quarter has the voxels of the scan and others beyond it, as the scan is longer along one axis: nothing is made
/// of those, be it a ring or a region that grows.
#[test]
fn nothing_is_made_of_voxels_beyond_the_scan() {
    let ring = "[regions.ring]\nring_of = \"roi\"\noutward_mm = 7\ninward_mm = 0\n";
    let text = |perturb: &str| experiment(perturb).replace("[discretisation]", &format!("{ring}[discretisation]"));
    let batch = batch(&text("rotation_deg = [0, 90, 180, -90]"), &[5]);
    let grid = straight([1.5; 3], [4.0, -9.0, 30.0]);
    let inside = |[x, y, z]: [usize; 3]| u8::from(x < 5 && (2..7).contains(&y) && (8..12).contains(&z));
    batch.scan("i5.nii", &Nifti::new([13, 25, 19], grid, |index| scene::noise(5, index) - 100));
    batch.scan("m.nii", &Nifti::new([13, 25, 19], grid, inside));
    let rows = batch.run().well().table("perturbed.csv");
    for region in ["roi", "ring"] {
        let of: Vec<&Row> = rows.iter().filter(|row| row["region"] == region).collect();
        assert_eq!(of.len(), 4);
        for row in &of[1..] {
            for column in ["statistics.mean", "statistics.variance", "morphology.volume_voxel_counting"] {
                let (a, b) = (number(of[0], column), number(row, column));
                assert!((a - b).abs() <= 1e-9 * a.abs(), "{region} {column}: {a} and {b}");
            }
        }
    }
    // The region may fill the scan, and no more.
    batch.write("experiment.toml", text("rotation_deg = 90\nvolume_change = [0.2, 0.5]"));
    batch.scan("m.nii", &Nifti::new([13, 25, 19], grid, |[x, y, _]| u8::from(x < 12 && y < 24)));
    let rows = batch.run_into("out", &["--replace"]).well().table("perturbed.csv");
    let roi = rows.iter().filter(|row| row["region"] == "roi");
    for row in roi {
        assert!(
            row["reason"].contains("it grows to 6175 voxels") && row["reason"].contains("no room for more"),
            "{row:?}"
        );
    }
}
