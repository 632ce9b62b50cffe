//! Where scores are split, and where that value comes from.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_engine::{experiment::study::Threshold, table::number};
use voxomics_statistics::{rank::quantiles, table_one};

use super::{Context, Question, ScoredModel, rows::Scoring, sample::Sample, words};
use crate::data::Cohort;

/// A value at which scores are split.
pub(super) struct Cutoff {
    /// The value; a score above it is high.
    pub(super) value: f64,
    /// "median of the training cohort".
    pub(super) source: String,
}

impl Cutoff {
    /// "a score above 0.31 is high, otherwise low (median of …)".
    pub(super) fn describe(&self) -> String {
        format!("a score above {} is high, otherwise low ({})", words::figure(self.value), self.source)
    }
}

/// Quantiles that a model file carries beside the median.
const KEPT: [f64; 4] = [0.1, 0.25, 0.75, 0.9];

/// Cut-offs of the scores in the training cohorts, with the experiment's aggregation, as a model file carries them:
/// `patients_median`, `lesions_median`, `patients_quantile_0.25`, … None of what has no scores. Only `patients`, by their identity, count:
/// those whom the model was learnt from, and not others of their cohorts.
pub fn training_cutoffs(
    model: &str,
    training: &[String],
    patients: &BTreeSet<String>,
    context: &Context<'_>,
) -> BTreeMap<String, f64> {
    let mut cutoffs = BTreeMap::new();
    for lesions in [false, true] {
        let scoring = Scoring::new(lesions, context.default_aggregation, context.first_region);
        let Ok(scores) = training_scores(model, (training, patients), context, scoring) else { continue };
        for q in KEPT.into_iter().chain([0.5]) {
            if let Ok(found) = quantiles(&scores, &[q]) {
                cutoffs.insert(key(scoring, q), found[0]);
            }
        }
    }
    cutoffs
}

/// The name of a quantile in a model file.
fn key(scoring: Scoring<'_>, q: f64) -> String {
    let unit = scoring.unit();
    if q == 0.5 { format!("{unit}_median") } else { format!("{unit}_quantile_{}", number(q)) }
}

/// The cohorts that a model was learnt from.
pub(super) fn training_cohorts<'a>(training: &[String], context: &Context<'a>) -> Result<Vec<&'a Cohort>, String> {
    let find = |name: &String| {
        let found = context.cohorts.iter().find(|cohort| cohort.name == *name);
        found.ok_or_else(|| format!("its training cohort `{name}` is not there"))
    };
    training.iter().map(find).collect()
}

fn training_scores(
    model: &str,
    (training, patients): (&[String], &BTreeSet<String>),
    context: &Context<'_>,
    scoring: Scoring<'_>,
) -> Result<Vec<f64>, String> {
    let scores = scoring.scores(training_cohorts(training, context)?.into_iter(), model, patients);
    if scores.is_empty() { Err(format!("no {} of its training has a score", scoring.unit())) } else { Ok(scores) }
}

/// The cut-off of a model at a quantile of its training; of a given model, what its file says.
pub(super) fn of_training(
    model: &ScoredModel,
    q: f64,
    context: &Context<'_>,
    scoring: Scoring<'_>,
) -> Result<Cutoff, String> {
    let (unit, what) = (scoring.unit(), words::quantile(q));
    if model.training.is_empty() {
        let key = key(scoring, q);
        let value = model
            .cutoffs
            .get(&key)
            .filter(|value| value.is_finite())
            .ok_or_else(|| format!("`{}` is a given model, and its file has no cut-off `{key}`", model.name))?;
        let source = format!("{what} of the training’s {unit}, `{key}` of the model file");
        return Ok(Cutoff { value: *value, source });
    }
    let fail = |cause: String| format!("the {what} of the training of `{}`: {cause}", model.name);
    let scores = training_scores(&model.name, model.learnt_from(), context, scoring).map_err(fail)?;
    let found = quantiles(&scores, &[q]).map_err(|cause| fail(cause.to_string()))?;
    let cohorts = model.training.join("`, `");
    Ok(Cutoff {
        value: found[0],
        source: format!("{what} of {} of the training cohort `{cohorts}`", count(&scores, unit)),
    })
}

fn count(scores: &[f64], unit: &str) -> String {
    words::count(scores.len(), unit)
}

impl Question<'_> {
    /// Where the scores of this evaluation are split, and which lie above that.
    pub(super) fn sides<T>(&self, sample: &Sample<'_, T>) -> Result<(Cutoff, Vec<bool>), String> {
        match &sample.unseen {
            Some((scores, parts)) => self.sides_unseen(scores, parts),
            None => {
                let cutoff = self.cutoff(&sample.scores)?;
                let high = sample.scores.iter().map(|score| *score > cutoff.value).collect();
                Ok((cutoff, high))
            }
        }
    }

    fn cutoff(&self, own: &[f64]) -> Result<Cutoff, String> {
        match self.stated.cutoff {
            Threshold::Value(value) => Ok(Cutoff { value, source: "as stated in the experiment".into() }),
            Threshold::Own(q) => {
                let found = quantiles(own, &[q]).map_err(|cause| cause.to_string())?;
                let source = format!("{} of this very cohort; optimistic", words::quantile(q));
                Ok(Cutoff { value: found[0], source })
            }
            Threshold::Training(q) => {
                let mut cutoff = of_training(self.model, q, self.context, self.scoring)?;
                let other = self.scoring.aggregation != self.context.default_aggregation;
                if self.model.training.is_empty() && !self.scoring.lesions && other {
                    cutoff.source += ", which need not have been made with the aggregation used here";
                }
                Ok(cutoff)
            }
        }
    }

    /// A standard deviation of scores and whose it is: of the training if that can be had, otherwise of `own`.
    pub(super) fn deviation(&self, own: &[f64]) -> Option<(f64, &'static str)> {
        let deviation = |scores: &[f64]| {
            let scores: Vec<Option<f64>> = scores.iter().copied().map(Some).collect();
            let found = table_one::numeric(&scores).ok()?.of?.standard_deviation;
            found.filter(|deviation| *deviation > 0.0)
        };
        // The scores of a fold are not on the scale of those of the model that was learnt from everybody.
        let training = match self.model.training.is_empty() || self.stated.out_of_fold {
            true => None,
            false => training_scores(&self.model.name, self.model.learnt_from(), self.context, self.scoring).ok(),
        };
        let of_training = training.and_then(|scores| deviation(&scores)).map(|found| (found, "training"));
        of_training.or_else(|| deviation(own).map(|found| (found, "own")))
    }
}
