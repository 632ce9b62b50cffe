//! The host, as a plugin sees it during a call.

use std::{
    ffi::OsString,
    fs::File,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Mutex, PoisonError},
};

use voxomics_interface::{
    Chunk, HostRef,
    abi_stable::std_types::RResult,
    codes,
    extensions::{PROGRESS, Progress},
};

use crate::{
    Error,
    guard::{self, Caught},
    path,
};

/// The host's services during a call: log, progress, cancellation, seed, threads, files.
///
/// It may be used from every thread that takes part in the call, such as those of [`for_each`](Self::for_each), and not after the
/// call has returned. Lines of the log are sorted, and equal ones are written once: the threads would mix their order.
///
/// ```
/// use voxomics_sdk::testing::{LogLevel, TestHost};
///
/// let host = TestHost::new().seed(7);
/// let context = host.context();
/// context.info("12 slices");
/// context.warning("a slice is missing");
/// context.progress(0.5);
/// assert_eq!(host.log(), [(LogLevel::Info, "12 slices".into()), (LogLevel::Warning, "a slice is missing".into())]);
/// assert_eq!((context.seed(), host.progress()), (7, vec![0.5]));
/// ```
pub struct Context<'a> {
    host: HostRef<'a>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(host: HostRef<'a>) -> Self {
        Self { host }
    }

    /// Writes a line to the run's log that is shown only on request.
    pub fn debug(&self, message: &str) {
        self.host.log(codes::LOG_DEBUG, message.into());
    }

    /// Writes a line to the run's log.
    pub fn info(&self, message: &str) {
        self.host.log(codes::LOG_INFO, message.into());
    }

    /// Writes what was noted of a file to the run's log, a line each.
    ///
    /// ```
    /// use std::path::Path;
    /// use voxomics_sdk::testing::{LogLevel, TestHost};
    ///
    /// let host = TestHost::new();
    /// host.context().notes(Path::new("a.nii"), &["two trailing bytes".into()]);
    /// assert_eq!(host.log(), [(LogLevel::Info, "a.nii: two trailing bytes".into())]);
    /// ```
    pub fn notes(&self, path: &Path, notes: &[String]) {
        for note in notes {
            self.info(&format!("{}: {note}", path.display()));
        }
    }

    /// Warns of something that may make a number wrong.
    pub fn warning(&self, message: &str) {
        self.host.log(codes::LOG_WARNING, message.into());
    }

    /// Says how far a long call has come, from 0 to 1.
    pub fn progress(&self, fraction: f64) {
        Progress::say(self.host.extension(PROGRESS.into()), fraction);
    }

    /// Returns an error if the run is being given up; a long call asks now and then.
    ///
    /// ```
    /// use voxomics_sdk::testing::TestHost;
    ///
    /// assert!(TestHost::new().context().check_cancelled().is_ok());
    /// assert!(TestHost::new().cancelled().context().check_cancelled().is_err_and(|error| error.is_cancelled()));
    /// ```
    ///
    /// # Errors
    /// [`Error::cancelled`].
    pub fn check_cancelled(&self) -> Result<(), Error> {
        if self.host.stop() == codes::STOP_NO { Ok(()) } else { Err(Error::cancelled()) }
    }

    /// The seed for anything random: the same for the same experiment and case.
    pub fn seed(&self) -> u64 {
        self.host.seed()
    }

    /// Opens a file of the case for reading. A loader that opens its files this way may run where it can open none by itself, and the
    /// program knows which files the case is made of. With the feature `reading`, everything that `voxomics_reading` opens during a
    /// call is opened so.
    ///
    /// ```
    /// use std::io::Read as _;
    /// use voxomics_sdk::testing::{TestFolder, TestHost};
    ///
    /// let folder = TestFolder::new();
    /// let path = folder.write("scan.raw", b"voxels");
    /// let (host, mut text) = (TestHost::new(), String::new());
    /// host.context().open(&path).unwrap().read_to_string(&mut text).unwrap();
    /// assert_eq!(text, "voxels");
    /// assert!(host.context().open(&folder.path("other.raw")).is_err());
    /// ```
    ///
    /// # Errors
    /// Why the file cannot be read.
    pub fn open(&self, path: &Path) -> Result<File, Error> {
        match self.host.open(path::bytes(path).into()) {
            RResult::ROk(file) => path::file(file.descriptor),
            RResult::RErr(failure) => Err(Error::from_wire(&failure)),
        }
    }

    /// The names of what is in a folder of the case, sorted.
    ///
    /// ```
    /// use voxomics_sdk::testing::{TestFolder, TestHost};
    ///
    /// let folder = TestFolder::new();
    /// folder.write("b", b"");
    /// folder.write("a", b"");
    /// assert_eq!(TestHost::new().context().list(folder.root()).unwrap(), ["a", "b"]);
    /// ```
    ///
    /// # Errors
    /// Why the folder cannot be read.
    pub fn list(&self, folder: &Path) -> Result<Vec<OsString>, Error> {
        match self.host.list(path::bytes(folder).into()) {
            RResult::ROk(names) => {
                names.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(path::name).collect()
            }
            RResult::RErr(failure) => Err(Error::from_wire(&failure)),
        }
    }

    /// Runs `chunk(0)` … `chunk(count − 1)` on the host's threads, in any order, and returns when all have ended.
    ///
    /// Cut the chunks by the data, never by the number of threads, and join their results in order: then the same input
    /// gives the same bits everywhere.
    ///
    /// If the run is being given up, chunks are left out and the call ends here, with [`Error::cancelled`].
    ///
    /// Any thread of the call may ask, also within a chunk. A thread that waits here may be given other work of the program
    /// meanwhile, of the same instance as well: hold no lock. A thread that the plugin has started by itself, which it should
    /// not, gets the chunks one after the other.
    ///
    /// ```
    /// use std::sync::Mutex;
    /// use voxomics_sdk::{Context, testing::TestHost};
    ///
    /// /// The sum of an image whose slices have so many voxels: each slice is a chunk, whichever thread has it.
    /// fn sum(voxels: &[f64], slice: usize, context: &Context) -> f64 {
    ///     let slices: Vec<&[f64]> = voxels.chunks(slice).collect();
    ///     let sums: Vec<Mutex<f64>> = slices.iter().map(|_| Mutex::new(0.0)).collect();
    ///     context.for_each(slices.len(), |at| *sums[at].lock().unwrap() = slices[at].iter().sum());
    ///     // Joined in the order of the slices.
    ///     sums.into_iter().map(|sum| sum.into_inner().unwrap()).sum()
    /// }
    ///
    /// assert_eq!(sum(&[1.0, 2.0, 3.0, 4.0, 5.0], 2, &TestHost::new().context()), 15.0);
    /// ```
    ///
    /// # Panics
    /// Resumes the panic of the chunk with the lowest index, after all have ended: which one it is does not depend on the
    /// threads.
    pub fn for_each(&self, count: usize, chunk: impl Fn(usize) + Sync) {
        let chunk = |index| self.reading(|| chunk(index));
        let state = State { chunk: &chunk, caught: Mutex::new(None) };
        let call = Chunk { state: (&raw const state).cast(), call: run_chunk };
        let left_out = self.host.for_each(count as u64, call) != 0;
        let caught = state.caught.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, caught)) = caught {
            std::panic::panic_any(caught);
        }
        if left_out {
            std::panic::panic_any(Caught::Cancelled);
        }
    }

    /// Does work in which the program opens what `voxomics_reading` opens.
    pub(crate) fn reading<T>(&self, work: impl FnOnce() -> T) -> T {
        #[cfg(feature = "reading")]
        return voxomics_reading::through(self, work);
        #[cfg(not(feature = "reading"))]
        work()
    }

    /// [`for_each`](Self::for_each) as a plain function, for code that is handed the threads to run on.
    ///
    /// ```
    /// use voxomics_sdk::testing::TestHost;
    ///
    /// // What computes something elsewhere, and takes whatever runs its chunks.
    /// fn computed(run: &dyn Fn(usize, &(dyn Fn(usize) + Sync))) -> usize {
    ///     let count = std::sync::atomic::AtomicUsize::new(0);
    ///     run(3, &|at| drop(count.fetch_add(at, std::sync::atomic::Ordering::Relaxed)));
    ///     count.into_inner()
    /// }
    ///
    /// assert_eq!(computed(&TestHost::new().context().threads()), 3);
    /// ```
    pub fn threads(&self) -> impl Fn(usize, &(dyn Fn(usize) + Sync)) + Sync {
        |count, chunk| self.for_each(count, chunk)
    }
}

