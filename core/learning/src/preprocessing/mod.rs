//! What happens to inputs before a model sees them. Every step is fitted to the training rows alone and belongs to the
//! model: new rows go through what was fitted.

mod combat;
mod filter;
mod impute;
#[cfg(test)]
mod tests;
mod within;

pub use combat::{Batch, Combat, Unknown};
pub use impute::Impute;

use crate::{Error, Matrix, Sample, Table};

/// A step of preprocessing.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Replaces missing values. A column without any value is left out.
    Impute(Impute),
    /// Leaves out columns of which one value holds at least this share of the rows; at 1, only constant columns.
    NearConstant(f64),
    /// Aligns the batches of a table; see [`Combat`].
    Combat(Unknown),
    /// Leaves out a column whose absolute correlation with a column before it, which is kept, is above this.
    Correlation(f64),
    /// The same of ranks (Spearman).
    RankCorrelation(f64),
    /// Keeps the columns, this many, that alone tell most of the response: by absolute correlation for a number, by
    /// |AUC − ½| for a class, by the statistic of the score test (with Breslow's ties) for a time; the earlier of two
    /// that tell the same.
    Top(usize),
}

/// Steps in their order.
///
/// ```
/// use voxomics_learning::{
///     Matrix, Response, Sample, Table,
///     preprocessing::{Impute, Pipeline, Step},
/// };
///
/// // The first column lacks a value, and the second one never varies.
/// let inputs = Matrix::new(3, 2, vec![1.0, f64::NAN, 3.0, 5.0, 5.0, 5.0]).unwrap();
/// let sample = Sample::new(Table::new(inputs), Response::Gaussian(vec![1.0, 2.0, 3.0])).unwrap();
/// let steps = vec![Step::Impute(Impute::Mean), Step::NearConstant(1.0)];
/// let (fitted, learnt_from) = Pipeline { steps }.fit(&sample).unwrap();
/// assert_eq!((fitted.columns(), learnt_from.column(0)), (&[0][..], &[1.0, 2.0, 3.0][..]));
/// assert!(fitted.imputed()[0] == Some(2.0) && fitted.combat().is_none());
/// // New rows get what the training rows have taught.
/// let new = Table::new(Matrix::new(1, 2, vec![f64::NAN, 7.0]).unwrap());
/// assert_eq!(fitted.transform(&new).unwrap().column(0), [2.0]);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pipeline {
    /// The steps. A missing value that no step before it has replaced is an error.
    pub steps: Vec<Step>,
}

/// A step that knows the training rows.
#[derive(Debug, Clone, PartialEq)]
enum Fitted {
    /// The value for each column, `None` where a missing one is refused.
    Impute(Vec<Option<f64>>),
    Keep(Vec<usize>),
    Combat(Combat),
}

/// A pipeline that knows the training rows.
///
/// [`Pipeline`] has an example.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedPipeline {
    steps: Vec<Fitted>,
    width: usize,
    columns: Vec<usize>,
    imputed: Vec<Option<f64>>,
}

impl Pipeline {
    /// Fits all steps to a sample; returns what was fitted and the sample's inputs after all steps.
    ///
    /// # Errors
    /// For inputs that are infinite, values that are missing but not replaced, and batches that cannot be aligned.
    pub fn fit(&self, sample: &Sample) -> Result<(FittedPipeline, Matrix), Error> {
        sample.check()?;
        let mut x = sample.table.inputs.clone();
        let width = x.columns();
        let mut fitted =
            FittedPipeline { steps: Vec::new(), width, columns: (0..width).collect(), imputed: vec![None; width] };
        finite(&x)?;
        let mut whole = false;
        for step in &self.steps {
            if !whole && !matches!(step, Step::Impute(_)) {
                refuse_missing(&x, &fitted.columns)?;
                whole = true;
            }
            match step {
                Step::Impute(how) => {
                    let levels = fitted.places(&sample.table.levels);
                    let (values, keep) = impute::fit(*how, &x, &levels);
                    for (column, value) in fitted.columns.iter().zip(&values) {
                        fitted.imputed[*column] = *value;
                    }
                    fitted.push(Fitted::Impute(values), &mut x, &sample.table)?;
                    fitted.keep(keep, &mut x, &sample.table)?;
                }
                Step::NearConstant(share) => fitted.keep(filter::varying(&x, *share), &mut x, &sample.table)?,
                Step::Combat(unknown) => {
                    let keep = combat::varying_within(&x, &sample.table, &fitted.columns);
                    fitted.keep(keep, &mut x, &sample.table)?;
                    let combat = Combat::fit(&x, &sample.table, *unknown, &fitted.columns)?;
                    fitted.push(Fitted::Combat(combat), &mut x, &sample.table)?;
                }
                Step::Correlation(most) => {
                    fitted.keep(filter::uncorrelated(&x, &sample.weights, *most), &mut x, &sample.table)?;
                }
                Step::RankCorrelation(most) => {
                    fitted.keep(filter::unalike(&x, &sample.weights, *most), &mut x, &sample.table)?;
                }
                Step::Top(count) => {
                    let keep = filter::telling(&x, &sample.response, &sample.weights, *count)?;
                    fitted.keep(keep, &mut x, &sample.table)?;
                }
            }
        }
        refuse_missing(&x, &fitted.columns)?;
        Ok((fitted, x))
    }
}

