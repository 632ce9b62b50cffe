//! What is robust is chosen inside the folds: by repeated scans, by perturbations; and told of each cohort.

use serde_json::Value as Json;
use voxomics_tests::{
    nifti::Nifti,
    scene::{DIMS, in_lesion, noise, rows},
};

use crate::{
    readers::{experiment, tables},
    support::Results,
};

fn told(results: &Results) -> Json {
    let told: Json = serde_json::from_str(&results.read("models/signature.training.json")).expect("JSON");
    told["reliability"].clone()
}

/// The table of two readers, with the readers as scans of two days.
#[test]
fn what_differs_between_scans_is_learnt_from_in_no_fold() {
    let results = Results::empty();
    tables(&results, "");
    let stated = "icc_at_least = { limit = 0.75, form = \"ICC(3,1)\", between = \"repeats\" }";
    let text = experiment(stated).replace("reader = {", "repeat = {");
    let said = results.run(&results.write("study.toml", &text), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = results.read("models/signature.toml");
    let used = |name: &str| !model.contains(&format!("name = \"{name}\"\nunused = true"));
    assert!(!used("shaky") && used("steady"), "{model}");
    let told = told(&results);
    assert_eq!(
        (&told["between"], &told["form"], &told["lesions"]),
        (&"repeats".into(), &"ICC(3,1)".into(), &16.into())
    );
    let lower = |name: &str| told["lower"][name].as_f64().expect("a limit");
    assert!(lower("steady") > 0.75 && lower("shaky") < 0.5, "{told}");
    assert_eq!(results.table("all/scores.csv").len(), 40);
    let page = results.read("report/report.html");
    assert!(
        page.contains("1 of 2 measured inputs were not learnt from: the lower limit of their ICC(3,1)"),
        "the page"
    );
    for (learn, cohort, why) in [
        (stated, "reader = {", "`icc_at_least` is between repeats here, which needs `repeat` of its cohort"),
        ("icc_at_least = 0.9", "repeat = {", "`icc_at_least` is between perturbations here, which needs [perturb]"),
        ("icc_at_least = 2", "repeat = {", "`icc_at_least` is 2, expected a number above 0 and below 1"),
        ("icc_at_least = 0.9\nminimum_icc = 0.9", "reader = {", "two limits of one thing"),
        ("icc_at_least = { limit = 0.9, form = \"ICC2\" }", "reader = {", "as `form` one of \"ICC(1,1)\""),
        ("icc_at_least = { limit = 0.9, between = \"days\" }", "reader = {", "as `between` one of \"readers\""),
    ] {
        let text = experiment(learn).replace("reader = {", cohort);
        let said = results.run(&results.write("wrong.toml", &text), &["--replace"]);
        assert!(said.code == Some(2) && said.err.contains(why) && said.err.contains("wrong.toml:"), "{why}: {said:?}");
    }
}

/// Twenty-four scans, whose level tells the target, as some of their noise does; one feature, the number of voxels of the region, is
/// what perturbations change.
fn scans(results: &Results) {
    let (mut cases, mut clinical) = ("case,patient,image,mask\n".to_owned(), "patient,y\n".to_owned());
    for number in 0..24_u64 {
        let level = (number * 7 % 24) as i16 * 15;
        let image = Nifti::new(DIMS, rows(), |index| noise(number, index) + level);
        std::fs::write(results.path().join(format!("i{number}.nii")), image.bytes()).expect("a file");
        cases += &format!("c{number:02},p{number:02},i{number}.nii,m.nii\n");
        clinical += &format!("p{number:02},{}\n", f64::from(level) + (noise(99, [number as usize, 0, 0]) % 7) as f64);
    }
    let mask = Nifti::new(DIMS, rows(), |index| u8::from(in_lesion(index)));
    std::fs::write(results.path().join("m.nii"), mask.bytes()).expect("a file");
    results.write("cases.csv", &cases);
    results.write("clinical.csv", &clinical);
}

#[test]
fn what_perturbations_change_is_learnt_from_in_no_fold() {
    let results = Results::empty();
    scans(&results);
    let text = r#"
[plugins]
use = ["load-nifti", "features-statistics", "features-morphology", "predict-elastic-net"]
[regions.tumour]
label = 1
[interpolation]
spacing_mm = [1, 1, 1]
image = "linear"
mask = "linear"
[perturb]
rotation_deg = [-10, 10]
volume_change = [-0.2, 0.2]
[features.statistics]
only = ["mean", "median", "skewness", "maximum"]
[features.morphology]
only = ["volume_voxel_counting", "flatness"]
[cohorts.all]
cases = "cases.csv"
tables = "clinical.csv"
[learn.signature]
plugin = "predict-elastic-net"
cohort = "all"
target = { number = "y" }
alpha = [0.5]
lambdas = 20
folds = 3
outer_folds = 3
icc_at_least = 0.9
[report]
pictures = false
"#;
    let said = results.run(&results.write("study.toml", text), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let told = told(&results);
    assert_eq!(
        (&told["between"], &told["form"], &told["lesions"]),
        (&"perturbations".into(), &"ICC(1,1)".into(), &24.into())
    );
    let lower = |name: &str| told["lower"][format!("tumour:{name}")].as_f64();
    assert!(lower("statistics.mean").is_some_and(|lower| lower > 0.99), "{told}");
    // Regions are the same in all cases: nothing tells that their volume is robust.
    assert!(lower("morphology.volume_voxel_counting").is_none_or(|lower| lower < 0.5), "{told}");
    let training: Json = serde_json::from_str(&results.read("models/signature.training.json")).expect("JSON");
    let models = training["outer"]["models"].as_array().expect("models");
    assert_eq!(models.len(), 3);
    for fold in models {
        let inputs = fold["inputs"].as_object().expect("inputs");
        assert!(inputs.keys().all(|name| name.starts_with("tumour:statistics.m")), "{fold}");
        assert!(!inputs.is_empty());
    }
    // The limits of the whole training are those of the table of the cohort.
    let table = results.table("all/robustness.csv");
    let row = table.iter().find(|row| row["feature"] == "statistics.mean" && row["form"] == "ICC(1,1)").expect("a row");
    let stated: f64 = row["lower"].parse().expect("a number");
    assert!((stated - lower("statistics.mean").expect("a limit")).abs() < 1e-12);
    assert_eq!(
        (row["between"].as_str(), row["raters"].as_str(), row["lesions"].as_str()),
        ("perturbations", "4", "24")
    );
    assert_eq!(results.table("all/perturbed.csv").len(), 96);
    // Another limit is another training.
    let said = results.run(&results.write("study.toml", &text.replace("= 0.9", "= 0.9999")), &["--replace"]);
    assert!(said.code != Some(0) && said.err.contains("no input agrees between perturbations to 0.9999"), "{said:?}");
}
