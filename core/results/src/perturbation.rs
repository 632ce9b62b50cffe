//! Perturbations of a case: what was done to it, and what its features were then.

use serde::{Deserialize, Serialize};
use voxomics_base::table::Row;

/// What is done to a case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Perturbation {
    /// The grid is turned about the axis across the slices, degrees.
    pub rotation_deg: f64,
    /// The grid is shifted along *x*, *y*, *z*, in voxels of the features' grid.
    pub translation: [f64; 3],
    /// Number of the noise that is added to the scan, from 1; 0 for none.
    pub noise: u64,
    /// Share of its volume by which a region grows, or shrinks below 0.
    pub volume_change: f64,
}

/// The perturbations of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Perturbations {
    /// Each of them; their numbers in tables begin at 1.
    pub all: Vec<Perturbation>,
    /// The scans to which noise is added, by the word after `image.`; empty for the one without a word.
    pub scans: Vec<String>,
}

/// What a perturbation of a case gives.
#[derive(Debug, Clone, Default)]
pub struct Perturbed {
    /// A row for each row of the unperturbed case; where a region could not be had, each of its values has the reason.
    pub rows: Vec<Row>,
    /// Standard deviation of the noise that was added, for each scan; none if there was none.
    pub noise_sd: Vec<Option<f64>>,
}

/// Why a row has no value at all, if it has none.
pub fn absent(row: &Row) -> Option<&str> {
    let mut values = row.values.iter().flatten();
    let reason = values.next().and_then(|value| value.as_ref().err())?;
    values.all(Result::is_err).then_some(&**reason)
}
