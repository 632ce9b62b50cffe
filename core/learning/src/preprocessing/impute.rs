//! Values for those that are missing.

use crate::Matrix;

/// What replaces a missing value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Impute {
    /// The median of the column; the mean of the middle two for an even number. Of the levels of a covariate, the most frequent one
    /// is 1 and the others are 0: the medians of three levels can all be 0, and no row is like that. Of two that are as frequent, it is
    /// the one that comes first.
    Median,
    /// The mean of the column. That of a level is its share.
    Mean,
    /// Nothing: a missing value is an error.
    Refuse,
}

/// The value for each column, and the columns that have any value at all. `levels` are the columns of covariates of levels.
pub(super) fn fit(how: Impute, x: &Matrix, levels: &[Vec<usize>]) -> (Vec<Option<f64>>, Vec<usize>) {
    let mut values: Vec<Option<f64>> = (0..x.columns())
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
    if how == Impute::Median {
        for covariate in levels {
            let level = most_frequent(x, covariate);
            for (at, column) in covariate.iter().enumerate() {
                values[*column] = values[*column].map(|_| f64::from(u8::from(level == Some(at))));
            }
        }
    }
    let keep = (0..x.columns()).filter(|j| how == Impute::Refuse || values[*j].is_some()).collect();
    (values, keep)
}

/// The place, among the columns of the levels of a covariate, of the level that most rows have; none if most of them have none of
/// these levels, because the rest of the covariate's levels are no inputs.
fn most_frequent(x: &Matrix, covariate: &[usize]) -> Option<usize> {
    let mut rows = vec![0_usize; covariate.len() + 1];
    for row in (0..x.rows()).filter(|row| covariate.iter().all(|column| !x.column(*column)[*row].is_nan())) {
        let level = covariate.iter().position(|column| x.column(*column)[row] == 1.0);
        rows[level.unwrap_or(covariate.len())] += 1;
    }
    let most = rows.iter().copied().max()?;
    rows.iter().position(|count| *count == most).filter(|level| *level < covariate.len())
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
