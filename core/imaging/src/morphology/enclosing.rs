//! The smallest ellipsoid around a set of points (IBSI 1, MVEE).

use super::{
    contact,
    triangular::{Matrix, Point, lower, solved},
};

/// How far a point may lie outside the ellipsoid, in squared radii, for the points that touch it to be known. IBSI 1
/// suggests 10⁻³ for the result.
const TOLERANCE: f64 = 1e-8;

/// Newton's steps and rounds of points added after which a solution is not to be expected.
const MOST_STEPS: usize = 100;
const MOST_ROUNDS: usize = 200;

/// Points outside the present ellipsoid that are taken into account at a time.
const ADDED: usize = 16;

/// The semi-axes, largest first, of the smallest ellipsoid around points, mm if the points are.
///
/// Few points touch the ellipsoid: those that have been outside an earlier one make up the working set, for which the
/// dual problem is solved by the interior-point method of Sun and Freund ("Computation of minimum-volume covering
/// ellipsoids", Operations Research 52, 2004). From there Newton's method on the points that touch goes on until rounding
/// ends it. `None` if all points lie in one plane or a method does not converge.
///
/// ```
/// use voxomics_imaging::morphology::enclosing::minimum_enclosing;
///
/// // Six points at a distance of 1 along the axes: the unit ball.
/// let along = |axis: usize, sign: f64| std::array::from_fn(|i| if i == axis { sign } else { 0.0 });
/// let points: Vec<[f64; 3]> = (0..3).flat_map(|axis| [along(axis, 1.0), along(axis, -1.0)]).collect();
/// let axes = minimum_enclosing(&points).unwrap();
/// assert!(axes.iter().all(|axis| (axis - 1.0).abs() < 1e-6));
/// assert_eq!(minimum_enclosing(&points[..4]), None);
/// ```
pub fn minimum_enclosing(points: &[[f64; 3]]) -> Option<[f64; 3]> {
    let (scaled, stretch) = standardised(points)?;
    let mut working = extremes(&scaled);
    for _ in 0..MOST_ROUNDS {
        let chosen: Vec<Point> = working.iter().map(|&i| scaled[i]).collect();
        let (ellipsoid, weights) = Ellipsoid::around(&chosen)?;
        let distances: Vec<f64> = scaled.iter().map(|&p| ellipsoid.distance(p)).collect();
        let mut outside: Vec<usize> = (0..scaled.len()).filter(|&i| distances[i] > 1.0 + TOLERANCE).collect();
        outside.retain(|i| !working.contains(i));
        if outside.is_empty() {
            // A point's weight is larger than its slack if it touches, and smaller if it does not.
            let touching = working.into_iter().zip(weights).filter(|(i, weight)| *weight > 1.0 - distances[*i]);
            return contact::semi_axes(&scaled, (ellipsoid.centre, &ellipsoid.inverse), touching.collect(), &stretch);
        }
        outside.sort_unstable_by(|&a, &b| distances[b].total_cmp(&distances[a]).then(a.cmp(&b)));
        outside.truncate(ADDED);
        // A point inside that hardly counts would only slow the next round down.
        let mut weight = weights.iter();
        working.retain(|&i| weight.next().is_some_and(|&w| w > 1e-4) || distances[i] > 0.999);
        working.extend(outside);
    }
    None
}

/// The points moved and stretched to mean 0 and covariance 1, and the lower triangular matrix that undoes the stretching.
/// Ellipsoids follow such a change, whatever the shape of the region.
fn standardised(points: &[Point]) -> Option<(Vec<Point>, Matrix)> {
    let count = points.len() as f64;
    let mean: Point = std::array::from_fn(|i| points.iter().map(|p| p[i]).sum::<f64>() / count);
    let offsets: Vec<Point> = points.iter().map(|p| std::array::from_fn(|i| p[i] - mean[i])).collect();
    let entry = |a: usize, b: usize| offsets.iter().map(|o| o[a] * o[b]).sum::<f64>() / count;
    let covariance: Matrix = std::array::from_fn(|a| std::array::from_fn(|b| entry(a, b)));
    let stretch = lower(&covariance).filter(|l| (0..3).all(|i| l[i][i].powi(2) > FLAT * covariance[i][i]))?;
    Some((offsets.into_iter().map(|offset| solved(&stretch, offset)).collect(), stretch))
}

/// What rounding leaves of a variance that is zero, relative to the axis'.
const FLAT: f64 = 1e-13;

/// The points farthest along the axes and diagonals.
fn extremes(points: &[Point]) -> Vec<usize> {
    let farthest = (0..27i32).filter(|&direction| direction != 13).filter_map(|direction| {
        let towards = [direction % 3 - 1, direction / 3 % 3 - 1, direction / 9 - 1].map(f64::from);
        let along = |i: usize| (0..3).map(|axis| towards[axis] * points[i][axis]).sum::<f64>();
        (0..points.len()).max_by(|&a, &b| along(a).total_cmp(&along(b)))
    });
    let distinct: std::collections::BTreeSet<usize> = farthest.collect();
    distinct.into_iter().collect()
}

