//! The cumulative histogram.

use crate::axis::{NO_RANGE, Range};

/// Intensity against the volume that has at least this intensity.
pub(crate) struct Curve {
    /// Or why there is none.
    range: Result<Range, &'static str>,
    /// For each step of the range the number of voxels that have at least its intensity.
    at_least: Vec<u64>,
    voxels: u64,
    /// Whether all voxels have one discretised intensity.
    flat: bool,
}

const SHORT: &str = "the range of intensities is shorter than a step";

impl Curve {
    /// The curve over `range`; `flat` if all voxels have one discretised intensity.
    pub(crate) fn new(range: Result<Range, &'static str>, voxels: impl Iterator<Item = f64>, flat: bool) -> Self {
        let Ok(range) = range else {
            return Self { range, at_least: Vec::new(), voxels: 0, flat };
        };
        let mut at_least = vec![0u64; range.last() + 1];
        let mut count = 0;
        for x in voxels {
            count += 1;
            if let Some(step) = range.reached(x) {
                at_least[step] += 1;
            }
        }
        // From how many voxels end at a step to how many reach it.
        for step in (0..at_least.len().saturating_sub(1)).rev() {
            at_least[step] += at_least[step + 1];
        }
        Self { range: Ok(range), at_least, voxels: count, flat }
    }

    /// The range, if it is more than one intensity.
    fn extended(&self) -> Result<Range, &'static str> {
        self.range.and_then(|range| if range.length > 0.0 { Ok(range) } else { Err(NO_RANGE) })
    }

    fn volume(&self, step: usize) -> f64 {
        self.at_least[step] as f64 / self.voxels as f64
    }

    /// The largest volume fraction at an intensity fraction of at least `percent`.
    pub(crate) fn volume_at(&self, percent: u64) -> Result<f64, &'static str> {
        let range = self.extended()?;
        let step = range.step_at(percent as f64 / 100.0).ok_or(SHORT)?;
        Ok(self.volume(step))
    }

    /// The least discretised intensity that at most `percent` of the volume have.
    pub(crate) fn intensity_at(&self, percent: u64) -> Result<f64, &'static str> {
        let range = self.range?;
        let within = |count: &u64| u128::from(*count) * 100 <= u128::from(self.voxels) * u128::from(percent);
        let step = self.at_least.iter().position(within);
        step.map(|step| range.intensity(step)).ok_or("more of the volume has the highest intensity of the range")
    }

    /// The area under volume fraction against intensity fraction by the trapezoidal rule.
    pub(crate) fn area(&self) -> Result<f64, &'static str> {
        if self.flat {
            return Ok(0.0);
        }
        let range = self.extended()?;
        if self.at_least.len() < 2 {
            return Err(SHORT);
        }
        let sum: u128 = self.at_least.windows(2).map(|pair| u128::from(pair[0]) + u128::from(pair[1])).sum();
        Ok(sum as f64 / 2.0 / self.voxels as f64 / range.length)
    }
}
