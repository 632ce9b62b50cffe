//! `voxomics scan`: what a loader tells of a folder, in words, as JSON, and as a list of cases.

use std::{ffi::OsStr, path::Path};

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use voxomics_tests::{Said, batch::Batch, built, nifti::Nifti, scene, table, voxomics};

/// Scans a folder with the loader that was made for these tests beside the standard ones.
fn scan(folder: &Path, arguments: &[&OsStr]) -> Said {
    let mut command = voxomics();
    command.env("VOXOMICS_PLUGIN_PATH", built().join("examples")).arg("scan").arg(folder).args(arguments);
    command.output().expect("the program runs").into()
}

/// A folder of which this is told.
fn folder(survey: &Json) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("survey.json"), survey.to_string()).expect("a file");
    folder
}

fn series(uid: &str, patient: &str, folder: &str, problem: Option<&str>) -> Json {
    let sound = problem.is_none();
    json!({
        "uid": uid, "patient": patient, "study": "7.1", "modality": "CT", "description": "Thorax 3 mm",
        "folder": folder, "files": 98, "dims": sound.then_some([512, 512, 98]),
        "spacing": sound.then_some([0.9765625, 0.9765625, 3.0]), "problem": problem,
        "attributes": { "KVP": 120, "ConvolutionKernel": "B30f", "ContrastBolusAgent": "yes" },
    })
}

fn outlines(path: &str, series: &str, names: &[&str]) -> Json {
    let regions: Vec<Json> =
        names.iter().enumerate().map(|(i, name)| json!({ "number": i + 1, "name": name })).collect();
    json!({ "path": path, "modality": "RTSTRUCT", "patient": "p", "series": series, "regions": regions })
}

fn survey(series: &[Json], outlines: &[Json], unusable: &[Json]) -> Json {
    json!({ "files": 100, "series": series, "outlines": outlines, "unusable": unusable, "foreign": 4 })
}

