//! What the plugins of a case read through the program: what belongs to the case is known from that, and not from a second look
//! at a path.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use voxomics_base::Stamp;

/// What was found where a plugin wanted to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// A file, as it was when it was opened.
    File(Stamp),
    /// The names in a folder, sorted.
    Folder(Vec<PathBuf>),
    /// Nothing: no file, or none that may be read.
    Nothing,
}

/// Everything that the plugins of a case have read, each place once, in the order of their paths.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reads {
    /// What was found at each place, when it was first looked at.
    pub found: BTreeMap<PathBuf, Read>,
    /// The first place at which something else was found later.
    pub changed: Option<PathBuf>,
}

/// Takes down what is read, from any thread.
#[derive(Debug, Default)]
pub(crate) struct Reader(Mutex<Reads>);

impl Reader {
    /// Takes down how an attempt to open a file has ended.
    pub fn opened(&self, path: &Path, outcome: &io::Result<File>) {
        let stamp = outcome.as_ref().ok().and_then(|file| file.metadata().ok()).map(|about| Stamp::new(&about));
        self.note(path, stamp.map_or(Read::Nothing, Read::File));
    }

    /// Takes down what a folder has held.
    pub fn listed(&self, path: &Path, outcome: &io::Result<Vec<PathBuf>>) {
        self.note(path, outcome.as_ref().map_or(Read::Nothing, |names| Read::Folder(names.clone())));
    }

    /// What was taken down so far.
    pub fn all(&self) -> Reads {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, path: &Path, read: Read) {
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match reads.found.get(path) {
            None => drop(reads.found.insert(path.to_owned(), read)),
            Some(first) if *first == read => {}
            Some(_) => drop(reads.changed.get_or_insert_with(|| path.to_owned())),
        }
    }
}
