//! A mixture of normal distributions, fitted by expectation and maximisation (Dempster, Laird and Rubin, J. R. Stat. Soc. B
//! 39:1, 1977), with the formulas of scikit-learn's `GaussianMixture`.

use std::f64::consts::PI;

use super::{Points, largest_of};
use crate::{
    Error,
    executor::{self, Executor},
};

/// What is added to each variance, so that a group of equal points has one.
pub const FLOOR: f64 = 1e-6;

/// Points of one chunk.
const CHUNK: usize = 4096;

/// What the covariances of the groups look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covariance {
    /// A matrix for each group.
    Full,
    /// A variance for each group and dimension.
    Diagonal,
}

/// A mixture of normal distributions.
///
/// ```
/// use voxomics_learning::{
///     Serial,
///     clustering::{
///         Points,
///         criteria::bic,
///         mixture::{Covariance, Mixture},
///     },
/// };
///
/// let points = Points::new(&[0.0, 1.0, 2.0, 10.0, 11.0, 12.0], 1).unwrap();
/// let begun = Mixture::of_labels(points, &[0, 0, 0, 1, 1, 1], 2, Covariance::Full, &Serial).unwrap();
/// let fitted = begun.fit(points, 100, 1e-6, &Serial).unwrap();
/// assert!(fitted.converged && (fitted.mixture.means[1][0] - 11.0).abs() < 1e-3);
/// assert_eq!(fitted.mixture.densities().unwrap().label(&[1.5]), 0);
/// // A weight, two means and two variances are free.
/// assert!(fitted.mixture.parameters() == 5 && bic(&fitted, points).is_finite());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// The share of each group; they sum to 1.
    pub weights: Vec<f64>,
    /// The mean of each group.
    pub means: Vec<Vec<f64>>,
    /// The covariance of each group: row after row, or the variances alone if it is diagonal.
    pub covariances: Vec<Vec<f64>>,
    /// What they look like.
    pub covariance: Covariance,
}

/// A mixture that was fitted to points.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The mixture after the last round.
    pub mixture: Mixture,
    /// Mean log-likelihood of the points under it.
    pub log_likelihood: f64,
    /// For each point its most likely group.
    pub labels: Vec<usize>,
    /// Rounds of expectation and maximisation.
    pub rounds: usize,
    /// Whether the last one changed the log-likelihood by less than the tolerance.
    pub converged: bool,
}

/// A mixture with what its densities are computed by.
///
/// [`Mixture`] has an example.
pub struct Densities {
    /// For each group: log of its weight and of its norm, its mean, and the Cholesky factor of its covariance.
    groups: Vec<(f64, Vec<f64>, Vec<f64>)>,
    covariance: Covariance,
}

impl Mixture {
    /// The mixture whose groups are those of some labels.
    ///
    /// # Errors
    /// If work is given up.
    pub fn of_labels(
        points: Points<'_>,
        labels: &[usize],
        count: usize,
        covariance: Covariance,
        executor: &dyn Executor,
    ) -> Result<Self, Error> {
        let mut shares = vec![0.0; points.len() * count];
        labels.iter().enumerate().for_each(|(at, label)| shares[at * count + label] = 1.0);
        maximise(points, &shares, count, covariance, executor)
    }

    /// What the densities are computed by.
    ///
    /// # Errors
    /// If a covariance is none: not positive definite.
    pub fn densities(&self) -> Result<Densities, Error> {
        let dims = self.means.first().map_or(0, Vec::len);
        let of = |group: usize| {
            let covariance = &self.covariances[group];
            let factor = match self.covariance {
                Covariance::Full => cholesky(covariance, dims),
                Covariance::Diagonal => covariance.iter().map(|v| (*v > 0.0).then(|| v.sqrt())).collect(),
            };
            let factor = factor.ok_or_else(|| Error::input("the covariance of a group is not positive definite"))?;
            let diagonal = |axis: usize| match self.covariance {
                Covariance::Full => factor[axis * dims + axis],
                Covariance::Diagonal => factor[axis],
            };
            let norm: f64 = (0..dims).map(|axis| diagonal(axis).ln()).sum();
            let constant = self.weights[group].ln() - norm - 0.5 * dims as f64 * (2.0 * PI).ln();
            Ok((constant, self.means[group].clone(), factor))
        };
        let groups = (0..self.weights.len()).map(of).collect::<Result<_, Error>>()?;
        Ok(Densities { groups, covariance: self.covariance })
    }

