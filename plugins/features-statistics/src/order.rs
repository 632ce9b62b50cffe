//! Order statistics by selection.

/// So few values are sorted sooner than a table of them is made: those around a voxel of a map.
pub(crate) const FEW: usize = 512;

/// Percentiles, each of 0 to 100, interpolated linearly between ranks, of few values, at least one.
pub(crate) fn of_few<const N: usize>(values: &[f64], percents: [usize; N]) -> [f64; N] {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let last = sorted.len() - 1;
    percents.map(|percent| {
        let (rank, rest) = (percent * last / 100, percent * last % 100);
        if rest == 0 { sorted[rank] } else { between(sorted[rank], sorted[rank + 1], rest) }
    })
}

/// So many hundredths of the way from one value to the next.
fn between(low: f64, high: f64, hundredths: usize) -> f64 {
    // Two products instead of a difference: no overflow. Equal ranks give themselves.
    let weight = hundredths as f64 / 100.0;
    if low == high { low } else { (low * (1.0 - weight) + high * weight).clamp(low, high) }
}

/// Cells of the table by which the ranks are found.
const BUCKETS: usize = 1 << 14;

/// Intensities whose order statistics can be asked for, between their least and their greatest.
pub(crate) struct Order<'a> {
    values: &'a [f64],
    least: f64,
    scale: f64,
    /// How many values lie in the buckets before each bucket, and in all of them.
    before: Vec<usize>,
}

impl<'a> Order<'a> {
    /// Values from `least` to `greatest`, at least one.
    pub(crate) fn new(values: &'a [f64], least: f64, greatest: f64) -> Self {
        let width = (greatest - least) / BUCKETS as f64;
        // Buckets of width 0, or of more than any number, are one bucket.
        let scale = if width > 0.0 && (1.0 / width).is_finite() { 1.0 / width } else { 0.0 };
        let mut order = Self { values, least, scale, before: Vec::new() };
        // Neighbours in the region are often alike: alternating tables keep one addition from waiting for the last.
        let mut counts = vec![[0usize; 2]; BUCKETS];
        for pair in values.chunks(2) {
            for (lane, value) in pair.iter().enumerate() {
                counts[order.bucket(*value)][lane] += 1;
            }
        }
        let mut sum = 0;
        order.before.push(0);
        order.before.extend(counts.iter().map(|lanes| {
            sum += lanes[0] + lanes[1];
            sum
        }));
        order
    }

    /// Never decreases with the value, so that sorting by bucket never contradicts sorting by value.
    fn bucket(&self, value: f64) -> usize {
        (((value - self.least) * self.scale) as usize).min(BUCKETS - 1)
    }

    /// Percentiles, each of 0 to 100, interpolated linearly between ranks.
    pub(crate) fn percentiles<const N: usize>(&self, percents: [usize; N]) -> [f64; N] {
        let last = self.values.len() - 1;
        let ranks = percents.map(|percent| (percent * last / 100, percent * last % 100));
        let wanted = ranks.iter().flat_map(|(rank, rest)| [*rank, rank + usize::from(*rest != 0)]);
        let mut parts = self.parts(wanted);
        ranks.map(|(rank, rest)| {
            let low = self.select(&mut parts, rank);
            if rest == 0 {
                return low;
            }
            between(low, self.select(&mut parts, rank + 1), rest)
        })
    }

    /// The bucket in which a rank lies.
    fn holder(&self, rank: usize) -> usize {
        self.before.partition_point(|before| *before <= rank) - 1
    }

    /// The values of the buckets in which the ranks lie, in one pass.
    fn parts(&self, ranks: impl Iterator<Item = usize>) -> Vec<(usize, Vec<f64>)> {
        let mut buckets: Vec<usize> = ranks.map(|rank| self.holder(rank)).collect();
        buckets.sort_unstable();
        buckets.dedup();
        let mut place = vec![u8::MAX; BUCKETS];
        let mut parts = Vec::with_capacity(buckets.len());
        for (index, bucket) in buckets.into_iter().enumerate() {
            place[bucket] = index as u8;
            parts.push((bucket, Vec::with_capacity(self.before[bucket + 1] - self.before[bucket])));
        }
        for value in self.values {
            if let Some((_, part)) = parts.get_mut(usize::from(place[self.bucket(*value)])) {
                part.push(*value);
            }
        }
        parts
    }

    fn select(&self, parts: &mut [(usize, Vec<f64>)], rank: usize) -> f64 {
        let holder = self.holder(rank);
        let found = parts.iter_mut().find(|(bucket, _)| *bucket == holder);
        // The caller has asked for the bucket of every rank that it selects.
        found.map_or(f64::NAN, |(_, part)| *part.select_nth_unstable_by(rank - self.before[holder], f64::total_cmp).1)
    }
}