#[cfg(feature = "reading")]
impl voxomics_reading::Files for Context<'_> {
    fn open(&self, path: &Path) -> std::io::Result<File> {
        Context::open(self, path).map_err(|refused| as_of_the_system(&refused))
    }

    fn list(&self, folder: &Path) -> std::io::Result<Vec<OsString>> {
        Context::list(self, folder).map_err(|refused| as_of_the_system(&refused))
    }
}

/// A refusal as the system's error that it was made of, if it was: readers have words of their own for those.
#[cfg(feature = "reading")]
fn as_of_the_system(refused: &Error) -> std::io::Error {
    let text = refused.to_string();
    // So the standard library ends the text of each.
    let code = text.rsplit_once("(os error ").and_then(|(_, code)| code.strip_suffix(')')?.parse().ok());
    code.map_or_else(|| std::io::Error::other(text), std::io::Error::from_raw_os_error)
}

struct State<'a> {
    chunk: &'a (dyn Fn(usize) + Sync),
    caught: Mutex<Option<(u64, Caught)>>,
}

/// A panic must not unwind into the host's thread pool: it is kept and resumed on the caller's side.
extern "C" fn run_chunk(state: *const (), index: u64) {
    // SAFETY: `Context::for_each` passes a `State` that lives until the host has made the last call.
    let state = unsafe { &*state.cast::<State<'_>>() };
    let outcome = guard::quietly(|| catch_unwind(AssertUnwindSafe(|| (state.chunk)(index as usize))));
    if let Err(caught) = outcome {
        let mut kept = state.caught.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|(first, _)| index < *first) {
            *kept = Some((index, caught));
        }
    }
}
