//! The maximal correlation coefficient of a co-occurrence matrix (Haralick's 14th feature).
//!
//! With D the diagonal of the row sums, Q = D⁻¹ P D⁻¹ Pᵀ. P is symmetric, so Q has the eigenvalues of S² with
//! S = D^(-1/2) P D^(-1/2), which is symmetric too. The largest one, 1, belongs to the square roots of the row sums;
//! without that direction, the coefficient is the largest absolute eigenvalue of what is left. Lanczos' method finds
//! it from products of S with a vector: P is sparse, and 10,000 levels would make a dense S too large.
//!
//! PyRadiomics adds 2.2e-16 to each product of row sums that it divides by, which moves its value by 1e-6 or more where
//! hundreds of levels leave some with a handful of voxels. Here nothing is added.

use voxomics_imaging::texture::{Cell, Matrix};

use crate::{feature::Reason, ordered::marginal};

/// Steps after which convergence is looked for. A smaller matrix is taken apart completely.
const COMPLETE: usize = 64;
/// Steps after which it is not to be expected any more.
const MOST_STEPS: usize = 1000;
/// Steps between two looks, and the relative change between them that counts as none.
const LOOK: usize = 16;
const UNCHANGED: f64 = 1e-13;

/// Of each row of a matrix, the columns and elements.
type Rows = Vec<Vec<(usize, f64)>>;

/// A symmetric matrix without the direction of its largest eigenvalue.
struct Deflated {
    /// The matrices whose product it is, the one that comes first at the front.
    factors: Vec<Rows>,
    /// The unit vector of that direction.
    known: Vec<f64>,
}

/// The coefficient of a symmetric matrix, in [0, 1]; 0 if all pairs have one level.
pub(crate) fn maximal_correlation(matrix: &Matrix) -> Result<f64, Reason> {
    let total: f64 = matrix.cells.iter().map(|cell| cell.value).sum();
    let rows: Vec<_> = matrix.cells.chunk_by(|a, b| a.level == b.level).collect();
    let sums: Vec<f64> = rows.iter().map(|row| row.iter().map(|cell| cell.value).sum::<f64>() / total).collect();
    let levels: Vec<u32> = rows.iter().map(|row| row[0].level).collect();
    let row = |(row, sum): (&&[Cell], &f64)| {
        let cell = |cell: &Cell| {
            let j = levels.binary_search(&cell.other).ok()?;
            Some((j, cell.value / total / (sum * sums[j]).sqrt()))
        };
        row.iter().filter_map(cell).collect()
    };
    let cells = rows.iter().zip(&sums).map(row).collect();
    let known = sums.iter().map(|sum| sum.sqrt()).collect();
    Deflated { factors: vec![cells], known }.largest().map(|value| value.clamp(0.0, 1.0))
}

/// The coefficient of a matrix whose pairs have an order: rows and columns have sums of their own, and the eigenvalues are those of
/// S Sᵀ with S = D_x^(-1/2) P D_y^(-1/2).
pub(crate) fn maximal_correlation_of_ordered(matrix: &Matrix) -> Result<f64, Reason> {
    let total: f64 = matrix.cells.iter().map(|cell| cell.value).sum();
    let sums = [0, 1].map(|of| marginal(matrix, of));
    let mut factors = [vec![Vec::new(); sums[1].len()], vec![Vec::new(); sums[0].len()]];
    for cell in &matrix.cells {
        let place = |of: usize, level| sums[of].binary_search_by_key(&level, |(known, _)| *known);
        let (Ok(i), Ok(j)) = (place(0, cell.level), place(1, cell.other)) else { continue };
        let element = cell.value / total / (sums[0][i].1 * sums[1][j].1).sqrt();
        factors[0][j].push((i, element));
        factors[1][i].push((j, element));
    }
    let known = sums[0].iter().map(|(_, sum)| sum.sqrt()).collect();
    Deflated { factors: factors.into(), known }.largest().map(|value| value.sqrt().clamp(0.0, 1.0))
}

impl Deflated {
    fn times(&self, x: &[f64]) -> Vec<f64> {
        let mut product = x.to_vec();
        for rows in &self.factors {
            product = rows.iter().map(|row| Self::of_row(row, &product)).collect();
        }
        remove(&mut product, &self.known);
        product
    }

