//! Aligning the batches of a row (ComBat).

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
    /// # Errors
    /// Which are missing, as nothing stands in for them.
    pub fn kept(&self, inputs: &[Input]) -> Result<Vec<f64>, String> {
        let of = |(name, input): (&String, &Input)| match input.value() {
            Ok(x) if x.is_finite() => Ok(x),
            Ok(x) => Err(format!("`{name}`, whose effect harmonisation keeps, is {x}")),
            Err(reason) => Err(format!("harmonisation keeps the effect of `{name}`: {reason}")),
        };
        self.kept.iter().zip(inputs).map(of).collect()
    }

    /// The batch of a row, from the columns of the batches; `None`, with a warning, if it is not to be aligned.
    ///
    /// # Errors
    /// If the columns are not 0 and 1, if two are 1, or if none is and such rows are to be refused.
    pub fn batch(&self, inputs: &[Input], warnings: &mut Vec<String>) -> Result<Option<usize>, String> {
        let mut found = None;
        for (batch, (name, input)) in self.batches.iter().zip(inputs).enumerate() {
            match input.value() {
                Ok(0.0) => {}
                Ok(1.0) if found.is_none() => found = Some(batch),
                Ok(1.0) => return Err(format!("the row is of two batches, one of them `{name}`")),
                Ok(x) => return Err(format!("`{name}` is {x}, expected 0 or 1")),
                Err(reason) => return Err(format!("the batch is not known: `{name}`: {reason}")),
            }
        }
        let known = self.batches.join("`, `");
        match (found, self.refuse) {
            (None, true) => Err(format!("the row is of a batch that the model does not know; it knows `{known}`")),
            (None, false) => {
                let what = "the row is of a batch that the model does not know, and is not aligned";
                warnings.push(format!("{what} (`{known}`)"));
                Ok(None)
            }
            (found, _) => Ok(found),
        }
    }
}
