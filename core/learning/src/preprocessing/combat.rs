//! ComBat: aligns batches (scanners, centres) in location and scale.
//!
//! Johnson, Li and Rabinovic (Biostatistics 2007;8(1)), parametric empirical Bayes. With the grand mean α, the effects β
//! of the covariates c that are kept, and the pooled standard deviation σ of what they leave of a column,
//! z = (x − α − β·c)/σ; a batch i has the mean γ̂ and the variance δ̂
//! (denominator n − 1) of z. Over the columns, γ̂ has the mean γ̄ and the variance τ²; δ̂ has an inverse gamma prior with
//! λ = (2s² + m²)/s² and θ = (m·s² + m³)/s² from its mean m and variance s². The posterior means solve
//!
//! ```text
//! γ = (n·τ²·γ̂ + δ·γ̄) / (n·τ² + δ)         δ = (θ + ½·Σ(z − γ)²) / (n/2 + λ − 1)
//! ```
//!
//! and a row of the batch becomes σ·(z − γ)/√δ + α + β·c. What differs between batches for a biological reason is removed,
//! too, unless a covariate that is kept tells it.

use super::within::{Within, added};
use crate::{Error, Matrix, Table, algebra};

/// What happens to rows of a batch that was not learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// They are an error.
    Refuse,
    /// They stay as they are.
    Unadjusted,
}

/// What was learnt of a batch, column by column.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// γ: location, in pooled standard deviations from the grand mean.
    pub location: Vec<f64>,
    /// √δ: scale, in pooled standard deviations.
    pub scale: Vec<f64>,
}

/// A fitted harmonisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Combat {
    /// Places in the table of the columns that it adjusts.
    pub columns: Vec<usize>,
    /// Their places in the matrix that it was fitted to.
    at: Vec<usize>,
    /// α of each.
    pub mean: Vec<f64>,
    /// β of each: of every covariate that is kept.
    pub effects: Vec<Vec<f64>>,
    /// σ of each.
    pub deviation: Vec<f64>,
    /// Each batch; `None` if none of its rows could be learnt from.
    pub batches: Vec<Option<Batch>>,
    /// What happens to rows of other batches.
    pub unknown: Unknown,
}

const MOST_ITERATIONS: usize = 100_000;

/// Rows of each batch.
fn rows_of(table: &Table) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); table.batches];
    for (i, batch) in table.origin.iter().enumerate() {
        if let Some(rows) = batch.and_then(|batch| rows.get_mut(batch)) {
            rows.push(i);
        }
    }
    rows
}

fn mean_of(x: &[f64], rows: &[usize]) -> f64 {
    rows.iter().map(|i| x[*i]).sum::<f64>() / rows.len() as f64
}

/// Columns that vary within a batch, or are not aligned: one that varies between batches alone tells nothing but the batch.
/// `columns` are the places of `x`'s columns in the table.
pub(super) fn varying_within(x: &Matrix, table: &Table, columns: &[usize]) -> Vec<usize> {
    let batches = rows_of(table);
    let varies = |j: &usize| {
        if table.unaligned.contains(&columns[*j]) {
            return true;
        }
        let (x, largest) = (x.column(*j), algebra::largest(x.column(*j)));
        batches.iter().filter(|rows| !rows.is_empty()).any(|rows| {
            let mean = mean_of(x, rows);
            rows.iter().any(|i| algebra::varies((x[*i] - mean).abs(), largest))
        })
    };
    (0..x.columns()).filter(varies).collect()
}

impl Combat {
    /// Learns the batches of a table; `columns` are the places of `x`'s columns in it. With a single batch there is
    /// nothing to align, and it stays as it is.
    ///
    /// A batch of one row has no spread: it is refused, or left as unknown, as `unknown` says. So are rows of no batch.
    pub(super) fn fit(x: &Matrix, table: &Table, unknown: Unknown, columns: &[usize]) -> Result<Self, Error> {
        if table.origin.len() != x.rows() {
            return Err(Error::input("the batch of each row is needed to harmonise"));
        }
        let mut batches = rows_of(table);
        let lost = table.origin.iter().filter(|batch| batch.is_none_or(|batch| batch >= table.batches)).count();
        let single = batches.iter().position(|rows| rows.len() == 1);
        match (unknown, lost, single) {
            (Unknown::Refuse, 1.., _) => return Err(Error::input(format!("{lost} rows are of no batch"))),
            (Unknown::Refuse, 0, Some(batch)) => {
                let message = "there is one row to learn from, which has no spread".into();
                return Err(Error::Batch { batch, message });
            }
            _ => batches.iter_mut().filter(|rows| rows.len() == 1).for_each(Vec::clear),
        }
        let known: Vec<usize> = (0..batches.len()).filter(|batch| !batches[*batch].is_empty()).collect();
        let count = known.iter().map(|batch| batches[*batch].len()).sum::<usize>() as f64;
        let at: Vec<usize> = (0..x.columns()).filter(|j| !table.unaligned.contains(&columns[*j])).collect();
        // A single batch is not aligned with anything, and nothing needs to be kept of it.
        let within = (known.len() > 1).then(|| Within::new(&table.kept, &batches)).transpose()?;
        let mut combat = Self {
            columns: at.iter().map(|j| columns[*j]).collect(),
            mean: Vec::new(),
            effects: Vec::new(),
            deviation: Vec::new(),
            batches: vec![None; batches.len()],
            unknown,
            at,
        };
        for j in &combat.at {
            let effects = match &within {
                Some(within) => within.effects(x.column(*j), &batches),
                None => vec![0.0; table.kept.columns()],
            };
            let rest: Vec<f64> =
                x.column(*j).iter().enumerate().map(|(i, x)| x - added(&table.kept, &effects, i)).collect();
            let (mut sum, mut squares) = (0.0, 0.0);
            for rows in known.iter().map(|batch| &batches[*batch]) {
                let centre = mean_of(&rest, rows);
                sum += centre * rows.len() as f64;
                squares += rows.iter().map(|i| (rest[*i] - centre) * (rest[*i] - centre)).sum::<f64>();
            }
            combat.mean.push(sum / count);
            combat.effects.push(effects);
            // Without spread in the batches that are left, there is no scale to align.
            combat.deviation.push(if squares > 0.0 { (squares / count).sqrt() } else { 1.0 });
        }
        let width = combat.at.len();
        for batch in &known {
            combat.batches[*batch] = Some(match known.len() {
                1 => Batch { location: vec![0.0; width], scale: vec![1.0; width] },
                _ => combat.learn(x, &table.kept, &batches[*batch])?,
            });
        }
        Ok(combat)
    }

