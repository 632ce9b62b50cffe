//! What is fitted on the images of a cohort: a filter or a region maker whose description says `fits`.
//!
//! Each image is observed by itself, and the observations of the cohort's cases become one state. So a state can be made of any
//! part of a cohort without its images being read again. Observation and state are texts that only the plugin reads. An
//! instance that is configured with the state ([`Configure::state`](super::Configure::state)) can be applied; one without
//! it can only observe and fit.

use serde::{Deserialize, Serialize};

/// Method of a fitted filter or region maker: [`Seen`](super::Seen) and the arrays `image` (f64), `grid` and `region.I` (u8),
/// in the box around the regions, with further images as of [`MAKE`](super::MAKE) → [`Observation`].
pub const OBSERVE: &str = "observe";
/// Method of a fitted filter or region maker: [`Observations`] → [`State`]. Its word is that of a predictor's as well: each
/// kind has its own methods.
pub const FIT_STATE: &str = "fit";

/// What was seen of one image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Observation {
    /// As the plugin writes it.
    pub observation: String,
}

/// What was seen of the images of a cohort, in the order of its cases.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Observations {
    /// One for each image.
    pub observations: Vec<String>,
}

/// What was fitted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    /// As the plugin writes it.
    pub state: String,
}