    /// An element of the product with a vector.
    fn of_row(row: &[(usize, f64)], x: &[f64]) -> f64 {
        let mut sums = [0.0; SUMS];
        let (cells, rest) = row.as_chunks::<SUMS>();
        for cells in cells {
            sums.iter_mut().zip(cells).for_each(|(sum, (column, element))| *sum += element * x[*column]);
        }
        sums.iter().sum::<f64>() + rest.iter().map(|(column, element)| element * x[*column]).sum::<f64>()
    }

    /// The largest absolute eigenvalue.
    fn largest(&self) -> Result<f64, Reason> {
        let n = self.known.len();
        let mut basis: Vec<Vec<f64>> = Vec::new();
        let (mut diagonal, mut beside): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        let mut next = start(n);
        remove(&mut next, &self.known);
        let (mut found, mut length) = (0.0, normalise(&mut next));
        // The known direction leaves n - 1 others.
        for step in 1..n {
            if length < 1e-14 {
                break;
            }
            if step > MOST_STEPS {
                return Err("the search for the eigenvalue did not converge");
            }
            let mut image = self.times(&next);
            diagonal.push(dot(&image, &next));
            basis.push(next);
            // But for rounding, the image has a share of the last two directions alone. What rounding leaves of those, and of
            // all others, is taken away afterwards.
            basis.iter().rev().take(2).for_each(|known| remove(&mut image, known));
            basis.iter().for_each(|known| remove(&mut image, known));
            remove(&mut image, &self.known);
            length = normalise(&mut image);
            next = image;
            beside.push(length);
            if step >= COMPLETE && step % LOOK == 0 {
                let now = largest_of_tridiagonal(&diagonal, &beside);
                if (now - found).abs() <= UNCHANGED * now {
                    return Ok(now);
                }
                found = now;
            }
        }
        Ok(largest_of_tridiagonal(&diagonal, &beside))
    }
}

/// A vector with a share of every direction, always the same one.
fn start(n: usize) -> Vec<f64> {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    (0..n).map(|_| draw()).collect()
}

/// Sums that are kept beside each other, so that one does not wait for the other.
const SUMS: usize = 8;

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; SUMS];
    let (of_a, rest_a) = a.as_chunks::<SUMS>();
    let (of_b, rest_b) = b.as_chunks::<SUMS>();
    for (a, b) in of_a.iter().zip(of_b) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

/// Takes the share of a unit vector away.
fn remove(x: &mut [f64], unit: &[f64]) {
    let share = dot(x, unit);
    x.iter_mut().zip(unit).for_each(|(x, u)| *x -= share * u);
}

/// Makes a unit vector, and returns the length that it had.
fn normalise(x: &mut [f64]) -> f64 {
    let length = dot(x, x).sqrt();
    if length > 0.0 {
        x.iter_mut().for_each(|x| *x /= length);
    }
    length
}

