//! Cox models of a score: split, as a number, and beside covariates.

use std::collections::BTreeMap;

use voxomics_engine::experiment::study::level_of;
use voxomics_report::study::{Contrast, CoxTable};
use voxomics_statistics::{
    Survival,
    cox::{Covariate, Options, TimeScale, fit},
};

use super::{
    Question, estimate,
    rows::{Unit, parse, pick},
    words,
};

/// Name of the split score.
pub(super) const HIGH: &str = "high score";

/// Values that are numbers need more different ones than this to make a number of a column that also has others.
const FEW: usize = 5;

/// Fewer events than this for a covariate make its hazard ratio doubtful (Peduzzi et al., J. Clin. Epidemiol. 48:1503,
/// 1995).
const EVENTS_A_COVARIATE: usize = 10;

/// The rows of a survival analysis.
pub(super) struct Data<'a> {
    pub(super) survival: Survival<'a>,
    pub(super) scores: &'a [f64],
    pub(super) units: &'a [Unit<'a>],
    pub(super) strata: Option<&'a [usize]>,
}

/// A column of a model.
struct Column {
    name: String,
    values: Vec<f64>,
    /// What its hazard ratio compares.
    contrast: Contrast,
}

/// The models: high against low if there is a split, the score, and the score beside the covariates if there are any.
pub(super) fn tables(question: &Question<'_>, data: &Data<'_>, high: Option<&[bool]>) -> Vec<CoxTable> {
    let everybody: Vec<usize> = (0..data.units.len()).collect();
    let mut tables = Vec::new();
    if let Some(high) = high {
        let values = high.iter().map(|high| f64::from(u8::from(*high))).collect();
        let column = Column { name: HIGH.into(), values, contrast: Contrast::Groups };
        tables.push(table(CoxTable::SPLIT.into(), data, &everybody, &[column], Vec::new()));
    }
    let Scaled { values, step } = score(question, data);
    let words = format!("score per {step}");
    let score = Column { name: "score".into(), values, contrast: Contrast::Per { step } };
    tables.push(table(words.clone(), data, &everybody, std::slice::from_ref(&score), Vec::new()));
    if !question.stated.covariates.is_empty() {
        let Design { members, mut columns, notes } =
            design(data.units, &question.stated.covariates, question.context.levels);
        columns.insert(0, Column { values: pick(&score.values, &members), ..score });
        tables.push(table(format!("multivariable, {words}"), data, &members, &columns, notes));
    }
    tables
}

/// The score in the unit of its hazard ratio.
pub(super) struct Scaled {
    pub(super) values: Vec<f64>,
    /// That unit in words.
    pub(super) step: String,
}

/// The score in the unit of its hazard ratio.
pub(super) fn score(question: &Question<'_>, data: &Data<'_>) -> Scaled {
    match question.deviation(data.scores) {
        Some((deviation, whose)) => Scaled {
            values: data.scores.iter().map(|score| score / deviation).collect(),
            step: format!("{whose} SD of {}", words::figure(deviation)),
        },
        None => Scaled { values: data.scores.to_vec(), step: "unit".into() },
    }
}

/// Fits `columns`, which hold the values of `members`.
fn table(title: String, data: &Data<'_>, members: &[usize], columns: &[Column], mut notes: Vec<String>) -> CoxTable {
    let (times, events) = (pick(data.survival.times(), members), pick(data.survival.events(), members));
    let strata = data.strata.map(|strata| pick(strata, members));
    let covariates: Vec<Covariate<'_>> =
        columns.iter().map(|column| Covariate { name: &column.name, values: &column.values }).collect();
    let options = Options { strata: strata.as_deref(), ..Options::default() };
    let seen = events.iter().filter(|event| **event).count();
    let mut shown = CoxTable { title, n: members.len() as u64, events: seen as u64, ..CoxTable::default() };
    match Survival::new(&times, &events).and_then(|data| fit(data, &covariates, options)) {
        Err(cause) => notes.push(format!("It could not be fitted: {cause}.")),
        Ok(found) => {
            let checks = found.proportional_hazards(TimeScale::KaplanMeier);
            let of = |at: usize| checks.as_ref().ok().map(|checks| checks[at].p);
            let rows = found.coefficients.iter().enumerate();
            let rows = rows.map(|(at, of_it)| {
                (of_it.name.clone(), estimate(of_it.hazard_ratio, Some(of_it.interval), Some(of_it.p)), of(at))
            });
            shown.rows = rows.collect();
            shown.contrasts = columns.iter().map(|column| column.contrast.clone()).collect();
            if let Err(cause) = &checks {
                notes.push(format!("Proportional hazards were not checked: {cause}."));
            }
            if seen < EVENTS_A_COVARIATE * columns.len() {
                let covariates = words::count(columns.len(), "covariates");
                notes.push(format!(
                    "{} for {covariates} are fewer than {EVENTS_A_COVARIATE} each; the hazard ratios are doubtful.",
                    words::count(seen, "events")
                ));
            }
        }
    }
    shown.notes = notes;
    shown
}

