//! From a hazard to a risk at a time, and whether that risk is right.

use serde_json::Value as Json;
use voxomics_engine::plan::Risks;
use voxomics_report::study::{Decision, Estimate, Evaluation, RiskAt, RiskError, RiskResult};
use voxomics_statistics::{
    Interval, Level, Survival,
    cox::{
        Ties,
        baseline::{Baseline, baseline},
    },
    survival::{
        calibration, integrated, integrated_mean,
        prediction_error::{self, PredictionError},
    },
};

use super::{
    Question,
    compare::say_bootstrap,
    cox::Data,
    estimate, resampled,
    rows::{Unit, pick},
    sample::Sample,
    words,
};
use crate::data::Lesion;

/// Rows that a group of the calibration curve should have.
const ROWS_A_GROUP: usize = 20;

/// With fewer events up to a horizon, or rows beyond it, there is no figure there unless it was asked for.
const LEAST: usize = 10;

/// What a model file says of risks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Risk {
    /// The cumulative hazard of a score of 0.
    pub baseline: Baseline,
    /// Unit of its times.
    pub unit: String,
    /// Times at which risks are wanted.
    pub horizons: Vec<f64>,
}

impl Risk {
    /// The table `[risk]` of a model file; none if it has none that can be used.
    pub fn of(document: &Json) -> Option<Self> {
        let Risks { unit, times, hazard, last, horizons } = Risks::of(document)?;
        Some(Self { baseline: Baseline { times, hazard, last }, unit, horizons })
    }
}

/// The risk of each row at any time: the mean over models, of which out-of-fold scores have one a repeat.
pub(super) struct Predicted {
    baselines: Vec<Baseline>,
    of_row: Vec<Vec<(usize, f64)>>,
}

impl Predicted {
    fn risk(&self, row: usize, time: f64) -> Option<f64> {
        let of = &self.of_row[row];
        let sum: Option<f64> = of.iter().map(|(at, eta)| self.baselines[*at].risk(*eta, time)).sum();
        Some((sum? / of.len() as f64).clamp(0.0, 1.0))
    }

    fn at(&self, time: f64) -> Option<Vec<f64>> {
        (0..self.of_row.len()).map(|row| self.risk(row, time)).collect()
    }

    /// Brier's score from 0 to a time.
    fn integrated(&self, data: Survival<'_>, last: f64) -> voxomics_statistics::Result<PredictionError> {
        let alone: Option<Vec<(usize, f64)>> =
            self.of_row.iter().map(|of| if let [one] = of.as_slice() { Some(*one) } else { None }).collect();
        if let Some(alone) = alone {
            return integrated::integrated_brier_of_hazards(data, &self.baselines, &alone, last);
        }
        integrated_mean::integrated_brier_of_means(data, &self.baselines, &self.of_row, last)
    }
}

/// The baseline hazard of scores, as Cox's model with Efron's ties has it.
pub(super) fn of_scores(times: &[f64], events: &[bool], eta: &[f64]) -> Option<Baseline> {
    baseline(Survival::new(times, events).ok()?, eta, None, Ties::Efron).ok()
}

/// Risks, their calibration and their error; none where the score is no hazard, or nobody knows its baseline.
pub(super) fn evaluate(
    question: &Question<'_>,
    sample: &Sample<'_, (f64, bool)>,
    data: &Data<'_>,
    (ticks, unit): (&[f64], &str),
    shown: &mut Evaluation,
) -> Option<RiskResult> {
    if !question.model.hazard {
        return None;
    }
    if !question.competing().is_empty() {
        shown.notes.push(
            "Risks: there are none beside competing events; what follows from the hazard of one cause alone is the risk in a world \
             without the others, and too high."
                .into(),
        );
        return None;
    }
    if question.model.order_alone && question.model.told.is_empty() {
        shown
            .notes
            .push("Risks: the model tells none. `horizons` in the section of its training asks it for them.".into());
        return None;
    }
    let predicted = match predicted(question, sample, unit) {
        Ok(predicted) => predicted,
        Err(why) => {
            shown.notes.push(format!("Risks: {why}."));
            return None;
        }
    };
    let survival = data.survival;
    let horizons = horizons(question, survival, &predicted, ticks, shown);
    let mut result = RiskResult { slope: slope(question, data, shown), ..RiskResult::default() };
    for (time, stated) in horizons {
        match at(survival, &predicted, time) {
            Ok(found) => result.at.push(found),
            Err(why) if stated => shown.notes.push(format!("Risk at {} {unit}: {why}.", words::figure(time))),
            Err(_) => {}
        }
    }
    let last = result.at.last()?.time;
    if !question.model.order_alone {
        result.integrated = predicted
            .integrated(survival, last)
            .map_err(|cause| shown.notes.push(format!("Integrated Brier score: {cause}.")))
            .ok()
            .map(|found| error(&found));
    }
    intervals(question, survival, &predicted, &sample.clusters(), &mut result, shown);
    let whence = match question.model.order_alone {
        true => {
            "Risks: as the model tells them, at its own times alone, so that there is no integrated score and no slope."
        }
        false => "Risks: 1 − exp(−H₀(t)·e^score), H₀ by Breslow with Efron’s ties. Slope: Cox’s model of the score.",
    };
    shown.methods.push(format!(
        "{whence} Brier’s score: each row weighted by the inverse of the \
         Kaplan–Meier estimate of the censoring (Graf 1999; as riskRegression); scaled: 1 − score / that of the Kaplan–Meier \
         risk for everybody. Observed risks: 1 − Kaplan–Meier, log(−log) interval; observed / predicted: interval of the observed \
         one alone. Net benefit: Kaplan–Meier among those at or above the threshold (Vickers 2008)."
    ));
    Some(result)
}

