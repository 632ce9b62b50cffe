//! Small symmetric matrices as products of triangular ones.

/// A point, or a row of a matrix.
pub(super) type Point = [f64; 3];
/// A matrix of three rows.
pub(super) type Matrix = [Point; 3];

/// Cholesky's lower factor of a positive definite matrix.
pub(super) fn lower<const N: usize>(m: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut factor = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let rest = m[i][j] - (0..j).map(|k| factor[i][k] * factor[j][k]).sum::<f64>();
            if i != j {
                factor[i][j] = rest / factor[j][j];
            } else if rest > 0.0 {
                factor[i][i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(factor)
}

/// What a lower triangular factor makes `right` of.
pub(super) fn solved<const N: usize>(factor: &[[f64; N]; N], mut right: [f64; N]) -> [f64; N] {
    for i in 0..N {
        let before: f64 = (0..i).map(|k| factor[i][k] * right[k]).sum();
        right[i] = (right[i] - before) / factor[i][i];
    }
    right
}
