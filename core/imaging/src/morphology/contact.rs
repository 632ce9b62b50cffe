//! The smallest ellipsoid to the last digits, from one that is nearly so.
//!
//! Ellipsoids in space are cut out of those around the origin of a space of one more dimension, in which the points have
//! the further coordinate 1. Weights λ of the points have the moments `M = Σ λᵢ·xᵢ·xᵢᵀ`, and the ellipsoid is the
//! smallest if every point has the excess `xᵢᵀ·M⁻¹·xᵢ − 4 = 0` where its weight is positive and none a positive one
//! (Titterington 1975). Which points touch is known nearly; then Newton's method finds the weights.

use super::triangular::{Matrix, Point, lower, solved};

/// A point with the coordinate 1.
type Lifted = [f64; 4];

/// The ten different entries of `y·yᵀ`.
type Products = [f64; 10];

/// The largest excess that is put down to rounding, in squared radii of ellipsoids in four dimensions.
const ROUNDING: f64 = 1e-13;

/// Steps after which Newton's method does not come nearer to a solution that it starts next to.
const MOST_STEPS: usize = 12;

/// How often the points that touch are chosen anew.
const MOST_CHOICES: usize = 100;

/// The semi-axes of the smallest ellipsoid around points, largest first, with space stretched by a matrix. `centre` and
/// `inverse`, the inverse of its matrix, are those of an ellipsoid that nearly is the smallest, and `touching` are the points
/// that touch it, with their shares in the sum of the dual weights.
///
/// In the coordinates in which that ellipsoid is the unit ball nothing is badly conditioned, whatever the points' shape. `None`
/// if the points that touch cannot be told.
pub(super) fn semi_axes(
    points: &[Point],
    (centre, inverse): (Point, &Matrix),
    touching: Vec<(usize, f64)>,
    stretch: &Matrix,
) -> Option<[f64; 3]> {
    let factor = lower(inverse)?;
    let lift = |p: &Point| {
        let [x, y, z] = solved(&factor, std::array::from_fn(|i| p[i] - centre[i]));
        [x, y, z, 1.0]
    };
    let lifted: Vec<Lifted> = points.iter().map(lift).collect();
    let moments = Touching { points: touching }.settle(&lifted)?;
    // Of the moments, centre and covariance; the ellipsoid's matrix is three times the latter.
    let covariance: [Point; 3] =
        std::array::from_fn(|a| std::array::from_fn(|b| 3.0 * (moments[a][b] - moments[a][3] * moments[b][3])));
    let shape = lower(&covariance)?;
    let product = product(stretch, &product(&factor, &shape));
    Some(singular_values(std::array::from_fn(|column| product.map(|row| row[column]))))
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    a.map(|row| std::array::from_fn(|column| (0..3).map(|k| row[k] * b[k][column]).sum()))
}

/// The points that are taken to touch the ellipsoid, with their weights.
struct Touching {
    points: Vec<(usize, f64)>,
}

impl Touching {
    /// Finds the weights, adding points that lie outside and taking away those that pull inwards; returns their moments.
    fn settle(mut self, lifted: &[Lifted]) -> Option<[Lifted; 4]> {
        for _ in 0..MOST_CHOICES {
            let (moments, residual) = self.solve(lifted)?;
            let least = (0..self.points.len()).min_by(|&a, &b| self.points[a].1.total_cmp(&self.points[b].1))?;
            // More points than can touch one ellipsoid, or one that would have to be repelled.
            if residual > ROUNDING || self.points[least].1 < 0.0 {
                self.points.remove(least);
                continue;
            }
            let factor = lower(&moments)?;
            let excess = |i: usize| square(solved(&factor, lifted[i])) - 4.0;
            let farthest = (0..lifted.len()).map(|i| (excess(i), i)).max_by(|a, b| a.0.total_cmp(&b.0))?;
            if farthest.0 <= ROUNDING || self.points.iter().any(|(i, _)| *i == farthest.1) {
                return Some(moments);
            }
            self.points.push((farthest.1, 0.0));
        }
        None
    }

    /// Newton's method: the moments of the weights, and by how much the excess differs from 0.
    fn solve(&mut self, lifted: &[Lifted]) -> Option<([Lifted; 4], f64)> {
        let mut best = f64::INFINITY;
        for _ in 0..MOST_STEPS {
            let moments = self.moments(lifted);
            let factor = lower(&moments)?;
            let images: Vec<Lifted> = self.points.iter().map(|(i, _)| solved(&factor, lifted[*i])).collect();
            let excess: Vec<f64> = images.iter().map(|image| square(*image) - 4.0).collect();
            let residual = excess.iter().fold(0.0, |largest: f64, e| largest.max(e.abs()));
            // Rounding ends the convergence, which is quadratic.
            if residual <= ROUNDING / 100.0 || residual > 0.5 * best {
                return Some((moments, residual));
            }
            best = residual;
            for ((_, weight), step) in self.points.iter_mut().zip(step(&images, &excess)) {
                *weight += step;
            }
        }
        Some((self.moments(lifted), best))
    }

