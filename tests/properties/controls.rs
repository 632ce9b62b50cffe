//! Negative controls: what they leave and what they take, and that they depend on nothing but seed and case.

use voxomics_tests::{
    batch::{Batch, Row},
    nifti::Nifti,
    scene,
};

use super::EXPERIMENT;

fn batch(controls: &str, cases: &[u64]) -> Batch {
    let batch = Batch::default();
    let mut list = String::from("case,image,mask\n");
    for case in cases {
        // Smooth, so that shuffling changes the texture, and not only its chance.
        let image = scene::image(*case).map(|[x, y, z]| (x * 9 + y * 4 + z * 3) as i16 - 60 + *case as i16);
        batch.scan(&format!("i{case}.nii"), &image);
        list += &format!("c{case},i{case}.nii,m.nii\n");
    }
    batch.scan("m.nii", &scene::mask());
    batch.write("experiment.toml", format!("{EXPERIMENT}{controls}"));
    batch.write("cases.csv", list);
    batch
}

/// The columns of a row that begin in one of these ways, and their values.
fn of<'a>(row: &'a Row, families: &[&str]) -> Vec<(&'a str, &'a str)> {
    let all = row.iter().map(|(column, cell)| (column.as_str(), cell.as_str()));
    all.filter(|(column, _)| families.iter().any(|family| column.starts_with(&format!("{family}.")))).collect()
}

/// The order and the place of intensities are gone; histogram, volume and outline are what they were.
#[test]
fn a_shuffled_region_keeps_volume_and_histogram_and_loses_its_texture() {
    let ran = batch("[controls]\n", &[3]).run_well();
    let (case, control) = (&ran.table("features.csv")[0], &ran.table("controls.csv")[0]);
    assert_eq!((&*control["control"], &*control["where"], &*control["reason"]), ("shuffled", "region", ""));
    // Sums in another order of the voxels differ in the last places.
    for ((column, a), (_, b)) in
        of(case, &["statistics", "histogram", "ivh"]).iter().zip(of(control, &["statistics", "histogram", "ivh"]))
    {
        let (a, b): (f64, f64) = (a.parse().expect("a number"), b.parse().expect("a number"));
        assert!((a - b).abs() <= 1e-9 * a.abs().max(1e-6), "{column}: {a}, {b}");
    }
    let shape = |row: &Row| -> Vec<String> {
        let by_intensity = ["moran", "geary", "integrated", "centre_of_mass"];
        let kept = |column: &&str| !by_intensity.iter().any(|word| column.contains(word));
        of(row, &["morphology"]).iter().filter(|(column, _)| kept(column)).map(|(_, cell)| (*cell).to_owned()).collect()
    };
    assert!(shape(case).len() > 15);
    assert_eq!(shape(case), shape(control));
    let number = |row: &Row, column: &str| row[column].parse::<f64>().expect("a number");
    let is_entropy = |column: &&String| column.starts_with("glcm.") && column.contains("joint_entropy");
    let entropy = case.keys().find(is_entropy).expect("a column");
    assert!(number(control, entropy) > number(case, entropy) + 0.5);
}

#[test]
fn what_is_done_outside_leaves_the_region_and_what_is_uniform_keeps_its_ends() {
    let controls = "[controls]\nkinds = [\"shuffled\", \"sampled\", \"uniform\", \"inverted\"]\nwhere = [\"region\", \"outside\", \"scan\"]\n";
    let ran = batch(controls, &[3]).run_well();
    let (case, rows) = (&ran.table("features.csv")[0], ran.table("controls.csv"));
    assert_eq!(rows.len(), 12);
    let inside = ["statistics", "histogram", "glcm", "glrlm", "glszm", "ngtdm"];
    for row in rows.iter().filter(|row| row["where"] == "outside") {
        assert_eq!(of(row, &inside), of(case, &inside), "{}", row["control"]);
        // Its sphere reaches beyond the region.
        assert_ne!(of(row, &["local_intensity"]), of(case, &["local_intensity"]), "{}", row["control"]);
    }
    let named = |kind: &str| rows.iter().find(|row| row["control"] == kind && row["where"] == "region").expect("a row");
    let number = |row: &Row, column: &str| row[column].parse::<f64>().expect("a number");
    let [least, largest] = ["statistics.minimum", "statistics.maximum"].map(|column| number(case, column));
    let uniform = named("uniform");
    // Of 279 voxels of a range of about 150 the mean has a standard error of 2.6.
    assert!((number(uniform, "statistics.mean") - 0.5 * (least + largest)).abs() < 12.0);
    let inverted = named("inverted");
    assert_eq!(number(inverted, "statistics.minimum"), least);
    assert!((number(inverted, "statistics.mean") + number(case, "statistics.mean") - least - largest).abs() < 1e-9);
    assert!((number(inverted, "statistics.skewness") + number(case, "statistics.skewness")).abs() < 1e-9);
}

