//! What surrounds the mathematics of a model: its inputs, what stands in for those that are missing, and its batches.

use std::collections::HashSet;

use super::{
    Family, Faults, File, Link,
    file::{self, About},
    harmonise::{Aligned, Harmonisation},
    parts::Parts,
};
use crate::{Input, Prediction};

/// A model without its mathematics, checked and complete; every number is finite.
///
/// [`File`](super::File) has an example of a file and its frame.
///
/// ```
/// use voxomics_sdk::{
///     Input,
///     model::{Column, Family, Frame, Link},
/// };
///
/// let column = Column { name: "tumour:statistics.mean".into(), imputed: Some(40.0), aligned: None };
/// let frame = Frame {
///     name: "one line".into(),
///     family: Family::Gaussian,
///     link: Link::Identity,
///     columns: vec![column],
///     harmonisation: None,
///     demonstration: false,
/// };
/// // A value that is missing is that of the training rows, and there is a warning.
/// let (prediction, warnings) =
///     frame.predict(&[Input::Missing("it was not computed".into())], |row| Ok((2.0 * row[0], vec![])));
/// assert_eq!((frame.inputs().len(), prediction.score, warnings.len()), (1, Ok(80.0), 1));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Name of the model.
    pub name: String,
    /// What is predicted.
    pub family: Family,
    /// From a sum to the score.
    pub link: Link,
    /// The inputs in their order, none twice.
    pub columns: Vec<Column>,
    /// Batches, if they are aligned.
    pub harmonisation: Option<Harmonisation>,
    /// Whether the numbers are invented, to show how a model file works.
    pub demonstration: bool,
}

/// An input of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// `region:column` of a feature, or the column of a covariate.
    pub name: String,
    /// Stands in for a missing value, if one may be missing.
    pub imputed: Option<f64>,
    /// What aligns its batches, if they are aligned.
    pub aligned: Option<Aligned>,
}

impl<M, I, R> File<M, I, R> {
    /// Checks what a file says of a model of `plugin`, which predicts these families; what is wrong goes to `faults`.
    /// `own` makes what it likes of the model's own keys of each input, whose name it is given. Returns these, the
    /// model's own keys of `[model]`, and its own tables beside the frame.
    pub fn frame<T>(
        self,
        plugin: &str,
        families: &[Family],
        faults: &mut Faults,
        mut own: impl FnMut(&str, I, &mut Faults) -> T,
    ) -> (Frame, Vec<T>, M, R) {
        let Self { about, model, input, harmonisation, rest } = self;
        check(&about, plugin, families, faults);
        let About { name, family, link, demonstration, .. } = about;
        let mut columns: Vec<Column> = Vec::with_capacity(input.len());
        let mut owned = Vec::with_capacity(input.len());
        let mut names = HashSet::with_capacity(input.len());
        for Parts { common, own: keys } in input.into_iter().filter(|input| !input.common.unused) {
            let column = column(common, harmonisation.as_ref(), faults);
            if !names.insert(column.name.clone()) {
                faults.wrong(format!("the input `{}` occurs twice", column.name));
            }
            owned.push(own(&column.name, keys, faults));
            columns.push(column);
        }
        let harmonisation = harmonisation.map(Harmonisation::read);
        (Frame { name: name.0, family, link, columns, harmonisation, demonstration }, owned, model, rest)
    }
}

fn check(about: &About, plugin: &str, families: &[Family], faults: &mut Faults) {
    if about.plugin != plugin {
        faults.wrong(format!("it is a model of the plugin `{}`, not of `{plugin}`", about.plugin));
    }
    if !families.contains(&about.family) {
        let words: Vec<String> = families.iter().map(|family| format!("\"{}\"", family.word())).collect();
        faults.wrong(format!("the family is \"{}\", expected {}", about.family.word(), words.join(" or ")));
    }
    if (about.family == Family::Binomial) != (about.link == Link::Logistic) {
        faults.wrong("the link \"logistic\" belongs to the family \"binomial\", and to no other");
    }
}

fn column(input: file::Input, table: Option<&file::Harmonisation>, faults: &mut Faults) -> Column {
    let file::Input { name: super::Name(name), imputed, minimum, maximum, .. } = input;
    // For the host and the reader alone, but a gap is a gap.
    faults.optional(minimum, || format!("the minimum of `{name}`"));
    faults.optional(maximum, || format!("the maximum of `{name}`"));
    let imputed = faults.optional(imputed, || format!("the imputed value of `{name}`"));
    let found = table.map(|table| (table.input.iter().find(|aligned| aligned.name == name), table));
    let aligned = match found {
        Some((Some(aligned), table)) => Some(Aligned::read(aligned, table, faults)),
        Some((None, table)) if table.unaligned.contains(&name) => None,
        Some((None, _)) => {
            faults.wrong(format!("`[harmonisation]` has no `[[harmonisation.input]]` of `{name}`"));
            None
        }
        None => None,
    };
    Column { name, imputed, aligned }
}

