//! Trees in a model file.

use serde::{Deserialize, Serialize};
use voxomics_learning::{
    preprocessing::FittedPipeline,
    trees::{Node, Split, Tree, looks_at},
};

use super::{Faults, Named, Number, file::Harmonisation, write::Range};

/// Of a table `[[input]]` of a model of trees.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worth {
    /// What the model owes to the input, as a share of all inputs.
    pub importance: Option<Number>,
}

/// A table `[[input]]` as it is written.
#[derive(Debug, Serialize)]
pub struct LookedAt {
    name: String,
    #[serde(flatten)]
    range: Range,
    #[serde(flatten)]
    worth: Worth,
}

/// The tables of trees and their inputs, as they are written. Inputs that no tree looks at are left out.
pub struct Tables {
    /// The tables `[[input]]`.
    pub input: Vec<LookedAt>,
    /// The table `[harmonisation]` of these inputs, if anything aligns them.
    pub harmonisation: Option<Harmonisation>,
    /// The tables `[[tree]]`, whose nodes look at the inputs by their place above.
    pub tree: Vec<Listed>,
}

impl Tables {
    /// Those of trees over the columns that preprocessing left, and what each column is worth.
    ///
    /// # Panics
    /// If there are fewer worths than columns, or trees look at more columns.
    pub fn of(named: &Named, pipeline: &FittedPipeline, trees: &[Tree], importance: &[f64]) -> Self {
        let columns = pipeline.columns();
        let looks = looks_at(trees, columns.len());
        let used: Vec<usize> = (0..columns.len()).filter(|j| looks[*j]).collect();
        let places: Vec<usize> = used.iter().map(|j| columns[*j]).collect();
        let mut number = vec![0; columns.len()];
        used.iter().enumerate().for_each(|(at, j)| number[*j] = at);
        let input = |j: &usize| LookedAt {
            name: named.inputs[columns[*j]].clone(),
            range: Range::of(named, pipeline, columns[*j]),
            worth: Worth { importance: Some(importance[*j].into()) },
        };
        Self {
            input: used.iter().map(input).collect(),
            harmonisation: Harmonisation::of(named, pipeline, &places),
            tree: trees.iter().map(|tree| Listed::of(&tree.renumbered(&number))).collect(),
        }
    }
}

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
    ///
    /// ```
    /// use voxomics_learning::trees::Tree;
    /// use voxomics_sdk::model::{Faults, trees::Listed};
    ///
    /// let listed = Listed::of(&Tree::leaf(2.5));
    /// assert_eq!((listed.feature.as_slice(), listed.left.as_slice()), (&[-1][..], &[-1][..]));
    /// let mut faults = Faults::default();
    /// assert_eq!(listed.read(0, 0, &mut faults, |_| Ok(())).unwrap().nodes().len(), 1);
    /// ```
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
