//! Cohorts: the flow of their cases, and table 1.

use crate::{
    figure,
    number::{self, ABSENT},
    page::{Block, Gallery, Section, TableView, gallery::anchor},
    study::{Balance, Characteristic, Cohort, Study, Summary},
    table::{Cell, Column, Table},
    words::capital,
};

/// A section a cohort.
pub fn sections(study: &Study, gallery: &mut Gallery) -> Vec<Section> {
    let cohorts = study.cohorts.iter().enumerate();
    cohorts
        .map(|(at, cohort)| {
            let mut section = Section::new(anchor("cohort", at, &cohort.name), &cohort.name);
            section.fact("Serves", &cohort.role);
            let flow = gallery.figure(&section.id, figure::flow(study, cohort, None));
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

/// Table 1: the cohorts side by side, a row a variable; a column that only some have is absent in the others.
pub fn table_one(study: &Study, gallery: &mut Gallery) -> Option<TableView> {
    let cohorts = &study.cohorts;
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
        Column::number(&format!("{} (n\u{a0}=\u{a0}{})", capital(&cohort.name), cohort.flow.extracted_patients))
    });
    let balanced = !study.balance.is_empty();
    let title = if cohorts.len() == 2 { "Standardised difference" } else { "Largest standardised difference" };
    let last = balanced.then(|| Column::number(title));
    let columns = [Column::text("Characteristic")].into_iter().chain(heads).chain(last).collect();
    let caption = "Characteristics of the patients: median (quartiles) of numbers, n (%) of classes. Shares are of those with a value. \
                   The file has mean, standard deviation and range too.";
    let measure = if balanced {
        " Standardised differences (of two cohorts in units of their spread; of more, the largest of any two) do not depend on how many \
         patients there are; above 0.1 cohorts are often called unlike. Those that have no value in common are apart, beyond any measure."
    } else {
        ""
    };
    let of_scans = cohorts.iter().flat_map(|cohort| &cohort.table_one).any(|row| row.of_scans);
    let scans = if of_scans {
        " Rows of scans count the patients of whom it is told for the scan of every lesion; of the others nobody knows."
    } else {
        ""
    };
    let shown = Table::new("characteristics", format!("{caption}{scans}{measure}"), columns)
        .with(names.iter().flat_map(|&(name, numeric)| rows(study, name, numeric)));
    Some(gallery.table_with("study", shown, exact(cohorts)))
}

fn is_numeric(row: &Characteristic) -> bool {
    matches!(row.summary, Summary::Numeric { .. })
}

fn find<'a>(cohort: &'a Cohort, name: &str, numeric: bool) -> Option<&'a Characteristic> {
    cohort.table_one.iter().find(|row| row.name == name && is_numeric(row) == numeric)
}