    /// α + β·c of a column and a row.
    fn expected(&self, k: usize, kept: &Matrix, row: usize) -> f64 {
        self.mean[k] + added(kept, &self.effects[k], row)
    }

    fn learn(&self, x: &Matrix, kept: &Matrix, rows: &[usize]) -> Result<Batch, Error> {
        let n = rows.len() as f64;
        let (mut locations, mut squares) = (Vec::new(), Vec::new());
        for (k, j) in self.at.iter().enumerate() {
            let z = |i: usize| (x.column(*j)[i] - self.expected(k, kept, i)) / self.deviation[k];
            let location = rows.iter().map(|i| z(*i)).sum::<f64>() / n;
            squares.push(rows.iter().map(|i| (z(*i) - location) * (z(*i) - location)).sum::<f64>());
            locations.push(location);
        }
        // A batch that is flat in a column has no scale there.
        let spreads: Vec<f64> = squares.iter().map(|s| if *s > 0.0 { s / (n - 1.0) } else { 1.0 }).collect();
        let prior = Prior::of(&locations, &spreads);
        let mut batch = Batch { location: Vec::new(), scale: Vec::new() };
        for (j, column) in self.columns.iter().enumerate() {
            let estimate = posterior(prior.as_ref(), n, locations[j], spreads[j], squares[j]);
            let (location, spread) = estimate.ok_or_else(|| {
                let message = "the empirical Bayes estimate of a batch does not converge".into();
                Error::Column { column: *column, message }
            })?;
            batch.location.push(location);
            batch.scale.push(spread.sqrt());
        }
        Ok(batch)
    }

    /// Aligns the rows of a matrix of the columns that it was fitted to.
    ///
    /// # Errors
    /// For rows of batches that were not learnt, if they are to be refused.
    pub(super) fn apply(&self, x: &mut Matrix, table: &Table) -> Result<(), Error> {
        let (origin, kept) = (&table.origin, &table.kept);
        if origin.len() != x.rows() {
            return Err(Error::input("the batch of each row is needed to harmonise"));
        }
        let known: Vec<Option<&Batch>> =
            origin.iter().map(|batch| batch.and_then(|batch| self.batches.get(batch)?.as_ref())).collect();
        if let (Unknown::Refuse, Some(i)) = (self.unknown, known.iter().position(Option::is_none)) {
            let message = "nothing was learnt of it, or it is not in every training part of the folds".into();
            return Err(match origin[i] {
                Some(batch) => Error::Batch { batch, message },
                None => Error::input(format!("row {i} is of no batch")),
            });
        }
        for (k, j) in self.at.iter().enumerate() {
            for (i, (x, batch)) in x.column_mut(*j).iter_mut().zip(&known).enumerate() {
                if let Some(batch) = batch {
                    let expected = self.expected(k, kept, i);
                    let z = (*x - expected) / self.deviation[k];
                    *x = self.deviation[k] * ((z - batch.location[k]) / batch.scale[k]) + expected;
                }
            }
        }
        Ok(())
    }
}

/// What is known of a batch's columns before looking at one of them.
struct Prior {
    mean: f64,
    variance: f64,
    shape: f64,
    rate: f64,
}

impl Prior {
    fn of(locations: &[f64], spreads: &[f64]) -> Option<Self> {
        let moments = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
            (mean, squares / (values.len() as f64 - 1.0))
        };
        let ((mean, variance), (m, s2)) = (moments(locations), moments(spreads));
        // One column alone, or columns that are all alike, have nothing to lend each other.
        let of = Self { mean, variance, shape: (2.0 * s2 + m * m) / s2, rate: (m * s2 + m * m * m) / s2 };
        (of.shape.is_finite() && of.rate.is_finite() && variance.is_finite()).then_some(of)
    }
}

/// The posterior means of a batch's location and spread, by iteration from the estimates, which stand as they are
/// without a prior; `None` if it does not end.
fn posterior(prior: Option<&Prior>, n: f64, location: f64, spread: f64, squares: f64) -> Option<(f64, f64)> {
    let Some(prior) = prior else { return Some((location, spread)) };
    let (mut g, mut d) = (location, spread);
    for _ in 0..MOST_ITERATIONS {
        let weight = n * prior.variance;
        let new = (weight * location + d * prior.mean) / (weight + d);
        let about = squares + n * (location - new) * (location - new);
        let spread = (prior.rate + 0.5 * about) / (0.5 * n + prior.shape - 1.0);
        let still = (new - g).abs() <= 1e-14 * (1.0 + new.abs()) && (spread - d).abs() <= 1e-14 * spread;
        (g, d) = (new, spread);
        if still {
            return Some((g, d));
        }
    }
    None
}
