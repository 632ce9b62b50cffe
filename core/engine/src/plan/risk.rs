//! From the hazard that a model file scores to risks at times, by the baseline hazard that stands in it.

use serde_json::Value as Json;
use voxomics_interface::calls;

use crate::{
    results::Output,
    table::{FeatureValue, Undefined, number},
};

/// The table `[risk]` of a model file whose score is the logarithm of a relative hazard.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Risks {
    /// Unit of its times.
    pub unit: String,
    /// Times of events, rising.
    pub times: Vec<f64>,
    /// The cumulative hazard of a score of 0 from each of them on.
    pub hazard: Vec<f64>,
    /// The last time of the training: beyond it nothing is known.
    pub last: f64,
    /// Times at which risks are wanted.
    pub horizons: Vec<f64>,
}

impl Risks {
    /// That of a model file; none if it has none that can be used.
    pub fn of(document: &Json) -> Option<Self> {
        let risk = document.get("risk")?;
        let numbers = |key: &str| -> Option<Vec<f64>> { risk[key].as_array()?.iter().map(Json::as_f64).collect() };
        let (times, hazard) = (numbers("time")?, numbers("cumulative_hazard")?);
        let rising = |values: &[f64], first: f64| {
            values.iter().try_fold(first, |before, value| (*value > before).then_some(*value)).is_some()
        };
        let last = risk["last"].as_f64()?;
        let sound = times.len() == hazard.len()
            && rising(&times, f64::NEG_INFINITY)
            && rising(&hazard, 0.0)
            && times.last().is_some_and(|time| *time <= last);
        let unit = risk["unit"].as_str().unwrap_or_default().to_owned();
        sound.then(|| Self { unit, times, hazard, last, horizons: numbers("horizons").unwrap_or_default() })
    }

    /// The outputs that it adds to a model, as tables name them: `risk_365_days`.
    pub fn outputs(&self) -> impl Iterator<Item = Output> {
        let name = |time: &f64| format!("risk_{}_{}", number(*time), self.unit).trim_end_matches('_').to_owned();
        self.horizons.iter().map(move |time| Output { name: name(time), unit: String::new() })
    }

    /// The same with what they mean.
    pub fn meant(&self) -> impl Iterator<Item = calls::Output> {
        self.outputs().zip(&self.horizons).map(|(Output { name, .. }, at)| calls::Output {
            name,
            meaning: "risk".into(),
            horizon: Some(calls::Horizon { at: *at, unit: self.unit.clone() }),
            class: None,
            unit: None,
        })
    }

    /// Their values for a score: 1 − exp(−H₀·e^score), probabilities from 0 to 1.
    pub fn values(&self, score: &FeatureValue) -> Vec<FeatureValue> {
        let one = |time: &f64| {
            let score = *score.as_ref().map_err(Undefined::clone)?;
            if *time > self.last {
                let (time, last, unit) = (number(*time), number(self.last), &self.unit);
                return Err(format!("{time} {unit} lie beyond the follow-up of the training ({last} {unit})").into());
            }
            let passed = self.times.partition_point(|at| at <= time);
            let hazard = passed.checked_sub(1).map_or(0.0, |at| self.hazard[at]);
            // Of a risk near 0, 1 − exp would leave few digits.
            Ok(if hazard == 0.0 { 0.0 } else { -(-hazard * score.exp()).exp_m1() })
        };
        self.horizons.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_score_becomes_the_risk_that_its_baseline_tells() {
        let document = json!({ "risk": {
            "unit": "days", "last": 400.0, "time": [10.0, 200.0], "cumulative_hazard": [0.1, 0.5], "horizons": [5, 200, 365.5, 401],
        } });
        let risks = Risks::of(&document).expect("a baseline");
        let names: Vec<String> = risks.outputs().map(|output| output.name).collect();
        assert_eq!(names, ["risk_5_days", "risk_200_days", "risk_365.5_days", "risk_401_days"]);
        let found = risks.values(&Ok(2.0_f64.ln()));
        let close = |at: usize, expected: f64| found[at].as_ref().is_ok_and(|risk| (risk - expected).abs() < 1e-15);
        // Twice the hazard is the square of the survival.
        assert!(close(0, 0.0) && close(1, 1.0 - (-1.0_f64).exp()) && close(2, 1.0 - (-1.0_f64).exp()), "{found:?}");
        let beyond = found[3].as_ref().expect_err("nobody knows");
        assert!(beyond.contains("401 days lie beyond the follow-up of the training (400 days)"), "{beyond}");
        assert!(risks.values(&Err("why".into())).iter().all(|value| value.as_ref().is_err_and(|why| &**why == "why")));
    }

    #[test]
    fn a_baseline_that_cannot_be_is_none() {
        let with = |times: Json, hazard: Json| {
            Risks::of(&json!({ "risk": { "last": 9, "time": times, "cumulative_hazard": hazard, "horizons": [1] } }))
        };
        assert!(with(json!([1, 2]), json!([0.1, 0.2])).is_some());
        for (times, hazard) in [
            (json!([2, 1]), json!([0.1, 0.2])),
            (json!([1, 2]), json!([0.2, 0.1])),
            (json!([1, 2]), json!([0.1])),
            (json!([1, 10]), json!([0.1, 0.2])),
        ] {
            assert_eq!(with(times, hazard), None);
        }
    }
}
