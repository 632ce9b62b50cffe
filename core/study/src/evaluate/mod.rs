//! Evaluate: from the scores of lesions to results that a report shows.
//!
//! ```text
//! lesions ─► units (patients, lesions) ─► sample (score and outcome) ─► class │ survival │ number
//! ```
//!
//! Every figure comes from `voxomics_statistics`. A figure that it refuses becomes a note in its words. Units are looked at
//! in the order of their names: results do not depend on the order of the tables.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_engine::experiment::study::{Aggregation, Evaluate, Summary, Target};
use voxomics_report::study::{Estimate, Evaluation, Outcome, Seen};
use voxomics_statistics::Interval;

use crate::data::Cohort;
use rows::{Scoring, Unit, lost, units};
use sample::Sample;

mod aggregate;
mod class;
mod compare;
mod controls;
mod cox;
mod cutoff;
mod few;
mod forest;
mod incidence;
mod number;
mod outcome;
mod over_time;
mod patients;
mod rates;
mod recalibrate;
mod resampled;
mod risk;
mod roc_band;
mod rows;
mod sample;
mod survival;
mod table_one;
#[cfg(test)]
mod tests;
mod unseen;
mod words;

pub use aggregate::aggregate;
pub use cutoff::training_cutoffs;
pub(crate) use outcome::asked;
pub use patients::patients;
pub use recalibrate::{Update, recalibrate};
pub use risk::{Risk, ToldRisk};
pub use table_one::{balance, table_one, unknown};
pub use unseen::Unseen;

/// What evaluations look at.
pub struct Context<'a> {
    /// The cohorts with their scores.
    pub cohorts: &'a [Cohort],
    /// The models that scored.
    pub models: &'a [ScoredModel],
    /// Seed of resampling.
    pub seed: u64,
    /// How lesions become patients unless an evaluation says otherwise.
    pub default_aggregation: &'a Aggregation,
    /// The region whose volume counts unless an aggregation names one.
    pub first_region: &'a str,
    /// The levels of columns that are covariates of levels, as the experiment states them or the tables have them.
    pub levels: &'a BTreeMap<String, Vec<String>>,
}

/// A model whose scores are there.
#[derive(Debug, Clone, Default)]
pub struct ScoredModel {
    /// Its name.
    pub name: String,
    /// Names of the cohorts that it was learnt from; none of a given model.
    pub training: Vec<String>,
    /// Cut-offs of its file: `patients_median`, `lesions_median`, `patients_quantile_0.25`, …
    pub cutoffs: BTreeMap<String, f64>,
    /// Identifiers of the patients that it was learnt from; none of a given model.
    pub patients: BTreeSet<String>,
    /// Whether its score is a probability.
    pub probability: bool,
    /// The column of the number that it was learnt to predict, if its file says that.
    pub number: Option<String>,
    /// Whether its score is a hazard: a higher one speaks for an earlier event.
    pub hazard: bool,
    /// Whether it tells of the order of times alone, so that no risk follows from its score.
    pub order_alone: bool,
    /// The risks that it tells itself: at which times, and the names of its outputs.
    pub told: Vec<ToldRisk>,
    /// The models of the outer folds, if it was learnt with such.
    pub unseen: Option<Unseen>,
    /// From its score to a risk, if it is a hazard whose baseline its file has.
    pub risk: Option<Risk>,
}

impl ScoredModel {
    /// The cohorts that it was learnt from, and whom of them.
    fn learnt_from(&self) -> (&[String], &BTreeSet<String>) {
        (&self.training, &self.patients)
    }

    /// Scores in the direction of risk: higher for an earlier event. All but a hazard speak for a longer survival.
    fn risk(&self, scores: &[f64]) -> Vec<f64> {
        let sign = if self.hazard { 1.0 } else { -1.0 };
        scores.iter().map(|score| sign * score).collect()
    }
}

/// An evaluation with everything that it is about.
pub(crate) struct Question<'a> {
    stated: &'a Evaluate,
    context: &'a Context<'a>,
    cohort: &'a Cohort,
    model: &'a ScoredModel,
    scoring: Scoring<'a>,
}

