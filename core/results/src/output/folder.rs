//! The folder of the results, each file of which is written whole or not at all, and none of which replaces what somebody
//! else has put there.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use voxomics_base::digest::sha256_path;

use super::{
    formulas::Defused,
    owned::{OWN, Owned},
};
use crate::store::why_not_written;

/// The folder that a run writes to, or one below it.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    owned: Arc<Owned>,
    /// Whether formulas in cells of a CSV become texts.
    defuse: bool,
}

/// In there: the key of pseudonyms that the results have.
const PSEUDONYMS: &str = "pseudonyms";
/// Whose presence says that something was run into the folder.
const KEPT_OF_OLD: [&str; 3] = ["kept", "voxomics.lock", "features.csv"];

impl Folder {
    /// Makes the folder, and checks that files can be written to it before hours are spent on them. With `replace`, files
    /// that the program did not write may be replaced.
    ///
    /// # Errors
    /// Which folder, and why not.
    pub fn create(path: &Path, replace: bool) -> Result<Self, String> {
        let fail = |cause: io::Error| no_folder(path, &cause);
        let own = path.join(OWN);
        fs::create_dir_all(&own).map_err(fail)?;
        tempfile::NamedTempFile::new_in(path).map_err(fail)?;
        Ok(Self { path: path.to_owned(), owned: Arc::new(Owned::read(path, replace)), defuse: false })
    }

    /// A folder in which files of another one are made ready: whatever is there may be replaced.
    pub(super) fn aside(of: &Self, path: PathBuf) -> Self {
        Self { path, owned: Arc::new(Owned::none(of.owned.root())), defuse: of.defuse }
    }

    /// The same; with `defuse`, cells of every CSV that is written to it or below are texts where a spreadsheet would compute them.
    pub fn defusing(self, defuse: bool) -> Self {
        Self { defuse, ..self }
    }

