//! What is learnt from a table, what the file says, and what is made of it again.

mod files;
mod learning;
mod oracle;

use voxomics_learning::{Matrix, Response, Sample, Table};
use voxomics_sdk::{
    model::Named,
    prelude::*,
    testing::{
        self, TestHost,
        rows::{self, ROWS, chance},
    },
};

use crate::{Model, PredictBoosting, options::Options};

/// How many trees.
const TREES: usize = 40;

fn options(more: &str) -> Options {
    let settings = testing::settings(&PredictBoosting::describe(), &format!(r#"{{"trees": {TREES}{more}}}"#));
    Options::read(&settings.expect("they are sound")).expect("they are sound")
}

fn learn(family: &str, more: &str) -> String {
    let settings = format!(r#"{{"trees": {TREES}, "outer_folds": 3{more}}}"#);
    testing::fit::<PredictBoosting>(&settings, &rows::table(family), &TestHost::new().seed(7)).expect("it learns")
}

fn refusal(family: &str, settings: &str) -> (String, String) {
    let error = testing::fit::<PredictBoosting>(settings, &rows::table(family), &TestHost::new());
    let error = error.expect_err("it is refused").remove(0);
    (error.key().into(), error.to_string())
}

/// A table of columns of chance.
fn named(rows: usize, columns: usize, response: Response) -> Named {
    let x = (0..columns).flat_map(|j| (0..rows).map(move |i| chance(j, i))).collect();
    let x = Matrix::new(rows, columns, x).expect("as many values");
    let sample = Sample::new(Table::new(x), response).expect("it is sound");
    let inputs = (0..columns).map(|j| format!("x{j}")).collect();
    Named { sample, inputs, batches: Vec::new(), kept: Vec::new(), target: "y".into() }
}
