//! A model, checked and complete.

use voxomics_sdk::{Input, Prediction};

use crate::file::{self, File, Number, PLUGIN, UnknownBatch};

pub use crate::file::{Family, Link};

/// Where the numbers of a model come from, for whoever is told that they are missing.
const SUPPLY: &str = "Train the model, or supply them from where it was published; a number is never guessed.";

/// One term of the sum: `coefficient · (x − centre) / scale`.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// `region:column` of a feature, or the column of a covariate.
    pub name: String,
    /// Weight of the scaled input; not 0.
    pub coefficient: f64,
    /// In the input's unit.
    pub centre: f64,
    /// In the input's unit; above 0.
    pub scale: f64,
    /// Stands in for a missing value, if one may be missing.
    pub imputed: Option<f64>,
    /// What aligns its batches, if they are aligned.
    pub aligned: Option<Aligned>,
}

/// What aligns the batches of an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Aligned {
    /// The grand mean.
    pub mean: f64,
    /// The pooled standard deviation; above 0.
    pub deviation: f64,
    /// Of each batch, in pooled standard deviations from the grand mean.
    pub location: Vec<f64>,
    /// Of each batch, in pooled standard deviations; above 0.
    pub scale: Vec<f64>,
}

/// Batches that were learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Harmonisation {
    /// Columns of 0 and 1.
    pub batches: Vec<String>,
    /// Whether rows of other batches have no score; otherwise they are scored as they are.
    pub refuse: bool,
}

/// `score = link(intercept + Σ coefficient · (x − centre) / scale)`; every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name of the model.
    pub name: String,
    /// What is predicted.
    pub family: Family,
    /// From the sum to the score.
    pub link: Link,
    /// What the sum begins with.
    pub intercept: f64,
    /// The terms, in the order of the sum; no input twice.
    pub terms: Vec<Term>,
    /// Batches, if they are aligned.
    pub harmonisation: Option<Harmonisation>,
    /// Whether the numbers are invented, to show how a model file works.
    pub demonstration: bool,
}

/// Everything that is wrong with a file.
#[derive(Default)]
struct Faults {
    gaps: Vec<String>,
    wrong: Vec<String>,
}

impl Faults {
    /// The number, or a note that it is missing.
    fn number(&mut self, what: String, number: Option<Number>, default: Option<f64>) -> f64 {
        let value = match number {
            Some(Number::Known(value)) => Some(value),
            Some(Number::Unknown) => None,
            None => default,
        };
        value.unwrap_or_else(|| {
            self.gaps.push(what);
            1.0
        })
    }

    fn above_zero(&mut self, what: &str, value: f64) {
        if value <= 0.0 {
            self.wrong.push(format!("{what} is {value}, expected a number above 0"));
        }
    }
}

