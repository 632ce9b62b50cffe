//! `voxomics.lock`: everything that results were made from, by digest. It is what leads back from a folder of results to
//! its numbers.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use voxomics_base::digest::{sha256, sha256_path};

use crate::{identity::Program, output::Folder, waiting::Done};

/// Its name.
pub const LOCK: &str = "voxomics.lock";
/// The experiment as it was written.
pub const EXPERIMENT: &str = "experiment.toml";
/// The experiment with every default filled in.
pub const RESOLVED: &str = "resolved.toml";
/// The cases with all columns of their list and the digests of their files.
pub const CASES: &str = "cases.csv";

/// The format that is written; older ones stay readable.
pub const FORMAT: u32 = 1;

/// What stands in the lock.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Lock {
    /// Of the lock and of the files beside it.
    pub format: u32,
    /// Whether every file of the results is there; while a study is at work, it is not.
    pub complete: bool,
    /// The experiment.
    pub experiment: Stated,
    /// The program.
    pub program: Program,
    /// What changes no value, or none on the same machine.
    pub remarks: Remarks,
    /// If cases, patients and places have pseudonyms: how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pseudonyms: Option<Pseudonyms>,
    /// For each table its digest, and for each file that others of our kind read.
    #[serde(default)]
    pub output: BTreeMap<String, String>,
    /// Libraries of plugins.
    #[serde(default)]
    pub plugin: Vec<PluginUsed>,
    /// Lists of cases.
    #[serde(default)]
    pub list: Vec<ListUsed>,
    /// Files that settings name: models, tables.
    #[serde(default)]
    pub file: Vec<FileUsed>,
    /// What was read of the cases: of each cohort, or of all without cohorts.
    #[serde(default)]
    pub input: Vec<InputsUsed>,
}

/// An experiment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Stated {
    /// Its name.
    pub name: String,
    /// The folder that its relative paths start from.
    pub folder: PathBuf,
    /// The name of its file.
    pub file: String,
    /// SHA-256 of its text.
    pub sha256: String,
    /// What the command line changed of it.
    #[serde(default)]
    pub set: Vec<String>,
    /// Whether it is a study.
    pub study: bool,
}

/// How results were kept from naming anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pseudonyms {
    /// What tells the key from others; nothing of the key itself.
    pub key: String,
    /// Columns that were left out.
    pub drop: Vec<String>,
}

/// Where and how a run ran.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remarks {
    /// Operating system.
    pub system: String,
    /// Kind of processor.
    pub machine: String,
    /// The C library, whose `exp` and `sin` may differ from another one's in the last bit.
    pub c_library: String,
    /// Number of threads.
    pub threads: usize,
}

/// A library of plugins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginUsed {
    /// The plugins in it.
    pub names: Vec<String>,
    /// Its version.
    pub version: String,
    /// SHA-256 of its file.
    pub sha256: String,
    /// Its file.
    pub path: PathBuf,
    /// Whether it came with the program: it is then the same wherever the program is.
    #[serde(default)]
    pub ours: bool,
    /// What it brings with it: name and SHA-256.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub companions: BTreeMap<String, String>,
}

/// A list of cases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListUsed {
    /// The cohort; empty without cohorts.
    pub cohort: String,
    /// The file; empty if the cases come from a folder or are made.
    pub path: PathBuf,
    /// SHA-256 of the file; empty if there is none.
    pub sha256: String,
}

/// A file that a setting names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileUsed {
    /// The setting: `predict.score.model`.
    pub setting: String,
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// The scans and masks that were read. `cases.csv` has the digest of each, and this is that of all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputsUsed {
    /// The cohort; empty without cohorts.
    pub cohort: String,
    /// How many cells of `cases.csv` name a digest.
    pub digests: usize,
    /// SHA-256 of a line `digest column case` for each of them, in the order of `cases.csv`.
    pub sha256: String,
}

