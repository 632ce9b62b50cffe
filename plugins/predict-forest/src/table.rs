//! From the host's table to a sample.

use voxomics_learning::{Matrix, Response, Sample, Table};
use voxomics_sdk::{Design, Target, prelude::*};

/// A sample with the names of what it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// The rows.
    pub sample: Sample,
    /// Names of the inputs.
    pub inputs: Vec<String>,
    /// Names of the batches' columns.
    pub batches: Vec<String>,
    /// Column of the target; those of time and event for a time.
    pub target: String,
}

/// Takes the columns that the design names.
pub fn read(table: &TrainingTable) -> Result<Named, Error> {
    let Design { inputs, target, weights, groups, strata, batches } = table.design()?;
    let columns = Columns { table };
    let rows = table.rows();
    let mut values = Vec::with_capacity(rows * inputs.len());
    for name in &inputs {
        values.extend(table.column(columns.find(name)?).map(|value| value.unwrap_or(f64::NAN)));
    }
    let inputs_matrix = Matrix::new(rows, inputs.len(), values).map_err(|why| Error::input(why.to_string()))?;
    let (response, target) = match target {
        Target::Gaussian { column } => (Response::Gaussian(columns.whole(&column)?), column),
        Target::Binomial { column } => (Response::Binomial(columns.whole(&column)?), column),
        Target::Cox { time, event } => {
            let flags = columns.flags(&event)?;
            (Response::Cox { time: columns.whole(&time)?, event: flags }, format!("{time}, {event}"))
        }
    };
    // Any number may stand for a group: its bits tell it from others, once −0 is 0.
    let labels = |column: Option<String>| {
        let of = |name: String| Ok(columns.whole(&name)?.iter().map(|x| (x + 0.0).to_bits()).collect());
        column.map_or(Ok(Vec::new()), of)
    };
    let weights = weights.map_or_else(|| Ok(vec![1.0; rows]), |name| columns.whole(&name))?;
    let origin = columns.origin(&batches)?;
    let table = Table { inputs: inputs_matrix, origin, batches: batches.len() };
    let sample = Sample { table, response, weights, groups: labels(groups)?, strata: labels(strata)? };
    Ok(Named { sample, inputs, batches, target })
}

struct Columns<'a, 'b> {
    table: &'a TrainingTable<'b>,
}

impl Columns<'_, '_> {
    fn find(&self, name: &str) -> Result<usize, Error> {
        let place = self.table.columns().position(|column| column == name);
        place.ok_or_else(|| Error::input(format!("the training table has no column `{name}`")))
    }

    /// A column without gaps.
    fn whole(&self, name: &str) -> Result<Vec<f64>, Error> {
        let values: Vec<Option<f64>> = self.table.column(self.find(name)?).collect();
        let missing = values.iter().filter(|value| value.is_none()).count();
        if missing > 0 {
            let rows = values.len();
            return Err(Error::input(format!("`{name}` is missing in {missing} of {rows} rows: leave these rows out")));
        }
        Ok(values.into_iter().flatten().collect())
    }

    /// A column of 0 and 1.
    fn flags(&self, name: &str) -> Result<Vec<bool>, Error> {
        let of = |x: f64| match x {
            0.0 => Ok(false),
            1.0 => Ok(true),
            _ => Err(Error::input(format!("`{name}` is {x} in a row, expected 0 or 1"))),
        };
        self.whole(name)?.into_iter().map(of).collect()
    }

    /// The batch of each row.
    fn origin(&self, batches: &[String]) -> Result<Vec<Option<usize>>, Error> {
        if batches.is_empty() {
            return Ok(Vec::new());
        }
        let mut origin = vec![None; self.table.rows()];
        for (batch, name) in batches.iter().enumerate() {
            for (i, is) in self.flags(name)?.into_iter().enumerate().filter(|(_, is)| *is) {
                if let (true, Some(other)) = (is, origin[i].replace(batch)) {
                    let other = &batches[other];
                    return Err(Error::input(format!("row {i} is of two batches, `{other}` and `{name}`")));
                }
            }
        }
        Ok(origin)
    }
}
