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

/// The middle value: looking for it takes less time than sorting, and there may be many columns.
fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    let odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    match below.iter().copied().max_by(f64::total_cmp) {
        Some(lower) if !odd => 0.5 * lower + 0.5 * upper,
        _ => upper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_middle_two() {
        for count in 1..40_u32 {
            let values: Vec<f64> = (0..count).map(|i| f64::from((i * 29 + 5) % 41 % 17) - 8.0).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let middle = sorted.len() / 2;
            let expected =
                if count % 2 == 1 { sorted[middle] } else { 0.5 * sorted[middle - 1] + 0.5 * sorted[middle] };
            assert_eq!(median(values), expected, "{count}");
        }
    }
}
