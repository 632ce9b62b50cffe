//! What is doubtful of a training before it begins: inputs that are what is to be learnt, and batches that cannot be told
//! from it.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_engine::{
    experiment::study::{Evaluate, Learn, Target},
    plan::{InputRef, Learner, Plan},
};
use voxomics_statistics::{Level, rank, roc};

use super::{Row, design};

/// From this correlation on, an input is hardly anything but the target.
const SAME: f64 = 0.99;

/// Fewer rows than this correlate by chance.
const LEAST: usize = 10;

/// Share of the target's variance that batches tell, from which on to align them is to take the target away.
const ENTANGLED: f64 = 0.25;

/// The columns of a target.
fn columns(target: &Target) -> Vec<&str> {
    match target {
        Target::Number { column } | Target::Above { column, .. } | Target::Class { column, .. } => vec![column],
        Target::Survival { time, event, .. } => vec![time, event],
    }
}

/// Whether an input is a column of what is to be learnt.
pub(super) fn is_target(input: &InputRef, target: &Target) -> bool {
    matches!(input, InputRef::Covariate { column, .. } if columns(target).contains(&column.as_str()))
}

/// The inputs that are columns of a target, by column, with the pattern that takes each out.
fn among_inputs(plan: &Plan, learner: &Learner, target: &Target) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for index in &learner.inputs {
        let (name, input) = &plan.inputs[*index];
        if let InputRef::Covariate { column, .. } = input
            && is_target(input, target)
        {
            let covariate = plan.covariates.iter().find(|covariate| covariate.column == *column);
            let pattern = covariate.map_or(name.clone(), |covariate| match covariate.levels {
                Some(_) => format!("{}=*", covariate.name),
                None => covariate.name.clone(),
            });
            found.insert(column.clone(), pattern);
        }
    }
    found
}

/// The inputs that are columns of the target or of what the model is evaluated against, and what is kept in harmonising that is the
/// target, one sentence each.
pub fn leaks(plan: &Plan, stated: &Learn, learner: &Learner, evaluated: &[Evaluate]) -> Vec<String> {
    let found = among_inputs(plan, learner, &stated.target);
    let said = |(column, pattern): (String, String)| {
        format!("`{column}` is what is to be learnt, and is among the inputs: take it out with without = \"{pattern}\"")
    };
    let of_model = evaluated
        .iter()
        .filter(|evaluate| [Some(&evaluate.score), evaluate.compare_with.as_ref()].contains(&Some(&stated.name)));
    let mut outcomes: BTreeMap<String, String> = BTreeMap::new();
    for evaluate in of_model {
        for (column, pattern) in among_inputs(plan, learner, &evaluate.outcome) {
            if !found.contains_key(&column) {
                outcomes.entry(column.clone()).or_insert_with(|| {
                    format!(
                        "`{column}` is the outcome of [evaluate.{}], and is among the inputs: a model that is told the outcome foretells \
                         it. Take it out with without = \"{pattern}\"",
                        evaluate.name
                    )
                });
            }
        }
    }
    let targets = columns(&stated.target);
    let kept = plan.covariates.iter().filter(|covariate| {
        stated.harmonise_keep.contains(&covariate.name) && targets.contains(&covariate.column.as_str())
    });
    let of_kept = |name: &str| {
        format!(
            "`harmonise_keep` has \"{name}\", which is what is to be learnt: a new patient would need it before there is a score; \
             take it out"
        )
    };
    found
        .into_iter()
        .map(said)
        .chain(outcomes.into_values())
        .chain(kept.map(|covariate| of_kept(&covariate.name)))
        .collect()
}

/// What of the tables would be inputs, and says how rows weigh or which fold they are in.
pub fn no_inputs(plan: &Plan, stated: &Learn) -> Option<String> {
    let design = stated.design_columns();
    let is_there = |column: &&str| {
        let is_it = |input: &InputRef| matches!(input, InputRef::Covariate { column: other, .. } if other == column);
        plan.inputs.iter().any(|(_, input)| is_it(input))
    };
    let columns: BTreeSet<&str> = design.into_iter().filter(is_there).collect();
    let columns: Vec<&str> = columns.into_iter().collect();
    (!columns.is_empty()).then(|| {
        format!("[learn.{}]: no inputs, as they weight rows or deal folds: {}", stated.name, columns.join(", "))
    })
}

