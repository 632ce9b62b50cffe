//! The folds, dealt in one place for every learner: who is tested with whom depends on the patients and the seed, and on
//! no learner, no name and no order of rows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use voxomics_engine::{
    design,
    experiment::study::{FoldsBy, Learn, Target, same_value},
};
use voxomics_learning::{
    Response,
    folds::{Dealt as Numbers, Folds, splits, strata},
};

use super::{Row, periods};

/// Outer folds of a learner that has no setting of their number.
const OUTER: usize = 5;

/// What tells the seed of inner folds from that of the outer ones.
const INNER: u64 = 0x1a5e_ed0f_f01d_5000;

/// Folds, as the design names their columns.
pub struct Dealt(Numbers);

/// How rows are cut.
enum Cut<'a> {
    Not,
    Deal(Folds),
    By(&'a FoldsBy),
}

/// Deals the folds of a training; none without rows.
///
/// The learner's `settings` `folds`, `repeats`, `outer_folds` and `outer_repeats` say how many, and `seed` with which seed, where
/// it has settings of these names. Whoever stands in several cohorts is one patient.
///
/// # Errors
/// If there are fewer patients than folds, or a column tells no folds: it has gaps or one value, a patient has two, or a period has
/// nobody.
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
            let own = own_columns((&outer, &inner), at, rows)?;
            let found = match &own {
                Some(columns) => by_columns(columns, rows, &split.train),
                None => numbers(&inner, stated, rows, &split.train, seed, "folds"),
            };
            let found = found.map_err(|why| format!("without outer fold {}: {why}", at + 1))?;
            within.push(found.into_iter().map(|of| spread(&of, &split.train, rows.len())).collect());
        }
    }
    Ok(Some(Dealt(Numbers { outer: all, inner: choosing, within })))
}

