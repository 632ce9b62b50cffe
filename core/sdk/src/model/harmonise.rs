//! Aligning the batches of a row (ComBat).

use std::fmt;

use super::{Faults, Number, file, words::UnknownBatch};
use crate::Input;

/// Batches that were learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Harmonisation {
    /// Columns of 0 and 1.
    pub batches: Vec<String>,
    /// Covariates whose effect is kept.
    pub kept: Vec<String>,
    /// Whether rows of other batches have no score; otherwise they are scored as they are.
    pub refuse: bool,
}

/// What aligns the batches of an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Aligned {
    /// The grand mean.
    pub mean: f64,
    /// Of each covariate that is kept: how much a unit of it adds to the grand mean.
    pub effects: Vec<f64>,
    /// The pooled standard deviation; above 0.
    pub deviation: f64,
    /// Of each batch, in pooled standard deviations from the grand mean.
    pub location: Vec<f64>,
    /// Of each batch, in pooled standard deviations; above 0.
    pub scale: Vec<f64>,
}

/// Why the batches of a row cannot be aligned.
#[derive(Debug, Clone, PartialEq)]
pub enum NotAligned {
    /// A covariate whose effect is kept is no number.
    KeptNotFinite {
        /// Its name.
        name: String,
        /// What it is.
        value: f64,
    },
    /// A covariate whose effect is kept is missing, and nothing stands in for it.
    KeptMissing {
        /// Its name.
        name: String,
        /// Why it is missing.
        reason: String,
    },
    /// The columns of two batches are 1.
    TwoBatches {
        /// The second of them.
        name: String,
    },
    /// The column of a batch is neither 0 nor 1.
    NoFlag {
        /// Its name.
        name: String,
        /// What it is.
        value: f64,
    },
    /// The column of a batch is missing.
    BatchMissing {
        /// Its name.
        name: String,
        /// Why it is missing.
        reason: String,
    },
    /// The row is of a batch that was not learnt, and such rows are to be refused.
    UnknownBatch {
        /// The columns of those that were.
        known: Vec<String>,
    },
}

impl fmt::Display for NotAligned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeptNotFinite { name, value } => {
                write!(f, "`{name}`, whose effect harmonisation keeps, is {value}")
            }
            Self::KeptMissing { name, reason } => write!(f, "harmonisation keeps the effect of `{name}`: {reason}"),
            Self::TwoBatches { name } => write!(f, "the row is of two batches, one of them `{name}`"),
            Self::NoFlag { name, value } => write!(f, "`{name}` is {value}, expected 0 or 1"),
            Self::BatchMissing { name, reason } => write!(f, "the batch is not known: `{name}`: {reason}"),
            Self::UnknownBatch { known } => {
                write!(f, "the row is of a batch that the model does not know; it knows `{}`", known.join("`, `"))
            }
        }
    }
}

impl std::error::Error for NotAligned {}

impl Aligned {
    /// Checks what a file says of an input.
    pub(super) fn read(aligned: &file::Aligned, table: &file::Harmonisation, faults: &mut Faults) -> Self {
        let file::Aligned { name, mean, effect, deviation, location, scale } = aligned;
        let batches = &table.batches;
        if effect.len() != table.kept.len() {
            faults.wrong(format!(
                "`{name}` has {} effects for {} covariates that are kept",
                effect.len(),
                table.kept.len()
            ));
        }
        for (what, list) in [("locations", location), ("scales", scale)] {
            if list.len() != batches.len() {
                faults.wrong(format!("`{name}` has {} {what} for {} batches", list.len(), batches.len()));
            }
        }
        let effects = effect.iter().zip(&table.kept);
        let effects = effects
            .map(|(x, kept)| faults.number(Some(*x), || format!("the effect of `{kept}` on `{name}`")))
            .collect();
        let mean = faults.number(*mean, || format!("the mean of `{name}`"));
        let deviation = faults.number(*deviation, || format!("the deviation of `{name}`"));
        faults.above_zero(deviation, || format!("the deviation of `{name}`"));
        let mut of = |what: &str, list: &[Number]| -> Vec<f64> {
            let pairs = list.iter().zip(batches);
            pairs.map(|(x, batch)| faults.number(Some(*x), || format!("the {what} of `{name}` in `{batch}`"))).collect()
        };
        let (location, scale) = (of("location", location), of("scale", scale));
        for (scale, batch) in scale.iter().zip(batches) {
            faults.above_zero(*scale, || format!("the scale of `{name}` in `{batch}`"));
        }
        Self { mean, effects, deviation, location, scale }
    }

