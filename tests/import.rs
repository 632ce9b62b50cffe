//! Parameter files of other software, through the program: the experiment must be sound, and the report complete.

use voxomics_tests::{
    batch::Batch,
    nifti::{Nifti, straight},
    run, table, workspace,
};

/// Every feature of PyRadiomics by its name.
fn every_feature_named() -> String {
    let mut text = String::from("featureClass:\n");
    let mut class = String::new();
    for row in table(&workspace().join("tests/oracle/pyradiomics.csv")) {
        let words: Vec<&str> = row["column"].splitn(3, '_').collect();
        let [_, of, feature] = words[..] else { panic!("{row:?}") };
        if row["case"] != "ball" {
            continue;
        }
        if of != class {
            class = of.to_owned();
            text += &format!("  {class}:\n");
        }
        text += &format!("    - {feature}\n");
    }
    text + "setting:\n  binWidth: 25\n  force2D: true\n  gldm_a: 1\n  voxelArrayShift: 1000\n"
}

#[test]
fn every_feature_and_setting_of_a_full_equivalent_passes_the_check() {
    let batch = Batch::default();
    let yaml = batch.write("Params.yaml", every_feature_named());
    let toml = batch.path("params.toml").display().to_string();
    let said = run(["import", "pyradiomics", &yaml.display().to_string(), "-o", &toml]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{said:?}");
    assert_eq!(said.err.trim(), "everything has an equivalent");
    let said = run(["check", &toml]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let columns = said.out.lines().find_map(|line| line.strip_prefix("columns")).map(str::trim);
    assert_eq!(columns, Some("107"), "{}", said.out);
}

#[test]
fn what_has_no_equivalent_is_told_by_file_and_line() {
    let batch = Batch::default();
    let text = "imageType:\n  Original: {}\n  LoG:\n    sigma: [2.0, 3.0]\n  LBP3D: {}\n  Wavelet: {level: 2}\nsetting:\n  binWidth: 25\n  \
                resampledPixelSpacing: [1, 1, 1]\n  interpolator: sitkLinear\n  normalize: true\n";
    let yaml = batch.write("Params.yaml", text).display().to_string();
    let said = run(["import", "pyradiomics", &yaml]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.starts_with(&format!("{yaml}:5: imageType.LBP3D: no equivalent: ")), "{}", said.err);
    assert!(
        said.err.trim_end().ends_with("1 without an equivalent, 0 with other numbers; the rest is as in PyRadiomics")
    );
    let toml = batch.write("params.toml", &said.out).display().to_string();
    let checked = run(["check", &toml]);
    assert_eq!(checked.code, Some(0), "{checked:?}\n{}", said.out);
    // 107 features of the original, and 93 (all but shape) of each response: two, and fifteen bands.
    assert!(checked.out.contains("columns        1688"), "{}", checked.out);
}

#[test]
fn a_run_says_again_what_was_lost() {
    let batch = Batch::default();
    let text = "imageType:\n  Original: {}\n  LBP3D: {}\nfeatureClass: {firstorder: [Mean]}\n";
    let yaml = batch.write("Params.yaml", text).display().to_string();
    let toml = batch.path("params.toml").display().to_string();
    assert_eq!(run(["import", "pyradiomics", &yaml, "-o", &toml]).code, Some(3));
    let rows = straight([1.0; 3], [0.0; 3]);
    batch.scan("image.nii", &Nifti::new([4, 4, 4], rows, |[x, y, z]| (x + 3 * y + z) as f32));
    batch.scan("mask.nii", &Nifti::new([4, 4, 4], rows, |[x, ..]| u8::from(x > 1)));
    let list = batch.write("cases.csv", "case,image,mask\na,image.nii,mask.nii\n").display().to_string();
    let out = batch.path("out").display().to_string();
    let said = run(["run", &toml, "--cases", &list, "--out", &out]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let lost = "Params.yaml:3: imageType.LBP3D: no equivalent: ";
    assert_eq!(said.err.matches(&format!("not as in the imported file: {lost}")).count(), 1, "{}", said.err);
    let record: serde_json::Value =
        serde_json::from_slice(&std::fs::read(batch.path("out/run.json")).expect("the record")).expect("JSON");
    let kept = record["experiment"]["imported"]["lost"][0].as_str().unwrap_or_default();
    assert!(kept.starts_with("3: imageType.LBP3D: no equivalent: "), "{record}");
}

#[test]
fn the_label_of_the_list_goes_before_that_of_the_file() {
    let batch = Batch::default();
    let yaml = batch.write("Params.yaml", "featureClass:\n  shape: [VoxelVolume]\nsetting:\n  label: 3\n");
    let toml = batch.path("params.toml").display().to_string();
    let said = run(["import", "pyradiomics", &yaml.display().to_string(), "-o", &toml]);
    assert_eq!(said.code, Some(0), "{said:?}");
    // Slices of 4 voxels: one has label 1, two have label 2, three have label 3.
    let label = |[_, _, z]: [usize; 3]| [1_u8, 2, 2, 3, 3, 3, 0][z];
    let rows = straight([1.0; 3], [0.0; 3]);
    batch.scan("image.nii", &Nifti::new([2, 2, 7], rows, |[x, y, z]| (x + 3 * y + z) as f32));
    batch.scan("mask.nii", &Nifti::new([2, 2, 7], rows, label));
    let volumes = |list: &str| -> Vec<String> {
        let list = batch.write("cases.csv", list).display().to_string();
        let out = batch.path("out").display().to_string();
        let said = run(["run", "--quiet", &toml, "--cases", &list, "--out", &out]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let rows = table(&batch.path("out/features.csv"));
        rows.iter().map(|row| row["original_shape_VoxelVolume"].clone()).collect()
    };
    let labels = "case,image,mask,label\na,image.nii,mask.nii,1\nb,image.nii,mask.nii,2\nc,image.nii,mask.nii,\n";
    assert_eq!(volumes(labels), ["4", "8", "12"]);
    assert_eq!(volumes("case,image,mask\na,image.nii,mask.nii\n"), ["12"]);
}

#[test]
fn what_is_no_parameter_file_is_refused_with_its_line() {
    let batch = Batch::default();
    let yaml = batch.write("Params.yaml", "setting:\n  binWidth: [25\nlabel: 1\n").display().to_string();
    let said = run(["import", "pyradiomics", &yaml]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
    assert!(said.err.starts_with(&format!("error: {yaml}:3: ")), "{}", said.err);
    let missing = batch.path("missing.yaml").display().to_string();
    let said = run(["import", "pyradiomics", &missing]);
    assert!(said.code == Some(2) && said.err.contains("cannot read"), "{said:?}");
}
