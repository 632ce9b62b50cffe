//! The folder of the results, each file of which is written whole or not at all, and none of which replaces what somebody
//! else has put there.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use voxomics_base::digest::sha256_path;

use super::owned::Owned;
use crate::store::why_not_written;

/// The folder that a run writes to, or one below it.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    owned: Arc<Owned>,
}

/// In the folder of the results: what the program keeps for itself.
pub const OWN: &str = ".voxomics";

impl Folder {
    /// Makes the folder, and checks that files can be written to it before hours are spent on them. With `replace`, files
    /// that the program did not write may be replaced.
    ///
    /// # Errors
    /// Which folder, and why not.
    pub fn create(path: &Path, replace: bool) -> Result<Self, String> {
        let fail = |cause: io::Error| format!("cannot write to the output folder {}: {cause}", path.display());
        let own = path.join(OWN);
        fs::create_dir_all(&own).map_err(fail)?;
        tempfile::NamedTempFile::new_in(path).map_err(fail)?;
        Ok(Self { path: path.to_owned(), owned: Arc::new(Owned::read(path, replace)) })
    }

    /// A folder in which files of another one are made ready: whatever is there may be replaced.
    pub(super) fn aside(of: &Self, path: PathBuf) -> Self {
        Self { path, owned: Arc::new(Owned::none(of.owned.root())) }
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
        fs::create_dir_all(&path).map_err(|cause| format!("cannot make the folder {}: {cause}", path.display()))?;
        Ok(Self { path, owned: Arc::clone(&self.owned) })
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
    pub fn write(&self, name: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), String> {
        let path = self.path.join(name);
        let write = || -> io::Result<tempfile::NamedTempFile> {
            let file = tempfile::NamedTempFile::new_in(&self.path)?;
            let mut buffer = io::BufWriter::with_capacity(1 << 18, file);
            fill(&mut buffer)?;
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

    /// Notes every file of a folder below as written by the program, which others of its parts have filled.
    ///
    /// # Errors
    /// Which file cannot be read or noted, and why not.
    pub fn adopt(&self, name: &str) -> Result<(), String> {
        let note = |path: &PathBuf| self.owned.note(path, path).map_err(|cause| why_not_written(path, &cause));
        files_below(&self.path.join(name)).iter().try_for_each(note)
    }

    /// Says whether every file of a folder below may be replaced.
    ///
    /// # Errors
    /// Which may not, and what to do.
    pub fn may_write_below(&self, name: &str) -> Result<(), String> {
        files_below(&self.path.join(name)).iter().try_for_each(|path| self.owned.may_replace(path))
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
    Folder { path: folder.to_owned(), owned: Arc::new(Owned::none(folder)) }.write(name, fill)
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
