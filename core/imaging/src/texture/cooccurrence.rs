//! The 25 features of the grey level co-occurrence matrix (IBSI 1 manual, arXiv:1612.07003, family LFYI).
//!
//! Below *p*ᵢⱼ is the matrix divided by its sum, *p*ᵢ its row sums — by symmetry also its column sums —, and
//! μ = Σ *i* *p*ᵢⱼ. *N*g is the number of grey levels of the discretised region.

use super::{Matrix, MatrixSet, fields::features};

features! {
    /// The features of one matrix. Grey levels and probabilities have no unit; entropies are in bits.
    #[derive(Debug, Clone, Copy, PartialEq, Default)]
    pub struct Cooccurrence {
        /// Joint maximum (GYBY): max *p*ᵢⱼ, in (0, 1].
        pub joint_maximum: f64,
        /// Joint average (60VM): μ = Σ *i* *p*ᵢⱼ, ≥ 1.
        pub joint_average: f64,
        /// Joint variance (UR99): Σ (*i* − μ)² *p*ᵢⱼ.
        pub joint_variance: f64,
        /// Joint entropy (TU9B): −Σ *p*ᵢⱼ log₂ *p*ᵢⱼ.
        pub joint_entropy: f64,
        /// Difference average (TF7R): Σ *k* *p*ₖ over *k* = |*i* − *j*|.
        pub difference_average: f64,
        /// Difference variance (D3YU): Σ (*k* − difference average)² *p*ₖ over *k* = |*i* − *j*|.
        pub difference_variance: f64,
        /// Difference entropy (NTRS): −Σ *p*ₖ log₂ *p*ₖ over *k* = |*i* − *j*|.
        pub difference_entropy: f64,
        /// Sum average (ZGXS): Σ *k* *p*ₖ over *k* = *i* + *j*.
        pub sum_average: f64,
        /// Sum variance (OEEB): Σ (*k* − sum average)² *p*ₖ over *k* = *i* + *j*.
        pub sum_variance: f64,
        /// Sum entropy (P6QZ): −Σ *p*ₖ log₂ *p*ₖ over *k* = *i* + *j*.
        pub sum_entropy: f64,
        /// Angular second moment (8ZQL): Σ *p*ᵢⱼ², in (0, 1].
        pub angular_second_moment: f64,
        /// Contrast (ACUI): Σ (*i* − *j*)² *p*ᵢⱼ.
        pub contrast: f64,
        /// Dissimilarity (8S9J): Σ |*i* − *j*| *p*ᵢⱼ.
        pub dissimilarity: f64,
        /// Inverse difference (IB1Z): Σ *p*ᵢⱼ / (1 + |*i* − *j*|), in (0, 1].
        pub inverse_difference: f64,
        /// Normalised inverse difference (NDRX): Σ *p*ᵢⱼ / (1 + |*i* − *j*|/*N*g), in (0, 1].
        pub normalised_inverse_difference: f64,
        /// Inverse difference moment (WF0Z): Σ *p*ᵢⱼ / (1 + (*i* − *j*)²), in (0, 1].
        pub inverse_difference_moment: f64,
        /// Normalised inverse difference moment (1QCO): Σ *p*ᵢⱼ / (1 + (*i* − *j*)²/*N*g²), in (0, 1].
        pub normalised_inverse_difference_moment: f64,
        /// Inverse variance (E8JP): Σ *p*ᵢⱼ / (*i* − *j*)² over *i* ≠ *j*.
        pub inverse_variance: f64,
        /// Correlation (NI2N): Σ (*i* − μ)(*j* − μ) *p*ᵢⱼ / joint variance, in [−1, 1]; `None` if the variance is 0, which
        /// it is if all pairs have the same level.
        pub correlation: Option<f64>,
        /// Autocorrelation (QWB0): Σ *i* *j* *p*ᵢⱼ, ≥ 1.
        pub autocorrelation: f64,
        /// Cluster tendency (DG8W): Σ (*i* + *j* − 2μ)² *p*ᵢⱼ.
        pub cluster_tendency: f64,
        /// Cluster shade (7NFM): Σ (*i* + *j* − 2μ)³ *p*ᵢⱼ.
        pub cluster_shade: f64,
        /// Cluster prominence (AE86): Σ (*i* + *j* − 2μ)⁴ *p*ᵢⱼ.
        pub cluster_prominence: f64,
        /// Information correlation 1 (R8DG): (HXY − HXY₁) / HX, ≤ 0, with the joint entropy HXY, the marginal entropy HX
        /// and HXY₁ = −Σ *p*ᵢⱼ log₂(*p*ᵢ *p*ⱼ); `None` if HX is 0, which it is if all pairs have the same level.
        pub information_correlation_1: Option<f64>,
        /// Information correlation 2 (JN9H): √(1 − exp(−2 (HXY₂ − HXY))), in [0, 1), with
        /// HXY₂ = −Σ *p*ᵢ *p*ⱼ log₂(*p*ᵢ *p*ⱼ) in bits.
        pub information_correlation_2: f64,
    }
}

