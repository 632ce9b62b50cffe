//! Separable filters, turned by right angles.
//!
//! The 24 proper rotations of a volume (4 of a slice) turn a separable filter into one whose kernels are permuted among
//! the axes, and some of them mirrored: an even number for an even permutation, an odd number for an odd one.

use super::{
    bank::{Bank, Pooling, Term},
    operator::{Operator, Stages},
};
use crate::separable::Padding;

/// What becomes of a filter's rotations.
///
/// ```
/// use voxomics_imaging::filters::Rotation;
///
/// assert_eq!((Rotation::from_word("max"), Rotation::from_word("all")), (Some(Rotation::Max), None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// The filter as it is.
    None,
    /// The average of all rotations.
    Average,
    /// The largest response of all rotations.
    Max,
    /// The smallest response of all rotations.
    Min,
}

impl Rotation {
    /// The settings' words, the default first.
    pub const WORDS: [&str; 4] = ["none", "average", "max", "min"];

    /// The rotation of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        let rotations = [Self::None, Self::Average, Self::Max, Self::Min];
        Self::WORDS.iter().zip(rotations).find(|(known, _)| **known == word).map(|(_, rotation)| rotation)
    }

    pub(super) fn pooling(self) -> Pooling {
        match self {
            Self::None | Self::Average => Pooling::Sum,
            Self::Max => Pooling::Max,
            Self::Min => Pooling::Min,
        }
    }
}

/// Separable filters of an image, each along *x*, *y*, *z* with one of some one-dimensional filters.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     filters::{Kernel, Rotation, Separable, Stages},
///     separable::Padding,
/// };
///
/// // The sum of three along x. Of all rotations, the largest is that along the longer row of ones.
/// let stages = vec![Stages(vec![Kernel::new(&[1.0, 1.0, 1.0])]), Stages(vec![Kernel::identity()])];
/// let filter = |rotation| Separable {
///     stages: stages.clone(),
///     maps: vec![[0, 1, 1]],
///     axes: 2,
///     rotation,
///     padding: Padding::Zero,
/// };
/// let image = [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0];
/// let middle = |rotation| filter(rotation).bank([3, 3, 1]).apply(View::new([3, 3, 1], &image), &Serial)[0][4];
/// assert_eq!((middle(Rotation::None), middle(Rotation::Max), middle(Rotation::Average)), (1.0, 3.0, 2.0));
/// assert_eq!((filter(Rotation::None).margin([9; 3]), filter(Rotation::Max).margin([9; 3])), ([1, 0, 0], [1, 1, 0]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Separable {
    /// The one-dimensional filters.
    pub stages: Vec<Stages>,
    /// For each response map, which of them is applied along *x*, *y*, *z*.
    pub maps: Vec<[usize; 3]>,
    /// Number of axes that are filtered and turned: 3, or 2 within each slice.
    pub axes: usize,
    /// What becomes of the rotations.
    pub rotation: Rotation,
    /// What lies beyond the edges of the scan.
    pub padding: Padding,
}

impl Separable {
    /// How many voxels around a voxel its response depends on, along each axis of a scan of `dims`.
    pub fn margin(&self, dims: [usize; 3]) -> [usize; 3] {
        let of = |axis: &usize| self.maps.iter().map(|map| self.stages[map[*axis]].radius()).max().unwrap_or(0);
        let turned = (0..self.axes).map(|axis| of(&axis)).max().unwrap_or(0);
        std::array::from_fn(|axis| match self.rotation {
            _ if axis >= self.axes => 0,
            Rotation::None => self.padding.margin(of(&axis), dims[axis]),
            _ => self.padding.margin(turned, dims[axis]),
        })
    }

