//! The table `[risk]` of a model file: from its score, which is the logarithm of a hazard, to the risk at a time.

use serde_json::Value as Json;
use voxomics_engine::{
    experiment::study::{Learn, Target},
    host::TrainingTable,
    plan::Predictor,
};
use voxomics_statistics::{
    Survival,
    cox::{
        Ties,
        baseline::{self, Baseline},
    },
};

use super::{Row, asked, model, outer, refit, scale};
use crate::work::Work;

/// Writes the baseline hazard of the scores of the training into a model, if it is one of a hazard; what keeps it from being had is
/// warned of.
///
/// # Errors
/// If the predictor fails on the rows that it was learnt from.
pub fn insert(
    model: &mut toml::Table,
    work: &Work<'_>,
    stated: &Learn,
    (predictor, table, rows): (&Predictor, &TrainingTable, &[Row<'_>]),
    diagnostics: &mut Json,
) -> Result<(), String> {
    let Target::Survival { unit, competing, .. } = &stated.target else { return Ok(()) };
    if !scale::is_log_hazard(predictor) {
        if let Some((horizons, unit)) = asked::wanted(&stated.target, &stated.horizons) {
            asked::ask(model, horizons, unit);
        }
        return Ok(());
    }
    if !competing.is_empty() {
        // A risk from one hazard alone would be that in a world without the competing events, and too high.
        return Ok(());
    }
    let bench = refit::Bench { plan: work.plan, services: work.services, horizons: None };
    let scores = refit::scores(bench, predictor, rows)?;
    let weights = match &table.design.weights {
        None => vec![Some(1.0); rows.len()],
        Some(name) => outer::column(table, name)?.to_vec(),
    };
    let known = rows.iter().zip(scores).zip(weights).filter_map(|((row, score), weight)| Some((row, score?, weight?)));
    let (mut times, mut events, mut eta, mut counts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (row, score, weight) in known {
        times.push(row.target[0]);
        events.push(row.target[1] == 1.0);
        eta.push(score);
        counts.push(weight);
    }
    let found =
        Survival::new(&times, &events).and_then(|data| baseline::baseline(data, &eta, Some(&counts), Ties::Efron));
    let found = match found {
        Ok(found) => found,
        Err(why) => {
            let mut warnings = model::warnings(diagnostics);
            warnings.push(format!("there is no baseline hazard, and no risk at a time: {why}"));
            model::keep_warnings(diagnostics, &warnings);
            return Ok(());
        }
    };
    let mut risk = table_of(&found, unit);
    if !stated.horizons.is_empty() {
        risk.insert("horizons".into(), asked::numbers(&stated.horizons));
    }
    model.insert("risk".into(), risk.into());
    Ok(())
}

/// A baseline hazard as the table `[risk]` has it, without horizons.
pub fn table_of(found: &Baseline, unit: &str) -> toml::Table {
    let mut risk = toml::Table::new();
    risk.insert("method".into(), "breslow, efron's ties".into());
    risk.insert("unit".into(), unit.into());
    risk.insert("last".into(), found.last.into());
    risk.insert("time".into(), asked::numbers(&found.times));
    risk.insert("cumulative_hazard".into(), asked::numbers(&found.hazard));
    risk
}
