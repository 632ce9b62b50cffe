//! One process writes the tables of a folder at a time; a lock says which.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use super::folder::Folder;

/// The name of the lock.
const LOCK: &str = "writing";

/// How often a holder shows that it lives.
const BEAT: Duration = Duration::from_secs(10);

/// How long a holder on another machine may be silent before it counts as dead.
const DEAD: Duration = Duration::from_secs(120);

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    format: u32,
    host: String,
    process: u32,
    /// When the process began, as its system tells: a number may be given to another process later.
    began: Option<u64>,
    since: String,
}

/// A lock that is held; it goes with this.
#[derive(Debug)]
pub struct Writing {
    path: PathBuf,
    holder: Holder,
    stop: Arc<(Mutex<bool>, Condvar)>,
    beats: Option<JoinHandle<()>>,
    lost: Arc<AtomicBool>,
}

impl Folder {
    /// Takes the lock for writing tables; that of a dead process is taken over. A switch that a dead one left half done is
    /// finished.
    ///
    /// # Errors
    /// Who holds it, or why it cannot be had.
    pub fn writing(&self) -> Result<Writing, String> {
        let path = self.own().join(LOCK);
        let holder = Holder::this();
        for _ in 0..20 {
            if create(&path, &holder).map_err(|cause| crate::store::why_not_written(&path, &cause))? {
                let writing = Writing::beating(path, holder);
                let root = self.owned().root();
                super::set::finish(root).map_err(|cause| format!("cannot write to {}: {cause}", root.display()))?;
                return Ok(writing);
            }
            match read(&path) {
                // It went between the two looks.
                None if !path.exists() => {}
                found if is_dead(&path, found.as_ref()) => take_away(&path, found.as_ref()),
                Some(other) => {
                    return Err(format!(
                        "{} is being written by process {} on {}, since {}. Wait for it, or choose another folder with --out",
                        self.owned().root().display(),
                        other.process,
                        other.host,
                        other.since
                    ));
                }
                None => std::thread::sleep(Duration::from_millis(50)),
            }
        }
        Err(match path.exists() && read(&path).is_none() {
            // It is written whole; so the machine lost its power, or somebody else wrote it.
            true => format!(
                "the lock {} is damaged: delete it if no other process writes to the folder; after {} minutes it counts as dead",
                path.display(),
                DEAD.as_secs() / 60
            ),
            false => format!("the lock {} cannot be had: several processes take it from each other", path.display()),
        })
    }
}

impl Writing {
    fn beating(path: PathBuf, holder: Holder) -> Self {
        let stop: Arc<(Mutex<bool>, Condvar)> = Arc::default();
        let lost = Arc::new(AtomicBool::new(false));
        let (of_thread, place, own, gone) = (stop.clone(), path.clone(), holder.clone(), lost.clone());
        let beats = std::thread::spawn(move || {
            let (ended, told) = &*of_thread;
            let mut guard = ended.lock().unwrap_or_else(PoisonError::into_inner);
            while !*guard {
                guard = told.wait_timeout(guard, BEAT).unwrap_or_else(PoisonError::into_inner).0;
                if read(&place).as_ref() != Some(&own) {
                    gone.store(true, Ordering::Relaxed);
                } else if let Ok(file) = fs::OpenOptions::new().append(true).open(&place) {
                    let _ = file.set_modified(SystemTime::now());
                }
            }
        });
        Self { path, holder, stop, beats: Some(beats), lost }
    }

