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
    survival::{calibration, prediction_error},
};

use super::{Question, compare::say_bootstrap, cox::Data, estimate, resampled, rows::pick, sample::Sample, words};

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

    fn jumps(&self) -> Vec<f64> {
        self.baselines.iter().flat_map(|baseline| baseline.times.iter().copied()).collect()
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
    if !question.model.hazard || question.model.order_alone {
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
    let predicted = match predicted(question, sample, unit) {
        Ok(predicted) => predicted,
        Err(why) => {
            shown.notes.push(format!("Risks: {why}."));
            return None;
        }
    };
    let survival = data.survival;
    let horizons = horizons(question, survival, &predicted, ticks, shown);
    let mut result = RiskResult {
        slope: calibration::slope(survival, data.scores, Level::P95)
            .map_err(|cause| shown.notes.push(format!("Calibration slope: {cause}.")))
            .ok()
            .map(|slope| estimate(slope.value, Some(slope.interval), None)),
        ..RiskResult::default()
    };
    for (time, stated) in horizons {
        match at(survival, &predicted, time) {
            Ok(found) => result.at.push(found),
            Err(why) if stated => shown.notes.push(format!("Risk at {} {unit}: {why}.", words::figure(time))),
            Err(_) => {}
        }
    }
    let last = result.at.last()?.time;
    let whole = prediction_error::integrated_brier(survival, &predicted.jumps(), last, |row, time| {
        predicted.risk(row, time).unwrap_or(f64::NAN)
    });
    result.integrated = whole
        .map_err(|cause| shown.notes.push(format!("Integrated Brier score: {cause}.")))
        .ok()
        .map(|found| error(&found));
    intervals(question, survival, &predicted, &sample.clusters(), &mut result, shown);
    shown.methods.push(
        "Risks: 1 − exp(−H₀(t)·e^score), H₀ by Breslow with Efron’s ties. Brier’s score: each row weighted by the inverse of the \
         Kaplan–Meier estimate of the censoring (Graf 1999; as riskRegression); scaled: 1 − score / that of the Kaplan–Meier \
         risk for everybody. Observed risks: 1 − Kaplan–Meier, log(−log) interval; observed / predicted: interval of the observed \
         one alone. Slope: Cox’s model of the score. Net benefit: Kaplan–Meier among those at or above the threshold (Vickers 2008)."
            .into(),
    );
    Some(result)
}

fn predicted(question: &Question<'_>, sample: &Sample<'_, (f64, bool)>, unit: &str) -> Result<Predicted, String> {
    if !question.keeps_scale() {
        return Err(format!(
            "the {} of the lesions’ scores is no hazard; there are none",
            question.scoring.aggregation.score.word()
        ));
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
    if !stated.is_empty() {
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
