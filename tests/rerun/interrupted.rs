//! A run that is stopped leaves whole tables, or those of before.
#![cfg(unix)]

use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
};

use voxomics_tests::{
    batch::{Batch, Ran, names},
    scene::{image, mask},
    table, voxomics,
};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "filter-laplacian-of-gaussian", "features-statistics", "features-glcm", "features-morphology"]
[regions.tumour]
[discretisation]
method = "fixed bin number"
bins = 32
[images.original]
[images.log]
filter = "laplacian-of-gaussian"
sigma_mm = 1.5
[features.statistics]
[features.glcm]
[features.morphology]
images = "original"
"#;

/// Far more than are done before the signal arrives.
const CASES: usize = 4000;

/// Many cases of three scans, and the list of the first few of them.
fn batch() -> Batch {
    let mut list = "case,image,mask\n".to_owned();
    for case in 0..CASES {
        // Writing to a string cannot fail.
        let _ = writeln!(list, "case-{case},{}.nii,mask.nii", case % 3);
    }
    let batch = Batch::new(EXPERIMENT, &list);
    batch.write("few.csv", list.lines().take(4).collect::<Vec<_>>().join("\n"));
    for seed in 0..3 {
        batch.scan(&format!("{seed}.nii"), &image(seed));
    }
    batch.scan("mask.nii", &mask());
    batch
}

fn few(batch: &Batch) -> Ran {
    let few = batch.path("few.csv").display().to_string();
    let experiment = batch.path("experiment.toml").display().to_string();
    let out = batch.path("few");
    let said = voxomics_tests::run(["run", &experiment, "--cases", &few, "--out", &out.display().to_string()]);
    Ran::new(said, out).well()
}

/// Starts the long run and waits until some cases are done.
fn started(batch: &Batch, out: &str) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut command = voxomics();
    command.args(["run".into(), batch.path("experiment.toml"), "--cases".into(), batch.path("cases.csv")]);
    command.args(["--out".into(), batch.path(out), "--threads".into(), "2".into()]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let mut err = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut line = String::new();
    // Ten lines: the cases that an earlier run finished have none.
    for _ in 0..10 {
        line.clear();
        assert!(err.read_line(&mut line).expect("a line") > 0, "it ended before it was stopped");
    }
    (child, err)
}

fn signal(child: &Child, signal: &str) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
    assert!(status.success());
}

#[test]
fn an_interrupted_run_writes_what_is_finished_and_says_so() {
    let batch = batch();
    let few = few(&batch);
    let (child, mut err) = started(&batch, "out");
    signal(&child, "-INT");
    // The pipe must be emptied, or the program waits for it.
    let mut rest = String::new();
    err.read_to_string(&mut rest).expect("a text");
    let ended = child.wait_with_output().expect("it ends");
    let out = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(130), "{out}{rest}");
    assert!(rest.contains("stopping: what is finished will be written"), "{rest}");

    let features = table(&batch.path("out").join("features.csv"));
    assert!((10..CASES).contains(&features.len()), "{} rows", features.len());
    assert!(out.contains(&format!("given up after {} of {CASES} cases", features.len())), "{out}");
    assert!(table(&batch.path("out").join("failures.csv")).is_empty(), "what was not begun has not failed");
    let expected = few.table("features.csv");
    for row in &features {
        let number: usize = row["case"].trim_start_matches("case-").parse().expect("a number");
        let mut row = row.clone();
        row.insert("case".into(), format!("case-{}", number % 3));
        assert_eq!(row, expected[number % 3], "case {number} is as if nobody had stopped");
    }
    assert_eq!(names(&batch.path("out")), names(&few.out), "nothing half-written is left");
}

/// Every table of a folder.
fn tables(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let tables = names(folder).into_iter().filter(|name| name.ends_with(".csv"));
    tables.map(|name| (name.clone(), std::fs::read(folder.join(name)).expect("a file"))).collect()
}

#[test]
fn a_killed_run_leaves_the_tables_of_before() {
    let batch = batch();
    let few = few(&batch);
    let before = tables(&few.out);
    let (mut child, _err) = started(&batch, "few");
    signal(&child, "-KILL");
    assert_eq!(child.wait().expect("it ends").code(), None);
    assert_eq!(tables(&few.out), before);
}

#[test]
fn a_run_that_was_killed_goes_on_where_it_was() {
    const FEWER: usize = 120;
    let batch = batch();
    let list = std::fs::read_to_string(batch.path("cases.csv")).expect("a list");
    batch.write("cases.csv", list.lines().take(FEWER + 1).collect::<Vec<_>>().join("\n"));
    let expected = tables(&batch.run_into("at-once", &[]).well().out);
    // Killed three times, each time later; what was finished before is not computed again.
    let mut finished = 0;
    for _ in 0..3 {
        let (mut child, mut err) = started(&batch, "out");
        let mut line = String::new();
        for _ in 0..15 {
            line.clear();
            assert!(err.read_line(&mut line).expect("a line") > 0, "it ended before it was killed");
        }
        signal(&child, "-KILL");
        child.wait().expect("it ends");
        // The last line names how many were done, found ones among them.
        let done: usize =
            line.trim_start_matches('[').split('/').next().and_then(|n| n.parse().ok()).expect("a number");
        assert!(done >= finished, "{line}");
        finished = done;
    }
    let last = batch.run().well();
    let line =
        last.said.out.lines().find(|line| line.ends_with("finished before")).expect("cases were kept").to_owned();
    let kept: usize = line.split(' ').next().and_then(|n| n.parse().ok()).expect("a number");
    // The last kill cost the cases in flight, two at most.
    assert!(kept + 2 >= finished && kept < FEWER, "{kept} of {finished}");
    assert_eq!(tables(&last.out), expected, "as if nobody had killed it");
}
