//! Growing trees.

use serde::Deserialize;
use smartcore::{
    ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters},
    linalg::basic::matrix::DenseMatrix,
};
use voxomics_learning::{Error, Executor, Matrix, algebra, executor, trees::Scaled};

use crate::{
    forest::{Forest, Node, Split, Tree},
    random::Random,
};

/// Trees that are grown together: they share the order of the rows by each input.
const TOGETHER: usize = 20;

/// How trees are grown.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// How many, at least 1.
    pub trees: usize,
    /// Splits from the root to a leaf at most, if there is a bound.
    pub depth: Option<u16>,
    /// Drawn rows in a leaf at least; a row that is drawn twice counts twice.
    pub leaf: usize,
    /// Inputs that each split chooses from, if not that of [`per_split`].
    pub per_split: Option<usize>,
}

/// A forest and what its inputs are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Grown {
    /// The trees.
    pub forest: Forest,
    /// By how much the splits on each input reduce the variance of the target (of times: the statistics χ² of their log-rank tests),
    /// as a share of all splits; the sum is 1, or 0 if there is no split. Inputs of many values are favoured.
    pub importance: Vec<f64>,
}

/// What is learnt from: inputs without gaps, what is to be predicted, and how much each row counts.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The inputs.
    pub x: &'a Matrix,
    /// The target; 0 and 1 for a class.
    pub y: &'a [f64],
    /// Whether it is a class.
    pub class: bool,
    /// The weights.
    pub weights: &'a [f64],
}

/// The usual number of inputs that each split chooses from: the square root of all for a class or a time (`few`), a third for a
/// number (L. Breiman's implementation, 2001; H. Ishwaran's, 2008), at least 1.
pub fn per_split(inputs: usize, few: bool) -> usize {
    let count = if few { inputs.isqrt() } else { inputs / 3 };
    count.max(1)
}

impl Growth {
    /// Grows the trees: each from as many rows as there are, drawn with replacement in proportion to their weights, and
    /// split where the variance of the target falls most (for classes, that is where Gini's impurity does).
    ///
    /// The trees are cut into groups of a fixed number, which have seeds of their own.
    ///
    /// # Errors
    /// If numbers are out of range, or if the executor is asked to give up.
    pub fn grow(&self, rows: Rows<'_>, per_split: usize, seed: u64, executor: &dyn Executor) -> Result<Grown, Error> {
        let scaled = scaled(rows)?;
        let inputs = rows.x.columns();
        if inputs == 0 {
            let forest = Forest::new(vec![Tree::leaf(algebra::mean(rows.y, rows.weights))]);
            return Ok(Grown { forest: forest.ok_or_else(none)?, importance: Vec::new() });
        }
        let groups = executor::map(executor, self.trees.div_ceil(TOGETHER), &|group| {
            let count = TOGETHER.min(self.trees - group * TOGETHER);
            self.group(rows, &scaled, count, per_split, Random::part(seed, group as u64))
        })?;
        let mut importance = vec![0.0; inputs];
        let mut trees = Vec::with_capacity(self.trees);
        for Raw { nodes } in groups.into_iter().flatten() {
            let pruned = prune(&nodes)?;
            for (node, gain) in &pruned {
                node.split.iter().for_each(|split| importance[split.feature] += gain);
            }
            let value = |node: Node| Node { value: scaled.centre + scaled.scale * node.value, ..node };
            let nodes = pruned.into_iter().map(|(node, _)| value(node)).collect();
            trees.push(Tree::new(nodes, inputs).map_err(|why| Error::Unsolved(format!("a tree is not sound: {why}")))?);
        }
        let total: f64 = importance.iter().sum();
        if total > 0.0 {
            importance.iter_mut().for_each(|importance| *importance /= total);
        }
        let forest = Forest::new(trees).ok_or_else(none)?;
        Ok(Grown { forest, importance })
    }