    /// Fits it to points, from what it is: rounds of expectation and maximisation until one of them changes the mean
    /// log-likelihood by less than `tolerance`.
    ///
    /// # Errors
    /// If a group collapses, or work is given up.
    pub fn fit(
        self,
        points: Points<'_>,
        most_rounds: usize,
        tolerance: f64,
        executor: &dyn Executor,
    ) -> Result<Fitted, Error> {
        let (mut mixture, mut last, mut rounds, mut converged) = (self, f64::NEG_INFINITY, 0, false);
        while rounds < most_rounds && !converged {
            let (shares, likelihood) = expect(points, &mixture.densities()?, executor)?;
            mixture = maximise(points, &shares, mixture.weights.len(), mixture.covariance, executor)?;
            rounds += 1;
            converged = (likelihood - last).abs() < tolerance;
            last = likelihood;
        }
        let (shares, log_likelihood) = expect(points, &mixture.densities()?, executor)?;
        let labels = shares.chunks_exact(mixture.weights.len()).map(|of| largest_of(of.iter().copied())).collect();
        Ok(Fitted { mixture, log_likelihood, labels, rounds, converged })
    }

    /// How many numbers it has that are free.
    pub fn parameters(&self) -> usize {
        let (count, dims) = (self.weights.len(), self.means.first().map_or(0, Vec::len));
        let of_covariance = match self.covariance {
            Covariance::Full => dims * (dims + 1) / 2,
            Covariance::Diagonal => dims,
        };
        count * (of_covariance + dims) + count - 1
    }
}

impl Densities {
    /// For each group the log of its weighted density at a point.
    fn at(&self, point: &[f64], into: &mut [f64]) {
        let mut solved = vec![0.0; point.len()];
        for ((constant, mean, factor), into) in self.groups.iter().zip(into) {
            let mut square = 0.0;
            for axis in 0..point.len() {
                let mut rest = point[axis] - mean[axis];
                let divisor = match self.covariance {
                    Covariance::Full => {
                        let row = &factor[axis * point.len()..(axis + 1) * point.len()];
                        row[..axis].iter().zip(&solved).for_each(|(l, y)| rest -= l * y);
                        row[axis]
                    }
                    Covariance::Diagonal => factor[axis],
                };
                solved[axis] = rest / divisor;
                square += solved[axis] * solved[axis];
            }
            *into = constant - 0.5 * square;
        }
    }

    /// The most likely group of a point; of equally likely ones the first.
    pub fn label(&self, point: &[f64]) -> usize {
        let mut logs = vec![0.0; self.groups.len()];
        self.at(point, &mut logs);
        largest_of(logs)
    }
}

/// For each point the share of each group in it, and the mean log-likelihood.
fn expect(points: Points<'_>, densities: &Densities, executor: &dyn Executor) -> Result<(Vec<f64>, f64), Error> {
    let count = densities.groups.len();
    let chunk = |number: usize| {
        let mut shares = Vec::with_capacity(CHUNK * count);
        let (mut sum, mut logs) = (0.0, vec![0.0; count]);
        for point in points.iter().skip(number * CHUNK).take(CHUNK) {
            densities.at(point, &mut logs);
            let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let total = logs.iter().map(|log| (log - largest).exp()).sum::<f64>().ln() + largest;
            sum += total;
            shares.extend(logs.iter().map(|log| (log - total).exp()));
        }
        Ok((shares, sum))
    };
    let all = executor::map(executor, points.len().div_ceil(CHUNK), &chunk)?;
    let sum: f64 = all.iter().map(|(_, sum)| sum).sum();
    let mut shares = Vec::with_capacity(points.len() * count);
    all.into_iter().for_each(|(of, _)| shares.extend(of));
    Ok((shares, sum / points.len() as f64))
}

