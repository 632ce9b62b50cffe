//! Rows with a score and an outcome, and what stands beside out-of-fold scores.

use voxomics_statistics::cox::baseline::Baseline;

use super::rows::{Unit, labels};

/// Rows with a score and an outcome.
pub(super) struct Sample<'a, T> {
    /// Who they are.
    pub(super) units: Vec<Unit<'a>>,
    /// Their scores.
    pub(super) scores: Vec<f64>,
    /// Their outcomes.
    pub(super) outcomes: Vec<T>,
    /// Their out-of-fold scores with what they are split at, if that is what is evaluated.
    pub(super) unseen: Option<(Vec<Score>, Parts)>,
}

impl<T> Sample<'_, T> {
    /// A number for each row that is the same for rows of one patient.
    pub(super) fn clusters(&self) -> Vec<usize> {
        labels(self.units.iter().map(Unit::patient)).0
    }
}

/// An out-of-fold score.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Score {
    /// The mean over the repeats.
    pub(super) raw: f64,
    /// The mean over the repeats of what is left after the median of the training part of the fold.
    pub(super) centred: f64,
    /// The mean over the repeats of what it lies above the cut-off of the training part of the fold; none without one.
    pub(super) above: Option<f64>,
    /// For each repeat, the place of the model and its score.
    pub(super) by_model: Vec<(usize, f64)>,
    /// The risks that the models tell themselves, at their times: the means over the repeats.
    pub(super) told: Vec<(f64, Result<f64, String>)>,
}

/// What the training part of each outer fold has, in the order of the models.
pub(super) struct Parts {
    pub(super) medians: Vec<Option<f64>>,
    pub(super) cutoffs: Vec<Option<f64>>,
    /// The baseline hazard, of a time.
    pub(super) baselines: Vec<Option<Baseline>>,
}
