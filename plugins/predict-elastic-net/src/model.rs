//! A model, checked and complete.

use voxomics_sdk::{
    Input, Prediction,
    model::{Family, Faults, Frame, Number},
};

use crate::file::{File, PLUGIN, Weight};

/// One term of the sum: `coefficient · (x − centre) / scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// Weight of the scaled input; not 0.
    pub coefficient: f64,
    /// In the input's unit.
    pub centre: f64,
    /// In the input's unit; above 0.
    pub scale: f64,
}

/// `score = link(intercept + Σ coefficient · (x − centre) / scale)`; every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name, family and link, and its inputs, one for each term.
    pub frame: Frame,
    /// What the sum begins with.
    pub intercept: f64,
    /// The terms, in the order of the sum.
    pub terms: Vec<Term>,
}

impl Model {
    /// Reads a model from the text of a file; `path` is only for the messages.
    ///
    /// # Errors
    /// For a text that is not strict TOML of this form, with line and column; otherwise everything that is wrong at
    /// once: every number that is missing, inputs that occur twice, and impossible scales.
    pub fn parse(text: &str, path: &str) -> Result<Self, String> {
        let file = File::read(text, path)?;
        let mut faults = Faults::default();
        let intercept = faults.number(file.model.intercept, || "the intercept".into());
        let families = [Family::Gaussian, Family::Binomial, Family::Cox];
        let (mut frame, mut terms, _, _) = file.frame(PLUGIN, &families, &mut faults, term);
        faults.none(path)?;
        let mut counts = terms.iter().map(|term| term.coefficient != 0.0);
        frame.columns.retain(|_| counts.next() == Some(true));
        terms.retain(|term| term.coefficient != 0.0);
        Ok(Self { frame, intercept, terms })
    }

    /// The inputs of a prediction: those of the terms, then the columns of the batches.
    pub fn inputs(&self) -> Vec<String> {
        self.frame.inputs()
    }

    /// Scores one row of [`inputs`](Self::inputs), and says what is to be warned of.
    ///
    /// The score is undefined, with the reason, if an input is that is not imputed, if the batch is unknown and to be
    /// refused, or if the sum leaves the range of numbers. The columns of the batches contribute 0.
    pub fn predict(&self, inputs: &[Input]) -> (Prediction, Vec<String>) {
        self.frame.predict(inputs, |row| {
            let terms = self.terms.iter().zip(row);
            let contributions: Vec<f64> = terms.map(|(t, x)| t.coefficient * ((x - t.centre) / t.scale)).collect();
            let sum = contributions.iter().fold(self.intercept, |sum, contribution| sum + contribution);
            if !sum.is_finite() {
                let name = &self.frame.name;
                return Err(format!("the sum of the model `{name}` is {sum}: an input is out of scale"));
            }
            Ok((self.frame.link.score(sum), contributions))
        })
    }
}

fn term(name: &str, weight: Weight, faults: &mut Faults) -> Term {
    let Weight { coefficient, centre, scale, deviation } = weight;
    // For the reader alone, but a gap is a gap.
    faults.optional(deviation, || format!("the deviation of `{name}`"));
    let coefficient = faults.number(coefficient, || format!("the coefficient of `{name}`"));
    let centre = faults.number(centre.or(Some(Number::Known(0.0))), || format!("the centre of `{name}`"));
    let scale = faults.number(scale.or(Some(Number::Known(1.0))), || format!("the scale of `{name}`"));
    faults.above_zero(scale, || format!("the scale of `{name}`"));
    Term { coefficient, centre, scale }
}
