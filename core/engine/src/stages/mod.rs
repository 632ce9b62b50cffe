//! The stages of the flow, one file each, and what they share.

pub mod align;
pub mod base;
mod boxed;
mod changed;
mod control;
pub mod delineate;
mod discretise;
pub mod edge;
pub mod export;
pub mod features;
mod format;
pub mod found;
pub mod images;
mod layers;
pub mod levels_used;
pub mod limits;
pub mod load;
pub mod made;
pub mod maps;
pub mod merge;
mod moved;
pub mod observe;
mod once;
pub mod patients;
pub mod perturb;
pub mod predict;
mod prepare;
pub mod regions;
pub mod resegment;
pub mod select;
pub mod space;
pub mod unnormalised;
pub mod voxels;
pub mod written;

pub use voxomics_results::Fault;

use crate::host::PluginError;

/// A plugin's error as the fault of a stage.
fn of_plugin(stage: &'static str, error: &PluginError) -> Fault {
    Fault { cancelled: error.cancelled, plugin: Some(error.plugin.clone()), ..Fault::new(stage, error) }
}