/// Why columns or periods that are stated deal no folds of these rows, and of which key.
pub fn unfoldable(stated: &Learn, settings: &Json, rows: &[Row<'_>]) -> Option<(&'static str, String)> {
    let everybody: Vec<usize> = (0..rows.len()).collect();
    for (key, by) in [("outer_folds", &stated.outer_folds), ("folds", &stated.folds)] {
        if *by != FoldsBy::Chance
            && let Err(why) = numbers(&Cut::By(by), stated, rows, &everybody, 0, key)
        {
            return Some((key, why));
        }
    }
    let stated_at_all = [&stated.outer_folds, &stated.folds].into_iter().any(|by| *by != FoldsBy::Chance);
    let why = stated_at_all.then(|| deal(stated, settings, 0, rows).err()).flatten()?;
    Some(("folds", why))
}

fn count(settings: &Json, key: &str) -> Option<usize> {
    settings[key].as_u64().and_then(|count| usize::try_from(count).ok())
}

fn outer<'a>(stated: &'a Learn, settings: &Json, rows: &[Row<'_>]) -> Cut<'a> {
    let asked = stated.settings.values.contains_key("outer_folds");
    match (&stated.outer_folds, &stated.folds, count(settings, "outer_folds")) {
        (FoldsBy::Chance, FoldsBy::Chance, count_of) => dealt_outer(settings, count_of, rows),
        (FoldsBy::Chance, _, count_of) if asked => dealt_outer(settings, count_of, rows),
        (FoldsBy::Chance, by, _) | (by, ..) => Cut::By(by),
    }
}

fn dealt_outer(settings: &Json, folds: Option<usize>, rows: &[Row<'_>]) -> Cut<'static> {
    match folds {
        Some(0) => Cut::Not,
        Some(folds) => Cut::Deal(Folds { folds, repeats: count(settings, "outer_repeats").unwrap_or(1) }),
        None => match super::patients(rows) {
            0 | 1 => Cut::Not,
            patients => Cut::Deal(Folds { folds: OUTER.min(patients), repeats: 1 }),
        },
    }
}

fn inner<'a>(stated: &'a Learn, settings: &Json) -> Cut<'a> {
    match (&stated.folds, count(settings, "folds")) {
        (FoldsBy::Chance, Some(folds)) => Cut::Deal(Folds { folds, repeats: count(settings, "repeats").unwrap_or(1) }),
        (FoldsBy::Chance, None) => Cut::Not,
        (by, _) => Cut::By(by),
    }
}

/// The columns of the inner folds of the models without an outer fold, as the file of folds has them: `inner_1_without_3`. None where
/// there are no such columns, or the outer folds are not given.
fn own_columns(
    (outer, inner): (&Cut<'_>, &Cut<'_>),
    at: usize,
    rows: &[Row<'_>],
) -> Result<Option<Vec<String>>, String> {
    let (Cut::By(FoldsBy::Columns(_)), Cut::By(FoldsBy::Columns(columns))) = (outer, inner) else { return Ok(None) };
    let is_there = |name: &String| rows.iter().any(|row| row.cell(name).is_some());
    if !columns.iter().any(|column| is_there(&without(column, 0))) {
        return Ok(None);
    }
    let own: Vec<String> = columns.iter().map(|column| without(column, at)).collect();
    match own.iter().find(|name| !is_there(name)) {
        None => Ok(Some(own)),
        Some(name) => Err(format!(
            "the inner folds within outer fold {} are looked for in the column `{name}`, as there is a column `{}`; it is not there, or \
             empty: give all columns of the file of folds, or none of `…_without_…`",
            at + 1,
            without(&columns[0], 0)
        )),
    }
}

/// The name of a column of inner folds without the outer fold at a place.
pub fn without(column: &str, at: usize) -> String {
    format!("{column}_without_{}", at + 1)
}

/// For each repeat, the fold of each of some rows.
fn numbers(
    cut: &Cut<'_>,
    stated: &Learn,
    rows: &[Row<'_>],
    some: &[usize],
    seed: u64,
    key: &str,
) -> Result<Vec<Vec<usize>>, String> {
    match cut {
        Cut::Not => Ok(Vec::new()),
        Cut::By(FoldsBy::Chance) => Ok(Vec::new()),
        Cut::By(FoldsBy::Columns(columns)) => by_columns(columns, rows, some),
        Cut::By(FoldsBy::Periods(of)) => Ok(vec![periods::numbers(of, rows, some)?]),
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

fn by_columns(columns: &[String], rows: &[Row<'_>], some: &[usize]) -> Result<Vec<Vec<usize>>, String> {
    columns.iter().map(|column| by_column(column, rows, some)).collect()
}

/// The values of a column as numbers of folds: in rising order of numbers, or else of texts.
fn by_column(column: &str, rows: &[Row<'_>], some: &[usize]) -> Result<Vec<usize>, String> {
    let mut values = Vec::with_capacity(some.len());
    let mut of_patient: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for row in some.iter().map(|i| &rows[*i]) {
        let (case, patient) = (&row.lesion.case, &row.patient.id);
        let value = row.cell(column).map(str::trim).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| format!("the folds of `{column}`: {case} has no value of it"))?;
        if let Some(other) = of_patient.insert(row.who(), value).filter(|other| !same_value(other, value)) {
            return Err(format!(
                "the folds of `{column}`: {patient} is in two, `{other}` and `{value}`; the lesions of a patient belong \
                 together"
            ));
        }
        values.push(value);
    }
    let number = |value: &str| value.parse::<f64>().ok().filter(|number| number.is_finite());
    let are_numbers = values.iter().all(|value| number(value).is_some());
    let compare = |a: &&str, b: &&str| match (number(a), number(b)) {
        (Some(a), Some(b)) if are_numbers => a.total_cmp(&b),
        _ => a.cmp(b),
    };
    let mut levels = values.clone();
    levels.sort_by(compare);
    levels.dedup_by(|a, b| compare(a, b).is_eq());
    match levels.as_slice() {
        [only] => Err(format!("the folds of `{column}`: every row has `{only}`, expected two values or more")),
        _ => Ok(values.iter().map(|value| levels.partition_point(|level| compare(level, value).is_lt())).collect()),
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
