//! A model, checked and complete.

use voxomics_sdk::{
    Input, Prediction,
    model::{Family, Faults, Frame, trees::Worth},
};

use crate::{
    boost::Boosted,
    file::{self, File, PLUGIN},
};

/// Trees that are added up, and what happens to their inputs before; every number is finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name, family and link, and the inputs, as the trees count them.
    pub frame: Frame,
    /// The trees.
    pub boosted: Boosted,
}

impl Model {
    /// Reads a model from the text of a file; `path` is only for the messages.
    ///
    /// # Errors
    /// For a text that is not strict TOML of this form, with line and column; otherwise everything that is wrong at
    /// once: numbers that are missing, inputs that occur twice, trees that lead nowhere.
    pub fn parse(text: &str, path: &str) -> Result<Self, String> {
        let file = File::read(text, path)?;
        let mut faults = Faults::default();
        // For the reader alone, but a gap is a gap.
        let worth = |name: &str, worth: Worth, faults: &mut Faults| {
            faults.optional(worth.importance, || format!("the importance of `{name}`")).unwrap_or(0.0)
        };
        let families = [Family::Gaussian, Family::Binomial, Family::Cox];
        let (frame, importance, said, file::Tables { tree }) = file.frame(PLUGIN, &families, &mut faults, worth);
        let base = faults.number(said.base, || "the base".into());
        faults.optional(said.learning_rate, || "the learning rate".into());
        faults.optional(said.subsample, || "the subsample".into());
        let inputs = frame.columns.len();
        let trees = tree.iter().enumerate().filter_map(|(at, tree)| tree.read(at, inputs, &mut faults, |_| Ok(())));
        let trees = trees.collect();
        if tree.is_empty() {
            faults.wrong("it has no `[[tree]]`");
        }
        if let Some(count) = said.trees.filter(|count| *count != tree.len() as u64) {
            faults.wrong(format!("it says that it has {count} trees, and has {}", tree.len()));
        }
        faults.none(path)?;
        Ok(Self { frame, boosted: Boosted { base, trees, importance } })
    }

    /// The inputs of a prediction: those of the trees, then the columns of the batches.
    pub fn inputs(&self) -> Vec<String> {
        self.frame.inputs()
    }

    /// Scores one row of [`inputs`](Self::inputs), and says what is to be warned of. The contributions are those to the sum before
    /// the link; the columns of the batches contribute 0.
    ///
    /// The score is undefined, with the reason, if an input is that is not imputed, or if the batch is unknown and to be
    /// refused.
    pub fn predict(&self, inputs: &[Input]) -> (Prediction, Vec<String>) {
        self.frame.predict(inputs, |row| {
            let sum = self.boosted.sum(row);
            if !sum.is_finite() {
                return Err(format!("the sum of the model `{}` is {sum}", self.frame.name));
            }
            Ok((self.frame.link.score(sum), self.boosted.contributions(row)))
        })
    }
}
