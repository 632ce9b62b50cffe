//! The folds, dealt in one place for every learner: who is tested with whom depends on the patients and the seed, and on
//! no learner, no name and no order of rows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use voxomics_engine::{
    design,
    experiment::study::{Learn, Target},
};
use voxomics_learning::{
    Response,
    folds::{Dealt as Numbers, Folds, splits, strata},
};

use super::Row;

/// Outer folds of a learner that has no setting of their number.
const OUTER: usize = 5;

/// What tells the seed of inner folds from that of the outer ones.
const INNER: u64 = 0x1a5e_ed0f_f01d_5000;

/// Folds, as the design names their columns.
pub struct Dealt(Numbers);

/// How rows are cut.
enum Cut {
    Not,
    Deal(Folds),
    /// By the values of columns, one for each repeat.
    By(Vec<String>),
}

/// Deals the folds of a training; none without rows.
///
/// The learner's `settings` `folds`, `repeats`, `outer_folds` and `outer_repeats` say how many, and `seed` with which seed, where
/// it has settings of these names. Whoever stands in several cohorts is one patient.
///
/// # Errors
/// If there are fewer patients than folds, or a column tells no folds: it has gaps or one value, or a patient has two.
pub fn deal(stated: &Learn, settings: &Json, seed: u64, rows: &[Row<'_>]) -> Result<Option<Dealt>, String> {
    if rows.is_empty() {
        return Ok(None);
    }
    let seed = settings["seed"].as_u64().unwrap_or(seed);
    let (outer, inner) = (outer(stated, settings, rows), inner(stated, settings));
    let everybody: Vec<usize> = (0..rows.len()).collect();
    let all = numbers(&outer, stated, rows, &everybody, seed, "outer_folds")?;
    let choosing = numbers(&inner, stated, rows, &everybody, seed ^ INNER, "folds")?;
    let mut within = Vec::new();
    if !choosing.is_empty() {
        for (at, split) in splits(&all).into_iter().enumerate() {
            let seed = (seed ^ INNER).wrapping_add(1 + at as u64);
            let found = numbers(&inner, stated, rows, &split.train, seed, "folds")
                .map_err(|why| format!("without outer fold {}: {why}", at + 1))?;
            within.push(found.into_iter().map(|of| spread(&of, &split.train, rows.len())).collect());
        }
    }
    Ok(Some(Dealt(Numbers { outer: all, inner: choosing, within })))
}

fn count(settings: &Json, key: &str) -> Option<usize> {
    settings[key].as_u64().and_then(|count| usize::try_from(count).ok())
}

fn outer(stated: &Learn, settings: &Json, rows: &[Row<'_>]) -> Cut {
    let asked = stated.settings.values.contains_key("outer_folds");
    match (&stated.outer_folds[..], &stated.folds[..], count(settings, "outer_folds")) {
        (columns @ [_, ..], ..) => Cut::By(columns.to_vec()),
        ([], columns @ [_, ..], _) if !asked => Cut::By(columns.to_vec()),
        (_, _, Some(0)) => Cut::Not,
        (_, _, Some(folds)) => Cut::Deal(Folds { folds, repeats: count(settings, "outer_repeats").unwrap_or(1) }),
        (_, _, None) => match super::patients(rows) {
            0 | 1 => Cut::Not,
            patients => Cut::Deal(Folds { folds: OUTER.min(patients), repeats: 1 }),
        },
    }
}

fn inner(stated: &Learn, settings: &Json) -> Cut {
    match (&stated.folds[..], count(settings, "folds")) {
        (columns @ [_, ..], _) => Cut::By(columns.to_vec()),
        ([], Some(folds)) => Cut::Deal(Folds { folds, repeats: count(settings, "repeats").unwrap_or(1) }),
        ([], None) => Cut::Not,
    }
}

/// For each repeat, the fold of each of some rows.
fn numbers(
    cut: &Cut,
    stated: &Learn,
    rows: &[Row<'_>],
    some: &[usize],
    seed: u64,
    key: &str,
) -> Result<Vec<Vec<usize>>, String> {
    match cut {
        Cut::Not => Ok(Vec::new()),
        Cut::By(columns) => columns.iter().map(|column| by_column(column, rows, some)).collect(),
        Cut::Deal(folds) => {
            let keys: Vec<(&str, &str)> = some.iter().map(|i| rows[*i].place()).collect();
            let patients = keys.iter().collect::<BTreeSet<_>>().len();
            if patients < folds.folds && folds.folds >= 2 {
                return Err(format!(
                    "{} cannot be cut into {} folds: `{key}` must be {patients} or less",
                    voxomics_report::count(patients as u64, "patient"),
                    folds.folds
                ));
            }
            folds.deal(&keys, &balanced(stated, rows, some), seed).map_err(|why| format!("`{key}`: {why}"))
        }
    }
}

/// What folds are balanced over: the values of a column, or what learning balances over by itself.
fn balanced(stated: &Learn, rows: &[Row<'_>], some: &[usize]) -> Vec<u64> {
    if let Some(column) = &stated.stratify_by {
        let levels: BTreeMap<Option<&str>, u64> =
            rows.iter().map(|row| row.cell(column)).collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
        return some.iter().map(|i| levels[&rows[*i].cell(column)]).collect();
    }
    let of = |at: usize| -> Vec<f64> { some.iter().filter_map(|i| rows[*i].target.get(at).copied()).collect() };
    strata(&match stated.target {
        Target::Number { .. } => Response::Gaussian(of(0)),
        Target::Above { .. } | Target::Class { .. } => Response::Binomial(of(0)),
        Target::Survival { .. } => {
            Response::Cox { time: of(0), event: of(1).into_iter().map(|event| event == 1.0).collect() }
        }
    })
}

/// The values of a column as numbers of folds.
fn by_column(column: &str, rows: &[Row<'_>], some: &[usize]) -> Result<Vec<usize>, String> {
    let mut values = Vec::with_capacity(some.len());
    let mut of_patient: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for row in some.iter().map(|i| &rows[*i]) {
        let (case, patient) = (&row.lesion.case, &row.patient.id);
        let value = row.cell(column).map(str::trim).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| format!("the folds of `{column}`: {case} has no value of it"))?;
        if let Some(other) = of_patient.insert(row.who(), value).filter(|other| *other != value) {
            return Err(format!(
                "the folds of `{column}`: {patient} is in two, `{other}` and `{value}`; the lesions of a patient belong \
                 together"
            ));
        }
        values.push(value);
    }
    let folds: BTreeMap<&str, usize> = values.iter().copied().collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
    match folds.keys().next() {
        Some(only) if folds.len() == 1 => {
            Err(format!("the folds of `{column}`: every row has `{only}`, expected two values or more"))
        }
        _ => Ok(values.into_iter().map(|value| folds[value]).collect()),
    }
}

/// Numbers of some rows among all; the others have 0, which is not looked at.
fn spread(numbers: &[usize], some: &[usize], rows: usize) -> Vec<usize> {
    let mut all = vec![0; rows];
    some.iter().zip(numbers).for_each(|(i, number)| all[*i] = *number);
    all
}

impl Dealt {
    /// Writes the columns of folds into a table; returns their names.
    pub fn write(&self, columns: &mut Vec<String>, values: &mut Vec<Option<f64>>) -> design::Folds {
        let Numbers { outer, inner, within } = &self.0;
        let mut add = |name: String, numbers: &[usize], tested: &[usize]| {
            let is_tested = |i: usize| tested.binary_search(&i).is_ok();
            values.extend(numbers.iter().enumerate().map(|(i, number)| (!is_tested(i)).then_some(*number as f64)));
            columns.push(name.clone());
            name
        };
        let mut folds = design::Folds::default();
        for (what, lists, names) in [("outer", outer, &mut folds.outer), ("inner", inner, &mut folds.inner)] {
            names.extend(lists.iter().enumerate().map(|(at, list)| add(format!("@{what} {}", at + 1), list, &[])));
        }
        for (fold, (lists, split)) in within.iter().zip(splits(outer)).enumerate() {
            let name = |at: usize| format!("@inner {} without {}", at + 1, fold + 1);
            folds.within.push(lists.iter().enumerate().map(|(at, list)| add(name(at), list, &split.test)).collect());
        }
        folds
    }
}
