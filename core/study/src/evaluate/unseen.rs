//! Out-of-fold scores: each unit's is that of a model that has not seen it, so that the only cohort that there is can be
//! looked at like any other.
//!
//! What the models of several folds say is not one score: the zero of a hazard differs from fold to fold, and so does the
//! median of the training. Each is therefore taken from the training part of the fold.

use std::collections::BTreeMap;

use voxomics_engine::experiment::study::{Target, Threshold};
use voxomics_report::study::{Evaluation, Outcome};
use voxomics_statistics::{cox::baseline::Baseline, rank::quantiles};

use super::{
    Question, ScoredModel,
    cutoff::{Cutoff, training_cohorts},
    outcome, risk,
    rows::{Unit, units},
    sample::{Parts, Score},
    words,
};
use crate::{
    data::{Cohort, Lesion},
    learn::{Outer, Place, outer::OfFold},
};

/// What stands with every figure of such an evaluation.
pub(super) const OUT_OF_FOLD: &str = "out of fold";

/// The models of the outer folds, and which row of the training is which lesion.
#[derive(Debug, Clone, Default)]
pub struct Unseen {
    outer: Option<Outer>,
    rows: BTreeMap<Place, usize>,
}

impl Unseen {
    /// Of the models of a training and its rows.
    pub fn new(outer: Outer, places: &[Place]) -> Self {
        Self { outer: Some(outer), rows: places.iter().cloned().zip(0..).collect() }
    }

    fn row(&self, cohort: &str, lesion: &Lesion) -> Option<usize> {
        self.rows.get(&(cohort.to_owned(), lesion.case.clone(), lesion.component)).copied()
    }
}