impl InputsUsed {
    /// What `cases.csv` in a folder says of them; none if it is not there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn of(folder: &Path, cohort: &str) -> Result<Option<Self>, String> {
        let path = folder.join(CASES);
        if !path.is_file() {
            return Ok(None);
        }
        let fail = |cause: csv::Error| format!("cannot read {}: {cause}", path.display());
        let mut reader = csv::Reader::from_path(&path).map_err(fail)?;
        let header = reader.headers().map_err(fail)?.clone();
        let is_digest = |name: &str| ["image_sha256", "mask_sha256"].contains(&name) || name.starts_with("sha256.");
        // Of a name that is there twice the first is the program's own; a further column of the list may have it as well.
        let mut seen = BTreeSet::new();
        let columns: Vec<usize> =
            (0..header.len()).filter(|at| is_digest(&header[*at]) && seen.insert(&header[*at])).collect();
        let (mut lines, mut digests) = (String::new(), 0);
        for record in reader.records() {
            let record = record.map_err(fail)?;
            let case = record.get(0).unwrap_or_default();
            for at in &columns {
                if let Some(digest) = record.get(*at).filter(|digest| !digest.is_empty()) {
                    lines += &format!("{digest} {} {case}\n", &header[*at]);
                    digests += 1;
                }
            }
        }
        Ok(Some(Self { cohort: cohort.into(), digests, sha256: sha256(lines.as_bytes()) }))
    }
}