/// Covariates as columns, for the rows that have all of them.
struct Design {
    members: Vec<usize>,
    columns: Vec<Column>,
    notes: Vec<String>,
}

/// What a column of a table holds.
enum Cells<'a> {
    Numbers(Vec<Option<f64>>),
    Names(Vec<Option<&'a str>>),
}

impl Cells<'_> {
    fn is_there(&self, row: usize) -> bool {
        match self {
            Self::Numbers(values) => values[row].is_some(),
            Self::Names(values) => values[row].is_some(),
        }
    }
}

/// `levels` are those of the columns that are covariates of levels: such a column has no trend, whatever its levels are called.
fn design(units: &[Unit<'_>], covariates: &[String], levels: &BTreeMap<String, Vec<String>>) -> Design {
    let mut notes = Vec::new();
    let cells: Vec<(&String, Cells<'_>)> = covariates
        .iter()
        .map(|column| match levels.get(column) {
            Some(levels) => (column, of_levels(units, column, levels, &mut notes)),
            None => (column, cells(units, column, &mut notes)),
        })
        .collect();
    let members: Vec<usize> =
        (0..units.len()).filter(|&row| cells.iter().all(|(_, cells)| cells.is_there(row))).collect();
    if members.len() < units.len() {
        let missing: Vec<String> = cells
            .iter()
            .map(|(column, cells)| (column, (0..units.len()).filter(|&row| !cells.is_there(row)).count()))
            .filter(|(_, count)| *count > 0)
            .map(|(column, count)| format!("`{column}` of {count}"))
            .collect();
        let left_out = units.len() - members.len();
        notes.push(format!("{left_out} left out of this model for missing covariates: {}.", missing.join(", ")));
    }
    let mut columns = Vec::new();
    for (column, cells) in &cells {
        match cells {
            Cells::Numbers(values) => {
                let values: Vec<f64> = pick(values, &members).into_iter().flatten().collect();
                let contrast = match values.iter().all(|value| [0.0, 1.0].contains(value)) {
                    true => level(column, "1", "0"),
                    false => Contrast::Per { step: "unit".into() },
                };
                columns.push(Column { name: (*column).clone(), values, contrast });
            }
            Cells::Names(values) => {
                let values: Vec<&str> = pick(values, &members).into_iter().flatten().collect();
                columns.extend(indicators(column, &values, &mut notes));
            }
        }
    }
    Design { members, columns, notes }
}

/// A column of levels, as learning takes it: what is none of them is missing.
fn of_levels<'a>(units: &[Unit<'a>], column: &str, levels: &'a [String], notes: &mut Vec<String>) -> Cells<'a> {
    let names: Vec<Option<&str>> = units.iter().map(|unit| unit.cell(column)).collect();
    let found: Vec<Option<&str>> = names.iter().map(|name| level_of(levels, (*name)?)).collect();
    let unknown = names.iter().flatten().count() - found.iter().flatten().count();
    if unknown > 0 {
        notes.push(format!("`{column}`: {} of no level of it, taken as missing.", words::count(unknown, "cells")));
    }
    Cells::Names(found)
}

/// A column is one of numbers if all that it says are numbers, or most of it and more than a few different ones; what is no
/// number is then missing, as "unknown" is among ages.
fn cells<'a>(units: &[Unit<'a>], column: &str, notes: &mut Vec<String>) -> Cells<'a> {
    let names: Vec<Option<&str>> = units.iter().map(|unit| unit.cell(column)).collect();
    let numbers: Vec<Option<f64>> = names.iter().map(|name| name.and_then(parse)).collect();
    let stated = names.iter().flatten().count();
    let mut distinct: Vec<f64> = numbers.iter().flatten().copied().collect();
    let parsed = distinct.len();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    if parsed == stated || (parsed * 2 > stated && distinct.len() > FEW) {
        if parsed < stated {
            notes.push(format!("`{column}` is taken for numbers; {} that are none count as missing.", stated - parsed));
        }
        Cells::Numbers(numbers)
    } else {
        Cells::Names(names)
    }
}

/// A column of noughts and ones for each level but the most frequent, of several the first in the alphabet.
fn indicators(column: &str, values: &[&str], notes: &mut Vec<String>) -> Vec<Column> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    values.iter().for_each(|value| *counts.entry(value).or_default() += 1);
    let Some((reference, _)) = counts.iter().rev().max_by_key(|(_, count)| **count) else { return Vec::new() };
    if counts.len() == 1 {
        notes.push(format!("`{column}` is always `{reference}` and not in the model."));
    } else {
        notes.push(format!("`{column}` is held against `{reference}`."));
    }
    let others = counts.keys().filter(|level| *level != reference);
    let indicator = |name: &&str| Column {
        name: format!("{column} = {name}"),
        values: values.iter().map(|value| f64::from(u8::from(value == name))).collect(),
        contrast: level(column, name, reference),
    };
    others.map(indicator).collect()
}

fn level(column: &str, level: &str, reference: &str) -> Contrast {
    Contrast::Level { column: column.into(), level: level.into(), reference: reference.into() }
}
