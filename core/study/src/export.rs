//! Export: what plugins make of the results of each case, with the scores of all models.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use rayon::prelude::*;
use voxomics_engine::{
    cases::Case,
    output, pipeline,
    plan::Predictor,
    preview,
    results::Outcome,
    run::{self, EXPORT},
    stages::{Fault, export::Scored},
};

use crate::{
    cohort::Joined,
    data::{Cohort, Lesion},
    extract::{self, Beside},
    work::Work,
};

/// A case of which an exporter could make nothing: its name, and why.
pub type Failed = (String, Fault);

/// Writes what the exporters make of the cases of a cohort, anew. The features are those that were finished.
///
/// # Errors
/// If what was finished cannot be read, or a file cannot be written. `None` if the run was given up.
pub fn export(
    work: &Work<'_>,
    joined: &Joined,
    cohort: &Cohort,
    predictors: &[&Predictor],
) -> Result<Option<Vec<Failed>>, String> {
    let folder = work.folder.below(&joined.name)?;
    if work.plan.exporters.is_empty() || joined.features.is_some() {
        folder.clear_below(EXPORT)?;
        return Ok(Some(Vec::new()));
    }
    let summary = extract::cases(work, joined, joined.cases.clone(), Beside::default())?;
    if summary.cancelled {
        return Ok(None);
    }
    let stems = preview::file_stems(joined.cases.iter().map(|case| case.name.as_str()));
    let mut lesions: HashMap<&str, Vec<&Lesion>> = HashMap::new();
    for lesion in cohort.patients.iter().flat_map(|patient| &patient.lesions) {
        lesions.entry(&lesion.case).or_default().push(lesion);
    }
    let failed: Mutex<Vec<(usize, Failed)>> = Mutex::default();
    let (plan, services) = (work.plan, work.services);
    folder.fill_below(EXPORT, |aside| {
        let one = |(at, done): (usize, Result<(&Case, Outcome), String>)| {
            let (case, mut outcome) = done?;
            let before = outcome.faults.len();
            let scores = scores(lesions.get(case.name.as_str()).map_or(&[], Vec::as_slice), predictors);
            let made = pipeline::export(plan, case, services, &mut outcome, &scores);
            let faults = outcome.faults.drain(before..).map(|fault| (at, (case.name.clone(), fault)));
            failed.lock().unwrap_or_else(PoisonError::into_inner).extend(faults);
            run::write_exported(aside, &stems[at], &made)
        };
        work.in_pool(|| summary.outcomes().enumerate().par_bridge().map(one).collect())
    })?;
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_by_key(|(at, _)| *at);
    let cancelled = failed.iter().any(|(_, (_, fault))| fault.cancelled);
    if cancelled {
        return Ok(None);
    }
    let failed: Vec<Failed> = failed.into_iter().map(|(_, failed)| failed).collect();
    output::add_failures(&folder, &failed)?;
    Ok(Some(failed))
}

/// The scores of the lesions of a case.
fn scores(lesions: &[&Lesion], predictors: &[&Predictor]) -> Vec<Scored> {
    let of = |lesion: &Lesion, predictor: &Predictor| -> Option<Scored> {
        let score = lesion.scores.get(&predictor.name)?;
        let values = std::iter::once(&score.value).chain(score.others.iter().map(|(_, value)| value)).cloned();
        Some(Scored {
            model: predictor.name.clone(),
            component: lesion.component,
            values: predictor.meant().into_iter().zip(values).collect(),
            doubts: score.all_doubts(),
        })
    };
    lesions.iter().flat_map(|lesion| predictors.iter().filter_map(|predictor| of(lesion, predictor))).collect()
}
