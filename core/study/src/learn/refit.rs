//! A learner that is given a part of the rows or of the inputs, as often as somebody asks.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

use serde::{Deserialize, Serialize};
use voxomics_engine::{
    design::{Design, Folds, Target},
    host::{CaseHost, Services, TrainingTable},
    output::Folder,
    plan::{Learner, Plan, Predictor},
    table::{FeatureValue, Undefined},
};
use voxomics_learning::random;

use super::{Row, SEEDED, asked, model, write};

/// The rows `rows` of a table, which may be there several times, with the inner folds of the columns `inner` and no outer ones:
/// whoever is to be predicted is not in it. `inputs` are those that may be used; all if there are none.
pub fn part(
    table: &TrainingTable,
    rows: &[usize],
    inner: &[String],
    inputs: Option<&BTreeSet<String>>,
) -> TrainingTable {
    let used = |name: &String| inputs.is_none_or(|inputs| inputs.contains(name));
    let folds = table.design.folds.as_ref().map(|_| Folds { inner: inner.to_vec(), ..Folds::default() });
    let among = |names: &[String]| names.iter().filter(|name| used(name)).cloned().collect();
    let design = Design {
        inputs: among(&table.design.inputs),
        unaligned: among(&table.design.unaligned),
        levels: (table.design.levels.iter().map(|covariate| among(covariate)))
            .filter(|covariate: &Vec<String>| !covariate.is_empty())
            .collect(),
        folds,
        ..table.design.clone()
    };
    let wanted = named(&design);
    let mut columns = Vec::new();
    let mut values = Vec::new();
    for (at, name) in table.columns.iter().enumerate().filter(|(_, name)| wanted.contains(name.as_str())) {
        let column = &table.values[at * table.rows..(at + 1) * table.rows];
        let picked: Vec<Option<f64>> = rows.iter().map(|row| column[*row]).collect();
        let is_fold = inner.contains(name);
        values.extend(if is_fold { without_gaps(&picked) } else { picked });
        columns.push(name.clone());
    }
    TrainingTable { rows: rows.len(), columns, values, design }
}

/// Every column that a design names.
fn named(design: &Design) -> BTreeSet<&str> {
    let mut names: BTreeSet<&str> =
        [&design.inputs, &design.batches, &design.kept].into_iter().flatten().map(String::as_str).collect();
    match &design.target {
        Target::Gaussian { column } | Target::Binomial { column } => names.extend([column.as_str()]),
        Target::Cox { time, event } => names.extend([time.as_str(), event.as_str()]),
    }
    let more = [&design.weights, &design.groups, &design.strata];
    names.extend(more.into_iter().flatten().map(String::as_str));
    names.extend(design.folds.iter().flat_map(|folds| &folds.inner).map(String::as_str));
    names
}

/// Numbers of folds from 0 on: a fold whose rows were not picked leaves a gap.
fn without_gaps(numbers: &[Option<f64>]) -> Vec<Option<f64>> {
    let distinct: BTreeSet<u64> = numbers.iter().flatten().map(|number| *number as u64).collect();
    let place = |number: f64| distinct.range(..number as u64).count() as f64;
    numbers.iter().map(|number| number.map(place)).collect()
}

/// Whom a learner asks, on whichever thread.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Cancellation and seed.
    pub services: &'a Services,
    /// The times at which a model of times tells risks itself, and their unit, if it is asked for any.
    pub horizons: Option<(&'a [f64], &'a str)>,
}

/// A model that was learnt in passing, and its file: a plugin in a process of its own may read that anew for each of its workers,
/// for as long as it is asked.
pub struct Passing<'a> {
    predictor: Predictor,
    folder: &'a Folder,
    name: &'a str,
}

impl Deref for Passing<'_> {
    type Target = Predictor;

    fn deref(&self) -> &Predictor {
        &self.predictor
    }
}

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        // What cannot be removed is a file that the next training writes over.
        let _ = self.folder.remove(self.name);
    }
}

/// Learns from a table; `name` is that of the file in `folder` that the model passes through.
///
/// # Errors
/// Why nothing could be learnt, or the model cannot be used.
pub fn fit<'a>(
    bench: Bench<'_>,
    learner: &Learner,
    table: &TrainingTable,
    folder: &'a Folder,
    name: &'a str,
) -> Result<Passing<'a>, String> {
    let host = CaseHost::new(bench.services, SEEDED);
    let text = learner.instance.fit(table, &host).map_err(|error| error.to_string())?;
    let (mut model, _) = model::split(&text)?;
    if let Some((horizons, unit)) = bench.horizons {
        asked::ask(&mut model, horizons, unit);
    }
    write(folder, name, &model)?;
    match bench.plan.trained(learner, &folder.path().join(name)) {
        Ok(predictor) => Ok(Passing { predictor, folder, name }),
        Err(why) => {
            folder.remove(name)?;
            Err(why)
        }
    }
}

/// How often the values of an input are shuffled for its importance.
const SHUFFLES: usize = 5;

/// More predictions than this for the importance of all inputs of one model take too long.
const MOST_PREDICTIONS: usize = 200_000;

