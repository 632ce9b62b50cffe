//! A predictor that answers with its input, or with a fault.

use voxomics_sdk::prelude::*;

use crate::{Fuse, faults, panic_if, panic_setting};

/// The predictor `faulty`.
pub struct Faulty {
    fuse: Fuse,
    input: String,
}

impl Predictor for Faulty {
    fn describe() -> Description {
        Description::new("faulty", "Its input, or a fault")
            .setting(panic_setting())
            .setting(Setting::text("input", "name of the input").required())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { fuse: Fuse::new(settings)?, input: settings.text("input")?.to_owned() })
    }

    fn inputs(&self) -> Vec<String> {
        panic_if(&self.fuse.0, "names");
        vec![self.input.clone()]
    }

    fn predict(&self, inputs: &[Input], _: &Context) -> Result<Prediction, Error> {
        let x = match inputs[0].value() {
            Ok(x) => x,
            Err(reason) => return Ok(Prediction::none(reason)),
        };
        let mut prediction = Prediction::score(x);
        match faults::of(x) {
            "predict.panic" => panic!("the score of {x} is unspeakable"),
            "predict.nan" => prediction.score = Ok(f64::NAN),
            "predict.too_many_contributions" => prediction.contributions = vec![1.0, 2.0],
            "predict.contribution_infinite" => prediction.contributions = vec![f64::INFINITY],
            _ => {}
        }
        Ok(prediction)
    }
}
