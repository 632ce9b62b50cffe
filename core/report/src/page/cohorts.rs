//! Cohorts: the flow of their cases, and table 1.

use crate::{
    figure,
    number::{self, ABSENT},
    page::{Block, Gallery, Section, TableView, gallery::anchor},
    study::{Characteristic, Cohort, Evaluation, LearntFrom, Study, Summary},
    table::{Cell, Column, Table},
};

/// A section a cohort.
pub fn sections(study: &Study, gallery: &mut Gallery) -> Vec<Section> {
    let cohorts = study.cohorts.iter().enumerate();
    cohorts
        .map(|(at, cohort)| {
            let mut section = Section::new(anchor("cohort", at, &cohort.name), &cohort.name);
            section.fact("Serves", &cohort.role);
            let evaluated: Vec<&Evaluation> =
                study.evaluations.iter().filter(|evaluation| evaluation.cohort == cohort.name).collect();
            let learnt =
                study.models.iter().flat_map(|model| model.learnt_from.iter().map(|from| (&*model.name, from)));
            let learnt: Vec<(&str, &LearntFrom)> = learnt.filter(|(_, from)| from.cohort == cohort.name).collect();
            let flow = gallery.figure(&section.id, figure::flow(cohort, &learnt, &evaluated));
            section.figures([Some(flow)]);
            lost(cohort, &mut section, gallery);
            section
        })
        .collect()
}

fn lost(cohort: &Cohort, section: &mut Section, gallery: &mut Gallery) {
    let flow = &cohort.flow;
    let kinds = [
        ("unjoined", "not joined or filtered", &flow.unjoined),
        ("absent", "in the tables of patients alone", &flow.absent),
        ("failed", "failed", &flow.failed),
    ];
    for (kind, said, lost) in kinds {
        if lost.is_empty() {
            continue;
        }
        let table = Table::lost(kind, format!("{}: what {said}, and why.", cohort.name), lost);
        let table = gallery.table(&section.id, table);
        section.blocks.push(Block::Folded { summary: format!("{} {said}, with reasons", lost.len()), table });
    }
}

/// Table 1: the cohorts side by side; a column that only some have is absent in the others.
pub fn table_one(cohorts: &[Cohort], gallery: &mut Gallery) -> Option<TableView> {
    // Columns of the same name agree only if they are of the same kind.
    let mut names: Vec<(&str, bool)> = Vec::new();
    for row in cohorts.iter().flat_map(|cohort| &cohort.table_one) {
        let key = (row.name.as_str(), is_numeric(row));
        if !names.contains(&key) {
            names.push(key);
        }
    }
    if names.is_empty() {
        return None;
    }
    let heads = cohorts.iter().map(|cohort| {
        Column::number(&format!("{} ({})", cohort.name, number::count(cohort.flow.extracted_patients, "patient")))
    });
    let columns = [Column::text("Characteristic")].into_iter().chain(heads).collect();
    let caption = "Characteristics of the patients. Shares are of those with a value.";
    let shown = Table::new("characteristics", caption, columns)
        .with(names.iter().flat_map(|&(name, numeric)| rows(cohorts, name, numeric)));
    Some(gallery.table_with("study", shown, exact(cohorts)))
}

fn is_numeric(row: &Characteristic) -> bool {
    matches!(row.summary, Summary::Numeric { .. })
}

fn find<'a>(cohort: &'a Cohort, name: &str, numeric: bool) -> Option<&'a Characteristic> {
    cohort.table_one.iter().find(|row| row.name == name && is_numeric(row) == numeric)
}

