//! Several images and masks of one case, from the folder to the table: what `scan` writes, `run` reads.

use voxomics_tests::{
    batch::{Batch, Row},
    dicom::{self, EXPLICIT, Object, tags},
    run, scene, table,
};

use crate::made::{EXPERIMENT, SERIES, pet, write};

/// What reads a PET with its CT.
const BOTH: &str = r#"
[plugins]
use = ["load-nifti", "load-dicom", "features-statistics", "features-morphology"]

[load.dicom]
outlines_of = "frame of reference"

[regions.tumour]

[images.ct]
scan = "ct"
[images.pet]
scan = "pet"

[features.statistics]
[features.morphology]
"#;

/// The list of the cases of the batch's folder, and what was said.
fn listed(batch: &Batch) -> (Vec<Row>, String) {
    let [folder, cases] = ["", "cases.csv"].map(|name| batch.path(name).display().to_string());
    let said = run(["scan", &folder, "--cases", &cases]);
    assert_eq!(said.code, Some(0), "{said:?}");
    (table(&batch.path("cases.csv")), format!("{}{}", said.out, said.err))
}

/// The slices under another UID, which is that of their series as well.
fn renamed(slices: &[Object], uid: &str) -> Vec<Object> {
    let name = |(index, slice): (usize, &Object)| {
        slice.clone().text(tags::SERIES_INSTANCE_UID, "UI", uid).text(
            tags::SOP_INSTANCE_UID,
            "UI",
            &format!("{uid}.{index}"),
        )
    };
    slices.iter().enumerate().map(name).collect()
}

fn ct_and_pet() -> Batch {
    let batch = Batch::new(BOTH, "");
    write(&batch, "ct", &dicom::series(&scene::image(1), SERIES), EXPLICIT);
    let metabolism = renamed(&pet(&dicom::series(&scene::image(2), SERIES)), "1.2.44");
    write(&batch, "pet", &metabolism, EXPLICIT);
    batch.write("rs.dcm", dicom::outlines(&[(1, "GTV", &scene::mask())], SERIES).file(EXPLICIT));
    batch
}

