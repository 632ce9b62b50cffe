//! What is learnt from a table, what the file says, and what is made of it again.

mod files;
mod learning;
mod trees;

use voxomics_learning::{Matrix, Response, Sample, Table};
use voxomics_sdk::{
    Design, Target,
    prelude::*,
    testing::{self, TestHost, TestTable},
};

use crate::{Model, RandomForest, options::Options};

/// Numbers between −1 and 1 that look random.
fn chance(column: usize, row: usize) -> f64 {
    let mut random = crate::random::Random::part(column as u64, row as u64);
    random.draw() as f64 / (1_u64 << 63) as f64 - 1.0
}

const NAMES: [&str; 5] = ["tumour:a", "tumour:b", "c", "tumour:flat", "e"];
const ROWS: usize = 60;
/// Two groups and a part of one.
const TREES: usize = 45;

/// Row 7 has no value of `c`; scanner B stretches and shifts everything.
fn value(column: usize, row: usize) -> Option<f64> {
    let x = chance(column, row) * (column + 1) as f64;
    let x = if row.is_multiple_of(3) { 2.0 * x + 5.0 } else { x };
    match NAMES[column] {
        "tumour:flat" => Some(4.0),
        "c" if row == 7 => None,
        _ => Some(x),
    }
}

fn target_of(family: &str, row: usize) -> f64 {
    let signal = 2.0 * chance(0, row) - chance(1, row);
    match family {
        "gaussian" => 1e6 + signal + 0.3 * chance(9, row),
        "binomial" => f64::from(u8::from(signal + 0.5 * chance(9, row) > 0.0)),
        _ => (20.0 - 5.0 * signal).ceil(),
    }
}

/// The same rows without the host.
fn sample(family: &str) -> Sample {
    let values = (0..NAMES.len()).flat_map(|j| (0..ROWS).map(move |i| value(j, i).unwrap_or(f64::NAN))).collect();
    let inputs = Matrix::new(ROWS, NAMES.len(), values).expect("as many values");
    let y = (0..ROWS).map(|i| target_of(family, i)).collect();
    Sample {
        table: Table { inputs, origin: (0..ROWS).map(|i| Some(usize::from(i % 3 == 0))).collect(), batches: 2 },
        response: if family == "gaussian" { Response::Gaussian(y) } else { Response::Binomial(y) },
        weights: vec![1.0; ROWS],
        groups: (0..ROWS).map(|i| i as u64 / 2).collect(),
        strata: Vec::new(),
    }
}

fn table(family: &str) -> TestTable {
    let column = String::from("target");
    let target = match family {
        "gaussian" => Target::Gaussian { column },
        "binomial" => Target::Binomial { column },
        _ => Target::Cox { time: column, event: "event".into() },
    };
    let batches = vec!["scanner=A".into(), "scanner=B".into()];
    let inputs = NAMES.map(String::from).to_vec();
    let design = Design { inputs, target, weights: None, groups: Some("patient".into()), strata: None, batches };
    let mut table = TestTable::new(design, ROWS);
    for (j, name) in NAMES.iter().enumerate() {
        table = table.column(name, (0..ROWS).map(|i| value(j, i)));
    }
    table
        .column("target", (0..ROWS).map(|i| Some(target_of(family, i))))
        .column("event", (0..ROWS).map(|i| Some(f64::from(u8::from(i % 5 != 0)))))
        .column("patient", (0..ROWS).map(|i| Some((i / 2) as f64)))
        .column("scanner=A", (0..ROWS).map(|i| Some(f64::from(u8::from(i % 3 != 0)))))
        .column("scanner=B", (0..ROWS).map(|i| Some(f64::from(u8::from(i % 3 == 0)))))
}

/// A row of the table, as the model asks for it.
fn row(model: &Model, row: usize) -> Vec<Input> {
    let of = |name: String| match name.as_str() {
        "scanner=A" => Input::Value(f64::from(u8::from(!row.is_multiple_of(3)))),
        "scanner=B" => Input::Value(f64::from(u8::from(row.is_multiple_of(3)))),
        name => {
            let column = NAMES.iter().position(|other| *other == name).expect("it is an input");
            value(column, row).map_or(Input::Missing("empty".into()), Input::Value)
        }
    };
    model.inputs().into_iter().map(of).collect()
}

fn options(more: &str) -> Options {
    let settings = testing::settings(&RandomForest::describe(), &format!(r#"{{"trees": {TREES}{more}}}"#));
    Options::read(&settings.expect("they are sound")).expect("they are sound")
}

fn learn(family: &str, more: &str) -> String {
    let settings = format!(r#"{{"trees": {TREES}, "outer_folds": 3{more}}}"#);
    testing::fit::<RandomForest>(&settings, &table(family), &TestHost::new().seed(7)).expect("it learns")
}

fn refusal(family: &str, settings: &str) -> (String, String) {
    let error = testing::fit::<RandomForest>(settings, &table(family), &TestHost::new()).expect_err("it is refused");
    (error[0].key().into(), error[0].to_string())
}
