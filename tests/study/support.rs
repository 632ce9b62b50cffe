//! One small simulated study, made once, and studies on its scans.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use serde_json::Value as Json;
use voxomics_tests::{Said, batch::Row, run, table, workspace};

/// Patients of the simulated study.
const PATIENTS: usize = 48;

/// What makes the quickstart quick.
pub const QUICK: [&str; 6] = [
    "interpolation.spacing_mm=[2, 2, 2]",
    "learn.signature.alpha=[0.5]",
    "learn.signature.folds=3",
    "learn.signature.repeats=1",
    "learn.signature.outer_folds=0",
    "report.pictures=false",
];

/// A folder of results.
pub struct Results {
    folder: tempfile::TempDir,
}

impl Results {
    /// A folder in which nothing is but the simulated study.
    pub fn new() -> Self {
        let results = Self { folder: tempfile::tempdir().expect("a folder") };
        link(&whole().0.path().join("simulated"), &results.path().join("simulated"));
        results
    }

    /// A folder in which nothing is.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes an experiment, or a table for it, beside the results.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        fs::write(self.path().join(name), text).expect("a file");
        self.path().join(name)
    }

    /// Runs the quickstart, quick, into the folder.
    pub fn quickstart(&self, verb: &str, more: &[&str]) -> Said {
        let experiment = workspace().join("configs/quickstart.toml");
        run(quickstart(verb, &experiment, self.path(), &QUICK, more))
    }

    /// Runs an experiment into the folder.
    pub fn run(&self, experiment: &Path, more: &[&str]) -> Said {
        let mut arguments = vec!["run".to_owned(), text(experiment), "--out".into(), text(self.path())];
        arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
        run(arguments)
    }

    /// A table of the results.
    pub fn table(&self, name: &str) -> Vec<Row> {
        table(&self.path().join(name))
    }

    /// A file of the results, as text.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
    }

    /// The results as data, without what differs from run to run: when, how long, how it was called.
    pub fn study(&self) -> Json {
        let mut study: Json = serde_json::from_str(&self.read("study.json")).expect("JSON");
        let record = study["record"].as_object_mut().expect("a record");
        ["started", "command", "stages"].iter().for_each(|key| assert!(record.remove(*key).is_some(), "{key}"));
        study
    }

    /// Records of finished cases, in all cohorts.
    pub fn kept(&self) -> Vec<PathBuf> {
        let below =
            |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
        let mut files: Vec<PathBuf> = below(self.path().join("kept/records")).flat_map(below).collect();
        // A record that is being written has another name.
        files.retain(|path| path.file_name().is_some_and(|name| name.len() == 64));
        files.sort();
        files
    }

    /// Whether everything that a study ends with is here as it is there, byte for byte.
    #[track_caller]
    pub fn assert_same(&self, other: &Self) {
        let tables = ["features.csv", "features_long.csv", "inputs.csv", "scores.csv", "failures.csv"];
        let cohorts = ["train", "genomic", "histological", "clinical"];
        let names = cohorts.iter().flat_map(|cohort| tables.iter().map(move |table| format!("{cohort}/{table}")));
        let others = ["unjoined.csv", "left_out.csv", "models/signature.toml", "models/signature.training.json"]
            .map(str::to_owned);
        for name in names.chain(others) {
            assert!(self.read(&name) == other.read(&name), "{name} differs");
        }
        assert_eq!(self.study(), other.study());
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn quickstart(verb: &str, experiment: &Path, out: &Path, set: &[&str], more: &[&str]) -> Vec<String> {
    let mut arguments = vec![verb.to_owned(), text(experiment), "--out".into(), text(out)];
    let patients = format!("simulation.patients={PATIENTS}");
    for set in std::iter::once(patients.as_str()).chain(set.iter().copied()) {
        arguments.extend(["--set".into(), set.into()]);
    }
    arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
    arguments
}

/// The arguments of the quick quickstart.
pub fn arguments(out: &Path, more: &[&str]) -> Vec<String> {
    quickstart("run", &workspace().join("configs/quickstart.toml"), out, &QUICK, more)
}

/// The quickstart, run through once on two threads, and what it said.
pub fn whole() -> &'static (Results, Said) {
    static WHOLE: OnceLock<(Results, Said)> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let results = Results { folder: tempfile::tempdir().expect("a folder") };
        let said = results.quickstart("run", &["--threads", "2"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        (results, said)
    })
}

/// Files that are the same files.
fn link(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() { link(&path, &to) } else { fs::hard_link(&path, &to).expect("a link") }
    }
}

/// The cases that were computed, by the lines that tell of them.
pub fn computed(said: &Said) -> usize {
    said.err.lines().filter(|line| line.starts_with('[')).count()
}

/// The cases of the simulated study.
pub fn cases() -> usize {
    computed(&whole().1)
}

/// The quickstart's text, without the sections from one line up to another.
pub fn without(from: &str, to: &str) -> String {
    let text = fs::read_to_string(workspace().join("configs/quickstart.toml")).expect("the quickstart");
    let (start, end) = (text.find(from).expect(from), text.find(to).expect(to));
    format!("{}{}", &text[..start], &text[end..])
}