#[test]
fn a_pet_stands_beside_the_ct_that_it_was_outlined_on() {
    let batch = ct_and_pet();
    let (rows, said) = listed(&batch);
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    let cells = ["image", "series", "image.ct", "series.ct", "image.pet", "series.pet", "mask", "region"];
    assert_eq!(cells.map(|cell| &*row[cell]), ["ct", SERIES, "ct", SERIES, "pet", "1.2.44", "rs.dcm", "GTV"]);
    assert!(said.contains("outlines_of = \"frame of reference\""), "{said}");
    let long = batch.run().well().table("features_long.csv");
    let mean = |image: &str| {
        let own = long.iter().find(|row| row["image"] == image && row["feature"] == "mean").expect("a row");
        (own["unit"].clone(), own["value"].clone())
    };
    let (of_ct, of_pet) = (mean("ct"), mean("pet"));
    assert_eq!((&*of_ct.0, &*of_pet.0), ("HU", "SUV by body weight, g/ml"));
    assert!(!of_pet.1.is_empty() && of_ct.1 != of_pet.1);
    // What leaves names the study of the first scan, and each image's own unit.
    let exporting = BOTH.replacen(r#""load-nifti""#, r#""export-dicom", "export-fhir", "load-nifti""#, 1)
        + "[export.objects]\nplugin = 'export-dicom'\n[export.fhir]\nplugin = 'export-fhir'\n";
    let path = |name: &str| batch.path(name).display().to_string();
    batch.write("exporting.toml", exporting);
    let said = run(["run", &path("exporting.toml"), "--cases", &path("cases.csv"), "--out", &path("exported")]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let export = batch.path("exported/export");
    let of_case = |name: &str| {
        std::fs::read_dir(export.join(name)).expect("a folder").next().expect("a case").expect("it").path()
    };
    assert!(of_case("objects").join("measurements.dcm").is_file());
    let text = std::fs::read_to_string(of_case("fhir").join("observations.json")).expect("it is there");
    let bundle: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let observation = &bundle["entry"][0]["resource"];
    assert!(observation["derivedFrom"][0]["identifier"]["value"].is_string(), "{observation}");
    let unit = |name: &str| {
        let mut components = observation["component"].as_array().expect("components").iter();
        let of = components.find(|component| component["code"]["text"] == name).expect("a component");
        of["valueQuantity"]["code"].clone()
    };
    assert_eq!([unit("ct.statistics.mean"), unit("pet.statistics.mean")], ["[hnsf'U]", "g/ml"]);
    assert_eq!(unit("pet.statistics.variance"), "g2/ml2");
    // Whoever wants the CT alone changes nothing.
    batch.write("experiment.toml", EXPERIMENT);
    let alone = batch.run_into("alone", &[]).well();
    assert!(!alone.region(&row["case"], "tumour").is_empty());
}

#[test]
fn images_of_one_modality_stand_beside_each_other_by_their_descriptions() {
    let described = |seed: u64, uid: &str, words: &str| {
        let slices = renamed(&dicom::series(&scene::image(seed), SERIES), uid);
        let slices = slices.into_iter().map(|slice| slice.text(0x0008_103E, "LO", words));
        slices.collect::<Vec<Object>>()
    };
    let batch = Batch::new(BOTH, "");
    write(&batch, "t1", &described(1, SERIES, "T1 mprage"), EXPLICIT);
    write(&batch, "t2", &described(2, "1.2.44", "T2 TSE"), EXPLICIT);
    batch.write("rs.dcm", dicom::outlines(&[(1, "GTV", &scene::mask())], SERIES).file(EXPLICIT));
    let (rows, _) = listed(&batch);
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    let cells = ["image", "image.t1_mprage", "series.t1_mprage", "image.t2_tse", "series.t2_tse"];
    assert_eq!(cells.map(|cell| &*row[cell]), ["t1", "t1", SERIES, "t2", "1.2.44"]);
    batch.write(
        "experiment.toml",
        BOTH.replace("scan = \"ct\"", "scan = \"t1_mprage\"").replace("scan = \"pet\"", "scan = \"t2_tse\""),
    );
    let region = batch.run().well().region(&row["case"], "tumour");
    assert_ne!(region["ct.statistics.mean"], region["pet.statistics.mean"]);
    // Two of one description cannot be told apart by a word.
    write(&batch, "again", &described(3, "1.2.45", "T2 TSE"), EXPLICIT);
    let (rows, _) = listed(&batch);
    assert!(rows.len() == 1 && !rows[0].contains_key("image.t2_tse"), "{rows:?}");
}

#[test]
fn what_is_no_pair_stays_simple() {
    // Another frame of reference, another study, and two of a kind.
    let changes: [&dyn Fn(Object) -> Object; 2] =
        [&|slice| slice.text(tags::FRAME_OF_REFERENCE_UID, "UI", "1.2.99"), &|slice| {
            slice.text(0x0020_000D, "UI", "1.2.98")
        }];
    for change in changes {
        let batch = ct_and_pet();
        let slices = renamed(&pet(&dicom::series(&scene::image(2), SERIES)), "1.2.44");
        write(&batch, "pet", &slices.into_iter().map(change).collect::<Vec<_>>(), EXPLICIT);
        let (rows, _) = listed(&batch);
        assert!(rows.len() == 1 && !rows[0].contains_key("image.pet"), "{rows:?}");
    }
    let batch = ct_and_pet();
    write(&batch, "more", &renamed(&pet(&dicom::series(&scene::image(3), SERIES)), "1.2.45"), EXPLICIT);
    let (rows, _) = listed(&batch);
    assert!(rows.len() == 1 && !rows[0].contains_key("image.pet"), "{rows:?}");
}

#[test]
fn masks_with_files_of_their_own_are_one_case() {
    let experiment = "[plugins]\nuse = [\"load-dicom\", \"features-statistics\", \"features-morphology\"]\n[regions.tumour]\n\
                      [regions.liver]\nmask = \"liver\"\nname = \"Liver\"\n[features.statistics]\n[features.morphology]\n";
    let batch = Batch::new(experiment, "");
    write(&batch, "ct", &dicom::series(&scene::image(1), SERIES), EXPLICIT);
    let half = scene::mask().map(|index| u8::from(scene::in_lesion(index) && index[0] < scene::DIMS[0] / 2));
    let file = |name: &str, mask: &voxomics_tests::nifti::Nifti, uid: &str| {
        let outlines = dicom::outlines(&[(1, name, mask)], SERIES);
        outlines.text(tags::SOP_INSTANCE_UID, "UI", uid).text(tags::SERIES_INSTANCE_UID, "UI", uid).file(EXPLICIT)
    };
    batch.write("gtv.dcm", file("GTV 1", &scene::mask(), "1.7.1"));
    batch.write("liver.dcm", file("Liver", &half, "1.7.2"));
    let (rows, _) = listed(&batch);
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    let cells = ["mask", "region", "mask.gtv_1", "mask.liver", "image"];
    assert_eq!(cells.map(|cell| &*row[cell]), ["gtv.dcm", "GTV 1", "gtv.dcm", "liver.dcm", "ct"]);
    let case = row["case"].clone();
    let ran = batch.run().well();
    let volume = |region: &str| -> f64 {
        ran.region(&case, region)["morphology.volume_voxel_counting"].parse().expect("a volume")
    };
    assert!(volume("liver") > 0.0 && volume("liver") < volume("tumour"));
    // Two readers of one lesion are two cases, as before.
    batch.write("liver.dcm", file("GTV 1", &half, "1.7.2"));
    let (rows, _) = listed(&batch);
    assert!(rows.len() == 2 && !rows[0].contains_key("mask.gtv_1"), "{rows:?}");
}

#[test]
fn scan_says_that_outlines_look_like_voxel_centres_as_run_does() {
    let batch = Batch::new(EXPERIMENT, "");
    write(&batch, "ct", &dicom::series(&scene::image(1), SERIES), EXPLICIT);
    // Edges of voxels that lie half a voxel aside are centres.
    let mut traced = scene::mask();
    for row in &mut traced.rows {
        row[3] += (row[0] + row[1]) / 2.0;
    }
    batch.write("rs.dcm", dicom::outlines(&[(1, "GTV", &traced)], SERIES).file(EXPLICIT));
    let (_, said) = listed(&batch);
    let ran = batch.run().well().said;
    for words in [&said, &ran.err] {
        assert!(words.contains("centres of voxels") && words.contains("outline_points = \"centres\""), "{words}");
    }
}
