//! What leaves as DICOM and FHIR: read back here, and by others in `tests/oracle/exports.py`.

use std::{fs, path::PathBuf};

use serde_json::Value as Json;
use voxomics_tests::{
    batch::{Batch, Ran},
    dicom::{self, EXPLICIT},
    run, scene, voxomics,
};

use crate::made::{EXPERIMENT, SERIES, write};

/// With both kinds of segmentation, and FHIR.
fn exporting() -> String {
    let plugins = r#""export-dicom", "export-fhir", "load-nifti""#;
    EXPERIMENT.replacen(r#""load-nifti""#, plugins, 1)
        + "[export.binary]\nplugin = 'dicom'\n[export.labels]\nplugin = 'dicom'\nsegmentation = 'labelmap'\n\
           type = '52988006|SCT|Lesion'\n[export.fhir]\nplugin = 'fhir'\npatient_system = 'urn:oid:1.2.3'\n"
}

fn batch(experiment: &str, list: &str) -> Batch {
    let batch = Batch::new(experiment, list);
    write(&batch, "ct", &dicom::series(&scene::image(1), SERIES), EXPLICIT);
    batch.write("rs.dcm", dicom::outlines(&[(1, "GTV", &scene::mask())], SERIES).file(EXPLICIT));
    batch.scan("ct.nii", &scene::image(1));
    batch.scan("mask.nii", &scene::mask());
    batch
}

fn exported(ran: &Ran, name: &str) -> PathBuf {
    ran.out.join("export").join(name)
}

#[test]
fn a_segmentation_that_was_written_has_the_features_of_what_was_drawn() {
    let batch = batch(&exporting(), "case,image,mask\na,ct,rs.dcm\n");
    let first = batch.run().well();
    let again =
        Batch::new(EXPERIMENT, "case,image,mask,region\nbinary,ct,binary.dcm,tumour\nlabels,ct,labels.dcm,tumour\n");
    write(&again, "ct", &dicom::series(&scene::image(1), SERIES), EXPLICIT);
    for kind in ["binary", "labels"] {
        fs::copy(exported(&first, kind).join("a/regions.dcm"), again.path(&format!("{kind}.dcm")))
            .expect("it is there");
    }
    let second = again.run_well();
    for region in ["tumour", "ring"] {
        let drawn = first.region("a", region);
        for kind in ["binary", "labels"] {
            assert_eq!(second.region(kind, region), drawn, "{kind}, {region}");
        }
    }
}

#[test]
fn objects_of_one_moment_have_the_same_bytes() {
    let batch = batch(&exporting(), "case,image,mask\na,ct,rs.dcm\n");
    let bytes = |out: &str, seconds: &str| {
        let path = |name: &str| batch.path(name).display().to_string();
        let mut command = voxomics();
        command.args(["run", &path("experiment.toml"), "--cases", &path("cases.csv"), "--out", &path(out)]);
        let said = command.env("SOURCE_DATE_EPOCH", seconds).output().expect("it runs");
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let of = |name: &str| fs::read(batch.path(out).join("export/binary/a").join(name)).expect("it is there");
        ["regions.dcm", "measurements.dcm"].map(of)
    };
    let first = bytes("first", "951827696");
    assert!(first == bytes("second", "951827696"));
    // Another moment makes another object: its bytes are others, and so is its UID.
    assert!(first != bytes("third", "951827697"));
    assert!(first[0].windows(8).any(|word| word == b"20000229"));
}

#[test]
fn observations_have_the_values_of_the_tables() {
    let ran = batch(&exporting(), "case,image,mask\na,ct,rs.dcm\n").run_well();
    let text = fs::read_to_string(exported(&ran, "fhir").join("a/observations.json")).expect("it is there");
    let bundle: Json = serde_json::from_str(&text).expect("JSON");
    let entries = bundle["entry"].as_array().expect("entries");
    assert_eq!(entries.len(), 2);
    let mut compared = 0;
    for (entry, region) in entries.iter().zip(["tumour", "ring"]) {
        let resource = &entry["resource"];
        assert_eq!(resource["subject"]["identifier"]["system"], "urn:oid:1.2.3");
        assert!(resource["note"][0]["text"].as_str().is_some_and(|text| text.contains("Not a medical device")));
        let row = ran.region("a", region);
        for component in resource["component"].as_array().expect("components") {
            let name = component["code"]["text"].as_str().expect("a name");
            match component["valueQuantity"]["value"].as_f64() {
                Some(value) => assert_eq!(row[name].parse(), Ok(value), "{name}"),
                None => assert!(row[name].is_empty() && component["dataAbsentReason"]["text"].is_string(), "{name}"),
            }
            compared += 1;
        }
        let mean = resource["component"].as_array().expect("components").iter();
        let mean = mean.clone().find(|component| component["code"]["text"] == "statistics.mean").expect("the mean");
        assert_eq!(mean["code"]["coding"][0]["code"], "Q4LE");
        assert_eq!(mean["valueQuantity"]["code"], "[hnsf'U]");
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn a_scan_without_a_study_is_no_dicom_object() {
    let batch = batch(&exporting(), "case,image,mask,patient\na,ct.nii,mask.nii,MRN-770\n");
    let ran = batch.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    let failures = ran.table("failures.csv");
    assert_eq!(failures.len(), 2, "{failures:?}");
    for failure in &failures {
        assert_eq!((failure["stage"].as_str(), failure["plugin"].as_str()), ("export", "export-dicom"));
        assert!(failure["message"].contains("no StudyInstanceUID"), "{failure:?}");
    }
    // What does not need one is there, and so are the values.
    let text = fs::read_to_string(exported(&ran, "fhir").join("a/observations.json")).expect("it is there");
    let bundle: Json = serde_json::from_str(&text).expect("JSON");
    // Its patient is the one of the list.
    assert_eq!(bundle["entry"][0]["resource"]["subject"]["identifier"]["value"], "MRN-770");
    assert!(ran.region("a", "tumour")["statistics.mean"].parse::<f64>().is_ok());
}

#[test]
fn scans_of_two_patients_are_not_exported_together() {
    let of_both = exporting() + "[images.first]\nscan = 'ct'\n[images.second]\nscan = 'other'\n";
    let batch = batch(
        &of_both,
        "case,image.ct,image.other,mask,patient\na,ct,other,rs.dcm,patient\nb,ct,same,rs.dcm,somebody\n",
    );
    let series = || dicom::series(&scene::image(1), SERIES);
    write(&batch, "same", &series(), EXPLICIT);
    let of_another = series().into_iter().map(|slice| slice.text(dicom::tags::PATIENT_ID, "LO", "MRN-771"));
    write(&batch, "other", &of_another.collect::<Vec<_>>(), EXPLICIT);
    let ran = batch.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    let failures = ran.table("failures.csv");
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0]["case"] == "a" && failures[0]["stage"] == "export", "{failures:?}");
    assert!(failures[0]["message"].contains("`patient` and `MRN-771`"), "{failures:?}");
    assert!(!exported(&ran, "fhir").join("a/observations.json").exists());
    assert!(exported(&ran, "fhir").join("b/observations.json").is_file(), "of one patient");
    // Once a case: of the two scans, and of the list.
    for words in [
        "its scans are of two patients: `patient`, and `MRN-771` of image.other",
        "its patient is `somebody` in the list",
    ] {
        assert_eq!(
            ran.said.err.matches(words).count() + ran.said.out.matches(words).count(),
            1,
            "{words}: {:?}",
            ran.said
        );
    }
}

#[test]
fn what_no_object_can_hold_is_refused() {
    // The ring beyond the ring has the voxels of another region.
    let overlapping = exporting() + "[regions.both]\nring_of = 'tumour'\noutward_mm = 5\n";
    let held = batch(&overlapping, "case,image,mask\na,ct,rs.dcm\n");
    let ran = held.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    let failures = ran.table("failures.csv");
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0]["message"].contains("`ring` and `both` share voxels"), "{failures:?}");
    assert!(exported(&ran, "binary").join("a/regions.dcm").is_file());

    let wrong = exporting().replace("52988006|SCT|Lesion", "lesion");
    let batch = batch(&wrong, "case,image,mask\na,ct,rs.dcm\n");
    let said = run(["check", &batch.path("experiment.toml").display().to_string()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("expected code|scheme|meaning"), "{said:?}");
}
