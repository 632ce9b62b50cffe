//! What a separable filter does along one axis: convolutions with padding, as one sparse map of lines.

use std::{collections::BTreeMap, ops::Range};

use super::rows::{self, Tap};
use crate::separable::Padding;

/// A kernel of odd length for true convolution, its centre in the middle: out\[i\] = Σ_k h\[k\] f\[i − k\].
///
/// ```
/// use voxomics_imaging::filters::Kernel;
///
/// let kernel = Kernel::new(&[1.0, 2.0, 3.0]);
/// assert_eq!((kernel.weights(), kernel.radius()), (&[1.0, 2.0, 3.0][..], 1));
/// assert_eq!(kernel.reversed().weights(), [3.0, 2.0, 1.0]);
/// assert_eq!(kernel.spread(2).weights(), [1.0, 0.0, 2.0, 0.0, 3.0]);
/// assert_eq!((Kernel::new(&[1.0, 2.0]).weights(), Kernel::identity().weights()), (&[1.0, 2.0, 0.0][..], &[1.0][..]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Kernel(Vec<f64>);

impl Kernel {
    /// A kernel from its weights; one of even length gets a zero behind it, so that there is a centre (the convention of
    /// IBSI 2 for wavelets of even length).
    pub fn new(weights: &[f64]) -> Self {
        let mut weights = weights.to_vec();
        if weights.len().is_multiple_of(2) {
            weights.push(0.0);
        }
        Self(weights)
    }

    /// The kernel that changes nothing.
    pub fn identity() -> Self {
        Self(vec![1.0])
    }

    /// Its weights, 2 · [`radius`](Self::radius) + 1 of them; the one in the middle stands at the voxel itself.
    pub fn weights(&self) -> &[f64] {
        &self.0
    }

    /// Voxels on either side of the centre.
    pub fn radius(&self) -> usize {
        self.0.len() / 2
    }

    /// The mirrored kernel.
    pub fn reversed(&self) -> Self {
        Self(self.0.iter().rev().copied().collect())
    }

    /// The kernel with `step` − 1 zeros between neighbouring weights (à trous).
    pub fn spread(&self, step: usize) -> Self {
        let mut weights = vec![0.0; (self.0.len() - 1) * step + 1];
        for (i, weight) in self.0.iter().enumerate() {
            weights[i * step] = *weight;
        }
        Self(weights)
    }
}

/// Convolutions one after the other along a line, each with the same padding of what the one before it gave.
///
/// ```
/// use voxomics_imaging::filters::{Kernel, Stages};
///
/// let stages = Stages(vec![Kernel::new(&[1.0, 2.0, 3.0]), Kernel::new(&[1.0, 0.0, -1.0])]);
/// assert_eq!((stages.radius(), stages.reversed().0[0].weights()), (2, &[3.0, 2.0, 1.0][..]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Stages(pub Vec<Kernel>);

impl Stages {
    /// All kernels mirrored.
    pub fn reversed(&self) -> Self {
        Self(self.0.iter().map(Kernel::reversed).collect())
    }

    /// How far the result at a place depends on the line, on either side.
    pub fn radius(&self) -> usize {
        self.0.iter().map(Kernel::radius).sum()
    }
}

/// Weights by the index of the voxel that they weigh.
type Row = BTreeMap<usize, f64>;

/// A linear map of lines of one length, ready to be used.
///
/// ```
/// use voxomics_imaging::{
///     filters::{Kernel, Operator, Stages},
///     separable::Padding,
/// };
///
/// let of = |weight: f64| Operator::new(8, Padding::Mirror, &[(weight, Stages(vec![Kernel::identity()]))]);
/// assert!(of(1.0).is_identity() && of(0.0).is_zero());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    length: usize,
    inner: Inner,
    /// Rows at the beginning and the end that padding reaches, with the padding folded into the weights.
    head: Vec<Vec<(usize, f64)>>,
    tail: Vec<Vec<(usize, f64)>>,
}

/// The rows that no padding reaches: all the same, by distance from the centre.
#[derive(Debug, Clone, PartialEq)]
enum Inner {
    Even { centre: Option<f64>, pairs: Vec<(usize, f64)> },
    Odd { pairs: Vec<(usize, f64)> },
    General { taps: Vec<(isize, f64)> },
}