impl FittedPipeline {
    fn keep(&mut self, columns: Vec<usize>, x: &mut Matrix, table: &Table) -> Result<(), Error> {
        if columns.len() == x.columns() {
            return Ok(());
        }
        self.columns = columns.iter().map(|j| self.columns[*j]).collect();
        self.push(Fitted::Keep(columns), x, table)
    }

    /// Where the levels of each covariate are among the columns that are left.
    fn places(&self, levels: &[Vec<usize>]) -> Vec<Vec<usize>> {
        let place = |column: &usize| self.columns.iter().position(|left| left == column);
        levels.iter().map(|covariate| covariate.iter().filter_map(place).collect()).collect()
    }

    fn push(&mut self, step: Fitted, x: &mut Matrix, table: &Table) -> Result<(), Error> {
        step.apply(x, table)?;
        self.steps.push(step);
        Ok(())
    }

    /// The columns of the table that are left, in order.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// What replaces a missing value of each column of the table, if anything does.
    pub fn imputed(&self) -> &[Option<f64>] {
        &self.imputed
    }

    /// The harmonisation, if there is one.
    pub fn combat(&self) -> Option<&Combat> {
        self.steps.iter().find_map(|step| if let Fitted::Combat(combat) = step { Some(combat) } else { None })
    }

    /// Sends rows through all steps.
    ///
    /// # Errors
    /// For another number of columns, inputs that are infinite or missing without a replacement, and unknown batches that
    /// are to be refused. A column that is left out later is held to this, too.
    pub fn transform(&self, table: &Table) -> Result<Matrix, Error> {
        if table.inputs.columns() != self.width {
            let columns = table.inputs.columns();
            return Err(Error::input(format!("{columns} columns, expected {}", self.width)));
        }
        finite(&table.inputs)?;
        let mut x = table.inputs.clone();
        let mut columns: Vec<usize> = (0..self.width).collect();
        for step in &self.steps {
            step.apply(&mut x, table)?;
            if let Fitted::Keep(keep) = step {
                columns = keep.iter().map(|j| columns[*j]).collect();
            }
        }
        refuse_missing(&x, &columns)?;
        Ok(x)
    }
}

impl Fitted {
    fn apply(&self, x: &mut Matrix, table: &Table) -> Result<(), Error> {
        match self {
            Self::Impute(values) => {
                for (j, value) in values.iter().enumerate() {
                    if let Some(value) = value {
                        x.column_mut(j).iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = *value);
                    }
                }
            }
            Self::Keep(columns) => *x = x.select_columns(columns),
            Self::Combat(combat) => combat.apply(x, table)?,
        }
        Ok(())
    }
}

fn finite(x: &Matrix) -> Result<(), Error> {
    let infinite = (0..x.columns()).find(|j| x.column(*j).iter().any(|x| x.is_infinite()));
    match infinite {
        Some(column) => Err(Error::Column { column, message: "a value is infinite".into() }),
        None => Ok(()),
    }
}

/// `columns` are the places in the table.
fn refuse_missing(x: &Matrix, columns: &[usize]) -> Result<(), Error> {
    for (j, column) in columns.iter().enumerate() {
        let missing = x.column(j).iter().filter(|x| x.is_nan()).count();
        if missing > 0 {
            let message = format!("{missing} of {} values are missing, and nothing replaces them", x.rows());
            return Err(Error::Column { column: *column, message });
        }
    }
    Ok(())
}
