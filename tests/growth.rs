//! What is looked up by name takes time that grows with its number: told by the instructions that the program executes, which no
//! busy machine changes. valgrind counts them; where it is not, nothing is shown.

use std::{fmt::Write as _, path::Path, process::Command, sync::OnceLock};

use voxomics_tests::{
    batch::Batch,
    built,
    nifti::{Nifti, straight},
};

const HEAD: &str = "[plugins]\nuse = [\"load-nifti\", \"features-statistics\", \"predict-linear\"]\n[features.statistics]\n\
                    only = [\"mean\"]\n";

/// Each four times the one before.
const SIZES: [usize; 3] = [250, 1_000, 4_000];

/// Four times as many more take 4 times as many more instructions, and sorting some more; if each looks at each, they take 16.
const MOST: f64 = 6.0;

fn valgrind() -> bool {
    static IS_THERE: OnceLock<bool> = OnceLock::new();
    *IS_THERE.get_or_init(|| {
        let found = Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success());
        if !found {
            eprintln!("left out: there is no valgrind to count instructions with");
        }
        found
    })
}

/// A copy of the program and of the plugins that these tests use, without what only a debugger reads: the program takes the digest of
/// its own file and of theirs, which would be most of what is counted.
fn program() -> &'static Path {
    static COPY: OnceLock<tempfile::TempDir> = OnceLock::new();
    COPY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["voxomics", "libload_nifti.so", "libfeatures_statistics.so", "libpredict_linear.so"] {
            let copy = folder.path().join(name);
            std::fs::copy(built().join(name), &copy).expect("a copy");
            // Without it, counting only takes longer.
            let _ = Command::new("strip").arg("--strip-debug").arg(&copy).status();
        }
        folder
    })
    .path()
}

/// Instructions of a run, in which every case is done.
fn instructions(batch: &Batch) -> f64 {
    let path = |name: &str| batch.path(name).display().to_string();
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(program().join("voxomics"))
        .args(["run", &path("experiment.toml"), "--out", &path("out"), "--threads", "1"])
        // A study names its list itself, and has nothing to learn here.
        .args(if batch.path("patients.csv").exists() {
            ["--until".into(), "extract".into()]
        } else {
            ["--cases".into(), path("cases.csv")]
        })
        .env_remove("VOXOMICS_PLUGIN_PATH")
        .output()
        .expect("valgrind runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let line = said.lines().find(|line| line.contains("I ") && line.contains("refs:")).expect("a count");
    line.rsplit(' ').next().and_then(|count| count.replace(',', "").parse().ok()).expect("a number")
}

/// Runs a batch of each size, and holds the growth from the second to the third against that from the first to the second.
#[track_caller]
fn assert_linear(what: &str, batch: impl Fn(usize) -> Batch) {
    if !valgrind() {
        return;
    }
    let counts = SIZES.map(|size| instructions(&batch(size)));
    let growth = (counts[2] - counts[1]) / (counts[1] - counts[0]);
    println!("{what}: {counts:?} instructions for {SIZES:?}; {growth:.2}");
    assert!(counts[1] > counts[0] && growth < MOST, "{what}: {counts:?} instructions for {SIZES:?}");
}

/// A batch of one case, with a list of as many further columns.
fn listed(experiment: &str, columns: usize) -> Batch {
    let names: String = (0..columns).map(|column| format!(",c{column}")).collect();
    let batch = Batch::new(experiment, &format!("case,image,mask{names}\nk,a.nii,mask.nii{}\n", ",1".repeat(columns)));
    let scan = Nifti::new([6, 6, 4], straight([1.0; 3], [0.0; 3]), |[x, y, z]| (x + 2 * y + 3 * z) as i16);
    batch.scan("a.nii", &scan);
    batch.scan("mask.nii", &scan.map(|[x, y, z]| u8::from([x, y, z].iter().all(|at| (1..3).contains(at)))));
    batch
}

#[test]
fn columns_of_patients_are_looked_up() {
    assert_linear("columns of a table of patients", |size| {
        let cohort = "[regions.it]\n[cohorts.first]\ncases = \"cases.csv\"\ntables = \"patients.csv\"\n";
        let batch = listed(&format!("{HEAD}{cohort}"), 0);
        batch.write("cases.csv", "case,image,mask,patient\nk,a.nii,mask.nii,p\n");
        let names: String = (0..size).map(|column| format!(",c{column}")).collect();
        batch.write("patients.csv", format!("patient{names}\np{}\n", ",1".repeat(size)));
        batch
    });
}

fn covariates(number: usize) -> String {
    (0..number).fold(format!("{HEAD}[regions.it]\n"), |mut text, covariate| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "[covariates.c{covariate}]");
        text
    })
}

#[test]
fn covariates_are_looked_up() {
    assert_linear("covariates", |size| listed(&covariates(size), size));
}

#[test]
fn inputs_of_a_model_are_looked_up() {
    assert_linear("inputs of a model", |size| {
        let predict = "[predict.s]\nplugin = \"predict-linear\"\nmodel = \"model.toml\"\n";
        let batch = listed(&format!("{}{predict}", covariates(size)), size);
        let input = |number| format!("[[input]]\nname = \"c{number}\"\ncoefficient = 1\n");
        let inputs: String = (0..size).map(input).collect();
        batch.write("model.toml", format!("[model]\nname = \"m\"\nlink = \"identity\"\nintercept = 1\n{inputs}"));
        batch
    });
}

/// A batch of one case whose mask has a value for each voxel of a scan with as many rows of 8 voxels.
fn masked(experiment: &str, rows: usize, mask: impl Fn([usize; 3]) -> f32) -> Batch {
    let batch = Batch::new(experiment, "case,image,mask\nk,a.nii,mask.nii\n");
    let scan = Nifti::new([8, 20, rows / 20], straight([1.0; 3], [0.0; 3]), |[x, y, z]| (x + y + z) as i16);
    batch.scan("a.nii", &scan);
    batch.scan("mask.nii", &scan.map(mask));
    batch
}

#[test]
fn components_are_looked_up() {
    // A component for each two rows, two voxels from the next one in each direction.
    assert_linear("components", |size| {
        let mask = |[x, y, z]: [usize; 3]| f32::from(u8::from(x == 3 && y % 2 == 0 && z % 2 == 0));
        masked(&format!("{HEAD}[regions.it]\ncomponents = \"each\"\n"), 4 * size, mask)
    });
}

#[test]
fn one_label_of_many_is_looked_up() {
    // A row for each label.
    assert_linear("labels", |size| {
        masked(&format!("{HEAD}[regions.it]\nlabel = 7\n"), size, |[_, y, z]| (1 + y + 20 * z) as f32)
    });
}
