//! What calls of an isolated plugin may cost.

use std::time::Duration;

use serde::Serialize;

/// What is said of a plugin whose worker has crashed so often that it is left alone. The same holds for every later case.
pub const RESTS: &str = "is not asked again in this run";

/// What calls of an isolated plugin may cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CallLimits {
    /// The longest that one call may take.
    pub seconds_per_call: f64,
    /// The most bytes of private memory of a worker; what the program hands over does not count.
    pub memory_bytes: u64,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self { seconds_per_call: 600.0, memory_bytes: 8 << 30 }
    }
}

impl CallLimits {
    /// The longest that one call may take.
    pub fn time(&self) -> Duration {
        Duration::try_from_secs_f64(self.seconds_per_call).unwrap_or(Duration::MAX)
    }
}
