//! A random order of numbers that is never written down: a whole scan can be shuffled without a list of its voxels.

use crate::noise::hash;

/// Rounds of the network. Four make an order that looks random (Luby and Rackoff, SIAM J. Comput. 17:373, 1988); small numbers need
/// more.
const ROUNDS: u64 = 12;

/// A random order of the numbers below a count: a Feistel network over the next power of four, whose numbers that are too large are
/// sent on until they are not (Black and Rogaway, CT-RSA 2002). The same seed and count give the same order.
///
/// ```
/// use voxomics_imaging::permutation::Permutation;
///
/// let permutation = Permutation::new(5, 7);
/// let mut order: Vec<u64> = (0..5).map(|number| permutation.of(number)).collect();
/// order.sort_unstable();
/// assert_eq!(order, [0, 1, 2, 3, 4]);
/// // Of the even numbers alone, 2 is sent to one of them.
/// assert!([0, 2, 4].contains(&permutation.among(2, &|number| number % 2 == 0)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permutation {
    count: u64,
    half: u32,
    seed: u64,
}

impl Permutation {
    /// The order of the numbers below `count` that belongs to a seed.
    pub fn new(count: u64, seed: u64) -> Self {
        let bits = u64::BITS - count.saturating_sub(1).leading_zeros();
        Self { count, half: bits.div_ceil(2).max(1), seed }
    }

    /// What stands in the place of a number below the count. Each number stands in one place.
    pub fn of(&self, number: u64) -> u64 {
        self.among(number, &|_| true)
    }

    /// The same order of some of the numbers alone; `number` is one of them.
    pub fn among(&self, number: u64, is_one: &dyn Fn(u64) -> bool) -> u64 {
        let mut next = self.once(number);
        // The network permutes, so that this way leads back to `number` at last.
        while next != number && (next >= self.count || !is_one(next)) {
            next = self.once(next);
        }
        next
    }

    fn once(&self, number: u64) -> u64 {
        let low = (1 << self.half) - 1;
        let (mut left, mut right) = (number >> self.half, number & low);
        for round in 0..ROUNDS {
            let mixed = hash(self.seed.wrapping_add(round), right) & low;
            (left, right) = (right, left ^ mixed);
        }
        left << self.half | right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(count: u64, seed: u64) -> Vec<u64> {
        let permutation = Permutation::new(count, seed);
        (0..count).map(|number| permutation.of(number)).collect()
    }

    #[test]
    fn every_number_stands_in_one_place() {
        for count in [1, 2, 3, 4, 5, 17, 64, 65, 1000, 5003] {
            let mut found = order(count, 7);
            found.sort_unstable();
            assert_eq!(found, (0..count).collect::<Vec<_>>(), "{count}");
        }
        let permutation = Permutation::new(1000, 3);
        let is_one = |number: u64| number % 3 != 1;
        let mut found: Vec<u64> =
            (0..1000).filter(|of| is_one(*of)).map(|number| permutation.among(number, &is_one)).collect();
        found.sort_unstable();
        assert_eq!(found, (0..1000).filter(|of| is_one(*of)).collect::<Vec<_>>());
    }

    #[test]
    fn each_order_of_few_numbers_is_about_as_frequent() {
        let mut seen = std::collections::BTreeMap::<Vec<u64>, u32>::new();
        for seed in 0..24_000 {
            *seen.entry(order(4, seed * 1_000_003)).or_default() += 1;
        }
        // χ² of 23 degrees of freedom is above 49.7 once in a thousand times.
        let chi: f64 = seen.values().map(|count| (f64::from(*count) - 1000.0).powi(2) / 1000.0).sum();
        assert!(seen.len() == 24 && chi < 49.7, "{chi}: {seen:?}");
    }

    #[test]
    fn numbers_and_their_places_are_not_correlated() {
        let count = 20_000;
        let found = order(count, 11);
        let centred = |number: u64| number as f64 - (count - 1) as f64 / 2.0;
        let variance = ((count * count - 1) / 12) as f64 * count as f64;
        // Of neighbours in the order, and of a number and its place: standard deviation 1 / √n.
        for lag in [0, 1, 2, 128] {
            let pairs = (0..count as usize).map(|at| match lag {
                0 => (at as u64, found[at]),
                _ => (found[at], found[(at + lag) % count as usize]),
            });
            let r = pairs.map(|(a, b)| centred(a) * centred(b)).sum::<f64>() / variance;
            assert!(r.abs() < 4.0 / (count as f64).sqrt(), "lag {lag}: {r}");
        }
        assert_ne!(found, order(count, 12));
    }
}