/// Numbers of the target, and what they are called; a class is 0 and 1.
fn targets(stated: &Learn, rows: &[Row<'_>]) -> Vec<(String, bool, Vec<f64>)> {
    let of = |at: usize| rows.iter().map(|row| row.target.get(at).copied().unwrap_or(f64::NAN)).collect();
    match &stated.target {
        Target::Number { column } => vec![(column.clone(), false, of(0))],
        Target::Above { column, .. } | Target::Class { column, .. } => vec![(column.clone(), true, of(0))],
        Target::Survival { time, event, .. } => vec![(time.clone(), false, of(0)), (event.clone(), true, of(1))],
    }
}

/// The inputs that correlate with the target as if they were the target, in one sentence; none if there are none.
pub fn telling(plan: &Plan, stated: &Learn, inputs: &[usize], rows: &[Row<'_>]) -> Vec<String> {
    let targets = targets(stated, rows);
    let mut found: Vec<(String, &str, f64)> = Vec::new();
    for index in inputs {
        let value = |row: &Row<'_>| match row.lesion.inputs.get(*index) {
            Some(value) => value.as_ref().ok().copied(),
            // Before the scans are read, what the tables say of a covariate.
            None => of_cell(&plan.inputs[*index].1, row),
        };
        let values: Vec<Option<f64>> = rows.iter().map(value).collect();
        for (column, class, target) in &targets {
            let pairs =
                values.iter().zip(target).filter_map(|(value, target)| Some((value.as_ref().copied()?, *target)));
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.filter(|(value, _)| value.is_finite()).unzip();
            if let Some(r) = correlation(&x, &y, *class).filter(|r| r.abs() >= SAME) {
                found.push((plan.inputs[*index].0.clone(), column, r));
            }
        }
    }
    let Some((name, column, r)) = found.first() else { return Vec::new() };
    let others = match found.len() {
        1 => String::new(),
        count => format!(", and so do {} more", count - 1),
    };
    vec![format!(
        "the input `{name}` goes with `{column}` almost perfectly (r = {r:.3}){others}: is it known before the outcome, or made \
         from it?"
    )]
}

/// What the tables say of a covariate.
fn of_cell(input: &InputRef, row: &Row<'_>) -> Option<f64> {
    let InputRef::Covariate { column, level } = input else { return None };
    let cell = row.cell(column)?.trim();
    match level {
        Some(level) => Some(f64::from(u8::from(cell == level))),
        None => cell.parse().ok(),
    }
}

/// The larger one of Pearson's and Spearman's correlation, or twice the distance of the AUC of a class from a half.
fn correlation(x: &[f64], y: &[f64], class: bool) -> Option<f64> {
    if x.len() < LEAST {
        return None;
    }
    if class {
        let outcome: Vec<bool> = y.iter().map(|y| *y == 1.0).collect();
        return roc::auc(x, &outcome, Level::P95).ok().map(|area| 2.0 * area.value - 1.0);
    }
    let spearman = rank::spearman_coefficient(x, y).ok()?;
    let pearson = rank::pearson(x, y, Level::P95).ok()?.coefficient;
    Some(if pearson.abs() > spearman.abs() { pearson } else { spearman })
}

/// What is to be said of batches that are to be aligned; nothing if none are.
///
/// # Errors
/// If there is a single batch: then there is nothing to align it with.
pub fn batches(plan: &Plan, stated: &Learn, learner: &Learner, rows: &[Row<'_>]) -> Result<Vec<String>, String> {
    let Some(name) = stated.harmonise_by.as_ref().filter(|_| learner.settings["harmonise"] == "combat") else {
        return Ok(Vec::new());
    };
    let columns = design::batches(plan, stated)?;
    let batch = |row: &Row<'_>| {
        let is = |index: &&usize| match row.lesion.inputs.get(**index) {
            Some(value) => value.as_ref().ok() == Some(&1.0),
            None => of_cell(&plan.inputs[**index].1, row) == Some(1.0),
        };
        columns.iter().find(is).map(|index| plan.inputs[*index].0.as_str())
    };
    let origin: Vec<Option<&str>> = rows.iter().map(batch).collect();
    entangled(name, &origin, &targets(stated, rows))
}

/// What is to be said of rows of some batches.
///
/// # Errors
/// If there is a single batch.
fn entangled(name: &str, origin: &[Option<&str>], targets: &[(String, bool, Vec<f64>)]) -> Result<Vec<String>, String> {
    let known: BTreeSet<&str> = origin.iter().flatten().copied().collect();
    let mut said = Vec::new();
    if let (1, Some(only)) = (known.len(), known.first()) {
        return Err(format!(
            "harmonise = \"combat\": every row of the training is of `{only}`, and there is nothing to align it with; take \
             `harmonise` away"
        ));
    }
    let count = |batch: &str| origin.iter().filter(|other| **other == Some(batch)).count();
    let lonely: Vec<&str> = known.iter().copied().filter(|batch| count(batch) == 1).collect();
    if !lonely.is_empty() {
        said.push(format!(
            "harmonise = \"combat\": `{}` has one row alone, which has no spread: it cannot be aligned",
            lonely.join("`, `")
        ));
    }
    for (column, _, values) in targets {
        let share = explained(origin, values);
        if share.is_some_and(|share| share >= ENTANGLED) && origin.len() >= LEAST {
            said.push(format!(
                "`{name}` and `{column}` are entangled: the batch tells {:.0} % of the variance of `{column}`, and ComBat takes \
                 away whatever differs between batches, also what tells of the target. Figures across batches will be too low, \
                 or mean nothing",
                100.0 * share.unwrap_or(0.0)
            ));
        }
    }
    Ok(said)
}

/// Share of the variance of some values that lies between batches, less what chance alone has (ω²).
fn explained(origin: &[Option<&str>], values: &[f64]) -> Option<f64> {
    let mut groups: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let known = origin.iter().zip(values).filter(|(_, value)| value.is_finite());
    known.for_each(|(batch, value)| groups.entry(batch.unwrap_or_default()).or_default().push(*value));
    let all: Vec<f64> = groups.values().flatten().copied().collect();
    let (n, k) = (all.len() as f64, groups.len() as f64);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let grand = mean(&all);
    let total: f64 = all.iter().map(|value| (value - grand).powi(2)).sum();
    let within: f64 = groups.values().flat_map(|group| group.iter().map(move |v| (v - mean(group)).powi(2))).sum();
    let noise = within / (n - k);
    let share = (total - within - (k - 1.0) * noise) / (total + noise);
    (n > k && total > 0.0 && share.is_finite()).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_that_tells_the_target_is_told_of_and_a_lonely_one_is_refused() {
        let origin = |of: &dyn Fn(usize) -> &'static str| (0..40).map(|i| Some(of(i))).collect::<Vec<_>>();
        let target = |of: &dyn Fn(usize) -> f64| vec![("y".to_owned(), true, (0..40).map(of).collect::<Vec<f64>>())];
        let halves = origin(&|i| if i < 20 { "site=A" } else { "site=B" });
        let said = entangled("site", &halves, &target(&|i| f64::from(u8::from(i < 18)))).expect("two batches");
        assert!(said.len() == 1 && said[0].contains("`site` and `y` are entangled"), "{said:?}");
        assert_eq!(entangled("site", &halves, &target(&|i| (i % 2) as f64)), Ok(Vec::new()));
        let refused = entangled("site", &origin(&|_| "site=A"), &target(&|i| (i % 2) as f64)).expect_err("one batch");
        assert!(refused.contains("every row of the training is of `site=A`"), "{refused}");
        let lonely = origin(&|i| {
            if i == 0 {
                "site=A"
            } else if i < 20 {
                "site=B"
            } else {
                "site=C"
            }
        });
        let said = entangled("site", &lonely, &target(&|i| (i % 2) as f64)).expect("three batches");
        assert!(said.len() == 1 && said[0].contains("`site=A` has one row alone"), "{said:?}");
    }

    #[test]
    fn what_is_the_target_correlates_with_it_and_chance_does_not() {
        let y: Vec<f64> = (0..30).map(|i| f64::from((i * 7) % 30)).collect();
        let bent: Vec<f64> = y.iter().map(|y| (y / 3.0).exp()).collect();
        assert!(correlation(&bent, &y, false).is_some_and(|r| r > SAME));
        let class: Vec<f64> = y.iter().map(|y| f64::from(u8::from(*y > 12.0))).collect();
        assert_eq!(correlation(&y, &class, true), Some(1.0));
        assert_eq!(correlation(&class, &class, true), Some(1.0));
        let other: Vec<f64> = (0..30).map(f64::from).collect();
        assert!(correlation(&other, &y, false).is_some_and(|r| r.abs() < 0.9));
        assert_eq!(correlation(&y[..9], &y[..9], false), None, "too few");
    }
}