    /// The filters for an image of `dims`.
    pub fn bank(&self, dims: [usize; 3]) -> Bank {
        let mut kinds = Kinds::default();
        let mut terms = Vec::new();
        for (map, along) in self.maps.iter().enumerate() {
            let turned = self.turned(*along);
            let share = 1.0 / turned.iter().map(|turn| turn.count).sum::<f64>();
            for turn in turned {
                match self.rotation {
                    Rotation::None => terms.push(kinds.term(map, along.map(|of| (of, Part::Whole)), 1.0)),
                    Rotation::Average => {
                        terms.push(kinds.term(map, self.parts(turn.along, Part::Even), turn.count * share));
                        // Of mirror images, in which the odd parts have other signs, only an excess is left.
                        if turn.excess != 0.0 {
                            terms.push(kinds.term(map, self.parts(turn.along, Part::Odd), turn.excess * share));
                        }
                    }
                    Rotation::Max | Rotation::Min => {
                        for mirrored in turn.mirrored(self.axes) {
                            let parts = std::array::from_fn(|axis| {
                                (turn.along[axis], if mirrored[axis] { Part::Mirrored } else { Part::Whole })
                            });
                            terms.push(kinds.term(map, parts, 1.0));
                        }
                    }
                }
            }
        }
        let operators = std::array::from_fn(|axis| {
            kinds.0[axis].iter().map(|(of, part)| self.operator(dims[axis], *of, *part)).collect()
        });
        Bank { operators, terms, pooling: self.rotation.pooling(), maps: self.maps.len() }.without_repeats()
    }

    fn parts(&self, along: [usize; 3], part: Part) -> [(usize, Part); 3] {
        std::array::from_fn(|axis| (along[axis], if axis < self.axes { part } else { Part::Whole }))
    }

    fn operator(&self, length: usize, of: usize, part: Part) -> Operator {
        let stages = &self.stages[of];
        let sum = match part {
            Part::Whole => vec![(1.0, stages.clone())],
            Part::Mirrored => vec![(1.0, stages.reversed())],
            Part::Even => vec![(0.5, stages.clone()), (0.5, stages.reversed())],
            Part::Odd => vec![(0.5, stages.clone()), (-0.5, stages.reversed())],
        };
        Operator::new(length, self.padding, &sum)
    }

    /// The permutations of the kernels among the turned axes, equal ones together.
    fn turned(&self, along: [usize; 3]) -> Vec<Turned> {
        const PERMUTATIONS: [([usize; 3], f64); 6] = [
            ([0, 1, 2], 1.0),
            ([1, 0, 2], -1.0),
            ([1, 2, 0], 1.0),
            ([2, 0, 1], 1.0),
            ([0, 2, 1], -1.0),
            ([2, 1, 0], -1.0),
        ];
        let count = match (self.rotation, self.axes) {
            (Rotation::None, _) => 1,
            (_, 2) => 2,
            _ => 6,
        };
        let mut found: Vec<Turned> = Vec::new();
        for (permutation, sign) in &PERMUTATIONS[..count] {
            let along = permutation.map(|of| along[of]);
            match found.iter_mut().find(|turned| turned.along == along) {
                Some(turned) => {
                    turned.count += 1.0;
                    turned.excess += sign;
                }
                None => found.push(Turned { along, count: 1.0, excess: *sign }),
            }
        }
        found
    }
}

/// Which part of a one-dimensional filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Mirrored,
    Even,
    Odd,
}

/// A permutation of the kernels among the axes.
struct Turned {
    along: [usize; 3],
    /// How many rotations have it, as a multiple of those that a permutation has.
    count: f64,
    /// How many more of these are even than odd.
    excess: f64,
}

impl Turned {
    /// Along which axes the kernels are mirrored, for each rotation.
    fn mirrored(&self, axes: usize) -> Vec<[bool; 3]> {
        let all = (0..1_usize << axes).map(|bits| std::array::from_fn(|axis| bits >> axis & 1 == 1));
        let fits = |mirrored: &[bool; 3]| {
            let odd = mirrored.iter().filter(|mirrored| **mirrored).count() % 2 == 1;
            // Of two equal kernels, the exchange is no change: then both kinds of permutation are there.
            self.excess.abs() < self.count || odd == (self.excess < 0.0)
        };
        all.filter(fits).collect()
    }
}

/// The operators that are needed along each axis, each once.
#[derive(Default)]
struct Kinds([Vec<(usize, Part)>; 3]);

impl Kinds {
    fn term(&mut self, map: usize, parts: [(usize, Part); 3], weight: f64) -> Term {
        let operators = std::array::from_fn(|axis| {
            let kinds = &mut self.0[axis];
            kinds.iter().position(|kind| *kind == parts[axis]).unwrap_or_else(|| {
                kinds.push(parts[axis]);
                kinds.len() - 1
            })
        });
        Term { operators, map, weight, both_signs: false }
    }
}
