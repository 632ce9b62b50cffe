//! Several images and masks of one case: the features are those of cases with one image each, and a missing file costs what
//! depends on it.

use voxomics_tests::{
    batch::{Batch, Row},
    nifti::{Nifti, straight},
    scene::{self, in_lesion},
};

const PLUGINS: &str = "[plugins]\nuse = [\"load-nifti\", \"features-statistics\", \"features-glcm\", \"filter-mean\"]\n[geometry]\n\
                       on_mismatch = \"resample-mask\"\n[interpolation]\nspacing_mm = [1.5, 1.5, 1.5]\n[discretisation]\n\
                       method = \"fixed bin number\"\nbins = 8\n[features.statistics]\n[features.glcm]\n";

const IMAGES: &str = "[images.pet]\nscan = \"pet\"\n[images.ct]\nscan = \"ct\"\n[images.ct_mean]\nscan = \"ct\"\nfilter = \"mean\"\n\
                      support_voxels = 3\n[regions.tumour]\n[regions.ring]\nring_of = \"tumour\"\noutward_mm = 3\n[regions.liver]\n\
                      mask = \"liver\"\n";

/// A scan of the scene's place on a coarser grid.
fn pet() -> Nifti {
    Nifti::new([8, 8, 8], straight([2.2, 2.5, 3.1], [-19.0, 12.0, -299.0]), |index| scene::noise(5, index) as f32 / 7.0)
}

fn liver() -> Nifti {
    scene::mask().map(|[x, y, z]| u8::from((2..6).contains(&x) && (3..9).contains(&y) && (2..8).contains(&z)))
}

fn batch(experiment: &str, list: &str) -> Batch {
    let batch = Batch::new(&format!("{PLUGINS}{experiment}"), list);
    batch.scan("pet.nii", &pet());
    batch.scan("ct.nii", &scene::image(1));
    batch.scan("gtv.nii", &scene::mask());
    batch.scan("liver.nii", &liver());
    batch
}

/// The columns of an image, without its name.
fn of_image(row: &Row, image: &str) -> Row {
    let own = row.iter().filter_map(|(column, cell)| Some((column.strip_prefix(&format!("{image}."))?, cell)));
    own.map(|(column, cell)| (column.to_owned(), cell.clone())).collect()
}

#[test]
fn each_image_has_the_features_that_it_would_have_alone() {
    let both =
        batch(IMAGES, "case,image.pet,image.ct,mask,mask.liver\na,pet.nii,ct.nii,gtv.nii,liver.nii\n").run_well();
    for (image, file) in [("pet", "pet.nii"), ("ct", "ct.nii")] {
        let regions = "[regions.tumour]\n[regions.ring]\nring_of = \"tumour\"\noutward_mm = 3\n";
        let alone = batch(regions, &format!("case,image,mask\na,{file},gtv.nii\nb,{file},liver.nii\n")).run_well();
        for (region, case, name) in [("tumour", "a", "tumour"), ("ring", "a", "ring"), ("liver", "b", "tumour")] {
            let found = of_image(&both.region("a", region), image);
            assert!(found.len() > 20 && found.values().all(|cell| !cell.is_empty()), "{image} {region}: {found:?}");
            assert_eq!(found, alone.region(case, name), "{image} {region}");
        }
    }
    let filtered = of_image(&both.region("a", "tumour"), "ct_mean");
    assert!(filtered.values().all(|cell| !cell.is_empty()) && filtered != of_image(&both.region("a", "tumour"), "ct"));
    // The record names every file with its digest.
    let record = std::fs::read_to_string(both.out.join("run.json")).expect("a record");
    for column in ["\"image.pet\": {", "\"image.ct\": {", "\"mask.liver\": {"] {
        assert!(record.contains(column), "{column}");
    }
}

#[test]
fn what_is_missing_costs_what_depends_on_it() {
    let list = "case,image.pet,image.ct,mask,mask.liver\na,,ct.nii,gtv.nii,liver.nii\nb,pet.nii,ct.nii,gtv.nii,\nc,pet.nii,ct.nii,gtv.nii,liver.nii\n";
    let made = batch(IMAGES, list);
    let ran = made.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    let [no_pet, no_liver, whole] = ["a", "b", "c"].map(|case| ran.region(case, "tumour"));
    assert!(of_image(&no_pet, "pet").values().all(String::is_empty));
    assert_eq!(of_image(&no_pet, "ct"), of_image(&whole, "ct"));
    assert_eq!(no_liver, whole);
    let failures = ran.table("failures.csv");
    let of = |case: &str| {
        failures.iter().filter(|row| row["case"] == case).map(|row| row["message"].as_str()).collect::<Vec<_>>()
    };
    assert!(of("a") == ["image.pet: the case list has no `image.pet` for it"], "{failures:?}");
    assert!(
        of("b").iter().all(|message| message.contains("no `mask.liver` for it")) && !of("b").is_empty(),
        "{failures:?}"
    );
    assert!(of("c").is_empty());
    let long = ran.table("features_long.csv");
    let reason = long.iter().find(|row| row["case"] == "a" && row["image"] == "pet").map(|row| row["reason"].as_str());
    assert_eq!(reason, Some("image.pet: the case list has no `image.pet` for it"));
}

#[test]
fn components_that_could_be_others_on_each_grid_are_refused() {
    let images = "[images.pet]\nscan = \"pet\"\n[images.ct]\nscan = \"ct\"\n[regions.tumour]\ncomponents = \"each\"\n";
    let list = "case,image.pet,image.ct,mask\na,pet.nii,ct.nii,gtv.nii\n";
    let made = batch(images, list);
    let ran = made.run();
    let failures = std::fs::read_to_string(ran.out.join("failures.csv")).expect("a table");
    assert!(failures.contains("its components would be counted on the grid of each scan"), "{failures}");
    // On one grid, they are the same.
    let same = batch(images, "case,image.pet,image.ct,mask\na,ct.nii,ct.nii,gtv.nii\n").run_well();
    let row = same.region("a", "tumour.1");
    assert_eq!(of_image(&row, "pet"), of_image(&row, "ct"));
}

#[test]
fn one_image_and_one_mask_stay_as_they_are() {
    let plain = "[regions.tumour]\n";
    let alone = batch(plain, "case,image,mask\na,ct.nii,gtv.nii\n").run_well();
    let named = batch(plain, "case,image.ct,mask.gtv\na,ct.nii,gtv.nii\n").run_well();
    assert_eq!(alone.lines("features.csv"), named.lines("features.csv"));
    assert!(in_lesion([8, 7, 6]) && !alone.region("a", "tumour").is_empty());
}
