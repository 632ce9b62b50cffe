//! Plugins in processes of their own: what one of them does, it does to itself.
//!
//! A worker hosts one library or one Python file. A crash, an exit, a hang or a memory limit ends one call; the next call gets a
//! new worker. docs/protocol.md says what is spoken.

mod live;
mod python;
mod reach;
mod serve;
mod state;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;
use voxomics_interface::{Failure, Request, codes};
use voxomics_worker::{
    Confinement, End,
    launch::{Orders, Rights},
};

use crate::{entered::Entered, find::program, limits::CallLimits, of_c::Raw};
use live::Live;

pub use crate::exit::this_is_a_worker;
pub use python::Script;
pub use serve::serve;
pub use state::State;
pub use voxomics_worker::launch::launcher;

/// After so many crashes a plugin is not started again.
const MOST_CRASHES: u32 = 3;

/// What a worker hosts.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A library, and the digest of its file: the worker loads those bytes or nothing.
    Library {
        /// Its file, absolute.
        path: PathBuf,
        /// SHA-256 in hexadecimal.
        sha256: String,
        /// The same of what it brings with it, by name.
        companions: BTreeMap<String, String>,
        /// The files of that, absolute.
        beside: Vec<PathBuf>,
    },
    /// A Python file.
    Script(Script),
}

/// A library or script in processes of its own: as many as there are calls at once.
#[derive(Debug)]
pub struct Isolated {
    subject: Subject,
    limits: CallLimits,
    idle: Mutex<Vec<Live>>,
    crashes: AtomicU32,
    /// How the last worker ended that has crashed, until somebody asks.
    ended: Mutex<Option<String>>,
    next: AtomicU32,
    /// Files that settings name: workers may read them.
    files: Mutex<Arc<[PathBuf]>>,
    /// What of the restrictions is in force, and what runs in the worker: known once one was started.
    started: OnceLock<(Option<Confinement>, String)>,
}

/// What makes an instance, in whichever worker it is needed.
#[derive(Debug, Clone)]
pub struct Recipe {
    number: u32,
    kind: String,
    id: String,
    json: String,
    /// Settings as arrays: name, dimensions, numbers.
    arrays: Vec<(String, Vec<u64>, Vec<f64>)>,
}

/// Why a call has no answer.
#[derive(Debug)]
pub enum Fault {
    /// What the plugin itself said.
    Failures(Vec<Failure>),
    /// Its worker ended.
    Ended(End),
    /// No worker can be started.
    NoWorker(io::Error),
    /// It has crashed too often.
    Rests,
    /// The run is being given up.
    GivenUp,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failures(failures) => match failures.first() {
                Some(failure) => f.write_str(&failure.message.shown()),
                None => f.write_str("it failed without saying why"),
            },
            Self::Ended(end) => write!(f, "its worker ended: {end}"),
            Self::NoWorker(cause) => write!(f, "no worker can be started for it: {cause}"),
            Self::Rests => write!(f, "it has crashed {MOST_CRASHES} times and {}", crate::RESTS),
            Self::GivenUp => f.write_str("the run is given up"),
        }
    }
}

impl From<Fault> for Vec<Failure> {
    fn from(fault: Fault) -> Self {
        let code = match &fault {
            Fault::Failures(_) => {
                let Fault::Failures(failures) = fault else { return Vec::new() };
                return failures;
            }
            Fault::GivenUp => codes::FAILURE_CANCELLED,
            Fault::Ended(_) | Fault::NoWorker(_) | Fault::Rests => codes::FAILURE_INPUT,
        };
        vec![Failure { code, message: fault.to_string().into(), key: Default::default() }]
    }
}

impl Isolated {
    /// A library or script whose workers are started when they are needed.
    pub fn new(subject: Subject, limits: CallLimits) -> Self {
        Self {
            subject,
            limits,
            idle: Mutex::default(),
            crashes: AtomicU32::new(0),
            ended: Mutex::default(),
            next: AtomicU32::new(0),
            files: Mutex::default(),
            started: OnceLock::new(),
        }
    }

    /// Lets workers read files that settings name. Workers that run already were started without, and are ended.
    pub(crate) fn may_read(&self, named: &[PathBuf]) {
        let mut files = unpoisoned(&self.files);
        if named.iter().any(|path| !files.contains(path)) {
            let more = named.iter().filter(|path| !files.contains(path));
            *files = files.iter().chain(more).cloned().collect();
        }
    }

    /// How the last worker ended that has crashed since this was last asked, if one has.
    pub fn has_ended(&self) -> Option<String> {
        unpoisoned(&self.ended).take()
    }

    /// What of the restrictions is in force, once a worker was started; none if workers are not restricted here.
    pub fn confinement(&self) -> Option<&Confinement> {
        self.started.get()?.0.as_ref()
    }

    /// What runs in its workers, as the first of them said: interpreter and versions.
    pub fn runs(&self) -> &str {
        self.started.get().map_or("", |(_, runs)| runs)
    }

    /// The description of what its worker hosts.
    ///
    /// # Errors
    /// If no worker can be started, or it cannot load what it hosts.
    pub(crate) fn describe(&self, host: &Entered<'_>) -> Result<Vec<u8>, Fault> {
        self.with(host, |live| live.describe(self.limits.time(), host))
    }

    /// The state of a worker that is there; that of the last one that answered, while there is one call at a time.
    ///
    /// # Errors
    /// If the worker does not answer.
    pub(crate) fn state(&self, host: &Entered<'_>) -> Result<State, Fault> {
        self.with(host, |live| live.state(self.limits.time(), host))
    }

