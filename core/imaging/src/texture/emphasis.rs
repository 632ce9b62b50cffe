//! The algebra that GLRLM, GLSZM, GLDZM and NGLDM share.
//!
//! All four are matrices of grey level *i* by a second coordinate *j* — run length, zone size, zone distance or
//! dependence — whose elements *s*ᵢⱼ count something, and their features are the same sums under different names
//! (IBSI 1 manual, arXiv:1612.07003, families TP0I, 9SAK, VMDZ and REK0). Below *N*ₛ = Σ *s*ᵢⱼ, *p*ᵢⱼ = *s*ᵢⱼ / *N*ₛ.

use super::{Matrix, MatrixSet, fields::features};

features! {
    /// The features of one matrix; IBSI codes in the order GLRLM, GLSZM, GLDZM, NGLDM. All without unit but for the
    /// variances (squares of levels, voxels or steps).
    #[derive(Debug, Clone, Copy, PartialEq, Default)]
    pub struct Emphasis {
        /// Short runs, small zones, small distances, low dependences: Σ *s*ᵢⱼ/*j*² / *N*ₛ, in (0, 1] (22OV, 5QRC, 0GBI, SODN).
        pub short: f64,
        /// Long runs, large zones, large distances, high dependences: Σ *s*ᵢⱼ *j*² / *N*ₛ, ≥ 1 (W4KF, 48P8, MB4I, IMOQ).
        pub long: f64,
        /// Low grey levels: Σ *s*ᵢⱼ/*i*² / *N*ₛ, in (0, 1] (V3SW, XMSY, S1RA, TL9H).
        pub low_level: f64,
        /// High grey levels: Σ *s*ᵢⱼ *i*² / *N*ₛ, ≥ 1 (G3QZ, 5GN9, K26C, OAE7).
        pub high_level: f64,
        /// Short at low grey levels: Σ *s*ᵢⱼ/(*i*² *j*²) / *N*ₛ, in (0, 1] (HTZT, 5RAI, RUVG, EQ3F).
        pub short_low_level: f64,
        /// Short at high grey levels: Σ *s*ᵢⱼ *i*²/*j*² / *N*ₛ (GD3A, HW1V, DKNJ, JA6D).
        pub short_high_level: f64,
        /// Long at low grey levels: Σ *s*ᵢⱼ *j*²/*i*² / *N*ₛ (IVPO, YH51, A7WM, NBZI).
        pub long_low_level: f64,
        /// Long at high grey levels: Σ *s*ᵢⱼ *i*² *j*² / *N*ₛ, ≥ 1 (3KUM, J17V, KLTH, 9QMG).
        pub long_high_level: f64,
        /// Grey level non-uniformity: Σᵢ (Σⱼ *s*ᵢⱼ)² / *N*ₛ (R5YN, JNSA, VFT7, FP8K).
        pub level_non_uniformity: f64,
        /// The same divided by *N*ₛ, in (0, 1] (OVBL, Y1RO, 7HP3, 5SPA).
        pub level_non_uniformity_normalised: f64,
        /// Non-uniformity of lengths, sizes, distances or dependences: Σⱼ (Σᵢ *s*ᵢⱼ)² / *N*ₛ (W92Y, 4JP3, V294, Z87G).
        pub size_non_uniformity: f64,
        /// The same divided by *N*ₛ, in (0, 1] (IC23, VB3A, IATH, OKJI).
        pub size_non_uniformity_normalised: f64,
        /// Runs, zones or dependences per voxel: *N*ₛ / *N*ᵥ, in (0, 1]; 1 for NGLDM (9ZK5, P30P, VIWW, 6XV8).
        pub percentage: f64,
        /// Grey level variance: Σ (*i* − μ)² *p*ᵢⱼ with μ = Σ *i* *p*ᵢⱼ (8CE5, BYLV, QK93, 1PFV).
        pub level_variance: f64,
        /// Variance of lengths, sizes, distances or dependences: Σ (*j* − μ)² *p*ᵢⱼ with μ = Σ *j* *p*ᵢⱼ (SXLW, 3NSA,
        /// 7WT1, DNX2).
        pub size_variance: f64,
        /// Entropy in bits: −Σ *p*ᵢⱼ log₂ *p*ᵢⱼ (HJ9O, GU8N, GBDU, FCBV).
        pub entropy: f64,
        /// Energy: Σ *p*ᵢⱼ², in (0, 1]; defined for NGLDM only (CAS9).
        pub energy: f64,
    }
}

