//! A folder with scans, a list of cases and an experiment: what a whole run needs, and what it leaves.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::{Said, nifti::Nifti, run, table};

/// A row of a table: column → cell.
pub type Row = BTreeMap<String, String>;

/// A folder that goes with its test.
#[derive(Debug)]
pub struct Batch {
    folder: tempfile::TempDir,
    /// Further arguments of `voxomics run`.
    pub arguments: Vec<String>,
}

/// What a run said, and the tables that it wrote.
#[derive(Debug)]
pub struct Ran {
    /// Exit code and words.
    pub said: Said,
    /// The output folder.
    pub out: PathBuf,
    /// The folder of the batch, where it goes with this and not with the batch.
    _folder: Option<tempfile::TempDir>,
}

impl Default for Batch {
    fn default() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), arguments: Vec::new() }
    }
}

impl Batch {
    /// A folder with an experiment and a list of cases, as texts.
    pub fn new(experiment: &str, list: &str) -> Self {
        let batch = Self::default();
        batch.write("experiment.toml", experiment);
        batch.write("cases.csv", list);
        batch
    }

    /// A path below the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and makes the folder that it is in.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        path.parent().map(std::fs::create_dir_all).transpose().expect("a folder");
        std::fs::write(&path, bytes).expect("a file");
        path
    }

    /// Writes a scan, compressed if its name says so.
    pub fn scan(&self, name: &str, scan: &Nifti) -> PathBuf {
        self.write(name, if name.ends_with(".gz") { scan.gz() } else { scan.bytes() })
    }

    /// Runs `experiment.toml` over `cases.csv` into `out`.
    pub fn run(&self) -> Ran {
        self.run_into("out", &[])
    }

    /// Runs `experiment.toml` over `cases.csv` into another folder, with further arguments.
    pub fn run_into(&self, out: &str, arguments: &[&str]) -> Ran {
        let path = |name: &str| self.path(name).display().to_string();
        let mut all = vec!["run".to_owned(), path("experiment.toml"), "--cases".into(), path("cases.csv")];
        all.extend(["--out".into(), path(out)]);
        all.extend(self.arguments.iter().cloned());
        all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        Ran::new(run(all), self.path(out))
    }

    /// Runs, ends well, and leaves the folder to what the run left in it.
    ///
    /// # Panics
    /// If it does not end well.
    #[track_caller]
    pub fn run_well(self) -> Ran {
        let ran = self.run().well();
        Ran { _folder: Some(self.folder), ..ran }
    }
}

impl Ran {
    /// A run that was not a batch's own.
    pub fn new(said: Said, out: PathBuf) -> Self {
        Self { said, out, _folder: None }
    }

    /// The same, having ended well.
    ///
    /// # Panics
    /// If it has not.
    #[track_caller]
    pub fn well(self) -> Self {
        assert_eq!(self.said.code, Some(0), "{:?}", self.said);
        self
    }

    /// A table that the run wrote.
    pub fn table(&self, name: &str) -> Vec<Row> {
        table(&self.out.join(name))
    }

    /// The lines of a table that the run wrote, header first.
    pub fn lines(&self, name: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.out.join(name)).expect("a table");
        text.lines().map(str::to_owned).collect()
    }

    /// The lines of `features.csv` of some cases.
    pub fn features_of(&self, cases: &[&str]) -> Vec<String> {
        let of = |line: &String| cases.iter().any(|case| line.starts_with(&format!("{case},")));
        self.lines("features.csv").into_iter().filter(of).collect()
    }

    /// The cells of one case and region in `features.csv`, without the two that name them.
    ///
    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn region(&self, case: &str, region: &str) -> Row {
        let rows = self.table("features.csv");
        let found = rows.into_iter().find(|row| row["case"] == case && row["region"] == region);
        let mut row = found.unwrap_or_else(|| panic!("no region {region} of {case}: {:?}", self.said));
        row.retain(|column, _| !["case", "region"].contains(&column.as_str()));
        row
    }
}

/// Names of everything in a folder, sorted, but for what the program keeps there for itself.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != ".voxomics");
    names.sort();
    names
}
