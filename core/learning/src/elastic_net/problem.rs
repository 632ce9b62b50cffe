//! What the solvers work on: columns centred and scaled, weights that sum to 1.

use crate::{Error, Matrix, algebra};

use super::Options;

/// The columns that vary, and how they were made.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    /// Centred (with an intercept) and scaled (if standardised) columns.
    pub x: Matrix,
    /// Sum to 1.
    pub weights: Vec<f64>,
    /// For each column of `x`: its place in the table, its weighted mean, what it was divided by, its penalty factor.
    pub columns: Vec<Column>,
    /// Number of columns of the table.
    pub width: usize,
}

/// A column of a problem.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub place: usize,
    pub centre: f64,
    pub scale: f64,
    pub factor: f64,
}

impl Problem {
    /// Of the rows in the order `rows`. A column that does not vary has the coefficient 0 and is left out.
    pub(super) fn new(x: &Matrix, weights: &[f64], rows: &[usize], options: &Options) -> Result<Self, Error> {
        let total: f64 = weights.iter().sum();
        let weights: Vec<f64> = rows.iter().map(|i| weights[*i] / total).collect();
        let factors = penalty_factors(options, x.columns())?;
        let (mut values, mut columns) = (Vec::with_capacity(rows.len() * x.columns()), Vec::new());
        for (place, factor) in factors.into_iter().enumerate() {
            let source = x.column(place);
            if let Some(i) = source.iter().position(|value| !value.is_finite()) {
                let message = format!("the value of row {i} is {}, expected a finite number", source[i]);
                return Err(Error::Column { column: place, message });
            }
            let mean = rows.iter().zip(&weights).map(|(i, w)| w * source[*i]).sum::<f64>();
            let squares = rows.iter().zip(&weights).map(|(i, w)| w * (source[*i] - mean) * (source[*i] - mean));
            let deviation = squares.sum::<f64>().sqrt();
            if !algebra::varies(deviation, algebra::largest(source)) {
                continue;
            }
            let scale = if options.standardise { deviation } else { 1.0 };
            let centre = if options.intercept { mean } else { 0.0 };
            values.extend(rows.iter().map(|i| (source[*i] - centre) / scale));
            columns.push(Column { place, centre, scale, factor });
        }
        let width = x.columns();
        Ok(Self { x: Matrix::new(rows.len(), columns.len(), values)?, weights, columns, width })
    }

    /// Number of columns that vary.
    pub(super) fn size(&self) -> usize {
        self.columns.len()
    }

    /// Coefficients of the table's columns, per their own unit, and what they move the intercept by.
    pub(super) fn original(&self, b: impl Fn(usize) -> f64) -> (Vec<f64>, f64) {
        let (mut coefficients, mut shift) = (vec![0.0; self.width], 0.0);
        for (j, column) in self.columns.iter().enumerate() {
            let coefficient = b(j) / column.scale;
            coefficients[column.place] = coefficient;
            shift -= coefficient * column.centre;
        }
        (coefficients, shift)
    }
}

/// The penalty factors, scaled so that their mean is 1.
fn penalty_factors(options: &Options, columns: usize) -> Result<Vec<f64>, Error> {
    if options.penalty_factors.is_empty() {
        return Ok(vec![1.0; columns]);
    }
    let factors = &options.penalty_factors;
    let total: f64 = factors.iter().sum();
    let sound = factors.iter().all(|f| *f >= 0.0) && total > 0.0 && total.is_finite();
    match sound && factors.len() == columns {
        true => Ok(factors.iter().map(|f| f * columns as f64 / total).collect()),
        false => Err(Error::input(format!(
            "expected {columns} penalty factors, finite and at least 0, and one of them above 0; found {factors:?}"
        ))),
    }
}