    fn moments(&self, lifted: &[Lifted]) -> [Lifted; 4] {
        let entry = |a: usize, b: usize| self.points.iter().map(|(i, w)| w * lifted[*i][a] * lifted[*i][b]).sum();
        std::array::from_fn(|a| std::array::from_fn(|b| entry(a.max(b), a.min(b))))
    }
}

/// The shortest step of the weights that makes the excess vanish to first order, as far as one can.
///
/// The excess of a point falls with the weight of another by the square of the product of their images: by the product
/// of their ten products. So ten unknowns will do, however many points touch.
fn step(images: &[Lifted], excess: &[f64]) -> Vec<f64> {
    let products: Vec<Products> = images.iter().map(|image| products(*image)).collect();
    let gram = std::array::from_fn(|a| std::array::from_fn(|b| products.iter().map(|p| p[a] * p[b]).sum()));
    let right = std::array::from_fn(|a| products.iter().zip(excess).map(|(p, e)| p[a] * e).sum());
    let inverse = PseudoInverse::new(gram);
    let unknown = inverse.times(inverse.times(right));
    products.iter().map(|p| (0..10).map(|a| p[a] * unknown[a]).sum()).collect()
}

fn products([x, y, z, w]: Lifted) -> Products {
    let twice = std::f64::consts::SQRT_2;
    [
        x * x,
        y * y,
        z * z,
        w * w,
        twice * x * y,
        twice * x * z,
        twice * x * w,
        twice * y * z,
        twice * y * w,
        twice * z * w,
    ]
}

/// What inverts a symmetric matrix where it can be inverted, by its eigenvectors.
struct PseudoInverse {
    values: Products,
    /// An eigenvector a row.
    vectors: [Products; 10],
}

/// Eigenvalues below this share of the largest belong to directions that the points do not tell apart.
const INDISTINCT: f64 = 1e-11;

impl PseudoInverse {
    /// By Jacobi's rotations.
    fn new(mut m: [Products; 10]) -> Self {
        let mut vectors: [Products; 10] = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
        for _ in 0..16 {
            let size: f64 = (0..10).map(|i| m[i][i].abs()).sum();
            let rest =
                (0..10).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| m[i][j].abs()).fold(0.0, f64::max);
            if rest <= f64::EPSILON * f64::EPSILON * size {
                break;
            }
            for q in 1..10 {
                for p in 0..q {
                    turn(&mut m, &mut vectors, p, q);
                }
            }
        }
        let values: Products = std::array::from_fn(|i| m[i][i]);
        Self { values, vectors }
    }

    fn times(&self, right: Products) -> Products {
        let smallest = INDISTINCT * self.values.iter().copied().fold(0.0, f64::max);
        let mut product = [0.0; 10];
        for (vector, value) in self.vectors.iter().zip(self.values).filter(|(_, value)| *value > smallest) {
            let along = vector.iter().zip(right).map(|(v, r)| v * r).sum::<f64>() / value;
            product.iter_mut().zip(vector).for_each(|(p, v)| *p += along * v);
        }
        product
    }
}

/// Turns the plane of `p` and `q` so that `m[p][q]` vanishes.
fn turn(m: &mut [Products; 10], vectors: &mut [Products; 10], p: usize, q: usize) {
    if m[p][q] == 0.0 {
        return;
    }
    let (c, s) = rotation(m[p][p], m[q][q], m[p][q]);
    for k in 0..10 {
        (m[k][p], m[k][q]) = (c * m[k][p] - s * m[k][q], s * m[k][p] + c * m[k][q]);
    }
    for k in 0..10 {
        (m[p][k], m[q][k]) = (c * m[p][k] - s * m[q][k], s * m[p][k] + c * m[q][k]);
        (vectors[p][k], vectors[q][k]) = (c * vectors[p][k] - s * vectors[q][k], s * vectors[p][k] + c * vectors[q][k]);
    }
}

/// Cosine and sine of the rotation that makes a symmetric matrix of two rows diagonal.
fn rotation(pp: f64, qq: f64, pq: f64) -> (f64, f64) {
    let theta = (qq - pp) / (2.0 * pq);
    let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let c = 1.0 / t.hypot(1.0);
    (c, t * c)
}

/// The lengths of the semi-axes of the ellipsoid that a matrix, given by columns, makes of the unit ball, largest first.
///
/// Columns are turned among themselves until they are at right angles (Hestenes 1958): small ones keep their digits.
fn singular_values(mut columns: [Point; 3]) -> [f64; 3] {
    let dot = |a: Point, b: Point| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    for _ in 0..16 {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            let (a, b) = (columns[p], columns[q]);
            if dot(a, b) != 0.0 {
                let (c, s) = rotation(dot(a, a), dot(b, b), dot(a, b));
                columns[p] = std::array::from_fn(|i| c * a[i] - s * b[i]);
                columns[q] = std::array::from_fn(|i| s * a[i] + c * b[i]);
            }
        }
    }
    let mut lengths = columns.map(|column| dot(column, column).sqrt());
    lengths.sort_unstable_by(|a, b| b.total_cmp(a));
    lengths
}

fn square(v: Lifted) -> f64 {
    v.iter().map(|c| c * c).sum()
}
