//! Many separable filters of one image, in one pass over it.

use std::{
    ops::Range,
    sync::{Mutex, PoisonError},
};

use super::{operator::Operator, rows};
use crate::{Executor, IndexBox, View};

/// One separable filter of a bank, and where its response goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// Which of the bank's operators is applied along *x*, *y*, *z*.
    pub operators: [usize; 3],
    /// Which response map it is part of.
    pub map: usize,
    /// What its response is multiplied by.
    pub weight: f64,
    /// Whether its response with the opposite sign is pooled as well.
    pub both_signs: bool,
}

/// How the terms of a map become one response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// Their sum; with weights that sum to one, their average.
    Sum,
    /// For each voxel the largest response of the terms.
    Max,
    /// For each voxel the smallest response of the terms.
    Min,
}

/// Separable filters with operators in common.
///
/// ```
/// use voxomics_imaging::{
///     IndexBox, Serial, View,
///     filters::{Bank, Kernel, Operator, Pooling, Stages, Term},
///     separable::Padding,
/// };
///
/// // Each voxel plus its neighbours along x: a map of sums.
/// let along = |length, weights: &[f64]| {
///     vec![Operator::new(length, Padding::Zero, &[(1.0, Stages(vec![Kernel::new(weights)]))])]
/// };
/// let bank = Bank {
///     operators: [along(3, &[1.0, 1.0, 1.0]), along(1, &[1.0]), along(1, &[1.0])],
///     terms: vec![Term { operators: [0, 0, 0], map: 0, weight: 1.0, both_signs: false }],
///     pooling: Pooling::Sum,
///     maps: 1,
/// };
/// let image = View::new([3, 1, 1], &[1.0, 2.0, 4.0]);
/// assert_eq!(bank.apply(image, &Serial), [[3.0, 7.0, 6.0]]);
/// assert_eq!(bank.apply_in(image, IndexBox { start: [1, 0, 0], end: [2, 1, 1] }, &Serial), [[7.0]]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Bank {
    /// The operators along *x*, *y*, *z*, for lines of the image's length.
    pub operators: [Vec<Operator>; 3],
    /// The filters; each map has one at least.
    pub terms: Vec<Term>,
    /// How the filters of a map become its response.
    pub pooling: Pooling,
    /// Number of response maps.
    pub maps: usize,
}

/// Voxels of one chunk of work, so that a chunk is worth the hand-over to a thread, and its scratch space the having.
const CHUNK_VOXELS: usize = 1 << 18;

/// Chunks that there should be at least.
const CHUNKS: usize = 16;

impl Bank {
    /// The response maps, in the image's unit, *x* fastest. Planes along *z* are combined first, then rows, then
    /// voxels, each combination once for all filters that need it.
    ///
    /// # Panics
    /// If the operators are for other lengths than the image's.
    pub fn apply(&self, image: View<f64>, executor: &dyn Executor) -> Vec<Vec<f64>> {
        self.apply_in(image, IndexBox::whole(image.dims()), executor)
    }

    /// The response maps in a box of the image, at the cost of that box.
    ///
    /// # Panics
    /// If the operators are for other lengths than the image's, or the box exceeds it.
    pub fn apply_in(&self, image: View<f64>, kept: IndexBox, executor: &dyn Executor) -> Vec<Vec<f64>> {
        let [nx, ny, nz] = kept.dims();
        let mut maps = vec![vec![0.0; nx * ny * nz]; self.maps];
        if nx * ny * nz == 0 {
            return maps;
        }
        let mut terms = self.terms.clone();
        terms.sort_by_key(|term| (term.operators[2], term.operators[1], term.operators[0]));
        let part = Part::new(self, image, kept);
        let planes = (CHUNK_VOXELS / (nx * ny)).clamp(1, nz.div_ceil(CHUNKS));
        let mut chunks: Vec<Vec<&mut [f64]>> =
            (0..nz.div_ceil(planes)).map(|_| Vec::with_capacity(self.maps)).collect();
        for map in &mut maps {
            chunks.iter_mut().zip(map.chunks_mut(planes * nx * ny)).for_each(|(chunk, part)| chunk.push(part));
        }
        let chunks: Vec<Mutex<Vec<&mut [f64]>>> = chunks.into_iter().map(Mutex::new).collect();
        executor.for_each(chunks.len(), &|i| {
            // Each chunk is locked once, by the one call that fills it.
            let mut parts = chunks[i].lock().unwrap_or_else(PoisonError::into_inner);
            let mut scratch = Scratch::new(self, &part);
            let count = parts.first().map_or(0, |part| part.len() / (nx * ny));
            for k in 0..count {
                let mut plane: Vec<&mut [f64]> =
                    parts.iter_mut().map(|part| &mut part[k * nx * ny..(k + 1) * nx * ny]).collect();
                self.plane(&part, kept.start[2] + i * planes + k, &terms, &mut plane, &mut scratch);
            }
        });
        drop(chunks);
        maps
    }