impl Model {
    /// Reads a model from the text of a file; `path` is only for the messages.
    ///
    /// # Errors
    /// For a text that is not strict TOML of this form, with line and column; otherwise everything that is wrong at
    /// once: every number that is missing, inputs that occur twice, and impossible scales.
    pub fn parse(text: &str, path: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| {
            let (line, column) = error.span().map_or((1, 1), |span| place(text, span.start));
            format!("{path}, line {line}, column {column}: {}", error.message().trim_end())
        })?;
        let mut faults = Faults::default();
        let about = file.model;
        if about.plugin != PLUGIN {
            faults.wrong.push(format!("it is a model of the plugin `{}`, not of `{PLUGIN}`", about.plugin));
        }
        if (about.family == Family::Binomial) != (about.link == Link::Logistic) {
            faults.wrong.push("the link \"logistic\" belongs to the family \"binomial\", and to no other".into());
        }
        let intercept = faults.number("the intercept".into(), about.intercept, None);
        let harmonisation = file.harmonisation;
        let mut terms: Vec<Term> = Vec::with_capacity(file.input.len());
        for input in file.input {
            let aligned = harmonisation.as_ref().and_then(|h| h.input.iter().find(|a| a.name == input.name));
            let aligned = aligned.map(|aligned| align(aligned, &harmonisation, &mut faults));
            if harmonisation.is_some() && aligned.is_none() {
                faults.wrong.push(format!("`[harmonisation]` has no `[[harmonisation.input]]` of `{}`", input.name));
            }
            let term = term(input, aligned, &mut faults);
            if terms.iter().any(|other| other.name == term.name) {
                faults.wrong.push(format!("the input `{}` occurs twice", term.name));
            }
            terms.push(term);
        }
        let Faults { gaps, mut wrong } = faults;
        if !gaps.is_empty() {
            let count = if gaps.len() == 1 { "a number is".into() } else { format!("{} numbers are", gaps.len()) };
            wrong.insert(0, format!("{count} missing: {}. {SUPPLY}", gaps.join(", ")));
        }
        if !wrong.is_empty() {
            return Err(format!("{path}: {}", wrong.join("; ")));
        }
        terms.retain(|term| term.coefficient != 0.0);
        let harmonisation = harmonisation
            .map(|h| Harmonisation { batches: h.batches, refuse: h.unknown_batch == UnknownBatch::Refuse });
        let file::About { name, family, link, demonstration, .. } = about;
        Ok(Self { name, family, link, intercept, terms, harmonisation, demonstration })
    }

    /// The inputs of a prediction: those of the terms, then the columns of the batches.
    pub fn inputs(&self) -> Vec<String> {
        let batches = self.harmonisation.iter().flat_map(|h| &h.batches);
        self.terms.iter().map(|term| &term.name).chain(batches).cloned().collect()
    }

    /// Scores one row of [`inputs`](Self::inputs), and says what is to be warned of.
    ///
    /// The score is undefined, with the reason, if an input is that is not imputed, if the batch is unknown and to be
    /// refused, or if the sum leaves the range of numbers. The columns of the batches contribute 0.
    pub fn predict(&self, inputs: &[Input]) -> (Prediction, Vec<String>) {
        let mut warnings = Vec::new();
        let name = &self.name;
        if self.demonstration {
            warnings.push(format!("the model `{name}` is a demonstration: its numbers are invented"));
        }
        let expected = self.inputs().len();
        let Some((values, batches)) = inputs.split_at_checked(self.terms.len()).filter(|_| inputs.len() == expected)
        else {
            let reason = format!("the model has {expected} inputs, not {}", inputs.len());
            return (Prediction::none(reason), warnings);
        };
        let batch = match self.batch(batches, &mut warnings) {
            Ok(batch) => batch,
            Err(reason) => return (Prediction::none(reason), warnings),
        };
        let mut contributions = Vec::with_capacity(inputs.len());
        let (mut reasons, mut imputed) = (Vec::new(), Vec::new());
        for (term, input) in self.terms.iter().zip(values) {
            let x = match (input.value(), term.imputed) {
                (Ok(x), _) if x.is_finite() => x,
                (Ok(x), _) => {
                    reasons.push(format!("`{}` is {x}", term.name));
                    continue;
                }
                (Err(reason), Some(x)) => {
                    imputed.push(format!("`{}` ({reason})", term.name));
                    x
                }
                (Err(reason), None) => {
                    reasons.push(format!("`{}`: {reason}", term.name));
                    continue;
                }
            };
            contributions.push(term.contribution(x, batch));
        }
        if !reasons.is_empty() {
            let reason = format!("the model `{name}` has no value of {}", reasons.join("; "));
            return (Prediction::none(reason), warnings);
        }
        if !imputed.is_empty() {
            let what = imputed.join(", ");
            warnings.push(format!("the model `{name}` takes the value of its training rows in place of {what}"));
        }
        (self.score(contributions, batches.len()), warnings)
    }

    fn score(&self, mut contributions: Vec<f64>, batches: usize) -> Prediction {
        let sum = contributions.iter().fold(self.intercept, |sum, contribution| sum + contribution);
        if !sum.is_finite() {
            let name = &self.name;
            return Prediction::none(format!("the sum of the model `{name}` is {sum}: an input is out of scale"));
        }
        contributions.extend(std::iter::repeat_n(0.0, batches));
        let score = match self.link {
            Link::Identity => sum,
            Link::Logistic => 1.0 / (1.0 + (-sum).exp()),
        };
        Prediction { score: Ok(score), contributions }
    }

    /// The batch of a row; `None` if nothing is to be aligned.
    fn batch(&self, inputs: &[Input], warnings: &mut Vec<String>) -> Result<Option<usize>, String> {
        let Some(harmonisation) = &self.harmonisation else { return Ok(None) };
        let mut found = None;
        for (batch, (name, input)) in harmonisation.batches.iter().zip(inputs).enumerate() {
            match input.value() {
                Ok(0.0) => {}
                Ok(1.0) if found.is_none() => found = Some(batch),
                Ok(1.0) => return Err(format!("the row is of two batches, one of them `{name}`")),
                Ok(x) => return Err(format!("`{name}` is {x}, expected 0 or 1")),
                Err(reason) => return Err(format!("the batch is not known: `{name}`: {reason}")),
            }
        }
        let known = harmonisation.batches.join("`, `");
        match (found, harmonisation.refuse) {
            (None, true) => Err(format!("the row is of a batch that the model does not know; it knows `{known}`")),
            (None, false) => {
                warnings.push(format!(
                    "the row is of a batch that the model does not know, and is not aligned (`{known}`)"
                ));
                Ok(None)
            }
            (found, _) => Ok(found),
        }
    }
}