impl Operator {
    /// The map Σ weight · stages, for lines of `length` samples.
    pub fn new(length: usize, padding: Padding, sum: &[(f64, Stages)]) -> Self {
        let radius = sum.iter().map(|(_, stages)| stages.radius()).max().unwrap_or(0);
        let mut inner = vec![0.0; 2 * radius + 1];
        // Weights that cancel each other inside may not do so where there is padding.
        let mut reached = vec![false; 2 * radius + 1];
        for (weight, stages) in sum {
            let whole = stages.0.iter().fold(vec![1.0], |sofar, kernel| convolve(&sofar, kernel.weights()));
            let first = radius - whole.len() / 2;
            for (i, w) in whole.iter().enumerate() {
                // From convolution to weights of the samples before and after.
                inner[2 * radius - first - i] += weight * w;
                reached[2 * radius - first - i] |= *w != 0.0;
            }
        }
        let before = reached[..radius].iter().skip_while(|reached| !**reached).count();
        let after = reached[radius + 1..].iter().rev().skip_while(|reached| !**reached).count();
        let all = before + after >= length;
        let (head, tail) = if all { (0..length, length..length) } else { (0..before, length - after..length) };
        let row = |i: usize| {
            let mut row = Row::new();
            for (weight, stages) in sum {
                for (j, w) in folded(i, length, padding, stages) {
                    *row.entry(j).or_insert(0.0) += weight * w;
                }
            }
            row.into_iter().filter(|(_, w)| *w != 0.0).collect()
        };
        Self { length, inner: Inner::new(&inner), head: head.map(row).collect(), tail: tail.map(row).collect() }
    }

    /// Whether it gives back every line as it is.
    pub fn is_identity(&self) -> bool {
        self.inner == (Inner::Even { centre: Some(1.0), pairs: Vec::new() })
            && self.head.is_empty()
            && self.tail.is_empty()
    }

    /// Whether it makes every line zero.
    pub fn is_zero(&self) -> bool {
        let nothing = match &self.inner {
            Inner::Even { centre, pairs } => centre.is_none() && pairs.is_empty(),
            Inner::Odd { pairs } => pairs.is_empty(),
            Inner::General { taps } => taps.is_empty(),
        };
        nothing && self.head.iter().chain(&self.tail).all(Vec::is_empty)
    }

    /// The operator whose results have the opposite sign.
    pub(super) fn negated(&self) -> Self {
        let rows =
            |rows: &[Vec<(usize, f64)>]| rows.iter().map(|row| row.iter().map(|(j, w)| (*j, -w)).collect()).collect();
        let pairs = |pairs: &[(usize, f64)]| pairs.iter().map(|(d, w)| (*d, -w)).collect();
        let inner = match &self.inner {
            Inner::Even { centre, pairs: of } => Inner::Even { centre: centre.map(|w| -w), pairs: pairs(of) },
            Inner::Odd { pairs: of } => Inner::Odd { pairs: pairs(of) },
            Inner::General { taps } => Inner::General { taps: taps.iter().map(|(d, w)| (*d, -w)).collect() },
        };
        Self { length: self.length, inner, head: rows(&self.head), tail: rows(&self.tail) }
    }

    /// Writes the row at place `i` of a column of rows, of which `at` gives each.
    pub(super) fn combine<'a>(&self, i: usize, at: impl Fn(usize) -> &'a [f64], out: &mut [f64]) {
        match self.edge(i) {
            Some(edge) => gathered(edge, (0.0, &[][..]), &|&(j, w)| (w, at(j)), &mut |taps| rows::plain(taps, out)),
            None => self.inner.sum(&|d| at(i.wrapping_add_signed(d)), out),
        }
    }

    /// The results at `kept` of a line, of which the part from `from` is given.
    pub(super) fn along(&self, line: &[f64], from: usize, kept: Range<usize>, out: &mut [f64]) {
        let within = |i: usize| i.clamp(kept.start, kept.end);
        let (first, last) = (within(self.head.len()), within(self.length - self.tail.len()));
        if last > first {
            let shifted = |d: isize| &line[(first - from).wrapping_add_signed(d)..][..last - first];
            self.inner.sum(&shifted, &mut out[first - kept.start..last - kept.start]);
        }
        for i in (kept.start..first).chain(last.max(first)..kept.end) {
            let row = self.edge(i).unwrap_or_default();
            out[i - kept.start] = row.iter().fold(0.0, |sum, (j, w)| sum + w * line[*j - from]);
        }
    }

    /// The part of a line that the results at `kept` are made of.
    pub(super) fn sources(&self, kept: Range<usize>) -> Range<usize> {
        let (before, after) = self.inner.reach();
        let of = |i: usize| match self.edge(i) {
            Some(edge) => edge.first().zip(edge.last()).map(|((first, _), (last, _))| (*first, *last)),
            None => Some((i - before, i + after)),
        };
        kept.clone().filter_map(of).fold(kept, |all, (first, last)| all.start.min(first)..all.end.max(last + 1))
    }

    /// The row of a place that padding reaches.
    fn edge(&self, i: usize) -> Option<&[(usize, f64)]> {
        let last = self.length - self.tail.len();
        match i.checked_sub(last) {
            Some(of_tail) => Some(&self.tail[of_tail]),
            None => self.head.get(i).map(Vec::as_slice),
        }
    }
}

