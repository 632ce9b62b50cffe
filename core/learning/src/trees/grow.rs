//! Growing one tree.

use std::cmp::Ordering;

use super::Split;
use crate::{
    Matrix,
    random::{self, Generator},
};

/// By how much a split must be better than another, as a share: what is less than that may be rounding, and then the first stays.
const BETTER: f64 = 1e-10;

/// Where a node has less than this share of the rows, its rows are sorted; otherwise they are picked from those that are sorted already.
const FEW: usize = 16;

/// How far a tree grows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Splits from the root to a leaf at most, if there is a bound.
    pub depth: Option<usize>,
    /// What a leaf must have at least, of what the rule counts.
    pub leaf: f64,
    /// Inputs that each split chooses from; drawn anew for each unless these are all.
    pub tried: usize,
}

/// Where the rows of a node part, in the order of an input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// So many rows go left; above 0, and not all.
    pub left: usize,
    /// How good that is, above 0.
    pub gain: f64,
}

/// What makes a split good.
pub trait Rule {
    /// Looks at the rows of a node, each of which it is asked about next. Tells whether it may be split at all.
    fn enter(&mut self, rows: &[usize]) -> bool;

    /// The best place to cut the rows of the node, which come in the order of an input whose values are `values`; the first of
    /// several that are alike. Only places between two values that differ count, with `leaf` or more on either side.
    fn cut(&mut self, rows: &[usize], values: &[f64], leaf: f64) -> Option<Cut>;
}

/// Whether a gain is greater than another, and not by rounding alone.
pub(super) fn better(gain: f64, than: f64) -> bool {
    gain > than * (1.0 + BETTER)
}

/// Inputs without gaps, with the order of the rows by each of them: all trees share it.
///
/// [`grow`] has an example.
#[derive(Debug, Clone)]
pub struct Sorted<'a> {
    x: &'a Matrix,
    orders: Vec<Vec<u32>>,
}

impl<'a> Sorted<'a> {
    /// Sorts the rows by each input. Rows with the same value come in their own order.
    ///
    /// # Panics
    /// If there are more than 2³² rows.
    pub fn new(x: &'a Matrix) -> Self {
        let order = |column: usize| {
            let mut order: Vec<usize> = (0..x.rows()).collect();
            sort(&mut order, x.column(column));
            order.into_iter().map(|row| u32::try_from(row).expect("fewer rows than 2³²")).collect()
        };
        Self { x, orders: (0..x.columns()).map(order).collect() }
    }

    /// How many inputs there are.
    pub fn columns(&self) -> usize {
        self.orders.len()
    }

    /// The rows of a node, of which `inside` tells whether a row is one, in the order of an input.
    fn order(&self, column: usize, rows: &[usize], inside: &[bool], into: &mut Vec<usize>) {
        into.clear();
        if rows.len() * FEW < inside.len() {
            into.extend_from_slice(rows);
            sort(into, self.x.column(column));
        } else {
            into.extend(self.orders[column].iter().map(|row| *row as usize).filter(|row| inside[*row]));
        }
    }
}

fn sort(rows: &mut [usize], values: &[f64]) {
    rows.sort_by(|a, b| values[*a].partial_cmp(&values[*b]).unwrap_or(Ordering::Equal).then(a.cmp(b)));
}

/// A node of a tree that has grown.
#[derive(Debug, Clone, PartialEq)]
pub struct Grown {
    /// The rows that reach it, rising.
    pub rows: Vec<usize>,
    /// How it goes on; `None` for a leaf.
    pub split: Option<Split>,
    /// What the rule gains by its split; 0 for a leaf.
    pub gain: f64,
}

/// Grows a tree of these rows, which rise: the root first, each node before its children, the left before the right.
///
/// ```
/// use voxomics_learning::{
///     Matrix,
///     random::generator,
///     trees::{Bounds, Sorted, grow, squares::Squares},
/// };
///
/// // Two rows with −1, two with 1: one split parts them.
/// let x = Matrix::new(4, 1, vec![10.0, 20.0, 30.0, 40.0]).unwrap();
/// let (y, weights) = ([-1.0, -1.0, 1.0, 1.0], [1.0; 4]);
/// let bounds = Bounds { depth: None, leaf: 1.0, tried: 1 };
/// let grown = grow(&Sorted::new(&x), vec![0, 1, 2, 3], &mut Squares::new(&y, &weights), bounds, &mut generator(7, 0));
/// let threshold = grown[0].split.unwrap().threshold;
/// assert!(grown.len() == 3 && (20.0..30.0).contains(&threshold));
/// assert_eq!(grown[1].rows, [0, 1]);
/// ```
pub fn grow(
    sorted: &Sorted<'_>,
    rows: Vec<usize>,
    rule: &mut impl Rule,
    bounds: Bounds,
    random: &mut Generator,
) -> Vec<Grown> {
    let mut columns: Vec<usize> = (0..sorted.x.columns()).collect();
    let mut inside = vec![false; sorted.x.rows()];
    let mut nodes: Vec<Grown> = Vec::new();
    // Rows, the splits above them, and whose right child they are.
    let mut open: Vec<(Vec<usize>, usize, Option<usize>)> = vec![(rows, 0, None)];
    while let Some((rows, depth, right_of)) = open.pop() {
        let place = nodes.len();
        if let Some(split) = right_of.and_then(|parent| nodes[parent].split.as_mut()) {
            split.right = place;
        }
        let deep = bounds.depth.is_some_and(|most| depth >= most);
        let found = match !deep && rows.len() > 1 && rule.enter(&rows) {
            true => best(sorted, &rows, &mut inside, rule, bounds, &mut columns, random),
            false => None,
        };
        let Some((feature, threshold, gain)) = found else {
            nodes.push(Grown { rows, split: None, gain: 0.0 });
            continue;
        };
        let values = sorted.x.column(feature);
        let (left, right) = rows.iter().partition(|row| values[**row] <= threshold);
        nodes.push(Grown { rows, split: Some(Split { feature, threshold, left: place + 1, right: place + 1 }), gain });
        open.push((right, depth + 1, Some(place)));
        open.push((left, depth + 1, None));
    }
    nodes
}

/// The best split of a node: input, threshold and gain.
fn best(
    sorted: &Sorted<'_>,
    rows: &[usize],
    inside: &mut [bool],
    rule: &mut impl Rule,
    bounds: Bounds,
    columns: &mut [usize],
    random: &mut Generator,
) -> Option<(usize, f64, f64)> {
    let tried = bounds.tried.min(columns.len());
    if tried < columns.len() {
        random::draw(random, columns, tried);
    }
    rows.iter().for_each(|row| inside[*row] = true);
    let (mut order, mut values) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    let mut best: Option<(usize, f64, f64)> = None;
    for column in &columns[..tried] {
        sorted.order(*column, rows, inside, &mut order);
        values.clear();
        values.extend(order.iter().map(|row| sorted.x.column(*column)[*row]));
        if let Some(cut) = rule.cut(&order, &values, bounds.leaf)
            && best.is_none_or(|(_, _, gain)| better(cut.gain, gain))
        {
            best = Some((*column, between(values[cut.left - 1], values[cut.left]), cut.gain));
        }
    }
    rows.iter().for_each(|row| inside[*row] = false);
    best
}

/// The middle between two numbers, or the lower one where rounding makes the middle the upper one.
fn between(low: f64, high: f64) -> f64 {
    let middle = low / 2.0 + high / 2.0;
    if middle < high { middle } else { low }
}