    /// Trees that are grown together.
    fn group(
        &self,
        rows: Rows<'_>,
        scaled: &Scaled,
        count: usize,
        per_split: usize,
        mut random: Random,
    ) -> Result<Vec<Raw>, Error> {
        // The library draws the rows and the inputs of its first tree from the same stream: in random order, which rows
        // are drawn has nothing to do with which inputs are.
        let order = random.order(rows.y.len());
        let pick = |values: &[f64]| order.iter().map(|i| values[*i]).collect::<Vec<f64>>();
        let x: Vec<f64> = (0..rows.x.columns()).flat_map(|j| pick(rows.x.column(j))).collect();
        let failed = |why: smartcore::error::Failed| Error::Unsolved(format!("no tree can be grown: {why}"));
        let x = DenseMatrix::new(rows.y.len(), rows.x.columns(), x, true).map_err(failed)?;
        let parameters = RandomForestRegressorParameters {
            // The library counts nodes from the root to a leaf.
            max_depth: self.depth.map(|splits| splits.saturating_add(1)),
            min_samples_leaf: self.leaf,
            min_samples_split: self.leaf.saturating_mul(2).max(2),
            n_trees: count,
            m: Some(per_split.clamp(1, rows.x.columns())),
            keep_samples: false,
            seed: random.draw(),
        };
        let (y, weights) = (pick(&scaled.y), pick(rows.weights));
        let grown = match weights.iter().all(|weight| *weight == weights[0]) {
            true => RandomForestRegressor::fit(&x, &y, parameters),
            false => RandomForestRegressor::fit_with_weights(&x, &y, &weights, parameters),
        };
        read(&grown.map_err(failed)?)
    }
}

fn none() -> Error {
    Error::input("a forest has at least one tree")
}

/// The target as it is handed to the library. Sums of classes are exact as they are.
fn scaled(rows: Rows<'_>) -> Result<Scaled, Error> {
    match rows.class {
        true => Ok(Scaled { centre: 0.0, scale: 1.0, y: rows.y.to_vec() }),
        false => Scaled::of(rows.y, rows.weights),
    }
}

/// The library's account of a forest.
#[derive(Deserialize)]
struct Account {
    forest_regressor: Trees,
}

#[derive(Deserialize)]
struct Trees {
    trees: Vec<Raw>,
}

/// A tree as the library holds it.
#[derive(Deserialize)]
struct Raw {
    nodes: Vec<RawNode>,
}

#[derive(Deserialize)]
struct RawNode {
    output: f64,
    split_feature: usize,
    split_value: Option<f64>,
    split_score: Option<f64>,
    true_child: Option<usize>,
    false_child: Option<usize>,
}

impl RawNode {
    fn split(&self) -> Option<Split> {
        let (left, right) = (self.true_child?, self.false_child?);
        Some(Split { feature: self.split_feature, threshold: self.split_value?, left, right })
    }
}

/// The nodes are open to nobody but a serialiser.
fn read(grown: &RandomForestRegressor<f64, f64, DenseMatrix<f64>, Vec<f64>>) -> Result<Vec<Raw>, Error> {
    let account = serde_json::to_value(grown).and_then(serde_json::from_value::<Account>);
    let account = account.map_err(|why| Error::Unsolved(format!("a tree cannot be read: {why}")))?;
    Ok(account.forest_regressor.trees)
}

/// Nodes depth first, with what their splits gain; splits below which all leaves say the same are taken away, as the
/// library goes on splitting rows of one class.
fn prune(raw: &[RawNode]) -> Result<Vec<(Node, f64)>, Error> {
    let outside = || Error::Unsolved("a tree leads to a node that does not exist".into());
    // Children come after their parents: backwards, both are known before their parent is looked at.
    let mut alike: Vec<Option<f64>> = vec![None; raw.len()];
    for (at, node) in raw.iter().enumerate().rev() {
        alike[at] = match node.split() {
            None => Some(node.output),
            Some(split) if split.left > at && split.right > at => {
                let of = |child: usize| alike.get(child).copied().ok_or_else(outside);
                let (left, right) = (of(split.left)?, of(split.right)?);
                left.filter(|_| left == right)
            }
            Some(_) => return Err(outside()),
        };
    }
    let mut nodes: Vec<(Node, f64)> = Vec::new();
    // A node to visit, and whose right child it is.
    let mut open: Vec<(usize, Option<usize>)> = vec![(0, None)];
    while let Some((at, right_of)) = open.pop() {
        let place = nodes.len();
        if let Some(split) = right_of.and_then(|parent| nodes[parent].0.split.as_mut()) {
            split.right = place;
        }
        let node = raw.get(at).ok_or_else(outside)?;
        let split = node.split().filter(|_| alike[at].is_none());
        if let Some(split) = split {
            open.push((split.right, Some(place)));
            open.push((split.left, None));
        }
        let split = split.map(|split| Split { left: place + 1, ..split });
        let value = alike[at].unwrap_or(node.output);
        nodes.push((Node { value, split }, node.split_score.unwrap_or(0.0)));
    }
    Ok(nodes)
}
