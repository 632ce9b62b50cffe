//! Symmetric positive matrices, small and dense, row after row.

/// Pivots below this share of their column's scale are taken for rounding of zero.
const RANK: f64 = 1e-10;

/// The factor L of A = L·Lᵀ.
pub(crate) struct Cholesky {
    n: usize,
    factor: Vec<f64>,
}

impl Cholesky {
    /// The factor of `matrix` (n × n). `scale` says how large each diagonal element is when its column is not degenerate.
    ///
    /// # Errors
    /// The first column that follows from the ones before it.
    pub(crate) fn new(matrix: &[f64], scale: &[f64]) -> Result<Self, usize> {
        let n = scale.len();
        let mut factor = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let sum: f64 = (0..j).map(|k| factor[i * n + k] * factor[j * n + k]).sum();
                let rest = matrix[i * n + j] - sum;
                if i != j {
                    factor[i * n + j] = rest / factor[j * n + j];
                } else if rest > RANK * scale[i] {
                    factor[i * n + i] = rest.sqrt();
                } else {
                    return Err(i);
                }
            }
        }
        Ok(Self { n, factor })
    }

    /// The x of A·x = b.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let (n, l) = (self.n, &self.factor);
        let mut x = b.to_vec();
        for i in 0..n {
            let sum: f64 = (0..i).map(|k| l[i * n + k] * x[k]).sum();
            x[i] = (x[i] - sum) / l[i * n + i];
        }
        for i in (0..n).rev() {
            let sum: f64 = (i + 1..n).map(|k| l[k * n + i] * x[k]).sum();
            x[i] = (x[i] - sum) / l[i * n + i];
        }
        x
    }

    /// A⁻¹, row after row.
    pub(crate) fn inverse(&self) -> Vec<f64> {
        let n = self.n;
        let mut inverse = vec![0.0; n * n];
        for column in 0..n {
            let mut unit = vec![0.0; n];
            unit[column] = 1.0;
            for (row, value) in self.solve(&unit).into_iter().enumerate() {
                inverse[row * n + column] = value;
            }
        }
        inverse
    }
}

/// Diagonal of a matrix with `n` columns.
pub(crate) fn diagonal(matrix: &[f64], n: usize) -> Vec<f64> {
    (0..n).map(|i| matrix[i * n + i]).collect()
}

/// Σ aᵢ·bᵢ.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