/// The calibration slope of the logarithm of a hazard.
fn slope(question: &Question<'_>, data: &Data<'_>, shown: &mut Evaluation) -> Option<Estimate> {
    if question.model.order_alone {
        return None;
    }
    let found = calibration::slope(data.survival, data.scores, Level::P95);
    let found = found.map_err(|cause| shown.notes.push(format!("Calibration slope: {cause}."))).ok()?;
    Some(estimate(found.value, Some(found.interval), None))
}

fn predicted(question: &Question<'_>, sample: &Sample<'_, (f64, bool)>, unit: &str) -> Result<Predicted, String> {
    if !question.keeps_scale() {
        return Err(format!(
            "the {} of the lesions’ scores is no hazard; there are none",
            question.scoring.aggregation.score.word()
        ));
    }
    if question.model.order_alone {
        return told(question, sample, unit);
    }
    if let Some((scores, parts)) = &sample.unseen {
        let baselines: Option<Vec<Baseline>> = parts.baselines.iter().cloned().collect();
        let baselines = baselines.ok_or("the training part of a fold has no baseline hazard; there are none")?;
        let of_row = scores.iter().map(|score| score.by_model.clone()).collect();
        return Ok(Predicted { baselines, of_row });
    }
    let Some(risk) = &question.model.risk else {
        return Err("the model’s file has no baseline hazard ([risk]); there are none".into());
    };
    if risk.unit != unit {
        return Err(format!("the model’s baseline hazard is in {}, the outcome in {unit}; there are none", risk.unit));
    }
    let of_row = sample.scores.iter().map(|score| vec![(0, *score)]).collect();
    Ok(Predicted { baselines: vec![risk.baseline.clone()], of_row })
}

/// The risks that a model tells itself, at the times at which every row has one.
fn told(question: &Question<'_>, sample: &Sample<'_, (f64, bool)>, unit: &str) -> Result<Predicted, String> {
    let model = question.model;
    if let Some(other) = model.told.iter().find(|told| told.unit != unit) {
        return Err(format!("the model tells them in {}, the outcome is in {unit}; there are none", other.unit));
    }
    let of_row: Vec<Vec<(f64, Result<f64, String>)>> = match &sample.unseen {
        Some((scores, _)) => scores.iter().map(|score| score.told.clone()).collect(),
        None => {
            sample.units.iter().map(|unit| model.told.iter().map(|told| told.of(question, unit)).collect()).collect()
        }
    };
    let times: Vec<f64> = of_row.first().map(|row| row.iter().map(|(time, _)| *time).collect()).unwrap_or_default();
    let known: Vec<usize> = (0..times.len())
        .filter(|at| of_row.iter().all(|row| row.get(*at).is_some_and(|(_, risk)| risk.is_ok())))
        .collect();
    if known.is_empty() {
        let why = of_row.iter().flatten().find_map(|(_, risk)| risk.as_ref().err().cloned()).unwrap_or_default();
        return Err(format!("there is no time at which the model tells that of everybody ({why}); there are none"));
    }
    // A hazard of its own for each row, of which nothing is known between the times.
    let own = |row: &Vec<(f64, Result<f64, String>)>| Baseline {
        times: known.iter().map(|at| times[*at]).collect(),
        hazard: known.iter().map(|at| -row[*at].1.as_ref().map_or(0.0, |risk| (-risk).ln_1p())).collect(),
        last: known.last().map_or(0.0, |at| times[*at]),
    };
    let baselines: Vec<Baseline> = of_row.iter().map(own).collect();
    let of_row = (0..baselines.len()).map(|row| vec![(row, 0.0)]).collect();
    Ok(Predicted { baselines, of_row })
}

/// A risk that a model tells itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldRisk {
    /// The time.
    pub time: f64,
    /// Its unit.
    pub unit: String,
    /// The output that has it.
    pub output: String,
}

impl ToldRisk {
    /// The risk of a unit, summarised over its lesions as the score is.
    fn of(&self, question: &Question<'_>, unit: &Unit<'_>) -> (f64, Result<f64, String>) {
        let of_lesion = |lesion: &Lesion| {
            let score = lesion.scores.get(&question.model.name).ok_or("it has no score")?;
            let (_, risk) = score
                .others
                .iter()
                .find(|(output, _)| output.name == self.output)
                .ok_or_else(|| format!("it has no `{}`", self.output))?;
            risk.clone().map_err(|why| why.to_string())
        };
        (self.time, question.scoring.score_by(unit, of_lesion))
    }
}

