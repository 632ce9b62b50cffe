//! The values of two tables that differ.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

use serde::Serialize;

use super::Side;

/// The cells that tell which row it is, each with its column.
type Key = Vec<(String, String)>;

/// A table of two results.
#[derive(Debug, Default, Serialize)]
pub struct Table {
    /// Its name, with the folder of its cohort.
    pub name: String,
    /// Values of rows and columns that both have.
    pub values: usize,
    /// How many of them differ.
    pub differ: usize,
    /// How many differ by more than the tolerance, or are numbers in one only.
    pub beyond: usize,
    /// Cases with a value that differs.
    pub cases: BTreeSet<String>,
    /// Columns with a value that differs.
    pub columns: BTreeSet<String>,
    /// Rows that only one of them has: how many, and the first.
    pub only: [(usize, Option<String>); 2],
    /// Columns that only one of them has.
    pub only_columns: [BTreeSet<String>; 2],
    /// The largest difference: relative difference, column, row and both values.
    pub largest: Option<(f64, String, String, String, String)>,
}

/// A value that differs.
#[derive(Debug)]
pub struct Cell<'a> {
    /// The cohort; empty without.
    pub cohort: &'a str,
    /// Name of the file: `features.csv`.
    pub table: &'a str,
    /// The cells that name the row, by column.
    pub row: &'a [(String, String)],
    /// The column.
    pub column: &'a str,
}

impl Cell<'_> {
    /// What names the row: its case, region or model.
    pub fn key(&self, column: &str) -> Option<&str> {
        self.row.iter().find(|(name, _)| name == column).map(|(_, value)| value.as_str())
    }
}

impl Table {
    /// Whether nothing differs.
    pub fn is_same(&self) -> bool {
        self.differ == 0
            && self.only.iter().all(|(count, _)| *count == 0)
            && self.only_columns.iter().all(BTreeSet::is_empty)
    }
}

/// The tables whose values are compared: the others say the same in another form.
pub fn is_compared(name: &str) -> bool {
    ["features.csv", "scores.csv", "failures.csv"].contains(&file(name).1)
}

/// The cohort and the name of a table.
fn file(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

/// Columns that name a row.
const KEYS: [&str; 10] =
    ["cohort", "patient", "case", "lesion", "region", "component", "model", "predictor", "output", "stage"];

struct Read {
    keys: Vec<usize>,
    header: Vec<String>,
    rows: Vec<(Vec<(String, String)>, csv::StringRecord)>,
}

fn read(path: &Path) -> Result<Read, String> {
    let fail = |cause: csv::Error| format!("cannot read {}: {cause}", path.display());
    if !path.exists() {
        return Ok(Read { keys: Vec::new(), header: Vec::new(), rows: Vec::new() });
    }
    let mut reader = csv::Reader::from_path(path).map_err(fail)?;
    let header: Vec<String> = reader.headers().map_err(fail)?.iter().map(str::to_owned).collect();
    let mut seen = BTreeSet::new();
    // The first of a name: a further column of the list may have the name of a key as well.
    let keys: Vec<usize> =
        (0..header.len()).filter(|i| KEYS.contains(&header[*i].as_str()) && seen.insert(&header[*i])).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(fail)?;
        let key = keys.iter().map(|i| (header[*i].clone(), record.get(*i).unwrap_or_default().to_owned())).collect();
        rows.push((key, record));
    }
    Ok(Read { keys, header, rows })
}

/// Compares a table of both sides, and tells of each value that differs.
pub fn compare(
    name: &str,
    sides: &[Side; 2],
    tolerance: f64,
    differs: &mut impl FnMut(&Cell<'_>),
) -> Result<Table, String> {
    let [a, b] = [read(&sides[0].folder.join(name))?, read(&sides[1].folder.join(name))?];
    let (cohort, file) = file(name);
    let mut table = Table { name: name.to_owned(), ..Table::default() };
    let place = |read: &Read| -> HashMap<String, usize> {
        (0..read.header.len()).filter(|i| !read.keys.contains(i)).map(|i| (read.header[i].clone(), i)).collect()
    };
    let (columns_a, columns_b) = (place(&a), place(&b));
    let both: Vec<(&String, usize, usize)> =
        a.header.iter().filter_map(|name| Some((name, *columns_a.get(name)?, *columns_b.get(name)?))).collect();
    table.only_columns = [(&columns_a, &columns_b), (&columns_b, &columns_a)]
        .map(|(own, other)| own.keys().filter(|name| !other.contains_key(*name)).cloned().collect());
    // Several rows may have one key, such as faults: they are told apart by their number.
    let mut numbers: HashMap<Key, usize> = HashMap::new();
    let mut rows_b: HashMap<(Key, usize), &csv::StringRecord> = HashMap::new();
    for (key, record) in &b.rows {
        let number = numbers.entry(key.clone()).or_default();
        rows_b.insert((key.clone(), *number), record);
        *number += 1;
    }
    numbers.clear();
    for (key, record) in &a.rows {
        let number = numbers.entry(key.clone()).or_default();
        let other = rows_b.remove(&(key.clone(), *number));
        *number += 1;
        let Some(other) = other else {
            table.only[0].0 += 1;
            table.only[0].1.get_or_insert_with(|| shown(key));
            continue;
        };
        for (column, i, j) in &both {
            table.values += 1;
            let (x, y) = (record.get(*i).unwrap_or_default(), other.get(*j).unwrap_or_default());
            if x != y {
                table.note(key, column, [x, y], tolerance);
                differs(&Cell { cohort, table: file, row: key, column });
            }
        }
    }
    table.only[1].0 = rows_b.len();
    table.only[1].1 = rows_b.keys().map(|(key, _)| shown(key)).min();
    Ok(table)
}

impl Table {
    fn note(&mut self, key: &[(String, String)], column: &str, [x, y]: [&str; 2], tolerance: f64) {
        self.differ += 1;
        let relative = match (x.parse::<f64>(), y.parse::<f64>()) {
            (Ok(x), Ok(y)) => (x - y).abs() / x.abs().max(y.abs()),
            _ => f64::INFINITY,
        };
        self.beyond += usize::from(relative > tolerance);
        let case = key.iter().find(|(name, _)| name == "case").map(|(_, case)| case.clone()).unwrap_or_default();
        self.cases.insert(case);
        self.columns.insert(column.to_owned());
        // A text, or a value that is there once only, has no size: a difference of numbers says more.
        let is_larger = |largest: f64| relative.is_finite() && (relative > largest || !largest.is_finite());
        if self.largest.as_ref().is_none_or(|(largest, ..)| is_larger(*largest)) {
            self.largest = Some((relative, column.to_owned(), shown(key), x.to_owned(), y.to_owned()));
        }
    }
}

fn shown(key: &[(String, String)]) -> String {
    let words: Vec<&str> = key.iter().map(|(_, value)| value.as_str()).filter(|value| !value.is_empty()).collect();
    words.join(", ")
}