fn rows(cohorts: &[Cohort], name: &str, numeric: bool) -> Vec<Vec<Cell>> {
    let line = |head: Cell, say: &dyn Fn(&Characteristic) -> String| -> Vec<Cell> {
        let cells = cohorts.iter().map(|cohort| find(cohort, name, numeric).map_or_else(|| ABSENT.to_owned(), say));
        [head].into_iter().chain(cells.map(Cell::text)).collect()
    };
    let mut rows = vec![line(Cell::text(name), &|row| format!("n = {}", with_value(row)))];
    if numeric {
        rows.push(line(Cell::inner("median (quartiles)"), &|row| said(row).0));
        rows.push(line(Cell::inner("mean ± SD"), &|row| said(row).1));
        rows.push(line(Cell::inner("range"), &|row| said(row).2));
    } else {
        for level in levels(cohorts, name) {
            rows.push(line(Cell::inner(&level), &|row| match &row.summary {
                Summary::Categorical { n, levels } => {
                    let count = levels.iter().find(|(name, _)| *name == level).map_or(0, |(_, count)| *count);
                    number::share(count, *n)
                }
                Summary::Numeric { .. } => ABSENT.to_owned(),
            }));
        }
    }
    if cohorts.iter().filter_map(|cohort| find(cohort, name, numeric)).any(|row| row.missing > 0) {
        rows.push(line(Cell::inner("missing"), &|row| row.missing.to_string()));
    }
    rows
}

fn with_value(row: &Characteristic) -> u64 {
    match row.summary {
        Summary::Numeric { n, .. } | Summary::Categorical { n, .. } => n,
    }
}

/// Median with quartiles, mean with standard deviation, and range of numbers.
fn said(row: &Characteristic) -> (String, String, String) {
    let Summary::Numeric { n: 1.., mean, sd, median, q1, q3, min, max } = row.summary else {
        return (ABSENT.to_owned(), ABSENT.to_owned(), ABSENT.to_owned());
    };
    let to = |low: f64, high: f64| {
        let between = if low < 0.0 || high < 0.0 { " to " } else { "–" };
        format!("{}{between}{}", number::number(low), number::number(high))
    };
    (
        format!("{} ({})", number::number(median), to(q1, q3)),
        sd.map_or_else(|| number::number(mean), |sd| format!("{} ± {}", number::number(mean), number::number(sd))),
        to(min, max),
    )
}

/// The classes that any cohort has, most frequent first, then by name.
fn levels(cohorts: &[Cohort], name: &str) -> Vec<String> {
    let mut found: Vec<(String, u64)> = Vec::new();
    for row in cohorts.iter().filter_map(|cohort| find(cohort, name, false)) {
        let Summary::Categorical { levels, .. } = &row.summary else { continue };
        for (level, count) in levels {
            match found.iter_mut().find(|(name, _)| name == level) {
                Some((_, sum)) => *sum += count,
                None => found.push((level.clone(), *count)),
            }
        }
    }
    found.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    found.into_iter().map(|(level, _)| level).collect()
}

/// A row a cohort, characteristic and statistic or class, with every digit.
fn exact(cohorts: &[Cohort]) -> Table {
    let columns = ["cohort", "characteristic", "n", "missing", "statistic", "value"].map(Column::text).to_vec();
    let mut rows = Vec::new();
    for cohort in cohorts {
        for row in &cohort.table_one {
            let mut add = |statistic: &str, value: String| {
                let start = [&cohort.name, &row.name].map(Cell::text).into_iter();
                let counts = [with_value(row), row.missing].map(Cell::count);
                rows.push(start.chain(counts).chain([Cell::text(statistic), Cell::text(value)]).collect());
            };
            match &row.summary {
                Summary::Numeric { mean, sd, median, q1, q3, min, max, .. } => {
                    let values = [Some(*mean), *sd, Some(*median), Some(*q1), Some(*q3), Some(*min), Some(*max)];
                    let names =
                        ["mean", "standard deviation", "median", "lower quartile", "upper quartile", "min", "max"];
                    names.iter().zip(values).for_each(|(name, value)| add(name, number::exact(value)));
                }
                Summary::Categorical { levels, .. } => {
                    levels.iter().for_each(|(level, count)| add(&format!("count of {level}"), count.to_string()));
                }
            }
        }
    }
    Table::new("characteristics", "", columns).with(rows)
}
