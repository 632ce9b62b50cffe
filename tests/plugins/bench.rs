//! A folder with an experiment in it, and what the program says to it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use voxomics_tests::{Said, built, voxomics};

/// A library that was made for these tests.
pub fn misbehaving(name: &str) -> PathBuf {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    built().join("examples").join(format!("{DLL_PREFIX}{name}{DLL_SUFFIX}"))
}

/// A library of the standard plugins.
pub fn standard(name: &str) -> PathBuf {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    built().join(format!("{DLL_PREFIX}{}{DLL_SUFFIX}", name.replace('-', "_")))
}

/// The lines of a TOML that name a library which runs in the program's own process.
pub fn in_process(path: &Path) -> String {
    format!("{}isolation = 'none'\n", stranger(path))
}

/// The lines of a TOML that name a library which did not come with the program.
pub fn stranger(path: &Path) -> String {
    format!("[[plugins.file]]\npath = '{}'\n", path.display())
}

/// A temporary folder with `experiment.toml`, and an output folder `out`.
pub struct Bench {
    folder: TempDir,
}

impl Bench {
    /// A folder with an experiment.
    pub fn new(experiment: &str) -> Self {
        let bench = Self { folder: tempfile::tempdir().expect("a folder") };
        bench.write("experiment.toml", experiment);
        bench
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the folder.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("a folder");
        fs::write(&path, content).expect("a file");
        path
    }

    /// The command that runs the experiment.
    pub fn command(&self) -> Command {
        let mut command = voxomics();
        command.arg("run").arg(self.path("experiment.toml")).arg("--out").arg(self.path("out"));
        command
    }

    /// Runs the experiment.
    pub fn run(&self) -> Said {
        said(&mut self.command())
    }
}

/// Runs a command.
pub fn said(command: &mut Command) -> Said {
    command.output().expect("the program runs").into()
}

/// The errors of a run that was refused before anything was done, each a paragraph of one line with its place.
#[track_caller]
pub fn refusals(said: &Said) -> Vec<String> {
    assert_eq!(said.code, Some(2), "{said:?}");
    assert_eq!(said.out, "", "{said:?}");
    let mut messages = Vec::new();
    for line in said.err.lines() {
        let place = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
        match line.strip_prefix("error: ") {
            Some(message) => messages.push(message.to_owned()),
            None => assert!(
                line.is_empty() || place.starts_with('|') || place.starts_with("--> "),
                "a line that belongs to no error: {line}\n{}",
                said.err
            ),
        }
    }
    assert_quiet(said);
    messages
}

/// The one error of a run that was refused.
#[track_caller]
pub fn refusal(said: &Said) -> String {
    let messages = refusals(said);
    assert_eq!(messages.len(), 1, "{}", said.err);
    messages.into_iter().next().expect("one")
}

/// Asserts that a text holds all of some pieces.
#[track_caller]
pub fn assert_says(text: &str, pieces: &[&str]) {
    for piece in pieces {
        assert!(text.contains(piece), "`{piece}` is not in: {text}");
    }
}

/// Asserts that no plugin's panic reached the terminal in Rust's own words.
#[track_caller]
pub fn assert_quiet(said: &Said) {
    for words in ["thread '", "RUST_BACKTRACE", "stack backtrace"] {
        assert!(!said.err.contains(words), "{}", said.err);
    }
}