/// The importance of each input of a predictor: by how much `worth` of the scores of some rows falls, on average, when the values of
/// this input alone are shuffled among them (Breiman, Mach. Learn. 45:5, 2001). Of many rows and inputs there is none.
///
/// # Errors
/// If the predictor fails.
pub fn importance(
    bench: Bench<'_>,
    predictor: &Predictor,
    rows: &[&Row<'_>],
    seed: u64,
    worth: impl Fn(&[Option<f64>]) -> Option<f64>,
) -> Result<BTreeMap<String, f64>, String> {
    let names = &predictor.instance.inputs;
    if names.len() * rows.len() * SHUFFLES > MOST_PREDICTIONS {
        return Ok(BTreeMap::new());
    }
    let values: Vec<Vec<FeatureValue>> = rows.iter().map(|row| values(bench, predictor, row)).collect();
    let host = CaseHost::new(bench.services, SEEDED);
    let score = |values: &[FeatureValue]| {
        let prediction = predictor.instance.predict(values, &host).map_err(|error| error.to_string())?;
        Ok::<_, String>(prediction.score.ok().filter(|score| score.is_finite()))
    };
    let whole: Vec<Option<f64>> = values.iter().map(|values| score(values)).collect::<Result<_, _>>()?;
    let Some(whole) = worth(&whole) else { return Ok(BTreeMap::new()) };
    let mut found = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        let (mut lost, mut times) = (0.0, 0);
        for shuffle in 0..SHUFFLES {
            let order = shuffled(rows.len(), seed, (at * SHUFFLES + shuffle) as u64);
            let one = |(row, from): (usize, &usize)| {
                let mut changed = values[row].clone();
                changed[at] = values[*from][at].clone();
                score(&changed)
            };
            let scores: Vec<Option<f64>> = order.iter().enumerate().map(one).collect::<Result<_, _>>()?;
            if let Some(left) = worth(&scores) {
                lost += whole - left;
                times += 1;
            }
        }
        if times > 0 {
            found.insert(name.clone(), lost / times as f64);
        }
    }
    Ok(found)
}

/// The numbers below `count` in a random order.
fn shuffled(count: usize, seed: u64, stream: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    random::shuffle(&mut random::generator(seed, stream), &mut order);
    order
}

/// The inputs of a predictor, of a row.
fn values(bench: Bench<'_>, predictor: &Predictor, row: &Row<'_>) -> Vec<FeatureValue> {
    let of = |name: &String| match bench.plan.places.get(name.as_str()) {
        Some(place) => row.lesion.inputs[*place].clone(),
        None => Err(Undefined::from(format!("the experiment does not offer `{name}`"))),
    };
    predictor.instance.inputs.iter().map(of).collect()
}

/// The score of each row by a predictor; none where it has none.
///
/// # Errors
/// If the predictor fails.
pub fn scores(bench: Bench<'_>, predictor: &Predictor, rows: &[Row<'_>]) -> Result<Vec<Option<f64>>, String> {
    let host = CaseHost::new(bench.services, SEEDED);
    let one = |row: &Row<'_>| {
        let values = values(bench, predictor, row);
        let prediction = predictor.instance.predict(&values, &host).map_err(|error| error.to_string())?;
        Ok(prediction.score.ok().filter(|score| score.is_finite()))
    };
    rows.iter().map(one).collect()
}

/// The score of each row in each negative control; none where it has none.
///
/// # Errors
/// If the predictor fails.
pub fn controls(bench: Bench<'_>, predictor: &Predictor, rows: &[Row<'_>]) -> Result<Vec<Vec<Option<f64>>>, String> {
    let count = rows.iter().map(|row| row.lesion.controls.len()).max().unwrap_or(0);
    let host = CaseHost::new(bench.services, SEEDED);
    let one = |row: &Row<'_>, control: usize| match row.lesion.controls.get(control) {
        None => Ok(None),
        Some(inputs) => control_score(bench.plan, predictor, inputs, &host),
    };
    let of = |control: usize| rows.iter().map(|row| one(row, control)).collect::<Result<Vec<_>, String>>();
    (0..count).map(of).collect()
}

/// The score of the inputs of one case in a negative control; none where there is none, and none of a model that takes what changes over time:
/// that is not followed in controls, and what a model puts in its place would be no control of it.
///
/// # Errors
/// If the predictor fails.
pub fn control_score(
    plan: &Plan,
    predictor: &Predictor,
    inputs: &[f64],
    host: &CaseHost,
) -> Result<Option<f64>, String> {
    let value = |name: &String| {
        let value = *inputs.get(*plan.places.get(name.as_str())?)?;
        let none = || Undefined::from(format!("`{name}` has no value in this control"));
        Some(if value.is_nan() { Err(none()) } else { Ok(value) })
    };
    let values: Option<Vec<FeatureValue>> = predictor.instance.inputs.iter().map(value).collect();
    let Some(values) = values else { return Ok(None) };
    let prediction = predictor.instance.predict(&values, host).map_err(|error| error.to_string())?;
    Ok(prediction.score.ok().filter(|score| score.is_finite()))
}

/// The risks of a predictor that tells them itself: time after time, those of some rows; none where it has none.
///
/// # Errors
/// If the predictor fails.
pub fn risks(bench: Bench<'_>, predictor: &Predictor, rows: &[Row<'_>], of: &[usize]) -> Result<Vec<Told>, String> {
    let outputs = predictor.instance.outputs.iter().enumerate().skip(1);
    let times: Vec<(usize, f64)> =
        outputs.filter_map(|(at, output)| Some((at - 1, output.horizon.as_ref()?.at))).collect();
    let mut told: Vec<Told> =
        times.iter().map(|(_, time)| Told { time: *time, risks: vec![None; rows.len()] }).collect();
    if told.is_empty() {
        return Ok(told);
    }
    let host = CaseHost::new(bench.services, SEEDED);
    for row in of {
        let values = values(bench, predictor, &rows[*row]);
        let others = predictor.instance.predict(&values, &host).map_err(|error| error.to_string())?.others;
        for ((at, _), told) in times.iter().zip(&mut told) {
            told.risks[*row] = others.get(*at).and_then(|risk| risk.as_ref().ok().copied());
        }
    }
    Ok(told)
}

/// What a model says of a time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The time.
    pub time: f64,
    /// The risk of each row of the training, where the model told it.
    pub risks: Vec<Option<f64>>,
}
