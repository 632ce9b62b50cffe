//! The histogram of grey levels and what is read from it.

/// How many voxels have each level: level *i* at index *i* − 1, up to the greatest level that occurs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    /// Number of voxels, at least 1.
    voxels: u64,
}

impl Histogram {
    /// Counts levels of 1 to `count`, at most 65,535; 0 is outside the region. `None` if there is no voxel inside.
    ///
    /// # Errors
    /// The level that is above `count`.
    pub(crate) fn of(levels: &[u16], count: u32) -> Result<Option<Self>, u16> {
        // Neighbours are often alike: four tables in turn keep one addition from waiting for the last.
        let mut tables = vec![[0u64; 4]; count.min(u16::MAX.into()) as usize + 1];
        for group in levels.chunks(4) {
            for (lane, level) in group.iter().enumerate() {
                tables.get_mut(usize::from(*level)).ok_or(*level)?[lane] += 1;
            }
        }
        let mut counts: Vec<u64> = tables[1..].iter().map(|lanes| lanes.iter().sum()).collect();
        counts.truncate(counts.iter().rposition(|count| *count > 0).map_or(0, |index| index + 1));
        let voxels = counts.iter().sum();
        Ok((voxels > 0).then_some(Self { counts, voxels }))
    }

    /// Levels that occur and how many voxels have them.
    fn occupied(&self) -> impl DoubleEndedIterator<Item = (f64, u64)> + '_ {
        self.counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(index, count)| (index as f64 + 1.0, *count))
    }

    /// Σ f(i) p_i over the levels that occur.
    pub(crate) fn mean_of(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.occupied().map(|(level, count)| f(level) * count as f64).sum::<f64>() / self.voxels as f64
    }

    /// Σ f(p_i) over the levels that occur.
    pub(crate) fn sum_of_probabilities(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.occupied().map(|(_, count)| f(count as f64 / self.voxels as f64)).sum()
    }

    pub(crate) fn least(&self) -> f64 {
        self.occupied().next().map_or(0.0, |(level, _)| level)
    }

    /// The greatest level that occurs, *N*g.
    pub(crate) fn greatest(&self) -> f64 {
        self.counts.len() as f64
    }

    /// Percentiles interpolated linearly between the ranks of the sorted levels.
    pub(crate) fn percentile(&self, percent: u64) -> f64 {
        let last = self.voxels - 1;
        // Quotient and rest apart: no overflow.
        let rest = last % 100 * percent;
        let (rank, hundredths) = (last / 100 * percent + rest / 100, rest % 100);
        let low = self.at_rank(rank);
        if hundredths == 0 {
            return low;
        }
        low + (self.at_rank(rank + 1) - low) * hundredths as f64 / 100.0
    }

    /// The level at a rank, counted from 0.
    fn at_rank(&self, rank: u64) -> f64 {
        let mut before = 0;
        let found = self.occupied().find(|(_, count)| {
            before += count;
            before > rank
        });
        found.map_or(self.greatest(), |(level, _)| level)
    }

    /// Mean of |i − their mean| over the voxels with levels from `low` to `high`; `None` if there are none.
    pub(crate) fn robust_deviation(&self, low: f64, high: f64) -> Option<f64> {
        let within = || self.occupied().filter(move |(level, _)| (low..=high).contains(level));
        let voxels: u64 = within().map(|(_, count)| count).sum();
        if voxels == 0 {
            return None;
        }
        let mean = within().map(|(level, count)| level * count as f64).sum::<f64>() / voxels as f64;
        Some(within().map(|(level, count)| (level - mean).abs() * count as f64).sum::<f64>() / voxels as f64)
    }

    /// The level that most voxels have; of several the nearest to the mean, of two equally near the lower.
    pub(crate) fn mode(&self, mean: f64) -> f64 {
        let most = self.counts.iter().copied().max().unwrap_or(0);
        let modes = self.occupied().filter(|(_, count)| *count == most).map(|(level, _)| level);
        // The first of equal minima is kept.
        modes.min_by(|a, b| (a - mean).abs().total_cmp(&(b - mean).abs())).unwrap_or(0.0)
    }

    /// The steepest rise and the steepest fall, each with its level, the lowest of several; `None` if there is one bin.
    pub(crate) fn gradients(&self) -> Option<[(f64, f64); 2]> {
        let n = |index: usize| self.counts[index] as f64;
        let last = self.counts.len().checked_sub(1).filter(|last| *last > 0)?;
        let gradient = |index: usize| match index {
            0 => n(1) - n(0),
            _ if index == last => n(last) - n(last - 1),
            _ => (n(index + 1) - n(index - 1)) / 2.0,
        };
        let mut extremes = [(gradient(0), 1.0); 2];
        for index in 1..=last {
            let (slope, level) = (gradient(index), index as f64 + 1.0);
            if slope > extremes[0].0 {
                extremes[0] = (slope, level);
            }
            if slope < extremes[1].0 {
                extremes[1] = (slope, level);
            }
        }
        Some(extremes)
    }
}