/// The points *p* with `(p − centre)ᵀ · shape · (p − centre) ≤ 1`.
struct Ellipsoid {
    centre: Point,
    shape: Matrix,
    inverse: Matrix,
}

impl Ellipsoid {
    /// The ellipsoid that dual weights belong to.
    fn of_weights(points: &[Point], weights: &[f64]) -> Option<Self> {
        let total: f64 = weights.iter().sum();
        let weighted = || points.iter().zip(weights);
        let centre: Point = std::array::from_fn(|i| weighted().map(|(p, w)| w * p[i]).sum::<f64>() / total);
        let entry = |a: usize, b: usize| {
            weighted().map(|(p, w)| 2.0 * w * (p[a] - centre[a]) * (p[b] - centre[b])).sum::<f64>()
        };
        let inverse: Matrix = std::array::from_fn(|a| std::array::from_fn(|b| entry(a, b)));
        Some(Self { centre, shape: inverted(&inverse)?, inverse })
    }

    /// The smallest ellipsoid around points, and the share of each point in the sum of the dual weights.
    fn around(points: &[Point]) -> Option<(Self, Vec<f64>)> {
        let count = points.len();
        let mut weights = vec![1.5 / count as f64; count];
        let largest = Self::of_weights(points, &weights)?.distances(points).into_iter().fold(0.0, f64::max);
        weights.iter_mut().for_each(|w| *w *= largest / 0.95);
        let mut slacks: Vec<f64> =
            Self::of_weights(points, &weights)?.distances(points).into_iter().map(|d| 1.0 - d).collect();
        for _ in 0..MOST_STEPS {
            let ellipsoid = Self::of_weights(points, &weights)?;
            let errors: Vec<f64> =
                ellipsoid.distances(points).into_iter().zip(&slacks).map(|(d, s)| 1.0 - s - d).collect();
            let gap: f64 = weights.iter().zip(&slacks).map(|(w, s)| w * s).sum();
            if gap < TOLERANCE / 10.0 && errors.iter().all(|e| e.abs() < TOLERANCE / 10.0) {
                let total: f64 = weights.iter().sum();
                weights.iter_mut().for_each(|w| *w /= total);
                return Some((ellipsoid, weights));
            }
            let aim = gap / (10.0 * count as f64);
            let (dw, ds) = ellipsoid.newton(points, &weights, &slacks, &errors, aim)?;
            let all = || weights.iter().zip(&dw).chain(slacks.iter().zip(&ds));
            let room = all().filter(|&(_, &d)| d < 0.0).map(|(v, d)| -v / d).fold(f64::INFINITY, f64::min);
            let step = (0.99 * room).min(1.0);
            weights.iter_mut().zip(&dw).chain(slacks.iter_mut().zip(&ds)).for_each(|(v, d)| *v += step * d);
        }
        None
    }

    /// Newton's step towards `distance + slack = 1` and `weight · slack = aim`.
    fn newton(
        &self,
        points: &[Point],
        weights: &[f64],
        slacks: &[f64],
        errors: &[f64],
        aim: f64,
    ) -> Option<(Vec<f64>, Vec<f64>)> {
        let count = points.len();
        let total: f64 = weights.iter().sum();
        let offsets: Vec<Point> = points.iter().map(|p| std::array::from_fn(|i| p[i] - self.centre[i])).collect();
        let images: Vec<Point> = offsets.iter().map(|p| self.shape.map(|row| dot(row, *p))).collect();
        let mut matrix = vec![0.0; count * count];
        for i in 0..count {
            for j in 0..=i {
                let product = dot(offsets[i], images[j]);
                matrix[i * count + j] = 2.0 * (product * product + product / total);
            }
            matrix[i * count + i] += slacks[i] / weights[i];
        }
        let mut dw: Vec<f64> = (0..count).map(|i| aim / weights[i] - slacks[i] - errors[i]).collect();
        solve(&mut matrix, &mut dw)?;
        let ds = (0..count).map(|i| (aim - slacks[i] * dw[i]) / weights[i] - slacks[i]).collect();
        Some((dw, ds))
    }

    fn distance(&self, point: Point) -> f64 {
        let offset: Point = std::array::from_fn(|i| point[i] - self.centre[i]);
        dot(offset, self.shape.map(|row| dot(row, offset)))
    }

    fn distances(&self, points: &[Point]) -> Vec<f64> {
        points.iter().map(|&p| self.distance(p)).collect()
    }
}

fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The inverse of a positive definite matrix; `None` if rounding cannot tell it from a flat one.
fn inverted(m: &Matrix) -> Option<Matrix> {
    let cofactor = |r: usize, c: usize| {
        let (a, b, d, e) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
        m[a][d] * m[b][e] - m[a][e] * m[b][d]
    };
    let determinant: f64 = (0..3).map(|c| m[0][c] * cofactor(0, c)).sum();
    let size = m[0][0] * m[1][1] * m[2][2];
    (determinant > 1e-12 * size).then(|| std::array::from_fn(|r| std::array::from_fn(|c| cofactor(c, r) / determinant)))
}

/// Solves a positive definite system in place by Cholesky's decomposition; only the lower triangle is read.
fn solve(matrix: &mut [f64], right: &mut [f64]) -> Option<()> {
    let n = right.len();
    for i in 0..n {
        let (done, rest) = matrix.split_at_mut(i * n);
        let row = &mut rest[..=i];
        for j in 0..i {
            let above = &done[j * n..j * n + j + 1];
            let sum: f64 = row[..j].iter().zip(above).map(|(a, b)| a * b).sum();
            row[j] = (row[j] - sum) / above[j];
        }
        let pivot = row[i] - row[..i].iter().map(|a| a * a).sum::<f64>();
        if pivot.is_nan() || pivot <= 0.0 {
            return None;
        }
        row[i] = pivot.sqrt();
        right[i] = (right[i] - row[..i].iter().zip(&*right).map(|(a, b)| a * b).sum::<f64>()) / row[i];
    }
    for i in (0..n).rev() {
        right[i] /= matrix[i * n + i];
        for j in 0..i {
            right[j] -= matrix[i * n + j] * right[i];
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    fn assert_axes(points: &[Point], expected: [f64; 3], what: &str) {
        let found = minimum_enclosing(points).unwrap_or_else(|| panic!("{what} has no ellipsoid"));
        for (found, expected) in found.into_iter().zip(expected) {
            assert!((found / expected - 1.0).abs() < 1e-14, "{what}: {found:e}, expected {expected:e}");
        }
    }

    #[test]
    fn the_ellipsoids_of_stretched_bodies_are_known() {
        let stretched = |points: &[Point]| -> Vec<Point> {
            let mut points: Vec<Point> = points.iter().map(|p| [p[0], 2.0 * p[1], 5.0 * p[2]]).collect();
            points.push([0.3, -0.9, 1.0]);
            points
        };
        let corner = |i: i32| [i & 1, i >> 1 & 1, i >> 2].map(|b| f64::from(2 * b - 1));
        let cube: Vec<Point> = (0..8).map(corner).collect();
        let scaled = |radius: f64| [5.0 * radius, 2.0 * radius, radius];
        assert_axes(&stretched(&cube), scaled(3f64.sqrt()), "a cube");
        let simplex: Vec<Point> = cube.iter().copied().filter(|c| c[0] * c[1] * c[2] > 0.0).collect();
        assert_axes(&stretched(&simplex), scaled(3f64.sqrt()), "a simplex, which touches with no point too many");
        // Far more points on the ball than its nine parameters.
        let lattice = |square: i32| -> Vec<Point> {
            let all = (-9..=9).flat_map(|z| (-9..=9).flat_map(move |y| (-9..=9).map(move |x| [x, y, z])));
            let inside = all.filter(|p: &[i32; 3]| p.iter().map(|c| c * c).sum::<i32>() <= square);
            inside.map(|p| p.map(f64::from)).collect()
        };
        for square in [1, 2, 5, 14, 41, 62, 81] {
            assert_axes(&stretched(&lattice(square)), scaled(f64::from(square).sqrt()), &format!("a ball of {square}"));
        }
        assert_eq!(minimum_enclosing(&[[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]]), None);
    }

    #[test]
    fn the_ellipsoid_follows_what_is_done_to_the_points() {
        let mut random = Random::new(41);
        for round in 0..60 {
            let count = 6 + round % 30;
            let points: Vec<Point> = (0..count).map(|_| std::array::from_fn(|_| random.unit() - 0.5)).collect();
            let volume = |points: &[Point]| minimum_enclosing(points).map(|axes| axes.iter().product::<f64>());
            let reference = volume(&points).unwrap();
            // A shear keeps volumes; the order of points and where they lie has no bearing.
            let shear = |p: &Point| [p[0] + 3.0 * p[1] + 7.0, p[1] - 2.0 * p[2] - 1.0, p[2] + 5.0];
            let mut moved: Vec<Point> = points.iter().map(shear).collect();
            moved.reverse();
            let found = volume(&moved).unwrap();
            assert!((found / reference - 1.0).abs() < 1e-12, "{round}: {found:e} {reference:e}");
        }
    }
}
