//! Chance that is the same everywhere: SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom
//! number generators", OOPSLA 2014).

/// A stream of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Random(u64);

impl Random {
    /// A stream for the part `index` of what has a seed.
    pub fn part(seed: u64, index: u64) -> Self {
        // The mixed seed is where the stream of parts begins: neighbouring seeds share no part.
        let start = Self(seed).draw();
        Self(Self(start ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03)).draw())
    }

    /// The next number, each as likely as any other.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// The numbers below `count` in random order (Fisher and Yates).
    pub fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            // The high half of the product favours no place by more than one in 2⁶⁴ / count.
            let place = (u128::from(self.draw()) * (last as u128 + 1)) >> 64;
            order.swap(last, place as usize);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_the_paper_and_orders_are_equally_likely() {
        // The first numbers of the seed 1234567, as in the reference implementation's published test vector.
        let mut random = Random(1_234_567);
        assert_eq!([random.draw(), random.draw()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
        let mut counts = std::collections::BTreeMap::new();
        for part in 0..6000 {
            *counts.entry(Random::part(1, part).order(3)).or_insert(0) += 1;
        }
        // Four standard deviations of a count: √(6000·1/6·5/6) = 28.9.
        assert!(counts.len() == 6 && counts.values().all(|n| (1000_i32 - n).abs() < 116), "{counts:?}");
    }
}
