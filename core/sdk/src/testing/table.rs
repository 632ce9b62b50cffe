//! The training table of a unit test.

use voxomics_interface::{
    self as wire, BoxedPredictor, Failure,
    abi_stable::std_types::{RResult, RString},
    codes,
};

use super::TestHost;
use crate::{
    Design, Error, Predictor,
    export::{self, Entry},
};

/// A training table from plain columns.
#[derive(Debug, Clone, PartialEq)]
pub struct TestTable {
    design: Design,
    rows: usize,
    names: Vec<String>,
    values: Vec<f64>,
    present: Vec<u8>,
}

impl TestTable {
    /// A table without columns, and what is to be learnt from it.
    pub fn new(design: Design, rows: usize) -> Self {
        Self { design, rows, names: Vec::new(), values: Vec::new(), present: Vec::new() }
    }

    /// With one more column; `None` where a value is missing.
    ///
    /// # Panics
    /// If it has not the table's number of rows.
    pub fn column(mut self, name: &str, values: impl IntoIterator<Item = Option<f64>>) -> Self {
        self.names.push(name.into());
        for value in values {
            self.values.push(value.unwrap_or(0.0));
            self.present.push(u8::from(value.is_some()));
        }
        assert_eq!(self.values.len(), self.rows * self.names.len(), "the rows of the column `{name}`");
        self
    }
}

/// Configures a predictor as the host would, and has it learn from a table.
///
/// # Errors
/// What is wrong with the settings; the predictor's error.
pub fn fit<P: Predictor>(settings: &str, table: &TestTable, host: &TestHost) -> Result<String, Vec<Error>> {
    let entry = [Entry::<BoxedPredictor>::predictor::<P>()];
    let id = P::describe().plugin.id;
    let predictor = match export::configure(&entry, id.as_str().into(), settings.into()) {
        RResult::ROk(predictor) => predictor,
        RResult::RErr(failures) => return Err(failures.into_iter().map(error).collect()),
    };
    let design = serde_json::to_string(&table.design).map_err(|cause| vec![Error::input(cause.to_string())])?;
    let columns: Vec<RString> = table.names.iter().map(|name| name.as_str().into()).collect();
    let table = wire::TrainingTable {
        rows: table.rows as u64,
        columns: columns.as_slice().into(),
        values: table.values.as_slice().into(),
        present: table.present.as_slice().into(),
        design: design.as_str().into(),
    };
    match predictor.fit(table, host.wire()) {
        RResult::ROk(model) => Ok(model.into()),
        RResult::RErr(failure) => Err(vec![error(failure)]),
    }
}

/// The error that became a failure on its way through the door.
fn error(failure: Failure) -> Error {
    match failure.code {
        codes::FAILURE_SETTING => Error::setting(&failure.key, failure.message),
        codes::FAILURE_UNSUPPORTED => Error::unsupported(failure.message),
        codes::FAILURE_CANCELLED => Error::cancelled(),
        codes::FAILURE_PANIC => Error::panic(failure.message.into()),
        _ => Error::input(failure.message),
    }
}