impl Term {
    fn contribution(&self, x: f64, batch: Option<usize>) -> f64 {
        let x = match (&self.aligned, batch) {
            (Some(aligned), Some(batch)) => {
                let z = (x - aligned.mean) / aligned.deviation;
                aligned.deviation * ((z - aligned.location[batch]) / aligned.scale[batch]) + aligned.mean
            }
            _ => x,
        };
        self.coefficient * ((x - self.centre) / self.scale)
    }
}

fn term(input: file::Input, aligned: Option<Aligned>, faults: &mut Faults) -> Term {
    let file::Input { name, coefficient, centre, scale, deviation, imputed, minimum, maximum, .. } = input;
    let mut optional = |what: &str, number: Option<Number>| {
        number.map(|number| faults.number(format!("the {what} of `{name}`"), Some(number), None))
    };
    // For the reader alone, but a gap is a gap.
    optional("deviation", deviation);
    optional("minimum", minimum);
    optional("maximum", maximum);
    let imputed = optional("imputed value", imputed);
    let coefficient = faults.number(format!("the coefficient of `{name}`"), coefficient, None);
    let centre = faults.number(format!("the centre of `{name}`"), centre, Some(0.0));
    let scale = faults.number(format!("the scale of `{name}`"), scale, Some(1.0));
    faults.above_zero(&format!("the scale of `{name}`"), scale);
    Term { name, coefficient, centre, scale, imputed, aligned }
}

fn align(aligned: &file::Aligned, harmonisation: &Option<file::Harmonisation>, faults: &mut Faults) -> Aligned {
    let file::Aligned { name, mean, deviation, location, scale } = aligned;
    let batches: &[String] = harmonisation.as_ref().map_or(&[], |h| &h.batches);
    for (what, list) in [("locations", location), ("scales", scale)] {
        if list.len() != batches.len() {
            let (found, expected) = (list.len(), batches.len());
            faults.wrong.push(format!("`{name}` has {found} {what} for {expected} batches"));
        }
    }
    let mean = faults.number(format!("the mean of `{name}`"), *mean, None);
    let deviation = faults.number(format!("the deviation of `{name}`"), *deviation, None);
    faults.above_zero(&format!("the deviation of `{name}`"), deviation);
    let mut of = |what: &str, list: &[Number]| -> Vec<f64> {
        let pairs = list.iter().zip(batches);
        pairs.map(|(x, batch)| faults.number(format!("the {what} of `{name}` in `{batch}`"), Some(*x), None)).collect()
    };
    let (location, scale) = (of("location", location), of("scale", scale));
    for (scale, batch) in scale.iter().zip(batches) {
        faults.above_zero(&format!("the scale of `{name}` in `{batch}`"), *scale);
    }
    Aligned { mean, deviation, location, scale }
}

/// Line and column, from 1, of a position in a text.
fn place(text: &str, position: usize) -> (usize, usize) {
    let before = text.get(..position).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[start..].chars().count() + 1)
}
