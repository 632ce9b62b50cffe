//! Data for tests.

use rand_chacha::rand_core::Rng;

use crate::{Matrix, random};

/// Standard normal numbers, reproducible.
pub(crate) struct Normal(rand_chacha::ChaCha8Rng);

impl Normal {
    pub(crate) fn new(seed: u64) -> Self {
        Self(random::generator(seed, 7))
    }

    /// Uniform between 0 and 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Box and Muller.
    pub(crate) fn next(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    pub(crate) fn matrix(&mut self, rows: usize, columns: usize) -> Matrix {
        let values = (0..rows * columns).map(|_| self.next()).collect();
        Matrix::new(rows, columns, values).expect("as many values")
    }

    /// Columns that share `factors` hidden ones, with noise of their own.
    pub(crate) fn correlated(&mut self, rows: usize, columns: usize, factors: usize, noise: f64) -> Matrix {
        let hidden = self.matrix(rows, factors);
        let mut x = Matrix::zeros(rows, columns);
        for j in 0..columns {
            let loads: Vec<f64> = (0..factors).map(|_| self.next()).collect();
            let mut column = hidden.times(&loads);
            column.iter_mut().for_each(|x| *x += noise * self.next());
            x.column_mut(j).copy_from_slice(&column);
        }
        x
    }
}