/// The rows of a variable: one of numbers and of two classes, and one more a class of more than two. What is told of scans has a row of
/// how many it is told of, and each class has its own: of a class that stands alone a reader must see who was not asked.
fn rows(study: &Study, name: &str, numeric: bool) -> Vec<Vec<Cell>> {
    let cohorts = &study.cohorts;
    let difference = study.balance.iter().find(|of| of.name == name);
    let of_scans = cohorts.iter().filter_map(|cohort| find(cohort, name, numeric)).any(|row| row.of_scans);
    let with_last = |head: Cell, cells: Vec<String>, last: Option<&Balance>| -> Vec<Cell> {
        let last =
            (!study.balance.is_empty()).then(|| last.map_or_else(|| Cell::text(""), |of| differs(of, cohorts.len())));
        [head].into_iter().chain(cells.into_iter().map(Cell::text)).chain(last).collect()
    };
    let line = |head: Cell, say: &dyn Fn(&Characteristic) -> String, last: Option<&Balance>| -> Vec<Cell> {
        let cells = cohorts.iter().map(|cohort| find(cohort, name, numeric).map_or_else(|| ABSENT.to_owned(), say));
        with_last(head, cells.collect(), last)
    };
    // Of a cohort whose files are all silent, nobody is known.
    let counted = |say: &dyn Fn(u64, u64) -> String| -> Vec<String> {
        let counts = cohorts.iter().map(|cohort| match find(cohort, name, numeric) {
            Some(row) => say(with_value(row), row.missing),
            None => say(0, cohort.flow.extracted_patients),
        });
        counts.collect()
    };
    let levels = levels(cohorts, name);
    let mut rows = Vec::new();
    match levels.as_slice() {
        _ if numeric => rows.push(line(Cell::text(name), &said, difference)),
        many if of_scans => {
            let stated = counted(&|known, _| format!("n\u{a0}=\u{a0}{known}"));
            rows.push(with_last(Cell::text(format!("{name}, where it is told")), stated, difference));
            rows.extend(many.iter().map(|level| line(Cell::inner(level), &|row| share(row, level), None)));
        }
        [only] => rows.push(line(Cell::text(format!("{name}: {only}")), &|row| share(row, only), difference)),
        // The rarer of two says as much as both.
        [_, second] => rows.push(line(Cell::text(format!("{name}: {second}")), &|row| share(row, second), difference)),
        many => {
            rows.push(line(Cell::text(name), &|_| String::new(), difference));
            rows.extend(many.iter().map(|level| line(Cell::inner(level), &|row| share(row, level), None)));
        }
    }
    let missing = counted(&|_, missing| missing.to_string());
    let any = cohorts.iter().filter_map(|cohort| find(cohort, name, numeric)).any(|row| row.missing > 0);
    let silent = of_scans && missing.iter().any(|missing| missing != "0");
    if silent {
        rows.push(with_last(Cell::inner("not told"), missing, None));
    } else if any {
        rows.push(line(Cell::inner("missing"), &|row| row.missing.to_string(), None));
    }
    rows
}

/// A standardised difference; between which cohorts, if there are more than two.
fn differs(of: &Balance, cohorts: usize) -> Cell {
    let value = of.difference.map_or_else(|| "apart".to_owned(), |difference| format!("{difference:.2}"));
    Cell::text(if cohorts > 2 { format!("{value} ({}, {})", of.first, of.second) } else { value })
}

fn share(row: &Characteristic, level: &str) -> String {
    match &row.summary {
        Summary::Categorical { n, levels } => {
            let count = levels.iter().find(|(name, _)| name == level).map_or(0, |(_, count)| *count);
            number::share(count, *n)
        }
        Summary::Numeric { .. } => ABSENT.to_owned(),
    }
}

fn with_value(row: &Characteristic) -> u64 {
    match row.summary {
        Summary::Numeric { n, .. } | Summary::Categorical { n, .. } => n,
    }
}

/// Median with quartiles; whole numbers as such, between two of them with one digit.
fn said(row: &Characteristic) -> String {
    let Summary::Numeric { n: 1.., median, q1, q3, whole, .. } = row.summary else { return ABSENT.to_owned() };
    let say = |value: f64| if whole { number::plain((value * 10.0).round() / 10.0) } else { number::number(value) };
    let between = if q1 < 0.0 || q3 < 0.0 { " to " } else { "–" };
    format!("{} ({}{between}{})", say(median), say(q1), say(q3))
}

/// The classes that any cohort has: as the cohorts have them if they agree, otherwise the most frequent first, then by name.
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
    let places: Vec<Vec<Option<usize>>> = cohorts
        .iter()
        .filter_map(|cohort| match &find(cohort, name, false)?.summary {
            Summary::Categorical { levels, .. } => {
                Some(found.iter().map(|(level, _)| levels.iter().position(|(name, _)| name == level)).collect())
            }
            Summary::Numeric { .. } => None,
        })
        .collect();
    let agree = places.iter().all(|places| places.iter().flatten().is_sorted());
    if !agree {
        found.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    }
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
