//! Trees whose mean is the score.

pub use voxomics_learning::trees::{Node, Split, Tree};

/// Trees whose mean is the score.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    trees: Vec<Tree>,
}

impl Forest {
    /// A forest; of no tree, it scores nothing.
    pub fn new(trees: Vec<Tree>) -> Option<Self> {
        if trees.is_empty() { None } else { Some(Self { trees }) }
    }

    /// The trees.
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The score of a row: the mean of its leaves.
    ///
    /// # Panics
    /// If the row has fewer inputs than the trees look at.
    pub fn score(&self, row: &[f64]) -> f64 {
        let sum: f64 = self.trees.iter().map(|tree| tree.descend(row, |_, _| {}).1).sum();
        sum / self.trees.len() as f64
    }

    /// What each input adds to the mean of the roots on the way to the leaves (A. Saabas, "Interpreting random forests",
    /// 2014): with that mean they sum to the score, but for rounding. They say how this forest came to the score, not what
    /// the input does to the target.
    ///
    /// # Panics
    /// If the row has fewer inputs than the trees look at.
    pub fn contributions(&self, row: &[f64]) -> Vec<f64> {
        let mut contributions = vec![0.0; row.len()];
        for tree in &self.trees {
            tree.descend(row, |feature, change| contributions[feature] += change);
        }
        contributions.iter().map(|sum| sum / self.trees.len() as f64).collect()
    }
}
