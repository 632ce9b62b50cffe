//! From results back to their numbers, and from two results to what differs.

use std::{fs, path::Path};

use voxomics_tests::{
    Said,
    batch::{Batch, Ran},
    run,
    scene::{image, mask},
    table,
};

const EXPERIMENT: &str = r#"# A comment that stays.
[plugins]
use = ["load-nifti", "features-statistics", "features-glcm", "predict-linear"]
[regions.tumour]
[discretisation]
method = "fixed bin number"
bins = 16
[features.statistics]
[features.glcm]
[covariates.age]
[predict.score]
plugin = "predict-linear"
model = "model.toml"
"#;

const MODEL: &str = "[model]\nname = \"m\"\nlink = \"identity\"\nintercept = 1\n[[input]]\nname = \"age\"\ncoefficient = 2\n\
                     [[input]]\nname = \"tumour:statistics.mean\"\ncoefficient = 1\n";

const LIST: &str =
    "case,image,mask,age,note\na,scans/a.nii,mask.nii,40,x\nb,scans/b.nii,mask.nii,50,y\nc,scans/c.nii,mask.nii,60,\n";

fn batch() -> Batch {
    let batch = Batch::new(EXPERIMENT, LIST);
    batch.write("model.toml", MODEL);
    fs::create_dir(batch.path("scans")).expect("a folder");
    (1..).zip(["a", "b", "c"]).for_each(|(seed, case)| drop(batch.scan(&format!("scans/{case}.nii"), &image(seed))));
    batch.scan("mask.nii", &mask());
    batch
}

/// Another value of one voxel of the lesion.
fn change_a_voxel(batch: &Batch, case: &str) {
    let path = batch.path(&format!("scans/{case}.nii"));
    let mut bytes = fs::read(&path).expect("a scan");
    let middle = 352 + 2 * (8 + 16 * (7 + 15 * 6));
    bytes[middle] ^= 1;
    fs::write(path, bytes).expect("a scan");
}

fn diff(a: &Path, b: &Path) -> Said {
    run(["diff".as_ref(), a, b])
}

fn json(a: &Path, b: &Path) -> serde_json::Value {
    let said = run(["diff".as_ref(), a.as_os_str(), b.as_os_str(), "--json".as_ref()]);
    serde_json::from_str(&said.out).unwrap_or_else(|cause| panic!("{cause}: {said:?}"))
}

/// The causes that can explain a value, as "kind what", and how many values none or several explain.
fn causes(a: &Path, b: &Path) -> (Vec<String>, u64, u64) {
    let found = json(a, b);
    let causes = found["causes"].as_array().expect("a list").iter();
    let causes = causes.filter(|cause| cause["values"].as_u64() > Some(0));
    let shown = causes.map(|cause| {
        format!("{} {}", cause["kind"].as_str().expect("a word"), cause["what"].as_str().expect("a text"))
    });
    let number = |key: &str| found[key].as_u64().expect("a number");
    (shown.collect(), number("unexplained"), number("ambiguous"))
}

fn pair(change: impl FnOnce(&Batch) -> Vec<&'static str>) -> (Batch, Ran, Ran) {
    let batch = batch();
    let a = batch.run_into("a", &[]).well();
    let more = change(&batch);
    let b = batch.run_into("b", &more).well();
    (batch, a, b)
}

#[test]
fn nothing_differs_between_two_runs_of_the_same() {
    let (_batch, a, b) = pair(|_| vec!["--threads", "1"]);
    let said = diff(&a.out, &b.out);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("features.csv: the same, "), "{}", said.out);
    assert!(!said.out.contains("cause"), "{}", said.out);
}

#[test]
fn a_voxel_is_the_bytes_of_its_case() {
    let (batch, a, b) = pair(|batch| {
        change_a_voxel(batch, "b");
        Vec::new()
    });
    let said = diff(&a.out, &b.out);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("in 1 case and "), "{}", said.out);
    let largest = said.out.lines().filter(|line| line.contains("the largest: "));
    for line in largest {
        let values = line.rsplit(": ").next().expect("values").split(" and ");
        assert!(values.into_iter().all(|value| value.parse::<f64>().is_ok()), "numbers before texts: {line}");
    }
    assert_eq!(causes(&a.out, &b.out), (vec!["input image of case b".to_owned()], 0, 0));
    // The scan of the first is no longer there; what is computed under both is the same.
    let page = batch.path("diff.html");
    let arguments = ["--html".to_owned(), page.display().to_string()];
    let folders = [&a.out, &b.out].map(|folder| folder.display().to_string());
    let said = run(["diff".to_owned()].into_iter().chain(folders).chain(arguments));
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(fs::read_to_string(page).expect("a page").contains("the bytes of image of case b"));
}