/// Holds a score against an outcome. What cannot be had is a note, or, if nothing can, the reason in the result.
pub fn evaluate(stated: &Evaluate, context: &Context<'_>) -> Evaluation {
    let aggregation = stated.patients.as_ref().unwrap_or(context.default_aggregation);
    let scoring = Scoring::new(stated.lesions, aggregation, context.first_region);
    let mut shown = Evaluation {
        name: stated.name.clone(),
        cohort: stated.cohort.clone(),
        model: stated.score.clone(),
        unit: scoring.unit().into(),
        aggregation: match stated.lesions {
            true => "none: each lesion counts".into(),
            false => aggregate::describe(aggregation, scoring.region),
        },
        outcome: outcome::describe(&stated.outcome),
        asked: outcome::asked(&stated.outcome),
        predictions: if stated.out_of_fold { unseen::OUT_OF_FOLD.into() } else { String::new() },
        ..Evaluation::default()
    };
    let cohort = context.cohorts.iter().find(|cohort| cohort.name == stated.cohort);
    let model = context.models.iter().find(|model| model.name == stated.score);
    let answered = match (cohort, model) {
        (None, _) => Err(format!("there is no cohort `{}`", stated.cohort)),
        (_, None) => Err(format!("there is no model `{}`", stated.score)),
        (Some(cohort), Some(model)) => Question { stated, context, cohort, model, scoring }.answer(&mut shown),
    };
    match answered {
        Ok(result) => {
            shown.result = result;
            if let Outcome::Survival(found) = &mut shown.result {
                found.stratified_by.clone_from(&stated.stratify_by);
            }
            if stated.out_of_fold {
                unseen::without_p(&mut shown);
            }
        }
        Err(reason) => shown.result = Outcome::None { reason },
    }
    shown
}

