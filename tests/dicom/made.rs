//! Series that are made here: the same features as from NIfTI, regions and series by choice, attributes as inputs.

use std::fs;

use voxomics_tests::{
    batch::Batch,
    dicom::{self, EXPLICIT, IMPLICIT, Object, tags},
    nifti::Nifti,
    run,
    scene::{self, DIMS},
    table,
};

/// Families of every kind, and a ring.
pub const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "load-dicom", "features-statistics", "features-morphology", "features-glcm"]

[regions.tumour]
[regions.ring]
ring_of = "tumour"
outward_mm = 2.5

[discretisation]
method = "fixed bin number"
bins = 8

[features.statistics]
[features.morphology]
[features.glcm]
"#;

/// The series of the scene.
pub const SERIES: &str = "1.2.2";

/// Writes a series into a folder.
pub fn write(batch: &Batch, folder: &str, slices: &[Object], syntax: &str) {
    fs::create_dir_all(batch.path(folder)).expect("a folder");
    for (index, slice) in slices.iter().enumerate() {
        batch.write(&format!("{folder}/{index:02}.dcm"), slice.file(syntax));
    }
}

/// The slices as those of a PET in Bq/ml: 70 kg, 370 MBq an hour before.
pub fn pet(slices: &[Object]) -> Vec<Object> {
    let dose = Object::default()
        .text(0x0018_1078, "DT", "20260110101500")
        .decimals(0x0018_1074, &[3.7e8])
        .decimals(0x0018_1075, &[6586.2]);
    let slice = |slice: &Object| {
        slice
            .clone()
            .text(tags::SOP_CLASS_UID, "UI", "1.2.840.10008.5.1.4.1.1.128")
            .text(tags::MODALITY, "CS", "PT")
            .text(0x0008_0021, "DA", "20260110")
            .text(0x0008_0022, "DA", "20260110")
            .text(0x0008_0031, "TM", "111500")
            .text(0x0008_0032, "TM", "111500")
            .decimals(0x0010_1030, &[70.0])
            .text(0x0018_1242, "IS", "60000")
            .text(0x0028_0051, "CS", "NORM\\ATTN\\DECY")
            .text(0x0054_1001, "CS", "BQML")
            .text(0x0054_1102, "CS", "START")
            .items(0x0054_0016, vec![dose.clone()])
    };
    slices.iter().map(slice).collect()
}

/// The lesion, and the half of it on the side of small *x*.
fn lesion_and_half() -> [Nifti; 2] {
    [scene::mask(), scene::image(0).map(|index| u8::from(scene::in_lesion(index) && index[0] < DIMS[0] / 2))]
}

/// A batch of one series with two regions, the lesion and half of it, and the same as NIfTI.
fn both_formats(list: &str) -> Batch {
    let batch = Batch::new(EXPERIMENT, list);
    let [lesion, half] = lesion_and_half();
    write(&batch, "ct", &dicom::series(&scene::image(1), SERIES), EXPLICIT);
    write(&batch, "implicit", &dicom::series(&scene::image(1), SERIES), IMPLICIT);
    let regions = [(3, "GTV-1", &lesion), (7, "half of it", &half)];
    batch.write("rs.dcm", dicom::outlines(&regions, SERIES).file(EXPLICIT));
    batch.write("seg.dcm", dicom::segmentation(&regions, SERIES).file(EXPLICIT));
    batch.scan("ct.nii", &scene::image(1));
    batch.scan("lesion.nii", &lesion);
    batch.scan("half.nii", &half);
    batch
}

#[test]
fn nifti_and_dicom_give_the_same_features() {
    let list = "case,image,mask,region\n\
                nifti,ct.nii,lesion.nii,\nrtstruct,ct,rs.dcm,GTV-1\nseg,ct,seg.dcm,GTV-1\nimplicit,implicit,rs.dcm,#3\n\
                half,ct.nii,half.nii,\nhalf-rtstruct,ct,rs.dcm,half*\nhalf-seg,ct,seg.dcm,#7\n";
    let ran = both_formats(list).run_well();
    for region in ["tumour", "ring"] {
        let lesion = ran.region("nifti", region);
        assert!(lesion["statistics.mean"].parse::<f64>().is_ok());
        for case in ["rtstruct", "seg", "implicit"] {
            assert_eq!(ran.region(case, region), lesion, "{case}, {region}");
        }
        let half = ran.region("half", region);
        assert_ne!(half, lesion);
        for case in ["half-rtstruct", "half-seg"] {
            assert_eq!(ran.region(case, region), half, "{case}, {region}");
        }
    }
}

