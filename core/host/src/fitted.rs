//! What is fitted on the images of a cohort.

use voxomics_interface::calls::{FIT_STATE, OBSERVE, Observation, Observations, State};

use crate::{CaseHost, PluginError, instance::Instance, seen::Seen};

/// A filter or a region maker as what learns from a cohort.
#[derive(Clone, Copy)]
pub struct Fitted<'a>(&'a Instance);

impl<'a> Fitted<'a> {
    pub(crate) fn new(instance: &'a Instance) -> Self {
        Self(instance)
    }

    /// What there is to be learnt from one image, as the plugin writes it.
    ///
    /// # Errors
    /// If the plugin cannot tell.
    pub fn observe(&self, seen: &Seen<'_>, host: &CaseHost) -> Result<String, PluginError> {
        let Observation { observation } = seen.ask(self.0, OBSERVE, host)?.read("what it has observed")?;
        Ok(observation)
    }

    /// The state that follows from what was observed of a cohort, in the order of its cases.
    ///
    /// # Errors
    /// If nothing can be fitted to that.
    pub fn fit(&self, observations: Vec<String>, host: &CaseHost) -> Result<String, PluginError> {
        let State { state } =
            self.0.call(FIT_STATE, &Observations { observations }, &[], host)?.read("what it has fitted")?;
        Ok(state)
    }
}
