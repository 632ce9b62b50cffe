//! Riesz transforms along the directions of an image instead of those of its axes.
//!
//! The structure tensor J = G_σ ∗ (R₁ R₁ᵀ) of the first-order transforms R₁ has three directions at each voxel, those of
//! its eigenvectors, the strongest first. A transform of order l along them is √(L!/Πl!) Π_a (e_a · R)^l_a, a sum of
//! transforms along the axes.

use super::{
    bank::{Bank, Pooling, Term},
    operator::{Kernel, Operator, Stages},
};
use crate::{Executor, IndexBox, View, lengths, mask::crop, separable::Padding};

/// How often along each axis: the order of a transform is their sum.
pub type Order = [u32; 3];

/// Where the Gaussian of the tensor ends, in standard deviations.
const TRUNCATE: f64 = 4.0;

/// Three directions, the first that of the strongest change.
pub(super) type Frame = [[f64; 3]; 3];

/// How many voxels around a voxel its directions depend on.
pub(super) fn margin(dims: [usize; 3], sigma: [f64; 3], axes: usize, padding: Padding) -> [usize; 3] {
    std::array::from_fn(|axis| if axis < axes { padding.margin(radius(sigma[axis]), dims[axis]) } else { 0 })
}

/// Where the Gaussian ends, voxels.
fn radius(sigma: f64) -> usize {
    lengths::nearest(TRUNCATE * sigma, 1.0)
}

/// The directions at each voxel of a box, from the first-order transforms in a volume of `dims`.
pub(super) fn frames(
    dims: [usize; 3],
    gradient: &[Vec<f64>],
    sigma: [f64; 3],
    padding: Padding,
    kept: IndexBox,
    executor: &dyn Executor,
) -> Vec<Frame> {
    let axes = gradient.len();
    let smooth = gaussian(dims, sigma, axes, padding);
    let pairs = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)];
    let tensor: Vec<Option<Vec<f64>>> = pairs
        .iter()
        .map(|(a, b)| {
            let (a, b) = (gradient.get(*a)?, gradient.get(*b)?);
            let product: Vec<f64> = a.iter().zip(b).map(|(a, b)| a * b).collect();
            Some(smooth.apply_in(View::new(dims, &product), kept, executor).swap_remove(0))
        })
        .collect();
    let gradient: Vec<Vec<f64>> = gradient.iter().map(|map| crop(View::new(dims, map), kept)).collect();
    let at = |i: usize| {
        let entry = |of: usize| tensor[of].as_ref().map_or(0.0, |map| map[i]);
        let mut frame = directions([0, 1, 2, 3, 4, 5].map(entry), axes);
        // An eigenvector has no sign: it shows where the image rises.
        for direction in &mut frame {
            let rise: f64 = gradient.iter().zip(&*direction).map(|(map, e)| map[i] * e).sum();
            if rise < 0.0 {
                direction.iter_mut().for_each(|e| *e = -*e);
            }
        }
        frame
    };
    (0..kept.dims().iter().product()).map(at).collect()
}

/// A Gaussian that sums to one, along the filtered axes.
fn gaussian(dims: [usize; 3], sigma: [f64; 3], axes: usize, padding: Padding) -> Bank {
    let operators = std::array::from_fn(|axis| {
        let radius = if axis < axes { radius(sigma[axis]) } else { 0 };
        let weight = |k: usize| (-0.5 * ((k as f64 - radius as f64) / sigma[axis]).powi(2)).exp();
        let weights: Vec<f64> = (0..=2 * radius).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        let kernel = Kernel::new(&weights.iter().map(|w| w / sum).collect::<Vec<_>>());
        vec![Operator::new(dims[axis], padding, &[(1.0, Stages(vec![kernel]))])]
    });
    let term = Term { operators: [0; 3], map: 0, weight: 1.0, both_signs: false };
    Bank { operators, terms: vec![term], pooling: Pooling::Sum, maps: 1 }
}

/// The eigenvectors of a symmetric tensor (xx, yy, zz, xy, xz, yz), those of the largest eigenvalue first; by Jacobi's
/// rotations, which are exact for what is diagonal already.
fn directions([xx, yy, zz, xy, xz, yz]: [f64; 6], axes: usize) -> Frame {
    let mut a = [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]];
    let mut v = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..32 {
        let off: f64 = a[0][1].abs() + a[0][2].abs() + a[1][2].abs();
        if off <= f64::EPSILON * 1e-3 * (a[0][0].abs() + a[1][1].abs() + a[2][2].abs()) {
            break;
        }
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if a[p][q] == 0.0 {
                continue;
            }
            let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
            let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
            let c = 1.0 / t.hypot(1.0);
            let s = t * c;
            for k in 0..3 {
                (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]);
            }
            for k in 0..3 {
                (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]);
                (v[k][p], v[k][q]) = (c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q]);
            }
        }
    }
    let mut order = [0, 1, 2];
    order[..axes].sort_by(|i, j| a[*j][*j].total_cmp(&a[*i][*i]));
    order.map(|i| [v[0][i], v[1][i], v[2][i]])
}

/// Every order along the axes with a sum.
pub(super) fn monomials(total: u32, axes: usize) -> Vec<Order> {
    let mut all = Vec::new();
    for x in 0..=total {
        for y in 0..=total - x {
            let z = total - x - y;
            if axes == 3 || z == 0 {
                all.push([x, y, z]);
            }
        }
    }
    all
}

/// The transform of an order along the directions of each voxel, from those along the axes, without their weights.
pub(super) fn turn(order: Order, weight: f64, frames: &[Frame], parts: &[Order], maps: &[Vec<f64>]) -> Vec<f64> {
    let at = |(i, frame): (usize, &Frame)| {
        let factors = order.iter().zip(frame).flat_map(|(times, e)| std::iter::repeat_n(e, *times as usize));
        // The product of e·R as a polynomial of Rx, Ry, Rz.
        let mut polynomial: Vec<(Order, f64)> = vec![([0; 3], weight)];
        for e in factors {
            let mut next: Vec<(Order, f64)> = Vec::with_capacity(parts.len());
            for (powers, factor) in &polynomial {
                for axis in 0..3 {
                    let mut raised = *powers;
                    raised[axis] += 1;
                    match next.iter_mut().find(|(known, _)| *known == raised) {
                        Some((_, sum)) => *sum += factor * e[axis],
                        None => next.push((raised, factor * e[axis])),
                    }
                }
            }
            polynomial = next;
        }
        let value = |(powers, factor): &(Order, f64)| {
            parts.iter().position(|part| part == powers).map_or(0.0, |part| factor * maps[part][i])
        };
        polynomial.iter().map(value).sum()
    };
    frames.iter().enumerate().map(at).collect()
}
