//! What the host gives to plugins: log, progress, cancellation, seed, threads.

use std::{
    fmt,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use rayon::prelude::*;
use voxomics_base::LogLine;
use voxomics_interface::codes;

use crate::reads::{Reader, Reads};

/// What all cases of a run share.
#[derive(Debug, Default, Clone)]
pub struct Services {
    /// Set when the run is to be given up.
    pub cancelled: Arc<AtomicBool>,
    /// Seed of the experiment.
    pub seed: u64,
    /// Who is told how far a case has come.
    pub steps: Steps,
}

impl Services {
    /// The same for a case, whose name goes with each step: the one that is shown, which may be a pseudonym.
    pub fn of_case(&self, shown: &str) -> Self {
        let steps = Steps { case: shown.into(), ..self.steps.clone() };
        Self { steps, ..self.clone() }
    }
}

/// Is told of a step of a case: the case, what is made, how many parts of it are done, and of how many.
type Step = dyn Fn(&str, &str, usize, usize) + Send + Sync;

/// Who is told how far a case has come, where that takes long.
#[derive(Default, Clone)]
pub struct Steps {
    tell: Option<Arc<Step>>,
    case: Arc<str>,
}

impl Steps {
    /// Tells somebody.
    pub fn told_to(tell: impl Fn(&str, &str, usize, usize) + Send + Sync + 'static) -> Self {
        Self { tell: Some(Arc::new(tell)), case: Arc::default() }
    }
}

impl fmt::Debug for Steps {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Steps").field("told", &self.tell.is_some()).field("case", &self.case).finish()
    }
}

/// What a plugin reaches of the world: files, and whether to go on. In a worker that is the program, at the other end of the
/// connection.
pub(crate) trait Outside: fmt::Debug + Send + Sync {
    /// `codes::STOP_…`.
    fn stop(&self) -> u32;

    /// Opens a file of the case for reading.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn open(&self, path: &Path) -> io::Result<File>;

    /// The names in a folder of the case, sorted.
    ///
    /// # Errors
    /// Why it cannot be listed.
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>>;

    /// Tells how far a call has come, 0 … 1.
    fn progress(&self, _fraction: f64) {}
}

/// The system of this process.
#[derive(Debug)]
struct Here {
    cancelled: Arc<AtomicBool>,
}

impl Outside for Here {
    fn stop(&self) -> u32 {
        if self.cancelled.load(Ordering::Relaxed) { codes::STOP_GIVEN_UP } else { codes::STOP_NO }
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        // A pipe or a device would be waited for, or read, without end.
        if std::fs::metadata(path).is_ok_and(|what| !what.is_file()) {
            return Err(io::Error::other("it is no file"));
        }
        File::open(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let names = std::fs::read_dir(path)?.map(|entry| Ok(entry?.file_name().into()));
        let mut names = names.collect::<io::Result<Vec<PathBuf>>>()?;
        names.sort();
        Ok(names)
    }
}

/// The host as the plugins of one case see it; collects what they write.
#[derive(Debug)]
pub struct CaseHost {
    outside: Arc<dyn Outside>,
    seed: u64,
    log: Mutex<Vec<LogLine>>,
    reader: Arc<Reader>,
    /// The bits of what was last said of a call's progress.
    progress: AtomicU64,
    steps: Steps,
}

impl CaseHost {
    /// The host for a case; its seed follows from the experiment's and the case's name, so that it is the same
    /// whichever other cases are run with it.
    pub fn new(services: &Services, case: &str) -> Self {
        // FNV-1a: fixed for ever, unlike the standard library's hashers.
        let hash = case.bytes().fold(0xcbf2_9ce4_8422_2325_u64 ^ services.seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        // TOML's integers are signed, and a model file states the seed that it was made with.
        let seed = hash & (u64::MAX >> 1);
        let here = Self::reaching(seed, Arc::new(Here { cancelled: services.cancelled.clone() }));
        Self { steps: services.steps.clone(), ..here }
    }

    /// A host whose plugins reach something else than this process.
    pub(crate) fn reaching(seed: u64, outside: Arc<dyn Outside>) -> Self {
        let (log, reader, progress, steps) = Default::default();
        Self { outside, seed, log, reader, progress, steps }
    }

    /// A host that reaches the same, seeds the same and takes down what is read in the same place, and whose log is its own.
    pub fn quiet(&self) -> Self {
        let (reader, steps) = (self.reader.clone(), self.steps.clone());
        Self { reader, steps, ..Self::reaching(self.seed, self.outside.clone()) }
    }

    /// Tells how many parts of something that takes long are done, and of how many.
    pub fn step(&self, what: &str, done: usize, of: usize) {
        if let Some(tell) = &self.steps.tell {
            tell(&self.steps.case, what, done, of);
        }
    }

    /// What the plugins of the case have read through the program so far.
    pub fn reads(&self) -> Reads {
        self.reader.all()
    }

    pub(crate) fn stop(&self) -> u32 {
        self.outside.stop()
    }

    pub(crate) fn open(&self, path: &Path) -> io::Result<File> {
        let opened = self.outside.open(path);
        self.reader.opened(path, &opened);
        opened
    }

    pub(crate) fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let listed = self.outside.list(path);
        self.reader.listed(path, &listed);
        listed
    }

    /// Writes a warning.
    pub fn warn(&self, text: impl Into<String>) {
        self.push(codes::LOG_WARNING, text.into());
    }

    /// Whether the run is being given up.
    pub fn is_cancelled(&self) -> bool {
        self.stop() != codes::STOP_NO
    }

    /// The seed for anything random.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How far a plugin last said that its call had come, 0 … 1.
    pub fn progress(&self) -> f64 {
        f64::from_bits(self.progress.load(Ordering::Relaxed))
    }

    pub(crate) fn set_progress(&self, fraction: f64) {
        if fraction.is_nan() {
            return;
        }
        self.outside.progress(fraction);
        self.progress.store(fraction.clamp(0.0, 1.0).to_bits(), Ordering::Relaxed);
    }

    /// What was written, each line once, in a fixed order: plugins write from several threads.
    pub fn lines(&self) -> Vec<LogLine> {
        let mut lines = self.log.lock().unwrap_or_else(PoisonError::into_inner).clone();
        lines.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.text.cmp(&b.text)));
        lines.dedup();
        lines
    }

    pub(crate) fn push(&self, level: u32, text: String) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push(LogLine { level, text });
    }
}

/// Stack of a thread that plugins run on: a frame that fits on the main thread of a system fits here as well.
pub const STACK_BYTES: usize = 16 << 20;

/// Runs imaging's chunks on the current thread pool.
#[derive(Debug, Clone, Copy)]
pub struct Pool;

impl voxomics_imaging::Executor for Pool {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        match count {
            0 => {}
            1 => chunk(0),
            _ => (0..count).into_par_iter().with_max_len(1).for_each(chunk),
        }
    }
}
