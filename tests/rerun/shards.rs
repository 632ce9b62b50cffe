//! Parts of a run, on as many machines as there are, give what one gives.

use std::{collections::BTreeMap, fs, path::Path};

use voxomics_tests::{
    Said,
    batch::Batch,
    run,
    scene::{image, mask},
    voxomics, workspace,
};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-statistics", "features-glcm"]
[regions.tumour]
[discretisation]
method = "fixed bin number"
bins = 16
[features.statistics]
[features.glcm]
"#;

const STUDY: &str = r#"
[cohorts.one]
cases = "one.csv"
tables = "patients.csv"
[cohorts.two]
cases = "two.csv"
"#;

fn batch() -> Batch {
    let rows = |from: usize, to: usize| -> String {
        (from..to).map(|case| format!("case-{case},{}.nii,mask.nii,p{case}\n", case % 3)).collect()
    };
    let list = |from, to| format!("case,image,mask,patient\n{}none-{from},none.nii,mask.nii,p{from}\n", rows(from, to));
    let batch = Batch::new(EXPERIMENT, &list(0, 20));
    batch.write("study.toml", format!("{EXPERIMENT}{STUDY}"));
    batch.write("one.csv", list(0, 8));
    batch.write("two.csv", list(8, 13));
    batch.write("patients.csv", format!("patient,age\n{}", (0..7).map(|p| format!("p{p},{p}0\n")).collect::<String>()));
    (0..3).for_each(|seed| drop(batch.scan(&format!("{seed}.nii"), &image(seed))));
    batch.scan("mask.nii", &mask());
    batch
}

