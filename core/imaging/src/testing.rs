//! What several modules' tests share.

use crate::Executor;

/// Reproducible numbers that look random (splitmix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of `0..bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// A number of `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Runs the chunks on four threads, the last one first.
pub(crate) struct Backwards;

impl Executor for Backwards {
    fn for_each(&self, count: usize, chunk: &(dyn Fn(usize) + Sync)) {
        std::thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || (0..count).rev().filter(|i| i % 4 == thread).for_each(chunk));
            }
        });
    }
}

/// The array with one axis reversed.
pub(crate) fn mirrored<T: Copy>(dims: [usize; 3], data: &[T], axis: usize) -> Vec<T> {
    (0..data.len())
        .map(|i| {
            let mut at = [i % dims[0], i / dims[0] % dims[1], i / dims[0] / dims[1]];
            at[axis] = dims[axis] - 1 - at[axis];
            data[(at[2] * dims[1] + at[1]) * dims[0] + at[0]]
        })
        .collect()
}
