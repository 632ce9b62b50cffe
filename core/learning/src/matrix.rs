//! A table of numbers in memory.

use crate::Error;

/// Numbers in rows and columns, column after column.
///
/// ```
/// use voxomics_learning::Matrix;
///
/// // Two rows, three columns.
/// let matrix = Matrix::new(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
/// assert_eq!((matrix.rows(), matrix.columns(), matrix.column(1)), (2, 3, &[3.0, 4.0][..]));
/// assert_eq!(matrix.select_rows(&[1]).column(2), [6.0]);
/// assert_eq!(matrix.select_columns(&[2, 0]).column(0), [5.0, 6.0]);
/// assert_eq!(matrix.times(&[1.0, 0.0, 10.0]), [51.0, 62.0]);
/// assert!(Matrix::new(2, 3, vec![1.0]).is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    rows: usize,
    values: Vec<f64>,
    columns: usize,
}

impl Matrix {
    /// A matrix from its values, column after column.
    ///
    /// # Errors
    /// If there are not `rows · columns` values.
    pub fn new(rows: usize, columns: usize, values: Vec<f64>) -> Result<Self, Error> {
        match values.len() == rows * columns {
            true => Ok(Self { rows, values, columns }),
            false => Err(Error::input(format!("{} values are no {rows} × {columns} matrix", values.len()))),
        }
    }

    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, values: vec![0.0; rows * columns], columns }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// A column.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn column(&self, column: usize) -> &[f64] {
        &self.values[column * self.rows..(column + 1) * self.rows]
    }

    /// A column, to be written.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn column_mut(&mut self, column: usize) -> &mut [f64] {
        &mut self.values[column * self.rows..(column + 1) * self.rows]
    }

    /// Some rows, in the order given; a row may be taken more than once.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn select_rows(&self, rows: &[usize]) -> Self {
        let values = (0..self.columns).flat_map(|j| rows.iter().map(move |i| self.column(j)[*i])).collect();
        Self { rows: rows.len(), values, columns: self.columns }
    }

    /// Some columns, in the order given.
    ///
    /// # Panics
    /// If there is no such column.
    pub fn select_columns(&self, columns: &[usize]) -> Self {
        let values = columns.iter().flat_map(|j| self.column(*j).iter().copied()).collect();
        Self { rows: self.rows, values, columns: columns.len() }
    }

    /// Σ xᵢⱼ·coefficientⱼ for each row; columns whose coefficient is 0 are not looked at.
    pub fn times(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.rows];
        for (j, coefficient) in coefficients.iter().enumerate().filter(|(_, coefficient)| **coefficient != 0.0) {
            crate::algebra::add_scaled(&mut sums, *coefficient, self.column(j));
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_selected_in_order() {
        let matrix = Matrix::new(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).expect("six values");
        assert_eq!(matrix.select_rows(&[1, 0]).column(1), [4.0, 3.0]);
        assert_eq!(matrix.select_columns(&[2]).column(0), [5.0, 6.0]);
        assert_eq!(matrix.times(&[1.0, 0.0, -1.0]), [-4.0, -4.0]);
        assert!(Matrix::new(2, 2, vec![0.0]).is_err());
    }
}