/// Every table below a folder of results, but for those of the report, which say how long it took.
fn tables(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let (path, name) = (entry.path(), entry.file_name().display().to_string());
        if path.is_dir() && ![".voxomics", "kept", "report"].contains(&name.as_str()) {
            found.extend(tables(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else if name.ends_with(".csv") {
            found.insert(name, fs::read(path).expect("a file"));
        }
    }
    found
}

fn start(batch: &Batch, verb: &[&str], out: &str, more: &[&str]) -> std::process::Child {
    let mut command = voxomics();
    command.arg("run").arg(batch.path(verb[0]));
    if let [_, list] = verb {
        command.arg("--cases").arg(batch.path(list));
    }
    command.arg("--out").arg(batch.path(out)).args(more).args(["--threads", "1"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().expect("the program runs")
}

fn ended(child: std::process::Child) -> Said {
    child.wait_with_output().expect("it ends").into()
}

#[test]
fn any_number_of_shards_has_the_bytes_of_one_run() {
    let batch = batch();
    for (name, experiment, cases) in
        [("plain", &["experiment.toml", "cases.csv"][..], 21), ("study", &["study.toml"], 15)]
    {
        let (alone, shared) = (format!("{name}-alone"), format!("{name}-shared"));
        let whole = ended(start(&batch, experiment, &alone, &[]));
        // A case without its scan fails wherever it is run.
        assert_eq!(whole.code, Some(3), "{whole:?}");
        let shards: Vec<_> =
            (1..=4).map(|n| start(&batch, experiment, &shared, &["--shard", &format!("{n}/4")])).collect();
        // A part that is done twice at the same time does no harm.
        let twice = start(&batch, experiment, &shared, &["--shard", "2/4"]);
        let said: Vec<Said> = shards.into_iter().chain([twice]).map(ended).collect();
        assert!(said.iter().all(|said| [Some(0), Some(3)].contains(&said.code)), "{said:?}");
        assert!(said[0].out.starts_with("shard 1 of 4: "), "{}", said[0].out);
        assert!(!batch.path(&shared).join("features.csv").exists(), "a part writes no table");
        let again = ended(start(&batch, experiment, &shared, &["--shard", "2/4"]));
        let words = again.out.split([' ', ',']).collect::<Vec<_>>();
        assert!(again.out.contains("of them finished before") && words.len() > 4, "{}", again.out);
        let joined = ended(start(&batch, experiment, &shared, &[]));
        assert_eq!(joined.code, Some(3), "{joined:?}");
        let all = format!("{}{}", joined.out, joined.err);
        let failed = if name == "plain" { 1 } else { 2 };
        assert!(all.contains("finished before"), "{all}");
        let computed = joined.err.lines().filter(|line| line.starts_with('[')).count();
        assert_eq!(computed, failed, "of {cases} cases, those that fail are tried again: {}", joined.err);
        let (alone, shared) = (tables(&batch.path(&alone)), tables(&batch.path(&shared)));
        assert_eq!(alone.keys().collect::<Vec<_>>(), shared.keys().collect::<Vec<_>>());
        for (table, bytes) in &alone {
            assert!(bytes == &shared[table], "{table} differs");
        }
    }
}

#[test]
fn a_shard_that_is_killed_is_started_again() {
    let batch = batch();
    let experiment = ["experiment.toml", "cases.csv"];
    let whole = ended(start(&batch, &experiment, "alone", &[]));
    assert_eq!(whole.code, Some(3));
    let mut killed = start(&batch, &experiment, "shared", &["--shard", "1/2"]);
    std::thread::sleep(std::time::Duration::from_millis(60));
    killed.kill().expect("it is killed");
    killed.wait().expect("it ends");
    for shard in ["1/2", "2/2"] {
        let said = ended(start(&batch, &experiment, "shared", &["--shard", shard]));
        assert!([Some(0), Some(3)].contains(&said.code), "{said:?}");
    }
    ended(start(&batch, &experiment, "shared", &[]));
    assert_eq!(tables(&batch.path("alone")), tables(&batch.path("shared")));
}

#[test]
fn a_file_of_an_engine_asks_for_what_a_probe_took() {
    let batch = batch();
    let [experiment, cases, out] =
        ["experiment.toml", "cases.csv", "shared"].map(|name| batch.path(name).display().to_string());
    for (engine, words) in [("slurm", "#!/usr/bin/env bash"), ("snakemake", "rule part:")] {
        let said = run(["emit", engine, &experiment, "--cases", &cases, "--out", &out, "--shards", "4"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        for words in [words, "case-0 took ", "/4", &out] {
            assert!(said.out.contains(words), "{engine}, {words}: {}", said.out);
        }
    }
    let said = run(["emit", "slurm", &experiment, "--cases", &cases, "--shards", "0"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    // A case that fails takes neither the time nor the memory of the others.
    batch.write("broken.nii", "no scan");
    let broken = "broken,broken.nii,mask.nii\n";
    batch.write("cases.csv", format!("case,image,mask\n{broken}whole,0.nii,mask.nii\n"));
    let said = run(["emit", "slurm", &experiment, "--cases", &cases, "--out", &out]);
    assert!(said.code == Some(0) && said.out.contains("whole took "), "{said:?}");
    assert!(said.err.contains("warning: no probe: broken: load: "), "{}", said.err);
    batch.write("cases.csv", format!("case,image,mask\n{broken}"));
    let said = run(["emit", "slurm", &experiment, "--cases", &cases, "--out", &out]);
    assert!(
        said.code == Some(2) && said.err.contains("none of 1 case can be computed; the first: broken: "),
        "{said:?}"
    );
    // Scans that have names.
    batch.write("cases.csv", "case,image.ct,mask.gtv\nnamed,0.nii,mask.nii\n");
    let said = run(["emit", "slurm", &experiment, "--cases", &cases, "--out", &out]);
    assert!(said.code == Some(0) && said.out.contains("named took "), "{said:?}");
}

#[test]
fn a_probe_of_a_study_computes_what_is_fitted_as_well() {
    let batch = batch();
    let fitted = EXPERIMENT.replace("\"features-glcm\"", "\"features-glcm\", \"filter-z-score\"")
        + "[images.original]\n[images.z]\nfilter = \"z-score\"\nfitted_on = \"one\"\n";
    let study = batch.write("fitted.toml", format!("{fitted}{STUDY}")).display().to_string();
    let out = batch.path("shared").display().to_string();
    for engine in ["slurm", "snakemake"] {
        let said = run(["emit", engine, &study, "--out", &out, "--shards", "4"]);
        assert!(said.code == Some(0) && said.out.contains("case-0 took "), "{said:?}");
        assert!(!said.err.contains("warning"), "all of it can be computed: {}", said.err);
    }
    assert!(!batch.path("shared/features.csv").exists() && !batch.path("shared/kept/observed").exists());
    // The scans of a simulated study are made first, by one process.
    let quickstart = workspace().join("configs/quickstart.toml").display().to_string();
    let said = run(["emit", "slurm", &quickstart, "--out", &out]);
    assert!(said.code == Some(2) && said.err.contains("first\n  voxomics simulate cohort "), "{said:?}");
}
