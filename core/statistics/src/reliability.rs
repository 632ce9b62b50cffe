//! Whether a number stays the same when somebody else makes it: the intraclass correlation.

use serde::Serialize;

use crate::{
    distribution::f_quantile,
    error::{Error, Result},
    input::{Interval, Level, finite},
};

/// The intraclass correlation of single values, lesions and readers drawn at random, in absolute agreement: ICC(2,1) of Shrout and
/// Fleiss (Psychol. Bull. 86:420, 1979), ICC(A,1) of McGraw and Wong (Psychol. Methods 1:30, 1996).
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// (B − E) / (B + (k − 1)·E + k·(R − E)/n), with the mean squares of lesions B, readers R and the rest E. 1 is perfect; it may be
    /// below 0.
    pub value: f64,
    /// By the F distribution; `None` where the rest has no variance.
    pub interval: Option<Interval>,
    /// Lesions.
    pub lesions: usize,
    /// Readers.
    pub readers: usize,
}

/// The agreement of `readers`, each with a value for the same lesions in the same order. As `ICC2` of R's psych.
///
/// # Errors
/// [`Error::TooFew`] readers or lesions, [`Error::LengthsDiffer`], [`Error::Constant`] if all values are equal, and what is wrong
/// with the input.
pub fn agreement(readers: &[&[f64]], level: Level) -> Result<Agreement> {
    if readers.len() < 2 {
        return Err(Error::TooFew { what: "readers", found: readers.len(), needed: 2 });
    }
    let n = readers[0].len();
    if n < 2 {
        return Err(Error::TooFew { what: "lesions", found: n, needed: 2 });
    }
    for values in readers {
        if values.len() != n {
            return Err(Error::LengthsDiffer { left: ("lesions", n), right: ("values of a reader", values.len()) });
        }
        finite("values of a reader", values)?;
    }
    let (rows, columns) = (n as f64, readers.len() as f64);
    let mean = |values: &mut dyn Iterator<Item = f64>, count: f64| values.sum::<f64>() / count;
    let all = mean(&mut readers.iter().flat_map(|values| values.iter().copied()), rows * columns);
    let of_lesion: Vec<f64> =
        (0..n).map(|lesion| mean(&mut readers.iter().map(|values| values[lesion]), columns)).collect();
    let of_reader: Vec<f64> = readers.iter().map(|values| mean(&mut values.iter().copied(), rows)).collect();
    let square = |value: f64| value * value;
    let between = columns * of_lesion.iter().map(|mean| square(mean - all)).sum::<f64>() / (rows - 1.0);
    let by_readers = rows * of_reader.iter().map(|mean| square(mean - all)).sum::<f64>() / (columns - 1.0);
    let rest: f64 = readers
        .iter()
        .zip(&of_reader)
        .flat_map(|(values, reader)| {
            values.iter().zip(&of_lesion).map(move |(value, lesion)| square(value - lesion - reader + all))
        })
        .sum();
    let rest = rest / ((rows - 1.0) * (columns - 1.0));
    let denominator = between + (columns - 1.0) * rest + columns * (by_readers - rest) / rows;
    if denominator <= 0.0 {
        return Err(Error::Constant { what: "the values of the readers".into() });
    }
    let value = (between - rest) / denominator;
    let interval = (rest > 0.0).then(|| interval(value, (between, by_readers, rest), rows, columns, level));
    Ok(Agreement { value, interval, lesions: n, readers: readers.len() })
}

/// Satterthwaite's degrees of freedom for the sum of the mean squares of readers and rest.
fn interval(icc: f64, (between, readers, rest): (f64, f64, f64), n: f64, k: f64, level: Level) -> Interval {
    let f = readers / rest;
    let part = n * (1.0 + (k - 1.0) * icc) - k * icc;
    let degrees =
        (k - 1.0) * (n - 1.0) * (k * icc * f + part).powi(2) / ((n - 1.0) * (k * icc * f).powi(2) + part.powi(2));
    let limit = |f: f64| n * (between - f * rest) / (f * (k * readers + (k * n - k - n) * rest) + n * between);
    let upper = f_quantile(1.0 - level.tail(), n - 1.0, degrees);
    let other = f_quantile(1.0 - level.tail(), degrees, n - 1.0);
    let high = n * (other * between - rest) / (k * readers + (k * n - k - n) * rest + n * other * between);
    Interval { low: limit(upper), high }
}
