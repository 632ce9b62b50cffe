//! Boosting: tree after tree.

use voxomics_learning::{
    Error, Executor, Matrix, Response, random,
    trees::{Bounds, Node, Sorted, Tree, grow, squares::Squares},
};

use crate::loss::Loss;

/// How trees are grown and added.
#[derive(Debug, Clone, PartialEq)]
pub struct Boosting {
    /// How many, at least 1.
    pub trees: usize,
    /// The part of each that is added, above 0 and at most 1.
    pub rate: f64,
    /// Splits from the root to a leaf at most, at least 1.
    pub depth: usize,
    /// Rows in a leaf at least.
    pub leaf: usize,
    /// The share of the rows that each tree is grown on, drawn without replacement; all at 1.
    pub share: f64,
    /// Inputs that each split chooses from, drawn anew; all if there is none.
    pub tried: Option<usize>,
}

/// Trees that are added up.
#[derive(Debug, Clone, PartialEq)]
pub struct Boosted {
    /// What the sum begins with.
    pub base: f64,
    /// The trees, with what they add.
    pub trees: Vec<Tree>,
    /// What the splits on each input gain, as a share of all splits; the sum is 1, or 0 if there is no split. Inputs of many values
    /// are favoured.
    pub importance: Vec<f64>,
}

impl Boosting {
    /// Grows the trees, one after the other, on inputs without gaps.
    ///
    /// # Errors
    /// If numbers are out of range, or if the executor is asked to give up.
    pub fn grow(
        &self,
        x: &Matrix,
        response: &Response,
        weights: &[f64],
        seed: u64,
        executor: &dyn Executor,
    ) -> Result<Boosted, Error> {
        let loss = Loss::new(response, weights)?;
        let (centre, scale) = loss.unscaled();
        let base = loss.base(weights);
        let sorted = Sorted::new(x);
        let whole = by_row(x);
        let counting: Vec<usize> = (0..x.rows()).filter(|row| weights[*row] > 0.0).collect();
        let mut sums = vec![base; x.rows()];
        let mut importance = vec![0.0; x.columns()];
        let mut trees = Vec::with_capacity(self.trees);
        for at in 0..self.trees {
            if executor.cancelled() {
                return Err(Error::Cancelled);
            }
            let residuals = loss.residuals(&sums, weights);
            let nodes = self.tree(&sorted, &counting, &residuals, weights, random::derive(seed, at as u64));
            for node in &nodes {
                node.split.iter().for_each(|split| importance[split.feature] += node.gain);
            }
            let value = |rows: &[usize]| self.rate * loss.leaf(rows, &residuals, &sums, weights);
            let nodes = nodes.iter().map(|node| Node { value: value(&node.rows), split: node.split }).collect();
            let tree = Tree::new(nodes, x.columns())
                .map_err(|why| Error::Unsolved(format!("tree {at} is not sound: {why}")))?;
            for (sum, row) in sums.iter_mut().zip(&whole) {
                *sum += tree.descend(row, |_, _| {}).1;
            }
            let node = |node: &Node| Node { value: scale * node.value, ..*node };
            trees.push(
                Tree::new(tree.nodes().iter().map(node).collect(), x.columns())
                    .map_err(|why| Error::Unsolved(format!("tree {at} is not sound: {why}")))?,
            );
        }
        let total: f64 = importance.iter().sum();
        if total > 0.0 {
            importance.iter_mut().for_each(|importance| *importance /= total);
        }
        Ok(Boosted { base: centre + scale * base, trees, importance })
    }

    /// One tree of some of the rows that count.
    fn tree(
        &self,
        sorted: &Sorted<'_>,
        counting: &[usize],
        residuals: &[f64],
        weights: &[f64],
        seed: u64,
    ) -> Vec<voxomics_learning::trees::Grown> {
        let mut random = random::generator(seed, 0);
        let mut rows = counting.to_vec();
        if self.share < 1.0 {
            let count = ((self.share * rows.len() as f64) as usize).max(1);
            random::draw(&mut random, &mut rows, count);
            rows.truncate(count);
            rows.sort_unstable();
        }
        let tried = self.tried.unwrap_or(usize::MAX);
        let bounds = Bounds { depth: Some(self.depth), leaf: self.leaf as f64, tried };
        grow(sorted, rows, &mut Squares::new(residuals, weights), bounds, &mut random)
    }
}

impl Boosted {
    /// The sum of a row, before the link.
    ///
    /// # Panics
    /// If the row has fewer inputs than the trees look at.
    pub fn sum(&self, row: &[f64]) -> f64 {
        self.trees.iter().fold(self.base, |sum, tree| sum + tree.descend(row, |_, _| {}).1)
    }

    /// What each input adds on the way from the roots of the trees to the leaves: with the base and the roots they come to the sum,
    /// but for rounding. They say how these trees came to the score, not what the input does to the target.
    ///
    /// # Panics
    /// If the row has fewer inputs than the trees look at.
    pub fn contributions(&self, row: &[f64]) -> Vec<f64> {
        let mut contributions = vec![0.0; row.len()];
        for tree in &self.trees {
            tree.descend(row, |feature, change| contributions[feature] += change);
        }
        contributions
    }
}

/// The rows, each with all of its inputs.
pub fn by_row(x: &Matrix) -> Vec<Vec<f64>> {
    (0..x.rows()).map(|i| (0..x.columns()).map(|j| x.column(j)[i]).collect()).collect()
}