impl Remarks {
    /// Those of this process.
    pub fn here(threads: usize) -> Self {
        Self {
            system: std::env::consts::OS.into(),
            machine: std::env::consts::ARCH.into(),
            c_library: c_library(),
            threads,
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn c_library() -> String {
    unsafe extern "C" {
        fn gnu_get_libc_version() -> *const std::ffi::c_char;
    }
    // SAFETY: the C library answers with a text of its own, which ends with a zero and stays.
    let version = unsafe { std::ffi::CStr::from_ptr(gnu_get_libc_version()) };
    format!("glibc {}", version.to_string_lossy())
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn c_library() -> String {
    "that of the system".into()
}

impl Lock {
    /// Reads the lock of a folder of results; none if there is none.
    ///
    /// # Errors
    /// If it cannot be read, or is of a format that this program does not know.
    pub fn read(folder: &Path) -> Result<Option<Self>, String> {
        let path = folder.join(LOCK);
        let text = match std::fs::read_to_string(&path) {
            Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
            read => read.map_err(|cause| format!("cannot read {}: {cause}", path.display()))?,
        };
        let table: toml::Table =
            toml::from_str(&text).map_err(|cause| format!("{}: {}", path.display(), cause.message()))?;
        match table.get("format").and_then(toml::Value::as_integer) {
            Some(format) if (1..=i64::from(FORMAT)).contains(&format) => {}
            Some(format) => {
                return Err(format!(
                    "{} has the format {format}, expected at most {FORMAT}: a later voxomics wrote it, and reads it",
                    path.display()
                ));
            }
            None => {
                return Err(format!("{} does not say its format: it is not one that voxomics wrote", path.display()));
            }
        }
        table.try_into().map(Some).map_err(|cause| format!("{}: {}", path.display(), cause.message()))
    }

    /// Writes the lock.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub fn write(&self, folder: &Folder) -> Result<(), String> {
        let text = toml::to_string(self).map_err(|cause| format!("{LOCK} cannot be written: {cause}"))?;
        let head =
            "# What these results were made from. `voxomics rerun` makes them again, `voxomics diff` compares them.\n";
        folder.write(LOCK, |out| out.write_all(format!("{head}{text}").as_bytes()))
    }

    /// The lists of the results that do not have the digests which the lock knows of; a lock of before knows of none.
    ///
    /// # Errors
    /// If one of them cannot be read.
    pub fn changed_inputs(&self, folder: &Path) -> Result<Vec<PathBuf>, String> {
        let mut changed = Vec::new();
        for used in &self.input {
            let of = folder.join(&used.cohort);
            if InputsUsed::of(&of, &used.cohort)?.as_ref() != Some(used) {
                changed.push(of.join(CASES));
            }
        }
        Ok(changed)
    }

    /// Notes the digest of files of the results.
    ///
    /// # Errors
    /// Which file cannot be read.
    pub fn note(&mut self, folder: &Path, prefix: &str, names: &[&str]) -> Result<(), String> {
        for name in names {
            let path = folder.join(name);
            if path.is_file() {
                let digest = sha256_path(&path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))?;
                self.output.insert(format!("{prefix}{name}"), digest);
            }
        }
        Ok(())
    }
}

impl Stated {
    /// Whether a folder of these results may be taken for the results of another experiment: the same file, or the same
    /// text under the same name wherever it lies.
    pub fn is_same(&self, other: &Self) -> bool {
        let at_home = self.folder == other.folder && self.file == other.file;
        self.name == other.name && (at_home || self.sha256 == other.sha256)
    }

    /// The digest of a text.
    pub fn digest_of(text: &str) -> String {
        sha256(text.as_bytes())
    }
}

/// The further images and masks that any case has: which of both, and the name.
fn named(done: &Done<'_>) -> BTreeSet<(&'static str, String)> {
    let mut all = BTreeSet::new();
    for case in done.entries() {
        all.extend(case.images.into_iter().map(|(name, _)| ("image", name)));
        all.extend(case.masks.into_iter().map(|(name, _)| ("mask", name)));
    }
    all
}

/// Writes `cases.csv`: all columns of the list of cases, and the digests of what was read.
///
/// # Errors
/// Why it cannot be written.
pub fn cases(folder: &Folder, covariates: &[String], done: &Done<'_>) -> Result<(), String> {
    const OWN: [&str; 6] = ["case", "image", "mask", "series", "label", "region"];
    folder.write(CASES, |out| {
        let mut out = csv::Writer::from_writer(out);
        let further = covariates.iter().map(String::as_str);
        let named = named(done);
        let of_named =
            named.iter().flat_map(|(kind, name)| [format!("{kind}.{name}"), format!("sha256.{kind}.{name}")]);
        let own = OWN.into_iter().chain(["image_sha256", "mask_sha256"]).map(str::to_owned);
        out.write_record(own.chain(of_named).chain(further.map(str::to_owned)))?;
        done.each(|case, outcome| {
            out.write_field(&case.name)?;
            for path in [&case.image, &case.mask] {
                out.write_field(path.as_os_str().as_encoded_bytes())?;
            }
            out.write_field(case.series.as_deref().unwrap_or_default())?;
            out.write_field(case.label.map(|label| label.to_string()).unwrap_or_default())?;
            out.write_field(case.region.as_deref().unwrap_or_default())?;
            for column in ["image", "mask"] {
                out.write_field(outcome.digest(column).unwrap_or_default())?;
            }
            for (kind, name) in &named {
                let files = if *kind == "image" { &case.images } else { &case.masks };
                let path = files.iter().find(|(of, _)| of == name).map(|(_, path)| path);
                out.write_field(path.map_or(&b""[..], |path| path.as_os_str().as_encoded_bytes()))?;
                out.write_field(outcome.digest(&format!("{kind}.{name}")).unwrap_or_default())?;
            }
            for name in covariates {
                out.write_field(case.covariate(name).unwrap_or_default())?;
            }
            out.write_record(None::<&[u8]>)?;
            Ok(())
        })?;
        out.flush()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_reads_back_and_a_later_one_is_refused() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(place.path(), false).expect("a folder");
        let mut lock = Lock { format: FORMAT, remarks: Remarks::here(2), ..Lock::default() };
        lock.experiment.set = vec!["a=\"b\"".into()];
        lock.output.insert("a b.csv".into(), "0".into());
        lock.plugin.push(PluginUsed { names: vec!["load-nifti".into()], ..PluginUsed::default() });
        lock.write(&folder).expect("it is written");
        assert_eq!(Lock::read(place.path()), Ok(Some(lock.clone())));
        Lock { format: FORMAT + 1, ..lock }.write(&folder).expect("it is written");
        assert!(Lock::read(place.path()).is_err_and(|why| why.contains("a later voxomics wrote it")));
        std::fs::write(place.path().join(LOCK), "version = 3\n").expect("a file");
        assert!(Lock::read(place.path()).is_err_and(|why| why.contains("not one that voxomics wrote")));
        assert_eq!(Lock::read(&place.path().join("none")), Ok(None));
    }

    #[test]
    fn the_same_experiment_may_move_or_change_but_not_both() {
        let stated = |folder: &str, text: &str| Stated {
            name: "experiment".into(),
            folder: folder.into(),
            file: "experiment.toml".into(),
            sha256: Stated::digest_of(text),
            ..Stated::default()
        };
        let here = stated("here", "a");
        assert!(here.is_same(&stated("here", "b")) && here.is_same(&stated("there", "a")));
        assert!(!here.is_same(&stated("there", "b")));
        assert!(!here.is_same(&Stated { name: "other".into(), ..here.clone() }));
    }
}
