//! Rows to learn from, for tests of learners: two scanners, patients with two rows each, an input that never varies, and
//! a value that is missing.

use super::TestTable;
use crate::{Design, Folds, Input, Target};

/// Number of rows.
pub const ROWS: usize = 60;

/// The inputs. The target follows from the first two.
pub const NAMES: [&str; 5] = ["tumour:a", "tumour:b", "c", "tumour:flat", "e"];

/// The columns of the batches.
pub const BATCHES: [&str; 2] = ["scanner=A", "scanner=B"];

/// The row that has no value of `c`.
pub const GAP: usize = 7;

/// Numbers between −1 and 1 that look random.
pub fn chance(column: usize, row: usize) -> f64 {
    let mut state =
        (column as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (row as u64).wrapping_mul(0xD1B5_4A32_D192_ED03);
    state = (state ^ (state >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((state ^ (state >> 29)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// A value of an input, by the places of its name and of the row; scanner B stretches and shifts everything.
pub fn value(column: usize, row: usize) -> Option<f64> {
    let x = chance(column, row) * (column + 1) as f64;
    let x = if batch(row) == 1 { 2.0 * x + 5.0 } else { x };
    match NAMES[column] {
        "tumour:flat" => Some(4.0),
        "c" if row == GAP => None,
        _ => Some(x),
    }
}

/// The place of the scanner of a row.
pub fn batch(row: usize) -> usize {
    usize::from(row.is_multiple_of(3))
}

/// What the target of a row would be without noise, but for location and scale; a time falls with it.
pub fn signal(row: usize) -> f64 {
    2.0 * chance(0, row) - chance(1, row)
}

/// The target of a row: of the family `gaussian`, `binomial` or `cox`.
pub fn target(family: &str, row: usize) -> f64 {
    let noise = chance(9, row);
    match family {
        "gaussian" => 10.0 + signal(row) + 0.3 * noise,
        "binomial" => f64::from(u8::from(signal(row) + noise > 0.0)),
        _ => (20.0 - 5.0 * signal(row) + 3.0 * noise).ceil(),
    }
}

/// All rows, as the host would give them. A time has an event in four rows of five.
///
/// ```
/// use voxomics_sdk::{Input, testing::rows};
///
/// let table = rows::table("gaussian");
/// // The row of the gap has no value of the input `c`.
/// let row = rows::row(&["tumour:a".into(), "c".into()], rows::GAP);
/// assert!(matches!(row[..], [Input::Value(_), Input::Missing(_)]));
/// ```
pub fn table(family: &str) -> TestTable {
    table_with(family, |_| {})
}

/// All rows with folds that were dealt. Each of the two outer ones is all that one scanner has made, so that the model of
/// the other has never seen it; the three within mix the scanners.
pub fn table_by_scanner(family: &str) -> TestTable {
    let (outer, inner) = ("fold by scanner", "fold");
    let within = vec![vec![inner.to_owned()]; BATCHES.len()];
    let folds = Folds { outer: vec![outer.into()], inner: vec![inner.into()], within };
    table_with(family, |design| design.folds = Some(folds))
        .column(outer, (0..ROWS).map(|i| Some(batch(i) as f64)))
        .column(inner, (0..ROWS).map(|i| Some((i / 2 % 3) as f64)))
}

/// All rows, with what `change` makes of what is to be learnt.
pub fn table_with(family: &str, change: impl FnOnce(&mut Design)) -> TestTable {
    let column = String::from("target");
    let target = match family {
        "gaussian" => Target::Gaussian { column },
        "binomial" => Target::Binomial { column },
        _ => Target::Cox { time: column, event: "event".into() },
    };
    let mut design = Design {
        inputs: NAMES.map(String::from).to_vec(),
        target,
        weights: None,
        groups: Some("patient".into()),
        strata: None,
        kept: Vec::new(),
        unaligned: Vec::new(),
        levels: Vec::new(),
        batches: BATCHES.map(String::from).to_vec(),
        folds: None,
    };
    change(&mut design);
    let mut table = TestTable::new(design, ROWS);
    for (j, name) in NAMES.iter().enumerate() {
        table = table.column(name, (0..ROWS).map(|i| value(j, i)));
    }
    for (k, name) in BATCHES.iter().enumerate() {
        table = table.column(name, (0..ROWS).map(|i| Some(f64::from(u8::from(batch(i) == k)))));
    }
    table
        .column("target", (0..ROWS).map(|i| Some(self::target(family, i))))
        .column("event", (0..ROWS).map(|i| Some(f64::from(u8::from(i % 5 != 0)))))
        .column("patient", (0..ROWS).map(|i| Some((i / 2) as f64)))
}

/// A row of the table, as a model asks for it.
///
/// # Panics
/// If the table has no such input.
pub fn row(inputs: &[String], row: usize) -> Vec<Input> {
    let of = |name: &String| {
        if let Some(k) = BATCHES.iter().position(|other| other == name) {
            return Input::Value(f64::from(u8::from(batch(row) == k)));
        }
        let column = NAMES.iter().position(|other| other == name);
        let column = column.unwrap_or_else(|| panic!("`{name}` is no input of the table"));
        value(column, row).map_or(Input::Missing("empty".into()), Input::Value)
    };
    inputs.iter().map(of).collect()
}
