//! Folds that are periods of time: who was scanned, or came, at about the same time is tested together, by a model of the others.

use std::collections::{BTreeMap, BTreeSet};

use voxomics_engine::{
    course::days::Days,
    experiment::{
        course::Time,
        study::{Cut, Periods},
    },
};

use super::Row;

type Who<'a> = (&'a str, &'a str);

/// The period of each of some rows, from 0 without gaps. A patient of several dates is of the period of the first one.
///
/// # Errors
/// If a row has no date, or none that can be read; if limits do not rise; if a period has nobody, or there is one alone.
pub fn numbers(periods: &Periods, rows: &[Row<'_>], some: &[usize]) -> Result<Vec<usize>, String> {
    let column = &periods.time.column().value;
    let fail = |what: String| format!("the folds of `{column}`: {what}");
    if matches!(periods.time, Time::Date(_)) && rows.iter().any(|row| row.patient.original.is_some()) {
        return Err(fail(
            "with pseudonyms, the dates of each patient are moved by days of the patient's own, and tell no period; name a column of \
             years instead, as `number`"
                .into(),
        ));
    }
    let first = first_days(&periods.time, rows).map_err(&fail)?;
    let of_patient = match &periods.cut {
        Cut::Into(many) => into(*many, &first, rows, some).map_err(&fail)?,
        Cut::At(limits) => {
            let limits = read_limits(&periods.time, limits).map_err(&fail)?;
            first.iter().map(|(who, day)| (*who, limits.partition_point(|limit| limit <= day))).collect()
        }
    };
    let found: Vec<usize> = some.iter().map(|i| of_patient[&rows[*i].who()]).collect();
    let occur: BTreeSet<usize> = found.iter().copied().collect();
    if occur.len() < 2 {
        return Err(fail("every row is of one period, expected two or more".into()));
    }
    let whole = some.len() == rows.len();
    let many = match &periods.cut {
        Cut::Into(many) => *many,
        Cut::At(limits) => limits.len() + 1,
    };
    // Without an outer fold, which may be a period, there may be fewer.
    if whole && let Some(empty) = (0..many).find(|period| !occur.contains(period)) {
        return Err(fail(match &periods.cut {
            Cut::Into(_) => {
                format!("too many patients have one date for {many} periods: period {} has nobody", empty + 1)
            }
            Cut::At(limits) => match empty {
                0 => format!("nobody is before {}", limits[0]),
                _ if empty == limits.len() => format!("nobody is from {} on", limits[empty - 1]),
                _ => format!("nobody is from {} until before {}", limits[empty - 1], limits[empty]),
            },
        }));
    }
    Ok(found.into_iter().map(|period| occur.range(..period).count()).collect())
}

/// The first day of each patient.
fn first_days<'a>(time: &Time, rows: &[Row<'a>]) -> Result<BTreeMap<Who<'a>, f64>, String> {
    let column = &time.column().value;
    let cell = |row: &Row<'a>| {
        let cell = row.cell(column).map(str::trim).filter(|cell| !cell.is_empty());
        cell.ok_or_else(|| format!("{} has no value of it", row.lesion.case))
    };
    let cells: Vec<&str> = rows.iter().map(cell).collect::<Result<_, _>>()?;
    let days = Days::of(time, cells.iter().copied())?;
    let mut first: BTreeMap<Who<'a>, f64> = BTreeMap::new();
    for (row, cell) in rows.iter().zip(cells) {
        let day = read(&days, time, cell).map_err(|why| format!("{}: {why}", row.lesion.case))?;
        first.entry(row.who()).and_modify(|known| *known = known.min(day)).or_insert(day);
    }
    Ok(first)
}

fn read(days: &Days, time: &Time, cell: &str) -> Result<f64, String> {
    days.read(Some(cell)).map_err(|why| match time {
        Time::Date(_) => why,
        Time::Days(column) => format!("its `{}` is `{cell}`, expected a number", column.value),
    })
}

/// Periods of about as many of the patients of some rows each; whoever has the same date is in the same one.
fn into<'a>(
    many: usize,
    first: &BTreeMap<Who<'a>, f64>,
    rows: &[Row<'a>],
    some: &[usize],
) -> Result<BTreeMap<Who<'a>, usize>, String> {
    let patients: BTreeSet<Who<'a>> = some.iter().map(|i| rows[*i].who()).collect();
    let mut days: Vec<f64> = patients.iter().map(|who| first[who]).collect();
    days.sort_by(f64::total_cmp);
    if days.len() < many {
        return Err(format!("{} patients cannot be cut into {many} periods", days.len()));
    }
    let period = |who: &Who<'a>| days.partition_point(|day| *day < first[who]) * many / days.len();
    Ok(patients.iter().map(|who| (*who, period(who))).collect())
}

fn read_limits(time: &Time, limits: &[String]) -> Result<Vec<f64>, String> {
    let fail = |why: String| format!("`limits`: {why}");
    let days = Days::of(time, limits.iter().map(String::as_str)).map_err(fail)?;
    let found: Vec<f64> =
        limits.iter().map(|limit| read(&days, time, limit).map_err(fail)).collect::<Result<_, _>>()?;
    match found.windows(2).position(|pair| pair[0] >= pair[1]) {
        None => Ok(found),
        Some(at) => Err(fail(format!("{} comes after {}: they must rise", limits[at + 1], limits[at]))),
    }
}