    /// Whether cells that a spreadsheet would compute are written as texts.
    pub fn defuses(&self) -> bool {
        self.defuse
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the program keeps what is its own.
    pub(super) fn own(&self) -> PathBuf {
        self.owned.root().join(OWN)
    }

    pub(super) fn owned(&self) -> &Owned {
        &self.owned
    }

    /// A folder below, made if it is not there.
    ///
    /// # Errors
    /// Which folder, and why not.
    pub fn below(&self, name: &str) -> Result<Self, String> {
        let path = self.path.join(name);
        fs::create_dir_all(&path).map_err(|cause| no_folder(&path, &cause))?;
        Ok(Self { path, owned: Arc::clone(&self.owned), defuse: self.defuse })
    }

    /// Makes sure that results with pseudonyms and results with names do not mix, nor those of two keys. `key` is what tells the
    /// key from others.
    ///
    /// # Errors
    /// What is there, and what to do.
    pub fn pseudonyms(&self, key: Option<&str>) -> Result<(), String> {
        let mark = self.own().join(PSEUDONYMS);
        let (there, name) = (fs::read_to_string(&mark).ok(), self.path.display());
        match (key, there) {
            (None, None) => Ok(()),
            (Some(key), Some(there)) if key == there.trim() => Ok(()),
            (Some(_), Some(_)) => {
                Err(format!("{name} holds results of another key: name that one, or choose another folder with --out"))
            }
            (None, Some(_)) => Err(format!(
                "{name} holds results with pseudonyms: say --pseudonymise KEYFILE as before, or choose another folder with --out"
            )),
            (Some(_), None) if KEPT_OF_OLD.iter().any(|name| self.path.join(name).exists()) => Err(format!(
                "{name} holds results that name cases and files, and keeps them: choose a new folder with --out"
            )),
            (Some(key), None) => fs::write(&mark, key).map_err(|cause| why_not_written(&mark, &cause)),
        }
    }

    /// Says before anything is computed which of these files could not be written, because they are somebody else's.
    ///
    /// # Errors
    /// The first of them, and what to do.
    pub fn may_write(&self, names: &[&str]) -> Result<(), String> {
        names.iter().try_for_each(|name| self.owned.may_replace(&self.path.join(name)))
    }

    /// Whether a file is there with these bytes, so that writing it would replace nothing.
    pub fn has(&self, name: &str, bytes: &[u8]) -> bool {
        fs::read(self.path.join(name)).is_ok_and(|found| found == bytes)
    }

    /// Writes a file through a temporary one that takes its name only when it is complete and on disk. A file that is there with
    /// the very bytes stays, and stays whose it is.
    ///
    /// # Errors
    /// Which file, and why not: also if the file that is there is not one that the program wrote.
    pub fn write(
        &self,
        name: &str,
        fill: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
    ) -> Result<(), String> {
        let path = self.path.join(name);
        let write = || -> io::Result<tempfile::NamedTempFile> {
            let file = tempfile::NamedTempFile::new_in(&self.path)?;
            let mut buffer = io::BufWriter::with_capacity(1 << 18, file);
            if self.defuse && name.ends_with(".csv") {
                let mut defused = Defused::new(&mut buffer);
                fill(&mut defused)?;
                defused.end()?;
            } else {
                fill(&mut buffer)?;
            }
            let file = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_data()?;
            readable(&file)?;
            Ok(file)
        };
        let fail = |cause: io::Error| why_not_written(&path, &cause);
        let file = write().map_err(fail)?;
        if is_same(&path, file.path()) {
            return Ok(());
        }
        self.owned.may_replace(&path)?;
        // What is noted before it has its name is known as the program's own whenever it is killed.
        self.owned.note(&path, file.path()).map_err(fail)?;
        file.persist(&path).map_err(|error| fail(error.error))?;
        Ok(())
    }

    /// Takes a file away that an earlier run may have left.
    ///
    /// # Errors
    /// Which file, and why not: also if it is not one that the program wrote.
    pub fn remove(&self, name: &str) -> Result<(), String> {
        let path = self.path.join(name);
        self.owned.may_replace(&path)?;
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(format!("cannot remove {}: {cause}", path.display()))
            }
            _ => Ok(()),
        }
    }

    /// Takes away what the program has written into a folder below, if it is as it was; whatever else lies there stays.
    ///
    /// # Errors
    /// Which file cannot be taken away, and why not.
    pub fn clear_below(&self, name: &str) -> Result<(), String> {
        let target = self.path.join(name);
        for own in files_below(&target).iter().filter(|path| self.owned.wrote(path) == Some(true)) {
            fs::remove_file(own).map_err(|cause| why_not_written(own, &cause))?;
        }
        Ok(())
    }

    /// Fills a folder below anew: `fill` writes into a folder aside, whose files then take the places of those that are there.
    /// Whenever it is killed, whatever is there is known as the program's own, and the next time replaces it.
    ///
    /// # Errors
    /// Which file is somebody else's, or cannot be written, and why not; what `fill` says.
    pub fn fill_below(&self, name: &str, fill: impl FnOnce(&Path) -> Result<(), String>) -> Result<(), String> {
        let (target, aside) = (self.path.join(name), self.own().join(format!("next-{name}")));
        let there = files_below(&target);
        // Unfinished files of a program that was killed are nobody's.
        let is_unfinished =
            |path: &Path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".tmp"));
        there.iter().filter(|path| !is_unfinished(path)).try_for_each(|path| self.owned.may_replace(path))?;
        let fail = |cause: io::Error| why_not_written(&target, &cause);
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(fail)?;
        }
        fs::create_dir_all(&aside).map_err(fail)?;
        fill(&aside)?;
        let new: Vec<(PathBuf, PathBuf)> = files_below(&aside)
            .into_iter()
            .filter_map(|path| Some((target.join(path.strip_prefix(&aside).ok()?), path)))
            .collect();
        new.iter().try_for_each(|(to, from)| self.owned.note(to, from)).map_err(fail)?;
        // What nobody of us has written stays, even if it might be replaced.
        let is_own = |old: &&PathBuf| !is_unfinished(old) && self.owned.wrote(old).is_some();
        for old in there.iter().filter(is_own).filter(|old| !new.iter().any(|(to, _)| to == *old)) {
            fs::remove_file(old).map_err(fail)?;
        }
        for (to, from) in &new {
            fs::create_dir_all(to.parent().unwrap_or(&target)).map_err(fail)?;
            fs::rename(from, to).map_err(fail)?;
        }
        fs::remove_dir_all(&aside).map_err(fail)
    }
}

/// Writes one file whose name somebody has chosen, whole or not at all, over whatever is there.
///
/// # Errors
/// Which file, and why not.
pub fn write_alone(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), String> {
    let absolute = std::path::absolute(path).map_err(|cause| format!("the path {}: {cause}", path.display()))?;
    let name = absolute.file_name().and_then(std::ffi::OsStr::to_str);
    let (Some(folder), Some(name)) = (absolute.parent(), name) else {
        return Err(format!("{} is not the name of a file, or not UTF-8", path.display()));
    };
    fs::create_dir_all(folder).map_err(|cause| format!("cannot make the folder {}: {cause}", folder.display()))?;
    let folder = Folder { path: folder.to_owned(), owned: Arc::new(Owned::none(folder)), defuse: false };
    folder.write(name, |out| fill(out))
}

