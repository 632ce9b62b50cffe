//! Trees, and what they say of a row.

/// A node of a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Node {
    /// Mean of the target over the rows that reach the node, in the target's unit.
    pub value: f64,
    /// How it goes on; `None` for a leaf.
    pub split: Option<Split>,
}

/// Where the rows of a node part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Which input is looked at.
    pub feature: usize,
    /// Rows with at most this go left.
    pub threshold: f64,
    /// Their node; further on in the list than this one, as is that of the others.
    pub left: usize,
    /// The node of the other rows.
    pub right: usize,
}

/// Nodes, the root first, each before its children.
///
/// ```
/// use voxomics_learning::trees::{Node, Split, Tree, looks_at};
///
/// // Rows whose second input is at most 3 have the value 1, the others 5.
/// let root = Node { value: 3.0, split: Some(Split { feature: 1, threshold: 3.0, left: 1, right: 2 }) };
/// let leaf = |value| Node { value, split: None };
/// let tree = Tree::new(vec![root, leaf(1.0), leaf(5.0)], 2).unwrap();
/// let mut steps = Vec::new();
/// assert_eq!(tree.descend(&[0.0, 4.0], |input, change| steps.push((input, change))), (2, 5.0));
/// assert_eq!((steps, tree.nodes().len()), (vec![(1, 2.0)], 3));
/// assert_eq!(looks_at(&[tree, Tree::leaf(1.0)], 2), [false, true]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Tree(Vec<Node>);

impl Tree {
    /// A tree of nodes over so many inputs.
    ///
    /// # Errors
    /// If there is no node, if a number is not finite, if a split looks at no input, or if any node but the root is not
    /// the child of exactly one node before it.
    pub fn new(nodes: Vec<Node>, inputs: usize) -> Result<Self, String> {
        let mut parents = vec![0_usize; nodes.len()];
        for (at, node) in nodes.iter().enumerate() {
            if !node.value.is_finite() {
                return Err(format!("the value of node {at} is {}", node.value));
            }
            let Some(Split { feature, threshold, left, right }) = node.split else { continue };
            if feature >= inputs {
                return Err(format!("node {at} looks at input {feature}, and there are {inputs}, counted from 0"));
            }
            if !threshold.is_finite() {
                return Err(format!("the threshold of node {at} is {threshold}"));
            }
            for child in [left, right] {
                if child <= at || child >= nodes.len() {
                    return Err(format!("node {at} leads to node {child} of {}, expected one after it", nodes.len()));
                }
                parents[child] += 1;
            }
        }
        match parents.iter().skip(1).position(|count| *count != 1) {
            Some(place) => Err(format!("{} nodes lead to node {}, expected 1", parents[place + 1], place + 1)),
            None if nodes.is_empty() => Err("it has no node".into()),
            None => Ok(Self(nodes)),
        }
    }

    /// A tree that says the same of every row.
    pub fn leaf(value: f64) -> Self {
        Self(vec![Node { value, split: None }])
    }

    /// The nodes, the root first.
    pub fn nodes(&self) -> &[Node] {
        &self.0
    }

    /// Looks at the inputs by other numbers: `place[j]` is the new number of input `j`.
    ///
    /// # Panics
    /// If an input has no number.
    pub fn renumbered(&self, place: &[usize]) -> Self {
        let split = |split: Split| Split { feature: place[split.feature], ..split };
        Self(self.0.iter().map(|node| Node { split: node.split.map(split), ..*node }).collect())
    }

    /// The leaf of a row, and its value. Each step on the way is told: the input, and by how much it changes the value.
    ///
    /// # Panics
    /// If the row has fewer inputs than the tree looks at.
    pub fn descend(&self, row: &[f64], mut step: impl FnMut(usize, f64)) -> (usize, f64) {
        let mut at = 0;
        while let Some(Split { feature, threshold, left, right }) = self.0[at].split {
            let next = if row[feature] <= threshold { left } else { right };
            step(feature, self.0[next].value - self.0[at].value);
            at = next;
        }
        (at, self.0[at].value)
    }
}

/// Which of so many inputs some tree looks at.
///
/// [`Tree`] has an example.
pub fn looks_at(trees: &[Tree], inputs: usize) -> Vec<bool> {
    let mut looks = vec![false; inputs];
    let splits = trees.iter().flat_map(|tree| &tree.0).filter_map(|node| node.split);
    splits.for_each(|split| looks[split.feature] = true);
    looks
}
