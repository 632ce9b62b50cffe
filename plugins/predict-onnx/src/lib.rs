//! Scores with a model that another program has written as ONNX, such as skl2onnx from scikit-learn.
//!
//! ONNX knows no names of features, no units and no ranges. They stand in a model file beside it, as of every other predictor, which also
//! tells the digest of the ONNX file that it was written for:
//!
//! ```toml
//! [model]
//! plugin = "predict-onnx"
//! name = "forest of the trial"
//! family = "binomial"            # or "gaussian", "cox" (the logarithm of a hazard), "survival" (the order of times)
//! link = "logistic"              # the score is a probability; "identity" for the other families
//! sha256 = "9f86d081…"           # of the ONNX file
//! output = "probabilities"       # the output that has the score; may be left out if there is one of numbers
//! column = 1                     # the column of it, counted from 0; the last if left out
//!
//! [[input]]                      # in the order of the columns that the model takes
//! name = "tumour:glcm.joint_entropy"
//! minimum = 2.9                  # of the training rows, if they are known: a score beyond them has a doubt
//! maximum = 7.4
//! ```
//!
//! The graph runs on [tract](https://docs.rs/tract-onnx). What scikit-learn needs beside that (`ml`) is computed here in double precision.
//! What cannot be computed is refused by its name before an image is read.

mod graph;
mod ml;
mod model;
mod trees;

pub use graph::Graph;
pub use model::Model;

use voxomics_sdk::prelude::*;

/// The predictor.
#[derive(Debug)]
pub struct PredictOnnx(Model);

impl Predictor for PredictOnnx {
    fn describe() -> Description {
        Description::new("onnx", "Scores with a model of another program, as ONNX")
            .setting(
                Setting::file("model", "TOML file that names the inputs of the ONNX file and tells its digest")
                    .required(),
            )
            .setting(Setting::file("onnx", "the ONNX file").required())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let read = |key: &str| {
            let path = settings.file(key)?;
            let shown = path.display().to_string();
            let bytes = std::fs::read(path);
            bytes
                .map(|bytes| (shown.clone(), bytes))
                .map_err(|why| Error::setting(key, format!("{shown} cannot be read: {why}")))
        };
        let (path, text) = read("model")?;
        let text = String::from_utf8(text).map_err(|_| Error::setting("model", format!("{path} is no text")))?;
        let (of, bytes) = read("onnx")?;
        let stated = Model::stated(&text, &path).map_err(|why| Error::setting("model", why))?;
        stated.load(&path, &of, &bytes).map(Self).map_err(|why| Error::setting("onnx", why))
    }

    fn inputs(&self) -> Vec<String> {
        self.0.frame.inputs()
    }

    fn predict(&self, inputs: &[Input], context: &Context) -> Result<Prediction, Error> {
        let (prediction, warnings) = self.0.predict(inputs);
        warnings.iter().for_each(|warning| context.warning(warning));
        Ok(prediction)
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", predictors: [PredictOnnx] }