/// Why a folder cannot be made or written to: what the system says of a link that leads nowhere, or of a file, is that it exists.
fn no_folder(path: &Path, cause: &io::Error) -> String {
    let name = path.display();
    for part in path.ancestors().filter(|part| !part.as_os_str().is_empty()) {
        let shown = part.display();
        match fs::symlink_metadata(part) {
            Ok(about) if about.is_symlink() && !part.exists() => {
                let target = fs::read_link(part).map(|to| to.display().to_string()).unwrap_or_default();
                return format!(
                    "cannot write to the output folder {name}: {shown} is a link to {target}, which is not there. Make that \
                     folder, mount its disk, or choose another folder with --out"
                );
            }
            Ok(_) if part.is_file() => {
                return format!(
                    "cannot write to the output folder {name}: {shown} is a file. Choose another folder with --out"
                );
            }
            Ok(_) => break,
            Err(_) => {}
        }
    }
    format!("cannot write to the output folder {name}: {cause}")
}

/// Whether two files have the same bytes.
pub(super) fn is_same(a: &Path, b: &Path) -> bool {
    let length = |path: &Path| fs::metadata(path).map(|about| about.len()).ok();
    let digest = |path: &Path| sha256_path(path).ok();
    length(a).is_some() && length(a) == length(b) && digest(a).is_some() && digest(a) == digest(b)
}

/// Every file below a folder; none if it cannot be read.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let below = |entry: fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => files_below(&entry.path()),
        _ => vec![entry.path()],
    };
    entries.flat_map(below).collect()
}

/// A temporary file is its owner's alone; a result is a file like any other.
#[cfg(unix)]
fn readable(file: &tempfile::NamedTempFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &tempfile::NamedTempFile) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_below_is_filled_anew_and_nothing_of_somebody_else_s_goes() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = Folder::create(place.path(), false).expect("a folder");
        let write = |names: &'static [&'static str]| {
            move |to: &Path| -> Result<(), String> {
                for name in names {
                    let path = to.join(name);
                    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                    fs::write(path, *name).expect("a file");
                }
                Ok(())
            }
        };
        let there = || -> Vec<String> {
            let name = |path: PathBuf| path.strip_prefix(place.path()).expect("below").display().to_string();
            let mut names: Vec<String> = files_below(&place.path().join("report")).into_iter().map(name).collect();
            names.sort();
            names
        };
        folder.fill_below("report", write(&["page", "figures/a"])).expect("written");
        folder.fill_below("report", write(&["page", "figures/b"])).expect("written");
        assert_eq!(there(), ["report/figures/b", "report/page"]);
        // Killed while it wrote: nothing of it is in the folder, and what older versions left there is passed over.
        fs::create_dir_all(place.path().join(".voxomics/next-report")).expect("a folder");
        fs::write(place.path().join(".voxomics/next-report/half"), "h").expect("a file");
        fs::write(place.path().join("report/figures/.tmpXyz"), "").expect("a file");
        let again = Folder::create(place.path(), false).expect("a folder");
        again.fill_below("report", write(&["page", "figures/b"])).expect("written");
        assert_eq!(there(), ["report/figures/.tmpXyz", "report/figures/b", "report/page"]);
        fs::write(place.path().join("report/mine"), "m").expect("a file");
        let another = Folder::create(place.path(), true).expect("a folder");
        another.clear_below("report").expect("cleared");
        assert_eq!(
            there(),
            ["report/figures/.tmpXyz", "report/mine"],
            "what is somebody's stays, whatever is replaced"
        );
        again.clear_below("nothing").expect("nothing is there");
        another.fill_below("report", write(&["page"])).expect("it may be replaced");
        assert_eq!(there(), ["report/figures/.tmpXyz", "report/mine", "report/page"]);
        assert!(again.fill_below("report", |_| unreachable!()).is_err_and(|why| why.contains("report/mine")));
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_that_cannot_be_made_says_what_stands_in_its_place() {
        let place = tempfile::tempdir().expect("a folder");
        let [link, file] = ["link", "file"].map(|name| place.path().join(name));
        std::os::unix::fs::symlink("/nowhere/at/all", &link).expect("a link");
        fs::write(&file, "x").expect("a file");
        let refused = |path: &Path| Folder::create(path, false).expect_err("there is no folder");
        for path in [link.clone(), link.join("results")] {
            let why = refused(&path);
            assert!(
                why.contains("link is a link to /nowhere/at/all, which is not there") && why.contains("--out"),
                "{why}"
            );
        }
        for path in [file.clone(), file.join("results")] {
            let why = refused(&path);
            assert!(why.contains("file is a file. Choose another folder with --out"), "{why}");
        }
        assert_eq!(fs::read(&file).expect("a file"), b"x");
    }
}
