//! The vectors from a voxel to its neighbours.

use super::{Norm, Weighting};

/// A difference of voxel indices along *x*, *y*, *z*.
pub(super) type Vector = [isize; 3];

/// One of each pair of opposite vectors *at* a distance: the directions of a GLCM.
///
/// IBSI 1 manual (arXiv:1612.07003), "Distances and distance weighting" of the GLCM: with a norm, the directions are
/// the vectors of length δ (Chebyshev, Manhattan), or longer than δ − 1 and at most δ (Euclidean). At δ = 1 with the
/// Chebyshev norm these are the 13 (in the slice: 4) default directions.
pub(super) fn shell(distance: u32, norm: Norm, planar: bool, dims: [usize; 3]) -> Vec<Vector> {
    let at_distance = |v: &Vector| within(*v, distance, norm) && !within(*v, distance - 1, norm);
    let mut vectors = cube(distance, planar, dims);
    vectors.retain(|v| is_forward(*v) && at_distance(v));
    vectors
}

/// The 13 (in the slice: 4) unit directions along which runs are sought.
pub(super) fn unit(planar: bool) -> Vec<Vector> {
    shell(1, Norm::Chebyshev, planar, [1; 3])
}

/// All vectors to the neighbours *within* a distance, the centre left out (IBSI 1 manual, NGTDM and NGLDM).
pub(super) fn neighbours(distance: u32, norm: Norm, planar: bool, dims: [usize; 3]) -> Vec<Vector> {
    let mut vectors = cube(distance, planar, dims);
    vectors.retain(|v| *v != [0; 3] && within(*v, distance, norm));
    vectors
}

/// The factor by which the matrix of a direction is multiplied before merging.
pub(super) fn weight(vector: Vector, weighting: Weighting) -> f64 {
    match weighting {
        Weighting::None => 1.0,
        Weighting::Inverse(norm) => 1.0 / length(vector, norm),
        Weighting::Gaussian(norm) => (-length(vector, norm).powi(2)).exp(),
    }
}

/// Vectors of a cube, sorted by *z*, *y*, *x*, without those that reach across the whole region: nothing is there.
fn cube(distance: u32, planar: bool, dims: [usize; 3]) -> Vec<Vector> {
    let reach = dims.map(|n| (distance as usize).min(n.saturating_sub(1)).max(1) as isize);
    let z_reach = if planar { 0 } else { reach[2] };
    let mut vectors = Vec::new();
    for z in -z_reach..=z_reach {
        for y in -reach[1]..=reach[1] {
            vectors.extend((-reach[0]..=reach[0]).map(|x| [x, y, z]));
        }
    }
    vectors
}

fn is_forward([x, y, z]: Vector) -> bool {
    [z, y, x] > [0; 3]
}

fn within(vector: Vector, distance: u32, norm: Norm) -> bool {
    let [x, y, z] = vector.map(|component| component.unsigned_abs() as u128);
    let distance = u128::from(distance);
    match norm {
        Norm::Chebyshev => x.max(y).max(z) <= distance,
        Norm::Manhattan => x + y + z <= distance,
        Norm::Euclidean => x * x + y * y + z * z <= distance * distance,
    }
}

fn length(vector: Vector, norm: Norm) -> f64 {
    let [x, y, z] = vector.map(|component| component.unsigned_abs() as f64);
    match norm {
        Norm::Chebyshev => x.max(y).max(z),
        Norm::Manhattan => x + y + z,
        Norm::Euclidean => (x * x + y * y + z * z).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_directions_are_those_of_the_lattice() {
        let count = |distance, norm, planar| shell(distance, norm, planar, [9; 3]).len();
        assert_eq!([count(1, Norm::Chebyshev, false), count(1, Norm::Chebyshev, true)], [13, 4]);
        assert_eq!([count(2, Norm::Chebyshev, false), count(2, Norm::Chebyshev, true)], [49, 8]);
        assert_eq!([count(1, Norm::Manhattan, false), count(1, Norm::Euclidean, true)], [3, 2]);
        assert_eq!([count(2, Norm::Manhattan, false), count(2, Norm::Manhattan, true)], [9, 4]);
        // 1 < ‖m‖ ≤ 2: twelve (1,1,0), eight (1,1,1) and six (2,0,0), halved.
        assert_eq!(count(2, Norm::Euclidean, false), 13);
        assert_eq!(neighbours(2, Norm::Euclidean, false, [9; 3]).len(), 32);
    }

    #[test]
    fn an_absurd_distance_costs_nothing() {
        assert!(shell(u32::MAX, Norm::Euclidean, false, [3; 3]).is_empty());
        assert_eq!(neighbours(u32::MAX, Norm::Manhattan, false, [3; 3]).len(), 124);
    }

    #[test]
    fn weights_are_those_of_the_norm() {
        assert_eq!(weight([1, 1, 1], Weighting::None), 1.0);
        assert_eq!(weight([1, -1, 1], Weighting::Inverse(Norm::Manhattan)), 1.0 / 3.0);
        assert_eq!(weight([0, -2, 0], Weighting::Gaussian(Norm::Chebyshev)), (-4.0f64).exp());
        assert_eq!(weight([1, 1, 0], Weighting::Inverse(Norm::Euclidean)), 1.0 / 2f64.sqrt());
    }
}
