//! The table that a learner is given.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_engine::{
    design::{Design, Target as Family},
    experiment::study::{Learn, Target},
    host::TrainingTable,
    plan::{InputRef, Learner, Plan},
};

use super::{Row, folds, weights};

/// Names of columns that are no inputs; no input can have such a name.
const TARGET: &str = "@target";
const TIME: &str = "@time";
const EVENT: &str = "@event";
const WEIGHT: &str = "@weight";
const GROUP: &str = "@patient";
const STRATUM: &str = "@stratum";

/// Builds the table.
///
/// # Errors
/// If a weight or a batch cannot be had.
pub fn table(plan: &Plan, stated: &Learn, learner: &Learner, rows: &[Row<'_>]) -> Result<TrainingTable, String> {
    table_of(plan, stated, (&learner.inputs, &learner.settings), rows)
}

/// The same with other inputs: those of the plan at these places.
///
/// # Errors
/// As of [`table`].
pub fn table_of(
    plan: &Plan,
    stated: &Learn,
    (offered, settings): (&[usize], &serde_json::Value),
    rows: &[Row<'_>],
) -> Result<TrainingTable, String> {
    let mut columns: Vec<String> = Vec::new();
    let mut values: Vec<Option<f64>> = Vec::new();
    let mut add = |name: &str, of: &dyn Fn(&Row<'_>) -> Option<f64>| {
        columns.push(name.into());
        values.extend(rows.iter().map(of));
    };
    let batches = batches(plan, stated)?;
    let of_batches: BTreeSet<usize> = batches.iter().copied().collect();
    let inputs: Vec<usize> = offered.iter().copied().filter(|index| !of_batches.contains(index)).collect();
    let kept = kept(plan, stated, rows);
    let beside: Vec<usize> = kept.iter().copied().filter(|index| !inputs.contains(index)).collect();
    for index in inputs.iter().chain(&batches).chain(&beside) {
        add(&plan.inputs[*index].0, &|row| row.lesion.inputs[*index].as_ref().ok().copied());
    }
    let target = match &stated.target {
        Target::Survival { .. } => {
            add(TIME, &|row| row.target.first().copied());
            add(EVENT, &|row| row.target.get(1).copied());
            Family::Cox { time: TIME.into(), event: EVENT.into() }
        }
        other => {
            add(TARGET, &|row| row.target.first().copied());
            match other {
                Target::Number { .. } => Family::Gaussian { column: TARGET.into() },
                _ => Family::Binomial { column: TARGET.into() },
            }
        }
    };
    let numbers = numbered(rows, |row| Some(row.who()));
    columns.push(GROUP.into());
    values.extend(numbers);
    let weights = weights(stated, rows)?;
    if let Some(weights) = &weights {
        columns.push(WEIGHT.into());
        values.extend(weights.iter().copied().map(Some));
    }
    if let Some(column) = &stated.stratify_by {
        let strata = numbered(rows, |row| row.cell(column));
        if let Some((row, _)) = rows.iter().zip(&strata).find(|(_, stratum)| stratum.is_none()) {
            return Err(format!("`stratify_by`: {} has no `{column}`", row.lesion.case));
        }
        columns.push(STRATUM.into());
        values.extend(strata);
    }
    let folds = folds::deal(stated, settings, plan.seed, rows)?.map(|dealt| dealt.write(&mut columns, &mut values));
    let name = |index: &usize| plan.inputs[*index].0.clone();
    let design = Design {
        inputs: inputs.iter().map(name).collect(),
        target,
        weights: weights.map(|_| WEIGHT.into()),
        groups: Some(GROUP.into()),
        strata: stated.stratify_by.as_ref().map(|_| STRATUM.into()),
        batches: batches.iter().map(name).collect(),
        kept: kept.iter().map(name).collect(),
        unaligned: if batches.is_empty() {
            Vec::new()
        } else {
            inputs.iter().filter(|index| !measured(plan, **index)).map(name).collect()
        },
        levels: levels(plan, &inputs),
        folds,
    };
    Ok(TrainingTable { rows: rows.len(), columns, values, design })
}

/// The inputs that say which scanner or centre a row comes from.
pub(super) fn batches(plan: &Plan, stated: &Learn) -> Result<Vec<usize>, String> {
    let Some(name) = &stated.harmonise_by else { return Ok(Vec::new()) };
    let prefix = format!("{name}=");
    let of_it = |(index, (input, _)): (usize, &(String, _))| input.starts_with(&prefix).then_some(index);
    let found: Vec<usize> = plan.inputs.iter().enumerate().filter_map(of_it).collect();
    if found.is_empty() {
        return Err(format!(
            "`harmonise_by` is \"{name}\", which must be a covariate with levels: [covariates.{name}] levels = [...]"
        ));
    }
    Ok(found)
}

/// Whether an input was measured in an image, so that it may differ between scanners.
pub(super) fn measured(plan: &Plan, index: usize) -> bool {
    match &plan.inputs[index].1 {
        InputRef::Feature { .. } => true,
        InputRef::Delta { of, .. } => measured(plan, *of),
        InputRef::Covariate { column, .. } => {
            plan.covariates.iter().any(|covariate| covariate.column == *column && covariate.measured)
        }
    }
}

/// The inputs of the covariates whose effect harmonisation keeps. Of levels, the first one that a row has goes without
/// saying: it is none of the others.
fn kept(plan: &Plan, stated: &Learn, rows: &[Row<'_>]) -> Vec<usize> {
    let occurs = |index: usize| rows.iter().any(|row| row.lesion.inputs[index].as_ref().ok() == Some(&1.0));
    let mut kept = Vec::new();
    for covariate in plan.covariates.iter().filter(|covariate| stated.harmonise_keep.contains(&covariate.name)) {
        let of_it = |(index, (_, input)): (usize, &(String, InputRef))| match input {
            InputRef::Covariate { column, .. } if *column == covariate.column => Some(index),
            _ => None,
        };
        let mut inputs: Vec<usize> = plan.inputs.iter().enumerate().filter_map(of_it).collect();
        if covariate.levels.is_some()
            && let Some(first) = inputs.iter().position(|index| occurs(*index))
        {
            inputs.remove(first);
        }
        kept.extend(inputs);
    }
    kept
}

/// The names of the inputs that are the levels of one covariate, for each covariate of levels.
fn levels(plan: &Plan, inputs: &[usize]) -> Vec<Vec<String>> {
    let mut levels: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, input) in inputs.iter().map(|index| &plan.inputs[*index]) {
        if let InputRef::Covariate { column, level: Some(_) } = input {
            levels.entry(column).or_default().push(name.clone());
        }
    }
    levels.into_values().collect()
}

/// A number for each different value, in the order of first appearance.
fn numbered<'a, K: Ord>(rows: &[Row<'a>], key: impl Fn(&Row<'a>) -> Option<K>) -> Vec<Option<f64>> {
    let mut numbers: BTreeMap<K, f64> = BTreeMap::new();
    rows.iter()
        .map(|row| {
            let next = numbers.len() as f64;
            Some(*numbers.entry(key(row)?).or_insert(next))
        })
        .collect()
}
