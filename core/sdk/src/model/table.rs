//! From the host's table to a sample.

use std::collections::HashMap;

use voxomics_learning::{
    Error as Failure, Matrix, Response, Sample, Table,
    folds::{Dealt, Folds},
};

use crate::{Design, Error, Target, TrainingTable, predictor};

/// A sample with the names of what it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// The rows.
    pub sample: Sample,
    /// Names of the inputs.
    pub inputs: Vec<String>,
    /// Names of the batches' columns.
    pub batches: Vec<String>,
    /// Names of the covariates whose effect harmonisation keeps.
    pub kept: Vec<String>,
    /// Column of the target; those of time and event for a time.
    pub target: String,
}

impl Named {
    /// Takes the columns that the design names; a missing value of an input becomes NaN.
    ///
    /// The crate's `tests/learner.rs` has an example of a whole learner.
    ///
    /// # Errors
    /// For columns that are not there, gaps in any but an input, and flags other than 0 and 1.
    pub fn read(table: &TrainingTable) -> Result<Self, Error> {
        let Design { inputs, target, weights, groups, strata, batches, kept, unaligned, levels, folds } =
            table.design()?;
        let columns = Columns::new(table);
        let rows = table.rows();
        let mut values = Vec::with_capacity(rows * inputs.len());
        for name in &inputs {
            values.extend(table.column(columns.find(name)?).map(|value| value.unwrap_or(f64::NAN)));
        }
        let matrix = Matrix::new(rows, inputs.len(), values).map_err(|why| Error::input(why.to_string()))?;
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
        let mut values = Vec::with_capacity(rows * kept.len());
        for name in &kept {
            values.extend(columns.whole(name)?);
        }
        let covariates = Matrix::new(rows, kept.len(), values).map_err(|why| Error::input(why.to_string()))?;
        let unaligned = unaligned.iter().map(|name| {
            let place = inputs.iter().position(|input| input == name);
            place.ok_or_else(|| Error::input(format!("`{name}`, which is not to be aligned, is no input")))
        });
        let unaligned = unaligned.collect::<Result<Vec<usize>, Error>>()?;
        let levels = levels.iter().map(|covariate| columns.levels(covariate, &inputs)).collect::<Result<_, Error>>()?;
        let table = Table { inputs: matrix, origin, batches: batches.len(), kept: covariates, unaligned, levels };
        let dealt = folds.map(|folds| columns.dealt(&folds)).transpose()?;
        let sample = Sample { table, response, weights, groups: labels(groups)?, strata: labels(strata)?, dealt };
        Ok(Self { sample, inputs, batches, kept, target })
    }

    /// The outer folds that a learner cuts by itself, of those that its settings ask for: none if the host has dealt folds and no outer
    /// ones, as it then holds the learner's models against the rows of other folds by itself.
    pub fn outer(&self, asked: Option<Folds>) -> Option<Folds> {
        asked.filter(|_| self.sample.dealt.as_ref().is_none_or(|dealt| !dealt.outer.is_empty()))
    }

    /// Why nothing could be learnt, with the names of columns instead of their numbers.
    pub fn error(&self, failure: Failure) -> Error {
        let of = |names: &[String], at: usize| names.get(at).cloned().unwrap_or_else(|| format!("number {at}"));
        match failure {
            Failure::Cancelled => Error::cancelled(),
            Failure::Column { column, message } => Error::input(format!("`{}`: {message}", of(&self.inputs, column))),
            Failure::Batch { batch, message } => Error::input(format!("`{}`: {message}", of(&self.batches, batch))),
            Failure::Kept { covariate, message } => {
                Error::input(format!("harmonisation cannot keep `{}`: {message}", of(&self.kept, covariate)))
            }
            other => Error::input(other.to_string()),
        }
    }
}

struct Columns<'a, 'b> {
    table: &'a TrainingTable<'b>,
    places: HashMap<&'a str, usize>,
}

impl<'a, 'b> Columns<'a, 'b> {
    fn new(table: &'a TrainingTable<'b>) -> Self {
        // Of two of one name, the first counts.
        let names: Vec<&str> = table.columns().collect();
        let places = names.into_iter().enumerate().rev().map(|(place, name)| (name, place)).collect();
        Self { table, places }
    }

    fn find(&self, name: &str) -> Result<usize, Error> {
        let place = self.places.get(name).copied();
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

    /// The places among the inputs of the levels of a covariate.
    fn levels(&self, covariate: &[String], inputs: &[String]) -> Result<Vec<usize>, Error> {
        let mut ones = vec![0.0; self.table.rows()];
        let mut places = Vec::with_capacity(covariate.len());
        for name in covariate {
            let place = inputs.iter().position(|input| input == name);
            places.push(place.ok_or_else(|| Error::input(format!("`{name}`, a level of a covariate, is no input")))?);
            for (row, (value, ones)) in self.table.column(self.find(name)?).zip(&mut ones).enumerate() {
                match value {
                    None => {}
                    Some(value) if value == 0.0 || value == 1.0 => *ones += value,
                    Some(x) => return Err(Error::input(format!("`{name}` is {x} in row {row}, expected 0 or 1"))),
                }
            }
        }
        match ones.iter().position(|ones| *ones > 1.0) {
            Some(row) => Err(Error::input(format!("row {row} has two of the levels {}", covariate.join(", ")))),
            None => Ok(places),
        }
    }

    /// The folds that the host has dealt.
    fn dealt(&self, folds: &predictor::Folds) -> Result<Dealt, Error> {
        // A row of an outer fold has no inner one.
        let number = |name: &str, x: Option<f64>| match x {
            None => Ok(0),
            Some(x) if (0.0..1e9).contains(&x) && x.fract() == 0.0 => Ok(x as usize),
            Some(x) => Err(Error::input(format!("`{name}` is {x} in a row, expected the number of a fold"))),
        };
        let column = |name: &String| self.table.column(self.find(name)?).map(|x| number(name, x)).collect();
        let columns = |names: &Vec<String>| names.iter().map(column).collect::<Result<Vec<Vec<usize>>, Error>>();
        let within = folds.within.iter().map(columns).collect::<Result<_, Error>>()?;
        let dealt = Dealt { outer: columns(&folds.outer)?, inner: columns(&folds.inner)?, within };
        dealt.check(self.table.rows()).map_err(|why| Error::input(why.to_string()))?;
        Ok(dealt)
    }

    /// The batch of each row.
    fn origin(&self, batches: &[String]) -> Result<Vec<Option<usize>>, Error> {
        if batches.is_empty() {
            return Ok(Vec::new());
        }
        let mut origin = vec![None; self.table.rows()];
        for (batch, name) in batches.iter().enumerate() {
            let flags = self.flags(name)?.into_iter().enumerate();
            for (i, _) in flags.filter(|(_, is)| *is) {
                if let Some(other) = origin[i].replace(batch) {
                    let other = &batches[other];
                    return Err(Error::input(format!("row {i} is of two batches, `{other}` and `{name}`")));
                }
            }
        }
        Ok(origin)
    }
}