/// The mixture in which the likelihood of the points is largest, if the groups have these shares in them.
fn maximise(
    points: Points<'_>,
    shares: &[f64],
    count: usize,
    covariance: Covariance,
    executor: &dyn Executor,
) -> Result<Mixture, Error> {
    let dims = points.dims();
    let rows = |number: usize| points.iter().zip(shares.chunks_exact(count)).skip(number * CHUNK).take(CHUNK);
    let chunks = points.len().div_ceil(CHUNK);
    let of_means = |number: usize| {
        let mut sums = vec![0.0; count * (dims + 1)];
        for (point, shares) in rows(number) {
            for (share, sums) in shares.iter().zip(sums.chunks_exact_mut(dims + 1)) {
                sums[dims] += share;
                sums.iter_mut().zip(point).for_each(|(sum, x)| *sum += share * x);
            }
        }
        Ok(sums)
    };
    let sums = joined(executor::map(executor, chunks, &of_means)?, count * (dims + 1));
    let totals: Vec<f64> = sums.chunks_exact(dims + 1).map(|sums| sums[dims] + 10.0 * f64::EPSILON).collect();
    let means = sums.chunks_exact(dims + 1).zip(&totals);
    let means: Vec<Vec<f64>> =
        means.map(|(sums, total)| sums[..dims].iter().map(|sum| sum / total).collect()).collect();
    let size = if covariance == Covariance::Full { dims * dims } else { dims };
    let of_covariances = |number: usize| {
        let mut sums = vec![0.0; count * size];
        let mut away = vec![0.0; dims];
        for (point, shares) in rows(number) {
            for ((share, sums), mean) in shares.iter().zip(sums.chunks_exact_mut(size)).zip(&means) {
                away.iter_mut().zip(point.iter().zip(mean)).for_each(|(away, (x, mean))| *away = x - mean);
                match covariance {
                    Covariance::Full => sums.chunks_exact_mut(dims).zip(&away).for_each(|(row, a)| {
                        row.iter_mut().zip(&away).for_each(|(sum, b)| *sum += share * a * b);
                    }),
                    Covariance::Diagonal => sums.iter_mut().zip(&away).for_each(|(sum, a)| *sum += share * a * a),
                }
            }
        }
        Ok(sums)
    };
    let sums = joined(executor::map(executor, chunks, &of_covariances)?, count * size);
    let of_group = |(sums, total): (&[f64], &f64)| {
        let mut covariance_of: Vec<f64> = sums.iter().map(|sum| sum / total).collect();
        let step = if covariance == Covariance::Full { dims + 1 } else { 1 };
        covariance_of.iter_mut().step_by(step).for_each(|variance| *variance += FLOOR);
        covariance_of
    };
    let covariances = sums.chunks_exact(size).zip(&totals).map(of_group).collect();
    let all: f64 = totals.iter().sum();
    let weights = totals.iter().map(|total| total / all).collect();
    Ok(Mixture { weights, means, covariances, covariance })
}

/// Sums of chunks, joined in their order.
fn joined(chunks: Vec<Vec<f64>>, length: usize) -> Vec<f64> {
    let mut all = vec![0.0; length];
    chunks.iter().for_each(|chunk| all.iter_mut().zip(chunk).for_each(|(all, sum)| *all += sum));
    all
}

