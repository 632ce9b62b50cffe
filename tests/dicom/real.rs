//! Scans that are there in two formats, and a segmentation in frames.

use serde_json::Value as Json;
use voxomics_tests::{
    batch::{Batch, Row},
    reference, run, workspace,
};

/// The rows of `features_long.csv` of the CT phantom of IBSI 1 as NIfTI and as DICOM, by an experiment that ships.
fn phantom(experiment: &str) -> Option<[Vec<Row>; 2]> {
    let reference = reference()?.join("ibsi/ibsi1");
    let batch = Batch::default();
    let text = std::fs::read_to_string(workspace().join(experiment)).expect("an experiment");
    batch.write("experiment.toml", text);
    Some(["ct_phantom/image.nii.gz,ct_phantom/mask.nii.gz", "ct_phantom_dicom/image,ct_phantom_dicom/mask"].map(
        |paths| {
            let [image, mask] =
                paths.split_once(',').map(|(a, b)| [a, b].map(|path| reference.join(path))).expect("two");
            batch.write("cases.csv", format!("case,image,mask\na,{},{}\n", image.display(), mask.display()));
            let less = ["--set", "features.morphology.autocorrelation=false"];
            let mut rows = batch.run_into(&format!("out{}", paths.len()), &less).well().table("features_long.csv");
            // The unit of an image stands in DICOM alone.
            let is_dicom = paths.contains("dicom");
            let known = rows.iter().filter(|row| row["unit"].contains("HU")).count();
            assert_eq!(known > 0, is_dicom, "{known} rows in HU");
            assert!(!is_dicom || rows.iter().all(|row| !row["unit"].contains("intensity")));
            for row in &mut rows {
                row.insert("unit".into(), row["unit"].replace("HU", "intensity"));
            }
            rows
        },
    ))
}

#[test]
fn the_ct_phantom_has_the_same_features_interpolated() {
    let Some([nifti, dicom]) = phantom("configs/ibsi-1/e.toml") else { return };
    assert!(nifti.len() > 150 && nifti == dicom, "{} and {} rows that differ", nifti.len(), dicom.len());
    println!("E: {} features, of NIfTI and DICOM the same text", nifti.len());
}

/// The spacing is 0.977 × 0.977 × 3 mm, which NIfTI's single precision gives as 0.97699999809265137 and DICOM's 16
/// characters as 0.97699999809265, the slices' places as 2.99999999999985. What has no unit of length is the same text.
#[test]
fn the_ct_phantom_has_the_same_features_in_slices() {
    let Some([nifti, dicom]) = phantom("configs/ibsi-1/a.toml") else { return };
    assert!(nifti.len() > 300 && nifti.len() == dicom.len(), "{} and {} rows", nifti.len(), dicom.len());
    let mut worst = 0.0_f64;
    for (a, b) in nifti.iter().zip(&dicom) {
        if a["family"] != "morphology" {
            assert_eq!(a, b);
            continue;
        }
        assert_eq!((&a["feature"], &a["status"]), (&b["feature"], &b["status"]));
        if a["status"] == "ok" {
            let [a, b] = [a, b].map(|row| row["value"].parse::<f64>().expect("a number"));
            worst = worst.max((a / b - 1.0).abs());
        }
    }
    println!("A: {} features, of NIfTI and DICOM the same text; morphology within {worst:.1e}", nifti.len());
    assert!(worst < 1e-12, "{worst:e}");
}

#[test]
fn a_fractional_segmentation_has_its_voxels() {
    let Some(breast) = reference().map(|folder| folder.join("dicom/breast_mr_seg")) else { return };
    let batch = Batch::new(
        "[plugins]\nuse = [\"load-dicom\", \"features-statistics\", \"features-morphology\"]\n[regions.breast]\nname = \
         \"Breast\"\n[features.statistics]\n[features.morphology]\nautocorrelation = false\n",
        &format!("case,image,mask\na,{0}/image_dce_pe1,{0}/mask\n", breast.display()),
    );
    let arguments = ["check", "--json", "--cases"].map(str::to_owned);
    let paths = ["cases.csv", "experiment.toml"].map(|name| batch.path(name).display().to_string());
    let said = run(arguments.into_iter().chain(paths));
    assert_eq!(said.code, Some(0), "{said:?}");
    let json: Json = serde_json::from_str(&said.out).expect("JSON");
    let inspected = find(&json, "regions").expect("regions");
    assert_eq!(inspected[0]["voxels"], 82_527, "{json:#}");
    // Voxels of 0.703125² mm² and the distance of slices, 118.000004 mm over 59.
    let expected = 82_527.0 * 0.703125 * 0.703125 * 2.000_000_067_796_61;
    let row = batch.run().well().region("a", "breast");
    let volume: f64 = row["morphology.volume_voxel_counting"].parse().expect("a volume");
    println!("breast: 82527 voxels, {volume} mm³");
    assert!((volume / expected - 1.0).abs() < 1e-9, "{volume} and {expected}");
}

/// The first list of this name that has something in it, wherever it is.
fn find<'a>(json: &'a Json, name: &str) -> Option<&'a Json> {
    match json {
        Json::Object(object) => {
            let here = object.get(name).filter(|list| list.as_array().is_some_and(|list| list[0]["voxels"].is_u64()));
            here.or_else(|| object.values().find_map(|value| find(value, name)))
        }
        Json::Array(array) => array.iter().find_map(|value| find(value, name)),
        _ => None,
    }
}
