//! How much too good a model looks on the patients that it was learnt from, by learning it again from resamples of them (Harrell et
//! al., Stat. Med. 15:361, 1996).

use std::sync::atomic::Ordering;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use voxomics_engine::{
    experiment::study::Learn,
    output::Folder,
    plan::{Learner, Predictor},
};
use voxomics_learning::Sample;
use voxomics_statistics::bootstrap::{Design, resample};

use super::{Data, outer, refit, scale};
use crate::work::Work;

/// What resampling tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Optimism {
    /// Resamples that a model could be learnt from.
    pub replicates: usize,
    /// Those that none could be learnt from.
    pub failed: usize,
    /// A figure a measure.
    pub figure: Vec<Figure>,
}

/// A measure with its optimism.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Its name.
    pub measure: String,
    /// Of the model on the patients that it was learnt from.
    pub apparent: f64,
    /// The mean over resamples of what a model has on its resample less what it has on all patients.
    pub optimism: f64,
    /// `apparent` − `optimism`.
    pub corrected: f64,
}

/// Key, in what is told of a training, of its optimism.
const OPTIMISM: &str = "optimism";

/// What was kept of an earlier training.
pub fn of(diagnostics: &Json) -> Option<Optimism> {
    Optimism::deserialize(diagnostics.get(OPTIMISM)?).ok()
}

/// Learns the model again from resamples of patients, each with all of their rows, every choice included, and keeps by how much it
/// looks too good; nothing if that was not asked for.
///
/// # Errors
/// If no figure can be had, or the run was given up.
pub(super) fn keep(
    work: &Work<'_>,
    stated: &Learn,
    learner: &Learner,
    (predictor, data): (&Predictor, &Data<'_>),
    folder: &Folder,
    diagnostics: &mut Json,
) -> Result<(), String> {
    if stated.bootstrap == 0 {
        return Ok(());
    }
    let Data { table, rows, reliability } = *data;
    let fail = |why: String| format!("`bootstrap`: {why}");
    let bench = refit::Bench { plan: work.plan, services: work.services, horizons: None };
    let sample = outer::sample(&stated.target, table, rows)?;
    let whole = refit::scores(bench, predictor, rows).map_err(fail)?;
    let everybody: Vec<usize> = (0..rows.len()).collect();
    let target = &stated.target;
    let (logistic, hazard) = (scale::is_logistic(predictor), scale::is_hazard(predictor));
    let worth = |sample: &Sample, scores: &[Option<f64>], of: &[usize]| -> Vec<Option<f64>> {
        let part = sample.select(of);
        let sums: Option<Vec<f64>> =
            of.iter().map(|row| scores[*row].map(|score| scale::sum(score, target, logistic, hazard))).collect();
        let measures = scale::measures(target, logistic).iter();
        measures
            .map(|measure| Some(measure.of(&part.response, sums.as_ref()?, &part.weights)?.0).filter(|v| v.is_finite()))
            .collect()
    };
    let apparent = worth(&sample, &whole, &everybody);
    let mut numbers: std::collections::BTreeMap<(&str, &str), usize> = Default::default();
    let patients: Vec<usize> = rows
        .iter()
        .map(|row| {
            let next = numbers.len();
            *numbers.entry(row.who()).or_insert(next)
        })
        .collect();
    let inner = table.design.folds.as_ref().map(|folds| folds.inner.clone()).unwrap_or_default();
    let count = usize::try_from(stated.bootstrap).unwrap_or(usize::MAX);
    let one = |replicate: usize| -> Option<Vec<Option<f64>>> {
        if bench.services.cancelled.load(Ordering::Relaxed) {
            return None;
        }
        let mut drawn = resample(Design::Clusters(&patients), bench.plan.seed, replicate).ok()?;
        drawn.sort_unstable();
        let agreed = reliability.map(|of| of.agreed(&drawn)).transpose().ok()?;
        let part = refit::part(table, &drawn, &inner, agreed.as_ref().map(|agreed| &agreed.inputs));
        let file = format!("{}.resample-{replicate}.unfinished.toml", learner.name);
        let model = refit::fit(bench, learner, &part, folder, &file).ok()?;
        let scores = refit::scores(bench, &model, rows).ok()?;
        let (own, all) = (worth(&sample, &scores, &drawn), worth(&sample, &scores, &everybody));
        Some(own.into_iter().zip(all).map(|(own, all)| Some(own? - all?)).collect())
    };
    let found: Vec<Option<Vec<Option<f64>>>> =
        work.pool.install(|| (0..count).into_par_iter().with_max_len(1).map(one).collect());
    if work.services.cancelled.load(Ordering::Relaxed) {
        return Err("cancelled".into());
    }
    let found: Vec<Vec<Option<f64>>> = found.into_iter().flatten().collect();
    let failed = count - found.len();
    if failed * 10 > count {
        return Err(fail(format!("nothing could be learnt from {failed} of {count} resamples, more than one in ten")));
    }
    let measures = scale::measures(target, logistic).iter().enumerate();
    let figure = measures.filter_map(|(at, measure)| {
        let of: Vec<f64> = found.iter().filter_map(|figures| figures[at]).collect();
        let apparent = apparent[at].filter(|_| of.len() == found.len())?;
        let optimism = of.iter().sum::<f64>() / of.len() as f64;
        Some(Figure { measure: measure.name().into(), apparent, optimism, corrected: apparent - optimism })
    });
    let told = Optimism { replicates: found.len(), failed, figure: figure.collect() };
    if !diagnostics.is_object() {
        *diagnostics = Json::Object(Default::default());
    }
    diagnostics[OPTIMISM] = serde_json::to_value(&told).map_err(|cause| fail(cause.to_string()))?;
    Ok(())
}
