//! Co-occurrence where pairs have an order (`symmetricalGLCM: false`): the matrix is not its own mirror image, so that rows and columns
//! have means, spreads and entropies of their own.

use voxomics_imaging::texture::{Matrix, cooccurrence::Cooccurrence};

/// The features of a matrix, by the equations of PyRadiomics 3.0.1; `None` if it counts nothing.
pub(crate) fn cooccurrence(matrix: &Matrix, levels: u32) -> Option<Cooccurrence> {
    // What looks at cells, differences and sums alone needs no symmetry.
    let mut features = Cooccurrence::of(matrix, levels)?;
    let total: f64 = matrix.cells.iter().map(|cell| cell.value).sum();
    let cells = || matrix.cells.iter().map(|cell| (f64::from(cell.level), f64::from(cell.other), cell.value / total));
    let mean_x: f64 = cells().map(|(i, _, p)| i * p).sum();
    let mean_y: f64 = cells().map(|(_, j, p)| j * p).sum();
    let sum = |of: &dyn Fn(f64, f64) -> f64| cells().map(|(i, j, p)| of(i - mean_x, j - mean_y) * p).sum::<f64>();
    features.joint_average = mean_x;
    features.joint_variance = sum(&|i, _| i * i);
    features.cluster_tendency = sum(&|i, j| (i + j).powi(2));
    features.cluster_shade = sum(&|i, j| (i + j).powi(3));
    features.cluster_prominence = sum(&|i, j| (i + j).powi(4));
    let spreads = features.joint_variance.sqrt() * sum(&|_, j| j * j).sqrt();
    features.correlation = (spreads > 0.0).then(|| sum(&|i, j| i * j) / spreads);
    let [of_rows, of_columns] = [0, 1].map(|of| entropy(&marginal(matrix, of)));
    // The logarithm of a product is a sum: HXY1 = HXY2 = HX + HY.
    let independent = of_rows + of_columns;
    let most = of_rows.max(of_columns);
    features.information_correlation_1 = (most > 0.0).then(|| (features.joint_entropy - independent) / most);
    let mutual = (independent - features.joint_entropy).max(0.0);
    features.information_correlation_2 = (1.0 - (-2.0 * mutual).exp()).sqrt();
    Some(features)
}

/// The shares of the levels of rows (0) or columns (1), by level.
pub(crate) fn marginal(matrix: &Matrix, of: usize) -> Vec<(u32, f64)> {
    let total: f64 = matrix.cells.iter().map(|cell| cell.value).sum();
    let mut all: Vec<(u32, f64)> =
        matrix.cells.iter().map(|cell| ([cell.level, cell.other][of], cell.value / total)).collect();
    // Stable: the order of addition is that of the cells.
    all.sort_by_key(|(level, _)| *level);
    let levels = all.chunk_by(|a, b| a.0 == b.0);
    levels.map(|same| (same[0].0, same.iter().map(|(_, share)| share).sum())).collect()
}

/// In bits.
fn entropy(shares: &[(u32, f64)]) -> f64 {
    shares.iter().map(|(_, p)| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symmetric_matrix_has_the_features_that_it_has_as_one() {
        let cells = [(1, 1, 4.0), (1, 2, 3.0), (2, 1, 3.0), (2, 4, 2.0), (4, 2, 2.0), (4, 4, 1.0)];
        let matrix = Matrix::from_cells(1.0, cells);
        let (own, plain) = (cooccurrence(&matrix, 4).expect("cells"), Cooccurrence::of(&matrix, 4).expect("cells"));
        let values = |f: &Cooccurrence| {
            [
                f.joint_average,
                f.joint_variance,
                f.cluster_tendency,
                f.cluster_shade,
                f.cluster_prominence,
                f.correlation.expect("levels"),
                f.information_correlation_1.expect("levels"),
                f.information_correlation_2,
            ]
        };
        for (own, plain) in values(&own).into_iter().zip(values(&plain)) {
            assert!((own - plain).abs() < 1e-12, "{own} is not {plain}");
        }
    }
}