    /// A value of a batch as it would be of none, given the covariates that are kept; operation by operation as it was in training, so that no value changes
    /// sides of a threshold.
    ///
    /// ```
    /// use voxomics_sdk::model::Aligned;
    ///
    /// // Of two scanners the second shifts by one deviation, and doubles it.
    /// let aligned =
    ///     Aligned { mean: 10.0, effects: vec![], deviation: 2.0, location: vec![0.0, 1.0], scale: vec![1.0, 2.0] };
    /// assert_eq!((aligned.apply(14.0, 0, &[]), aligned.apply(16.0, 1, &[])), (14.0, 12.0));
    /// ```
    ///
    /// # Panics
    /// If there is no such batch.
    pub fn apply(&self, x: f64, batch: usize, kept: &[f64]) -> f64 {
        let expected = self.mean + self.effects.iter().zip(kept).map(|(effect, kept)| effect * kept).sum::<f64>();
        let z = (x - expected) / self.deviation;
        self.deviation * ((z - self.location[batch]) / self.scale[batch]) + expected
    }
}

impl Harmonisation {
    pub(super) fn read(table: file::Harmonisation) -> Self {
        Self { batches: table.batches, kept: table.kept, refuse: table.unknown_batch == UnknownBatch::Refuse }
    }

    /// The covariates of a row that are kept.
    ///
    /// ```
    /// use voxomics_sdk::{Input, model::Harmonisation};
    ///
    /// let batches = Harmonisation { batches: vec![], kept: vec!["age".into()], refuse: true };
    /// assert_eq!(batches.kept(&[Input::Value(61.0)]), Ok(vec![61.0]));
    /// assert!(batches.kept(&[Input::Missing("it is not in the table".into())]).is_err());
    /// ```
    ///
    /// # Errors
    /// Which are missing, as nothing stands in for them.
    pub fn kept(&self, inputs: &[Input]) -> Result<Vec<f64>, NotAligned> {
        let of = |(name, input): (&String, &Input)| match input.value() {
            Ok(x) if x.is_finite() => Ok(x),
            Ok(value) => Err(NotAligned::KeptNotFinite { name: name.clone(), value }),
            Err(reason) => Err(NotAligned::KeptMissing { name: name.clone(), reason: reason.into() }),
        };
        self.kept.iter().zip(inputs).map(of).collect()
    }

    /// The batch of a row, from the columns of the batches; `None`, with a warning, if it is not to be aligned.
    ///
    /// ```
    /// use voxomics_sdk::{Input, model::Harmonisation};
    ///
    /// let batches =
    ///     Harmonisation { batches: vec!["scanner=A".into(), "scanner=B".into()], kept: vec![], refuse: true };
    /// let row = [Input::Value(0.0), Input::Value(1.0)];
    /// assert_eq!(batches.batch(&row, &mut Vec::new()), Ok(Some(1)));
    /// assert!(batches.batch(&[Input::Value(0.0), Input::Value(0.0)], &mut Vec::new()).is_err());
    /// ```
    ///
    /// # Errors
    /// If the columns are not 0 and 1, if two are 1, or if none is and such rows are to be refused.
    pub fn batch(&self, inputs: &[Input], warnings: &mut Vec<String>) -> Result<Option<usize>, NotAligned> {
        let mut found = None;
        for (batch, (name, input)) in self.batches.iter().zip(inputs).enumerate() {
            match input.value() {
                Ok(0.0) => {}
                Ok(1.0) if found.is_none() => found = Some(batch),
                Ok(1.0) => return Err(NotAligned::TwoBatches { name: name.clone() }),
                Ok(value) => return Err(NotAligned::NoFlag { name: name.clone(), value }),
                Err(reason) => return Err(NotAligned::BatchMissing { name: name.clone(), reason: reason.into() }),
            }
        }
        let known = self.batches.join("`, `");
        match (found, self.refuse) {
            (None, true) => Err(NotAligned::UnknownBatch { known: self.batches.clone() }),
            (None, false) => {
                let what = "the row is of a batch that the model does not know, and is not aligned";
                warnings.push(format!("{what} (`{known}`)"));
                Ok(None)
            }
            (found, _) => Ok(found),
        }
    }
}
