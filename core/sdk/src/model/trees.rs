//! Trees in a model file.

use serde::{Deserialize, Serialize};
use voxomics_learning::trees::{Node, Split, Tree};

use super::{Faults, Number};

/// A table `[[tree]]`: one entry of each list for each node, the root first, nodes counted from 0.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// The input that the node looks at, counted from 0; −1 for a leaf.
    pub feature: Vec<i64>,
    /// Rows with at most this go left; 0 for a leaf.
    pub threshold: Vec<Number>,
    /// The node that they go to; −1 for a leaf.
    pub left: Vec<i64>,
    /// The node of the other rows; −1 for a leaf.
    pub right: Vec<i64>,
    /// What the node says of the rows that reach it.
    pub value: Vec<Number>,
}

impl Listed {
    /// The lists of a tree.
    pub fn of(tree: &Tree) -> Self {
        let nodes = tree.nodes();
        let place = |of: &dyn Fn(&Split) -> usize| {
            let number = |node: &Node| node.split.as_ref().map_or(-1, |split| of(split) as i64);
            nodes.iter().map(number).collect()
        };
        Self {
            feature: place(&|split| split.feature),
            threshold: nodes
                .iter()
                .map(|node| Number::Known(node.split.map_or(0.0, |split| split.threshold)))
                .collect(),
            left: place(&|split| split.left),
            right: place(&|split| split.right),
            value: nodes.iter().map(|node| Number::Known(node.value)).collect(),
        }
    }

    /// The tree number `at` of a file, over so many inputs; what is wrong with it goes to `faults`. `sound` tells what a value that
    /// it may not have is no …: `"probability"`.
    pub fn read(
        &self,
        at: usize,
        inputs: usize,
        faults: &mut Faults,
        sound: impl Fn(f64) -> Result<(), &'static str>,
    ) -> Option<Tree> {
        let Self { feature, threshold, left, right, value } = self;
        let count = feature.len();
        if [threshold.len(), left.len(), right.len(), value.len()].iter().any(|length| *length != count) {
            faults.wrong(format!("the lists of tree {at} are not of the same length"));
            return None;
        }
        let mut nodes = Vec::with_capacity(count);
        for node in 0..count {
            let threshold = faults.number(Some(threshold[node]), || format!("threshold {node} of tree {at}"));
            let value = faults.number(Some(value[node]), || format!("value {node} of tree {at}"));
            if let Err(what) = sound(value) {
                faults.wrong(format!("value {node} of tree {at} is {value}, and no {what}"));
            }
            let split = match (feature[node], left[node], right[node]) {
                (-1, -1, -1) => None,
                numbers => match (usize::try_from(numbers.0), usize::try_from(numbers.1), usize::try_from(numbers.2)) {
                    (Ok(feature), Ok(left), Ok(right)) => Some(Split { feature, threshold, left, right }),
                    _ => {
                        let what = "has some negative numbers: a leaf has three, another node none";
                        faults.wrong(format!("tree {at}: node {node} {what}"));
                        return None;
                    }
                },
            };
            nodes.push(Node { value, split });
        }
        Tree::new(nodes, inputs).map_err(|why| faults.wrong(format!("tree {at}: {why}"))).ok()
    }
}
