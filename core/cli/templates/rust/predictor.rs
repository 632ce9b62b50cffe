//! A predictor: edit `inputs` and `predict`.

use voxomics_sdk::prelude::*;

/// The predictor `NAME`.
struct TYPE {
    weight: f64,
}

impl Predictor for TYPE {
    fn describe() -> Description {
        Description::new("NAME", "The weighted mean intensity of the tumour")
            .setting(Setting::number("weight", "what the mean is multiplied with").default(1.0))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { weight: settings.number("weight")? })
    }

    fn inputs(&self) -> Vec<String> {
        vec!["tumour:statistics.mean".into()]
    }

    fn predict(&self, inputs: &[Input], _: &Context) -> Result<Prediction, Error> {
        Ok(match inputs[0].value() {
            Ok(mean) => Prediction::score(self.weight * mean),
            Err(reason) => Prediction::none(format!("tumour:statistics.mean: {reason}")),
        })
    }
}

voxomics_sdk::export_plugin! { vendor: "Your laboratory", predictors: [TYPE] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{TestHost, settings};

    use super::*;

    #[test]
    fn a_missing_input_gives_a_reason() {
        let predictor = TYPE::configure(&settings(&TYPE::describe(), "{}").expect("settings")).expect("a predictor");
        let host = TestHost::new();
        let predict = |input| predictor.predict(&[input], &host.context()).expect("an answer").score;
        assert_eq!(predict(Input::Value(2.5)), Ok(2.5));
        assert!(predict(Input::Undefined("flat".into())).is_err());
    }
}