    /// Makes an instance once, to see that its settings are sound.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn configure(
        &self,
        kind: &str,
        id: &str,
        request: Request<'_>,
        host: &Entered<'_>,
    ) -> Result<Recipe, Fault> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let array = |array: &voxomics_interface::Array<'_>| {
            let numbers = array.read::<f64>().unwrap_or_default().to_vec();
            (text(array.name().bytes()), array.dims().to_vec(), numbers)
        };
        let recipe = Recipe {
            number: self.next.fetch_add(1, Ordering::Relaxed),
            kind: kind.into(),
            id: id.into(),
            json: text(request.json.bytes()),
            arrays: request.arrays.iter().map(array).collect(),
        };
        self.with(host, |live| live.instance(&recipe, self.limits.time(), host).map(|_| ()))?;
        Ok(recipe)
    }

    /// Calls a method of an instance, in whichever worker is free.
    ///
    /// # Errors
    /// What the plugin says, or how its worker ended.
    pub(crate) fn call(
        &self,
        recipe: &Recipe,
        method: &str,
        request: Request<'_>,
        host: &Entered<'_>,
    ) -> Result<Raw, Fault> {
        self.with(host, |live| live.call(recipe, method, request, self.limits.time(), host))
    }

    fn with<T>(
        &self,
        host: &Entered<'_>,
        work: impl FnOnce(&mut Live) -> Result<T, live::Stopped>,
    ) -> Result<T, Fault> {
        if self.crashes.load(Ordering::Relaxed) >= MOST_CRASHES {
            return Err(Fault::Rests);
        }
        let files = unpoisoned(&self.files).clone();
        let idle = unpoisoned(&self.idle).pop().filter(|live| Arc::ptr_eq(&live.files, &files));
        let mut live = match idle {
            Some(live) => live,
            None => self.start(files).map_err(Fault::NoWorker)?,
        };
        let came = work(&mut live);
        live.pass_on_what_it_printed(host);
        match came {
            Ok(value) => {
                unpoisoned(&self.idle).push(live);
                Ok(value)
            }
            Err(live::Stopped::Failures(failures)) => {
                unpoisoned(&self.idle).push(live);
                Err(Fault::Failures(failures))
            }
            Err(live::Stopped::GivenUp) => Err(Fault::GivenUp),
            Err(live::Stopped::Broken(broken)) => {
                let end = live.end(broken);
                *unpoisoned(&self.ended) = Some(end.to_string());
                self.crashes.fetch_add(1, Ordering::Relaxed);
                Err(Fault::Ended(end))
            }
        }
    }

    fn start(&self, files: Arc<[PathBuf]>) -> io::Result<Live> {
        let scratch = tempfile::Builder::new().prefix("voxomics-worker-").tempdir()?;
        let (program, arguments, environment, read) = match &self.subject {
            Subject::Library { path, sha256, companions, beside } => {
                let own = program()?;
                let arguments = ["worker".into(), "serve".into(), path.clone().into(), sha256.into()];
                let pinned = companions.iter().map(|(name, sha256)| format!("{sha256} {name}").into());
                let read = [&[own.clone(), path.clone()], &beside[..]].concat();
                (own, arguments.into_iter().chain(pinned).collect(), Vec::new(), read)
            }
            Subject::Script(script) => script.prepare(scratch.path())?,
        };
        let orders = orders(&scratch, program, arguments, environment, &[&read[..], &files].concat(), self.limits)?;
        let live = Live::start(&orders, scratch, files)?;
        self.started.get_or_init(|| (live.confined.clone(), live.runs.clone()));
        Ok(live)
    }
}

/// Orders for a process that reads what it is given and what every program needs, and writes into its scratch folder only.
///
/// # Errors
/// If the system does not tell the program, which is the launcher.
pub fn orders(
    scratch: &TempDir,
    started: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    read: &[PathBuf],
    limits: CallLimits,
) -> io::Result<Orders> {
    let folder = scratch.path().to_owned();
    let rights = Rights {
        read: [read, &system_places()].concat(),
        write: vec![folder.clone()],
        memory_bytes: limits.memory_bytes,
        file_bytes: limits.memory_bytes,
    };
    Ok(Orders {
        launcher: program()?,
        parent: std::process::id(),
        program: started,
        arguments,
        environment: [environment, surroundings(&folder)].concat(),
        folder,
        rights: Some(rights),
    })
}

fn unpoisoned<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the system keeps what every program needs: its loader and libraries.
fn system_places() -> Vec<PathBuf> {
    [
        "/lib",
        "/lib32",
        "/lib64",
        "/usr/lib",
        "/usr/lib64",
        "/usr/local/lib",
        "/etc/ld.so.cache",
        "/dev/null",
        "/dev/urandom",
    ]
    .map(PathBuf::from)
    .to_vec()
}

/// The variable that sets the clock of what is written, so that two runs make the same bytes: seconds since 1970, as reproducible builds
/// have it.
pub const CLOCK: &str = "SOURCE_DATE_EPOCH";

/// The environment of a worker is made from nothing: what is not there cannot change a number. The moment that somebody set is kept.
fn surroundings(scratch: &Path) -> Vec<(OsString, OsString)> {
    let folder = OsString::from(scratch);
    let made = [("HOME", folder.clone()), ("TMPDIR", folder), ("LANG", "C.UTF-8".into()), ("TZ", "UTC".into())];
    let clock = std::env::var_os(CLOCK).map(|moment| (CLOCK, moment));
    made.into_iter().chain(clock).map(|(name, value)| (name.into(), value)).collect()
}
