//! Chance that is the same everywhere: ChaCha's stream is fixed by its specification (D. J. Bernstein, 2008).

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// A stream of chance.
pub type Generator = ChaCha8Rng;

/// The stream number `stream` of a seed.
///
/// ```
/// use voxomics_learning::random::{draw, generator, shuffle, with_replacement};
///
/// // The same seed and stream give the same order.
/// let order = |stream: u64| {
///     let mut list: Vec<u32> = (0..20).collect();
///     shuffle(&mut generator(7, stream), &mut list);
///     list
/// };
/// assert_eq!(order(0), order(0));
/// assert_ne!(order(0), order(1));
/// // Three of five, and five draws of which none hits a row without weight.
/// let mut list = [1, 2, 3, 4, 5];
/// draw(&mut generator(7, 0), &mut list, 3);
/// let drawn = with_replacement(&mut generator(7, 0), &[1.0, 0.0, 1.0], 5);
/// assert_eq!((drawn[1], drawn.iter().sum::<u32>()), (0, 5));
/// ```
pub fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(stream);
    generator
}

/// A seed of its own for the part `index` of what has a seed.
///
/// ```
/// use voxomics_learning::random::derive;
///
/// assert_eq!(derive(7, 1), derive(7, 1));
/// assert_ne!(derive(7, 1), derive(7, 2));
/// ```
pub fn derive(seed: u64, index: u64) -> u64 {
    generator(seed, index).next_u64()
}

/// A number below `count`, each as likely as any other; `count` is above 0.
fn below(generator: &mut ChaCha8Rng, count: u64) -> u64 {
    // Draws above the largest multiple of `count` would favour small numbers.
    let limit = u64::MAX - u64::MAX % count;
    loop {
        let draw = generator.next_u64();
        if draw < limit {
            return draw % count;
        }
    }
}

/// Brings `count` items of a list to its front, each choice as likely as any other (the beginning of a shuffle by Fisher and Yates).
///
/// [`generator`] has an example.
pub fn draw<T>(generator: &mut ChaCha8Rng, list: &mut [T], count: usize) {
    for first in 0..count.min(list.len()) {
        let other = first + below(generator, (list.len() - first) as u64) as usize;
        list.swap(first, other);
    }
}

/// Draws so many rows with replacement, in proportion to their weights, and tells how often each was drawn.
///
/// [`generator`] has an example.
pub fn with_replacement(generator: &mut ChaCha8Rng, weights: &[f64], count: usize) -> Vec<u32> {
    let mut sums = Vec::with_capacity(weights.len());
    let total = weights.iter().fold(0.0, |sum, weight| {
        sums.push(sum + weight);
        sum + weight
    });
    let mut drawn = vec![0; weights.len()];
    for _ in 0..count {
        // 53 bits: every number from 0 to below 1 that is a multiple of 2⁻⁵³.
        let at = (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64 * total;
        let place = sums.partition_point(|sum| *sum <= at);
        // Where rounding leads beyond the last row that weighs anything, it is that one.
        let place = if place < weights.len() { place } else { weights.iter().rposition(|w| *w > 0.0).unwrap_or(0) };
        drawn[place] += 1;
    }
    drawn
}

/// Brings a list into random order (Fisher and Yates).
///
/// [`generator`] has an example.
pub fn shuffle<T>(generator: &mut ChaCha8Rng, list: &mut [T]) {
    for last in (1..list.len()).rev() {
        list.swap(last, below(generator, last as u64 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_of_three_is_as_likely_as_any_other() {
        let mut generator = generator(1, 0);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            let mut list = [0, 1, 2];
            shuffle(&mut generator, &mut list);
            *counts.entry(list).or_insert(0) += 1;
        }
        // Four standard deviations of a count: √(6000·1/6·5/6) = 28.9.
        assert!(counts.len() == 6 && counts.values().all(|n| (1000_i32 - n).abs() < 116), "{counts:?}");
    }
}