#[test]
fn a_sound_folder_is_told_of_and_becomes_a_list_that_runs_read() {
    let told = survey(
        &[series("1.1", "P1", "p1/ct", None), series("1.2", "P2", "p2", None)],
        &[outlines("p1/rs.dcm", "1.1", &["GTV-1", "Lung*"]), outlines("p2/rs.dcm", "1.2", &["GTV-1", "GTV-1"])],
        &[],
    );
    let folder = folder(&told);
    let list = folder.path().join("lists/cases.csv");
    let said = scan(folder.path(), &["--cases".as_ref(), list.as_ref()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for words in [
        "patient P1",
        "study 7.1",
        "CT Thorax 3 mm: 98 files, 512 × 512 × 98, 0.9766 × 0.9766 × 3 mm, 120 kV, kernel B30f, contrast yes",
        "#1 GTV-1, #2 Lung*",
        "load-surveyor: 100 files; 2 series, 2 files of outlines, 0 not usable, 4 of other formats",
        "4 cases in",
    ] {
        assert!(said.out.contains(words), "`{words}` is not in\n{}", said.out);
    }
    let rows = table(&list);
    let cells = |column: &str| rows.iter().map(|row| row[column].as_str()).collect::<Vec<_>>();
    assert_eq!(cells("case"), ["P1_CT_GTV-1", "P1_CT_Lung_", "P2_CT_GTV-1_1", "P2_CT_GTV-1_2"]);
    assert_eq!(cells("region"), ["GTV-1", "#2", "#1", "#2"]);
    assert_eq!((cells("series"), cells("kvp")), (vec!["1.1", "1.1", "1.2", "1.2"], vec!["120"; 4]));
    // The list lies beside what it lists, not above it.
    assert_eq!(cells("image")[0], folder.path().join("p1/ct").display().to_string());
    let beside = folder.path().join("cases.csv");
    assert_eq!(scan(folder.path(), &["--cases".as_ref(), beside.as_ref()]).code, Some(0));
    let row = &table(&beside)[0];
    assert_eq!((row["image"].as_str(), row["mask"].as_str()), ("p1/ct", "p1/rs.dcm"));
}

#[test]
fn what_cannot_be_used_is_said_with_its_reason() {
    let told = survey(
        &[series("1.1", "P1", "ct", Some("slice 12 is missing")), series("1.2", "P1", "ct", None)],
        &[outlines("rs.dcm", "1.1", &["GTV"]), outlines("other.dcm", "9.9", &["GTV"])],
        &[json!({ "path": "broken.dcm", "problem": "it ends within an element" })],
    );
    let folder = folder(&told);
    let list = folder.path().join("cases.csv");
    let said = scan(folder.path(), &["--cases".as_ref(), list.as_ref()]);
    assert_eq!(said.code, Some(3), "{said:?}");
    for words in [
        "it cannot be loaded: slice 12 is missing",
        "broken.dcm: it ends within an element",
        "the series 9.9, which is not in the folder",
    ] {
        assert!(said.out.contains(words), "`{words}` is not in\n{}", said.out);
    }
    for words in
        ["1.1 of patient `P1`: slice 12", "1.2 of patient `P1`: no file of outlines", "other.dcm: it was drawn on"]
    {
        assert!(said.err.contains(words), "`{words}` is not in\n{}", said.err);
    }
    assert!(said.err.contains("is not written") && !list.exists(), "{}", said.err);
    let said = scan(folder.path(), &["--json".as_ref()]);
    let json: Json = serde_json::from_str(&said.out).expect("JSON");
    let of_surveyor =
        json["surveys"].as_array().and_then(|all| all.iter().find(|one| one["loader"] == "load-surveyor"));
    assert_eq!(of_surveyor.map(|one| &one["series"][0]["problem"]), Some(&json!("slice 12 is missing")));
}

#[test]
fn what_is_no_volume_is_left_out_and_what_may_be_wrong_is_told() {
    let mut told = survey(&[series("1.1", "P1", "ct", None)], &[outlines("rs.dcm", "1.1", &["GTV", "empty"])], &[]);
    told["series"][0]["warnings"] = json!(["other volumes reach farther"]);
    told["outlines"][0]["regions"][1]["empty"] = json!(true);
    told["aside"] = json!([{
        "uid": "1.9", "patient": "P1", "modality": "OT", "description": "Screen Save", "folder": "sc", "files": 1,
        "reason": "a screenshot",
    }]);
    told["others"] = json!({ "PR": 2, "SR": 1 });
    let folder = folder(&told);
    let list = folder.path().join("cases.csv");
    let said = scan(folder.path(), &["--cases".as_ref(), list.as_ref()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for words in [
        "      warning: other volumes reach farther",
        "left out: OT Screen Save of patient P1: 1 file, a screenshot, in sc",
        "also there: 2 PR, 1 SR",
        "#1 GTV, #2 empty (nothing drawn)",
    ] {
        assert!(said.out.contains(words), "`{words}` is not in\n{}", said.out);
    }
    assert!(said.err.contains("rs.dcm: nothing is drawn for `#2 empty`"), "{}", said.err);
    assert_eq!(table(&list).len(), 1);
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_utf8_and_a_folder_that_cannot_be_read_do_not_stop_a_scan() {
    use std::os::unix::{ffi::OsStrExt as _, fs::PermissionsExt as _};
    let folder = folder(&survey(&[series("1.1", "P1", "ct", None)], &[], &[]));
    let cut =
        |name: &[u8]| std::fs::write(folder.path().join(OsStr::from_bytes(name)), [&[0; 128][..], b"DICM"].concat());
    cut(b"M\xfcller.dcm").expect("a file");
    let closed = folder.path().join("closed");
    std::fs::create_dir(&closed).expect("a folder");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).expect("permissions");
    // Whoever may read everything cannot be kept out.
    let is_open = std::fs::read_dir(&closed).is_ok();
    let said = scan(folder.path(), &[]);
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).expect("permissions");
    assert_eq!(said.code, Some(3), "{said:?}");
    let lines = |words: &str| said.out.lines().any(|line| line.contains(words));
    assert!(lines("ller.dcm: ") && (is_open || lines("closed: ")), "{}", said.out);
    let json = scan(folder.path(), &["--json".as_ref()]);
    assert!(serde_json::from_str::<Json>(&json.out).is_ok(), "{json:?}");
}

/// A scan of the scene somewhere else.
fn moved(scan: &Nifti, mm: f64) -> Nifti {
    let mut moved = scan.clone();
    moved.rows[0][3] += mm;
    moved
}

#[test]
fn images_and_masks_in_files_are_told_apart_and_paired_and_runs_read_the_list() {
    let experiment = "[plugins]\nuse = [\"load-nifti\", \"features-statistics\"]\n[regions.tumour]\n[features.statistics]\nonly = [\"mean\"]\n";
    let batch = Batch::new(experiment, "");
    let (mask, half) = (scene::mask(), scene::image(0).map(|index| u8::from(scene::in_lesion(index) && index[0] < 8)));
    let labels = scene::image(0).map(|index| u8::from(scene::in_lesion(index)) * if index[0] < 8 { 1 } else { 2 });
    batch.scan("P1/ct.nii.gz", &scene::image(1));
    batch.scan("P1/pet.nii.gz", &scene::image(2));
    batch.scan("P1/gtv.nii.gz", &mask);
    batch.scan("P1/segmentations/liver.nii.gz", &half);
    batch.scan("P2/ct.nii", &moved(&scene::image(3), 500.0));
    batch.scan("P2/seg.nii", &moved(&labels, 500.0));
    batch.scan("P3/ct.nii", &scene::image(4));
    batch.scan("P3/gtv.nii", &moved(&mask, 900.0));
    batch.write("P3/cut.nii", &scene::image(5).bytes()[..600]);
    let list = batch.path("cases.csv");
    let said = scan(&batch.path(""), &["--cases".as_ref(), list.as_ref()]);
    // The damaged file is told of, and keeps nothing else from being listed.
    assert_eq!(said.code, Some(3), "{said:?}");
    for words in [
        "P3/cut.nii: load-nifti: ",
        "truncated",
        "the image that its name goes with lies at another place",
        "4 images, 4 masks, 1 not usable",
    ] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    let rows = table(&list);
    let cells =
        |columns: [&str; 5]| rows.iter().map(|row| columns.map(|column| row[column].clone())).collect::<Vec<_>>();
    let expected = [
        ["P1", "P1/ct.nii.gz", "P1/gtv.nii.gz", "#1", ""],
        ["P2_mask_1", "P2/ct.nii", "P2/seg.nii", "#1", ""],
        ["P2_mask_2", "P2/ct.nii", "P2/seg.nii", "#2", ""],
    ];
    assert_eq!(cells(["case", "image", "mask", "region", "series"]), expected);
    let beside = ["image.ct", "image.pet", "mask.gtv", "mask.liver"].map(|column| rows[0][column].as_str());
    assert_eq!(beside, ["P1/ct.nii.gz", "P1/pet.nii.gz", "P1/gtv.nii.gz", "P1/segmentations/liver.nii.gz"]);
    assert!(rows[1]["image.pet"].is_empty() && rows[1]["mask.liver"].is_empty());
    let ran = batch.run().well();
    let mean = |case: &str| ran.region(case, "tumour")["statistics.mean"].parse::<f64>().expect("a mean");
    assert!([mean("P1"), mean("P2_mask_1"), mean("P2_mask_2")].iter().all(|mean| mean.is_finite()));
    assert_ne!(mean("P2_mask_1"), mean("P2_mask_2"));
    // The other images and masks of the first case.
    batch.write(
        "experiment.toml",
        format!("{experiment}[images.pet]\nscan = \"pet\"\n[regions.liver]\nmask = \"liver\"\n"),
    );
    batch.write(
        "cases.csv",
        std::fs::read_to_string(&list).expect("a list").lines().take(2).collect::<Vec<_>>().join("\n"),
    );
    let both = batch.run_into("both", &[]).well();
    assert_eq!(both.table("features.csv").len(), 2);
}

#[test]
fn nothing_and_no_folder_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = scan(folder.path(), &[]);
    assert!(said.code == Some(2) && said.err.contains("there is nothing to read in"), "{said:?}");
    let said = scan(&folder.path().join("nowhere"), &[]);
    assert!(said.code == Some(2) && said.err.contains("nowhere cannot be read"), "{said:?}");
}

#[test]
fn a_loader_that_fails_is_named() {
    let folder = folder(&json!({ "files": "many" }));
    let said = scan(folder.path(), &[]);
    assert!(said.err.contains("load-surveyor: survey.json: invalid type"), "{said:?}");
    assert_ne!(said.code, Some(0), "{said:?}");
    std::fs::write(folder.path().join("survey.json"), "panic").expect("a file");
    let said = scan(folder.path(), &[]);
    assert!(said.err.contains("a survey too far") && said.code != Some(0), "{said:?}");
}