/// The lower factor L of a symmetric matrix L·Lᵀ, row after row; none if the matrix is not positive definite.
fn cholesky(matrix: &[f64], dims: usize) -> Option<Vec<f64>> {
    let mut factor = vec![0.0; dims * dims];
    for row in 0..dims {
        for column in 0..=row {
            let known: f64 = (0..column).map(|k| factor[row * dims + k] * factor[column * dims + k]).sum();
            let rest = matrix[row * dims + column] - known;
            factor[row * dims + column] = match row == column {
                true if rest > 0.0 => rest.sqrt(),
                true => return None,
                false => rest / factor[column * dims + column],
            };
        }
    }
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Serial, random};
    use rand_chacha::rand_core::Rng;

    /// Two clouds, one of them long and slanting.
    fn clouds(count: usize) -> Vec<f64> {
        let mut generator = random::generator(5, 0);
        let mut normal =
            || (0..12).map(|_| (generator.next_u64() >> 11) as f64 / (1_u64 << 53) as f64).sum::<f64>() - 6.0;
        let mut all = Vec::new();
        for number in 0..count {
            let (a, b) = (normal(), normal());
            all.extend(if number % 4 == 0 { [5.0 + 0.3 * a, -2.0 + 0.3 * b] } else { [a, 0.8 * a + 0.2 * b] });
        }
        all
    }

    fn fitted(values: &[f64], covariance: Covariance, executor: &dyn Executor) -> Fitted {
        let points = Points::new(values, 2).expect("points");
        let labels: Vec<usize> = points.iter().map(|point| usize::from(point[0] > 2.5)).collect();
        let first = Mixture::of_labels(points, &labels, 2, covariance, executor).expect("a mixture");
        first.fit(points, 500, 1e-9, executor).expect("a fit")
    }

    #[test]
    fn shapes_and_shares_of_clouds_are_found() {
        let values = clouds(20_000);
        let Fitted { mixture, converged, .. } = fitted(&values, Covariance::Full, &Serial);
        assert!(converged && (mixture.weights[1] - 0.25).abs() < 0.01, "{mixture:?}");
        // Of 15,000 and 5,000 points, to about four standard errors.
        let expected = [[1.0, 0.8, 0.8, 0.68], [0.09, 0.0, 0.0, 0.09]];
        for (found, expected) in mixture.covariances.iter().zip(expected) {
            assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.05), "{mixture:?}");
        }
    }

    #[test]
    fn no_round_makes_the_likelihood_smaller() {
        let values = clouds(500);
        let points = Points::new(&values, 2).expect("points");
        for covariance in [Covariance::Full, Covariance::Diagonal] {
            let labels: Vec<usize> = (0..500).map(|at| at % 3).collect();
            let mut mixture = Mixture::of_labels(points, &labels, 3, covariance, &Serial).expect("a mixture");
            let mut last = f64::NEG_INFINITY;
            for _ in 0..60 {
                let found = mixture.fit(points, 1, 0.0, &Serial).expect("a round");
                assert!(found.log_likelihood > last - 1e-9, "{} after {last}", found.log_likelihood);
                (mixture, last) = (found.mixture, found.log_likelihood);
            }
        }
    }

    #[test]
    fn the_executor_changes_no_bit() {
        let values = clouds(20_000);
        let backwards = |count: usize, chunk: &(dyn Fn(usize) + Sync)| (0..count).rev().for_each(chunk);
        assert_eq!(fitted(&values, Covariance::Full, &backwards), fitted(&values, Covariance::Full, &Serial));
    }

    #[test]
    fn a_covariance_must_be_one() {
        let of = |covariances: Vec<f64>, covariance| Mixture {
            weights: vec![1.0],
            means: vec![vec![0.0; 2]],
            covariances: vec![covariances],
            covariance,
        };
        assert!(of(vec![1.0, 2.0, 2.0, 1.0], Covariance::Full).densities().is_err());
        assert!(of(vec![1.0, 0.0], Covariance::Diagonal).densities().is_err());
        assert!(of(vec![2.0, 1.0, 1.0, 2.0], Covariance::Full).densities().is_ok());
    }
}
