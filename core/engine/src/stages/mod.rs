//! The stages of the flow, one file each, in the order of the flow.

pub mod align;
pub mod delineate;
pub mod features;
pub mod load;
pub mod predict;
pub mod regions;
pub mod resegment;
pub mod select;
pub mod space;

use std::{fmt, path::Path};

/// Why a case, or one region of it, has no features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The stage that found it.
    pub stage: &'static str,
    /// The region, if it is the fault of one.
    pub region: Option<String>,
    /// What was found, what was expected, what to do.
    pub message: String,
    /// Whether the run was being given up.
    pub cancelled: bool,
}

impl Fault {
    /// A fault of the whole case.
    pub fn new(stage: &'static str, message: impl fmt::Display) -> Self {
        Self { stage, region: None, message: message.to_string(), cancelled: false }
    }

    /// The same fault, of one region.
    pub fn of_region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The same fault, of this file.
    pub fn in_file(mut self, path: &Path) -> Self {
        self.message = format!("{} ({})", self.message, path.display());
        self
    }

    /// The run is being given up.
    pub fn cancelled(stage: &'static str) -> Self {
        Self { cancelled: true, ..Self::new(stage, "given up") }
    }

    /// A plugin's error.
    pub fn plugin(stage: &'static str, error: &crate::host::PluginError) -> Self {
        Self { stage, region: None, message: error.to_string(), cancelled: error.cancelled }
    }
}
