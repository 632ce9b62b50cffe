//! What the host gives to plugins: log, progress, cancellation, seed, threads.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use rayon::prelude::*;
use voxomics_base::LogLine;
use voxomics_interface::{
    Chunk, Extension, Host, Host_TO, HostRef,
    abi_stable::{sabi_trait::TD_Opaque, sabi_types::RRef, std_types::RStr},
    codes,
};

use super::call::one_line;

/// What all cases of a run share.
#[derive(Debug, Default, Clone)]
pub struct Services {
    /// Set when the run is to be given up.
    pub cancelled: Arc<AtomicBool>,
    /// Seed of the experiment.
    pub seed: u64,
}

/// The host as the plugins of one case see it; collects what they write.
#[derive(Debug)]
pub struct CaseHost {
    cancelled: Arc<AtomicBool>,
    seed: u64,
    log: Mutex<Vec<LogLine>>,
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
        Self { cancelled: services.cancelled.clone(), seed, log: Mutex::default() }
    }

    /// The reference that crosses to a plugin.
    pub(crate) fn wire(&self) -> HostRef<'_> {
        Host_TO::from_ptr(RRef::new(self), TD_Opaque)
    }

    /// Writes a warning.
    pub fn warn(&self, text: impl Into<String>) {
        self.push(codes::LOG_WARNING, text.into());
    }

    /// Whether the run is being given up.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// What was written, each line once, in a fixed order: plugins write from several threads.
    pub fn lines(&self) -> Vec<LogLine> {
        let mut lines = self.log.lock().unwrap_or_else(PoisonError::into_inner).clone();
        lines.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.text.cmp(&b.text)));
        lines.dedup();
        lines
    }

    fn push(&self, level: u8, text: String) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push(LogLine { level, text });
    }
}

impl Host for CaseHost {
    fn log(&self, level: u8, message: RStr<'_>) {
        self.push(level, one_line(&message));
    }

    fn progress(&self, _fraction: f64) {
        // Progress is shown by the case; a single call is a matter of seconds.
    }

    fn cancelled(&self) -> bool {
        self.is_cancelled()
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn for_each(&self, count: u64, chunk: Chunk) {
        let chunk = SharedChunk(chunk);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        // Each chunk for itself: the plugin has cut them, and they may be few and long.
        (0..count).into_par_iter().with_max_len(1).for_each(|index| chunk.call(index as u64));
    }

    fn query_extension(&self, _id: RStr<'_>) -> Extension {
        Extension::NONE
    }
}

struct SharedChunk(Chunk);

// SAFETY: the interface says that `call` may be made from several threads at once with the same `state`.
unsafe impl Sync for SharedChunk {}

impl SharedChunk {
    fn call(&self, index: u64) {
        (self.0.call)(self.0.state, index);
    }
}

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