#[test]
fn a_region_that_is_not_clear_is_an_error_that_lists_what_there_is() {
    let list = "case,image,mask,region\nnone,ct,rs.dcm,\nboth,ct,rs.dcm,*\nother,ct,seg.dcm,gtv-1\nnumber,ct,rs.dcm,#4\n\
                good,ct,rs.dcm,G?V-1\n";
    let batch = both_formats(list);
    let ran = batch.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    let failures = ran.table("failures.csv");
    for (case, words) in [
        ("none", &["several regions", "GTV-1", "half of it"][..]),
        ("both", &["fits 2 regions", "GTV-1", "half of it"]),
        ("other", &["gtv-1", "GTV-1", "half of it"]),
        ("number", &["#4", "GTV-1", "half of it"]),
    ] {
        let of_case: Vec<&str> =
            failures.iter().filter(|row| row["case"] == case).map(|row| row["message"].as_str()).collect();
        assert!(!of_case.is_empty(), "{case} did not fail: {failures:?}");
        for word in words {
            assert!(of_case[0].contains(word), "{case}: `{word}` is not in {of_case:?}");
        }
    }
    assert!(ran.region("good", "tumour")["statistics.mean"].parse::<f64>().is_ok());
}

#[test]
fn a_series_is_chosen_by_its_uid() {
    let batch = Batch::new(EXPERIMENT, "");
    let lesion = scene::mask();
    let (first, second) = (dicom::series(&scene::image(1), SERIES), dicom::series(&scene::image(2), "1.2.3"));
    write(&batch, "both", &[first, second].concat(), EXPLICIT);
    batch.write("rs.dcm", dicom::outlines(&[(1, "GTV", &lesion)], SERIES).file(EXPLICIT));
    batch.write("rs2.dcm", dicom::outlines(&[(1, "GTV", &lesion)], "1.2.3").file(EXPLICIT));
    for case in [1, 2] {
        batch.scan(&format!("{case}.nii"), &scene::image(case));
    }
    batch.scan("lesion.nii", &lesion);
    let list = "case,image,mask,series\nany,both,rs.dcm,\nnone,both,rs.dcm,1.9\nother,both,rs2.dcm,1.2.2\n1,both,rs.dcm,1.2.2\n\
                2,both,rs2.dcm,1.2.3\nn1,1.nii,lesion.nii,\nn2,2.nii,lesion.nii,\n";
    batch.write("cases.csv", list);
    let ran = batch.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    let failures = ran.table("failures.csv");
    for (case, word) in [("any", "2 series of images"), ("none", "no series 1.9"), ("other", "1.2.3")] {
        let row = failures.iter().find(|row| row["case"] == case).unwrap_or_else(|| panic!("{case}: {failures:?}"));
        assert!(row["stage"] == "load" && row["message"].contains(word), "{row:?}");
        assert!(row["message"].contains(SERIES), "{row:?}");
    }
    for (case, same) in [("1", "n1"), ("2", "n2")] {
        assert_eq!(ran.region(case, "tumour"), ran.region(same, "tumour"), "{case}");
    }
}

#[test]
fn the_voltage_of_the_header_is_an_input() {
    let model = "\n[covariates.kvp]\n[predict.score]\nplugin = \"predict-linear\"\nmodel = \"model.toml\"\n";
    let experiment = format!("{EXPERIMENT}{model}").replace("\"load-dicom\"", "\"load-dicom\", \"predict-linear\"");
    let batch =
        both_formats("case,image,mask,region\na,ct,rs.dcm,GTV-1\nb,ct140,rs.dcm,GTV-1\nc,silent,rs.dcm,GTV-1\n");
    batch.write("experiment.toml", experiment);
    let input = "[[input]]\nname = \"kvp\"\ncoefficient = 0.5\n";
    batch.write("model.toml", format!("[model]\nname = \"m\"\nlink = \"identity\"\nintercept = 1\n{input}"));
    let slices = dicom::series(&scene::image(1), SERIES);
    let with: Vec<Object> = slices.iter().map(|slice| slice.clone().decimals(tags::KVP, &[140.0])).collect();
    write(&batch, "ct140", &with, EXPLICIT);
    let without: Vec<Object> = slices.iter().map(|slice| slice.clone().without(tags::KVP)).collect();
    write(&batch, "silent", &without, EXPLICIT);
    let ran = batch.run();
    let scores = ran.table("scores.csv");
    let score = |case: &str| {
        let row = scores.iter().find(|row| row["case"] == case).expect("a row");
        row["value"].clone()
    };
    assert_eq!((score("a").as_str(), score("b").as_str(), score("c").as_str()), ("61", "71", ""), "{:?}", ran.said);
    // A column of the list comes before the header.
    batch.write("cases.csv", "case,image,mask,region,kvp\na,ct,rs.dcm,GTV-1,100\nb,ct140,rs.dcm,GTV-1,\n");
    let scores = batch.run_into("listed", &[]).table("scores.csv");
    assert_eq!(scores.iter().map(|row| row["value"].as_str()).collect::<Vec<_>>(), ["51", "71"]);
}

