//! `voxomics ibsi` over folders of reference data.

use std::fs;

use voxomics_tests::{
    nifti::{Nifti, straight},
    reference, run,
};

/// The filters of a patient with a sarcoma (Vallières et al. 2015, 10.7937/K9/TCIA.2015.7GO2GSKS), in CT, MR and PET, against what at least four
/// research teams agree on, within 1 %.
#[test]
fn filtered_images_of_a_patient_meet_what_teams_agree_on() {
    let Some(folder) = reference() else { return };
    let said = run(["ibsi", "--json", "--reference", &folder.join("dicom/sts_005").display().to_string()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let all: Vec<serde_json::Value> = serde_json::from_str(&said.out).expect("JSON");
    for modality in ["CT", "MR_T1", "PET"] {
        for filter in ["1", "2", "4", "5", "6", "7"] {
            let name = format!("STS_005 {modality} {filter}");
            let of = all.iter().filter(|one| one["reference"]["configuration"] == name.as_str());
            let differences: Vec<f64> = of
                .map(|one| {
                    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
                    let (computed, expected) = (number(&one["computed"]), number(&one["reference"]["value"]));
                    (computed - expected).abs() / expected.abs()
                })
                .collect();
            assert_eq!(differences.len(), 18, "{name}");
            let worst = differences.into_iter().fold(0.0, f64::max);
            println!("{name}: at most {worst:.1e} off");
            assert!(worst <= 0.01, "{name}: {worst}");
        }
    }
    assert_eq!(all.len(), 3 * 6 * 18);
}

/// The tests of the standard without a map that teams agree on: they are computed, and nothing passes or fails.
#[test]
fn where_no_reference_exists_it_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let phantom = Nifti::new([12; 3], straight([2.0; 3], [0.0; 3]), |at| u8::from(at == [6; 3]) * 255);
    fs::write(folder.path().join("impulse.nii"), phantom.bytes()).expect("a file");
    let list = "id,filter,dimension,padding,reference_map,phantom_file,sigma_mm,cutoff_sigma,map,level,riesz_l,aligned_by_structure_tensor_sigma_mm\n\
                9.b.2,Riesz-transformed LoG,3D,zero (constant 0),,impulse.nii,3.0,4,,,\"[0, 2, 0]\",1\n\
                10.a,Riesz-transformed Simoncelli,3D,zero (constant 0),,impulse.nii,,,B,1,\"[1, 0, 0]\",\n\
                10.b.2,Riesz-transformed Simoncelli,3D,nearest (edge replicate),,impulse.nii,,,B,1,\"[0, 2, 0]\",1\n";
    fs::write(folder.path().join("tests.csv"), list).expect("a file");
    let said = run(["ibsi", "--reference", &folder.path().display().to_string()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for name in
        ["9.b.2 Riesz-transformed LoG", "10.a Riesz-transformed Simoncelli", "10.b.2 Riesz-transformed Simoncelli"]
    {
        let line = said.out.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {said:?}"));
        assert!(line.contains("no reference exists; computed, from"), "{line}");
        // An impulse has a response.
        assert!(!line.ends_with("from 0.0000 to 0.0000"), "{line}");
    }
    assert!(said.out.contains("0 of 0 values agree with the reference"), "{}", said.out);
}
