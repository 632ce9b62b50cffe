//! Weighted sums of rows, the innermost loops of everything separable.
//!
//! Each output is summed in the order of the list, whatever its place in the row, and never with a fused multiply-add:
//! the same bits on every machine, in every box.

/// Outputs that are summed in registers at a time.
const BLOCK: usize = 16;

/// A weight, and the row that it weighs.
pub(super) type Tap<'a> = (f64, &'a [f64]);
/// A weight, and the two rows at one distance whose sum or difference it weighs.
pub(super) type Pair<'a> = (f64, &'a [f64], &'a [f64]);

/// Writes Σ w·row.
pub(super) fn plain(taps: &[Tap<'_>], out: &mut [f64]) {
    run(out, &Plain(taps));
}

/// Writes w₀·centre + Σ w·(before + after).
pub(super) fn even(centre: &[Tap<'_>], pairs: &[Pair<'_>], out: &mut [f64]) {
    run(out, &Even(Plain(centre), pairs));
}

/// Writes Σ w·(after − before).
pub(super) fn odd(pairs: &[Pair<'_>], out: &mut [f64]) {
    run(out, &Odd(pairs));
}

/// A sum of several rows.
trait Sum {
    /// Adds the part of the rows from `at` to `sums`.
    fn add(&self, at: usize, sums: &mut [f64]);
}

struct Plain<'a>(&'a [Tap<'a>]);
struct Even<'a>(Plain<'a>, &'a [Pair<'a>]);
struct Odd<'a>(&'a [Pair<'a>]);

impl Sum for Plain<'_> {
    #[inline(always)]
    fn add(&self, at: usize, sums: &mut [f64]) {
        for &(weight, row) in self.0 {
            for (sum, x) in sums.iter_mut().zip(&row[at..]) {
                *sum += weight * x;
            }
        }
    }
}

impl Sum for Even<'_> {
    #[inline(always)]
    fn add(&self, at: usize, sums: &mut [f64]) {
        self.0.add(at, sums);
        for &(weight, before, after) in self.1 {
            for ((sum, a), b) in sums.iter_mut().zip(&before[at..]).zip(&after[at..]) {
                *sum += weight * (a + b);
            }
        }
    }
}

impl Sum for Odd<'_> {
    #[inline(always)]
    fn add(&self, at: usize, sums: &mut [f64]) {
        for &(weight, before, after) in self.0 {
            for ((sum, a), b) in sums.iter_mut().zip(&before[at..]).zip(&after[at..]) {
                *sum += weight * (b - a);
            }
        }
    }
}

fn run(out: &mut [f64], sum: &impl Sum) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { wide(out, sum) };
    }
    blocks(out, sum);
}

/// The same loops, compiled for registers of four numbers.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wide(out: &mut [f64], sum: &impl Sum) {
    blocks(out, sum);
}

#[inline(always)]
fn blocks(out: &mut [f64], sum: &impl Sum) {
    let mut at = 0;
    let mut whole = out.chunks_exact_mut(BLOCK);
    for block in &mut whole {
        let mut sums = [0.0; BLOCK];
        sum.add(at, &mut sums);
        block.copy_from_slice(&sums);
        at += BLOCK;
    }
    for out in whole.into_remainder() {
        let mut sums = [0.0];
        sum.add(at, &mut sums);
        [*out] = sums;
        at += 1;
    }
}