#[test]
fn a_scanned_folder_is_a_list_that_runs() {
    let batch = both_formats("");
    fs::remove_dir_all(batch.path("implicit")).expect("a folder");
    let list = batch.path("cases.csv");
    let [folder, cases] = [batch.path(""), list.clone()].map(|path| path.display().to_string());
    let said = run(["scan", &folder, "--cases", &cases]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let rows = table(&list);
    assert_eq!(rows.len(), 5, "two files of two regions, and an image beside them: {rows:?}");
    let (of_dicom, of_files): (Vec<_>, Vec<_>) = rows.iter().partition(|row| !row["series"].is_empty());
    assert!(
        of_dicom.len() == 4 && of_dicom.iter().all(|row| row["kvp"] == "120" && row["series"] == SERIES),
        "{rows:?}"
    );
    assert_eq!(
        ["image", "mask.half", "mask.lesion"].map(|cell| &*of_files[0][cell]),
        ["ct.nii", "half.nii", "lesion.nii"]
    );
    let ran = batch.run().well();
    assert_eq!(ran.table("features.csv").len(), 10);
}

#[test]
fn the_volumes_of_a_series_are_scanned_chosen_and_told_apart() {
    let batch = Batch::new(EXPERIMENT, "");
    let lesion = scene::mask();
    let volume = |seed: u64, number: &str| -> Vec<Object> {
        let named = |(index, slice): (usize, Object)| {
            slice.text(tags::SOP_INSTANCE_UID, "UI", &format!("1.2.4.{seed}.{index}")).text(0x0020_0012, "IS", number)
        };
        dicom::series(&scene::image(seed), SERIES).into_iter().enumerate().map(named).collect()
    };
    write(&batch, "both", &[volume(1, "1"), volume(2, "2")].concat(), EXPLICIT);
    batch.write("rs.dcm", dicom::outlines(&[(1, "GTV", &lesion)], SERIES).file(EXPLICIT));
    let [folder, cases] = ["", "cases.csv"].map(|name| batch.path(name).display().to_string());
    let said = run(["scan", &folder, "--cases", &cases]);
    assert!(said.code == Some(0) && said.out.contains("1 series of 2 volumes"), "{said:?}");
    let rows = table(&batch.path("cases.csv"));
    let chosen: Vec<[&str; 2]> = rows.iter().map(|row| [row["case"].as_str(), row["series"].as_str()]).collect();
    let names = ["patient_CT_AcquisitionNumber_1_GTV", "patient_CT_AcquisitionNumber_2_GTV"];
    assert_eq!(chosen, [[names[0], "1.2.2/AcquisitionNumber=1"], [names[1], "1.2.2/AcquisitionNumber=2"]]);
    let scanned = batch.run().well();
    for case in [1, 2] {
        batch.scan(&format!("{case}.nii"), &scene::image(case));
    }
    batch.scan("lesion.nii", &lesion);
    let list =
        format!("case,image,mask,series\nn1,1.nii,lesion.nii,\nn2,2.nii,lesion.nii,\nplain,both,rs.dcm,{SERIES}\n");
    batch.write("cases.csv", list);
    let listed = batch.run_into("listed", &[]);
    for (name, same) in names.iter().zip(["n1", "n2"]) {
        let mut found = scanned.region(name, "tumour");
        found.retain(|column, _| !["patient", "modality", "kvp"].contains(&column.as_str()));
        assert_eq!(found, listed.region(same, "tumour"), "{name}");
    }
    assert_ne!(listed.region("n1", "tumour"), listed.region("n2", "tumour"));
    let failures = listed.table("failures.csv");
    assert!(failures.len() == 1 && failures[0]["case"] == "plain", "{failures:?}");
    assert!(failures[0]["message"].contains("name one of: 1.2.2/AcquisitionNumber=1; 1.2.2/AcquisitionNumber=2"));
}
