//! Which files of a folder the program wrote, by their bytes: a file that somebody has changed is theirs.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use voxomics_base::digest::sha256_path;

/// In the folder of the results: what the program keeps for itself.
pub const OWN: &str = ".voxomics";

/// What the program wrote into a folder.
#[derive(Debug)]
pub struct Owned {
    root: PathBuf,
    replace: bool,
    /// Whether what is written is noted.
    notes: bool,
    /// For each file, below the root, the digests that it had when it was written.
    written: Mutex<HashMap<String, HashSet<String>>>,
}

/// A line for each file that was written: digest and name.
const WRITTEN: &str = "written";

/// The first line of it.
const FORMAT: &str = "voxomics written 1";

impl Owned {
    /// What is noted in a folder.
    pub fn read(root: &Path, replace: bool) -> Self {
        let text = fs::read_to_string(root.join(OWN).join(WRITTEN)).unwrap_or_default();
        let mut written: HashMap<String, HashSet<String>> = HashMap::new();
        for (digest, name) in text.lines().filter_map(|line| line.split_once(' ')).filter(|(word, _)| word.len() == 64)
        {
            written.entry(name.to_owned()).or_default().insert(digest.to_owned());
        }
        Self { root: root.to_owned(), replace, notes: true, written: Mutex::new(written) }
    }

    /// Nothing is noted of what is written.
    pub fn none(root: &Path) -> Self {
        Self { root: root.to_owned(), replace: true, notes: false, written: Mutex::default() }
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a file may be replaced or taken away: one that is not there, or that is as the program wrote it.
    ///
    /// # Errors
    /// In words, with what to do.
    pub fn may_replace(&self, path: &Path) -> Result<(), String> {
        if self.replace || !path.exists() {
            return Ok(());
        }
        let what = match self.wrote(path) {
            None => "is there already, and this program did not write it",
            Some(true) => return Ok(()),
            Some(false) => "was changed after it was written",
        };
        Err(format!(
            "{} {what}; nothing is written over it. Move it away, choose another folder with --out, or say --replace",
            path.display()
        ))
    }

    /// Whether a file is as the program wrote it; none if the program did not.
    pub fn wrote(&self, path: &Path) -> Option<bool> {
        let known = self.written.lock().unwrap_or_else(PoisonError::into_inner).get(&self.name(path)).cloned()?;
        Some(sha256_path(path).is_ok_and(|digest| known.contains(&digest)))
    }

    /// Notes that the bytes of one file are about to get the name of another.
    ///
    /// # Errors
    /// If they cannot be read, or nothing can be noted.
    pub fn note(&self, path: &Path, bytes: &Path) -> io::Result<()> {
        if !self.notes {
            return Ok(());
        }
        let (name, digest) = (self.name(path), sha256_path(bytes)?);
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if !written.entry(name.clone()).or_default().insert(digest.clone()) {
            return Ok(());
        }
        let journal = self.root.join(OWN).join(WRITTEN);
        let mut file = fs::OpenOptions::new().create(true).append(true).read(true).open(&journal)?;
        let mut last = [b'\n'];
        let first = match file.seek(SeekFrom::End(-1)) {
            Ok(_) => file.read_exact(&mut last).map(|()| if last == *b"\n" { "" } else { "\n" })?.to_owned(),
            // It is empty.
            Err(_) => format!("{FORMAT}\n"),
        };
        // A full disk may have cut the line before. In one piece: another process may append as well.
        file.write_all(format!("{first}{digest} {name}\n").as_bytes())
    }

    /// The name of a file below the root, the same on every system; line breaks are not part of a line.
    fn name(&self, path: &Path) -> String {
        let parts = path.strip_prefix(&self.root).unwrap_or(path).components();
        let name = parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/");
        name.replace('\n', "\\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_a_full_disk_has_cut_costs_no_other_line() {
        let place = tempfile::tempdir().expect("a folder");
        fs::create_dir(place.path().join(OWN)).expect("a folder");
        let (a, b) = (place.path().join("a"), place.path().join("b"));
        for path in [&a, &b] {
            fs::write(path, path.as_os_str().as_encoded_bytes()).expect("a file");
        }
        Owned::read(place.path(), false).note(&a, &a).expect("noted");
        let journal = place.path().join(OWN).join(WRITTEN);
        let whole = fs::read(&journal).expect("a journal");
        fs::write(&journal, &whole[..whole.len() - 40]).expect("a journal");
        let owned = Owned::read(place.path(), false);
        owned.note(&b, &b).expect("noted");
        let owned = Owned::read(place.path(), false);
        assert!(owned.may_replace(&b).is_ok() && owned.may_replace(&a).is_err());
        assert!(fs::read_to_string(&journal).expect("a journal").starts_with(FORMAT));
    }
}
