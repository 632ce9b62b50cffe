//! The host of a unit test.

use std::{
    fs::File,
    path::Path,
    sync::{Mutex, PoisonError},
};

use voxomics_interface::{
    self as wire, Block, Chunk, Extension, Failure, Host_TO, HostRef, OpenFile, Text,
    abi_stable::{
        sabi_trait::TD_Opaque,
        sabi_types::RRef,
        std_types::{RResult, RSlice, RVec},
    },
    codes,
    extensions::{PROGRESS, Progress},
};

use crate::{Context, Error, path};

/// How much a line of the log matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Shown on request.
    Debug,
    /// Worth knowing.
    Info,
    /// Something that may make a number wrong.
    Warning,
}

/// A host that runs every chunk on the calling thread, in order, and remembers what it was told.
///
/// ```
/// use voxomics_sdk::testing::TestHost;
///
/// let host = TestHost::new().seed(3);
/// host.context().warning("the spacing was missing");
/// assert_eq!((host.context().seed(), host.warnings()), (3, vec!["the spacing was missing".to_owned()]));
/// ```
#[derive(Debug, Default)]
pub struct TestHost {
    inner: Inner,
}

#[derive(Debug, Default)]
struct Inner {
    seed: u64,
    cancelled: bool,
    log: Mutex<Vec<(LogLevel, String)>>,
    progress: Mutex<Vec<f64>>,
}

impl TestHost {
    /// A host with the seed 0 that does not ask to give up.
    pub fn new() -> Self {
        Self::default()
    }

    /// With another seed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.inner.seed = seed;
        self
    }

    /// With the wish to give up.
    pub fn cancelled(mut self) -> Self {
        self.inner.cancelled = true;
        self
    }

    /// What a plugin's method takes.
    pub fn context(&self) -> Context<'_> {
        Context::new(self.wire())
    }

    pub(super) fn wire(&self) -> HostRef<'_> {
        Host_TO::from_ptr(RRef::new(&self.inner), TD_Opaque)
    }

    /// The lines that were logged, in order.
    pub fn log(&self) -> Vec<(LogLevel, String)> {
        self.inner.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The texts of the warnings, in order.
    pub fn warnings(&self) -> Vec<String> {
        self.log().into_iter().filter(|(level, _)| *level == LogLevel::Warning).map(|(_, text)| text).collect()
    }

    /// The progress that was told, in order.
    pub fn progress(&self) -> Vec<f64> {
        self.inner.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl wire::Host for Inner {
    fn log(&self, level: u32, text: Text<'_>) {
        let level = match level {
            codes::LOG_DEBUG => LogLevel::Debug,
            codes::LOG_INFO => LogLevel::Info,
            _ => LogLevel::Warning,
        };
        let text = String::from_utf8_lossy(text.bytes()).into_owned();
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push((level, text));
    }

    fn stop(&self) -> u32 {
        if self.cancelled { codes::STOP_GIVEN_UP } else { codes::STOP_NO }
    }

    fn for_each(&self, count: u64, chunk: Chunk) -> u32 {
        (0..count).for_each(|index| (chunk.call)(chunk.state, index));
        0
    }

    fn open(&self, path: RSlice<'_, u8>) -> RResult<OpenFile, Failure> {
        let opened = || {
            let path = path::name(path.as_slice())?;
            let file = File::open(Path::new(&path)).map_err(|cause| Error::input(cause.to_string()))?;
            let size = file.metadata().map_err(|cause| Error::input(cause.to_string()))?.len();
            Ok(OpenFile { descriptor: path::descriptor(file), size })
        };
        opened().map_err(|error: Error| error.into()).into()
    }

    fn list(&self, path: RSlice<'_, u8>) -> RResult<RVec<u8>, Failure> {
        let listed = || {
            let path = path::name(path.as_slice())?;
            let names = std::fs::read_dir(Path::new(&path))
                .and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<Vec<_>>>());
            let mut names = names.map_err(|cause| Error::input(cause.to_string()))?;
            names.sort();
            Ok(names.iter().flat_map(|name| [name.as_encoded_bytes(), &[0]].concat()).collect())
        };
        listed().map_err(|error: Error| error.into()).into()
    }

    fn allocate(&self, _: u64) -> RResult<Block, Failure> {
        RResult::RErr(Error::unsupported("the host of a unit test has no memory to give").into())
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn extension(&self, id: Text<'_>) -> Extension {
        static TABLE: Progress = Progress { say };
        match id.bytes() == PROGRESS.as_bytes() {
            true => Extension { version: 1, table: (&raw const TABLE).cast(), state: std::ptr::from_ref(self).cast() },
            false => Extension::NONE,
        }
    }
}

extern "C" fn say(state: *const (), fraction: f64) {
    // SAFETY: the state is that of the extension above, which is valid during the call that asked for it.
    let inner = unsafe { &*state.cast::<Inner>() };
    inner.progress.lock().unwrap_or_else(PoisonError::into_inner).push(fraction);
}
