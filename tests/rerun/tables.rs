//! What goes through to the tables, and what a second run leaves of the first.

use voxomics_tests::{
    batch::{Batch, names},
    run,
    scene::{image, mask},
};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-statistics", "predict-linear"]
[regions.tumour]
[features.statistics]
"#;

const PREDICT: &str = "[predict.score]\nplugin = \"predict-linear\"\nmodel = \"model.toml\"\n\
                       [covariates.sex]\ncolumn = \"gender\"\nlevels = [\"f\", \"m\"]\n[covariates.age]\n";

const MODEL: &str = "[model]\nname = \"m\"\nlink = \"identity\"\nintercept = 1\n\
                     [[input]]\nname = \"sex=m\"\ncoefficient = 2\n[[input]]\nname = \"age\"\ncoefficient = 0.5\n";

fn batch() -> Batch {
    let list = "case,age,image,mask,gender,note\n\
                a,40,a.nii.gz,mask.nii.gz,m,\"first, of three\"\n\
                b,50.5,b.nii.gz,mask.nii.gz,f,\n\
                c,,c.nii.gz,mask.nii.gz,x,\n";
    let batch = Batch::new(&format!("{EXPERIMENT}{PREDICT}"), list);
    batch.write("model.toml", MODEL);
    for (case, seed) in [("a", 1), ("b", 2), ("c", 3)] {
        batch.scan(&format!("{case}.nii.gz"), &image(seed));
    }
    batch.scan("mask.nii.gz", &mask());
    batch
}

#[test]
fn covariates_pass_through_become_inputs_and_score() {
    let ran = batch().run_well();
    let features = ran.table("features.csv");
    let columns = |row: &voxomics_tests::batch::Row| ["age", "gender", "note"].map(|column| row[column].clone());
    assert_eq!(columns(&features[0]), ["40", "m", "first, of three"]);
    assert_eq!(columns(&features[2]), ["", "x", ""]);
    let inputs = ran.table("inputs.csv");
    let cells: Vec<[&str; 3]> =
        inputs.iter().map(|row| ["sex=f", "sex=m", "age"].map(|input| row[input].as_str())).collect();
    assert_eq!(cells, [["0", "1", "40"], ["1", "0", "50.5"], ["", "", ""]]);
    assert_eq!(inputs[0]["tumour:statistics.mean"], features[0]["statistics.mean"]);
    let scores = ran.table("scores.csv");
    let shown: Vec<[&str; 2]> = scores.iter().map(|row| [row["value"].as_str(), row["status"].as_str()]).collect();
    assert_eq!(shown, [["23", "ok"], ["26.25", "ok"], ["", "undefined"]]);
    for words in ["`gender` is `x`, expected one of f, m", "the case has no `age`"] {
        assert!(scores[2]["reason"].contains(words), "{:?}", scores[2]);
    }
}

#[test]
fn a_folder_with_a_pattern_is_a_list() {
    let batch = batch();
    let listed = batch.run().well();
    for case in ["a", "b", "c"] {
        let folder = batch.path("scans").join(case);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::copy(batch.path(&format!("{case}.nii.gz")), folder.join("ct.nii.gz")).expect("a copy");
        std::fs::copy(batch.path("mask.nii.gz"), folder.join("lesion.nii.gz")).expect("a copy");
    }
    let pattern = "[cases]\nfolder = \"scans\"\nimage = \"{case}/ct.nii.gz\"\nmask = \"{case}/lesion.nii.gz\"\n";
    let experiment = batch.write("folder.toml", format!("{EXPERIMENT}{pattern}"));
    let out = batch.path("of-folder");
    let said = run(["run", &experiment.display().to_string(), "--out", &out.display().to_string()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let values = |path: &std::path::Path| -> Vec<[String; 3]> {
        let rows = voxomics_tests::table(&path.join("features.csv"));
        rows.iter().map(|row| ["case", "statistics.mean", "statistics.variance"].map(|c| row[c].clone())).collect()
    };
    assert_eq!(values(&out), values(&listed.out));
}

#[test]
fn a_second_run_into_a_folder_replaces_the_first() {
    let batch = batch();
    let tables = ["features.csv", "features_long.csv", "inputs.csv", "scores.csv", "failures.csv"];
    let read = |name: &&str| std::fs::read(batch.path("out").join(name)).expect("a table");
    batch.run().well();
    let (first, left) = (tables.iter().map(read).collect::<Vec<_>>(), names(&batch.path("out")));
    for threads in ["1", "2", "7"] {
        batch.run_into("out", &["--threads", threads]).well();
        assert_eq!(tables.iter().map(read).collect::<Vec<_>>(), first, "{threads} threads");
    }
    assert_eq!(names(&batch.path("out")), left);
    // A score of the run before beside the features of this one would be a wrong number that looks right.
    batch.write("experiment.toml", EXPERIMENT);
    batch.run().well();
    assert!(!batch.path("out/scores.csv").exists(), "the scores are those of another experiment");
}
