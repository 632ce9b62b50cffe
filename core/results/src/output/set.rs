//! A set of files that appears whole or not at all.
//!
//! They are written into a folder aside. One renaming of that folder makes them the results; what is left to do then is to
//! move them to their places, and whoever looks at the folder next finishes it if the program was killed meanwhile.

use std::{fs, io, path::Path};

use super::folder::{Folder, is_same};
use crate::store::why_not_written;

/// Where a set is written.
const NEXT: &str = "next";
/// Where a set is that counts, and has not been moved yet.
const SWITCHED: &str = "switched";
/// In that folder: names of files that the set has not, and that go.
const GONE: &str = ".gone";

/// A set that is being written.
#[derive(Debug)]
pub struct Set<'a> {
    target: &'a Folder,
    aside: Folder,
}

impl<'a> Set<'a> {
    /// Begins a set for a folder.
    ///
    /// # Errors
    /// If the folder aside cannot be made.
    pub fn begin(target: &'a Folder) -> Result<Self, String> {
        let place = target.own().join(NEXT);
        if place.exists() {
            fs::remove_dir_all(&place).map_err(|cause| format!("cannot remove {}: {cause}", place.display()))?;
        }
        fs::create_dir_all(&place).map_err(|cause| why_not_written(&place, &cause))?;
        let aside = Folder::aside(target, place);
        Ok(Self { target, aside })
    }

    /// The folder to write to.
    pub fn folder(&self) -> &Folder {
        &self.aside
    }

    /// Makes the files that were written the results, and takes those of these names away that were not.
    ///
    /// # Errors
    /// If a file that would be replaced is somebody else's, or the files cannot be moved.
    pub fn switch(self, names: &[&str]) -> Result<(), String> {
        let fail = |cause: io::Error| format!("cannot switch the results in {}: {cause}", self.target.path().display());
        let (gone, stay): (Vec<&str>, Vec<&str>) =
            names.iter().partition(|name| !self.aside.path().join(name).exists());
        // What is there already with the same bytes stays, and stays whose it is.
        let (there, stay): (Vec<&str>, Vec<&str>) =
            stay.into_iter().partition(|name| is_same(&self.target.path().join(name), &self.aside.path().join(name)));
        for name in there {
            fs::remove_file(self.aside.path().join(name)).map_err(fail)?;
        }
        self.target.may_write(&[&gone[..], &stay[..]].concat())?;
        for name in &stay {
            let note = self.target.owned().note(&self.target.path().join(name), &self.aside.path().join(name));
            note.map_err(|cause| why_not_written(&self.target.path().join(name), &cause))?;
        }
        let target = self.target.path().strip_prefix(self.target.owned().root()).unwrap_or(Path::new(""));
        let lines = format!("{}\n{}\n", target.display(), gone.join("\n"));
        fs::write(self.aside.path().join(GONE), lines).map_err(|cause| why_not_written(self.aside.path(), &cause))?;
        let switched = self.target.own().join(SWITCHED);
        fs::rename(self.aside.path(), &switched).map_err(fail)?;
        finish(self.target.owned().root()).map_err(fail)
    }
}

impl Drop for Set<'_> {
    fn drop(&mut self) {
        // After a switch it is not there any more; after a fault it is of no use.
        let _ = fs::remove_dir_all(self.aside.path());
    }
}

/// Finishes a switch that was begun in the folder of results `root`, if one was.
///
/// # Errors
/// If a file cannot be moved.
pub fn finish(root: &Path) -> io::Result<()> {
    let switched = root.join(super::owned::OWN).join(SWITCHED);
    let Ok(lines) = fs::read_to_string(switched.join(GONE)) else { return Ok(()) };
    let mut lines = lines.lines();
    let target = root.join(lines.next().unwrap_or_default());
    for name in lines.filter(|name| !name.is_empty()) {
        match fs::remove_file(target.join(name)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
    }
    for entry in fs::read_dir(&switched)? {
        let entry = entry?;
        if entry.file_name() != GONE {
            fs::rename(entry.path(), target.join(entry.file_name()))?;
        }
    }
    fs::remove_file(switched.join(GONE))?;
    fs::remove_dir(&switched)
}
