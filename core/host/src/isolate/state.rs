//! What a plugin may leave changed in the process that it runs in.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::float;

/// The state of a process that every plugin in it shares. What the system does not tell is empty or none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The working directory.
    pub directory: String,
    /// The locale, all of its categories.
    pub locale: String,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// Whether arithmetic rounds to nearest and keeps subnormal numbers.
    pub sound_arithmetic: bool,
    /// Number of threads.
    pub threads: Option<u64>,
    /// What descriptors are open on, sorted.
    pub descriptors: Vec<String>,
    /// The files in the scratch folder, sorted.
    pub files: Vec<String>,
    /// Bytes of memory that are in use.
    pub resident_bytes: Option<u64>,
}

impl State {
    /// What a worker must be allowed to read, so that it can tell of its threads, descriptors and memory.
    pub const PLACES: [&'static str; 1] = ["/proc/self"];

    /// The state of this process, which is a worker: its scratch folder is that of temporary files.
    pub fn of_this_process() -> Self {
        let shown = |path: PathBuf| path.to_string_lossy().into_owned();
        let mut files = Vec::new();
        below(&std::env::temp_dir(), &mut files);
        files.sort();
        let environment = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()));
        Self {
            directory: std::env::current_dir().map(shown).unwrap_or_default(),
            locale: locale(),
            environment: environment.collect(),
            sound_arithmetic: float::is_sound(),
            threads: fs::read_dir("/proc/self/task").ok().map(|threads| threads.count() as u64),
            descriptors: descriptors(),
            files,
            resident_bytes: resident(),
        }
    }
}

/// The files below a folder.
fn below(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => below(&entry.path(), found),
            _ => found.push(entry.path().to_string_lossy().into_owned()),
        }
    }
}

fn locale() -> String {
    // SAFETY: a null pointer asks for the locale; the text is copied before anything can change it.
    unsafe {
        let text = libc::setlocale(libc::LC_ALL, std::ptr::null());
        if text.is_null() { String::new() } else { std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

fn descriptors() -> Vec<String> {
    let own = format!("/proc/{}/fd", std::process::id());
    let entries = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let targets = entries.filter_map(|entry| Some(fs::read_link(entry.path()).ok()?.to_string_lossy().into_owned()));
    // That of this list itself is none of them.
    let mut targets: Vec<String> = targets.filter(|target| *target != own).collect();
    targets.sort();
    targets
}

fn resident() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    // SAFETY: a call without pointers.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    pages.checked_mul(u64::try_from(page).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_seen() {
        let before = State::of_this_process();
        assert!(before.sound_arithmetic && before.threads >= Some(1) && before.resident_bytes > Some(0));
        let file = fs::File::open("/dev/null").expect("a file");
        let open = State::of_this_process().descriptors;
        let nulls = |list: &[String]| list.iter().filter(|target| *target == "/dev/null").count();
        assert_eq!(nulls(&open), nulls(&before.descriptors) + 1, "{open:?}");
        drop(file);
    }
}
