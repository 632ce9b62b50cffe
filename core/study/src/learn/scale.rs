//! On which scale a model scores, and what such scores are measured by.

use voxomics_engine::{experiment::study::Target, plan::Predictor};
use voxomics_learning::measure::Measure;

/// Whether what a model file says is a probability.
pub fn is_logistic(predictor: &Predictor) -> bool {
    predictor.model.as_ref().is_some_and(|model| model.document["model"]["link"] == "logistic")
}

/// Whether a model is a sum of terms before its link.
pub fn is_linear(predictor: &Predictor) -> bool {
    predictor.model.as_ref().is_some_and(|model| model.document["model"]["intercept"].is_number())
}

/// Whether a higher score speaks for an earlier event.
pub fn is_hazard(predictor: &Predictor) -> bool {
    let of = |key: &str, word: &str| predictor.model.as_ref().is_some_and(|model| model.document["model"][key] == word);
    of("family", "cox") || of("family", "survival") || of("higher", "worse")
}

/// Whether its score is the logarithm of a hazard, from which a risk follows; a higher score may as well tell of the order of times
/// alone.
pub fn is_log_hazard(predictor: &Predictor) -> bool {
    is_hazard(predictor)
        && predictor.model.as_ref().is_some_and(|model| model.document["model"]["family"] != "survival")
}

/// What out-of-fold scores are measured by; the first is what learners are compared by.
pub fn measures(target: &Target, logistic: bool) -> &'static [Measure] {
    match (target, logistic) {
        (Target::Number { .. }, _) => &[Measure::SquareError],
        (Target::Survival { .. }, _) => &[Measure::Concordance],
        (_, true) => &[Measure::Auc, Measure::Deviance, Measure::SquareError],
        // A score that is no probability has an order, and nothing more.
        (_, false) => &[Measure::Auc],
    }
}

/// A score before its link.
pub fn before_link(score: f64, logistic: bool) -> f64 {
    if logistic { (score / (1.0 - score)).ln() } else { score }
}

/// The same in the direction that measures expect: of a time, higher for an earlier event.
pub fn sum(score: f64, target: &Target, logistic: bool, hazard: bool) -> f64 {
    let protective = matches!(target, Target::Survival { .. }) && !hazard;
    before_link(score, logistic) * if protective { -1.0 } else { 1.0 }
}
