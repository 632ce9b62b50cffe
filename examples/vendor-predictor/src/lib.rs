//! A closed predictor: whoever has the library has the scores, not the weights' source.
//!
//! THE WEIGHTS ARE INVENTED FOR DEMONSTRATION. They come from no patient, and the score means nothing.

mod licence;

use voxomics_sdk::prelude::*;

/// An input with what the model makes of it, weight · (x − centre) / scale, and its range in training.
struct Weight {
    input: &'static str,
    weight: f64,
    centre: f64,
    scale: f64,
    range: [f64; 2],
    unit: &'static str,
}

/// Invented for demonstration.
const WEIGHTS: [Weight; 3] = [
    Weight {
        input: "tumour:statistics.mean",
        weight: 0.8,
        centre: 40.0,
        scale: 60.0,
        range: [-100.0, 200.0],
        unit: "HU",
    },
    Weight {
        input: "tumour:statistics.variance",
        weight: -0.3,
        centre: 2000.0,
        scale: 1500.0,
        range: [10.0, 8000.0],
        unit: "HU^2",
    },
    Weight {
        input: "tumour:statistics.skewness",
        weight: 0.5,
        centre: 0.0,
        scale: 1.0,
        range: [-3.0, 3.0],
        unit: "",
    },
];

/// Invented for demonstration.
const INTERCEPT: f64 = -0.2;

/// The predictor `vendor-demo`.
struct Demo;

impl Predictor for Demo {
    fn describe() -> Description {
        let summary = "A closed model with invented weights: it shows how one ships, and means nothing";
        let card = Card::new("Demonstration alone. The score means nothing, and is not for decisions on patients")
            .population("None: the weights are invented")
            .valid_until("2099-12-31")
            .contact("models@vendor.example")
            .needs_licence();
        let ranges = WEIGHTS.iter();
        let card = ranges.fold(card, |card, of| card.range(of.input, of.range[0], of.range[1], of.unit));
        Description::new("vendor-demo", summary).card(card)
    }

    /// Accepts the licence, or refuses: there is no third answer, such as a score that is worse.
    fn configure(settings: &Settings) -> Result<Self, Error> {
        let path = settings.licence()?;
        let refused = |why: String| Error::setting("licence", format!("it is not licensed: {}: {why}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|cause| refused(format!("it cannot be read: {cause}")))?;
        licence::check(&text, licence::today()).map(|()| Self).map_err(refused)
    }

    fn inputs(&self) -> Vec<String> {
        WEIGHTS.iter().map(|weight| weight.input.into()).collect()
    }

    fn predict(&self, inputs: &[Input], context: &Context) -> Result<Prediction, Error> {
        context.warning("vendor-demo is a demonstration: its weights are invented");
        Ok(score(inputs))
    }
}

/// A number from 0 to 1, and no contributions: a closed model need not tell them.
fn score(inputs: &[Input]) -> Prediction {
    if inputs.len() != WEIGHTS.len() {
        return Prediction::none(format!("{} inputs are needed, {} were given", WEIGHTS.len(), inputs.len()));
    }
    let mut sum = INTERCEPT;
    for (weight, input) in WEIGHTS.iter().zip(inputs) {
        match input.value() {
            Ok(x) => sum += weight.weight * (x - weight.centre) / weight.scale,
            Err(reason) => return Prediction::none(format!("`{}`: {reason}", weight.input)),
        }
    }
    if sum.is_finite() {
        Prediction::score(1.0 / (1.0 + (-sum).exp()))
    } else {
        Prediction::none("an input is out of scale")
    }
}

voxomics_sdk::export_plugin! { vendor: "An example vendor", predictors: [Demo] }

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_at_their_centres_score_the_intercept() {
        let inputs: Vec<Input> = WEIGHTS.iter().map(|weight| Input::Value(weight.centre)).collect();
        let score = score(&inputs).score.expect("defined");
        // 1 / (1 + e^0.2)
        assert!((score - 0.450_166_002_687_522_1).abs() < 1e-15, "{score}");
    }

    #[test]
    fn a_higher_mean_scores_higher_and_a_higher_variance_lower() {
        let of = |inputs: [f64; 3]| score(&inputs.map(Input::Value)).score.expect("defined");
        let middle = of([40.0, 2000.0, 0.0]);
        assert!(of([100.0, 2000.0, 0.0]) > middle && of([40.0, 3500.0, 0.0]) < middle);
        // −0.2 + 0.8 − 0.3 + 1 = 1.3
        assert!((of([100.0, 3500.0, 2.0]) - 1.0 / (1.0 + (-1.3_f64).exp())).abs() < 1e-15);
    }

    #[test]
    fn a_missing_input_is_named() {
        let inputs = [Input::Value(1.0), Input::Undefined("one voxel".into()), Input::Value(0.0)];
        assert_eq!(score(&inputs).score, Err("`tumour:statistics.variance`: one voxel".into()));
        assert!(score(&inputs[..1]).score.is_err());
        assert!(score(&[f64::NAN, 0.0, 0.0].map(Input::Value)).score.is_err());
    }
}
