//! A model, checked and complete.

use voxomics_sdk::{
    Input, Prediction,
    model::{Family, Faults, Frame},
};

use crate::{
    file::{self, File, PLUGIN, Worth},
    forest::{Forest, Node, Split, Tree},
};

/// A forest and what happens to its inputs before; every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name and family, and the inputs, as the trees count them.
    pub frame: Frame,
    /// The trees.
    pub forest: Forest,
}

impl Model {
    /// Reads a model from the text of a file; `path` is only for the messages.
    ///
    /// # Errors
    /// For a text that is not strict TOML of this form, with line and column; otherwise everything that is wrong at
    /// once: numbers that are missing, inputs that occur twice, trees that lead nowhere, probabilities outside 0 to 1.
    pub fn parse(text: &str, path: &str) -> Result<Self, String> {
        let file = File::read(text, path)?;
        let mut faults = Faults::default();
        // For the reader alone, but a gap is a gap.
        let worth = |name: &str, worth: Worth, faults: &mut Faults| {
            faults.optional(worth.importance, || format!("the importance of `{name}`"));
        };
        let families = [Family::Gaussian, Family::Binomial, Family::Survival];
        let (frame, _, said, file::Tables { tree }) = file.frame(PLUGIN, &families, &mut faults, worth);
        let grown = tree.iter().enumerate();
        let grown =
            grown.filter_map(|(at, tree)| self::grown(tree, at, frame.columns.len(), frame.family, &mut faults));
        let forest = Forest::new(grown.collect());
        if tree.is_empty() {
            faults.wrong("it has no `[[tree]]`");
        }
        if let Some(count) = said.trees.filter(|count| *count != tree.len() as u64) {
            faults.wrong(format!("it says that it has {count} trees, and has {}", tree.len()));
        }
        faults.none(path)?;
        let forest = forest.ok_or_else(|| format!("{path}: it has no tree"))?;
        Ok(Self { frame, forest })
    }

    /// The inputs of a prediction: those of the trees, then the columns of the batches.
    pub fn inputs(&self) -> Vec<String> {
        self.frame.inputs()
    }

    /// Scores one row of [`inputs`](Self::inputs), and says what is to be warned of. With the mean of the roots of the
    /// trees, the contributions sum to the score; the columns of the batches contribute 0.
    ///
    /// The score is undefined, with the reason, if an input is that is not imputed, or if the batch is unknown and to be
    /// refused.
    pub fn predict(&self, inputs: &[Input]) -> (Prediction, Vec<String>) {
        self.frame.predict(inputs, |row| Ok((self.forest.score(row), self.forest.contributions(row))))
    }
}

/// The tree number `at` of a file.
fn grown(tree: &file::Tree, at: usize, inputs: usize, family: Family, faults: &mut Faults) -> Option<Tree> {
    let file::Tree { feature, threshold, left, right, value } = tree;
    let count = feature.len();
    if [threshold.len(), left.len(), right.len(), value.len()].iter().any(|length| *length != count) {
        faults.wrong(format!("the lists of tree {at} are not of the same length"));
        return None;
    }
    let mut nodes = Vec::with_capacity(count);
    for node in 0..count {
        let threshold = faults.number(Some(threshold[node]), || format!("threshold {node} of tree {at}"));
        let value = faults.number(Some(value[node]), || format!("value {node} of tree {at}"));
        if family == Family::Binomial && !(0.0..=1.0).contains(&value) {
            faults.wrong(format!("value {node} of tree {at} is {value}, and no probability"));
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
