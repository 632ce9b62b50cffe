//! The extensions that there are, by their ids.

use crate::Extension;

/// Id of the host's extension that is told how far a long call has come.
pub const PROGRESS: &str = "voxomics.progress";

/// The table of [`PROGRESS`], version 1.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Says how much of the call is done, 0 … 1. The first argument is the extension's state.
    pub say: extern "C" fn(*const (), f64),
}

impl Progress {
    /// Says how much is done, if the host wants to know.
    pub fn say(extension: Extension, fraction: f64) {
        if extension.is_at_least(1) {
            // SAFETY: an extension of this id has this table, which is valid as long as the host that gave it; it is asked for
            // anew for each use, during a call.
            let table = unsafe { &*extension.table.cast::<Self>() };
            (table.say)(extension.state, fraction);
        }
    }
}