impl Question<'_> {
    fn answer(&self, shown: &mut Evaluation) -> Result<Outcome, String> {
        if self.stated.lesions {
            shown.notes.push(
                "Lesions of one patient are not independent of each other; intervals and p-values that do not say \
                 otherwise treat them as if they were: the intervals are too narrow and the p-values too small."
                    .into(),
            );
        }
        match &self.stated.outcome {
            Target::Number { column } => {
                let sample = self.sample(shown, |unit| unit.number(column))?;
                let result = number::evaluate(self, &sample, column, shown)?;
                controls::numbers(self, &sample, shown);
                Ok(result)
            }
            Target::Above { column, threshold } => {
                let (split, note) = self.split(column, *threshold)?;
                shown.notes.push(note);
                let sample = self.sample(shown, |unit| Ok(unit.number(column)? > split))?;
                let result =
                    class::evaluate(self, &sample, outcome::class_names(&self.stated.outcome, Some(split)), shown)?;
                controls::classes(self, &sample, shown);
                Ok(result)
            }
            Target::Class { column, positive, negative } => {
                outcome::distinct_classes(positive, negative)?;
                let sample = self.sample(shown, |unit| outcome::class(unit, column, positive, negative))?;
                let words = outcome::class_words(&sample.units, column, &sample.outcomes, [positive, negative]);
                shown.notes.extend(words);
                let result = class::evaluate(self, &sample, outcome::class_names(&self.stated.outcome, None), shown)?;
                controls::classes(self, &sample, shown);
                Ok(result)
            }
            Target::Survival { time, event, seen, unit, .. } => {
                let (candidates, _) = units(self.cohort, self.scoring.lesions, &self.stated.only);
                outcome::known_events(&candidates, event, seen)?;
                let sample = self.sample(shown, |row| outcome::survival(row, time, event, seen))?;
                let result = survival::evaluate(self, &sample, (event, unit), shown)?;
                controls::survivals(self, &sample, shown);
                Ok(result)
            }
        }
    }

    /// Says so if the model was learnt from some of these patients, as where cohorts are the same or overlap.
    fn note_seen(&self, units: &[Unit<'_>], shown: &mut Evaluation) {
        let patients: BTreeSet<String> = units.iter().map(|unit| unit.identity(&self.cohort.name)).collect();
        let seen = patients.iter().filter(|patient| self.model.patients.contains(*patient)).count();
        if seen == 0 {
            return;
        }
        let (name, of) = (&self.model.name, patients.len());
        let same_cohort = self.model.training.contains(&self.cohort.name);
        let who =
            if seen == of { "all patients".into() } else { format!("{seen} of the {}", words::count(of, "patients")) };
        shown.notes.insert(
            0,
            match same_cohort {
                true => format!("`{name}` was learnt from {who} of this evaluation: what it achieves here is optimistic."),
                false => format!(
                    "{} of this evaluation bear the name of one of the training of `{name}`: if they are the same, what it \
                     achieves here is optimistic.",
                    words::count(seen, "patients")
                ),
            },
        );
        shown.seen = Some(Seen { patients: seen as u64, of: of as u64, same_cohort });
    }

    /// The rows that have a score and an outcome; the others are listed with the reason.
    fn sample<T>(
        &self,
        shown: &mut Evaluation,
        outcome: impl Fn(&Unit<'_>) -> Result<T, String>,
    ) -> Result<Sample<'_, T>, String> {
        let (candidates, left_out) = units(self.cohort, self.scoring.lesions, &self.stated.only);
        shown.left_out = left_out;
        let mut sample = Sample { units: Vec::new(), scores: Vec::new(), outcomes: Vec::new(), unseen: None };
        let parts = if self.stated.out_of_fold { Some(self.parts(self.model)?) } else { None };
        let mut unseen = Vec::new();
        let score = |unit: &Unit<'_>| match &parts {
            None => self.scoring.score(unit, &self.model.name).map(|score| (score, None)),
            Some(parts) => {
                let found = self.score_unseen(unit, self.model, parts)?;
                Ok((if self.is_of_time() { found.centred } else { found.raw }, Some(found)))
            }
        };
        for unit in candidates {
            match score(&unit).and_then(|score| Ok((score, outcome(&unit)?))) {
                Ok(((score, of), outcome)) => {
                    unseen.extend(of);
                    sample.units.push(unit);
                    sample.scores.push(score);
                    sample.outcomes.push(outcome);
                }
                Err(reason) => shown.left_out.push(lost(&unit, reason)),
            }
        }
        sample.unseen = parts.map(|parts| (unseen, parts));
        shown.n = sample.units.len() as u64;
        match self.stated.out_of_fold {
            true => shown.notes.insert(0, unseen::note(self.model, self.is_of_time())),
            false => {
                self.note_seen(&sample.units, shown);
                if !self.scoring.lesions {
                    self.note_unscored(&sample.units, shown);
                }
            }
        }
        match (sample.units.is_empty(), shown.left_out.first()) {
            (false, _) => Ok(sample),
            (true, None) => Err(format!("the cohort has no {}", self.scoring.unit())),
            (true, Some(first)) => {
                let none =
                    format!("none of {} has a score and an outcome", words::count(shown.left_out.len(), &shown.unit));
                Err(format!("{none}; {}: {}", first.id, first.reason))
            }
        }
    }

    /// Says so if a patient's score is not that of all of the patient's lesions.
    fn note_unscored(&self, units: &[Unit<'_>], shown: &mut Evaluation) {
        let missing: Vec<usize> =
            units.iter().map(|unit| self.scoring.unscored(unit, &self.model.name)).filter(|count| *count > 0).collect();
        if !missing.is_empty() {
            let lesions = words::count(missing.iter().sum(), "lesions");
            let patients = words::count(missing.len(), "patients");
            shown
                .notes
                .push(format!("{lesions} of {patients} without a score did not count towards the patient’s score."));
        }
        let lost: Vec<usize> = units.iter().map(|unit| unit.without_features()).filter(|count| *count > 0).collect();
        if !lost.is_empty() {
            shown.notes.push(format!(
                "{} of {} gave no features, and did not count towards the patient’s score.",
                words::count(lost.iter().sum(), "cases"),
                words::count(lost.len(), "patients")
            ));
        }
    }

    /// The values that mean that something else happened first.
    fn competing(&self) -> &[String] {
        match &self.stated.outcome {
            Target::Survival { competing, .. } => competing,
            _ => &[],
        }
    }

    /// Whether the outcome is a time.
    fn is_of_time(&self) -> bool {
        matches!(self.stated.outcome, Target::Survival { .. })
    }

    /// Whether a score of a unit is still a probability if that of a lesion is.
    fn is_probability(&self) -> bool {
        self.model.probability && self.keeps_scale()
    }

    /// Whether the score of a unit is a prediction of the number of a column.
    fn predicts(&self, column: &str) -> bool {
        self.model.number.as_deref() == Some(column) && self.keeps_scale()
    }

    /// Whether the score of a unit is on the scale of that of a lesion.
    fn keeps_scale(&self) -> bool {
        let kept = matches!(
            self.scoring.aggregation.score,
            Summary::Mean | Summary::Minimum | Summary::Maximum | Summary::VolumeWeightedMean
        );
        self.scoring.lesions || kept
    }
}

/// An estimate as a report shows it.
fn estimate(value: f64, interval: Option<Interval>, p: Option<f64>) -> Estimate {
    Estimate { value, low: interval.map(|found| found.low), high: interval.map(|found| found.high), p }
}
