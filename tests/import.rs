//! Parameter files of other software, through the program: the experiment must be sound, and the report complete.

use voxomics_tests::{batch::Batch, run, table, workspace};

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
    let text = "imageType:\n  Original: {}\n  LoG:\n    sigma: [2.0, 3.0]\n  Wavelet: {}\nsetting:\n  binWidth: 25\n  \
                resampledPixelSpacing: [1, 1, 1]\n  interpolator: sitkLinear\n  normalize: true\n";
    let yaml = batch.write("Params.yaml", text).display().to_string();
    let said = run(["import", "pyradiomics", &yaml]);
    assert_eq!(said.code, Some(3), "{said:?}");
    for expected in [
        ":3: imageType.LoG: differs: ",
        ":5: imageType.Wavelet: no equivalent: ",
        ":8: setting.resampledPixelSpacing: differs: ",
        ":10: setting.normalize: no equivalent: ",
    ] {
        assert!(said.err.lines().any(|line| line.starts_with(&format!("{yaml}{expected}"))), "{}", said.err);
    }
    let toml = batch.write("params.toml", &said.out).display().to_string();
    let checked = run(["check", &toml]);
    assert_eq!(checked.code, Some(0), "{checked:?}\n{}", said.out);
    // 107 features of the original, and 93 (all but shape) of each response.
    assert!(checked.out.contains("columns        293"), "{}", checked.out);
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
