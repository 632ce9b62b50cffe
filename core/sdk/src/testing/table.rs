//! The training table of a unit test.

use voxomics_interface::{
    Array, Request,
    abi_stable::std_types::RResult,
    calls::{FIT, Fit, Fitted},
    describe::Kind,
};

use super::TestHost;
use crate::{
    Design, Error, Predictor,
    export::{self, Entry},
};

/// A training table from plain columns.
///
/// ```
/// use voxomics_sdk::{
///     prelude::*,
///     testing::{TestTable, rows},
/// };
///
/// // Two rows, of which the second lacks the input.
/// let design = Design {
///     inputs: vec!["tumour:mean".into()],
///     target: Target::Binomial { column: "response".into() },
///     weights: None,
///     groups: None,
///     strata: None,
///     batches: Vec::new(),
///     kept: Vec::new(),
///     unaligned: Vec::new(),
///     levels: Vec::new(),
///     folds: None,
/// };
/// let table =
///     TestTable::new(design, 2).column("tumour:mean", [Some(40.0), None]).column("response", [Some(1.0), Some(0.0)]);
/// ```
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
/// [`Predictor`] has an example.
///
/// # Errors
/// What is wrong with the settings; the predictor's error.
pub fn fit<P: Predictor>(settings: &str, table: &TestTable, host: &TestHost) -> Result<String, Vec<Error>> {
    let input = |cause: serde_json::Error| vec![Error::input(cause.to_string())];
    let settings: serde_json::Value = serde_json::from_str(settings).map_err(input)?;
    let settings = serde_json::json!({ "settings": settings }).to_string();
    let (kind, id) = (Kind::Predict.word(), P::describe().plugin.id);
    let entry = [Entry::predictor::<P>()];
    let predictor = match export::configure(&entry, kind.into(), id.as_str().into(), Request::new(&settings, &[])) {
        RResult::ROk(predictor) => predictor,
        RResult::RErr(failures) => return Err(failures.iter().map(Error::from_wire).collect()),
    };
    let request = Fit { columns: table.names.clone(), design: table.design.clone() };
    let request = serde_json::to_string(&request).map_err(input)?;
    let dims = [table.rows as u64, table.names.len() as u64];
    let arrays = [Array::new("values", &dims, &table.values), Array::new("present", &dims, &table.present)];
    match predictor.call(FIT.into(), Request::new(&request, &arrays), host.wire()) {
        RResult::ROk(answer) => {
            let text = answer.json.verified().map_err(|cause| vec![Error::input(cause.to_string())])?;
            serde_json::from_str(text).map(|Fitted { model }| model).map_err(input)
        }
        RResult::RErr(failure) => Err(vec![Error::from_wire(&failure)]),
    }
}
