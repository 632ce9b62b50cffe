//! Who opens files: the system, or the program that a loader works for.
//!
//! A reader deep within a format does not carry along who opens its files. Whoever calls a loader says so for the call
//! ([`through`]), and everything that is opened here during the call is opened by them.

use std::{
    cell::Cell,
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use crate::Fault;

/// Opens files and lists folders for a reader.
pub trait Files {
    /// Opens a file for reading.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn open(&self, path: &Path) -> io::Result<File>;

    /// The names of what is in a folder, in any order.
    ///
    /// # Errors
    /// Why it cannot be listed.
    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>>;
}

/// The system that this process runs on.
struct System;

impl Files for System {
    fn open(&self, path: &Path) -> io::Result<File> {
        File::open(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
    }
}

thread_local! {
    static ASKED: Cell<Option<*const dyn Files>> = const { Cell::new(None) };
}

/// Does work in which `files` opens whatever is opened here on this thread.
pub fn through<T>(files: &dyn Files, work: impl FnOnce() -> T) -> T {
    struct Restore(Option<*const dyn Files>);
    impl Drop for Restore {
        fn drop(&mut self) {
            ASKED.set(self.0);
        }
    }
    let files: *const (dyn Files + '_) = files;
    // SAFETY: this forgets how long `files` is borrowed. It is while `work` runs, and is taken out again when that ends, also by
    // unwinding.
    let files: *const (dyn Files + 'static) = unsafe { std::mem::transmute(files) };
    let _restore = Restore(ASKED.replace(Some(files)));
    work()
}

fn ask<T>(work: impl FnOnce(&dyn Files) -> T) -> T {
    match ASKED.get() {
        None => work(&System),
        // SAFETY: it is borrowed while it is kept there, see `through`.
        Some(files) => work(unsafe { &*files }),
    }
}

/// Opens a file whatever it holds; a pipe would be waited for.
///
/// # Errors
/// If it cannot be read.
pub fn open_any(path: &Path) -> Result<File, Fault> {
    Ok(ask(|files| files.open(path))?)
}

/// Opens what is certain to be a file, and tells its length: opening a pipe would wait for somebody to write into it.
///
/// # Errors
/// If the path is no readable file with at least one byte.
pub fn open(path: &Path) -> Result<(File, u64), Fault> {
    let about = fs::metadata(path)?;
    if about.is_dir() {
        return Err(Fault::Directory);
    }
    if !about.is_file() {
        return Err(Fault::NotAFile);
    }
    let file = open_any(path)?;
    match file.metadata()?.len() {
        0 => Err(Fault::Empty),
        length => Ok((file, length)),
    }
}

/// The paths of what is in a folder, sorted.
///
/// # Errors
/// If it cannot be listed.
pub fn list(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let mut paths: Vec<PathBuf> = ask(|files| files.list(folder))?.into_iter().map(|name| folder.join(name)).collect();
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens this file instead of any other, and takes down which one was asked for.
    struct Instead(Cell<u32>);

    impl Files for Instead {
        fn open(&self, path: &Path) -> io::Result<File> {
            self.0.set(self.0.get() + 1);
            match path.ends_with("lib.rs") {
                true => Err(io::Error::other("it is not shown")),
                false => System.open(Path::new("src/files.rs")),
            }
        }

        fn list(&self, _: &Path) -> io::Result<Vec<OsString>> {
            Ok(vec!["b".into(), "a".into()])
        }
    }

    #[test]
    fn files_are_opened_by_whoever_was_said_to_open_them_and_for_as_long() {
        let (here, other) = (Path::new("src/files.rs"), Path::new("Cargo.toml"));
        let length = |path: &Path| open(path).map(|(_, length)| length);
        let own = length(here).expect("this file");
        let files = Instead(Cell::new(0));
        through(&files, || {
            assert_eq!(length(other).expect("this file instead"), own);
            assert_eq!(list(Path::new("src")).expect("names"), [Path::new("src/a"), Path::new("src/b")]);
            assert!(length(Path::new("src/lib.rs")).is_err_and(|why| why.to_string() == "it is not shown"));
            let inner = Instead(Cell::new(0));
            through(&inner, || length(other)).expect("a file");
            assert_eq!((files.0.get(), inner.0.get()), (2, 1));
            length(other).expect("a file");
        });
        assert_eq!(files.0.get(), 3);
        let unwound = std::panic::catch_unwind(|| through(&Instead(Cell::new(0)), || panic!("on purpose")));
        assert!(unwound.is_err());
        assert_ne!(length(other).expect("a file"), own);
        assert!(list(Path::new("src")).expect("a folder").contains(&here.to_owned()));
    }
}