#[test]
fn a_setting_is_named_with_both_values_and_changes_what_depends_on_it() {
    let (_batch, a, b) = pair(|_| vec!["--set", "discretisation.bins=32"]);
    let said = diff(&a.out, &b.out);
    assert!(said.out.contains("cause: the setting discretisation.bins: 16 and 32; can explain "), "{}", said.out);
    assert!(said.out.contains("scores.csv: the same"), "{}", said.out);
    assert_eq!(causes(&a.out, &b.out), (vec!["setting discretisation.bins".to_owned()], 0, 0));
    let folders = [&a.out, &b.out].map(|folder| folder.display().to_string());
    let said = run(["diff".to_owned()].into_iter().chain(folders).chain(["--explain".to_owned(), "b".to_owned()]));
    assert!(said.out.contains("the first that differs: features: glcm of tumour, image original"), "{}", said.out);
    assert!(said.out.contains("the same up to features: statistics of tumour"), "{}", said.out);
}

#[test]
fn a_model_changes_scores_and_a_row_changes_its_own() {
    let (_batch, a, b) = pair(|batch| {
        batch.write("model.toml", MODEL.replace("intercept = 1", "intercept = 2"));
        Vec::new()
    });
    assert_eq!(causes(&a.out, &b.out), (vec!["file predict.score.model".to_owned()], 0, 0));
    let (_batch, a, b) = pair(|batch| {
        batch.write("cases.csv", LIST.replace("50,y", "51,y"));
        Vec::new()
    });
    assert_eq!(causes(&a.out, &b.out), (vec!["row `age` of case b".to_owned()], 0, 0));
    let (_batch, a, b) = pair(|batch| {
        batch.write("cases.csv", LIST.replace("c,scans/c.nii,mask.nii,60,\n", ""));
        Vec::new()
    });
    let said = diff(&a.out, &b.out);
    assert_eq!(said.code, Some(1));
    assert!(said.out.contains("features.csv: 1 row only in the first, as c, tumour"), "{}", said.out);
    assert!(said.out.contains("the list's row: case c: there and not there"), "{}", said.out);
}

#[test]
fn two_causes_at_once_are_told_apart() {
    let (_batch, a, b) = pair(|batch| {
        change_a_voxel(batch, "b");
        vec!["--set", "discretisation.bins=32"]
    });
    let found = json(&a.out, &b.out);
    let cause = |kind: &str| {
        let causes = found["causes"].as_array().expect("a list");
        causes.iter().find(|cause| cause["kind"] == kind).unwrap_or_else(|| panic!("no {kind}: {found:#}")).clone()
    };
    let values = |kind: &str| cause(kind)["values"].as_u64().expect("a number");
    let differ: u64 = found["tables"].as_array().expect("a list").iter().filter_map(|t| t["differ"].as_u64()).sum();
    assert!(values("input") < values("setting") && values("setting") <= differ, "{found:#}");
    assert_eq!(found["unexplained"], 0);
    assert_eq!(found["ambiguous"], values("input"), "in b, the setting may have done it as well");
    let explain_with = |a: &Ran, b: &Ran, more: &[String]| {
        let folders = [&a.out, &b.out].map(|folder| folder.display().to_string());
        let all = ["diff".to_owned()].into_iter().chain(folders).chain(["--explain".to_owned(), "b".to_owned()]);
        run(all.chain(more.iter().cloned()))
    };
    let explain = |a: &Ran, b: &Ran| explain_with(a, b, &[]);
    // The bytes of the first are no longer there, and nobody takes others for them without a word.
    let said = explain(&a, &b);
    assert!(said.out.contains("the image of the first has other bytes now"), "{}", said.out);
    assert!(
        said.out.contains("its files: cannot be told alone: the image of one of them has other bytes now"),
        "{}",
        said.out
    );
    // Where both are there, each cause is tried alone.
    let (batch, a, b) = pair(|batch| {
        fs::copy(batch.path("scans/b.nii"), batch.path("scans/first.nii")).expect("a copy");
        change_a_voxel(batch, "first");
        batch.write("cases.csv", LIST.replace("scans/b.nii", "scans/first.nii"));
        vec!["--set", "discretisation.bins=32"]
    });
    let said = explain(&a, &b);
    let alone: Vec<&str> = said.out.lines().skip_while(|line| !line.contains("one at a time")).collect();
    let [_, files, setting] = alone[..] else { panic!("two causes: {}", said.out) };
    assert!(files.contains("the bytes of its files: ") && files.contains("intensities around tumour first"), "{files}");
    assert!(
        setting.contains("bins: 1 step gives something else, features: glcm of tumour, image original first"),
        "{setting}"
    );
    // Scans that have moved are found by their bytes.
    let archive = batch.path("archive");
    fs::rename(batch.path("scans"), &archive).expect("a folder");
    let gone = explain(&a, &b);
    assert!(gone.out.contains("a fault in the first: load: ") && gone.out.contains("cannot be read"), "{}", gone.out);
    let moved = explain_with(&a, &b, &["--inputs".into(), archive.display().to_string()]);
    assert_eq!(moved.out, said.out);
}

