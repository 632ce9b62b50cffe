//! The folder of the results, each file of which is written whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The folder that a run writes to.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder, and checks that files can be written to it before hours are spent on them.
    ///
    /// # Errors
    /// Which folder, and why not.
    pub fn create(path: &Path) -> Result<Self, String> {
        let fail = |cause: io::Error| format!("cannot write to the output folder {}: {cause}", path.display());
        fs::create_dir_all(path).map_err(fail)?;
        tempfile::NamedTempFile::new_in(path).map_err(fail)?;
        Ok(Self { path: path.to_owned() })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file through a temporary one that takes its name only when it is complete and on disk.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn write(&self, name: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), String> {
        let path = self.path.join(name);
        let write = || -> io::Result<()> {
            let file = tempfile::NamedTempFile::new_in(&self.path)?;
            let mut buffer = io::BufWriter::with_capacity(1 << 18, file);
            fill(&mut buffer)?;
            let file = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_data()?;
            readable(&file)?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(|cause| format!("cannot write {}: {cause}", path.display()))
    }

    /// Takes a file away that an earlier run may have left.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn remove(&self, name: &str) -> Result<(), String> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(format!("cannot remove {}: {cause}", path.display()))
            }
            _ => Ok(()),
        }
    }
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
