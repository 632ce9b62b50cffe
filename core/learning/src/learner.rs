//! Anything that learns.

use crate::{Error, Executor, Sample, Table};

/// A whole way of learning: preprocessing, the choice of its own parameters, the model.
///
/// What it learns must come from the sample that it is given and from the seed alone; then [`nested`](crate::nested)
/// tells honestly how it performs.
///
/// ```
/// use voxomics_learning::{
///     Error, Executor, Learner, Matrix, Response, Sample, Serial, Table, algebra, folds::Folds, nested::out_of_fold,
/// };
///
/// /// Always the mean of what was learnt.
/// struct Mean;
///
/// impl Learner for Mean {
///     type Model = f64;
///
///     fn fit(&self, sample: &Sample, _seed: u64, _: &dyn Executor) -> Result<f64, Error> {
///         match &sample.response {
///             Response::Gaussian(y) => Ok(algebra::mean(y, &sample.weights)),
///             _ => Err(Error::input("it learns a number alone")),
///         }
///     }
///     fn score(&self, mean: &f64, table: &Table) -> Result<Vec<f64>, Error> {
///         Ok(vec![*mean; table.inputs.rows()])
///     }
/// }
///
/// // Each row is predicted by the mean of the other fold.
/// let table = Table::new(Matrix::zeros(4, 1));
/// let sample = Sample::new(table, Response::Gaussian(vec![1.0, 2.0, 3.0, 4.0])).unwrap();
/// let out = out_of_fold(&Mean, &sample, Folds { folds: 2, repeats: 1 }, 7, &Serial).unwrap();
/// let mean = |rows: &[usize]| rows.iter().map(|row| (row + 1) as f64).sum::<f64>() / rows.len() as f64;
/// let (first, second) = (&out.folds[0].1, &out.folds[1].1);
/// assert_eq!((out.scores[first[0]], out.scores[second[0]]), (mean(second), mean(first)));
/// ```
pub trait Learner: Sync {
    /// What it learns.
    type Model: Send;

    /// Learns from a sample. `seed` is for everything random.
    ///
    /// # Errors
    /// If nothing can be learnt.
    fn fit(&self, sample: &Sample, seed: u64, executor: &dyn Executor) -> Result<Self::Model, Error>;

    /// Scores rows on the scale of the linear predictor: a number for a Gaussian response, log odds for a class, the
    /// logarithm of the relative hazard for a time.
    ///
    /// # Errors
    /// If a row cannot be scored: an input is missing that is not imputed, or its batch is unknown.
    fn score(&self, model: &Self::Model, table: &Table) -> Result<Vec<f64>, Error>;
}