/// A copy of results in which a line of the lock and a value of the features are others, as another program or another
/// build of a plugin would leave them.
fn as_if(of: &Ran, to: &Path, change: impl Fn(&str) -> String) {
    fs::create_dir(to).expect("a folder");
    for entry in fs::read_dir(&of.out).expect("a folder").map(|entry| entry.expect("an entry")) {
        if entry.path().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
    let (lock, features) = (to.join("voxomics.lock"), to.join("features.csv"));
    let changed: Vec<String> = fs::read_to_string(&lock).expect("a lock").lines().map(change).collect();
    fs::write(lock, changed.join("\n")).expect("a lock");
    let entropy = table(&features)[0]["glcm.joint_entropy"].clone();
    let text = fs::read_to_string(&features).expect("a table").replace(&entropy, "1.25");
    fs::write(features, text).expect("a table");
}

#[test]
fn the_program_and_a_plugin_are_causes() {
    let batch = batch();
    let a = batch.run_into("a", &[]).well();
    let other = "0".repeat(64);
    as_if(&a, &batch.path("program"), |line| match line.starts_with("digest = ") {
        true => format!("digest = \"{other}\""),
        false => line.to_owned(),
    });
    assert_eq!(causes(&a.out, &batch.path("program")), (vec!["program the program".to_owned()], 0, 0));
    let before = std::cell::Cell::new(false);
    as_if(&a, &batch.path("plugin"), |line| {
        let of_it =
            before.replace(line == "names = [\"features-glcm\"]" || before.get() && line.starts_with("version"));
        match of_it && line.starts_with("sha256") {
            true => format!("sha256 = \"{other}\""),
            false => line.to_owned(),
        }
    });
    assert_eq!(causes(&a.out, &batch.path("plugin")), (vec!["plugin features-glcm".to_owned()], 0, 0));
    let said = diff(&a.out, &batch.path("plugin"));
    assert!(said.out.contains("features.csv was changed after it was written"), "{}", said.out);
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let batch = batch();
    let a = batch.run_into("a", &[]).well();
    let none = batch.path("scans");
    let said = diff(&a.out, &none);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("it has no voxomics.lock"), "{}", said.err);
    batch.write("cases.csv", LIST.replace("\na,", "\nd,").replace("\nb,", "\ne,").replace("\nc,", "\nf,"));
    let other = batch.run_into("other", &[]).well();
    let said = diff(&a.out, &other.out);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("have no case in common"), "{}", said.err);
}

