//! What must hold for any data: symmetries, identities between statistics, and sense in the face of degenerate input.

mod any_input;
mod cohort;
mod degenerate;
mod identities;
mod resampling;
mod symmetries;

use cohort::Cohort;

/// SplitMix64.
pub struct Numbers(pub u64);

impl Numbers {
    /// In [0, 1).
    pub fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.share() * n as f64) as usize
    }
}

/// Equal to rounding.
#[track_caller]
pub fn same(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1e-3), "{a} differs from {b}");
}
