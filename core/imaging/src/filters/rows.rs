//! Weighted sums of rows, the innermost loops of everything separable.
//!
//! Each output is summed in the order of the list, whatever its place in the row, and never with a fused multiply-add:
//! the same bits on every machine, in every box.

use std::slice;

/// Outputs that are summed in registers at a time.
const BLOCK: usize = 16;

/// A weight, and the row that it weighs.
pub(super) type Tap<'a> = (f64, &'a [f64]);
/// A weight, and the two rows at one distance whose sum or difference it weighs.
pub(super) type Pair<'a> = (f64, &'a [f64], &'a [f64]);

/// The weights of a row in two sums.
pub(super) type TwiceTap<'a> = ([f64; 2], &'a [f64]);
/// The weights of the two rows at one distance in two sums.
pub(super) type TwicePair<'a> = ([f64; 2], &'a [f64], &'a [f64]);

/// Writes Σ w·row.
pub(super) fn plain(taps: &[Tap<'_>], out: &mut [f64]) {
    run(out, &Plain(taps));
}

/// Writes w₀·centre + Σ w·(before + after).
pub(super) fn even(centre: &[Tap<'_>], pairs: &[Pair<'_>], out: &mut [f64]) {
    run(out, &Even(Plain(centre), pairs));
}

/// Writes the sum of two such sums, the second one after the first.
pub(super) fn even_and_even(sums: [(Tap<'_>, &[Pair<'_>]); 2], out: &mut [f64]) {
    let [(first, of_first), (second, of_second)] = &sums;
    run(out, &Chain(Even(Plain(slice::from_ref(first)), of_first), Even(Plain(slice::from_ref(second)), of_second)));
}

/// Writes two such sums of the same rows; `then` has rows that are added to the second one after them.
pub(super) fn even_twice(
    centre: TwiceTap<'_>,
    pairs: &[TwicePair<'_>],
    then: Option<(Tap<'_>, &[Pair<'_>])>,
    out: [&mut [f64]; 2],
) {
    let then = then.as_ref().map(|(centre, pairs)| Even(Plain(slice::from_ref(centre)), pairs));
    let sum = Twice { centre, pairs, then };
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { wide_twice(out, &sum) };
    }
    blocks_twice(out, &sum);
}

/// Writes Σ w·(after − before).
pub(super) fn odd(pairs: &[Pair<'_>], out: &mut [f64]) {
    run(out, &Odd(pairs));
}

/// Makes each number of a row of what is there and of another row.
pub(super) fn join(row: &[f64], out: &mut [f64], of: impl Fn(f64, f64) -> f64) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { wide_join(row, out, of) };
    }
    out.iter_mut().zip(row).for_each(|(out, x)| *out = of(*out, *x));
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wide_join(row: &[f64], out: &mut [f64], of: impl Fn(f64, f64) -> f64) {
    out.iter_mut().zip(row).for_each(|(out, x)| *out = of(*out, *x));
}

/// A sum of several rows.
trait Sum {
    /// Adds the part of the rows from `at` to `sums`.
    fn add<const N: usize>(&self, at: usize, sums: &mut [f64; N]);
}

/// The `N` numbers of a row from `at`; rows are as long as the output.
#[inline(always)]
fn block<const N: usize>(row: &[f64], at: usize) -> &[f64; N] {
    row[at..].first_chunk().expect("a row is as long as the output")
}

struct Plain<'a>(&'a [Tap<'a>]);
struct Even<'a>(Plain<'a>, &'a [Pair<'a>]);
struct Odd<'a>(&'a [Pair<'a>]);

impl Sum for Plain<'_> {
    #[inline(always)]
    fn add<const N: usize>(&self, at: usize, sums: &mut [f64; N]) {
        for &(weight, row) in self.0 {
            for (sum, x) in sums.iter_mut().zip(block::<N>(row, at)) {
                *sum += weight * x;
            }
        }
    }
}

impl Sum for Even<'_> {
    #[inline(always)]
    fn add<const N: usize>(&self, at: usize, sums: &mut [f64; N]) {
        self.0.add(at, sums);
        for &(weight, before, after) in self.1 {
            for ((sum, a), b) in sums.iter_mut().zip(block::<N>(before, at)).zip(block::<N>(after, at)) {
                *sum += weight * (a + b);
            }
        }
    }
}

impl Sum for Odd<'_> {
    #[inline(always)]
    fn add<const N: usize>(&self, at: usize, sums: &mut [f64; N]) {
        for &(weight, before, after) in self.0 {
            for ((sum, a), b) in sums.iter_mut().zip(block::<N>(before, at)).zip(block::<N>(after, at)) {
                *sum += weight * (b - a);
            }
        }
    }
}

/// One sum, and then another.
struct Chain<A, B>(A, B);

impl<A: Sum, B: Sum> Sum for Chain<A, B> {
    #[inline(always)]
    fn add<const N: usize>(&self, at: usize, sums: &mut [f64; N]) {
        self.0.add(at, sums);
        self.1.add(at, sums);
    }
}

/// Two sums that read their rows once.
struct Twice<'a> {
    centre: TwiceTap<'a>,
    pairs: &'a [TwicePair<'a>],
    then: Option<Even<'a>>,
}

impl Twice<'_> {
    #[inline(always)]
    fn add<const N: usize>(&self, at: usize, [first, second]: &mut [[f64; N]; 2]) {
        let ([u, v], row) = self.centre;
        for ((first, second), x) in first.iter_mut().zip(second.iter_mut()).zip(block::<N>(row, at)) {
            *first += u * x;
            *second += v * x;
        }
        for &([u, v], before, after) in self.pairs {
            let rows = block::<N>(before, at).iter().zip(block::<N>(after, at));
            for ((first, second), (a, b)) in first.iter_mut().zip(second.iter_mut()).zip(rows) {
                let both = a + b;
                *first += u * both;
                *second += v * both;
            }
        }
        if let Some(then) = &self.then {
            then.add(at, second);
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

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wide_twice(out: [&mut [f64]; 2], sum: &Twice<'_>) {
    blocks_twice(out, sum);
}

#[inline(always)]
fn blocks(out: &mut [f64], sum: &impl Sum) {
    let at = some::<BLOCK>(out, 0, sum);
    let at = some::<4>(out, at, sum);
    some::<1>(out, at, sum);
}

/// Writes whole blocks of `N` from `at`, and returns where they end.
#[inline(always)]
fn some<const N: usize>(out: &mut [f64], mut at: usize, sum: &impl Sum) -> usize {
    while let Some(block) = out[at..].first_chunk_mut::<N>() {
        let mut sums = [0.0; N];
        sum.add(at, &mut sums);
        *block = sums;
        at += N;
    }
    at
}

#[inline(always)]
fn blocks_twice(mut out: [&mut [f64]; 2], sum: &Twice<'_>) {
    let at = some_twice::<BLOCK>(&mut out, 0, sum);
    let at = some_twice::<4>(&mut out, at, sum);
    some_twice::<1>(&mut out, at, sum);
}

#[inline(always)]
fn some_twice<const N: usize>([first, second]: &mut [&mut [f64]; 2], mut at: usize, sum: &Twice<'_>) -> usize {
    while let (Some(first), Some(second)) = (first[at..].first_chunk_mut::<N>(), second[at..].first_chunk_mut::<N>()) {
        let mut sums = [[0.0; N]; 2];
        sum.add(at, &mut sums);
        [*first, *second] = sums;
        at += N;
    }
    at
}