impl Emphasis {
    /// The features of a matrix, `None` if it counts nothing.
    ///
    /// ```
    /// use voxomics_imaging::texture::{Matrix, emphasis::Emphasis};
    ///
    /// // A zone of two voxels at level 1, and one of one voxel at level 2, in three voxels.
    /// let found = Emphasis::of(&Matrix::from_cells(3.0, [(1, 2, 1.0), (2, 1, 1.0)])).unwrap();
    /// // (1/4 + 1) / 2, (4 + 1) / 2 and 2/3.
    /// assert_eq!((found.short, found.long, found.percentage), (0.625, 2.5, 2.0 / 3.0));
    /// ```
    pub fn of(matrix: &Matrix) -> Option<Self> {
        let total: f64 = matrix.cells.iter().map(|cell| cell.value).sum();
        if total <= 0.0 || matrix.voxels <= 0.0 {
            return None;
        }
        let mut sums = Self::default();
        let (mut level_mean, mut size_mean) = (0.0, 0.0);
        for cell in &matrix.cells {
            let (i, j, p) = (f64::from(cell.level), f64::from(cell.other), cell.value / total);
            let (i2, j2) = (i * i, j * j);
            sums.short += p / j2;
            sums.long += p * j2;
            sums.low_level += p / i2;
            sums.high_level += p * i2;
            sums.short_low_level += p / (i2 * j2);
            sums.short_high_level += p * i2 / j2;
            sums.long_low_level += p * j2 / i2;
            sums.long_high_level += p * i2 * j2;
            sums.entropy -= p * p.log2();
            sums.energy += p * p;
            level_mean += p * i;
            size_mean += p * j;
        }
        for cell in &matrix.cells {
            let p = cell.value / total;
            sums.level_variance += (f64::from(cell.level) - level_mean).powi(2) * p;
            sums.size_variance += (f64::from(cell.other) - size_mean).powi(2) * p;
        }
        // The cells are sorted by level: one run of cells is one row.
        let rows = matrix.cells.chunk_by(|a, b| a.level == b.level);
        let level_squares: f64 = rows.map(|row| square(row.iter().map(|cell| cell.value).sum())).sum();
        let size_squares = column_squares(matrix);
        sums.level_non_uniformity = level_squares / total;
        sums.level_non_uniformity_normalised = level_squares / square(total);
        sums.size_non_uniformity = size_squares / total;
        sums.size_non_uniformity_normalised = size_squares / square(total);
        sums.percentage = total / matrix.voxels;
        Some(sums)
    }
}

/// The mean of each feature over the matrices of a set, `None` if there is no matrix.
///
/// ```
/// use voxomics_imaging::texture::{MatrixSet, emphasis::mean};
///
/// // Sizes of 1 in one slice, and of 2 in another.
/// let set = MatrixSet::from_cells(1, [(1.0, [(1, 1, 1.0)]), (2.0, [(1, 2, 1.0)])]);
/// assert_eq!(mean(&set).unwrap().long, 2.5);
/// ```
pub fn mean(set: &MatrixSet) -> Option<Emphasis> {
    let mut mean = Emphasis::default();
    let mut count = 0.0;
    for mut features in set.matrices.iter().filter_map(Emphasis::of) {
        count += 1.0;
        for (sum, value) in mean.numbers_mut().zip(features.numbers_mut()) {
            *sum += *value;
        }
    }
    if count == 0.0 {
        return None;
    }
    for sum in mean.numbers_mut() {
        *sum /= count;
    }
    Some(mean)
}

/// Columns that are summed in a table, which is quicker for small matrices.
const NARROW: usize = 64;

/// The sum of the squared column sums, without a table as wide as the largest zone.
fn column_squares(matrix: &Matrix) -> f64 {
    if matrix.cells.iter().all(|cell| (cell.other as usize) < NARROW) {
        let mut sums = [0.0; NARROW];
        matrix.cells.iter().for_each(|cell| sums[cell.other as usize] += cell.value);
        return sums.into_iter().map(square).sum();
    }
    let mut columns: Vec<(u32, f64)> = matrix.cells.iter().map(|cell| (cell.other, cell.value)).collect();
    // Stable: the order of addition is that of the cells.
    columns.sort_by_key(|(other, _)| *other);
    columns.chunk_by(|a, b| a.0 == b.0).map(|column| square(column.iter().map(|(_, value)| value).sum())).sum()
}

fn square(value: f64) -> f64 {
    value * value
}

#[cfg(test)]
mod tests {
    use super::super::Cell;
    use super::*;

    #[test]
    fn one_zone_of_one_voxel() {
        let matrix = Matrix { cells: vec![Cell { level: 2, other: 1, value: 1.0 }], voxels: 1.0 };
        let features = Emphasis::of(&matrix).expect("the matrix has a cell");
        assert_eq!((features.short, features.long, features.low_level, features.high_level), (1.0, 1.0, 0.25, 4.0));
        assert_eq!((features.entropy, features.size_variance, features.percentage), (0.0, 0.0, 1.0));
    }

    #[test]
    fn a_zone_of_four_billion_voxels_takes_no_table() {
        let cells = vec![Cell { level: 1, other: 3, value: 2.0 }, Cell { level: 2, other: u32::MAX, value: 2.0 }];
        let features = Emphasis::of(&Matrix { cells, voxels: 5e9 }).expect("the matrix has cells");
        assert_eq!((features.size_non_uniformity, features.entropy), (2.0, 1.0));
    }

    #[test]
    fn nothing_has_no_features() {
        assert_eq!(Emphasis::of(&Matrix::default()), None);
        assert_eq!(mean(&MatrixSet::default()), None);
    }
}
