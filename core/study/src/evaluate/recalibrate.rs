//! Recalibration: what has to be added to a model's score, and by what it has to be multiplied, so that it is right on average in
//! another cohort (Steyerberg, Clinical Prediction Models, 2019, ch. 15). The order of patients stays.

use voxomics_engine::experiment::study::{Evaluate, Recalibrate, Target};
use voxomics_report::study::Evaluation;
use voxomics_statistics::{Level, Survival, calibration, cox::baseline::Baseline, survival};

use super::{Context, Question, outcome, risk, rows::Scoring, sample::Sample};

/// The new score: `intercept` + `slope` · the old one, on the scale before its link.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// What is added.
    pub intercept: f64,
    /// What the score is multiplied by; 1 in the large.
    pub slope: f64,
    /// Of a hazard, the baseline of the new score.
    pub baseline: Option<(Baseline, String)>,
    /// Rows that it comes from.
    pub rows: usize,
}

/// The recalibration that an evaluation asks for; none if it asks for none.
///
/// # Errors
/// Why there is none.
pub fn recalibrate(stated: &Evaluate, context: &Context<'_>) -> Result<Option<Update>, String> {
    let Some(how) = stated.recalibrate else { return Ok(None) };
    let find = |wanted: &String| format!("there is no `{wanted}`");
    let cohort =
        context.cohorts.iter().find(|cohort| cohort.name == stated.cohort).ok_or_else(|| find(&stated.cohort))?;
    let model = context.models.iter().find(|model| model.name == stated.score).ok_or_else(|| find(&stated.score))?;
    let aggregation = stated.patients.as_ref().unwrap_or(context.default_aggregation);
    let scoring = Scoring::new(stated.lesions, aggregation, context.first_region);
    let question = Question { stated, context, cohort, model, scoring };
    question.update(how).map(Some)
}

impl Question<'_> {
    fn update(&self, how: Recalibrate) -> Result<Update, String> {
        let mut scratch = Evaluation::default();
        match &self.stated.outcome {
            Target::Number { column } => {
                let sample = self.sample(&mut scratch, |unit| unit.number(column))?;
                self.single(&sample)?;
                number(how, &sample.scores, &sample.outcomes)
            }
            Target::Above { column, threshold } => {
                let (split, _) = self.split(column, *threshold)?;
                let sample = self.sample(&mut scratch, |unit| Ok(unit.number(column)? > split))?;
                self.class(how, &sample)
            }
            Target::Class { column, positive, negative } => {
                let sample = self.sample(&mut scratch, |unit| outcome::class(unit, column, positive, negative))?;
                self.class(how, &sample)
            }
            Target::Survival { competing, .. } if !competing.is_empty() => {
                Err("beside competing events a hazard is no risk, and cannot be recalibrated".into())
            }
            Target::Survival { time, event, seen, unit, .. } => {
                let sample = self.sample(&mut scratch, |row| outcome::survival(row, time, event, seen))?;
                self.hazard(how, &sample, unit)
            }
        }
    }

    /// A score of a patient with several lesions is a summary of theirs: what is right for it need not be right for them.
    fn single<T>(&self, sample: &Sample<'_, T>) -> Result<(), String> {
        match sample.units.iter().find(|unit| unit.lesions().len() != 1) {
            None => Ok(()),
            // Who it is does not go out with the model's card.
            Some(unit) => Err(format!(
                "a patient has {} lesions, and a model scores one at a time: recalibrate where each patient has one, or with unit = \
                 \"lesions\"",
                unit.lesions().len()
            )),
        }
    }

    fn class(&self, how: Recalibrate, sample: &Sample<'_, bool>) -> Result<Update, String> {
        if !self.model.probability {
            return Err("the score is no probability".into());
        }
        self.single(sample)?;
        let found = calibration::recalibration(&sample.scores, &sample.outcomes, Level::P95);
        let found = found.map_err(|why| why.to_string())?;
        let (intercept, slope) = match how {
            Recalibrate::InTheLarge => (found.intercept.value, 1.0),
            Recalibrate::Slope => (found.intercept_beside_slope, found.slope.value),
        };
        Ok(Update { intercept, slope, baseline: None, rows: sample.scores.len() })
    }

    fn hazard(&self, how: Recalibrate, sample: &Sample<'_, (f64, bool)>, unit: &str) -> Result<Update, String> {
        if !self.model.hazard || self.model.order_alone {
            return Err(
                "the score is no hazard: a model that has learnt a time has one, or one that says higher = \"worse\""
                    .into(),
            );
        }
        self.single(sample)?;
        let (times, events): (Vec<f64>, Vec<bool>) = sample.outcomes.iter().copied().unzip();
        let data = Survival::new(&times, &events).map_err(|why| why.to_string())?;
        let slope = match how {
            Recalibrate::InTheLarge => 1.0,
            Recalibrate::Slope => {
                survival::calibration::slope(data, &sample.scores, Level::P95).map_err(|why| why.to_string())?.value
            }
        };
        let eta: Vec<f64> = sample.scores.iter().map(|score| slope * score).collect();
        let baseline = risk::of_scores(&times, &events, &eta).ok_or("there is no baseline hazard of these scores")?;
        Ok(Update { intercept: 0.0, slope, baseline: Some((baseline, unit.to_owned())), rows: eta.len() })
    }
}

/// Least squares.
fn number(how: Recalibrate, scores: &[f64], observed: &[f64]) -> Result<Update, String> {
    let n = scores.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    let (x, y) = (mean(scores), mean(observed));
    let slope = match how {
        Recalibrate::InTheLarge => 1.0,
        Recalibrate::Slope => {
            let spread: f64 = scores.iter().map(|score| (score - x).powi(2)).sum();
            let together: f64 = scores.iter().zip(observed).map(|(score, value)| (score - x) * (value - y)).sum();
            if scores.len() < 3 || spread <= 0.0 {
                return Err(format!("{} rows whose scores differ are needed, three or more", scores.len()));
            }
            together / spread
        }
    };
    Ok(Update { intercept: y - slope * x, slope, baseline: None, rows: scores.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_moved_and_stretched_by_least_squares() {
        let (scores, observed) = ([1.0, 2.0, 3.0, 4.0], [5.0, 7.0, 9.0, 11.0]);
        let slope = number(Recalibrate::Slope, &scores, &observed).expect("a slope");
        assert!((slope.slope - 2.0).abs() < 1e-12 && (slope.intercept - 3.0).abs() < 1e-12, "{slope:?}");
        let large = number(Recalibrate::InTheLarge, &scores, &observed).expect("a mean");
        assert_eq!((large.slope, large.intercept), (1.0, 5.5));
        assert!(number(Recalibrate::Slope, &[1.0; 4], &observed).is_err());
    }
}