impl Frame {
    /// The inputs of a prediction: the columns, those of the batches, then the covariates that harmonisation keeps and that
    /// are no columns.
    pub fn inputs(&self) -> Vec<String> {
        let batches = self.harmonisation.iter().flat_map(|h| &h.batches);
        self.columns.iter().map(|column| &column.name).chain(batches).chain(self.beside()).cloned().collect()
    }

    /// The covariates that harmonisation keeps and that are no columns.
    fn beside(&self) -> impl Iterator<Item = &String> {
        let kept = self.harmonisation.iter().flat_map(|harmonisation| &harmonisation.kept);
        kept.filter(|name| self.columns.iter().all(|column| column.name != **name))
    }

    /// The values of the covariates that harmonisation keeps, from all [`inputs`](Self::inputs).
    fn kept(&self, inputs: &[Input]) -> Result<Vec<f64>, String> {
        let Some(harmonisation) = &self.harmonisation else { return Ok(Vec::new()) };
        let named = self.columns.iter().map(|column| &column.name).zip(inputs);
        let beside = self.beside().zip(&inputs[self.columns.len() + harmonisation.batches.len()..]);
        let all: Vec<(&String, &Input)> = named.chain(beside).collect();
        let of = |name: &String| all.iter().find(|(other, _)| *other == name).map(|(_, input)| (*input).clone());
        let values: Vec<Input> = harmonisation.kept.iter().filter_map(of).collect();
        harmonisation.kept(&values).map_err(|why| why.to_string())
    }

    /// Scores one row of [`inputs`](Self::inputs), and says what is to be warned of. `score` is given the columns without
    /// gaps, aligned, and tells the score and what each of them contributed; the columns of the batches contribute 0.
    ///
    /// The score is undefined, with the reason, if an input is that is not imputed, if the batch is unknown and to be
    /// refused, or if `score` says so or leaves the range of numbers.
    pub fn predict(
        &self,
        inputs: &[Input],
        score: impl FnOnce(&[f64]) -> Result<(f64, Vec<f64>), String>,
    ) -> (Prediction, Vec<String>) {
        let mut warnings = Vec::new();
        if self.demonstration {
            warnings.push(format!("the model `{}` is a demonstration: its numbers are invented", self.name));
        }
        let scored = self.row(inputs, &mut warnings).and_then(|row| score(&row));
        let prediction = match scored {
            Err(reason) => Prediction::none(reason),
            Ok((score, _)) if !score.is_finite() => {
                Prediction::none(format!("the score of the model `{}` is {score}: an input is out of scale", self.name))
            }
            Ok((score, mut contributions)) => {
                contributions.resize(inputs.len(), 0.0);
                Prediction::score(score).because(contributions)
            }
        };
        (prediction, warnings)
    }

    /// The columns of a row without gaps, aligned.
    fn row(&self, inputs: &[Input], warnings: &mut Vec<String>) -> Result<Vec<f64>, String> {
        let batches = self.harmonisation.as_ref().map_or(0, |harmonisation| harmonisation.batches.len());
        let expected = self.columns.len() + batches + self.beside().count();
        if inputs.len() != expected {
            return Err(format!("the model has {expected} inputs, not {}", inputs.len()));
        }
        let (values, rest) = inputs.split_at(self.columns.len());
        let batches = &rest[..batches];
        let kept = self.kept(inputs)?;
        let batch = match &self.harmonisation {
            Some(harmonisation) => harmonisation.batch(batches, warnings).map_err(|why| why.to_string())?,
            None => None,
        };
        let mut row = Vec::with_capacity(values.len());
        let (mut reasons, mut imputed) = (Vec::new(), Vec::new());
        for (column, input) in self.columns.iter().zip(values) {
            let name = &column.name;
            let x = match (input.value(), column.imputed) {
                (Ok(x), _) if x.is_finite() => x,
                (Ok(x), _) => {
                    reasons.push(format!("`{name}` is {x}"));
                    continue;
                }
                (Err(reason), Some(x)) => {
                    imputed.push(format!("`{name}` ({reason})"));
                    x
                }
                (Err(reason), None) => {
                    reasons.push(format!("`{name}`: {reason}"));
                    continue;
                }
            };
            row.push(match (&column.aligned, batch) {
                (Some(aligned), Some(batch)) => aligned.apply(x, batch, &kept),
                _ => x,
            });
        }
        let name = &self.name;
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