/// The largest absolute eigenvalue of a symmetric tridiagonal matrix, by bisection: Sturm's sequence counts the
/// eigenvalues below a number.
fn largest_of_tridiagonal(diagonal: &[f64], beside: &[f64]) -> f64 {
    let n = diagonal.len();
    let off = |i: usize| if i == 0 { 0.0 } else { beside[i - 1].abs() };
    let reach = |i: usize| diagonal[i].abs() + off(i) + if i + 1 < n { off(i + 1) } else { 0.0 };
    let bound = (0..n).map(reach).fold(0.0, f64::max);
    let below = |x: f64| {
        let mut pivot = 1.0;
        let counts = diagonal.iter().enumerate().map(|(i, d)| {
            pivot = d - x - if i == 0 { 0.0 } else { off(i) * off(i) / pivot };
            if pivot == 0.0 {
                pivot = f64::MIN_POSITIVE.sqrt();
            }
            usize::from(pivot < 0.0)
        });
        counts.sum::<usize>()
    };
    let (mut low, mut high) = (0.0, bound);
    // All eigenvalues lie within ±high; of ±low that is known to be false.
    for _ in 0..120 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        let within = below(-middle) == 0 && below(middle) == n;
        if within { high = middle } else { low = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second largest eigenvalue of Q by brute force: Q to a high power, without its largest eigenvalue.
    fn slowly(p: &[Vec<f64>]) -> f64 {
        let n = p.len();
        let total: f64 = p.iter().flatten().sum();
        let sums: Vec<f64> = p.iter().map(|row| row.iter().sum::<f64>() / total).collect();
        let q = |i: usize, j: usize| {
            (0..n).map(|k| p[i][k] * p[j][k] / (total * total * sums[i] * sums[k])).sum::<f64>() - sums[j]
        };
        let q: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| q(i, j)).collect()).collect();
        let mut x: Vec<f64> = (0..n).map(|i| ((i * 7 + 3) % 11) as f64 - 4.7).collect();
        let mut value = 0.0;
        for _ in 0..20_000 {
            let y: Vec<f64> = q.iter().map(|row| dot(row, &x)).collect();
            value = dot(&y, &y).sqrt() / dot(&x, &x).sqrt();
            let length = dot(&y, &y).sqrt();
            x = y.into_iter().map(|y| y / length).collect();
        }
        value.sqrt()
    }

    fn matrix(p: &[Vec<f64>]) -> Matrix {
        let rows = p.iter().zip(1..);
        let cells = rows.flat_map(|(row, i)| row.iter().zip(1..).map(move |(value, j)| (i, j, *value)));
        Matrix::from_cells(1.0, cells.filter(|(_, _, value)| *value > 0.0))
    }

    fn symmetric(n: usize, seed: usize) -> Vec<Vec<f64>> {
        let draw = |i: usize, j: usize| ((i * j * seed + 3 * (i + j) + i.abs_diff(j) * 5) % 17) as f64;
        (0..n).map(|i| (0..n).map(|j| draw(i, j) * if i.abs_diff(j) < 4 { 1.0 } else { 0.0 }).collect()).collect()
    }

    #[test]
    fn brute_force_agrees() {
        for (n, seed) in [(2, 1), (3, 2), (7, 3), (20, 5), (40, 7)] {
            let p = symmetric(n, seed);
            let (quick, slow) = (maximal_correlation(&matrix(&p)), slowly(&p));
            assert!(quick.is_ok_and(|quick| (quick - slow).abs() < 1e-9), "{n}: {quick:?} is not {slow}");
        }
    }

    #[test]
    fn closed_forms() {
        // Independent neighbours, neighbours that are equal, neighbours that are never equal, and two levels.
        let product = vec![vec![1.0, 2.0, 3.0], vec![2.0, 4.0, 6.0], vec![3.0, 6.0, 9.0]];
        assert!(maximal_correlation(&matrix(&product)).is_ok_and(|x| x < 1e-7));
        for known in [vec![vec![2.0, 0.0], vec![0.0, 5.0]], vec![vec![0.0, 3.0], vec![3.0, 0.0]]] {
            assert!(maximal_correlation(&matrix(&known)).is_ok_and(|x| (x - 1.0).abs() < 1e-12));
        }
        assert!(maximal_correlation(&matrix(&[vec![3.0, 1.0], vec![1.0, 3.0]])).is_ok_and(|x| (x - 0.5).abs() < 1e-12));
        assert_eq!(maximal_correlation(&matrix(&[vec![4.0]])), Ok(0.0));
    }

    #[test]
    fn many_levels_have_a_known_eigenvalue() {
        // A cycle of n levels, each beside the next: S has the eigenvalues cos(2 pi k / n) of a turn, and laziness
        // keeps them apart from their opposites.
        let n = 600u32;
        let cells = (1..=n).flat_map(|i| {
            let (before, after) = ((i + n - 2) % n + 1, i % n + 1);
            let mut row = [(i, before, 1.0), (i, i, 2.0), (i, after, 1.0)];
            row.sort_by_key(|(_, j, _)| *j);
            row
        });
        let found = maximal_correlation(&Matrix::from_cells(1.0, cells));
        let expected = 0.5 + 0.5 * (2.0 * std::f64::consts::PI / f64::from(n)).cos();
        assert!(found.is_ok_and(|found| (found - expected).abs() < 1e-9), "{found:?} is not {expected}");
    }
}
