//! The examples are what they say: folders that one can copy out, build and run, without a change to this workspace.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use voxomics_tests::{built, table, workspace};

use crate::bench::Bench;

/// Every file below a folder with its content, without what was built there.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name");
            if name == "target" || name == "Cargo.lock" {
                continue;
            } else if path.is_dir() {
                left.push(path);
            } else {
                let inner = path.strip_prefix(folder).expect("it lies in the folder").to_owned();
                found.insert(inner, fs::read(&path).expect("a file"));
            }
        }
    }
    found
}

/// Copies an example out of the workspace, builds it there as its README says, and leaves the library where its README
/// says.
fn build(example: &str) -> Bench {
    let source = workspace().join("examples").join(example);
    let lock = workspace().join("Cargo.lock");
    let before = (files(&source), fs::read(&lock).expect("a lock file"));
    let bench = Bench::new("");
    for (path, content) in &before.0 {
        bench.write(&Path::new(example).join(path).display().to_string(), content);
    }
    // The versions that the workspace was built with are in cargo's cache; newer ones may not be, and the network neither.
    bench.write(&format!("{example}/Cargo.lock"), &before.1);
    let target = built().parent().expect("the profile's folder lies in target").join("examples-copied-out");
    // Each copy has a path of its own, and would leave a build behind.
    let cleaned = cargo(&bench.path(example), &target, &["clean", "--release", "-p", example]);
    assert!(cleaned.status.success(), "{}", String::from_utf8_lossy(&cleaned.stderr));
    let output = cargo(&bench.path(example), &target, &["build", "--release"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    let stem = example.replace('-', "_");
    let library = fs::read(target.join(format!("release/{DLL_PREFIX}{stem}{DLL_SUFFIX}"))).expect("a library");
    // The name that the README's experiment gives it on Linux; to other systems it is a name like any other.
    bench.write(&format!("{example}/target/release/lib{stem}.so"), library);
    assert_eq!((files(&source), fs::read(&lock).expect("a lock file")), before, "building changed the workspace");
    bench
}

/// Runs cargo in a folder as its user would, without what the cargo that runs the tests has set.
fn cargo(folder: &Path, target: &Path, arguments: &[&str]) -> Output {
    let sdk = workspace().join("core/sdk").canonicalize().expect("the sdk");
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let of_cargo = name.to_str().is_some_and(|name| name.starts_with("CARGO_") && name != "CARGO_HOME");
        if of_cargo {
            cargo.env_remove(name);
        }
    }
    cargo
        .args(arguments)
        .args(["--quiet", "--offline", "--target-dir"])
        .arg(target)
        .arg("--config")
        .arg(format!("patch.crates-io.voxomics-sdk.path='{}'", sdk.display()))
        // What is tried here is that it can be built, not how fast it is.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .current_dir(folder)
        .output()
        .expect("cargo runs, as it runs this test")
}

#[test]
fn a_laboratory_s_feature_has_the_values_of_its_readme() {
    let bench = build("lab-feature");
    let text = fs::read_to_string(bench.path("lab-feature/fractal.toml")).expect("its experiment");
    let out = bench.path("out").display().to_string();
    let said =
        voxomics_tests::run(["run", &bench.path("lab-feature/fractal.toml").display().to_string(), "--out", &out]);
    assert_eq!(said.code, Some(0), "{said:?}\n{text}");
    let rows = table(&bench.path("out/features.csv"));
    for (case, dimension) in [("cube", 3.0), ("gasket", 2.0)] {
        let row = rows.iter().find(|row| row["case"] == case).expect("a row");
        let found: f64 = row["fractal.box_counting_dimension"].parse().expect("a number");
        assert!((found - dimension).abs() < 1e-12, "{case}: {found}");
    }
    assert_eq!(rows.len(), 2);
}
