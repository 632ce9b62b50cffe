//! What a model file says of an ONNX file, and both together.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use voxomics_sdk::{
    Input, Prediction,
    model::{Family, Faults, File, Frame, Link},
};

use crate::graph::Graph;

/// What the file says that it is of.
const PLUGIN: &str = "predict-onnx";

/// Of the table `[model]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    sha256: String,
    output: Option<String>,
    column: Option<usize>,
}

/// Nothing more.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// What a model file says.
#[derive(Debug)]
pub struct Stated {
    frame: Frame,
    of: Of,
}

/// An ONNX file and what is known of it.
#[derive(Debug)]
pub struct Model {
    /// Name and family, and the inputs.
    pub frame: Frame,
    graph: Graph,
    column: usize,
}

impl Model {
    /// Reads the model file; `path` is only for the messages.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn stated(text: &str, path: &str) -> Result<Stated, String> {
        let file = File::<Of, Nothing, Nothing>::read(text, path)?;
        let mut faults = Faults::default();
        let families = [Family::Gaussian, Family::Binomial, Family::Cox, Family::Survival];
        let (frame, _, of, _) = file.frame(PLUGIN, &families, &mut faults, |_, _, _| ());
        if frame.columns.is_empty() {
            faults.wrong("it has no `[[input]]`: name each column that the model takes, in their order");
        }
        faults.none(path)?;
        Ok(Stated { frame, of })
    }

    /// Scores a row, and says what is to be warned of. Nobody knows what each input contributed.
    pub fn predict(&self, inputs: &[Input]) -> (Prediction, Vec<String>) {
        let (mut prediction, warnings) = self.frame.predict(inputs, |row| {
            let score = self.graph.run(row)?.get(self.column).copied();
            let score = score.ok_or("the model has given no number")?;
            if self.frame.link == Link::Logistic && !(0.0..=1.0).contains(&score) {
                return Err(format!("the model `{}` gives {score}, and no probability", self.frame.name));
            }
            Ok((score, Vec::new()))
        });
        prediction.contributions.clear();
        (prediction, warnings)
    }
}

impl Stated {
    /// Takes the bytes of the ONNX file; the paths are only for the messages.
    ///
    /// # Errors
    /// If it is another file, or one that cannot be computed.
    pub fn load(self, path: &str, onnx: &str, bytes: &[u8]) -> Result<Model, String> {
        let Self { frame, of } = self;
        let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if !digest.eq_ignore_ascii_case(&of.sha256) {
            return Err(format!(
                "{onnx} is another file than the one of {path}: its SHA-256 is {digest}, and `sha256` says {}",
                of.sha256
            ));
        }
        let graph =
            Graph::read(bytes, of.output.as_deref(), frame.columns.len()).map_err(|why| format!("{onnx}: {why}"))?;
        // A row of zeros: what cannot be computed is known before the first patient.
        let width = graph.run(&vec![0.0; frame.columns.len()]).map_err(|why| format!("{onnx}: {why}"))?.len();
        let column = of.column.unwrap_or(width.saturating_sub(1));
        if column >= width {
            return Err(format!("{onnx}: the output has {width} columns, counted from 0, and `column` is {column}"));
        }
        if of.column.is_none() && width > 2 {
            return Err(format!("{onnx}: the output has {width} columns: say by `column` which of them is the score"));
        }
        Ok(Model { frame, graph, column })
    }
}
