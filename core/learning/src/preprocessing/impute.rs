//! Values for those that are missing.

use crate::Matrix;

/// What replaces a missing value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Impute {
    /// The median of the column; the mean of the middle two for an even number.
    Median,
    /// The mean of the column.
    Mean,
    /// Nothing: a missing value is an error.
    Refuse,
}

/// The value for each column, and the columns that have any value at all.
pub(super) fn fit(how: Impute, x: &Matrix) -> (Vec<Option<f64>>, Vec<usize>) {
    let values: Vec<Option<f64>> = (0..x.columns())
        .map(|j| {
            let present: Vec<f64> = x.column(j).iter().copied().filter(|x| !x.is_nan()).collect();
            match how {
                Impute::Refuse => None,
                _ if present.is_empty() => None,
                Impute::Mean => Some(present.iter().sum::<f64>() / present.len() as f64),
                Impute::Median => Some(median(present)),
            }
        })
        .collect();
    let keep = (0..x.columns()).filter(|j| how == Impute::Refuse || values[*j].is_some()).collect();
    (values, keep)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { 0.5 * values[middle - 1] + 0.5 * values[middle] }
}
