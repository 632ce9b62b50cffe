//! What the tests of the whole program share: the program itself, built once, running it, and scans to run it on.

pub mod batch;
pub mod dicom;
pub mod nifti;
pub mod scene;
pub mod volumes;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

/// The folder of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The folder with the program and every plugin, built in the profile of the tests; plugins that misbehave on purpose lie
/// in `examples` below it.
///
/// `cargo test` builds neither a program nor a `cdylib` of another package; so the first test that asks does. Whoever has
/// built them otherwise names their folder in `VOXOMICS_BUILT`.
pub fn built() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        if let Some(folder) = std::env::var_os("VOXOMICS_BUILT") {
            return folder.into();
        }
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(workspace()).args(["build", "--quiet", "--workspace", "--lib", "--bins", "--examples"]);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        let status = cargo.status().expect("cargo runs, as it runs this test");
        assert!(status.success(), "the workspace does not build");
        // target/debug/deps/test-… → target/debug
        let test = std::env::current_exe().expect("this test has a file");
        test.ancestors().nth(2).expect("a test lies in deps of the profile's folder").to_owned()
    })
}

/// The program, ready to be given arguments; it sees no plugins but its own.
pub fn voxomics() -> Command {
    let mut command = Command::new(built().join(format!("voxomics{}", std::env::consts::EXE_SUFFIX)));
    command.env_remove("VOXOMICS_PLUGIN_PATH").current_dir(workspace());
    command
}

/// What a run of the program said.
#[derive(Debug)]
pub struct Said {
    /// Its exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs the program.
pub fn run<I: IntoIterator<Item: AsRef<std::ffi::OsStr>>>(arguments: I) -> Said {
    voxomics().args(arguments).output().expect("the program runs").into()
}

/// A CSV as rows of column → cell.
pub fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    let header = reader.headers().expect("a table has a header").clone();
    let row =
        |record: csv::StringRecord| header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|record| row(record.expect("a row"))).collect()
}

/// Whether there is a Python with NumPy, which plugins in Python need; says so if there is none.
pub fn python() -> bool {
    let found =
        Command::new("python3").args(["-c", "import numpy, sys; sys.exit(sys.version_info < (3, 10))"]).output();
    let found = found.is_ok_and(|output| output.status.success());
    if !found {
        eprintln!("left out: there is no python3 of 3.10 or newer with NumPy");
    }
    found
}

/// The folder with the reference data, if the environment names one in `VOXOMICS_REFERENCE`; says so if it does not.
pub fn reference() -> Option<PathBuf> {
    let folder = std::env::var_os("VOXOMICS_REFERENCE").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("left out: VOXOMICS_REFERENCE names no folder of reference data");
    }
    folder
}