impl Cooccurrence {
    /// The features of a symmetric matrix of *N*g = `levels` grey levels, `None` if it counts nothing or has no levels.
    ///
    /// ```
    /// use voxomics_imaging::texture::{Matrix, cooccurrence::Cooccurrence};
    ///
    /// // One pair of the levels 1 and 2, seen from both sides.
    /// let found = Cooccurrence::of(&Matrix::from_cells(2.0, [(1, 2, 1.0), (2, 1, 1.0)]), 2).unwrap();
    /// assert_eq!((found.joint_average, found.contrast, found.joint_entropy), (1.5, 1.0, 1.0));
    /// assert_eq!(found.correlation, Some(-1.0));
    /// ```
    pub fn of(matrix: &Matrix, levels: u32) -> Option<Self> {
        let total: f64 = matrix.cells.iter().map(|cell| cell.value).sum();
        if total <= 0.0 || levels == 0 {
            return None;
        }
        let mut features = Self::default();
        features.add_joint(matrix, total, levels);
        features.add_central(matrix, total);
        features.add_differences(matrix, total);
        features.add_sums(matrix, total);
        features.add_information(matrix, total);
        Some(features)
    }

    /// Everything that needs no mean.
    fn add_joint(&mut self, matrix: &Matrix, total: f64, levels: u32) {
        let levels = f64::from(levels);
        for cell in &matrix.cells {
            let (i, j, p) = (f64::from(cell.level), f64::from(cell.other), cell.value / total);
            let difference = (i - j).abs();
            let square = difference * difference;
            self.joint_maximum = self.joint_maximum.max(p);
            self.joint_average += i * p;
            self.joint_entropy -= p * p.log2();
            self.angular_second_moment += p * p;
            self.contrast += square * p;
            self.dissimilarity += difference * p;
            self.inverse_difference += p / (1.0 + difference);
            self.normalised_inverse_difference += p / (1.0 + difference / levels);
            self.inverse_difference_moment += p / (1.0 + square);
            self.normalised_inverse_difference_moment += p / (1.0 + square / (levels * levels));
            if difference > 0.0 {
                self.inverse_variance += p / square;
            }
            self.autocorrelation += i * j * p;
        }
    }

    /// Moments about the mean.
    fn add_central(&mut self, matrix: &Matrix, total: f64) {
        let mean = self.joint_average;
        let mut covariance = 0.0;
        for cell in &matrix.cells {
            let (i, j, p) = (f64::from(cell.level) - mean, f64::from(cell.other) - mean, cell.value / total);
            self.joint_variance += i * i * p;
            covariance += i * j * p;
            self.cluster_tendency += (i + j).powi(2) * p;
            self.cluster_shade += (i + j).powi(3) * p;
            self.cluster_prominence += (i + j).powi(4) * p;
        }
        self.correlation = (self.joint_variance > 0.0).then(|| covariance / self.joint_variance);
    }

    fn add_differences(&mut self, matrix: &Matrix, total: f64) {
        [self.difference_average, self.difference_variance, self.difference_entropy] =
            distribution(matrix, total, |level, other| u64::from(level.abs_diff(other)));
    }

    fn add_sums(&mut self, matrix: &Matrix, total: f64) {
        [self.sum_average, self.sum_variance, self.sum_entropy] =
            distribution(matrix, total, |level, other| u64::from(level) + u64::from(other));
    }

    fn add_information(&mut self, matrix: &Matrix, total: f64) {
        let rows = matrix.cells.chunk_by(|a, b| a.level == b.level);
        let row_sums = rows.map(|row| row.iter().map(|cell| cell.value).sum::<f64>() / total);
        let marginal_entropy: f64 = row_sums.map(|p| -p * p.log2()).sum();
        // The logarithm of a product is a sum: HXY₁ = HXY₂ = HX + HY, and by symmetry HX = HY.
        let independent = 2.0 * marginal_entropy;
        let mutual = (independent - self.joint_entropy).max(0.0);
        self.information_correlation_1 =
            (self.joint_variance > 0.0).then(|| (self.joint_entropy - independent) / marginal_entropy);
        self.information_correlation_2 = (1.0 - (-2.0 * mutual).exp()).sqrt();
    }
}

