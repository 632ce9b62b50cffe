//! The host of a unit test.

use std::sync::{Mutex, PoisonError};

use voxomics_interface::{
    self as wire, Chunk, Extension, Host_TO, HostRef,
    abi_stable::{sabi_trait::TD_Opaque, sabi_types::RRef, std_types::RStr},
    codes,
};

use crate::Context;

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
    fn log(&self, level: u8, message: RStr<'_>) {
        let level = match level {
            codes::LOG_DEBUG => LogLevel::Debug,
            codes::LOG_INFO => LogLevel::Info,
            _ => LogLevel::Warning,
        };
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push((level, message.to_string()));
    }

    fn progress(&self, fraction: f64) {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).push(fraction);
    }

    fn cancelled(&self) -> bool {
        self.cancelled
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn for_each(&self, count: u64, chunk: Chunk) {
        (0..count).for_each(|index| (chunk.call)(chunk.state, index));
    }

    fn query_extension(&self, _id: RStr<'_>) -> Extension {
        Extension::NONE
    }
}