    /// Whether the lock is still this process's; after a long sleep of the machine it may be another one's.
    ///
    /// # Errors
    /// In words, if it is not.
    pub fn check(&self) -> Result<(), String> {
        match !self.lost.load(Ordering::Relaxed) && read(&self.path).as_ref() == Some(&self.holder) {
            true => Ok(()),
            false => Err(format!("another process has taken over {}; nothing is written", self.path.display())),
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(beats) = self.beats.take() {
            let _ = beats.join();
        }
        if read(&self.path).as_ref() == Some(&self.holder) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Holder {
    fn this() -> Self {
        let process = std::process::id();
        let since = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        Self { format: 1, host: host(), process, began: began(process), since }
    }
}

fn read(path: &Path) -> Option<Holder> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Makes the lock, whole, unless there is one. A link to a finished file is never half there, on shared folders as well.
fn create(path: &Path, holder: &Holder) -> io::Result<bool> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&serde_json::to_vec(holder)?)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// Whether the holder of a lock is no more.
fn is_dead(path: &Path, holder: Option<&Holder>) -> bool {
    match holder {
        Some(holder) if holder.host == host() => match began(holder.process) {
            None => has_processes(),
            found => found != holder.began,
        },
        _ => is_silent(path),
    }
}

/// Whether a lock was not touched for long, by the clock of the file system that it is on.
fn is_silent(path: &Path) -> bool {
    let folder = path.parent().unwrap_or(Path::new("."));
    let time = |metadata: fs::Metadata| metadata.modified().ok();
    let now = tempfile::NamedTempFile::new_in(folder).ok().and_then(|file| time(file.as_file().metadata().ok()?));
    let then = fs::metadata(path).ok().and_then(time);
    match (now, then) {
        (Some(now), Some(then)) => now.duration_since(then).is_ok_and(|silent| silent > DEAD),
        _ => false,
    }
}

/// Takes a dead lock away; if it has become another one's meanwhile, that one gets it back.
fn take_away(path: &Path, dead: Option<&Holder>) {
    let aside = path.with_extension(format!("{}.dead", std::process::id()));
    if fs::rename(path, &aside).is_ok() {
        if read(&aside).as_ref() != dead {
            let _ = fs::hard_link(&aside, path);
        }
        let _ = fs::remove_file(&aside);
    }
}

#[cfg(target_os = "linux")]
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    // A container may have the name of another one: the boot tells machines apart.
    format!("{} ({})", name.trim(), boot.trim().get(..8).unwrap_or_default())
}

#[cfg(not(target_os = "linux"))]
fn host() -> String {
    ["HOSTNAME", "COMPUTERNAME"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_else(|| "unknown".into())
}

/// When a process of this machine began; none if there is none, or if the system does not tell.
#[cfg(target_os = "linux")]
fn began(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, in brackets, may hold anything.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    (state != "Z").then(|| fields.nth(18)?.parse().ok()).flatten()
}

#[cfg(not(target_os = "linux"))]
fn began(_: u32) -> Option<u64> {
    None
}

/// Whether this system tells which processes there are.
fn has_processes() -> bool {
    began(std::process::id()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(path: &Path) -> Folder {
        Folder::create(path, false).expect("a folder")
    }

    #[test]
    fn a_second_process_is_told_whose_it_is() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = folder(place.path());
        let first = folder.writing().expect("the lock");
        let refused = folder.writing().expect_err("it is held");
        assert!(refused.contains(&format!("process {} on ", std::process::id())), "{refused}");
        first.check().expect("it is held");
        drop(first);
        folder.writing().expect("it is free");
    }

    #[test]
    fn a_dead_holder_s_is_taken_over() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = folder(place.path());
        let path = folder.own().join(LOCK);
        // No process has this number; then one that began at another time; then one of a machine that was silent for long.
        let this = Holder::this();
        let gone = Holder { process: u32::MAX, ..this.clone() };
        let other = Holder { began: Some(1), ..this.clone() };
        let silent = Holder { host: "elsewhere".into(), ..this };
        for (holder, age) in [(gone, 0), (other, 0), (silent.clone(), 300)] {
            assert!(create(&path, &holder).expect("a lock"));
            let file = fs::OpenOptions::new().append(true).open(&path).expect("the lock");
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).expect("a time");
            drop(folder.writing().unwrap_or_else(|why| panic!("{holder:?}: {why}")));
        }
        assert!(create(&path, &silent).expect("a lock"));
        assert!(folder.writing().expect_err("it may live").contains("on elsewhere"));
        fs::write(&path, "half a").expect("the lock");
        assert!(folder.writing().expect_err("it may live").contains("is damaged: delete it"));
    }
}
