//! The five features of the neighbourhood grey tone difference matrix (IBSI 1 manual, arXiv:1612.07003, family IPET).
//!
//! Below *nᵢ* voxels of level *i* have at least one neighbour in the region, *sᵢ* is the sum of their absolute
//! differences from the mean of their neighbours, *N* = Σ *nᵢ*, *pᵢ* = *nᵢ*/*N*, and *N*p is the number of levels with
//! *pᵢ* > 0. Double sums run over these levels.

use super::{Matrix, MatrixSet};

/// The largest coarseness, which IBSI sets because Σ *pᵢ* *sᵢ* may be 0.
const MAXIMUM_COARSENESS: f64 = 1e6;

/// The features of one matrix, without unit.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tone {
    /// Coarseness (QCDE): 1 / Σ *pᵢ* *sᵢ*, at most 10⁶.
    pub coarseness: f64,
    /// Contrast (65HE): [Σ Σ *pᵢ* *pⱼ* (*i* − *j*)² / (*N*p (*N*p − 1))] · [Σ *sᵢ* / *N*]; 0 if there is one level.
    pub contrast: f64,
    /// Busyness (NQ30): Σ *pᵢ* *sᵢ* / Σ Σ |*i* *pᵢ* − *j* *pⱼ*|; 0 if there is one level, `None` if there are more but
    /// *i* *pᵢ* is the same for all, which leaves a division by 0 that IBSI does not define.
    pub busyness: Option<f64>,
    /// Complexity (HDEZ): Σ Σ |*i* − *j*| (*pᵢ* *sᵢ* + *pⱼ* *sⱼ*) / (*pᵢ* + *pⱼ*) / *N*.
    pub complexity: f64,
    /// Strength (1X9X): Σ Σ (*pᵢ* + *pⱼ*) (*i* − *j*)² / Σ *sᵢ*; 0 if all *sᵢ* are 0.
    pub strength: f64,
}

impl Tone {
    /// The features of a matrix, `None` if no voxel has a neighbour.
    ///
    /// ```
    /// use voxomics_imaging::texture::{Matrix, tone::Tone};
    ///
    /// // Two voxels of the levels 1 and 2, each 1 away from its neighbour: 1 / (1/2 + 1/2), and 1/2 / 2 · 2/2.
    /// let found = Tone::of(&Matrix::from_cells(2.0, [(1, 1, 1.0), (2, 1, 1.0)])).unwrap();
    /// assert_eq!((found.coarseness, found.contrast), (1.0, 0.25));
    /// ```
    pub fn of(matrix: &Matrix) -> Option<Self> {
        let cells = &matrix.cells;
        let total: f64 = cells.iter().map(|cell| f64::from(cell.other)).sum();
        if total <= 0.0 {
            return None;
        }
        let levels = cells.len() as f64;
        let difference: f64 = cells.iter().map(|cell| cell.value).sum();
        let weighted: f64 = cells.iter().map(|cell| f64::from(cell.other) / total * cell.value).sum();
        let mean: f64 = cells.iter().map(|cell| f64::from(cell.level) * f64::from(cell.other)).sum::<f64>() / total;
        let square = |level: u32| (f64::from(level) - mean).powi(2);
        let variance: f64 = cells.iter().map(|cell| f64::from(cell.other) / total * square(cell.level)).sum();
        let spread: f64 = cells.iter().map(|cell| square(cell.level)).sum();
        Some(Self {
            coarseness: (1.0 / weighted).min(MAXIMUM_COARSENESS),
            // Σ Σ pᵢ pⱼ (i − j)² is twice the variance.
            contrast: if cells.len() > 1 {
                2.0 * variance / (levels * (levels - 1.0)) * difference / total
            } else {
                0.0
            },
            busyness: match absolute_differences(matrix) {
                _ if cells.len() == 1 => Some(0.0),
                0.0 => None,
                differences => Some(weighted * total / differences),
            },
            complexity: complexity(matrix, total),
            // Σ Σ (pᵢ + pⱼ)(i − j)², both sums taken about the mean.
            strength: if difference > 0.0 { 2.0 * (levels * variance + spread) / difference } else { 0.0 },
        })
    }
}