    /// The same bank, with each operator and each filter once: mirrored kernels are often equal but for their sign, and
    /// terms that are zero add nothing.
    pub(super) fn without_repeats(mut self) -> Self {
        let mut kept: [Vec<Operator>; 3] = Default::default();
        // For each operator, the equal one that is kept, and its sign.
        let signs: [Vec<(usize, f64)>; 3] = std::array::from_fn(|axis| {
            let kept = &mut kept[axis];
            let mut find = |operator: &Operator| {
                if let Some(at) = kept.iter().position(|other| other == operator) {
                    return (at, 1.0);
                }
                let opposite = operator.negated();
                if let Some(at) = kept.iter().position(|other| *other == opposite) {
                    return (at, -1.0);
                }
                kept.push(operator.clone());
                (kept.len() - 1, 1.0)
            };
            self.operators[axis].iter().map(&mut find).collect()
        });
        let mut terms: Vec<Term> = Vec::new();
        for term in self.terms {
            let found: [(usize, f64); 3] = std::array::from_fn(|axis| signs[axis][term.operators[axis]]);
            let weight = found.iter().fold(term.weight, |weight, (_, sign)| weight * sign);
            let term = Term { operators: found.map(|(at, _)| at), weight, ..term };
            let same = terms.iter_mut().find(|other| {
                let weighs = self.pooling == Pooling::Sum || other.weight.abs() == weight.abs();
                other.map == term.map && other.operators == term.operators && weighs
            });
            match same {
                Some(same) if self.pooling == Pooling::Sum => same.weight += weight,
                Some(same) => same.both_signs |= term.both_signs || same.weight != weight,
                None => terms.push(term),
            }
        }
        if self.pooling == Pooling::Sum {
            let counts =
                |term: &Term| term.weight != 0.0 && (0..3).all(|axis| !kept[axis][term.operators[axis]].is_zero());
            let (some, none): (Vec<Term>, Vec<Term>) = terms.into_iter().partition(counts);
            terms = some;
            for term in none {
                // A map of nothing is zero.
                if terms.iter().all(|other| other.map != term.map) {
                    terms.push(Term { weight: 0.0, ..term });
                }
            }
        }
        self.terms = terms;
        self.operators = kept;
        self
    }

    /// One plane of every map.
    fn plane(&self, part: &Part<'_>, z: usize, terms: &[Term], maps: &mut [&mut [f64]], scratch: &mut Scratch) {
        let Part { image, kept, x, y: rows } = part;
        let (width, nx) = (x.len(), kept.dims()[0]);
        let Scratch { planes, column, line, begun } = scratch;
        for (operator, plane) in self.operators[2].iter().zip(planes.iter_mut()) {
            for (y, row) in rows.clone().zip(plane.chunks_exact_mut(width)) {
                operator.combine(z, |z| &image.row(y, z)[x.clone()], row);
            }
        }
        for (at, y) in (kept.start[1]..kept.end[1]).enumerate() {
            begun.fill(false);
            let mut made = [usize::MAX; 3];
            for term in terms {
                let [along_x, along_y, along_z] = term.operators;
                if [made[1], made[2]] != [along_y, along_z] {
                    let plane = planes[along_z].as_slice();
                    let row = |y: usize| &plane[(y - rows.start) * width..][..width];
                    self.operators[1][along_y].combine(y, row, column);
                    made[0] = usize::MAX;
                }
                if made[0] != along_x {
                    self.operators[0][along_x].along(column, x.start, kept.start[0]..kept.end[0], line);
                }
                made = term.operators;
                let out = &mut maps[term.map][at * nx..(at + 1) * nx];
                let first = !std::mem::replace(&mut begun[term.map], true);
                pool(self.pooling, first, term, line, out);
            }
        }
    }
}

/// Joins a response with what is there, unless it is the first.
fn pool(pooling: Pooling, first: bool, term: &Term, response: &[f64], out: &mut [f64]) {
    let weight = term.weight;
    match (pooling, term.both_signs, first) {
        (_, false, true) => rows::join(response, out, |_, x| weight * x),
        (Pooling::Sum, _, _) => rows::join(response, out, |out, x| out + weight * x),
        (Pooling::Max, false, false) => rows::join(response, out, |out, x| larger(out, weight * x)),
        (Pooling::Min, false, false) => rows::join(response, out, |out, x| -larger(-out, -weight * x)),
        (Pooling::Max, true, true) => rows::join(response, out, |_, x| (weight * x).abs()),
        (Pooling::Min, true, true) => rows::join(response, out, |_, x| -(weight * x).abs()),
        (Pooling::Max, true, false) => rows::join(response, out, |out, x| larger(out, (weight * x).abs())),
        (Pooling::Min, true, false) => rows::join(response, out, |out, x| -larger(-out, (weight * x).abs())),
    }
}

/// The larger of two numbers, the first one where one of them is none.
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// An image, and what of it the response in a box is made of.
struct Part<'a> {
    image: View<'a, f64>,
    kept: IndexBox,
    /// Voxels along *x* that the operators read.
    x: Range<usize>,
    /// Rows that they read.
    y: Range<usize>,
}

impl<'a> Part<'a> {
    fn new(bank: &Bank, image: View<'a, f64>, kept: IndexBox) -> Self {
        let read = |axis: usize| {
            let of = bank.operators[axis].iter().map(|operator| operator.sources(kept.start[axis]..kept.end[axis]));
            of.fold(kept.start[axis]..kept.end[axis], |all, of| all.start.min(of.start)..all.end.max(of.end))
        };
        Self { image, kept, x: read(0), y: read(1) }
    }
}

struct Scratch {
    /// The image combined along *z*, one plane for each operator.
    planes: Vec<Vec<f64>>,
    column: Vec<f64>,
    line: Vec<f64>,
    /// For each map, whether its row has a response yet.
    begun: Vec<bool>,
}

impl Scratch {
    fn new(bank: &Bank, part: &Part<'_>) -> Self {
        let (read, kept) = (part.x.len(), part.kept.dims()[0]);
        let planes = vec![vec![0.0; read * part.y.len()]; bank.operators[2].len()];
        Self { planes, column: vec![0.0; read], line: vec![0.0; kept], begun: vec![false; bank.maps] }
    }
}
