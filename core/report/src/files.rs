//! The files of a report, each whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::Error;

/// Names of the files of a report, so that the next one at the same place can take them away.
const LIST: &str = "report.files";

/// Names of the files of the report in a folder, as their list there has them.
///
/// # Errors
/// If the list cannot be read.
pub fn written(folder: &Path) -> Result<Vec<String>, Error> {
    let path = folder.join(LIST);
    let text = fs::read_to_string(&path).map_err(|cause| Error::Read { path, cause })?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// Why a piece of a file is not there.
#[derive(Debug)]
pub enum Piece {
    /// It could not be written.
    Write(io::Error),
    /// It could not be made.
    Made(Error),
}

impl From<io::Error> for Piece {
    fn from(cause: io::Error) -> Self {
        Self::Write(cause)
    }
}

impl From<Error> for Piece {
    fn from(error: Error) -> Self {
        Self::Made(error)
    }
}

/// The folder of a report.
#[derive(Debug)]
pub struct Folder<'a> {
    path: &'a Path,
    written: Vec<String>,
    before: Vec<String>,
}

impl<'a> Folder<'a> {
    /// Makes the folder.
    ///
    /// # Errors
    /// Which folder, and why not.
    pub fn create(path: &'a Path) -> Result<Self, Error> {
        fs::create_dir_all(path).map_err(|cause| Error::Write { path: path.to_owned(), cause })?;
        let list = path.join(LIST);
        let before = match fs::read_to_string(&list) {
            Ok(text) => text.lines().map(str::to_owned).filter(|name| is_ours(name)).collect(),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(cause) => return Err(Error::Write { path: list, cause }),
        };
        Ok(Self { path, written: Vec::new(), before })
    }

    /// Where a file of the report is.
    pub fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes a file through a temporary one that takes its name when it is complete.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn write(&mut self, name: &str, content: &[u8]) -> Result<(), Error> {
        self.fill(name, |out| Ok(out.write_all(content)?))
    }

    /// The same for a file that is written piece by piece.
    ///
    /// # Errors
    /// Which file, and why not; what `fill` says.
    pub fn fill(&mut self, name: &str, fill: impl FnOnce(&mut dyn Write) -> Result<(), Piece>) -> Result<(), Error> {
        let path = self.at(name);
        let write = || -> Result<(), Piece> {
            let folder = path.parent().unwrap_or(self.path);
            fs::create_dir_all(folder)?;
            let mut out = io::BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
            fill(&mut out)?;
            let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_data()?;
            readable(&file)?;
            file.persist(&path).map_err(|error| error.error)?;
            Ok(())
        };
        match write() {
            Ok(()) => self.written.push(name.to_owned()),
            Err(Piece::Write(cause)) => return Err(Error::Write { path, cause }),
            Err(Piece::Made(error)) => return Err(error),
        }
        Ok(())
    }

    /// Takes away what an earlier report left and this one does not have: figures of another study beside this one's
    /// would be taken for its own.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn finish(mut self) -> Result<(), Error> {
        for name in self.before.iter().filter(|name| !self.written.contains(name)) {
            let path = self.at(name);
            match fs::remove_file(&path) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(Error::Write { path, cause }),
                _ => {}
            }
        }
        let list: String = self.written.iter().map(|name| format!("{name}\n")).collect();
        self.write(LIST, list.as_bytes())
    }
}

/// Whether a name can be one that a report gave: nothing else is ever removed.
fn is_ours(name: &str) -> bool {
    let parts = [("figures/", ".svg"), ("tables/", ".csv"), ("patients/", ".js")];
    parts.iter().any(|(folder, end)| {
        let stem = name.strip_prefix(folder).and_then(|name| name.strip_suffix(end));
        stem.is_some_and(|stem| {
            !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
    })
}

/// A temporary file is its owner's alone; a report is a file like any other.
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
    fn what_an_earlier_report_left_goes_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut first = Folder::create(folder.path()).expect("made");
        first.write("figures/old.svg", b"old").expect("written");
        first.write("figures/both.svg", b"old").expect("written");
        first.finish().expect("finished");
        fs::write(folder.path().join("figures/mine.svg"), "mine").expect("written");
        let mut second = Folder::create(folder.path()).expect("made");
        second.write("figures/both.svg", b"new").expect("written");
        second.finish().expect("finished");
        let read = |name: &str| fs::read_to_string(folder.path().join("figures").join(name)).ok();
        assert_eq!(read("old.svg"), None);
        assert_eq!(read("both.svg").as_deref(), Some("new"));
        assert_eq!(read("mine.svg").as_deref(), Some("mine"));
    }

    #[test]
    fn names_outside_of_the_folder_are_not_ours() {
        assert!(is_ours("tables/left-out.csv") && is_ours("patients/part-001.js"));
        for name in [
            "patients/part-001.svg",
            "../a.svg",
            "figures/../a.svg",
            "figures/.svg",
            "tables/a.svg",
            "report.html",
            "/figures/a.svg",
        ] {
            assert!(!is_ours(name), "{name}");
        }
    }
}
