//! What the conventional and the histogram features are read from.

/// Intensities that are added in one go before their sum joins the total: rounding errors grow with the number of
/// blocks.
const BLOCK: usize = 4096;

/// Range and spread of the intensities of a region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Intensities {
    /// Number of voxels, at least 1.
    pub(crate) count: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
    pub(crate) mean: f64,
    /// Σ (X − mean)².
    pub(crate) squares: f64,
}

impl Intensities {
    /// `None` if there are no intensities, or if one of them is not finite.
    pub(crate) fn of(intensities: &[f64]) -> Option<Self> {
        if intensities.is_empty() || intensities.iter().any(|x| !x.is_finite()) {
            return None;
        }
        let least = intensities.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = intensities.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let count = intensities.len() as f64;
        // Rounding must not give a flat region a deviation.
        let mean = if least == greatest { least } else { sum(intensities, |x| x) / count };
        Some(Self { count, least, greatest, mean, squares: sum(intensities, |x| (x - mean) * (x - mean)) })
    }
}

fn sum(values: &[f64], term: impl Fn(f64) -> f64) -> f64 {
    values.chunks(BLOCK).map(|block| block.iter().copied().map(&term).sum::<f64>()).sum()
}

/// Moments and evenness of the grey levels of a region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Histogram {
    /// Means of the second, third and fourth power of level − mean.
    pub(crate) central: [f64; 3],
    /// −Σ p log₂ p, in bits.
    pub(crate) entropy: f64,
    /// Σ p².
    pub(crate) energy: f64,
}

impl Histogram {
    /// Of levels from 1 to `count`; 0 is outside the region. `None` if there is no voxel inside.
    ///
    /// # Errors
    /// The level that is above `count`.
    pub(crate) fn of(levels: &[u16], count: u32) -> Result<Option<Self>, u16> {
        let mut counts = vec![0u64; count.min(u16::MAX.into()) as usize + 1];
        for level in levels {
            *counts.get_mut(usize::from(*level)).ok_or(*level)? += 1;
        }
        let voxels: u64 = counts[1..].iter().sum();
        if voxels == 0 {
            return Ok(None);
        }
        let occupied = || {
            let inside = counts.iter().enumerate().skip(1).filter(|(_, count)| **count > 0);
            inside.map(|(level, count)| (level as f64, *count as f64 / voxels as f64))
        };
        let mean: f64 = counts.iter().enumerate().map(|(level, count)| level as f64 * *count as f64).sum::<f64>();
        let mean = mean / voxels as f64;
        Ok(Some(Self {
            central: [2, 3, 4].map(|power| occupied().map(|(level, p)| (level - mean).powi(power) * p).sum()),
            // Subtracting from 0 gives 0 for a single level, not −0.
            entropy: 0.0 - occupied().map(|(_, p)| p * p.log2()).sum::<f64>(),
            energy: occupied().map(|(_, p)| p * p).sum(),
        }))
    }

    /// 0 for a single level, by the rule of IBSI.
    pub(crate) fn skewness(&self) -> f64 {
        let [second, third, _] = self.central;
        if second > 0.0 { third / second.powf(1.5) } else { 0.0 }
    }

    /// 0 for a normal distribution and, by the rule of IBSI, for a single level.
    pub(crate) fn excess_kurtosis(&self) -> f64 {
        let [second, _, fourth] = self.central;
        if second > 0.0 { fourth / (second * second) - 3.0 } else { 0.0 }
    }
}
