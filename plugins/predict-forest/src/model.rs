//! A model, checked and complete.

use voxomics_sdk::{Input, Prediction};

use crate::{
    faults::Faults,
    file::{self, File, PLUGIN},
    forest::{Forest, Node, Split, Tree},
    harmonise::{Aligned, Harmonisation},
};

pub use crate::file::{Family, Link};

/// An input of the trees.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// `region:column` of a feature, or the column of a covariate.
    pub name: String,
    /// Stands in for a missing value, if one may be missing.
    pub imputed: Option<f64>,
    /// What aligns its batches, if they are aligned.
    pub aligned: Option<Aligned>,
}

/// A forest and what happens to its inputs before; every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name of the model.
    pub name: String,
    /// What is predicted.
    pub family: Family,
    /// The inputs, as the trees count them; none twice.
    pub columns: Vec<Column>,
    /// The trees.
    pub forest: Forest,
    /// Batches, if they are aligned.
    pub harmonisation: Option<Harmonisation>,
    /// Whether the numbers are invented, to show how a model file works.
    pub demonstration: bool,
}

impl Model {
    /// Reads a model from the text of a file; `path` is only for the messages.
    ///
    /// # Errors
    /// For a text that is not strict TOML of this form, with line and column; otherwise everything that is wrong at
    /// once: numbers that are missing, inputs that occur twice, trees that lead nowhere, probabilities outside 0 to 1.
    pub fn parse(text: &str, path: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| {
            let (line, column) = error.span().map_or((1, 1), |span| place(text, span.start));
            format!("{path}, line {line}, column {column}: {}", error.message().trim_end())
        })?;
        let mut faults = Faults::default();
        let File { model: about, input, tree, harmonisation, .. } = file;
        if about.plugin != PLUGIN {
            faults.wrong.push(format!("it is a model of the plugin `{}`, not of `{PLUGIN}`", about.plugin));
        }
        if (about.family == Family::Binomial) != (about.link == Link::Logistic) {
            faults.wrong.push("the link \"logistic\" belongs to the family \"binomial\", and to no other".into());
        }
        let columns = columns(input, harmonisation.as_ref(), &mut faults);
        let trees = tree.iter().enumerate();
        let trees = trees.filter_map(|(at, tree)| grown(tree, at, columns.len(), about.family, &mut faults)).collect();
        let forest = Forest::new(trees);
        if tree.is_empty() {
            faults.wrong.push("it has no `[[tree]]`".into());
        }
        if let Some(count) = about.trees.filter(|count| *count != tree.len() as u64) {
            faults.wrong.push(format!("it says that it has {count} trees, and has {}", tree.len()));
        }
        match (faults.told(), forest) {
            (None, Some(forest)) => {
                let file::About { name, family, demonstration, .. } = about;
                let harmonisation = harmonisation.map(Harmonisation::read);
                Ok(Self { name, family, columns, forest, harmonisation, demonstration })
            }
            (wrong, _) => Err(format!("{path}: {}", wrong.unwrap_or_default())),
        }
    }

    /// The inputs of a prediction: those of the trees, then the columns of the batches.
    pub fn inputs(&self) -> Vec<String> {
        let batches = self.harmonisation.iter().flat_map(|h| &h.batches);
        self.columns.iter().map(|column| &column.name).chain(batches).cloned().collect()
    }

    /// Scores one row of [`inputs`](Self::inputs), and says what is to be warned of. With the mean of the roots of the
    /// trees, the contributions sum to the score; the columns of the batches contribute 0.
    ///
    /// The score is undefined, with the reason, if an input is that is not imputed, if the batch is unknown and to be
    /// refused.
    pub fn predict(&self, inputs: &[Input]) -> (Prediction, Vec<String>) {
        let mut warnings = Vec::new();
        if self.demonstration {
            warnings.push(format!("the model `{}` is a demonstration: its numbers are invented", self.name));
        }
        let prediction = match self.row(inputs, &mut warnings) {
            Err(reason) => Prediction::none(reason),
            Ok(row) => {
                let mut contributions = self.forest.contributions(&row);
                contributions.resize(inputs.len(), 0.0);
                Prediction { score: Ok(self.forest.score(&row)), contributions }
            }
        };
        (prediction, warnings)
    }

    /// What the trees are shown: without gaps, aligned.
    fn row(&self, inputs: &[Input], warnings: &mut Vec<String>) -> Result<Vec<f64>, String> {
        let (name, expected) = (&self.name, self.inputs().len());
        let parts = inputs.split_at_checked(self.columns.len()).filter(|_| inputs.len() == expected);
        let (values, batches) =
            parts.ok_or_else(|| format!("the model has {expected} inputs, not {}", inputs.len()))?;
        let batch = match &self.harmonisation {
            Some(harmonisation) => harmonisation.batch(batches, warnings)?,
            None => None,
        };
        let mut row = Vec::with_capacity(values.len());
        let (mut reasons, mut imputed) = (Vec::new(), Vec::new());
        for (column, input) in self.columns.iter().zip(values) {
            let x = match (input.value(), column.imputed) {
                (Ok(x), _) if x.is_finite() => x,
                (Ok(x), _) => {
                    reasons.push(format!("`{}` is {x}", column.name));
                    continue;
                }
                (Err(reason), Some(x)) => {
                    imputed.push(format!("`{}` ({reason})", column.name));
                    x
                }
                (Err(reason), None) => {
                    reasons.push(format!("`{}`: {reason}", column.name));
                    continue;
                }
            };
            row.push(match (&column.aligned, batch) {
                (Some(aligned), Some(batch)) => aligned.apply(x, batch),
                _ => x,
            });
        }
        if !reasons.is_empty() {
            return Err(format!("the model `{name}` has no value of {}", reasons.join("; ")));
        }
        if !imputed.is_empty() {
            let what = imputed.join(", ");
            warnings.push(format!("the model `{name}` takes the value of its training rows in place of {what}"));
        }
        Ok(row)
    }
}