/// The mean of each feature over the matrices of a set, `None` if there is no matrix.
///
/// Busyness is averaged over the matrices for which it is defined, and undefined if there are none.
///
/// ```
/// use voxomics_imaging::texture::{MatrixSet, tone::mean};
///
/// let slice = [(1, 1, 1.0), (2, 1, 1.0)];
/// assert_eq!(mean(&MatrixSet::from_cells(2, [(2.0, slice), (2.0, slice)])).unwrap().coarseness, 1.0);
/// ```
pub fn mean(set: &MatrixSet) -> Option<Tone> {
    let all: Vec<Tone> = set.matrices.iter().filter_map(Tone::of).collect();
    let average = |of: fn(&Tone) -> Option<f64>| {
        let values: Vec<f64> = all.iter().filter_map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    Some(Tone {
        coarseness: average(|tone| Some(tone.coarseness))?,
        contrast: average(|tone| Some(tone.contrast))?,
        busyness: average(|tone| tone.busyness),
        complexity: average(|tone| Some(tone.complexity))?,
        strength: average(|tone| Some(tone.strength))?,
    })
}

/// Σ Σ |*i* *nᵢ* − *j* *nⱼ*|: of sorted numbers the *k*-th is added as often as it is the larger one, and subtracted
/// as often as it is the smaller. Whole numbers, so that equal ones give 0.
fn absolute_differences(matrix: &Matrix) -> f64 {
    let mut products: Vec<f64> =
        matrix.cells.iter().map(|cell| f64::from(cell.level) * f64::from(cell.other)).collect();
    products.sort_by(f64::total_cmp);
    let last = products.len() as f64 - 1.0;
    products.iter().enumerate().map(|(k, product)| 2.0 * (2.0 * k as f64 - last) * product).sum()
}

fn complexity(matrix: &Matrix, total: f64) -> f64 {
    let terms: Vec<_> = matrix
        .cells
        .iter()
        .map(|cell| {
            let p = f64::from(cell.other) / total;
            (f64::from(cell.level), p, p * cell.value)
        })
        .collect();
    let mut sum = 0.0;
    for (at, (i, p, ps)) in terms.iter().enumerate() {
        // Each pair counts twice; a level with itself has no difference.
        sum += 2.0 * terms[..at].iter().map(|(j, q, qs)| (i - j) * (ps + qs) / (p + q)).sum::<f64>();
    }
    sum / total
}

#[cfg(test)]
mod tests {
    use super::super::Cell;
    use super::*;

    fn matrix(cells: &[(u32, u32, f64)]) -> Matrix {
        let cells = cells.iter().map(|&(level, other, value)| Cell { level, other, value }).collect();
        Matrix { cells, voxels: 0.0 }
    }

    #[test]
    fn a_flat_region() {
        let tone = Tone::of(&matrix(&[(4, 10, 0.0)])).expect("voxels have neighbours");
        let expected = Tone { coarseness: 1e6, contrast: 0.0, busyness: Some(0.0), complexity: 0.0, strength: 0.0 };
        assert_eq!(tone, expected);
    }

    #[test]
    fn busyness_may_be_undefined() {
        assert_eq!(Tone::of(&matrix(&[(1, 6, 2.0), (2, 3, 1.0), (3, 2, 4.0)])).and_then(|tone| tone.busyness), None);
    }

    #[test]
    fn closed_forms_agree_with_the_double_sums() {
        let rows = [(1u32, 5u32, 2.5f64), (3, 2, 4.0), (4, 9, 1.25), (9, 1, 7.0)];
        let tone = Tone::of(&matrix(&rows)).expect("voxels have neighbours");
        let total = 17.0;
        let (mut contrast, mut busyness, mut complexity, mut strength) = (0.0, 0.0, 0.0, 0.0);
        for (i, n, s) in rows.map(|(i, n, s)| (f64::from(i), f64::from(n) / total, s)) {
            for (j, m, t) in rows.map(|(j, m, t)| (f64::from(j), f64::from(m) / total, t)) {
                contrast += n * m * (i - j) * (i - j);
                busyness += (i * n - j * m).abs();
                complexity += (i - j).abs() * (n * s + m * t) / (n + m);
                strength += (n + m) * (i - j) * (i - j);
            }
        }
        let sum: f64 = rows.iter().map(|row| row.2).sum();
        let weighted: f64 = rows.iter().map(|row| f64::from(row.1) / total * row.2).sum();
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * b.abs(), "{a} is not {b}");
        close(tone.coarseness, 1.0 / weighted);
        close(tone.contrast, contrast / 12.0 * sum / total);
        close(tone.busyness.expect("the products differ"), weighted / busyness);
        close(tone.complexity, complexity / total);
        close(tone.strength, strength / sum);
    }
}
