//! What is learnt from a table, what the file says, and what is made of it again.

mod files;
mod learning;
mod times;
mod trees;

use voxomics_learning::{Matrix, Response, Sample, Table};
use voxomics_sdk::{
    prelude::*,
    testing::{
        self, TestHost,
        rows::{self, NAMES, ROWS, chance},
    },
};

use crate::{Model, RandomForest, options::Options};

/// Two groups and a part of one.
const TREES: usize = 45;

/// The rows without the host.
fn sample(family: &str) -> Sample {
    let values = (0..NAMES.len()).flat_map(|j| (0..ROWS).map(move |i| rows::value(j, i).unwrap_or(f64::NAN))).collect();
    let inputs = Matrix::new(ROWS, NAMES.len(), values).expect("as many values");
    let y = (0..ROWS).map(|i| rows::target(family, i)).collect();
    Sample {
        table: Table { origin: (0..ROWS).map(|i| Some(rows::batch(i))).collect(), batches: 2, ..Table::new(inputs) },
        response: if family == "gaussian" { Response::Gaussian(y) } else { Response::Binomial(y) },
        weights: vec![1.0; ROWS],
        groups: (0..ROWS).map(|i| i as u64 / 2).collect(),
        strata: Vec::new(),
        dealt: None,
    }
}

fn options(more: &str) -> Options {
    let settings = testing::settings(&RandomForest::describe(), &format!(r#"{{"trees": {TREES}{more}}}"#));
    Options::read(&settings.expect("they are sound")).expect("they are sound")
}

fn learn(family: &str, more: &str) -> String {
    let settings = format!(r#"{{"trees": {TREES}, "outer_folds": 3{more}}}"#);
    testing::fit::<RandomForest>(&settings, &rows::table(family), &TestHost::new().seed(7)).expect("it learns")
}

fn refusal(family: &str, settings: &str) -> (String, String) {
    let error = testing::fit::<RandomForest>(settings, &rows::table(family), &TestHost::new());
    let error = error.expect_err("it is refused").remove(0);
    (error.key().into(), error.to_string())
}
