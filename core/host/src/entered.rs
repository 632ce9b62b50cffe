//! The host as one plugin sees it during one call: what it asks for is done in its name.

use std::{
    fs::File,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use rayon::prelude::*;
use voxomics_interface::{
    Block, Chunk, Extension, Failure, Host, Host_TO, HostRef, OpenFile, Text,
    abi_stable::{
        sabi_trait::TD_Opaque,
        sabi_types::RRef,
        std_types::{RResult, RSlice, RVec},
    },
    codes,
    extensions::{PROGRESS, Progress},
};

use crate::{CaseHost, call::one_line, exit, float, memory::Memory};

/// What a plugin is told of a floating-point state that it has changed.
pub(crate) fn altered(plugin: &str) -> String {
    format!(
        "{plugin} left the processor's floating-point state changed (rounding, or numbers near zero). It was put back, but \
         values of this plugin may be wrong: report it to its author"
    )
}

/// The host during one call of a plugin.
pub(crate) struct Entered<'a> {
    /// The plugin's name.
    pub plugin: &'a str,
    /// The host of the case.
    pub case: &'a CaseHost,
}

impl Entered<'_> {
    /// The reference that crosses over the carrier of Rust.
    pub fn wire(&self) -> HostRef<'_> {
        Host_TO::from_ptr(RRef::new(self), TD_Opaque)
    }

    fn refuse<T>(&self, path: &Path, cause: impl std::fmt::Display) -> RResult<T, Failure> {
        let message = format!("{} cannot be read: {cause}", path.display()).into();
        RResult::RErr(Failure { code: codes::FAILURE_INPUT, message, key: Default::default() })
    }
}

impl Host for Entered<'_> {
    fn log(&self, level: u32, text: Text<'_>) {
        let line = one_line(&String::from_utf8_lossy(text.bytes()));
        // In a worker it was named before it came here.
        let line = if line.starts_with(self.plugin) { line } else { format!("{}: {line}", self.plugin) };
        // A level that is not known may be one above all that are.
        self.case.push(level.min(codes::LOG_WARNING), line);
    }

    fn stop(&self) -> u32 {
        self.case.stop()
    }

    fn for_each(&self, count: u64, chunk: Chunk) -> u32 {
        let chunk = SharedChunk(chunk);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let (left_out, spoilt) = (AtomicBool::new(false), AtomicBool::new(false));
        let one = |index: usize| {
            if self.case.is_cancelled() {
                return left_out.store(true, Ordering::Relaxed);
            }
            if exit::noticed(self.plugin, || float::around(|| chunk.call(index as u64))).1 {
                spoilt.store(true, Ordering::Relaxed);
            }
        };
        // Each chunk for itself: the plugin has cut them, and they may be few and long. While this thread waits it may take
        // other work of the host's, which must find the host's own floating-point state.
        // A thread that is none of the program's (a plugin's own, or the main one before there is a pool) would be given threads
        // that nobody has asked for: there the chunks run one after the other.
        match rayon::current_thread_index() {
            Some(_) => {
                float::around(|| (0..count).into_par_iter().with_max_len(1).for_each(one));
            }
            None => (0..count).for_each(one),
        }
        if spoilt.into_inner() {
            self.case.warn(altered(self.plugin));
        }
        u32::from(left_out.into_inner())
    }

    fn open(&self, path: RSlice<'_, u8>) -> RResult<OpenFile, Failure> {
        let path = path_of(path.as_slice());
        let opened = self.case.open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
        match opened {
            Ok((size, file)) => RResult::ROk(OpenFile { descriptor: descriptor(file), size }),
            Err(cause) => self.refuse(&path, cause),
        }
    }

    fn list(&self, path: RSlice<'_, u8>) -> RResult<RVec<u8>, Failure> {
        let path = path_of(path.as_slice());
        match self.case.list(&path) {
            Ok(names) => RResult::ROk(
                names.iter().flat_map(|name| [name.as_os_str().as_encoded_bytes(), &[0]].concat()).collect(),
            ),
            Err(cause) => self.refuse(&path, cause),
        }
    }

    fn allocate(&self, bytes: u64) -> RResult<Block, Failure> {
        match Memory::zeroed(bytes).map(Memory::into_parts) {
            Some((data, owner)) => RResult::ROk(Block { data, length: bytes, owner, release: Memory::release }),
            None => RResult::RErr(Failure {
                code: codes::FAILURE_INPUT,
                message: format!("there is no memory for {bytes} bytes").into(),
                key: Default::default(),
            }),
        }
    }

    fn seed(&self) -> u64 {
        self.case.seed()
    }

    fn extension(&self, id: Text<'_>) -> Extension {
        static TABLE: Progress = Progress { say };
        match id.bytes() == PROGRESS.as_bytes() {
            true => {
                Extension { version: 1, table: (&raw const TABLE).cast(), state: std::ptr::from_ref(self.case).cast() }
            }
            false => Extension::NONE,
        }
    }
}

extern "C" fn say(state: *const (), fraction: f64) {
    // SAFETY: the state is that of the extension above, which is valid during the call that asked for it.
    let host = unsafe { &*state.cast::<CaseHost>() };
    host.set_progress(fraction);
}

struct SharedChunk(Chunk);

// SAFETY: the interface says that `call` may be made from several threads at once with the same `state`.
unsafe impl Sync for SharedChunk {}

impl SharedChunk {
    fn call(&self, index: u64) {
        (self.0.call)(self.0.state, index);
    }
}

/// A path that crossed as bytes.
#[cfg(unix)]
pub(crate) fn path_of(bytes: &[u8]) -> std::path::PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
pub(crate) fn path_of(bytes: &[u8]) -> std::path::PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(unix)]
fn descriptor(file: File) -> i64 {
    use std::os::fd::IntoRawFd as _;
    i64::from(file.into_raw_fd())
}

#[cfg(windows)]
fn descriptor(file: File) -> i64 {
    use std::os::windows::io::IntoRawHandle as _;
    file.into_raw_handle() as i64
}
