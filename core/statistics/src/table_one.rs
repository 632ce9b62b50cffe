//! The first table of a report: what the groups are made of, and tests between them.

use serde::Serialize;

use crate::{
    distribution::{chi_squared_upper, ln_choose, student_two_sided},
    error::{Error, Result},
    input::{finite, finite_column},
    rank::quantiles,
};

/// A numeric variable.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Numeric {
    /// Values that are there.
    pub n: usize,
    /// Values that are not.
    pub missing: usize,
    /// What the values say. `None` when there are none.
    pub of: Option<Moments>,
}

/// Location and spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Moments {
    /// Mean, Σx / n.
    pub mean: f64,
    /// With n − 1. `None` for one value.
    pub standard_deviation: Option<f64>,
    /// 50 % quantile; of an even number, the middle of two.
    pub median: f64,
    /// 25 % quantile.
    pub lower_quartile: f64,
    /// 75 % quantile.
    pub upper_quartile: f64,
    /// Smallest value.
    pub minimum: f64,
    /// Largest value.
    pub maximum: f64,
}

/// Summary of a numeric variable, missing values as `None`.
///
/// ```
/// use voxomics_statistics::table_one::numeric;
///
/// let found = numeric(&[Some(1.0), Some(3.0), None])?;
/// let of = found.of.unwrap();
/// assert_eq!((found.n, found.missing, of.mean, of.median), (2, 1, 2.0, 2.0));
/// assert_eq!(of.standard_deviation, Some(2_f64.sqrt()));
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotFinite`] for a value that is there.
pub fn numeric(values: &[Option<f64>]) -> Result<Numeric> {
    let present: Vec<f64> = values.iter().flatten().copied().collect();
    finite_column("values", &present)?;
    let missing = values.len() - present.len();
    if present.is_empty() {
        return Ok(Numeric { n: 0, missing, of: None });
    }
    let (mean, variance) = mean_and_variance(&present);
    let at = quantiles(&present, &[0.0, 0.25, 0.5, 0.75, 1.0])?;
    let of = Moments {
        mean,
        standard_deviation: variance.map(f64::sqrt),
        median: at[2],
        lower_quartile: at[1],
        upper_quartile: at[3],
        minimum: at[0],
        maximum: at[4],
    };
    Ok(Numeric { n: present.len(), missing, of: Some(of) })
}

/// The variance is that with n − 1.
fn mean_and_variance(values: &[f64]) -> (f64, Option<f64>) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (values.len() > 1).then(|| squares / (n - 1.0)))
}

/// A categorical variable.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Categorical {
    /// Values that are there.
    pub n: usize,
    /// Values that are not.
    pub missing: usize,
    /// How many have each category, in alphabetical order.
    pub counts: Vec<Count>,
}

/// A category.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Count {
    /// The word that the values have.
    pub category: String,
    /// How many have it.
    pub count: usize,
    /// Their share of the values that are there.
    pub share: f64,
}

/// Counts of a categorical variable, missing values as `None`.
///
/// ```
/// use voxomics_statistics::table_one::categorical;
///
/// let found = categorical(&[Some("III"), Some("II"), Some("III"), None]);
/// assert_eq!(found.missing, 1);
/// ```
pub fn categorical(values: &[Option<&str>]) -> Categorical {
    let mut present: Vec<&str> = values.iter().flatten().copied().collect();
    present.sort_unstable();
    let n = present.len();
    let count =
        |same: &[&str]| Count { category: same[0].to_owned(), count: same.len(), share: same.len() as f64 / n as f64 };
    Categorical { n, missing: values.len() - n, counts: present.chunk_by(|a, b| a == b).map(count).collect() }
}

/// Welch's test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Welch {
    /// Difference of the means, first − second.
    pub difference: f64,
    /// Difference / √(s₁²/n₁ + s₂²/n₂).
    pub t: f64,
    /// Degrees of freedom of Satterthwaite (Biometrics Bull. 2:110, 1946), as a rule no whole number.
    pub degrees: f64,
    /// Two-sided.
    pub p: f64,
}

/// The test that two means are equal, without equal variances (Welch, Biometrika 34:28, 1947).
///
/// ```
/// use voxomics_statistics::table_one::welch;
///
/// // Both variances are 1: −1 / √(1/3 + 1/3).
/// let found = welch(&[1.0, 2.0, 3.0], &[2.0, 3.0, 4.0])?;
/// assert!((found.t + 1.5_f64.sqrt()).abs() < 1e-12 && (found.degrees - 4.0).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::TooFew`] for a sample of one, [`Error::Constant`] when neither sample varies, and what is wrong with the input.
pub fn welch(first: &[f64], second: &[f64]) -> Result<Welch> {
    let part = |what: &'static str, sample: &[f64]| {
        finite(what, sample)?;
        let (mean, variance) = mean_and_variance(sample);
        let variance = variance.ok_or(Error::TooFew { what, found: sample.len(), needed: 2 })?;
        // A mean of equal values may miss them by a rounding, which is no spread.
        let same = sample.iter().all(|value| *value == sample[0]);
        let n = sample.len() as f64;
        Ok((mean, if same { 0.0 } else { variance / n }, n - 1.0))
    };
    let ((mean_a, a, degrees_a), (mean_b, b, degrees_b)) =
        (part("first sample", first)?, part("second sample", second)?);
    if a + b <= 0.0 {
        return Err(Error::Constant { what: "each sample".to_owned() });
    }
    let difference = mean_a - mean_b;
    let t = difference / (a + b).sqrt();
    if !t.is_finite() {
        let reason = "the samples do not spread beside their difference";
        return Err(Error::Undefined { what: "Welch's t", reason });
    }
    // (a + b)² / (a²/d + b²/e), without squares that leave the range of the numbers.
    let (share_a, share_b) = (a / (a + b), b / (a + b));
    let degrees = 1.0 / (share_a * share_a / degrees_a + share_b * share_b / degrees_b);
    Ok(Welch { difference, t, degrees, p: student_two_sided(t, degrees) })
}

