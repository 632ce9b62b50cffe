//! What intensities are: their unit from the file to the table, and SUV against the reference objects of IBSI.

use std::fs;

use serde_json::Value as Json;
use voxomics_tests::{
    batch::Batch,
    dicom::{self, EXPLICIT},
    reference, run, scene,
};

use crate::made::{SERIES, pet, write};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "load-dicom", "features-statistics", "features-morphology", "filter-laplacian-of-gaussian"]

[regions.tumour]

[images.original]
[images.log]
filter = "laplacian-of-gaussian"
sigma_mm = 2

[features.statistics]
[features.morphology]
"#;

#[test]
fn the_unit_of_an_intensity_is_that_of_the_image() {
    let list = "case,image,mask\nnifti,ct.nii,lesion.nii\nct,ct,lesion.nii\npet,pet,lesion.nii\n";
    let batch = Batch::new(EXPERIMENT, list);
    let slices = dicom::series(&scene::image(1), SERIES);
    write(&batch, "ct", &slices, EXPLICIT);
    write(&batch, "pet", &pet(&slices), EXPLICIT);
    batch.scan("ct.nii", &scene::image(1));
    batch.scan("lesion.nii", &scene::mask());
    let ran = batch.run_well();
    let rows = ran.table("features_long.csv");
    let unit = |case: &str, image: &str, feature: &str| {
        let of = |row: &&voxomics_tests::batch::Row| {
            row["case"] == case && row["image"] == image && row["feature"] == feature
        };
        rows.iter().find(of).map(|row| row["unit"].clone()).expect("a row")
    };
    const SUV: &str = "SUV by body weight, g/ml";
    for (case, expected) in [("nifti", "intensity"), ("ct", "HU"), ("pet", SUV)] {
        assert_eq!(unit(case, "original", "mean"), expected);
        assert_eq!(unit(case, "original", "volume_voxel_counting"), "mm^3");
        // A response of a filter has no unit of the scan's.
        assert_eq!(unit(case, "log", "mean"), "intensity");
    }
    assert_eq!(unit("ct", "original", "variance"), "HU^2");
    assert_eq!(unit("pet", "original", "variance"), format!("({SUV})^2"));
    let record = fs::read_to_string(ran.out.join("run.json")).expect("a record");
    let record: Json = serde_json::from_str(&record).expect("JSON");
    let told = |case: usize| record["cases"][case]["acquisition"]["IntensityUnit"].clone();
    assert_eq!([told(0), told(1), told(2)], [Json::Null, "HU".into(), SUV.into()]);
}

#[test]
fn each_scan_of_a_case_has_its_own_unit() {
    let experiment = r#"
[plugins]
use = ["load-nifti", "load-dicom", "features-statistics"]

[regions.tumour]

[images.metabolism]
scan = "pet"
[images.density]
scan = "ct"

[features.statistics]
"#;
    let batch = Batch::new(experiment, "case,image.pet,image.ct,mask\na,pet,ct,lesion.nii\n");
    let slices = dicom::series(&scene::image(1), SERIES);
    write(&batch, "ct", &slices, EXPLICIT);
    write(&batch, "pet", &pet(&slices), EXPLICIT);
    batch.scan("lesion.nii", &scene::mask());
    let rows = batch.run_well().table("features_long.csv");
    for (image, expected) in [("metabolism", "SUV by body weight, g/ml"), ("density", "HU")] {
        let row = rows.iter().find(|row| row["image"] == image && row["feature"] == "mean").expect("a row");
        assert_eq!(row["unit"], expected, "{image}");
    }
}

#[test]
fn the_reference_objects_of_pet_have_the_suv_of_the_manual() {
    let Some(folder) = reference().map(|folder| folder.join("suv")) else { return };
    let said = run(["ibsi", "suv", folder.to_str().expect("a path")]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let objects = said.out.lines().filter(|line| line.starts_with("DRO_")).count();
    assert!(objects >= 24 && said.out.contains(&format!("{objects} of {objects} agree")), "{}", said.out);
    // The outlines name slices of another object than their image; of the images, nothing is warned of.
    let of_image = said.out.lines().filter(|line| line.starts_with("warning") && line.contains("with NIfTI"));
    assert_eq!(of_image.collect::<Vec<_>>(), Vec::<&str>::new());
    println!("{objects} of {objects}: SUV of reference objects, with outlines and with masks");
}

#[test]
fn an_object_that_misses_is_told_of() {
    let Some(folder) = reference().map(|folder| folder.join("suv/DRO_0_0")) else { return };
    let batch = Batch::default();
    // A faulty object by its name, which is none.
    for part in ["PT", "mask"] {
        let target = batch.path(&format!("DRO_error_0/{part}"));
        fs::create_dir_all(&target).expect("a folder");
        for entry in fs::read_dir(folder.join(part)).expect("a folder") {
            let path = entry.expect("an entry").path();
            fs::copy(&path, target.join(path.file_name().expect("a name"))).expect("a copy");
        }
    }
    let said = run(["ibsi", "suv", batch.path("DRO_error_0").to_str().expect("a path")]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.out.contains("0.20   1.00   4.00              refused  missed"), "{}", said.out);
    assert!(said.out.contains("0 of 1 agree"), "{}", said.out);
    let none = run(["ibsi", "suv", batch.path("none").to_str().expect("a path")]);
    assert_eq!(none.code, Some(2), "{none:?}");
}