fn columns(inputs: Vec<file::Input>, table: Option<&file::Harmonisation>, faults: &mut Faults) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::with_capacity(inputs.len());
    for input in inputs {
        let file::Input { name, imputed, minimum, maximum, importance, .. } = input;
        let mut optional = |what: &str, number: Option<file::Number>| {
            number.map(|number| faults.number(Some(number), || format!("the {what} of `{name}`")))
        };
        // For the reader alone, but a gap is a gap.
        optional("minimum", minimum);
        optional("maximum", maximum);
        optional("importance", importance);
        let imputed = optional("imputed value", imputed);
        let found = table.map(|table| (table.input.iter().find(|aligned| aligned.name == name), &table.batches));
        let aligned = match found {
            Some((Some(aligned), batches)) => Some(Aligned::read(aligned, batches, faults)),
            Some((None, _)) => {
                faults.wrong.push(format!("`[harmonisation]` has no `[[harmonisation.input]]` of `{name}`"));
                None
            }
            None => None,
        };
        if columns.iter().any(|other| other.name == name) {
            faults.wrong.push(format!("the input `{name}` occurs twice"));
        }
        columns.push(Column { name, imputed, aligned });
    }
    columns
}

/// The tree number `at` of a file.
fn grown(tree: &file::Tree, at: usize, inputs: usize, family: Family, faults: &mut Faults) -> Option<Tree> {
    let file::Tree { feature, threshold, left, right, value } = tree;
    let count = feature.len();
    if [threshold.len(), left.len(), right.len(), value.len()].iter().any(|length| *length != count) {
        faults.wrong.push(format!("the lists of tree {at} are not of the same length"));
        return None;
    }
    let mut nodes = Vec::with_capacity(count);
    for node in 0..count {
        let threshold = faults.number(Some(threshold[node]), || format!("threshold {node} of tree {at}"));
        let value = faults.number(Some(value[node]), || format!("value {node} of tree {at}"));
        if family == Family::Binomial && !(0.0..=1.0).contains(&value) {
            faults.wrong.push(format!("value {node} of tree {at} is {value}, and no probability"));
        }
        let split = match (feature[node], left[node], right[node]) {
            (-1, -1, -1) => None,
            numbers => match (usize::try_from(numbers.0), usize::try_from(numbers.1), usize::try_from(numbers.2)) {
                (Ok(feature), Ok(left), Ok(right)) => Some(Split { feature, threshold, left, right }),
                _ => {
                    let what = "has some negative numbers: a leaf has three, another node none";
                    faults.wrong.push(format!("tree {at}: node {node} {what}"));
                    return None;
                }
            },
        };
        nodes.push(Node { value, split });
    }
    Tree::new(nodes, inputs).map_err(|why| faults.wrong.push(format!("tree {at}: {why}"))).ok()
}

/// Line and column, from 1, of a position in a text.
fn place(text: &str, position: usize) -> (usize, usize) {
    let before = text.get(..position).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}
