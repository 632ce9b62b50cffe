//! The process that a library's code runs in, for those who look at what is left in it.

use std::{path::PathBuf, sync::atomic::Ordering};

use super::{Code, PluginLibrary};
use crate::{CaseHost, Services, entered::Entered, isolate::State};

impl PluginLibrary {
    /// What a plugin may leave changed in the process that its code runs in; that of one worker, if there are several.
    ///
    /// # Errors
    /// If its worker does not answer.
    pub fn state(&self) -> Result<State, String> {
        let case = CaseHost::new(&Services::default(), "");
        match &self.code {
            Code::Native(_) => Ok(State::of_this_process()),
            Code::Isolated(isolated) => isolated
                .state(&Entered { plugin: &self.path.to_string_lossy(), case: &case })
                .map_err(|fault| fault.to_string()),
        }
    }

    /// How the last of its workers ended that has crashed since this was last asked, if its code runs in workers.
    pub fn has_ended(&self) -> Option<String> {
        match &self.code {
            Code::Native(_) => None,
            Code::Isolated(isolated) => isolated.has_ended(),
        }
    }

    /// Whether it has changed the processor's floating-point state in this process, and no case was warned of it yet.
    pub fn has_changed_arithmetic(&self) -> bool {
        self.altered.load(Ordering::Relaxed)
    }

    /// Lets its workers read further places, if its code runs in workers.
    pub fn may_read(&self, places: &[PathBuf]) {
        if let Code::Isolated(isolated) = &self.code {
            isolated.may_read(places);
        }
    }
}