impl Question<'_> {
    /// The models of the outer folds, if this evaluation asks for what they say.
    fn unseen<'m>(&self, model: &'m ScoredModel) -> Option<(&'m Unseen, &'m Outer)> {
        if !self.stated.out_of_fold {
            return None;
        }
        let unseen = model.unseen.as_ref()?;
        Some((unseen, unseen.outer.as_ref()?))
    }

    /// Medians and cut-offs of the training part of each outer fold of a model.
    ///
    /// # Errors
    /// If the model has none, or a cohort that it was learnt from is not there.
    pub(super) fn parts(&self, model: &ScoredModel) -> Result<Parts, String> {
        let Some((unseen, outer)) = self.unseen(model) else {
            return Err(format!(
                "`{}` was learnt without outer folds: there are no out-of-fold scores; set `outer_folds`",
                model.name
            ));
        };
        let cohorts = training_cohorts(&model.training, self.context)?;
        let all: Vec<(&Cohort, Vec<Unit<'_>>)> =
            cohorts.into_iter().map(|cohort| (cohort, units(cohort, self.scoring.lesions, &[]).0)).collect();
        let q = match self.stated.cutoff {
            Threshold::Training(q) => Some(q),
            _ => None,
        };
        let (mut medians, mut cutoffs, mut baselines) = (Vec::new(), Vec::new(), Vec::new());
        for of in &outer.models {
            let learnt = |cohort: &Cohort, lesion: &Lesion| {
                let row = unseen.row(&cohort.name, lesion).filter(|row| outer.folds[of.repeat][*row] != of.fold);
                row.and_then(|row| of.scores[row]).ok_or_else(String::new)
            };
            let known: Vec<(&Unit<'_>, f64)> = all
                .iter()
                .flat_map(|(cohort, units)| units.iter().map(move |unit| (cohort, unit)))
                .filter_map(|(cohort, unit)| {
                    Some((unit, self.scoring.score_by(unit, |lesion| learnt(cohort, lesion)).ok()?))
                })
                .collect();
            baselines.push(self.baseline(&known));
            let scores: Vec<f64> = known.into_iter().map(|(_, score)| score).collect();
            let at = |q: f64| quantiles(&scores, &[q]).ok().map(|found| found[0]);
            medians.push(at(0.5));
            cutoffs.push(q.and_then(at));
        }
        Ok(Parts { medians, cutoffs, baselines })
    }

    /// The baseline hazard of units, if the outcome is a time.
    fn baseline(&self, known: &[(&Unit<'_>, f64)]) -> Option<Baseline> {
        let Target::Survival { time, event, seen, .. } = &self.stated.outcome else { return None };
        let rows = known.iter().filter_map(|(unit, score)| {
            let (time, event) = outcome::survival(unit, time, event, seen).ok()?;
            Some((time, (event, *score)))
        });
        let (times, rest): (Vec<f64>, Vec<(bool, f64)>) = rows.unzip();
        let (events, scores): (Vec<bool>, Vec<f64>) = rest.into_iter().unzip();
        risk::of_scores(&times, &events, &scores)
    }

    /// The out-of-fold score of a unit, or why it has none.
    pub(super) fn score_unseen(&self, unit: &Unit<'_>, model: &ScoredModel, parts: &Parts) -> Result<Score, String> {
        self.score_unseen_by(unit, model, parts, &|of: &OfFold, row: usize| *of.scores.get(row)?)
    }

    /// The out-of-fold score of each unit in a negative control; none where there is none.
    pub(super) fn unseen_in_control(&self, units: &[Unit<'_>], control: usize) -> Vec<Option<f64>> {
        let Ok(parts) = self.parts(self.model) else { return vec![None; units.len()] };
        let one = |unit: &Unit<'_>| {
            let score = |of: &OfFold, row: usize| *of.controls.get(control)?.get(row)?;
            let score = self.score_unseen_by(unit, self.model, &parts, &score).ok()?;
            Some(if self.is_of_time() { score.centred } else { score.raw })
        };
        units.iter().map(one).collect()
    }

    fn score_unseen_by(
        &self,
        unit: &Unit<'_>,
        model: &ScoredModel,
        parts: &Parts,
        score_of: &dyn Fn(&OfFold, usize) -> Option<f64>,
    ) -> Result<Score, String> {
        let Some((unseen, outer)) = self.unseen(model) else { return Err("there are no out-of-fold scores".into()) };
        let (mut raw, mut centred, mut above, mut by_model) = (0.0, 0.0, Some(0.0), Vec::new());
        let repeats = outer.folds.len();
        for repeat in 0..repeats {
            let row = |lesion: &Lesion| unseen.row(&self.cohort.name, lesion);
            let place = unit.lesions().iter().find_map(|lesion| row(lesion));
            let place = place.ok_or_else(|| format!("`{}` was not learnt from it: it is in no fold", model.name))?;
            let at = outer.models.iter().position(|of| of.repeat == repeat && of.fold == outer.folds[repeat][place]);
            let at = at.ok_or_else(|| "the model of its fold is not there".to_owned())?;
            let of = &outer.models[at];
            let score = self.scoring.score_by(unit, |lesion| {
                let row = row(lesion).ok_or_else(|| format!("`{}` was not learnt from it", model.name))?;
                score_of(of, row).ok_or_else(|| "the model of its fold gives it no score".to_owned())
            })?;
            raw += score;
            by_model.push((at, score));
            centred += score - parts.medians[at].ok_or("the training part of its fold has no score")?;
            above = above.zip(parts.cutoffs[at]).map(|(sum, cutoff)| sum + (score - cutoff));
        }
        let mean = |sum: f64| sum / repeats as f64;
        let told = self.told_unseen(unit, (unseen, outer), &by_model);
        Ok(Score { raw: mean(raw), centred: mean(centred), above: above.map(mean), by_model, told })
    }

    /// The risks that the models which have not seen a unit tell themselves, at each of their times.
    fn told_unseen(
        &self,
        unit: &Unit<'_>,
        (unseen, outer): (&Unseen, &Outer),
        by_model: &[(usize, f64)],
    ) -> Vec<(f64, Result<f64, String>)> {
        let times = outer.models.first().map(|of| of.told.iter().map(|told| told.time)).into_iter().flatten();
        let at = |(place, time): (usize, f64)| {
            let of_model = |at: usize| {
                self.scoring.score_by(unit, |lesion| {
                    let row = unseen.row(&self.cohort.name, lesion).ok_or("it was not learnt from")?;
                    let risks = outer.models[at].told.get(place).map(|told| &told.risks);
                    risks
                        .and_then(|risks| *risks.get(row)?)
                        .ok_or_else(|| "the model of its fold tells no risk".to_owned())
                })
            };
            let sum: Result<f64, String> = by_model.iter().map(|(at, _)| of_model(*at)).sum();
            (time, sum.map(|sum| sum / by_model.len() as f64))
        };
        times.enumerate().map(at).collect()
    }

    /// The out-of-fold scores of units by a second model, where it was learnt here; a given model has seen nobody.
    pub(super) fn scores_of(&self, units: &[Unit<'_>], model: &ScoredModel) -> Vec<Option<f64>> {
        if !self.stated.out_of_fold || model.training.is_empty() {
            return units.iter().map(|unit| self.scoring.score(unit, &model.name).ok()).collect();
        }
        let Ok(parts) = self.parts(model) else { return vec![None; units.len()] };
        let one = |unit: &Unit<'_>| {
            let score = self.score_unseen(unit, model, &parts).ok()?;
            Some(if self.is_of_time() { score.centred } else { score.raw })
        };
        units.iter().map(one).collect()
    }

    /// Where out-of-fold scores are split, and on which side each lies.
    pub(super) fn sides_unseen(&self, scores: &[Score], parts: &Parts) -> Result<(Cutoff, Vec<bool>), String> {
        match self.stated.cutoff {
            Threshold::Training(q) => {
                let known: Vec<f64> = parts.cutoffs.iter().flatten().copied().collect();
                let (low, high) = known
                    .iter()
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), cut| (low.min(*cut), high.max(*cut)));
                let sides: Option<Vec<bool>> = scores.iter().map(|score| Some(score.above? > 0.0)).collect();
                let sides = sides.ok_or("the training part of a fold has no score to split at")?;
                let value = known.iter().sum::<f64>() / known.len() as f64;
                let source = format!(
                    "{} of the training part of each outer fold, from {} to {}; their mean is shown",
                    words::quantile(q),
                    words::figure(low),
                    words::figure(high)
                );
                Ok((Cutoff { value, source }, sides))
            }
            Threshold::Value(value) => {
                let sides = scores.iter().map(|score| score.raw > value).collect();
                Ok((Cutoff { value, source: "as stated in the experiment".into() }, sides))
            }
            Threshold::Own(q) => {
                let of = |score: &Score| if self.is_of_time() { score.centred } else { score.raw };
                let own: Vec<f64> = scores.iter().map(of).collect();
                let value = quantiles(&own, &[q]).map_err(|cause| cause.to_string())?[0];
                let source = format!("{} of these out-of-fold scores; optimistic", words::quantile(q));
                Ok((Cutoff { value, source }, own.iter().map(|score| *score > value).collect()))
            }
        }
    }
}

/// How methods begin that tell of a test alone.
const TESTS: [&str; 4] = ["Mann–Whitney test", "Log-rank test", "Gray’s test", "p-values"];

/// Takes away the p-values: predictions of different folds hang together through the rows that both were learnt from, and a
/// test that takes them for independent finds something in pure chance far too often.
pub(super) fn without_p(shown: &mut Evaluation) {
    match &mut shown.result {
        Outcome::Class(result) => {
            result.auc.p = None;
            result.mann_whitney_p = None;
            if let Some(calibration) = &mut result.calibration {
                (calibration.intercept.p, calibration.slope.p) = (None, None);
            }
        }
        Outcome::Survival(result) => {
            (result.log_rank, result.gray) = (None, None);
            for table in result.cox.iter_mut().chain(&mut result.fine_gray) {
                table.rows.iter_mut().for_each(|(_, ratio, check)| (ratio.p, *check) = (None, None));
            }
        }
        Outcome::Number(result) => {
            let both = [&mut result.pearson, &mut result.spearman];
            both.into_iter().flatten().for_each(|estimate| estimate.p = None);
            let line =
                result.calibration.iter_mut().flat_map(|of| [&mut of.difference, &mut of.intercept, &mut of.slope]);
            line.for_each(|estimate| estimate.p = None);
        }
        Outcome::None { .. } => return,
    }
    if let Some(controls) = &mut shown.controls {
        let figures = controls.rows.iter_mut().flat_map(|row| [&mut row.control, &mut row.difference]);
        figures.flatten().for_each(|estimate| estimate.p = None);
    }
    if let Some(forest) = &mut shown.forest {
        forest.rows.iter_mut().filter_map(|row| row.estimate.as_mut()).for_each(|estimate| estimate.p = None);
    }
    shown.methods.retain(|method| !TESTS.iter().any(|test| method.starts_with(test)));
    shown.methods.push(
        "Out of fold: there is no p-value, and intervals are those of independent predictions. Predictions of different folds \
         are not quite independent: the intervals are somewhat too narrow."
            .into(),
    );
}

/// What a reader must know of such an evaluation.
pub(super) fn note(model: &ScoredModel, of_time: bool) -> String {
    let (repeats, folds) = model.unseen.as_ref().and_then(|unseen| unseen.outer.as_ref()).map_or((0, 0), Outer::shape);
    let zero = if of_time {
        " The zero of a hazard differs from fold to fold: each score is shown less the median of the training part of its fold."
    } else {
        ""
    };
    format!(
        "Out of fold: each row is scored by a model that was learnt without its patient ({repeats} × {folds} outer folds; the mean \
         over the repeats). This tells how well the way of learning does, not the model file that stands in the results, and it \
         is no validation in other patients.{zero}"
    )
}