/// Times at which there are figures, and whether somebody asked for them.
fn horizons(
    question: &Question<'_>,
    data: Survival<'_>,
    predicted: &Predicted,
    ticks: &[f64],
    shown: &mut Evaluation,
) -> Vec<(f64, bool)> {
    let of_model = question.model.risk.as_ref().map(|risk| risk.horizons.clone()).unwrap_or_default();
    let mut stated = if question.stated.horizons.is_empty() { of_model } else { question.stated.horizons.clone() };
    stated.sort_by(f64::total_cmp);
    stated.dedup();
    if question.model.order_alone {
        let told: Vec<f64> = predicted.baselines.first().map(|of| of.times.clone()).unwrap_or_default();
        if stated.is_empty() {
            stated.clone_from(&told);
        }
        for time in stated.iter().filter(|time| !told.contains(time)) {
            shown.notes.push(format!(
                "Risk at {}: the model tells none then. Name the time among the `horizons` of its training.",
                words::figure(*time)
            ));
        }
        stated.retain(|time| told.contains(time));
    }
    if !stated.is_empty() || question.model.order_alone {
        return stated.into_iter().map(|time| (time, true)).collect();
    }
    let known = |time: &f64| {
        let rows = || data.times().iter().zip(data.events());
        let events = rows().filter(|(at, event)| **at <= *time && **event).count();
        let beyond = rows().filter(|(at, _)| **at > *time).count();
        *time > 0.0 && events.min(beyond) >= LEAST && predicted.risk(0, *time).is_some()
    };
    let found: Vec<(f64, bool)> = ticks.iter().copied().filter(known).map(|time| (time, false)).collect();
    if found.is_empty() {
        shown.notes.push(format!(
            "Risks: no tick of the axis has {LEAST} events before and {LEAST} rows beyond it; `horizons` asks for a time all the same."
        ));
    }
    found
}

fn at(data: Survival<'_>, predicted: &Predicted, time: f64) -> Result<RiskAt, String> {
    let risk = predicted.at(time).ok_or("it lies beyond the follow-up of the training")?;
    let large = calibration::in_the_large(data, &risk, time, Level::P95).map_err(|cause| cause.to_string())?;
    let found = prediction_error::brier(data, &risk, time).map_err(|cause| cause.to_string())?;
    let groups = (data.len() / ROWS_A_GROUP).clamp(2, 10);
    let curve = calibration::curve(data, &risk, time, groups, Level::P95).map_err(|cause| cause.to_string())?;
    let thresholds: Vec<f64> = (1..100).map(|percent| f64::from(percent) / 100.0).collect();
    let decision = calibration::decision(data, &risk, time, &thresholds).map_err(|cause| cause.to_string())?;
    let known: Vec<_> = decision.iter().filter_map(|at| Some((at.threshold, at.model?, at.all))).collect();
    Ok(RiskAt {
        time,
        observed: estimate(large.observed, large.interval, None),
        predicted: large.predicted,
        ratio: estimate(large.ratio, large.ratio_interval, None),
        error: error(&found),
        groups: curve
            .into_iter()
            .filter_map(|point| {
                let observed = estimate(point.observed?, point.interval, None);
                Some((point.predicted, observed, point.cases as u64))
            })
            .collect(),
        decision: Decision {
            thresholds: known.iter().map(|at| at.0).collect(),
            model: known.iter().map(|at| at.1).collect(),
            all: known.iter().map(|at| at.2).collect(),
        },
    })
}

fn error(found: &prediction_error::PredictionError) -> RiskError {
    RiskError {
        time: found.time,
        brier: Estimate { value: found.brier, ..Estimate::default() },
        reference: found.reference,
        scaled: found.scaled,
    }
}

/// Intervals of Brier's scores by resampling patients.
fn intervals(
    question: &Question<'_>,
    data: Survival<'_>,
    predicted: &Predicted,
    clusters: &[usize],
    result: &mut RiskResult,
    shown: &mut Evaluation,
) {
    let risks: Vec<Option<(f64, Vec<f64>)>> =
        result.at.iter().map(|at| Some((at.time, predicted.at(at.time)?))).collect();
    let found = resampled::intervals(question, data, clusters, risks.len(), |drawn, members| {
        let brier = |(time, risk): &(f64, Vec<f64>)| prediction_error::brier(drawn, &pick(risk, members), *time).ok();
        risks.iter().map(|risk| Some(brier(risk.as_ref()?)?.brier)).collect()
    });
    for (at, interval) in result.at.iter_mut().zip(found) {
        if let Some(Interval { low, high }) = interval {
            (at.error.brier.low, at.error.brier.high) = (Some(low), Some(high));
            say_bootstrap(question, &mut shown.methods);
        }
    }
}