/// A test of independence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ChiSquared {
    /// Pearson's statistic.
    pub chi_squared: f64,
    /// (rows − 1)·(columns − 1).
    pub degrees: usize,
    /// From the chi-squared distribution.
    pub p: f64,
    /// The smallest count expected: below 5 the p value is a rough one.
    pub smallest_expected: f64,
}

/// Pearson's chi-squared test of a table of counts, rows of equal length. `yates` draws each difference of a 2×2 table by up
/// to ½ towards 0 (Yates, 1934), as R and SciPy do by default; larger tables are not corrected. Rows and columns without any
/// count are left out.
///
/// ```
/// use voxomics_statistics::table_one::chi_squared;
///
/// // 15 are expected in each cell: 4 · 25 / 15.
/// let found = chi_squared(&[&[20, 10], &[10, 20]], false)?;
/// assert!((found.chi_squared - 20.0 / 3.0).abs() < 1e-12 && found.smallest_expected == 15.0);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::LengthsDiffer`] for rows of different length, [`Error::OneGroup`] for a table that has less than two rows or
/// columns with counts.
pub fn chi_squared(table: &[&[usize]], yates: bool) -> Result<ChiSquared> {
    let columns = table.first().map_or(0, |row| row.len());
    for row in table {
        crate::input::same_length(("columns of the first row", columns), ("columns of another", row.len()))?;
    }
    let sums: Vec<f64> = (0..columns).map(|j| table.iter().map(|row| row[j] as f64).sum()).collect();
    let rows: Vec<(&&[usize], f64)> =
        table.iter().map(|row| (row, row.iter().map(|&c| c as f64).sum())).filter(|(_, sum)| *sum > 0.0).collect();
    let filled = sums.iter().filter(|&&sum| sum > 0.0).count();
    if rows.len() < 2 || filled < 2 {
        return Err(Error::OneGroup);
    }
    let total: f64 = sums.iter().sum();
    let degrees = (rows.len() - 1) * (filled - 1);
    let (mut chi_squared, mut smallest_expected) = (0.0, f64::INFINITY);
    for (row, of_row) in &rows {
        for (&count, of_column) in row.iter().zip(&sums).filter(|(_, sum)| **sum > 0.0) {
            let expected = of_row * of_column / total;
            let difference = (count as f64 - expected).abs();
            let correction = if yates && degrees == 1 { difference.min(0.5) } else { 0.0 };
            chi_squared += (difference - correction).powi(2) / expected;
            smallest_expected = expected.min(smallest_expected);
        }
    }
    Ok(ChiSquared { chi_squared, degrees, p: chi_squared_upper(chi_squared, degrees), smallest_expected })
}

/// Fisher's exact test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fisher {
    /// a·d / (b·c). `None` when b·c is 0.
    pub odds_ratio: Option<f64>,
    /// Two-sided: the probability of all tables with these margins that are at most as likely as this one.
    pub p: f64,
}

/// Fisher's exact test of a 2×2 table [[a, b], [c, d]] (J. R. Stat. Soc. 98:39, 1935).
///
/// ```
/// use voxomics_statistics::table_one::fisher;
///
/// // Of 70 ways to deal eight cases, 1 + 16 on either side are as unlikely.
/// let found = fisher([[3, 1], [1, 3]])?;
/// assert!(found.odds_ratio == Some(9.0) && (found.p - 34.0 / 70.0).abs() < 1e-12);
/// # Ok::<(), voxomics_statistics::Error>(())
/// ```
///
/// # Errors
/// [`Error::OneGroup`] when a row or a column has no counts.
pub fn fisher(table: [[usize; 2]; 2]) -> Result<Fisher> {
    let [[a, b], [c, d]] = table;
    let (first, second, column) = (a + b, c + d, a + c);
    if first == 0 || second == 0 || column == 0 || b + d == 0 {
        return Err(Error::OneGroup);
    }
    let ln_probability =
        |a: usize| ln_choose(first, a) + ln_choose(second, column - a) - ln_choose(first + second, column);
    let here = ln_probability(a);
    // Equally likely tables may differ in their last digits.
    let as_rare = |a: &usize| ln_probability(*a) <= here + 1e-7;
    let possible = column.saturating_sub(second)..=column.min(first);
    let p: f64 = possible.filter(as_rare).map(|a| ln_probability(a).exp()).sum();
    let odds_ratio = (b > 0 && c > 0).then(|| (a as f64 * d as f64) / (b as f64 * c as f64));
    Ok(Fisher { odds_ratio, p: p.min(1.0) })
}
