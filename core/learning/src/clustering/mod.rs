//! Clustering: points into groups, without anybody's labels.
//!
//! [`kmeans`] is Lloyd's algorithm from stated centres, or from those of k-means++. [`mixture`] is a mixture of normal
//! distributions, fitted by expectation and maximisation. [`criteria`] say how well a number of groups fits. From the same start,
//! all of them give the labels and numbers of scikit-learn (`tests/oracle/habitats.py`).

pub mod criteria;
pub mod kmeans;
pub mod mixture;

use crate::Error;

/// Points of a space, point after point.
///
/// ```
/// use voxomics_learning::clustering::Points;
///
/// let points = Points::new(&[0.0, 1.0, 2.0, 3.0], 2).unwrap();
/// assert_eq!((points.len(), points.dims(), points.get(1), points.is_empty()), (2, 2, &[2.0, 3.0][..], false));
/// assert_eq!(points.iter().map(|point| point[0]).sum::<f64>(), 2.0);
/// assert!(Points::new(&[0.0, 1.0, 2.0], 2).is_err() && Points::new(&[f64::NAN], 1).is_err());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Points<'a> {
    values: &'a [f64],
    dims: usize,
}

impl<'a> Points<'a> {
    /// Points of `dims` numbers each, which stand one behind the other.
    ///
    /// # Errors
    /// If the numbers are not those of whole points, or one of them is not finite.
    pub fn new(values: &'a [f64], dims: usize) -> Result<Self, Error> {
        if dims == 0 || !values.len().is_multiple_of(dims) {
            return Err(Error::input(format!("{} numbers are no points of {dims} numbers each", values.len())));
        }
        match values.iter().find(|x| !x.is_finite()) {
            Some(wrong) => Err(Error::input(format!("a point has the number {wrong}, expected a finite one"))),
            None => Ok(Self { values, dims }),
        }
    }

    /// How many numbers a point has.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.dims
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The points, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &'a [f64]> + use<'a> {
        self.values.chunks_exact(self.dims)
    }

    /// A point.
    ///
    /// # Panics
    /// If there is no such point.
    pub fn get(&self, at: usize) -> &'a [f64] {
        &self.values[at * self.dims..(at + 1) * self.dims]
    }
}

/// Σ (aᵢ − bᵢ)².
///
/// ```
/// assert_eq!(voxomics_learning::clustering::squared_distance(&[0.0, 0.0], &[3.0, 4.0]), 25.0);
/// ```
pub fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The place of the largest number; of equal ones the first.
pub(crate) fn largest_of(numbers: impl IntoIterator<Item = f64>) -> usize {
    let first = (0, f64::NEG_INFINITY);
    numbers.into_iter().enumerate().fold(first, |best, next| if next.1 > best.1 { next } else { best }).0
}
