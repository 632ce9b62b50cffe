//! The process of a check: it loads the plugin, makes the check, and says what was found.

use std::{
    fs, io,
    os::{fd::AsFd as _, unix::net::UnixStream},
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};
use voxomics_host::{CallLimits, PluginLibrary, Plugins, Registered, STACK_BYTES, Terms, isolate, isolate::State};
use voxomics_interface::describe::{Kind, Library};
use voxomics_worker::{Channel, Frame};

use crate::{
    bench::Bench,
    checks::named,
    printed,
    settings::{Given, settings},
    verdict::Verdict,
};

/// What a process is to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The file, absolute.
    pub file: PathBuf,
    /// Its size and time: one that is replaced while it is checked would be two plugins.
    pub stamp: Stamp,
    /// Whether it is a Python file.
    pub is_script: bool,
    /// The interpreter of a script.
    pub interpreter: PathBuf,
    /// Files that a script needs beside it.
    pub helpers: Vec<PathBuf>,
    /// Settings, `key=value`.
    pub settings: Vec<String>,
    /// Where the paths in settings start.
    pub folder: PathBuf,
    /// A file for a loader.
    pub sample: Option<PathBuf>,
    /// The longest that one call may take, s.
    pub seconds: f64,
    /// Kind and id of the plugin, and the checks; none to say what the file holds.
    pub checks: Option<(Kind, String, Vec<String>)>,
}

/// Size and time of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    /// Those of a file as it is now.
    ///
    /// # Errors
    /// If it cannot be looked at.
    pub fn of(file: &Path) -> io::Result<Self> {
        let found = fs::metadata(file)?;
        Ok(Self { bytes: found.len(), modified: found.modified().ok() })
    }
}

/// What a process says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    /// What the file holds.
    Library(Box<Library>),
    /// What a check found.
    Verdict(Verdict),
    /// Why the file, or the plugin in it, cannot be used.
    Refused(String),
}

/// Where a process keeps what it makes itself.
const FOLDER: &str = "kit";

/// Makes the checks that the task asks for, and tells the program over standard input, which is a connection.
///
/// # Errors
/// If the task is none, or standard input is no connection.
pub fn check(task: &str) -> io::Result<()> {
    let task: Task = serde_json::from_str(task)?;
    isolate::this_is_a_worker();
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut channel = Channel::new(socket)?;
    let folder = std::env::current_dir()?.join(FOLDER);
    fs::create_dir_all(&folder)?;
    printed::keep(&folder)?;
    let threads = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(STACK_BYTES).build();
    let threads = threads.map_err(io::Error::other)?;
    let mut tell = |said: Said| {
        let json = serde_json::to_value(said)?.as_object().cloned().unwrap_or_default();
        channel.send(Frame { json, ..Frame::default() }, None).map_err(io::Error::other)
    };
    let before = State::of_this_process();
    let library = threads.install(|| load(&task));
    let Some((kind, id, checks)) = &task.checks else {
        return tell(library.map_or_else(Said::Refused, |library| Said::Library(Box::new(library.description))));
    };
    let mut plugins = Plugins::default();
    let of = match library.and_then(|library| plugins.add(library)) {
        Ok(()) => plugins.find(*kind, id),
        Err(why) => return tell(Said::Refused(why)),
    };
    let Some(of) = of else {
        return tell(Said::Refused(format!("it describes no `{}-{id}` when it is loaded again", kind.word())));
    };
    let mut before = Some(before);
    for check in checks {
        let verdict = threads.install(|| verdict(&task, of, before.take(), check, &folder));
        tell(Said::Verdict(verdict))?;
    }
    Ok(())
}

/// The library in this process; a script in a worker of its own.
fn load(task: &Task) -> Result<PluginLibrary, String> {
    if Stamp::of(&task.file).map_err(|cause| cause.to_string())? != task.stamp {
        return Err(format!("{} was replaced by another file while it was checked", task.file.display()));
    }
    if !task.is_script {
        return PluginLibrary::load(&task.file, None);
    }
    let limits = CallLimits { seconds_per_call: task.seconds, ..CallLimits::default() };
    let terms = Terms { isolate: Some(limits), ..Terms::default() };
    let library = PluginLibrary::script(&task.file, &task.helpers, task.interpreter.clone(), &terms)?;
    library.may_read(&State::PLACES.map(PathBuf::from));
    Ok(library)
}

/// Makes a check. The state before the library was loaded is known for the first one of a process.
fn verdict(task: &Task, of: Registered<'_>, before: Option<State>, check: &str, folder: &Path) -> Verdict {
    let Some(check) = named(check) else { return Verdict::skipped(format!("there is no check `{check}`")) };
    if let Err(cause) = printed::forget(folder) {
        return Verdict::skipped(cause.to_string());
    }
    let loaded = match of.library.state() {
        Ok(loaded) => loaded,
        Err(why) => return Verdict::failed(why),
    };
    // A script runs elsewhere: what its process was like before is not known.
    let before = before.filter(|_| !task.is_script).unwrap_or_else(|| loaded.clone());
    let given: Vec<Given<'_>> = task.settings.iter().filter_map(|text| Given::read(text).ok()).collect();
    let settings = settings(of.plugin, &given, &task.folder);
    let sample = task.sample.as_deref();
    let bench = Bench { of, settings, sample, folder, before: &before, loaded: &loaded };
    let verdict = (check.run)(&bench).unwrap_or_else(|verdict| verdict);
    match of.library.has_ended() {
        Some(how) => Verdict::crashed(how),
        None => verdict,
    }
}