/// The mean of each feature over the matrices of a set, `None` if there is no matrix.
///
/// A feature that is undefined for some matrices is averaged over the others, and undefined if there are none.
///
/// ```
/// use voxomics_imaging::texture::{MatrixSet, cooccurrence::mean};
///
/// // A contrast of 1 in one direction, and of 0 in another.
/// let set = MatrixSet::from_cells(2, [(2.0, vec![(1, 2, 1.0), (2, 1, 1.0)]), (2.0, vec![(1, 1, 2.0)])]);
/// let found = mean(&set).unwrap();
/// // The second matrix has no correlation: that of the first one counts.
/// assert_eq!((found.contrast, found.correlation), (0.5, Some(-1.0)));
/// ```
pub fn mean(set: &MatrixSet) -> Option<Cooccurrence> {
    let mut all: Vec<Cooccurrence> =
        set.matrices.iter().filter_map(|matrix| Cooccurrence::of(matrix, set.levels)).collect();
    if all.is_empty() {
        return None;
    }
    let mut mean = Cooccurrence::default();
    let count = all.len() as f64;
    for features in &mut all {
        for (sum, value) in mean.numbers_mut().zip(features.numbers_mut()) {
            *sum += *value / count;
        }
    }
    let defined = |of: fn(&Cooccurrence) -> Option<f64>| {
        let values: Vec<f64> = all.iter().filter_map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    mean.correlation = defined(|features| features.correlation);
    mean.information_correlation_1 = defined(|features| features.information_correlation_1);
    Some(mean)
}

/// Values of a function of both levels that are summed in a table, which is quicker for small matrices.
const NARROW: usize = 64;

/// Mean, variance and entropy (bits) of a function of both levels.
fn distribution(matrix: &Matrix, total: f64, of: impl Fn(u32, u32) -> u64) -> [f64; 3] {
    let values = matrix.cells.iter().map(|cell| of(cell.level, cell.other));
    let (least, greatest) = values.fold((u64::MAX, 0), |(least, greatest), k| (least.min(k), greatest.max(k)));
    if greatest.saturating_sub(least) >= NARROW as u64 {
        return moments(&marginal(matrix, total, of));
    }
    // Of each value the shares are added in the order of the cells, as there.
    let mut sums = [0.0; NARROW];
    for cell in &matrix.cells {
        sums[(of(cell.level, cell.other) - least) as usize] += cell.value / total;
    }
    let (mut marginal, mut count) = ([(0, 0.0); NARROW], 0);
    for (k, sum) in (least..).zip(sums).filter(|(_, sum)| *sum > 0.0) {
        marginal[count] = (k, sum);
        count += 1;
    }
    moments(&marginal[..count])
}

/// The probabilities of a function of both levels, sorted by its value.
fn marginal(matrix: &Matrix, total: f64, of: impl Fn(u32, u32) -> u64) -> Vec<(u64, f64)> {
    let mut all: Vec<_> = matrix.cells.iter().map(|cell| (of(cell.level, cell.other), cell.value / total)).collect();
    // Stable: the order of addition is that of the cells.
    all.sort_by_key(|(k, _)| *k);
    all.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    all
}

/// Mean, variance and entropy (bits) of a distribution.
fn moments(marginal: &[(u64, f64)]) -> [f64; 3] {
    let mean: f64 = marginal.iter().map(|(k, p)| *k as f64 * p).sum();
    let variance = marginal.iter().map(|(k, p)| (*k as f64 - mean).powi(2) * p).sum();
    let entropy = marginal.iter().map(|(_, p)| -p * p.log2()).sum();
    [mean, variance, entropy]
}

#[cfg(test)]
mod tests {
    use super::super::Cell;
    use super::*;

    #[test]
    fn one_level_leaves_correlation_undefined() {
        let matrix = Matrix { cells: vec![Cell { level: 3, other: 3, value: 8.0 }], voxels: 8.0 };
        let features = Cooccurrence::of(&matrix, 3).expect("the matrix has a cell");
        assert_eq!((features.correlation, features.information_correlation_1), (None, None));
        assert_eq!((features.joint_average, features.joint_entropy, features.contrast), (3.0, 0.0, 0.0));
        assert_eq!(features.information_correlation_2, 0.0);
    }

    #[test]
    fn undefined_values_are_left_out_of_the_mean() {
        let flat = Matrix { cells: vec![Cell { level: 1, other: 1, value: 2.0 }], voxels: 2.0 };
        let cells = vec![Cell { level: 1, other: 2, value: 1.0 }, Cell { level: 2, other: 1, value: 1.0 }];
        let chequered = Matrix { cells, voxels: 2.0 };
        let set = MatrixSet { matrices: vec![flat.clone(), chequered], levels: 2 };
        let features = mean(&set).expect("the set has matrices");
        assert_eq!((features.correlation, features.joint_entropy), (Some(-1.0), 0.5));
        assert_eq!(
            mean(&MatrixSet { matrices: vec![flat], levels: 2 }).and_then(|features| features.correlation),
            None
        );
        assert_eq!(mean(&MatrixSet::default()), None);
    }

    #[test]
    fn a_table_gives_what_sorting_gives() {
        let draw = |i: u32| (1 + i * i % 7, 1 + i * 13 % 30, f64::from(1 + i % 5));
        let mut cells: Vec<_> = (0..90).map(draw).collect();
        cells.sort_by_key(|(level, other, _)| (*level, *other));
        cells.dedup_by_key(|(level, other, _)| (*level, *other));
        let matrix = Matrix::from_cells(1.0, cells);
        let total = matrix.cells.iter().map(|cell| cell.value).sum();
        for of in [|a: u32, b: u32| u64::from(a + b), |a: u32, b: u32| u64::from(a.abs_diff(b))] {
            assert_eq!(distribution(&matrix, total, of), moments(&marginal(&matrix, total, of)));
        }
    }
}