#[test]
fn a_control_depends_on_seed_and_case_alone_and_features_on_none() {
    let text =
        "[controls]\nkinds = [\"shuffled\", \"sampled\"]\nwhere = [\"region\", \"scan\"]\n[experiment]\nseed = 4\n";
    let both = batch(text, &[3, 8]);
    let one = both.run_into("one", &["--threads", "1"]).well();
    let again = both.run_into("one", &["--threads", "3"]).well();
    assert!(again.said.out.contains("2 cases finished before"), "{:?}", again.said);
    let lines = one.lines("controls.csv");
    assert_eq!(lines, again.lines("controls.csv"));
    let rows = one.table("controls.csv");
    assert_eq!(rows.len(), 8);
    assert_eq!(rows[4..], batch(text, &[8]).run_well().table("controls.csv")[..]);
    let other = batch(&text.replace("seed = 4", "seed = 5"), &[3]).run_well().table("controls.csv");
    assert_ne!(of(&other[0], &["glcm"]), of(&rows[0], &["glcm"]));
    // Beside perturbations each has its own table, and the features are those of a run without.
    let moved = "[interpolation]\nspacing_mm = [0, 0, 0]\nimage = \"linear\"\nmask = \"linear\"\n[perturb]\nvolume_change = [0, 0.2]\n";
    let beside = batch(&format!("{text}{moved}"), &[3, 8]).run_well();
    assert_eq!(beside.lines("controls.csv"), lines);
    assert_eq!((beside.table("perturbed.csv").len(), beside.table("robustness.csv")[0]["raters"].as_str()), (4, "2"));
    let plain = batch(
        &text
            .replace("[controls]", "")
            .replace("kinds = [\"shuffled\", \"sampled\"]\nwhere = [\"region\", \"scan\"]\n", ""),
        &[3, 8],
    )
    .run_well();
    assert!(!plain.out.join("controls.csv").exists());
    for name in ["features.csv", "features_long.csv", "inputs.csv", "failures.csv"] {
        assert_eq!(one.lines(name), plain.lines(name), "{name}");
    }
}

#[test]
fn what_cannot_be_controlled_is_refused_by_name() {
    for (controls, why) in [
        (
            "[controls]\nkinds = \"scrambled\"\n",
            "`controls.kinds` has \"scrambled\", expected some of \"shuffled\", \"sampled\"",
        ),
        ("[controls]\nwhere = [\"region\", \"region\"]\n", "`controls.where` names \"region\" twice"),
        ("[controls]\nkinds = []\n", "`controls.kinds` is empty"),
        ("[controls]\nregions = \"lung\"\n", "`controls.regions` names the region `lung`, which is not there"),
        (
            "[regions.ring]\nring_of = \"roi\"\noutward_mm = 2\n[controls]\nregions = \"ring\"\n",
            "made of another region: it follows that one",
        ),
    ] {
        let ran = batch(controls, &[3]).run();
        assert!(ran.said.code == Some(2) && ran.said.err.contains(why), "{why}: {:?}", ran.said);
    }
    // A case without the region has no values, and says why.
    let batch = batch("[controls]\nwhere = [\"region\", \"outside\"]\n", &[3]);
    batch.scan("m.nii", &Nifti::new(scene::DIMS, scene::rows(), |_| 0_u8));
    let ran = batch.run();
    assert!(ran.said.code == Some(3) && ran.table("controls.csv").is_empty(), "{:?}", ran.said);
}