#[test]
fn results_carry_what_they_were_made_from() {
    let batch = batch();
    let ran = batch.run_into("out", &["--set", "discretisation.bins=24"]).well();
    let text = |name: &str| fs::read_to_string(ran.out.join(name)).expect("a file");
    assert_eq!(text("experiment.toml"), EXPERIMENT, "as it was written, with its comments");
    let resolved = text("resolved.toml");
    for words in ["bins = 24", "on_mismatch = \"error\"", "aggregation = ", "[load.nifti]"] {
        assert!(resolved.contains(words), "{words}: {resolved}");
    }
    // Every default written out is the same experiment.
    fs::copy(ran.out.join("resolved.toml"), batch.path("resolved.toml")).expect("a copy");
    let [experiment, cases, out] =
        ["resolved.toml", "cases.csv", "again"].map(|name| batch.path(name).display().to_string());
    let said = run(["run", &experiment, "--cases", &cases, "--out", &out]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let features = |folder: &Path| fs::read(folder.join("features.csv")).expect("a table");
    assert!(features(&ran.out) == features(&batch.path("again")), "the tables differ");
    // Scans by digest: of each in cases.csv, of all of them in the lock.
    let lock = || fs::read_to_string(ran.out.join("voxomics.lock")).expect("a lock");
    assert!(lock().contains("[[input]]\ncohort = \"\"\ndigests = 6\nsha256 = "), "{}", lock());
    let row = &ran.table("cases.csv")[1];
    assert_eq!((row["age"].as_str(), row["note"].as_str(), row["image_sha256"].len()), ("50", "y", 64));
}

/// Moves the results and, elsewhere, the scans, the model and the list.
fn moved(batch: &Batch) -> [std::path::PathBuf; 2] {
    let [results, inputs] = ["moved/results", "archive/deep"].map(|name| batch.path(name));
    fs::create_dir_all(batch.path("moved")).expect("a folder");
    fs::create_dir_all(&inputs).expect("a folder");
    fs::rename(batch.path("out"), &results).expect("a folder");
    fs::rename(batch.path("scans"), inputs.join("images")).expect("a folder");
    for name in ["mask.nii", "model.toml", "cases.csv", "experiment.toml"] {
        fs::rename(batch.path(name), inputs.join(format!("renamed-{name}"))).expect("a file");
    }
    [results, batch.path("archive")]
}

fn rerun(results: &Path, more: &[&std::ffi::OsStr]) -> Said {
    run(["rerun".as_ref(), results.as_os_str()].into_iter().chain(more.iter().copied()))
}

#[test]
fn results_that_were_moved_are_made_again_from_inputs_that_were_moved() {
    let batch = batch();
    batch.run().well();
    let [results, inputs] = moved(&batch);
    let said = rerun(&results, &[]);
    assert_eq!(said.code, Some(2), "{said:?}");
    for words in ["model.toml (predict.score.model) is not there", "--inputs FOLDER looks for what has moved"] {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
    let said = rerun(&results, &["--inputs".as_ref(), inputs.as_os_str(), "--locked".as_ref()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("the same to the last bit"), "{}", said.out);
    let again = batch.path("moved/results-rerun");
    for name in ["features.csv", "features_long.csv", "inputs.csv", "scores.csv", "failures.csv", "experiment.toml"] {
        assert_eq!(
            fs::read(results.join(name)).expect("a file"),
            fs::read(again.join(name)).expect("a file"),
            "{name}"
        );
    }
}

#[test]
fn a_rerun_says_before_it_computes_what_is_not_the_same() {
    let batch = batch();
    batch.run().well();
    change_a_voxel(&batch, "b");
    batch.write("model.toml", MODEL.replace("intercept = 1", "intercept = 2"));
    let out = batch.path("out");
    let said = rerun(&out, &[]);
    assert_eq!(said.code, Some(2), "{said:?}");
    for words in ["case b: ", "b.nii has other bytes than it had", "(predict.score.model) has other bytes than it had"]
    {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
    assert!(!batch.path("out-rerun").exists(), "nothing was run");
    let said = rerun(&out, &["--update".as_ref()]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("instead: case b: ") && said.out.contains("the new results differ"), "{said:?}");
    // Another program, as a year brings it.
    let lock = out.join("voxomics.lock");
    let text = fs::read_to_string(&lock).expect("a lock");
    let changed: Vec<String> = text
        .lines()
        .map(|line| if line.starts_with("digest = ") { format!("digest = {:?}", "0".repeat(64)) } else { line.into() })
        .collect();
    fs::write(&lock, changed.join("\n")).expect("a lock");
    let said = rerun(&out, &[]);
    assert!(said.err.contains("the program is 0.1.0 made from "), "{}", said.err);
    // A digest that somebody has put there is noticed.
    let cases = fs::read_to_string(out.join("cases.csv")).expect("a list");
    let digest = table(&out.join("cases.csv"))[0]["mask_sha256"].clone();
    fs::write(out.join("cases.csv"), cases.replace(&digest, &"1".repeat(64))).expect("a list");
    let said = rerun(&out, &[]);
    assert!(said.err.contains("cases.csv was changed after it was written"), "{}", said.err);
}