impl Inner {
    /// The kind of some weights, of which the middle one is that of the voxel itself.
    fn new(weights: &[f64]) -> Self {
        let radius = weights.len() / 2;
        let alike = |sign: f64| (1..=radius).all(|d| weights[radius + d] == sign * weights[radius - d]);
        let pairs = || (1..=radius).map(|d| (d, weights[radius + d])).filter(|(_, w)| *w != 0.0).collect();
        let centre = Some(weights[radius]).filter(|w| *w != 0.0);
        if alike(1.0) {
            Self::Even { centre, pairs: pairs() }
        } else if centre.is_none() && alike(-1.0) {
            Self::Odd { pairs: pairs() }
        } else {
            let taps = (0..weights.len()).map(|i| (i as isize - radius as isize, weights[i]));
            Self::General { taps: taps.filter(|(_, w)| *w != 0.0).collect() }
        }
    }

    /// How far before and behind a sample its result depends on the line.
    fn reach(&self) -> (usize, usize) {
        match self {
            Self::Even { pairs, .. } | Self::Odd { pairs } => {
                let reach = pairs.last().map_or(0, |(d, _)| *d);
                (reach, reach)
            }
            Self::General { taps } => {
                let far = |tap: Option<&(isize, f64)>, sign: isize| tap.map_or(0, |(d, _)| (sign * d).max(0) as usize);
                (far(taps.first(), -1), far(taps.last(), 1))
            }
        }
    }

    /// Writes the weighted sum of the rows that `at` gives by their distance.
    fn sum<'a>(&self, at: &impl Fn(isize) -> &'a [f64], out: &mut [f64]) {
        let none = (0.0, &[][..], &[][..]);
        let both = |&(d, w): &(usize, f64)| (w, at(-(d as isize)), at(d as isize));
        match self {
            Self::Even { centre, pairs } => {
                let centre: Option<Tap<'_>> = centre.map(|w| (w, at(0)));
                gathered(pairs, none, &both, &mut |pairs| rows::even(centre.as_slice(), pairs, out));
            }
            Self::Odd { pairs } => gathered(pairs, none, &both, &mut |pairs| rows::odd(pairs, out)),
            Self::General { taps } => {
                gathered(taps, (0.0, &[][..]), &|&(d, w)| (w, at(d)), &mut |taps| rows::plain(taps, out));
            }
        }
    }
}

/// Taps that need no memory of their own.
const FEW: usize = 32;
/// Taps of which short kernels have no more.
const FEWER: usize = 8;

/// Hands a list to `run`, each element made of one of `from`.
pub(super) fn gathered<F, T: Copy>(from: &[F], none: T, make: &impl Fn(&F) -> T, run: &mut impl FnMut(&[T])) {
    if from.len() > FEW {
        return run(&from.iter().map(make).collect::<Vec<_>>());
    }
    if from.len() > FEWER {
        return on_stack::<F, T, FEW>(from, none, make, run);
    }
    on_stack::<F, T, FEWER>(from, none, make, run);
}

fn on_stack<F, T: Copy, const N: usize>(from: &[F], none: T, make: &impl Fn(&F) -> T, run: &mut impl FnMut(&[T])) {
    let mut list = [none; N];
    list.iter_mut().zip(from).for_each(|(slot, from)| *slot = make(from));
    run(&list[..from.len()]);
}

fn convolve(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            out[i + j] += x * y;
        }
    }
    out
}

/// What the result at `i` is made of, with the padding of each stage folded in.
fn folded(i: usize, length: usize, padding: Padding, stages: &Stages) -> Row {
    let mut row = Row::from([(i, 1.0)]);
    for kernel in stages.0.iter().rev() {
        let radius = kernel.radius();
        let mut before = Row::new();
        for (at, weight) in row {
            for (k, h) in kernel.weights().iter().enumerate().filter(|(_, h)| **h != 0.0) {
                if let Some(source) = padding.source(at as isize + radius as isize - k as isize, length) {
                    *before.entry(source).or_insert(0.0) += weight * h;
                }
            }
        }
        row = before;
    }
    row
}
